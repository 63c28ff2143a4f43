"""Resources of the `awscc` provider: CloudFormation's schema in a Terraform state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crrlint.documents.source import Document, Node
from crrlint.loaders.cloudcontrol.resource import Resource, properties_of
from crrlint.loaders.cloudcontrol.resources import facts
from crrlint.model import BucketFacts, Model
from crrlint.model.arn import bucket_arn
from crrlint.values import Symbol, Unknown, identical, same, symbolic
from tests.loaders.terraform.planning import change, plan, read_plan, read_text, references
from tests.loaders.terraform.reading import (
    bucket,
    key,
    otherwise,
    plain,
    read,
    resource,
    role,
    stated,
)
from tests.loaders.terraform.sources import clean

AWSCC = 'provider["registry.terraform.io/hashicorp/awscc"]'
ROLE = "arn:aws:iam::111122223333:role/r"
POLICY = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TRUST = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
PLACE = {"regional_domain_name": "b.s3.eu-west-1.amazonaws.com", "bucket_name": "b", "id": "b"}


def awscc(type: str, attributes: dict[str, Any]) -> dict[str, Any]:
    mode, _, name = type.rpartition(".")
    kind = f"data.awscc_{name}" if mode else f"awscc_{name}"
    return resource(kind, attributes, provider=AWSCC)


def of_bucket(**attributes: Any) -> Model:
    model = read(awscc("s3_bucket", {**PLACE, **attributes}))
    assert not model.problems
    return model


def test_a_bucket_is_in_the_region_of_its_domain() -> None:
    model = of_bucket()
    assert ["eu-west-1"] == stated(model, "region")
    assert bucket(model).layer == "live"


def test_the_account_is_that_of_the_providers_roles() -> None:
    model = read(
        awscc("s3_bucket", PLACE),
        awscc(
            "iam_role",
            {"arn": ROLE, "role_name": "r", "assume_role_policy_document": json.dumps(TRUST)},
        ),
    )
    assert ["111122223333"] == stated(model, "account")


SETTINGS: dict[str, tuple[dict[str, Any], Any]] = {
    "versioning": ({"versioning_configuration": {"status": "Enabled"}}, "Enabled"),
    "ownership": (
        {"ownership_controls": {"rules": [{"object_ownership": "ObjectWriter"}]}},
        "ObjectWriter",
    ),
    "encryption": (
        {
            "bucket_encryption": {
                "server_side_encryption_configuration": [
                    {
                        "bucket_key_enabled": True,
                        "blocked_encryption_types": {"encryption_type": ["SSE-C"]},
                        "server_side_encryption_by_default": {
                            "kms_master_key_id": "k",
                            "sse_algorithm": "aws:kms",
                        },
                    }
                ]
            }
        },
        {
            "Rules": [
                {
                    "BucketKeyEnabled": True,
                    "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
                    "ApplyServerSideEncryptionByDefault": {
                        "KMSMasterKeyID": "k",
                        "SSEAlgorithm": "aws:kms",
                    },
                }
            ]
        },
    ),
    "public_access_block": (
        {"public_access_block_configuration": {"block_public_acls": True}},
        {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False,
        },
    ),
    "object_lock": (
        {
            "object_lock_enabled": True,
            "object_lock_configuration": {
                "object_lock_enabled": "Enabled",
                "rule": {"default_retention": {"days": 3, "mode": "GOVERNANCE", "years": None}},
            },
        },
        {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Days": 3, "Mode": "GOVERNANCE"}},
        },
    ),
    "lifecycle": (
        {
            "lifecycle_configuration": {
                "rules": [
                    {
                        "id": "old",
                        "status": "Enabled",
                        "prefix": "a/",
                        "expiration_in_days": 9,
                        "noncurrent_version_expiration": {"noncurrent_days": 3},
                    }
                ]
            }
        },
        {
            "Rules": [
                {
                    "ID": "old",
                    "Status": "Enabled",
                    "Prefix": "a/",
                    "Expiration": {"Days": 9},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
                }
            ]
        },
    ),
    "tags": ({"tags": [{"key": "team", "value": "audit"}]}, {"team": "audit"}),
}


@pytest.mark.parametrize("field", SETTINGS)
def test_a_setting_has_the_shape_of_the_api(field: Any) -> None:
    attributes, expected = SETTINGS[field]
    assert [expected] == stated(of_bucket(**attributes), field)


def test_replication_has_the_names_of_the_api() -> None:
    rule = {
        "id": "all",
        "status": "Enabled",
        "priority": 1,
        "prefix": None,
        "filter": {"and": {"prefix": "a/", "tag_filters": [{"key": "x", "value": "1"}]}},
        "delete_marker_replication": {"status": "Disabled"},
        "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
        "destination": {
            "bucket": "arn:aws:s3:::c",
            "account": None,
            "access_control_translation": {"owner": "Destination"},
            "encryption_configuration": {"replica_kms_key_id": "k"},
            "replication_time": {"status": "Enabled", "time": {"minutes": 15}},
            "metrics": {"status": "Enabled", "event_threshold": {"minutes": 15}},
        },
    }
    model = of_bucket(replication_configuration={"role": ROLE, "rules": [rule]})
    minutes = {"Minutes": 15}
    assert stated(model, "replication") == [
        {
            "Role": ROLE,
            "Rules": [
                {
                    "ID": "all",
                    "Status": "Enabled",
                    "Priority": 1,
                    "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "x", "Value": "1"}]}},
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                    "Destination": {
                        "Bucket": "arn:aws:s3:::c",
                        "AccessControlTranslation": {"Owner": "Destination"},
                        "EncryptionConfiguration": {"ReplicaKmsKeyID": "k"},
                        "ReplicationTime": {"Status": "Enabled", "Time": minutes},
                        "Metrics": {"Status": "Enabled", "EventThreshold": minutes},
                    },
                }
            ],
        }
    ]


def test_what_is_not_set_was_read_as_not_set() -> None:
    model = of_bucket(versioning_configuration=None, ownership_controls=None)
    assert [None] == stated(model, "versioning")
    assert [None] == stated(model, "replication")
    assert [None] == otherwise(model, "policy")
    assert ["BucketOwnerEnforced | ObjectWriter"] == otherwise(model, "ownership")
    # Canned ACLs are never read back.
    assert [] == stated(model, "acl") + otherwise(model, "acl")


def test_a_bucket_that_is_looked_up_says_nothing_of_its_policy() -> None:
    model = read(awscc("data.s3_bucket", {**PLACE, "versioning_configuration": None}))
    [found] = model.buckets
    assert not found.declared
    assert {} == found.otherwise
    assert [None] == stated(model, "versioning")


def test_a_policy_of_its_own_belongs_to_its_bucket() -> None:
    model = read(
        awscc("s3_bucket", PLACE),
        awscc("s3_bucket_policy", {"bucket": "b", "policy_document": json.dumps(POLICY)}),
    )
    assert [POLICY] == stated(model, "policy")


def test_a_role_lists_its_policies() -> None:
    attributes = {
        "arn": ROLE,
        "role_name": "r",
        "role_id": "AROA",
        "path": "/",
        "assume_role_policy_document": json.dumps(TRUST),
        "managed_policy_arns": ["arn:aws:iam::aws:policy/X"],
        "policies": [{"policy_name": "p", "policy_document": json.dumps(POLICY)}],
        "permissions_boundary": None,
        "tags": [{"key": "team", "value": "audit"}],
    }
    found = role(read(awscc("iam_role", attributes)))
    assert (found.arn, found.account, found.unique_id) == (ROLE, "111122223333", "AROA")
    assert found.complete
    assert found.trust is not None
    assert plain(found.trust) == TRUST
    assert [("p", POLICY)] == [(p.name, plain(p.document)) for p in found.policies]
    assert ["arn:aws:iam::aws:policy/X"] == [plain(arn) for arn in found.attached]
    assert found.boundary is not None
    assert found.boundary.value is None
    assert {"team": "audit"} == plain(found.tags)


def test_policies_stand_beside_their_roles() -> None:
    arn = "arn:aws:iam::111122223333:policy/m"
    model = read(
        awscc(
            "iam_role_policy",
            {"role_name": "r", "policy_name": "p", "policy_document": json.dumps(POLICY)},
        ),
        awscc(
            "iam_managed_policy",
            {
                "policy_arn": arn,
                "managed_policy_name": "m",
                "policy_document": json.dumps(POLICY),
                "roles": ["r"],
            },
        ),
    )
    assert [arn] == [policy.arn for policy in model.policies]
    inline, attached = model.roles
    assert ["p"] == [policy.name for policy in inline.policies]
    assert [arn] == [plain(node) for node in attached.attached]
    assert not inline.complete
    assert not attached.complete


def test_a_key_states_what_it_is() -> None:
    arn = "arn:aws:kms:eu-west-1:111122223333:key/k"
    found = key(
        read(
            awscc(
                "kms_key",
                {"arn": arn, "key_id": "k", "key_policy": json.dumps(POLICY), "enabled": False},
            )
        )
    )
    assert (found.arn, found.key_id, found.region) == (arn, "k", "eu-west-1")
    assert POLICY == plain(found.policy)
    assert ("Disabled", "SYMMETRIC_DEFAULT", False) == (
        plain(found.state),
        plain(found.spec),
        plain(found.multi_region),
    )


def test_an_alias_and_a_policy_of_the_organization() -> None:
    model = read(
        awscc("kms_alias", {"alias_name": "alias/logs", "target_key_id": "k"}),
        awscc(
            "organizations_policy",
            {
                "type": "SERVICE_CONTROL_POLICY",
                "content": json.dumps(POLICY),
                "target_ids": ["ou-1"],
            },
        ),
    )
    assert ["alias/logs"] == [alias.name for alias in model.aliases]
    assert [("SCP", ("ou-1",))] == [(p.type, p.targets) for p in model.organization]


@pytest.mark.parametrize(
    ("type", "attributes", "kind"),
    [
        ("s3express_directory_bucket", {"bucket_name": "b--use1-az4--x-s3"}, "directory"),
        ("s3tables_table_bucket", {"table_bucket_name": "b"}, "table"),
        ("s3outposts_bucket", {"bucket_name": "b"}, "outposts"),
    ],
)
def test_other_kinds_of_buckets(type: str, attributes: dict[str, Any], kind: str) -> None:
    [found] = read(awscc(type, attributes)).buckets
    assert kind == found.fields["kind"].value


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"versioning_configuration": "Enabled"}, "VersioningConfiguration is not a mapping"),
        ({"replication_configuration": ["x"]}, "ReplicationConfiguration is not a mapping"),
    ],
)
def test_what_has_another_type_is_unknown(attributes: dict[str, Any], message: str) -> None:
    model = read(awscc("s3_bucket", {**PLACE, **attributes}))
    [problem] = model.problems
    assert message in problem.message
    [found] = model.buckets
    assert any(isinstance(node.value, Unknown) for node in found.fields.values())


def _planned(**properties: Any) -> BucketFacts:
    at = Document("plan.json", "", "json", {}).root
    account = symbolic(Symbol("p", "account", "the account", form="account"))
    one = Resource(
        "AWS::S3::Bucket",
        "awscc_s3_bucket.logs",
        properties_of(properties, at),
        at,
        account,
        "eu-west-1",
        "planned",
    )
    [found] = facts([one]).buckets
    return found


def test_what_is_newly_made_has_the_defaults_of_what_is_new() -> None:
    found = _planned(bucket_name="logs")
    assert "BucketOwnerEnforced" == plain(found.otherwise["ownership"])
    assert {True} == set(plain(found.otherwise["public_access_block"]).values())


def test_a_name_that_aws_will_make_up_is_a_symbol_of_its_own() -> None:
    assert "the name of awscc_s3_bucket.logs" == str(_planned().name)
    generated = _planned(bucket_name_prefix="logs", bucket_namespace="account-regional")
    assert "logs-${the account}-eu-west-1-an" == str(generated.name)


def test_values_with_places_of_their_own_keep_them() -> None:
    elsewhere = Document("main.tf", "", "text", {}).root / "status"
    at = Document("plan.json", "", "json", {}).root
    properties = properties_of(
        {"versioning_configuration": Node({"status": Node("Enabled", elsewhere)}, at)}, at
    )
    assert properties["VersioningConfiguration"].value["Status"].at is elsewhere


def test_what_a_plan_refers_to_inside_of_objects_is_found() -> None:
    """An attribute that is an object has one list of all that it refers to."""
    model = read_plan("awscc")
    by_name = {plain(f.name): f for f in model.buckets if "replication" in f.fields}
    one = plain(by_name["acme-logs"].fields["replication"])
    several = plain(by_name["acme-fan"].fields["replication"])
    copy = "arn:aws:s3:::awscc_s3_bucket.copy"
    role = "arn:aws:iam::${the account of provider awscc}:role/awscc_iam_role.replicate"
    key = "arn:aws:kms:eu-west-1:${the account of provider awscc.copy}:key/awscc_kms_key.copy"

    assert role == one["Role"] == several["Role"]
    [rule] = one["Rules"]
    assert copy == rule["Destination"]["Bucket"]
    assert key == rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]
    # The bucket that has a name of its own is known, so the open one is the other.
    found = [rule["Destination"]["Bucket"] for rule in several["Rules"]]
    assert [copy, "arn:aws:s3:::acme-other"] == found
    assert {"acme-logs", "acme-fan", "acme-other", "awscc_s3_bucket.copy"} == {
        plain(f.name) for f in model.buckets
    }
    assert ["awscc_iam_role.replicate"] * 2 == [plain(r.name) for r in model.roles]
    [alias] = model.aliases
    assert "awscc_kms_key.copy" == plain(alias.target)


def test_open_things_of_one_kind_inside_of_an_object_are_not_told_apart() -> None:
    two = references(
        "awscc_iam_role.r.arn", "awscc_iam_role.r", "awscc_s3_bucket.a.arn", "awscc_s3_bucket.a",
        "awscc_s3_bucket.b.arn", "awscc_s3_bucket.b",
    )  # fmt: skip
    rules = [{"id": name, "status": "Enabled", "destination": {}} for name in "xy"]
    text = plan(
        change("awscc_s3_bucket.a", {}, {"arn": True, "bucket_name": True}),
        change("awscc_s3_bucket.b", {}, {"arn": True, "bucket_name": True}),
        change("awscc_iam_role.r", {"role_name": "r"}, {"arn": True}),
        change(
            "awscc_s3_bucket.s",
            {"bucket_name": "s", "replication_configuration": {"rules": rules}},
            {
                "replication_configuration": {
                    "role": True,
                    "rules": [{"destination": {"bucket": True}}] * 2,
                }
            },
            expressions={"replication_configuration": two},
        ),
    )
    [found] = [f.fields["replication"] for f in read_text(text).buckets if same(f.name, "s")]

    assert ["? deferred"] * 2 == [r["Destination"]["Bucket"] for r in plain(found)["Rules"]]


SOURCE = """
provider "awscc" { region = "us-east-1" }
resource "awscc_s3_bucket" "copy" { %s }
resource "awscc_iam_role" "r" {
  path                        = "/replication/"
  assume_role_policy_document = jsonencode({ Statement = [] })
}
resource "awscc_kms_key" "k" { key_policy = jsonencode({ Statement = [] }) }
resource "awscc_s3_bucket" "logs" {
  bucket_name = "logs"
  replication_configuration = {
    role = awscc_iam_role.r.arn
    rules = [{
      status = "Enabled"
      destination = {
        bucket                   = awscc_s3_bucket.copy.arn
        encryption_configuration = { replica_kms_key_id = awscc_kms_key.k.arn }
      }
    }]
  }
}
"""


@pytest.mark.parametrize("name", ['bucket_name = "copy"', ""])
def test_source_refers_to_what_only_aws_will_name(name: str) -> None:
    model = clean(SOURCE % name)
    copy, logs = (fact for fact in model.buckets if fact.declared)
    replication = logs.fields["replication"]
    destination = replication.value["Rules"].value[0].value["Destination"].value
    (key,) = model.keys
    assert identical(bucket_arn(copy.name), destination["Bucket"].value)
    assert identical(model.roles[0].arn, replication.value["Role"].value)
    held = destination["EncryptionConfiguration"].value["ReplicaKmsKeyID"].value
    assert key.arn is not None
    assert identical(key.arn, held)
