"""Our short answer about a schema is that of the validator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crrlint.documents.schema import conforms

SCHEMA = json.loads(Path("crrlint/schemas/config.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

GOOD: dict[str, Any] = {
    "crrlint": 1,
    "fail-on": "error",
    "rules": {"CRR906": "off", "CRR951": {"allowed": ["eu-west-1"], "severity": "note"}},
    "ignore": [{"rule": "CRR604", "resource": "acme-*", "reason": "meant"}],
    "deployments": [
        {"template": "a.yaml", "account": "111111111111", "region": "us-east-1"},
        {"terraform": "infra", "providers": {"aws.dr": {"region": "eu-west-1"}}},
    ],
    "bind": [{"file": "policy.json", "kind": "bucket-policy", "bucket": "acme"}],
    "organization": {
        "id": "o-abc",
        "complete": True,
        "policies": [{"file": "scp.json", "type": "SCP", "targets": ["111111111111"]}],
    },
}

SOME = st.sampled_from([None, True, False, 0, 1, 2, "", "off", "error", "x", [], {}, [1], {"a": 1}])


def paths(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if not isinstance(value, dict | list):
        return [way]
    below = value.items() if isinstance(value, dict) else enumerate(value)
    return [way, *(path for key, item in below for path in paths(item, (*way, key)))]


def test_a_whole_configuration_conforms() -> None:
    assert conforms(GOOD, SCHEMA) is True


@settings(max_examples=300)
@given(st.sampled_from(paths(GOOD)[1:]), SOME, st.booleans())
def test_the_answer_is_the_validators(way: tuple[Any, ...], value: Any, remove: bool) -> None:
    data = json.loads(json.dumps(GOOD))
    holder = data
    for key in way[:-1]:
        holder = holder[key]
    if remove:
        del holder[way[-1]]
    else:
        holder[way[-1]] = value
    assert VALIDATOR.is_valid(data) == conforms(data, SCHEMA)


@pytest.mark.parametrize("value", [None, 1, "x", [], True])
def test_what_is_no_mapping_does_not_conform(value: Any) -> None:
    assert conforms(value, SCHEMA) is False


def test_a_schema_with_more_in_it_is_left_to_the_validator() -> None:
    assert conforms({}, {"minProperties": 1}) is None
