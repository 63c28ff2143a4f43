"""Which bucket policies S3 takes for public ones."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.values import Symbol, Unknown, symbolic
from tests.iam.asking import OTHER_ACCOUNT, ROLE, SOURCE_ACCOUNT, allow, ask, to

PUBLIC, NARROW, OPEN = "fails", "holds", "unknown"
NOBODY_KNOWS = Unknown("unsupported_expression", "Fn::Transform", "the processed template")
ENDPOINT = Symbol("Endpoint", "Id", "${Endpoint}", form="name")


def found(*statements: Any) -> Any:
    """The clause of RestrictPublicBuckets, for statements beside the grant to the role."""
    bucket = [to({"AWS": ROLE}), *statements]
    decision = ask(allow(), bucket=bucket, owner=OTHER_ACCOUNT, restrict=True)
    [clause] = [c for c in decision.clauses if c.layer == "public-access-block"]
    assert "deny" == clause.kind
    return clause


def others(*listed: Any, **more: Any) -> dict[str, Any]:
    statement = {**to(None), "NotPrincipal": {"AWS": list(listed)}, **more}
    return {k: v for k, v in statement.items() if v is not None}


@pytest.mark.parametrize(
    ("outcome", "statement"),
    [
        (PUBLIC, to("*")),
        (PUBLIC, to({"AWS": "*"})),
        (PUBLIC, to({"AWS": [OTHER_ACCOUNT, "*"]})),
        (PUBLIC, to("*", Action="s3:GetObject", Resource="arn:aws:s3:::other/x")),
        (PUBLIC, others(OTHER_ACCOUNT)),
        (NARROW, others("*")),
        (NARROW, others(OTHER_ACCOUNT, Effect="Deny")),
        (NARROW, to("*", Effect="Deny")),
        (NARROW, to({"AWS": OTHER_ACCOUNT})),
        (NARROW, to({"Service": "s3.amazonaws.com"})),
        (OPEN, to({"AWS": NOBODY_KNOWS})),
        (PUBLIC, to({"AWS": [NOBODY_KNOWS, "*"]})),
        (OPEN, to("*", Actions="s3:GetObject")),
        (NARROW, to("*", Actions="s3:GetObject", Effect="Deny")),
        (OPEN, to(None)),
    ],
)
def test_a_policy_is_public_when_everyone_is_allowed(
    outcome: str, statement: dict[str, Any]
) -> None:
    assert outcome == found(statement).outcome


KEYS = (
    "aws:SourceArn",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceOwner",
    "aws:SourceAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:userid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
)


@pytest.mark.parametrize(
    ("outcome", "operator", "key", "values"),
    [
        *((NARROW, "StringEquals", key, ["one"]) for key in KEYS),
        (PUBLIC, "StringEquals", "aws:Referer", ["one"]),
        (PUBLIC, "Bool", "aws:SecureTransport", ["true"]),
        (NARROW, "StringLike", "aws:SourceVpce", ["one"]),
        (NARROW, "StringEqualsIgnoreCase", "aws:SourceVpce", ["one"]),
        (NARROW, "ArnEquals", "aws:SourceArn", ["arn:aws:sns:eu-west-1:1:topic"]),
        (PUBLIC, "StringLike", "aws:SourceVpce", ["vpce-*"]),
        (PUBLIC, "StringLike", "aws:SourceVpce", ["vpce-?"]),
        (PUBLIC, "StringEquals", "aws:SourceVpce", ["${aws:SourceVpce}"]),
        (PUBLIC, "StringLike", "aws:SourceVpce", ["one", "vpce-*"]),
        (OPEN, "StringEquals", "aws:SourceVpce", ["one", symbolic(ENDPOINT)]),
        (PUBLIC, "StringLike", "aws:SourceVpce", ["*", symbolic(ENDPOINT)]),
        (PUBLIC, "Null", "aws:SourceVpce", ["false"]),
        # What an absent key passes lets everyone in.
        (PUBLIC, "StringEqualsIfExists", "aws:SourceVpce", ["one"]),
        (PUBLIC, "StringNotEquals", "aws:SourceVpce", ["one"]),
        (PUBLIC, "ForAllValues:StringEquals", "aws:PrincipalOrgPaths", ["o-1/r/"]),
        (NARROW, "ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", ["o-1/r/"]),
        (OPEN, "StringMatches", "aws:SourceVpce", ["one"]),
        # Whether an owner is fixed when the rest is open is not documented.
        (OPEN, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-1/*"]),
        (PUBLIC, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-?/*"]),
        (PUBLIC, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["*/r/"]),
        (PUBLIC, "StringLike", "aws:SourceVpce", ["o-1/*"]),
        (OPEN, "ArnLike", "aws:SourceArn", ["arn:aws:sns:*:111111111111:*"]),
        (OPEN, "ArnLike", "aws:SourceArn", ["arn:aws:sns:*:111111111111:a:b:*"]),
        (PUBLIC, "ArnLike", "aws:SourceArn", ["arn:aws:sns:eu-west-1:1111*:a"]),
        (PUBLIC, "ArnLike", "aws:SourceArn", ["arn:aws:sns:eu-west-1:1111?:a"]),
        (PUBLIC, "ArnLike", "aws:SourceArn", ["arn:aws:s3:::a*"]),
        (PUBLIC, "StringLike", "aws:SourceArn", ["arn:aws:sns:*"]),
        # Blocks of addresses are narrow up to a size.
        (NARROW, "IpAddress", "aws:SourceIp", ["10.0.0.0/8"]),
        (PUBLIC, "IpAddress", "aws:SourceIp", ["10.0.0.0/7"]),
        (NARROW, "IpAddress", "aws:SourceIp", ["10.1.2.3"]),
        (NARROW, "IpAddress", "aws:SourceIp", ["2001:db8::/32"]),
        (PUBLIC, "IpAddress", "aws:SourceIp", ["2001:db8::/31"]),
        (PUBLIC, "IpAddress", "aws:SourceIp", ["192.0.2.0/24", "0.0.0.0/0"]),
        (OPEN, "IpAddress", "aws:SourceIp", ["192.0.2.0/24", "here"]),
        (PUBLIC, "IpAddress", "aws:SourceIp", ["here", "0.0.0.0/0"]),
        (OPEN, "IpAddress", "aws:SourceIp", [symbolic(ENDPOINT)]),
        (PUBLIC, "NotIpAddress", "aws:SourceIp", ["192.0.2.0/24"]),
        (PUBLIC, "IpAddress", "aws:VpcSourceIp", ["192.0.2.0/24"]),
        (PUBLIC, "StringEquals", "aws:SourceIp", ["192.0.2.1"]),
        (PUBLIC, "IpAddress", "aws:SourceVpce", ["192.0.2.1"]),
    ],
)
def test_a_condition_that_fixes_who_asks_makes_it_narrow(
    outcome: str, operator: str, key: str, values: list[Any]
) -> None:
    assert outcome == found(to("*", Condition={operator: {key: values}})).outcome


@pytest.mark.parametrize(
    ("outcome", "conditions"),
    [
        (NARROW, {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:userid": "x"}}),
        (NARROW, {"StringMatches": {"k:a": "b"}, "StringEquals": {"aws:userid": "x"}}),
        (OPEN, {"Bool": {"aws:SecureTransport": "true"}, "StringMatches": {"aws:userid": "x"}}),
        (PUBLIC, {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:userid": "*"}}),
    ],
)
def test_one_condition_that_narrows_is_enough(outcome: str, conditions: dict[str, Any]) -> None:
    assert outcome == found(to("*", Condition=conditions)).outcome


def test_public_statements_are_named_and_others_are_not() -> None:
    role, shown = to({"AWS": ROLE}, Sid="Role"), to("*", Sid="Shown")
    broken = to("*", Sid="Broken", Actions="s3:*")
    assert ["Shown"] == [s.sid for s in found(role, broken, shown).statements]
    assert ["Broken"] == [s.sid for s in found(role, broken).statements]
    assert [] == [s.sid for s in found(role).statements]


@pytest.mark.parametrize(
    ("needs", "statement"),
    [
        (["the statement has an unknown element Actions"], to("*", Actions="s3:*")),
        (["Fn::Transform"], to("*", Effect=NOBODY_KNOWS)),
        (["Fn::Transform"], to(NOBODY_KNOWS)),
        (
            ["a condition of a statement for everyone"],
            to("*", Condition={"StringMatches": {"k:a": "b"}}),
        ),
    ],
)
def test_what_leaves_it_open_is_named(needs: list[str], statement: Any) -> None:
    clause = found(statement, statement)
    assert needs == list(clause.needs)
    assert "whether the bucket policy is public is not known" == clause.reason


@pytest.mark.parametrize(
    "more",
    [
        {"restrict": False, "owner": OTHER_ACCOUNT},
        {"restrict": True, "owner": SOURCE_ACCOUNT},
    ],
)
def test_nothing_is_restricted_within_the_account_or_without_the_setting(
    more: dict[str, Any],
) -> None:
    decision = ask(allow(), bucket=[to("*")], **more)
    assert "allowed" == decision.verdict
    assert "public-access-block" not in {c.layer for c in decision.clauses}


def test_no_policy_is_no_public_one() -> None:
    decision = ask(allow(), restrict=True, owner=OTHER_ACCOUNT)
    assert "resource" == decision.layer
    assert "public-access-block" not in {c.layer for c in decision.clauses}
