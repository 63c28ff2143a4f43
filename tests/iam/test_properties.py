"""What no change of wording may change, and what hostile input may not do."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crrlint.iam import Policy, Request, World, decide
from crrlint.values import Symbol, join, symbolic
from tests.iam.asking import CALLER, SOURCE_ACCOUNT, WRITE, allow, ask, deny

START = "arn:aws:s3:::dest/"

globs = st.text(alphabet="ab/*?", max_size=5).map(START.__add__)
listed = st.lists(globs, min_size=1, max_size=3)
tests = st.fixed_dictionaries(
    {},
    optional={
        "StringLike": st.fixed_dictionaries({"k:a": st.sampled_from([["a*"], ["b", "?"]])}),
        "StringNotEquals": st.fixed_dictionaries({"k:b": st.sampled_from([["x"], ["y", "z"]])}),
        "Bool": st.fixed_dictionaries({"k:c": st.sampled_from([["true"], ["false"]])}),
        "NoSuchOperator": st.just({"k:d": "x"}),
    },
)
statements = st.builds(
    lambda effect, which, resources, condition: {
        "Effect": effect,
        "Action": ["s3:Replicate*", "s3:Get*"],
        which: resources,
        "Condition": condition,
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    listed,
    tests,
)
policies = st.lists(statements, max_size=5)
contexts = st.dictionaries(
    st.sampled_from(["k:a", "k:b", "k:c"]), st.sampled_from(["a", "b", "x", "true", "false"])
)
prefixes = st.sampled_from(["", "a", "b/"])
few = settings(max_examples=60, deadline=None, derandomize=True)


@few
@given(policies, statements, contexts, prefixes)
def test_another_deny_never_allows(
    policy: list[Any], more: dict[str, Any], context: dict[str, Any], prefix: str
) -> None:
    before = ask(*policy, context=context, prefix=prefix).verdict
    after = ask(*policy, {**more, "Effect": "Deny"}, context=context, prefix=prefix).verdict
    assert before != "denied" or after == "denied"
    assert after != "allowed" or before == "allowed"


@few
@given(policies, statements, contexts, prefixes)
def test_another_allow_never_denies(
    policy: list[Any], more: dict[str, Any], context: dict[str, Any], prefix: str
) -> None:
    before = ask(*policy, context=context, prefix=prefix).verdict
    after = ask(*policy, {**more, "Effect": "Allow"}, context=context, prefix=prefix).verdict
    assert before != "allowed" or after == "allowed"
    assert after != "denied" or before == "denied"


@few
@given(policies, contexts, prefixes, st.randoms())
def test_order_and_splitting_change_nothing(
    policy: list[Any], context: dict[str, Any], prefix: str, random: Any
) -> None:
    split = [
        {**s, "Action": action, "Resource": resource}
        for s in policy
        for action in s["Action"]
        for resource in s.get("Resource", [])
    ] + [s for s in policy if "NotResource" in s]
    random.shuffle(split)
    one = ask(*policy, context=context, prefix=prefix)
    other = ask(*split, context=context, prefix=prefix)
    assert one.verdict == other.verdict
    if one.verdict == "denied":
        assert len(one.counterexample or "") == len(other.counterexample or "")


@few
@given(policies, contexts, prefixes, st.dictionaries(st.just("k:a"), st.just("b")))
def test_knowing_more_changes_no_proof(
    policy: list[Any], context: dict[str, Any], prefix: str, more: dict[str, Any]
) -> None:
    before = ask(*policy, context=context, prefix=prefix).verdict
    after = ask(*policy, context={**more, **context}, prefix=prefix).verdict
    assert before in ("unknown", after)


pieces = st.lists(st.sampled_from(["A", "B", "a", "/", "*", "-"]), min_size=1, max_size=4)


def with_symbols(names: dict[str, Any], text: list[str]) -> Any:
    return join("arn:aws:s3:::", *(names.get(piece, piece) for piece in text))


@few
@given(st.lists(st.tuples(st.sampled_from([allow, deny]), pieces), max_size=4), pieces)
def test_names_of_symbols_mean_nothing(policy: list[Any], bucket: list[str]) -> None:
    answers = []
    for one, other in (("One", "Two"), ("Zed", "Any")):
        names = {
            "A": symbolic(Symbol(one, "Name", one, form="name", unique=True)),
            "B": symbolic(Symbol(other, "Name", other, form="name", unique=True)),
        }
        identity = [effect(resource=with_symbols(names, text)) for effect, text in policy]
        resource = join(with_symbols(names, [p for p in bucket if p != "*"]), "/{key}")
        answers.append(ask(*identity, resource=resource).verdict)
    assert answers[0] == answers[1]


@few
@given(
    st.lists(st.tuples(st.sampled_from([allow, deny]), pieces), max_size=4),
    pieces,
    st.sampled_from(["a", "b", "ab", "a-b"]),
    st.sampled_from(["a", "ba", "aa", "x"]),
)
def test_a_proof_about_symbols_holds_for_every_name(
    policy: list[Any], bucket: list[str], a: str, b: str
) -> None:
    names = {
        "A": symbolic(Symbol("One", "Name", "One", form="name")),
        "B": symbolic(Symbol("Two", "Name", "Two", form="name")),
    }
    verdicts = []
    for chosen in (names, {"A": a, "B": b}):
        identity = [effect(resource=with_symbols(chosen, text)) for effect, text in policy]
        resource = join(with_symbols(chosen, [p for p in bucket if p != "*"]), "/{key}")
        verdicts.append(ask(*identity, resource=resource).verdict)
    assert verdicts[0] in ("unknown", verdicts[1])


HOSTILE: list[tuple[str, list[Any]]] = [
    ("stars", [allow(resource=START + "*" * 20_000)]),
    ("stars and letters", [allow(resource=START + "*a" * 10_000)]),
    ("question marks", [allow(resource=START + "?" * 20_000)]),
    ("question marks behind a star", [allow(resource=START + "*a" + "?" * 2_000)]),
    ("many stars that end", [allow(resource=START + f"*{i:b}?????????????*") for i in range(40)]),
    ("thousands of statements", [allow(resource=f"{START}{i}/*") for i in range(3_000)]),
    ("thousands of denies", [allow(), *(deny(resource=f"{START}{i}*") for i in range(3_000))]),
    ("thousands that wait", [allow(resource=f"{START}*{i}?") for i in range(3_000)]),
    ("long lists", [allow(["s3:x"] * 20_000 + [WRITE], [START + "x"] * 20_000)]),
    ("variables", [allow(resource=START + "${k:a}" * 5_000)]),
    ("many unknown keys", [{**allow(), "Condition": {"StringLike": {f"k:{i}": "*a*b*" for i in
                                                                  range(500)}}}]),
    ("many patterns on one key", [{**allow(), "Condition": {"StringLike": {"k:a": [
        f"*{i}*{i + 1}?" for i in range(300)]}}}]),
    ("huge numbers", [{**allow(), "Condition": {"NumericLessThan": {"k:n": [
        "1e999999999", "9" * 5_000, "-1e-99999", "nan", "0x1"]}}}]),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "policy"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_hostile_policies_are_answered(_name: str, policy: list[Any]) -> None:
    began = time.perf_counter()
    decision = ask(*policy, prefix="a" * 40, context={"k:n": "1"})
    # Far above what it takes, far below what an explosion would.
    assert time.perf_counter() - began < 8
    assert decision.verdict in ("allowed", "denied", "unknown")


ODD = ["Allow", "Deny", "*", "s3:*", "arn:aws:s3:::dest/*", "${", "\ud800", "\U000f0000"]
ELEMENTS = [
    *("Version", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"),
    *("Principal", "NotPrincipal", "Condition", "StringLike", "Null", "AWS", "k:a", "x"),
]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(ODD)
json = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ELEMENTS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(json, json, st.lists(json, max_size=3))
def test_no_json_is_refused(body: Any, bucket: Any, parts: list[Any]) -> None:
    names = ["Effect", "Action", "Resource"]
    built = {"Statement": [{**dict(zip(names, parts, strict=False)), "Condition": body}]}
    world = World(
        identity=(Policy.parse(body), Policy.parse({"Statement": body}), Policy.parse(built)),
        resource_policy=Policy.parse(bucket),
        boundary=Policy.parse(built),
        restrict_public_buckets=True,
    )
    request = Request(CALLER, WRITE, "arn:aws:s3:::dest/{key}", "", SOURCE_ACCOUNT, {})
    decision = decide(request._replace(resource_account="222222222222"), world)
    assert decision.verdict in ("allowed", "denied", "unknown")
    assert all(isinstance(c.nearest, list) for c in decision.clauses)
