"""The grammar of replication configurations: by our walk, and by a validator."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crrlint.documents.source import Document, Node, wrap
from crrlint.routes.grammar import Way, dotted, flaws, meant
from crrlint.values import Symbol, Unknown, symbolic

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "crrlint" / "schemas" / "replication.json").read_text()
)

WHOLE: dict[str, Any] = {
    "Role": "arn:aws:iam::111122223333:role/replicate",
    "Rules": [
        {
            "ID": "logs",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "team", "Value": "web"}]}},
            "SourceSelectionCriteria": {
                "SseKmsEncryptedObjects": {"Status": "Enabled"},
                "ReplicaModifications": {"Status": "Disabled"},
            },
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {
                "Bucket": "arn:aws:s3:::copy",
                "Account": "444455556666",
                "StorageClass": "GLACIER_IR",
                "AccessControlTranslation": {"Owner": "Destination"},
                "EncryptionConfiguration": {
                    "ReplicaKmsKeyID": "arn:aws:kms:eu-west-1:444455556666:key/k"
                },
                "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
            },
        },
        {"Status": "Disabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copy"}},
    ],
}

OTHERS: tuple[Any, ...] = (5, 1.5, True, "", "x", [], ["x"], {}, {"x": "y"})


def node(data: Any) -> Node:
    return wrap(data, Document("replication.json", "", "json", data).root)


def ways(data: Any, way: Way = ()) -> Iterator[Way]:
    yield way
    if isinstance(data, dict):
        for name in data:
            yield from ways(data[name], (*way, name))
    elif isinstance(data, list):
        for index, element in enumerate(data):
            yield from ways(element, (*way, index))


def replaced(way: Way, value: Any) -> dict[str, Any]:
    """Return the whole configuration with another value in one place."""
    data = copy.deepcopy(WHOLE)
    place: Any = data
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = value
    return data


WAYS = [way for way in ways(WHOLE) if way]


def test_a_whole_configuration_has_no_flaw() -> None:
    assert list(flaws(node(WHOLE))) == []


@pytest.mark.parametrize("way", WAYS, ids=dotted)
def test_a_validator_agrees_on_each_value(way: Way) -> None:
    validator = Draft202012Validator(SCHEMA)
    for value in OTHERS:
        data = replaced(way, value)
        assert validator.is_valid(data) is not any(flaws(node(data))), value


@pytest.mark.parametrize("way", WAYS, ids=dotted)
def test_an_absent_member_is_what_a_validator_finds_missing(way: Way) -> None:
    if isinstance(way[-1], int):
        return
    data = replaced(way, None)
    place: Any = data
    for key in way[:-1]:
        place = place[key]
    found = any(flaws(node(data)))
    del place[way[-1]]

    assert Draft202012Validator(SCHEMA).is_valid(data) is not found


@pytest.mark.parametrize("way", WAYS, ids=dotted)
@pytest.mark.parametrize(
    "value",
    [symbolic(Symbol("stack", "P", "${P}")), Unknown("sensitive", "a secret")],
    ids=["symbolic", "unknown"],
)
def test_an_open_value_is_no_flaw(way: Way, value: Any) -> None:
    assert {flaw.kind for flaw in flaws(node(replaced(way, value)))} <= {"gap"}


@pytest.mark.parametrize(
    ("way", "name", "home"),
    [
        ((), "Rule", "Rules"),
        (("Rules", 1), "Metrics", "Rules[1].Destination.Metrics"),
        (("Rules", 0), "StorageClass", "Rules[0].Destination.StorageClass"),
        (("Rules", 0), "DeleteMarkerReplicationStatus", "Rules[0].DeleteMarkerReplication"),
        (("Rules", 0), "status", "Rules[0].Status"),
        (("Rules", 0, "Filter"), "Tags", "Rules[0].Filter.And.Tags"),
        (
            ("Rules", 0, "Destination", "Metrics"),
            "Minutes",
            "Rules[0].Destination.Metrics.EventThreshold.Minutes",
        ),
        (
            ("Rules", 0, "Destination", "ReplicationTime"),
            "Minutes",
            "Rules[0].Destination.ReplicationTime.Time.Minutes",
        ),
        (
            ("Rules", 0, "Destination", "EncryptionConfiguration"),
            "ReplicaKmsKeyId",
            "Rules[0].Destination.EncryptionConfiguration.ReplicaKmsKeyID",
        ),
        (("Rules", 0), "Zebra", None),
    ],
)
def test_an_unknown_member_is_traced_to_its_home(way: Way, name: str, home: str | None) -> None:
    unknown = [f for f in flaws(node(replaced((*way, name), "x"))) if f.kind == "unknown"]
    found = meant(unknown[0])

    assert [(*way, name)] == [flaw.way for flaw in unknown]
    assert home == (None if found is None else dotted(found))
