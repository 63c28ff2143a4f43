"""What a decision says beside its verdict: the layer, the statements, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.iam import CALLER as THE_CALLER
from crrlint.iam import OWNER, PRESENT, OneOfValues, Principal
from crrlint.values import Symbol, Unknown, join, symbolic
from tests.iam.asking import (
    OBJECTS,
    OTHER_ACCOUNT,
    ROLE,
    allow,
    ask,
    deny,
    to,
)

NAME = Symbol("Name", "parameter", "${Name}", form="name", needs="a value for parameter Name")
TEXT = Symbol("Text", "parameter", "${Text}")
ACCOUNT = Symbol("", "AWS::AccountId", "${AWS::AccountId}", form="account")
NOBODY_KNOWS = Unknown("unsupported_expression", "Fn::Transform", "the processed template")
NEEDS_NAME = "${Name}: a value for parameter Name"
NAMED = join("arn:aws:s3:::", NAME, "/*")


def when(operator: str, *values: Any, key: str = "k:a", resource: Any = OBJECTS) -> dict[str, Any]:
    return {**allow(resource=resource), "Condition": {operator: {key: list(values)}}}


NEEDS: list[tuple[list[str], list[Any], dict[str, Any]]] = [
    (["condition StringMatches k:a"], [when("StringMatches", "a")], {"k:a": "a"}),
    (
        ["condition StringEquals k:a, which has no set operator"],
        [when("StringEquals", "a")],
        {"k:a": ("a",)},
    ),
    (["context key k:a"], [when("StringEquals", "a")], {}),
    (["context key k:a"], [when("NumericEquals", "1")], {"k:a": PRESENT}),
    (["context key k:a"], [when("StringEquals", "a")], {"k:a": OneOfValues(("a", None))}),
    (["context key k:a"], [when("Null", "true")], {}),
    (["context key k:a"], [when("Null", "true")], {"k:a": OneOfValues(("a", None))}),
    ([NEEDS_NAME], [when("StringEquals", symbolic(NAME))], {"k:a": "a"}),
    ([NEEDS_NAME], [when("StringEquals", "a")], {"k:a": symbolic(NAME)}),
    (["the value of condition ArnNotLike k:a"], [when("ArnNotLike", "a")], {"k:a": ROLE}),
    (
        ["${AWS::AccountId}"],
        [when("ArnLike", join("arn:aws:iam::", ACCOUNT, ":role/*"))],
        {"k:a": ROLE},
    ),
    (["the value of condition NumericEquals k:a"], [when("NumericEquals", "a")], {"k:a": "1"}),
    (["the value of condition Bool k:a"], [when("Bool", "a")], {"k:a": "true"}),
    (["the value of condition Null k:a"], [when("Null", "a", "b")], {"k:a": "true"}),
    (["Fn::Transform: the processed template"], [when("Bool", "true")], {"k:a": NOBODY_KNOWS}),
    (["k:a"], [when("NumericEquals", "1")], {"k:a": "one"}),
    (["the value of k:b"], [allow(resource="arn:aws:s3:::${k:b}/*")], {"k:b": ("a", "b")}),
    (["arn:aws:s3:::a/{key}/b"], [when("StringLike", "*b")], {"k:a": "arn:aws:s3:::a/{key}/b"}),
    (
        ["arn:aws:s3:::a/{key}"],
        [when("StringEqualsIgnoreCase", "b")],
        {"k:a": "arn:aws:s3:::a/{key}"},
    ),
    # What is known is not asked for.
    ([NEEDS_NAME], [when("StringEquals", symbolic(TEXT), resource=NAMED)], {"k:a": symbolic(TEXT)}),
    ([NEEDS_NAME], [when("StringEquals", "b"), allow(resource=NAMED)], {"k:a": "a"}),
    ([NEEDS_NAME, "context key k:a"], [when("StringEquals", "b", resource=NAMED)], {}),
    ([NEEDS_NAME], [allow(join("s3:", NAME)), allow(resource=NAMED)], {}),
    (["resource arn:aws:s3*dest/*"], [allow(resource="arn:aws:s3*dest/*")], {}),
    (
        ["a statement: the statement has an unknown element Actions"],
        [allow(Actions="s3:*")],
        {},
    ),
    (["a statement: the statement has no Action"], [{"Effect": "Allow", "Resource": "*"}], {}),
    (["Fn::Transform: the processed template"], [allow(Effect=NOBODY_KNOWS)], {}),
    (["Fn::Transform: the processed template"], [NOBODY_KNOWS], {}),
    (["a statement: elements that such a policy cannot have, or lacks"], [to("*")], {}),
]


@pytest.mark.parametrize(("needs", "identity", "context"), NEEDS)
def test_what_would_decide_is_named(
    needs: list[str], identity: list[Any], context: dict[str, Any]
) -> None:
    decision = ask(*identity, context=context)
    assert "unknown" == decision.verdict
    assert needs == list(decision.needs)


def outcomes(decision: Any) -> dict[str, str]:
    return {c.layer: c.outcome for c in decision.clauses if c.kind == "grant"}


GRANTED = {"identity": "holds", "resource": "holds"}
WHOEVER: list[tuple[str, dict[str, str], list[str], list[Any], dict[str, Any]]] = [
    ("allowed", GRANTED, [], [allow()], {"bucket": [to("*")]}),
    ("unknown", {**GRANTED, "resource": "unknown"}, [OWNER], [allow()], {}),
    ("unknown", {**GRANTED, "identity": "unknown"}, [OWNER], [], {"bucket": [to("*")]}),
    ("denied", {"identity": "fails", "resource": "unknown"}, [OWNER], [], {}),
    (
        "unknown",
        {"identity": "unknown", "resource": "unknown"},
        [OWNER, NEEDS_NAME],
        [allow(resource=NAMED)],
        {},
    ),
    (
        "denied",
        {"identity": "fails", "resource": "fails"},
        [],
        [],
        {"action": "kms:Encrypt", "resource": "arn:aws:kms:eu-west-1:1:key/1", "prefix": None},
    ),
]


@pytest.mark.parametrize(("verdict", "expected", "needs", "identity", "more"), WHOEVER)
def test_clauses_tell_what_hangs_on_the_owner_of_the_bucket(
    verdict: str,
    expected: dict[str, str],
    needs: list[str],
    identity: list[Any],
    more: dict[str, Any],
) -> None:
    decision = ask(*identity, owner=None, **more)
    assert verdict == decision.verdict
    assert expected == outcomes(decision)
    assert needs == list(decision.needs)


def test_a_clause_that_hangs_on_the_owner_says_why() -> None:
    decision = ask(allow(), owner=None)
    assert "no Allow in layer resource covers key x" == decision.reason
    assert "resource" == decision.layer
    assert "x" == decision.counterexample
    assert THE_CALLER not in decision.needs
    decision = ask(bucket=[to("*")], owner=None)
    assert "no Allow in layer identity covers key x" == decision.reason


EVERYONE = to("*", Effect="Deny")
ELSEWHERE: dict[str, Any] = {"owner": OTHER_ACCOUNT}
ALL = allow("*", "*")
ORDER: list[tuple[str, dict[str, Any]]] = [
    ("rcp", {"rcps": [[EVERYONE]]}),
    ("scp", {"scps": [[ALL, deny()]]}),
    ("public-access-block", {"restrict": True}),
    ("resource", {"bucket": [to("*"), EVERYONE]}),
    ("identity", {}),
    ("boundary", {"boundary": [ALL, deny()]}),
]


@pytest.mark.parametrize("outermost", range(len(ORDER)))
def test_of_many_denies_the_outermost_is_reported(outermost: int) -> None:
    layers = dict(ORDER[outermost:])
    more = {k: v for _, one in ORDER[outermost:] for k, v in one.items()}
    if "public-access-block" in layers:
        more |= ELSEWHERE
    decision = ask(ALL, *([deny()] if "identity" in layers else []), **more)
    assert ORDER[outermost][0] == decision.layer


def ends(pattern: str) -> str:
    return "arn:aws:s3:::dest/" + pattern


def all_but(key: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:*", "NotResource": ends(key), **more}


@pytest.mark.parametrize(
    ("layer", "key", "reason", "identity", "more"),
    [
        ("identity", "x", "no Allow in layer identity covers key x", [], {}),
        (
            "identity",
            "x",
            "statement 1 in layer identity denies key x",
            [allow(), deny()],
            {"scps": [[]]},
        ),
        (
            "identity",
            "x",
            "statement Shut in layer identity denies key x",
            [allow(), deny(Sid="Shut")],
            {},
        ),
        (
            "scp",
            "xx",
            "statement 1 in layer scp level 0 denies key xx",
            [allow(), deny(resource=ends("???"))],
            {"scps": [[ALL, deny(resource=ends("??"))]]},
        ),
        (
            "identity",
            "x",
            "statement 1 in layer identity denies key x",
            [allow(), deny(resource=ends("?"))],
            {"scps": [[ALL], [ALL, deny(resource=ends("??"))]]},
        ),
        (
            "identity",
            "x",
            "no Allow in layer identity covers key x",
            [allow(resource=ends("??*")), deny(resource=ends("??"))],
            {},
        ),
        (
            "scp",
            "x",
            "no Allow in layer scp level 1 covers key x",
            [allow()],
            {"scps": [[ALL], []]},
        ),
        (
            "identity",
            None,
            "no Allow in layer identity covers the request",
            [],
            {"action": "s3:ListBucket", "resource": "arn:aws:s3:::dest", "prefix": None},
        ),
        (
            "public-access-block",
            "x",
            "the bucket policy is public and RestrictPublicBuckets is on",
            [allow()],
            {"bucket": [to("*")], "restrict": True, **ELSEWHERE},
        ),
        (
            "public-access-block",
            "a/",
            "the bucket policy is public and RestrictPublicBuckets is on",
            [allow()],
            {"bucket": [to("*")], "restrict": True, "prefix": "a/", **ELSEWHERE},
        ),
        (
            "identity",
            "xx",
            "no Allow in layer identity covers key xx",
            [allow(resource=ends("?")), when("StringEquals", "x", resource=ends("a*"))],
            {},
        ),
        (
            # One key of two letters is refused in every world, though others are not.
            "identity",
            "xx",
            "no Allow in layer identity covers key xx",
            [
                allow(resource=ends("?")),
                when("StringEquals", "x", resource=ends("a*")),
                when("StringNotEquals", "x", resource=ends("b*")),
            ],
            {},
        ),
        (
            "public-access-block",
            "${Text}x",
            "the bucket policy is public and RestrictPublicBuckets is on",
            [allow()],
            {"bucket": [to("*")], "restrict": True, "prefix": symbolic(TEXT), **ELSEWHERE},
        ),
        (
            "identity",
            "b",
            "no Allow in layer identity covers key b, but which key depends on the context",
            [
                all_but("a", Condition={"StringEquals": {"k:a": "x"}}),
                all_but("b", Condition={"StringNotEquals": {"k:a": "x"}}),
            ],
            {},
        ),
    ],
)
def test_a_refusal_names_layer_statement_and_key(
    layer: str, key: str | None, reason: str, identity: list[Any], more: dict[str, Any]
) -> None:
    decision = ask(*identity, **more)
    assert ("denied", layer, key) == (decision.verdict, decision.layer, decision.counterexample)
    assert reason == decision.reason


def test_two_layers_that_shut_whatever_the_context_are_both_named() -> None:
    identity = [{**when("StringEquals", "a"), "Sid": "Open"}]
    bucket = [
        {**EVERYONE, "Sid": "Shut", "Condition": {"StringEquals": {"k:a": "a"}}},
        {**EVERYONE, "Sid": "Other", "Resource": "arn:aws:s3:::other/*"},
    ]
    decision = ask(*identity, allow("ec2:*"), bucket=bucket)
    assert "denied" == decision.verdict
    assert "resource" == decision.layer
    assert "x" == decision.counterexample
    assert ["Shut", "Open"] == [s.sid for s in decision.statements]
    assert "whatever the context, one layer or another refuses key x" == decision.reason
    assert ["unknown", "unknown"] == [c.outcome for c in decision.clauses]
    decision = ask(
        *identity,
        bucket=bucket,
        action="s3:ReplicateObject",
        resource="arn:aws:s3:::dest/a",
        prefix=None,
    )
    assert "whatever the context, one layer or another refuses the request" == decision.reason


def test_of_what_is_open_only_that_is_reported() -> None:
    decision = ask(allow(), deny("s3:Get*"), bucket=[to("*", Resource=NAMED)], **ELSEWHERE)
    assert ("unknown", "resource") == (decision.verdict, decision.layer)
    assert {"identity": "holds", "resource": "unknown"} == outcomes(decision)


def test_of_two_layers_that_are_open_the_outer_one_is_reported() -> None:
    decision = ask(allow(resource=NAMED), scps=[[allow(resource=NAMED)]])
    assert ("unknown", "scp") == (decision.verdict, decision.layer)


def test_every_layer_has_a_grant_among_those_that_are_named() -> None:
    decision = ask(
        allow(Sid="Role"),
        boundary=[allow(Sid="Boundary")],
        scps=[[allow(Sid="Level")], [allow(Sid="Role")]],
        bucket=[to({"AWS": ROLE}, Sid="Bucket")],
        **ELSEWHERE,
    )
    assert ["Role", "Boundary", "Bucket", "Level", "Role"] == [s.sid for s in decision.statements]


def test_a_trust_policy_has_one_too() -> None:
    trust = {"Sid": "Trust", "Effect": "Allow", "Action": "sts:AssumeRole"}
    decision = ask(
        bucket=[{**trust, "Principal": {"Service": "s3.amazonaws.com"}}],
        principal=Principal(service="s3.amazonaws.com"),
        action="sts:AssumeRole",
        resource=ROLE,
        prefix=None,
    )
    assert ["Trust"] == [s.sid for s in decision.statements]


def test_grants_are_the_statements_that_an_allowed_request_rests_on() -> None:
    one = {**allow(resource=ends("?")), "Sid": "Short"}
    more = {**allow(resource=ends("??*")), "Sid": "Long"}
    never = {**allow("s3:Get*"), "Sid": "Read"}
    decision = ask(never, one, more, deny("s3:*", ends("?")[:-3] + "other"))
    assert ["Short", "Long"] == [s.sid for s in decision.statements]
    decision = ask(never, one, more, {**allow(), "Sid": "All"})
    assert ["All"] == [s.sid for s in decision.statements]


@pytest.mark.parametrize(
    ("reason", "identity", "context"),
    [
        (
            "whether an Allow in layer identity applies depends on context key k:a"
            "; refused when k:a absent",
            [when("StringEquals", "a")],
            {},
        ),
        (
            "whether an Allow in layer identity applies depends on context key k:a"
            "; refused when k:a = b",
            [when("StringEquals", "a")],
            {"k:a": OneOfValues(("a", "b"))},
        ),
        (
            f"whether an Allow in layer identity applies depends on {NEEDS_NAME}",
            [allow(resource=NAMED)],
            {},
        ),
        (
            "whether a Deny in layer identity applies depends on context key k:a"
            "; refused when k:a = a",
            [allow(), {**when("StringEquals", "a"), "Effect": "Deny"}],
            {},
        ),
        (
            "whether an Allow in layer identity applies depends on condition A k:a, "
            "condition B k:a, condition C k:a …",
            [when("A", "a"), when("B", "a"), when("C", "a"), when("D", "a")],
            {"k:a": "a"},
        ),
        (
            "whether an Allow in layer identity applies depends on condition A k:a, "
            "condition B k:a, condition C k:a",
            [when("A", "a"), when("B", "a"), when("C", "a")],
            {"k:a": "a"},
        ),
    ],
)
def test_a_doubt_names_what_it_depends_on_and_an_example(
    reason: str, identity: list[Any], context: dict[str, Any]
) -> None:
    decision = ask(*identity, context=context)
    assert ("unknown", reason) == (decision.verdict, decision.reason)


def test_patterns_that_would_take_too_long_are_said_to() -> None:
    # Which of the last sixteen characters was what makes a state: there are too many.
    late = [all_but("?" * 40 + "*"), *(allow(resource=ends(f"*{c}{'?' * 16}{c}*")) for c in "ab")]
    decision = ask(*late, scps=[[ALL]])
    assert ("unknown", "patterns too complex") == (decision.verdict, decision.reason)
    assert "identity" == decision.layer
    assert [0, 1, 2] == [s.index for s in decision.statements]
    assert {"identity": "unknown", "scp": "holds"} == outcomes(decision)


def test_a_clause_of_an_organization_knows_its_level() -> None:
    decision = ask(allow(), scps=[[ALL], [ALL, deny("s3:Get*"), deny()]], rcps=[[], [EVERYONE]])
    levels = [(c.layer, c.kind, c.outcome, c.level) for c in decision.clauses]
    assert levels == [
        ("rcp", "deny", "fails", 1),
        ("scp", "deny", "fails", 1),
        ("identity", "grant", "holds", None),
        ("scp", "grant", "holds", 0),
        ("scp", "grant", "holds", 1),
    ]


@pytest.mark.parametrize(
    ("needs", "principal"),
    [
        (["${Text}"], symbolic(TEXT)),
        (["Fn::Transform: the processed template"], NOBODY_KNOWS),
        (["${Text}"], [OTHER_ACCOUNT, symbolic(TEXT)]),
        ([THE_CALLER], "AROAEXAMPLE"),
    ],
)
def test_a_principal_that_is_open_is_named(needs: list[str], principal: Any) -> None:
    decision = ask(allow(), bucket=[to({"AWS": principal})], **ELSEWHERE)
    assert "unknown" == decision.verdict
    assert needs == list(decision.needs)


def test_two_keys_of_an_example_are_both_named() -> None:
    statement = {**allow(), "Condition": {"StringEquals": {"k:a": "a", "k:b": "b"}}}
    assert ask(statement).reason == (
        "whether an Allow in layer identity applies depends on context key k:a, context key k:b"
        "; refused when k:a absent, k:b absent"
    )
