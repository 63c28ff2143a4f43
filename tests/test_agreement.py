"""When two statements of one thing are the same, may be the same, and are not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crrlint.documents.parse import parse
from crrlint.documents.source import Document, Node, wrap
from crrlint.model import Layer
from crrlint.values import OneOf, Symbol, Symbolic, Undecided, Unknown, symbolic
from crrlint.values.answers import assuming
from crrlint.values.symbols import Rivalry
from crrlint.world.agreement import Statement, agree, agreed
from crrlint.world.common import common

ROOT = Document("x.json", "{}", "json", {}).root
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=8,
)


def node(data: Any) -> Node:
    return wrap(data, ROOT)


@given(PLAIN)
def test_what_is_written_twice_agrees(data: Any) -> None:
    assert agree(node(data), node(json.loads(json.dumps(data)))) is True


@given(PLAIN, PLAIN)
def test_plain_values_agree_or_they_do_not(a: Any, b: Any) -> None:
    assert agree(node(a), node(b)) is agree(node(b), node(a))
    assert agree(node(a), node(b)) is not None


@given(PLAIN, PLAIN, st.sampled_from([Symbol("p", "value", "${P}"), None]))
def test_what_is_open_may_be_anything(a: Any, b: Any, symbol: Symbol | None) -> None:
    value = Unknown("deferred", "x") if symbol is None else symbolic(symbol)
    one, other = node({"a": a, "b": value}), node({"a": b, "b": "text"})
    whole = agree(node(a), node(b))
    assert agree(one, other) is (None if whole is True else False)


def _policy(*statements: dict[str, Any], **more: Any) -> Node:
    return node({"Version": "2012-10-17", "Statement": list(statements), **more})


ALLOW = {"Sid": "a", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
DENY = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["s3:a", "s3:b"], "Resource": "*"}


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (_policy(ALLOW, DENY), _policy(DENY, ALLOW), True),
        (_policy(ALLOW), _policy(ALLOW | {"Action": ["s3:GetObject"], "Sid": "b"}), True),
        (_policy(ALLOW), node({"Version": "2012-10-17", "Statement": ALLOW}), True),
        (_policy(DENY), _policy(DENY | {"Action": ["s3:b", "s3:a"]}), True),
        (_policy(DENY), _policy(DENY | {"Principal": {"AWS": ["*"]}}), True),
        (_policy(ALLOW), _policy(ALLOW, Id="x"), True),
        (_policy(ALLOW), node({"Statement": [ALLOW]}), False),
        (_policy(ALLOW), _policy(ALLOW, ALLOW), False),
        (_policy(ALLOW), _policy(ALLOW | {"Effect": "Deny"}), False),
        (_policy(ALLOW), _policy(ALLOW | {"Condition": {}}), False),
        (_policy(DENY), _policy(DENY | {"Principal": "*"}), False),
    ],
)
def test_a_policy_is_compared_by_what_it_means(one: Node, other: Node, answer: bool) -> None:
    assert agree(one, other) is answer


def test_statements_are_matched_surely_before_they_are_matched_perhaps() -> None:
    symbol = symbolic(Symbol("p", "arn", "${P}"))
    perhaps = ALLOW | {"Resource": symbol}
    known, other = ALLOW | {"Resource": "arn:one"}, ALLOW | {"Resource": "arn:two"}
    assert agree(_policy(perhaps, known), _policy(known, other)) is None
    assert agree(_policy(perhaps, DENY), _policy(known, other)) is False


def _said(value: Any, layer: Layer) -> Statement:
    return Statement(node(value), layer)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([_said("a", "live"), _said("a", "template")], "a"),
        ([_said("a", "live"), _said("b", "planned")], "b"),
        ([_said("b", "planned"), _said("a", "live"), _said("c", "live")], "b"),
        ([_said("a", "live"), _said("b", "template")], None),
        ([_said("a", "live"), _said("b", "live")], None),
        ([_said("a", "planned"), _said("b", "template")], None),
        ([_said("a", "planned"), _said("b", "planned")], None),
    ],
)
def test_a_plan_counts_before_what_is_live_and_nothing_else_before_anything(
    statements: list[Statement], expected: str | None
) -> None:
    if expected is not None:
        assert expected == agreed(statements, "it").value
        return
    with pytest.raises(Undecided, match="it is stated twice, differently") as caught:
        agreed(statements, "it")
    assert "conflict" == caught.value.reason


def test_what_will_be_counts_before_what_is_where_they_may_be_the_same() -> None:
    symbol = symbolic(Symbol("p", "value", "${P}"))
    coming, now = _said(symbol, "template"), _said("a", "live")
    assert isinstance(agreed([now, coming], "it").value, Symbolic)
    assert "a" == agreed([now, coming], "it", lasting=True).value


RULES = st.lists(
    st.fixed_dictionaries(
        {"ID": st.sampled_from("abc"), "Status": st.sampled_from(["Enabled", "Disabled"])},
        optional={"Priority": st.integers(1, 2), "Destination": st.just({"Bucket": "x"})},
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda rule: rule["ID"],
)


@given(RULES, RULES)
def test_under_each_answer_the_common_part_is_one_of_the_two(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    def parsed(rules: list[dict[str, Any]], name: str) -> Statement:
        (document,), _ = parse(name, json.dumps({"Role": "r", "Rules": rules}))
        return Statement(wrap(document.data, document.root), "live")

    a, b = parsed(one, "a.json"), parsed(other, "b.json")
    both = common(a, b, "it")
    choices = {n.value.choice for n in both.walk() if isinstance(n.value, OneOf)}
    if agree(a.node, b.node) is True:
        assert set() == choices
        return
    (choice,) = choices
    assert isinstance(choice, Rivalry)
    for answer, statement in enumerate((a, b)):
        with assuming({choice: answer}):
            found, written = both.plain(), statement.node.plain()
        rules = {rule["ID"]: rule for rule in found["Rules"]}
        assert {rule["ID"]: rule for rule in written["Rules"]} == rules


TAGS = {"team": "logs"}
SAME: dict[str, tuple[Any, Any]] = {
    "a Bucket Key that is off": (
        {"Rules": [{"Apply": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]},
        {"Rules": [{"Apply": {"SSEAlgorithm": "AES256"}}]},
    ),
    "rules in another order": (
        {"Rules": [{"ID": "a"}, {"ID": "b"}]},
        {"Rules": [{"ID": "b"}, {"ID": "a"}]},
    ),
    "a filter of everything": ({"Filter": {"Prefix": ""}}, {"Filter": {}}),
    "what is not set": ({"Filter": {}, "Priority": None}, {"Filter": {}}),
    "tags of AWS": ({**TAGS, "aws:cloudformation:stack-name": "logs"}, TAGS),
}
OTHER: dict[str, tuple[Any, Any]] = {
    "a Bucket Key that is on": ({"BucketKeyEnabled": True}, {}),
    "a filter": ({"Filter": {"Prefix": "a"}}, {"Filter": {}}),
    "a filter and none": ({"Filter": {"Prefix": ""}}, {}),
    "a condition on who asks": ({"aws:SourceArn": "x"}, {}),
}


@pytest.mark.parametrize("name", SAME)
def test_what_aws_writes_and_people_leave_out_is_the_same(name: str) -> None:
    one, other = map(node, SAME[name])
    assert (True, True) == (agree(one, other), agree(other, one))


@pytest.mark.parametrize("name", OTHER)
def test_what_people_leave_out_is_not_everything(name: str) -> None:
    one, other = map(node, OTHER[name])
    assert (False, False) == (agree(one, other), agree(other, one))


def test_an_open_prefix_may_be_the_one_that_is_left_out() -> None:
    prefix = symbolic(Symbol("p", "value", "${P}"))
    assert agree(node({"Prefix": prefix}), node({})) is None
