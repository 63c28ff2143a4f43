"""Policies that are not what AWS documents, or of which a part is open."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.iam import Policy, Request, World, decide
from crrlint.values import Symbol, Unknown, join, symbolic
from tests.iam.asking import CALLER, OTHER_ACCOUNT, SOURCE_ACCOUNT, WRITE, allow, ask, to

NAME = Symbol("Name", "parameter", "${Name}", form="name", needs="a value for parameter Name")
NOBODY_KNOWS = Unknown("unsupported_expression", "Fn::Transform", "the processed template")
NEEDED = "Fn::Transform: the processed template"
DEST = "arn:aws:s3:::dest/*"


def answered(body: Any, context: dict[str, Any] | None = None) -> Any:
    request = Request(CALLER, WRITE, "arn:aws:s3:::dest/{key}", "", SOURCE_ACCOUNT, context or {})
    return decide(request, World(identity=(Policy.parse(body),)))


def without(element: str) -> dict[str, Any]:
    return {k: v for k, v in allow().items() if k != element}


@pytest.mark.parametrize(
    ("why", "statement"),
    [
        ("the statement is not an object", "Allow"),
        ("the statement is not an object", ["Allow"]),
        ("Effect is neither Allow nor Deny", without("Effect")),
        ("Effect is neither Allow nor Deny", allow(Effect="allow")),
        ("Effect is neither Allow nor Deny", allow(Effect=["Allow"])),
        ("the statement has an unknown element Actions", allow(Actions="s3:*")),
        ("the statement has an unknown element NotEffect", allow(NotEffect="Deny")),
        ("the statement has both Action and NotAction", allow(NotAction="s3:Get*")),
        ("the statement has both Resource and NotResource", allow(NotResource="arn:aws:ec2:*")),
        ("the statement has no Action", without("Action")),
        ("the statement has no Action", allow(None)),
        ("Action is empty", allow([])),
        ("Resource is empty", allow(resource=[])),
        ("Condition is not an object", allow(Condition="true")),
        ("the keys of Bool are not an object", allow(Condition={"Bool": "true"})),
        ("the keys of Bool are not an object", allow(Condition={"Bool": ["true"]})),
        # Only the first reason is told.
        ("Effect is neither Allow nor Deny", allow([], Effect="allow", Actions="s3:*")),
        ("elements that such a policy cannot have, or lacks", allow(Principal="*")),
        ("elements that such a policy cannot have, or lacks", without("Resource")),
    ],
)
def test_a_statement_that_aws_would_not_take_leaves_the_answer_open(
    why: str, statement: Any
) -> None:
    decision = answered({"Statement": [statement]})
    assert "unknown" == decision.verdict
    assert [f"a statement: {why}"] == list(decision.needs)
    # Nor does it keep others from counting.
    assert "denied" == answered({"Statement": [statement, allow(Effect="Deny")]}).verdict


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::111111111111:root",
        {},
        {"AWS": []},
        {"Nobody": "*"},
        {"AWS": {"Ref": "x"}},
        {"AWS": [["*"]]},
        ["*"],
    ],
)
def test_a_principal_that_aws_would_not_take_leaves_it_open_too(principal: Any) -> None:
    decision = ask(allow(), bucket=[to(principal)], owner=OTHER_ACCOUNT)
    assert "unknown" == decision.verdict
    assert ["a statement: Principal is not readable"] == list(decision.needs)


def test_both_kinds_of_principal_are_one_too_many() -> None:
    decision = ask(allow(), bucket=[to("*", NotPrincipal={"AWS": "x"})], owner=OTHER_ACCOUNT)
    assert ["a statement: the statement has both Principal and NotPrincipal"] == list(
        decision.needs
    )


@pytest.mark.parametrize(
    "statement",
    [
        allow(Sid="All", NotAction=None, Condition={}),
        allow(Sid=5),
        allow([WRITE], [DEST]),
        allow((WRITE,), (DEST,)),
        allow(Principal=None, NotPrincipal=None),
    ],
)
def test_what_is_not_set_is_not_there(statement: Any) -> None:
    assert "allowed" == answered({"Statement": statement}).verdict


@pytest.mark.parametrize(
    ("needs", "body"),
    [
        ("a policy that is not an object", "policy"),
        ("a policy that is not an object", [allow()]),
        ("a policy that is not an object", None),
        ("a policy with an unknown element Statements", {"Statements": [allow()]}),
        ("a policy with an unknown Version 2012", {"Version": "2012", "Statement": [allow()]}),
        ("a policy without readable statements", {"Version": "2012-10-17"}),
        ("a policy without readable statements", {"Statement": "Allow"}),
        ("Fn::Transform: the processed template", NOBODY_KNOWS),
        ("${Name}", symbolic(NAME)),
        ("Fn::Transform: the processed template", {"Statement": [NOBODY_KNOWS]}),
        ("Fn::Transform: the processed template", {"Statement": allow(Action=NOBODY_KNOWS)}),
        ("Fn::Transform: the processed template", {"Statement": allow(Condition=NOBODY_KNOWS)}),
        (
            "Fn::Transform: the processed template",
            {"Statement": allow(Condition={"Bool": NOBODY_KNOWS})},
        ),
        ("Fn::Transform: the processed template", {"Statement": allow(resource=NOBODY_KNOWS)}),
        ("list in place of text", {"Statement": allow(resource=[["*"]])}),
        ("'*\\udfff'", {"Statement": allow(resource="*\udfff")}),
        ("'*\\U000f0000'", {"Statement": allow(resource="*\U000f0000")}),
        (
            "'arn:aws:s3:::dest/\\ud800*'",
            {"Statement": allow(resource="arn:aws:s3:::dest/\ud800*")},
        ),
        (
            "arn:aws:s3:::${k:a}/*, as the policy's Version is not known",
            {"Version": NOBODY_KNOWS, "Statement": allow(resource="arn:aws:s3:::${k:a}/*")},
        ),
        (
            "${k:a, dest}",
            {"Version": "2012-10-17", "Statement": allow(resource="arn:aws:s3:::${k:a, dest}/*")},
        ),
    ],
)
def test_a_policy_that_nobody_can_read_may_say_anything(needs: str, body: Any) -> None:
    decision = answered(body, {"k:a": "dest"})
    assert "unknown" == decision.verdict
    assert [needs] == list(decision.needs)


@pytest.mark.parametrize(
    "body",
    [
        {"Version": "2012-10-17", "Id": "x", "Statement": allow()},
        {"Version": "2008-10-17", "Statement": (allow(),)},
        {"Version": None, "Statement": [allow()]},
        {"Version": NOBODY_KNOWS, "Statement": [allow()]},
    ],
)
def test_a_policy_may_have_any_version_and_an_id(body: Any) -> None:
    assert "allowed" == answered(body).verdict


BEFORE = "arn:aws:s3:::"


@pytest.mark.parametrize(
    ("verdict", "resource", "version"),
    [
        ("allowed", join(BEFORE, "${k:a}-", NAME, "/*"), "2012-10-17"),
        ("allowed", join(BEFORE, "${k:a}-", NAME, "${k:slash}*"), "2012-10-17"),
        ("denied", join(BEFORE, "${k:b}-", NAME, "/*"), "2012-10-17"),
        ("denied", join(BEFORE, "${k:a}-", NAME, "/*"), "2008-10-17"),
        ("denied", join(BEFORE, "${k:a}-", NAME, "/*"), None),
        ("unknown", join(BEFORE, "${", NAME, "}/*"), "2012-10-17"),
        ("unknown", join(BEFORE, "${k:a}-${", NAME, "}/*"), "2012-10-17"),
        ("unknown", join(BEFORE, "}${", NAME, "}/*"), "2012-10-17"),
        ("denied", join(BEFORE, "${", NAME, "}/*"), "2008-10-17"),
        ("unknown", join(BEFORE, "dest-", NAME, "/\ud800*"), "2012-10-17"),
    ],
)
def test_variables_stand_beside_symbols(verdict: str, resource: Any, version: str | None) -> None:
    decision = ask(
        allow(resource=resource),
        resource=join(BEFORE, "dest-", NAME, "/{key}"),
        context={"k:a": "dest", "k:b": "other", "k:slash": "/"},
        version=version,
    )
    assert verdict == decision.verdict, decision.reason


def test_one_policy_answers_for_many_actions() -> None:
    policy = Policy.parse({"Statement": [allow("s3:Replicate*"), allow("s3:Get*", Effect="Deny")]})
    request = Request(CALLER, WRITE, "arn:aws:s3:::dest/{key}", "", SOURCE_ACCOUNT, {})
    for action, verdict in ((WRITE, "allowed"), ("s3:GetObject", "denied"), (WRITE, "allowed")):
        decision = decide(request._replace(action=action), World(identity=(policy,)))
        assert verdict == decision.verdict


def test_conditions_can_be_left_out_by_what_their_keys_begin_with() -> None:
    def conditioned(effect: str, key: str) -> dict[str, Any]:
        return allow(Effect=effect, Condition={"StringEquals": {key: "b"}})

    def verdict(policy: Policy, **context: str) -> str:
        given = {k.replace("_", ":"): v for k, v in context.items()}
        request = Request(CALLER, WRITE, "arn:aws:s3:::dest/{key}", "", SOURCE_ACCOUNT, given)
        return decide(request, World(identity=(policy,))).verdict

    policy = Policy.parse({"Statement": conditioned("Allow", "k:a")})
    assert "denied" == verdict(policy, k_a="a")
    assert "allowed" == verdict(policy.without_conditions(), k_a="a")
    assert "allowed" == verdict(policy.without_conditions("k:"), k_a="a")
    assert "denied" == verdict(policy.without_conditions("l:"), k_a="a")
    assert "denied" == verdict(policy, k_a="a")
    assert policy is policy.without_conditions("l:")
    both = Policy.parse({"Statement": [allow(), conditioned("Deny", "k:a")]})
    assert "allowed" == verdict(both.without_conditions(), k_a="a")
    assert "denied" == verdict(both.without_conditions(), k_a="b")


def test_a_statement_can_be_put_on_everything() -> None:
    def verdict(policy: Policy) -> str:
        request = Request(CALLER, WRITE, "arn:aws:s3:::dest/{key}", "", SOURCE_ACCOUNT, {})
        return decide(request, World(identity=(policy,))).verdict

    elsewhere = [allow(Resource="arn:aws:s3:::other/*"), allow(NotResource="*")]
    for statement in elsewhere:
        statement.pop("Resource" if "NotResource" in statement else "NotResource", None)
        policy = Policy.parse({"Statement": [statement, allow(Action="s3:GetObject")]})
        assert "denied" == verdict(policy)
        assert "allowed" == verdict(policy.with_everything_in(policy.statements[0]))
        assert "denied" == verdict(policy.with_everything_in(policy.statements[1]))


@pytest.mark.parametrize(
    ("what", "undecided", "body"),
    [
        (str(NOBODY_KNOWS), NOBODY_KNOWS, NOBODY_KNOWS),
        ("${Name}", symbolic(NAME), symbolic(NAME)),
        ("a policy without readable statements", NOBODY_KNOWS, {"Statement": NOBODY_KNOWS}),
    ],
)
def test_what_stands_in_place_of_a_policy_is_kept(what: str, undecided: Any, body: Any) -> None:
    policy = Policy.parse(body, "here")
    assert what == policy.what
    assert undecided is policy.undecided or undecided == policy.undecided
    assert "here" == policy.origin
    lenient = policy.without_conditions()
    assert (policy.what, policy.undecided) == (lenient.what, lenient.undecided)
    assert "unknown" == answered(body).verdict


def test_a_readable_policy_is_not_in_place_of_anything() -> None:
    for version in ("2012-10-17", "2008-10-17", None):
        conditioned = allow(Condition={"Bool": {"k:a": "true"}})
        policy = Policy.parse({"Version": version, "Statement": conditioned})
        assert (version, None, None) == (policy.version, policy.what, policy.undecided)
        assert version == policy.without_conditions().version


def test_what_cannot_be_read_beside_what_can_is_no_longer_asked_for() -> None:
    condition = {"Bool": "true", "StringEquals": {"k:a": "b"}}
    # The statement cannot be read, and does not apply either way.
    assert "denied" == answered({"Statement": allow(Condition=condition)}, {"k:a": "a"}).verdict
