"""The least size of what is partly open, and the rule that asks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crrlint.authoring.examples import Example, run
from crrlint.documents.source import Document, Node, wrap
from crrlint.routes.size import least_size, literals
from crrlint.run import ruleset
from crrlint.values import Choice, OneOf, Symbol, Unknown, join

AT = Document("replication.json", "", "json", None).root
NAME = Symbol("stack", "name", "${Name}")
CHOICE = Choice("c", ("short", "long"), "c")
RULE = next(rule for rule in ruleset.load() if rule.id == "CRR205")


@pytest.mark.parametrize(
    ("data", "xml"),
    [
        ({}, "<Rule/>"),
        ({"ID": "logs"}, "<Rule><ID>logs</ID></Rule>"),
        ({"ID": ""}, "<Rule><ID/></Rule>"),
        ({"ID": None}, "<Rule/>"),
        ({"ID": "für"}, "<Rule><ID>für</ID></Rule>"),
        ({"Priority": 10}, "<Rule><Priority>10</Priority></Rule>"),
        ({"Filter": {}}, "<Rule><Filter/></Rule>"),
        (
            {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]},
            "<Rule><Tag><Key>a</Key><Value>b</Value></Tag><Tag><Key>c</Key><Value/></Tag></Rule>",
        ),
    ],
)
def test_a_size_is_that_of_the_shortest_xml(data: dict[str, Any], xml: str) -> None:
    assert least_size(wrap(data, AT), "Rule") == len(xml.encode())


@pytest.mark.parametrize(
    ("value", "xml"),
    [
        (join("logs-", NAME), "<ID>logs-</ID>"),
        (join(NAME), "<ID/>"),
        (Unknown("deferred", "known after apply"), ""),
        (OneOf(CHOICE, ("logs", "logs-of-everybody")), "<ID>logs</ID>"),
        (OneOf(CHOICE, (Node(None, AT), Node("logs", AT))), ""),
    ],
)
def test_an_open_value_counts_as_its_shortest(value: Any, xml: str) -> None:
    assert least_size(Node(value, AT), "ID") == len(xml)


def test_what_is_written_of_a_text_leaves_symbols_out() -> None:
    assert literals(join("logs-", NAME, "-copy")) == ("logs-", "-copy")
    assert literals(7) == ()


def found(patch: dict[str, Any]) -> list[str]:
    outcome = run(Example("bad", json.dumps(patch), {}), RULE, [RULE])
    return [reported.finding.message for reported in outcome.findings]


def test_a_thousand_rules_are_not_too_many() -> None:
    assert found({"times": 1000}) == []


def test_two_megabytes_are_too_many_whatever_the_number_of_rules() -> None:
    tags = [{"Key": f"tag-{number}", "Value": "x" * 256} for number in range(10)]
    rule = {
        "Status": "Enabled",
        "Filter": {"And": {"TagFilters": tags}},
        "Destination": {"Bucket": "arn:aws:s3:::acme-replica"},
    }
    few, many = ({"configuration": {"Rules": [rule] * count}} for count in (600, 700))
    assert found(few) == []
    [message] = found(many)
    assert message.startswith("replication of acme-source takes 2,")
