"""Settings of buckets in a state, and which of two readings of one counts."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.model import BucketField
from tests.loaders.terraform.reading import (
    bucket,
    otherwise,
    read,
    read_texts,
    resource,
    state,
    stated,
)

OFF: dict[str, Any] = {
    "bucket": "b",
    "id": "b",
    "arn": "arn:aws:s3:::b",
    "region": "eu-west-1",
    "acl": None,
    "grant": [],
    "lifecycle_rule": [],
    "object_lock_configuration": [],
    "object_lock_enabled": False,
    "policy": "",
    "replication_configuration": [],
    "request_payer": "BucketOwner",
    "server_side_encryption_configuration": [],
    "tags": None,
    "versioning": [{"enabled": False, "mfa_delete": False}],
}
POLICY = '{"Version":"2012-10-17","Statement":[]}'
PARSED = {"Version": "2012-10-17", "Statement": []}
ENABLED = resource(
    "aws_s3_bucket_versioning",
    {"bucket": "b", "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]},
)
OWNED = resource(
    "aws_s3_bucket_ownership_controls",
    {"bucket": "b", "rule": [{"object_ownership": "ObjectWriter"}]},
)


@pytest.mark.parametrize(
    ("type", "attributes", "field", "expected"),
    [
        ("versioning", {"versioning_configuration": [{"status": "Enabled"}]},
         "versioning", "Enabled"),
        ("versioning", {"versioning_configuration": [{"status": "Suspended"}]},
         "versioning", "Suspended"),
        ("versioning", {"versioning_configuration": [{"status": "Disabled"}]},
         "versioning", None),
        ("policy", {"policy": POLICY}, "policy", PARSED),
        ("ownership_controls", {"rule": [{"object_ownership": "BucketOwnerPreferred"}]},
         "ownership", "BucketOwnerPreferred"),
        ("server_side_encryption_configuration", {"rule": [
            {"bucket_key_enabled": None, "apply_server_side_encryption_by_default": [
                {"sse_algorithm": "AES256", "kms_master_key_id": ""}]}]},
         "encryption",
         {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}),
        ("server_side_encryption_configuration", {"rule": [
            {"bucket_key_enabled": True, "blocked_encryption_types": ["SSE-C"],
             "apply_server_side_encryption_by_default": [
                {"sse_algorithm": "aws:kms", "kms_master_key_id": "alias/k"}]}]},
         "encryption",
         {"Rules": [{"ApplyServerSideEncryptionByDefault":
                     {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/k"},
                     "BucketKeyEnabled": True,
                     "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}]}),
        ("object_lock_configuration", {"object_lock_enabled": "Enabled", "rule": [
            {"default_retention": [{"mode": "GOVERNANCE", "days": 7, "years": 0}]}]},
         "object_lock", {"ObjectLockEnabled": "Enabled",
                         "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}}}),
        ("object_lock_configuration", {"object_lock_enabled": None, "rule": []},
         "object_lock", {"ObjectLockEnabled": "Enabled"}),
        ("acl", {"acl": "public-read", "access_control_policy": []},
         "acl", {"Canned": "public-read"}),
        ("acl", {"acl": None, "id": "b,111111111111,private"}, "acl", {"Canned": "private"}),
        ("acl", {"acl": "private", "access_control_policy": [
            {"owner": [{"id": "o", "display_name": ""}], "grant": [
                {"permission": "READ",
                 "grantee": [{"type": "Group", "id": "", "uri": "u", "email_address": ""}]}]}]},
         "acl", {"Owner": {"ID": "o"},
                 "Grants": [{"Grantee": {"Type": "Group", "URI": "u"}, "Permission": "READ"}]}),
        ("public_access_block", {"block_public_acls": True, "ignore_public_acls": False,
                                 "restrict_public_buckets": True},
         "public_access_block", {"BlockPublicAcls": True, "IgnorePublicAcls": False,
                                 "BlockPublicPolicy": False, "RestrictPublicBuckets": True}),
        ("request_payment_configuration", {"payer": "Requester"}, "request_payer", "Requester"),
        ("lifecycle_configuration", {"rule": [
            {"id": "a", "status": "Enabled", "prefix": "",
             "filter": [{"prefix": "", "object_size_greater_than": 0,
                         "and": [{"prefix": "p", "tags": {"k": "v"}}]}],
             "expiration": [{"date": "", "days": 30, "expired_object_delete_marker": None}],
             "transition": [{"days": 1, "storage_class": "GLACIER"}],
             "noncurrent_version_expiration": [{"noncurrent_days": 9}],
             "abort_incomplete_multipart_upload": [{"days_after_initiation": 2}]}]},
         "lifecycle", {"Rules": [
             {"ID": "a", "Status": "Enabled",
              "Filter": {"And": {"Prefix": "p", "Tags": [{"Key": "k", "Value": "v"}]}},
              "Expiration": {"Days": 30},
              "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
              "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
              "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}]}),
    ],
)  # fmt: skip
def test_a_setting_has_the_shape_of_the_api(
    type: str, attributes: dict[str, Any], field: BucketField, expected: Any
) -> None:
    model = read(resource(f"aws_s3_bucket_{type}", {"bucket": "b", **attributes}))
    assert stated(model, field) == [expected]
    assert not model.problems


@pytest.mark.parametrize(
    ("attributes", "field", "expected"),
    [
        ({"versioning": [{"enabled": True}]}, "versioning", "Enabled"),
        ({"policy": POLICY}, "policy", PARSED),
        ({"object_lock_enabled": True}, "object_lock", {"ObjectLockEnabled": "Enabled"}),
        ({"object_lock_configuration": [{"object_lock_enabled": "Enabled", "rule": [
            {"default_retention": [{"mode": "COMPLIANCE", "days": 0, "years": 1}]}]}]},
         "object_lock", {"ObjectLockEnabled": "Enabled",
                         "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}}),
        ({"server_side_encryption_configuration": [{"rule": [
            {"bucket_key_enabled": False, "apply_server_side_encryption_by_default": [
                {"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}]}]}]},
         "encryption", {"Rules": [{
             "ApplyServerSideEncryptionByDefault":
                 {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
             "BucketKeyEnabled": False}]}),
        ({"acl": "private"}, "acl", {"Canned": "private"}),
        ({"acl": "private", "grant": [
            {"id": "c", "type": "CanonicalUser", "uri": "", "permissions": ["READ", "WRITE"]}]},
         "acl", {"Grants": [
             {"Grantee": {"Type": "CanonicalUser", "ID": "c"}, "Permission": "READ"},
             {"Grantee": {"Type": "CanonicalUser", "ID": "c"}, "Permission": "WRITE"}]}),
        ({"request_payer": "Requester"}, "request_payer", "Requester"),
        ({"lifecycle_rule": [{"id": "a", "enabled": True, "prefix": "p", "tags": {},
                              "noncurrent_version_transition": [
                                  {"days": 5, "storage_class": "GLACIER"}]}]},
         "lifecycle", {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "p"},
                                  "NoncurrentVersionTransitions": [
                                      {"NoncurrentDays": 5, "StorageClass": "GLACIER"}]}]}),
        ({"tags": {"a": "b"}}, "tags", {"a": "b"}),
        ({"tags": {"a": "b"}, "tags_all": {"a": "b", "c": "d"}}, "tags", {"a": "b", "c": "d"}),
    ],
)  # fmt: skip
def test_what_a_bucket_says_to_be_set_is_set(
    attributes: dict[str, Any], field: BucketField, expected: Any
) -> None:
    model = read(resource("aws_s3_bucket", {**OFF, **attributes}))
    assert stated(model, field) == [expected]
    assert not model.problems


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("versioning", "None | Suspended"),
        ("policy", None),
        ("replication", None),
        ("encryption", None),
        ("object_lock", None),
        ("lifecycle", None),
        ("request_payer", "BucketOwner"),
        ("ownership", "BucketOwnerEnforced | ObjectWriter"),
    ],
)
def test_what_a_bucket_says_to_be_off_is_off_unless_another_file_says_more(
    field: BucketField, expected: Any
) -> None:
    assert otherwise(read(resource("aws_s3_bucket", OFF)), field) == [expected]


def test_a_bucket_that_lists_no_versioning_at_all_was_never_versioned() -> None:
    attributes = {"bucket": "b", "region": "eu-west-1"}
    assert otherwise(read(resource("aws_s3_bucket", attributes)), "versioning") == [None]


def test_a_public_access_block_that_nobody_wrote_depends_on_the_age_of_the_bucket() -> None:
    [found] = otherwise(read(resource("aws_s3_bucket", OFF)), "public_access_block")
    assert found.startswith("{'BlockPublicAcls': True,")
    assert found.endswith("| None")


@pytest.mark.parametrize(
    ("type", "attributes", "field", "inline", "expected"),
    [
        ("versioning", {"versioning_configuration": [{"status": "Enabled"}]},
         "versioning", {}, "Enabled"),
        ("versioning", {"versioning_configuration": [{"status": "Suspended"}]},
         "versioning", {"versioning": [{"enabled": True}]}, "Suspended"),
        ("policy", {"policy": POLICY}, "policy", {}, PARSED),
        ("policy", {"policy": POLICY}, "policy", {"policy": '{"Statement":[]}'}, PARSED),
        ("request_payment_configuration", {"payer": "Requester"}, "request_payer", {},
         "Requester"),
    ],
)  # fmt: skip
def test_a_setting_of_its_own_wins_over_the_bucket(
    type: str,
    attributes: dict[str, Any],
    field: BucketField,
    inline: dict[str, Any],
    expected: Any,
) -> None:
    model = read(
        resource("aws_s3_bucket", {**OFF, **inline}),
        resource(f"aws_s3_bucket_{type}", {"bucket": "b", **attributes}),
    )
    assert stated(model, field) == [expected]
    assert field not in bucket(model).otherwise


@pytest.mark.parametrize(
    ("inline", "others", "expected"),
    [
        # Nothing was made after the bucket.
        ({}, [], "None | Suspended"),
        # The bucket does not show what was made after it was read.
        ({}, [resource("aws_s3_bucket_policy", {"bucket": "b", "policy": POLICY})], "? stale"),
        # Nothing tells when the bucket was read: ownership does not show in it.
        ({}, [OWNED], "? stale"),
        # The bucket shows its policy, so it was read after that was made.
        ({"policy": POLICY},
         [resource("aws_s3_bucket_policy", {"bucket": "b", "policy": POLICY}), OWNED],
         "None | Suspended"),
        ({"policy": POLICY},
         [resource("aws_s3_bucket_policy", {"bucket": "b", "policy": POLICY}),
          resource("aws_s3_bucket_replication_configuration",
                   {"bucket": "b", "role": "r", "rule": []})],
         "? stale"),
    ],
)  # fmt: skip
def test_versioning_that_was_read_too_early_is_unknown(
    inline: dict[str, Any], others: list[Any], expected: str
) -> None:
    model = read(resource("aws_s3_bucket", {**OFF, **inline}), *others)
    assert otherwise(model, "versioning") == [expected]


def test_versioning_that_cannot_be_read_is_unknown() -> None:
    broken = {"bucket": "b", "versioning_configuration": "x"}
    model = read(resource("aws_s3_bucket", OFF), resource("aws_s3_bucket_versioning", broken))
    assert stated(model, "versioning") == ["? ambiguous_file"]
    assert len(model.problems) == 1


def test_settings_in_another_state_count() -> None:
    model = read_texts(state(resource("aws_s3_bucket", OFF)), state(ENABLED, lineage="m"))
    assert stated(model, "versioning") == ["Enabled"]
    assert otherwise(model, "versioning") == []


def test_a_bucket_that_is_only_read_says_where_it_is() -> None:
    attributes = {"bucket": "b", "id": "b", "arn": "arn:aws:s3:::b", "region": "eu-west-1"}
    model = read(resource("data.aws_s3_bucket", attributes))
    assert stated(model, "region") == ["eu-west-1"]
    assert otherwise(model, "versioning") == []
    assert not model.buckets[0].declared


def test_a_bucket_that_only_settings_speak_of_is_where_their_provider_is() -> None:
    caller = resource("data.aws_caller_identity", {"account_id": "111111111111"})
    attributes = {"bucket": "b", "region": "eu-west-1", "policy": POLICY}
    model = read(resource("aws_s3_bucket_policy", attributes), caller)
    assert otherwise(model, "account") == ["111111111111"]
    assert otherwise(model, "region") == ["eu-west-1"]


def test_where_a_setting_was_asked_for_does_not_move_the_bucket() -> None:
    setting = {"bucket": "b", "region": "us-east-1", "policy": POLICY}
    model = read(resource("aws_s3_bucket", OFF), resource("aws_s3_bucket_policy", setting))
    assert stated(model, "region") == ["eu-west-1"]
    assert [b.otherwise.get("region") for b in model.buckets] == [None, None]


@pytest.mark.parametrize(
    ("type", "attributes", "expected"),
    [
        ("aws_s3_bucket", OFF, "general"),
        ("aws_s3_directory_bucket", {"bucket": "b", "arn": "a"}, "directory"),
        ("aws_s3tables_table_bucket", {"name": "b", "arn": "a"}, "table"),
        ("aws_s3control_bucket", {"bucket": "b", "arn": "a"}, "outposts"),
    ],
)
def test_a_bucket_has_a_kind(type: str, attributes: dict[str, Any], expected: str) -> None:
    assert stated(read(resource(type, attributes)), "kind") == [expected]


@pytest.mark.parametrize("policy", ["not a policy", "[1]", "{"])
def test_a_policy_that_is_none_is_unknown(policy: str) -> None:
    model = read(resource("aws_s3_bucket_policy", {"bucket": "b", "policy": policy}))
    assert stated(model, "policy") == ["? ambiguous_file"]


def test_a_policy_has_its_places_within_the_text() -> None:
    policy = '{"Statement": [{"Effect": "Allow"}]}'
    model = read(resource("aws_s3_bucket_policy", {"bucket": "b", "policy": policy}))
    node = model.buckets[0].fields["policy"]
    assert node.place("Statement", 0, "Effect").pointer == (
        "/resources/0/instances/0/attributes/policy » /Statement/0/Effect"
    )


def test_a_setting_that_cannot_be_read_is_unknown_and_never_quoted() -> None:
    secret = {"hush": "hush"}
    model = read(resource("aws_s3_bucket_policy", {"bucket": "b", "policy": secret}))
    node = model.buckets[0].fields["policy"]
    assert stated(model, "policy") == ["? ambiguous_file"]
    assert "hush" not in str(node.value) + str(model.problems)


def test_an_object_has_its_canned_acl_and_its_owner() -> None:
    caller = resource("data.aws_caller_identity", {"account_id": "111111111111"})
    attributes = {
        "bucket": "b",
        "key": "k",
        "acl": None,
        "server_side_encryption": "aws:kms",
        "kms_key_id": "arn:k",
        "storage_class": "STANDARD",
        "content": "hush",
    }
    for type in ("aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy"):
        [found] = read(resource(type, attributes), caller).objects
        assert found.acl is not None
        assert found.head is not None
        assert found.owner_account == "111111111111"
        assert found.acl.plain() == {"Canned": "private"}
        assert found.head.plain() == {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "arn:k",
            "StorageClass": "STANDARD",
        }
