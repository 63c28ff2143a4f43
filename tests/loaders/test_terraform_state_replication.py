"""What S3 receives of Terraform's two ways to write replication."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.documents.source import Document
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.replication import configuration, legacy_configuration
from crrlint.values import Choice, OneOf, Symbol, Unknown, symbolic
from crrlint.values.answers import assuming
from tests.loaders.terraform.reading import bucket, plain, read, resource, stated

ROLE = "arn:aws:iam::111111111111:role/r"
TO = {"Bucket": "arn:aws:s3:::d"}
DELETES = {"DeleteMarkerReplication": {"Status": "Disabled"}}
FILTER = {"and": [], "prefix": "", "tag": []}


def rule(**parts: Any) -> dict[str, Any]:
    """Write a rule as the stand-alone resource keeps it, everything optional unset."""
    return {
        "id": "a",
        "prefix": "",
        "priority": 0,
        "status": "Enabled",
        "delete_marker_replication": [],
        "existing_object_replication": [],
        "filter": [],
        "source_selection_criteria": [],
        "destination": [destination()],
        **parts,
    }


def destination(**parts: Any) -> dict[str, Any]:
    return {
        "account": "",
        "bucket": "arn:aws:s3:::d",
        "storage_class": "",
        "access_control_translation": [],
        "encryption_configuration": [],
        "metrics": [],
        "replication_time": [],
        **parts,
    }


def sent(*rules: Any) -> list[Any]:
    """Return the rules that S3 received, without what all of them have."""
    attributes = {"bucket": "b", "id": "b", "role": ROLE, "rule": list(rules)}
    model = read(resource("aws_s3_bucket_replication_configuration", attributes))
    assert not model.problems
    [found] = stated(model, "replication")
    assert found["Role"] == ROLE
    return [strip(one) for one in found["Rules"]]


def strip(one: dict[str, Any]) -> dict[str, Any]:
    common = {"ID": "a", "Status": "Enabled", "Destination": TO}
    return {name: value for name, value in one.items() if common.get(name) != value}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # No filter: V1, and the provider keeps the priority to itself.
        ({}, {"Prefix": ""}),
        ({"prefix": None, "priority": None}, {"Prefix": ""}),
        ({"prefix": "logs/"}, {"Prefix": "logs/"}),
        # A filter, even an empty one: V2, and a priority is always sent.
        ({"filter": [FILTER]}, {"Priority": 0, "Filter": {}}),
        ({"filter": [{"and": [], "prefix": None, "tag": []}], "priority": None},
         {"Priority": 0, "Filter": {}}),
        ({"filter": [None]}, {"Priority": 0, "Filter": {}}),
        ({"filter": [{}], "priority": 7}, {"Priority": 7, "Filter": {}}),
        ({"filter": [{**FILTER, "prefix": "logs/"}]},
         {"Priority": 0, "Filter": {"Prefix": "logs/"}}),
        ({"filter": [{**FILTER, "tag": [{"key": "k", "value": ""}]}]},
         {"Priority": 0, "Filter": {"Tag": {"Key": "k", "Value": ""}}}),
        ({"filter": [{**FILTER, "and": [{"prefix": "p", "tags": {"k": "v", "l": "w"}}]}]},
         {"Priority": 0, "Filter": {"And": {"Prefix": "p", "Tags": [
             {"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w"}]}}}),
        ({"filter": [{**FILTER, "and": [{"prefix": "", "tags": {"k": "v"}}]}]},
         {"Priority": 0, "Filter": {"And": {"Tags": [{"Key": "k", "Value": "v"}]}}}),
        ({"filter": [FILTER], "delete_marker_replication": [{"status": "Disabled"}]},
         {"Priority": 0, "Filter": {}, **DELETES}),
        # An empty filter that was lost when it was read back shows in what needs one.
        ({"delete_marker_replication": [{"status": "Disabled"}]},
         {"Priority": 0, "Filter": {}, **DELETES}),
        ({"priority": 3}, {"Priority": 3, "Filter": {}}),
        ({"existing_object_replication": [{"status": "Enabled"}]},
         {"Prefix": "", "ExistingObjectReplication": {"Status": "Enabled"}}),
        ({"source_selection_criteria": [{"replica_modifications": [{"status": "Enabled"}],
                                         "sse_kms_encrypted_objects": [{"status": "Disabled"}]}]},
         {"Prefix": "", "SourceSelectionCriteria": {
             "SseKmsEncryptedObjects": {"Status": "Disabled"},
             "ReplicaModifications": {"Status": "Enabled"}}}),
        ({"source_selection_criteria": [{"replica_modifications": [],
                                         "sse_kms_encrypted_objects": []}]},
         {"Prefix": ""}),
        ({"source_selection_criteria": [None]}, {"Prefix": ""}),
        ({"status": "Disabled"}, {"Prefix": "", "Status": "Disabled"}),
        ({"id": ""}, {"Prefix": ""}),
    ],
)  # fmt: skip
def test_a_rule_is_what_the_provider_sends(parts: dict[str, Any], expected: Any) -> None:
    assert sent(rule(**parts)) == [expected]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"account": "222222222222", "storage_class": "GLACIER"},
         {"Account": "222222222222", "StorageClass": "GLACIER"}),
        ({"access_control_translation": [{"owner": "Destination"}]},
         {"AccessControlTranslation": {"Owner": "Destination"}}),
        ({"encryption_configuration": [{"replica_kms_key_id": "k"}]},
         {"EncryptionConfiguration": {"ReplicaKmsKeyID": "k"}}),
        ({"metrics": [{"status": "Enabled", "event_threshold": []}]},
         {"Metrics": {"Status": "Enabled"}}),
        ({"metrics": [{"status": "Enabled", "event_threshold": [{"minutes": 15}]}],
          "replication_time": [{"status": "Enabled", "time": [{"minutes": 15}]}]},
         {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
          "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}),
    ],
)  # fmt: skip
def test_a_destination_is_what_the_provider_sends(parts: dict[str, Any], expected: Any) -> None:
    [found] = sent(rule(destination=[destination(**parts)]))
    assert found["Destination"] == {**TO, **expected}


def test_each_rule_decides_for_itself() -> None:
    assert sent(rule(), rule(filter=[FILTER])) == [
        {"Prefix": ""},
        {"Priority": 0, "Filter": {}},
    ]


def test_a_value_keeps_its_place() -> None:
    attributes = {"bucket": "b", "role": ROLE, "rule": [rule(), rule(filter=[FILTER])]}
    model = read(resource("aws_s3_bucket_replication_configuration", attributes))
    node = model.buckets[0].fields["replication"]
    at = "/resources/0/instances/0/attributes"
    assert node.place("Role").pointer == f"{at}/role"
    assert node.place("Rules", 1, "Filter").pointer == f"{at}/rule/1/filter/0"
    assert (
        node.place("Rules", 0, "Destination", "Bucket").pointer
        == f"{at}/rule/0/destination/0/bucket"
    )


def test_a_configuration_that_cannot_be_read_is_unknown() -> None:
    attributes = {"bucket": "b", "role": ROLE, "rule": "x"}
    model = read(resource("aws_s3_bucket_replication_configuration", attributes))
    assert stated(model, "replication") == ["? ambiguous_file"]
    assert [p.message for p in model.problems] == [
        "aws_s3_bucket_replication_configuration.x: rule is not a list of blocks "
        "(/resources/0/instances/0/attributes/rule)"
    ]


def planned(**parts: Any) -> Any:
    document = Document("plan.json", "", "json", {})
    block = Block({"role": ROLE, "rule": [rule(**parts)]}, document.root)
    return configuration(block, applied=False)


def test_a_plan_sends_what_is_written_and_not_what_s3_would_accept() -> None:
    deletes = [{"status": "Disabled"}]
    [found] = plain(planned(delete_marker_replication=deletes, priority=3))["Rules"]
    assert strip(found) == {"Prefix": "", **DELETES}


@pytest.mark.parametrize(
    ("applied", "time", "metrics"),
    [
        (
            False,
            {"Status": "Enabled", "Time": {"Minutes": 15}},
            {"Status": "Disabled", "EventThreshold": {"Minutes": 15}},
        ),
        # What S3 answered is complete: without minutes, there is no threshold.
        (True, {}, {"Status": "Disabled"}),
    ],
)
def test_the_older_block_sends_a_status_and_minutes_whatever_is_left_out(
    applied: bool, time: Any, metrics: Any
) -> None:
    to = {
        "bucket": "arn:aws:s3:::d",
        "replication_time": [{"minutes": 0, "status": ""}],
        "metrics": [{"minutes": 0, "status": "Disabled"}],
    }
    one = {"status": "Enabled", "prefix": "a", "destination": [to]}
    document = Document("plan.json", "", "json", {})
    block = Block({"role": ROLE, "rules": [one]}, document.root)
    [found] = plain(legacy_configuration(block, "b", "aws_s3_bucket.b", applied=applied))["Rules"]
    assert found["Destination"] == {**TO, "ReplicationTime": time, "Metrics": metrics}


def test_values_that_a_plan_leaves_open_stay_open() -> None:
    choice = Choice("c", ("yes", "no"), "c")
    arn = symbolic(Symbol("d", "arn", "the ARN of d"))
    node = planned(
        filter=OneOf(choice, ([FILTER], [])),
        source_selection_criteria=Unknown("deferred", "known after apply"),
        destination=[destination(bucket=arn)],
    )
    assert node.leaf("Rules", 0, "Destination", "Bucket") == arn
    assert plain(node)["Rules"][0]["SourceSelectionCriteria"] == "? deferred"
    with assuming({choice: 1}):
        assert node.get("Rules", 0, "Filter") is None


LEGACY: dict[str, Any] = {
    "id": "a",
    "prefix": "",
    "priority": 0,
    "status": "Enabled",
    "delete_marker_replication_status": "",
    "filter": [],
    "source_selection_criteria": [],
}


def legacy(**parts: Any) -> dict[str, Any]:
    return {**LEGACY, "destination": [{"bucket": "arn:aws:s3:::d"}], **parts}


def inline(*rules: Any) -> list[Any]:
    attributes = {
        "bucket": "b",
        "region": "eu-west-1",
        "replication_configuration": [{"role": ROLE, "rules": list(rules)}],
    }
    model = read(resource("aws_s3_bucket", attributes))
    assert not model.problems
    node = bucket(model).fields["replication"]
    return [strip(plain(one)) for one in node.value["Rules"].value]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"prefix": "logs/"}, {"Prefix": "logs/"}),
        # A filter brings a priority and the delete markers' status with it.
        ({"filter": [{"prefix": "logs/", "tags": {}}]},
         {"Priority": 0, "Filter": {"Prefix": "logs/"}, **DELETES}),
        ({"filter": [{"prefix": "", "tags": {"k": "v"}}], "priority": 2},
         {"Priority": 2, "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "k", "Value": "v"}]}},
          **DELETES}),
        ({"filter": [{"prefix": "p", "tags": None}],
          "delete_marker_replication_status": "Enabled"},
         {"Priority": 0, "Filter": {"Prefix": "p"},
          "DeleteMarkerReplication": {"Status": "Enabled"}}),
        # Without a filter, what S3 accepts only with one tells that there is an empty one.
        ({"priority": 1}, {"Priority": 1, "Filter": {}, **DELETES}),
        ({"delete_marker_replication_status": "Enabled"},
         {"Priority": 0, "Filter": {}, "DeleteMarkerReplication": {"Status": "Enabled"}}),
        ({"prefix": "p", "source_selection_criteria": [
            {"sse_kms_encrypted_objects": [{"enabled": True}]}]},
         {"Prefix": "p",
          "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}),
        ({"prefix": "p", "source_selection_criteria": [
            {"sse_kms_encrypted_objects": [{"enabled": False}]}]},
         {"Prefix": "p",
          "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Disabled"}}}),
        ({"prefix": "p", "source_selection_criteria": [{"sse_kms_encrypted_objects": []}]},
         {"Prefix": "p"}),
        ({"prefix": "p", "destination": [{
            "bucket": "arn:aws:s3:::d", "account_id": "222222222222", "storage_class": "GLACIER",
            "replica_kms_key_id": "k", "access_control_translation": [{"owner": "Destination"}],
            "metrics": [{"minutes": 0, "status": "Enabled"}], "replication_time": []}]},
         {"Prefix": "p", "Destination": {
             **TO, "Account": "222222222222", "StorageClass": "GLACIER",
             "AccessControlTranslation": {"Owner": "Destination"},
             "EncryptionConfiguration": {"ReplicaKmsKeyID": "k"},
             "Metrics": {"Status": "Enabled"}}}),
        ({"prefix": "p", "filter": [{"prefix": "p"}], "destination": [{
            "bucket": "arn:aws:s3:::d",
            "metrics": [{"minutes": 15, "status": "Enabled"}],
            "replication_time": [{"minutes": 15, "status": "Enabled"}]}]},
         {"Priority": 0, "Filter": {"Prefix": "p"}, **DELETES, "Destination": {
             **TO, "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
             "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}}),
    ],
)  # fmt: skip
def test_an_inline_rule_is_what_the_provider_sends(parts: dict[str, Any], expected: Any) -> None:
    assert inline(legacy(**parts)) == [expected]


@pytest.mark.parametrize("filters", [[], [{"prefix": "", "tags": {}}], [None]])
def test_an_inline_rule_that_selects_everything_has_two_readings(filters: list[Any]) -> None:
    [found] = inline(legacy(filter=filters))
    assert found == {
        "Prefix": " | None",
        "Priority": "None | 0",
        "Filter": "None | {}",
        "DeleteMarkerReplication": "None | {'Status': 'Disabled'}",
    }


def test_the_readings_of_all_rules_are_one_choice() -> None:
    attributes = {
        "bucket": "b",
        "replication_configuration": [{"role": ROLE, "rules": [legacy(), legacy(id="z")]}],
    }
    rules = bucket(read(resource("aws_s3_bucket", attributes))).fields["replication"]
    filters = [one.value["Filter"].value for one in rules.value["Rules"].value]
    assert filters[0].choice == filters[1].choice


def test_one_rule_with_a_filter_tells_of_all() -> None:
    found = inline(legacy(), legacy(id="z", filter=[{"prefix": "logs/"}]))
    assert found[0] == {"Priority": 0, "Filter": {}, **DELETES}


def test_the_stand_alone_resource_wins_over_the_block() -> None:
    attributes = {
        "bucket": "b",
        "replication_configuration": [{"role": "old", "rules": [legacy()]}],
    }
    alone = {"bucket": "b", "role": ROLE, "rule": [rule()]}
    model = read(
        resource("aws_s3_bucket", attributes),
        resource("aws_s3_bucket_replication_configuration", alone),
    )
    assert [one["Role"] for one in stated(model, "replication")] == [ROLE]
