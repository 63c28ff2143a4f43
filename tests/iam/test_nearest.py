"""What an Allow that is missing could have been: statements that lack one thing."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.iam import ABSENT, Policy, Principal, Request, World, decide
from crrlint.values import Symbol, join
from tests.iam.asking import (
    CALLER,
    OTHER_ACCOUNT,
    ROLE,
    SESSION,
    WRITE,
    allow,
    ask,
    deny,
    to,
)

NAME = Symbol("Name", "parameter", "${Name}", form="name")
START = "arn:aws:s3:::"
CONTEXT = {"k:a": "a", "k:b": "b", "k:none": ABSENT}


def whys(decision: Any, layer: str = "identity") -> list[str]:
    return [one.why for c in decision.clauses if c.layer == layer for one in c.nearest]


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {**allow(), "Condition": {operator: {key: value}}}


def about(*resources: Any, **more: Any) -> dict[str, Any]:
    return allow(resource=list(resources), **more)


def but(element: str, *values: str) -> dict[str, Any]:
    statement = {**allow(), element: list(values)}
    del statement[element.removeprefix("Not")]
    return statement


BUCKET: dict[str, Any] = {
    "action": "s3:ListBucket",
    "resource": "arn:aws:s3:::dest",
    "prefix": None,
}
MISSES: list[tuple[list[str], list[Any], dict[str, Any]]] = [
    (["it allows s3:PutObject, not s3:ReplicateObject"], [allow("s3:PutObject")], {}),
    (
        ["it allows S3:ReplicateDelete, not s3:ReplicateObject"],
        [allow(["s3:PutObject", "S3:ReplicateDelete", "ec2:ReplicateObject"])],
        {},
    ),
    ([], [allow("ec2:*")], {}),
    ([], [allow("s3x:*")], {}),
    (["its NotAction excludes s3:ReplicateObject"], [but("NotAction", "s3:*")], {}),
    (["its NotResource excludes the resource"], [but("NotResource", "*")], {}),
    (
        ["it covers only arn:aws:s3:::dest/a* and arn:aws:s3:::dest/b*"],
        [about(f"{START}dest/a*", f"{START}other/*", f"{START}dest/b*")],
        {},
    ),
    (
        ["it covers only " + " and ".join(f"{START}dest/{c}*" for c in "abc")],
        [about(*(f"{START}dest/{c}*" for c in "abcd"))],
        {},
    ),
    (
        ["it covers only arn:aws:s3:::dest/a*"],
        [about(f"{START}dest/a*", "arn:aws:s3:::${k:none}/*")],
        {},
    ),
    (
        ["arn:aws:s3:::dest is the bucket, and the action is on its objects"],
        [about(f"{START}other/*", f"{START}dest")],
        {},
    ),
    (
        ["arn:aws:s3:::dest/* are the objects, and the action is on the bucket"],
        [about(f"{START}dest/*", action="s3:*")],
        BUCKET,
    ),
    (
        ["arn:aws:s3:::dest/a/b are the objects, and the action is on the bucket"],
        [about(f"{START}dest/a/b", action="s3:*")],
        BUCKET,
    ),
    (["arn:aws:s3:::dset/* names dset, not dest"], [about(f"{START}dset/*")], {}),
    (["arn:aws:s3:::dset/a/* names dset, not dest"], [about(f"{START}dset/a/*")], {}),
    (["arn:aws:s3:::dst names dst, not dest"], [about(f"{START}dst")], {}),
    (
        ["arn:aws:s3:::dset/* names dset, not dest"],
        [about(f"{START}other/*", f"{START}dset/*")],
        {},
    ),
    (["it covers only arn:aws:s3:::${Name}"], [about(join(START, NAME), action="s3:*")], BUCKET),
    (
        ["it is about arn:aws:s3:::dset/${Name}"],
        [about(join(START, "dset/", NAME))],
        {},
    ),
    (
        ["arn:aws:s3:::dset/* names dset, not dest"],
        [about(join(START, "other-", NAME, "/*"), f"{START}dset/*")],
        {},
    ),
    (["it is about arn:aws:s3:::other/*"], [about(f"{START}other/*")], {}),
    (
        ["it is about arn:aws:s3:::a/*, arn:aws:s3:::b/*, arn:aws:s3:::c/*"],
        [about(*(f"{START}{c}/*" for c in "abcd"))],
        {},
    ),
    (
        [f"it is about {START}{'d' * 300}/*"],
        [about(f"{START}{'d' * 300}/*")],
        {},
    ),
    (["its condition StringEquals k:a does not hold"], [when("StringEquals", "k:a", "b")], {}),
    (
        ["its condition StringEquals k:b does not hold"],
        [{**allow(), "Condition": {"StringEquals": {"k:a": "a", "k:b": "a"}}}],
        {},
    ),
    # Two things are missing, or none that counts.
    ([], [allow("s3:PutObject", f"{START}other/*")], {}),
    ([], [{**when("StringEquals", "k:a", "b"), "Action": "s3:PutObject"}], {}),
    ([], [deny("s3:PutObject")], {}),
    ([], [allow("s3:PutObject", Actions="x")], {}),
    # What stands behind is found.
    (
        ["it allows s3:PutObject, not s3:ReplicateObject"],
        [deny("ec2:*"), allow("s3:PutObject")],
        {},
    ),
    (
        ["it allows s3:PutObject, not s3:ReplicateObject"],
        [allow("ec2:*"), allow("s3:PutObject")],
        {},
    ),
    # The most telling one goes first.
    (
        [
            "it covers only arn:aws:s3:::dest/a*",
            "its condition StringEquals k:a does not hold",
            "it allows s3:PutObject, not s3:ReplicateObject",
            "its NotAction excludes s3:ReplicateObject",
            "it is about arn:aws:s3:::other/*",
        ],
        [
            about(f"{START}other/*"),
            but("NotAction", "s3:*"),
            allow("s3:PutObject"),
            when("StringEquals", "k:a", "b"),
            about(f"{START}dest/a*"),
        ],
        {},
    ),
    (
        [
            "arn:aws:s3:::dest is the bucket, and the action is on its objects",
            "arn:aws:s3:::dset/* names dset, not dest",
            "its NotResource excludes the resource",
        ],
        [but("NotResource", "*"), about(f"{START}dset/*"), about(f"{START}dest")],
        {},
    ),
    (
        [f"it is about arn:aws:s3:::other/{c}*" for c in "abcde"],
        [about(f"{START}other/{c}*") for c in "abcdef"],
        {},
    ),
]


@pytest.mark.parametrize(("expected", "identity", "more"), MISSES)
def test_a_statement_that_lacks_one_thing_says_which(
    expected: list[str], identity: list[Any], more: dict[str, Any]
) -> None:
    assert expected == whys(ask(*identity, context=CONTEXT, **more))


GET = "s3:GetReplicationConfiguration"
TAGS = "s3:ReplicateTags"


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        ("s3:DeleteReplicationConfiguration", "s3:PutReplicationConfiguration"),
        ("s3:GetBucketInventoryConfiguration", "s3:GetInventoryConfiguration"),
        ("s3:GetBucketReplication", GET),
        ("s3:HeadObject", "s3:GetObject"),
        ("s3:PutBucketReplication", "s3:PutReplicationConfiguration"),
        ("s3:ReplicateObjectTagging", TAGS),
        ("s3:replicatetag", TAGS),
        ("s3:ReplicationTags", TAGS),
        ("s3:RepliacteTags", TAGS),
        ("S3:ReplicateObjcet", WRITE),
    ],
)
def test_a_name_that_is_no_action_says_what_was_meant(written: str, needed: str) -> None:
    why = f"it allows {written}, which is no action of S3: {needed} was meant"
    # It goes before what only allows something else.
    [first, second] = whys(ask(allow("s3:PutObjectAcl"), allow(written), action=needed))
    assert why == first
    assert f"it allows s3:PutObjectAcl, not {needed}" == second


def test_names_of_the_key_service_are_known_too() -> None:
    key: dict[str, Any] = {"resource": "arn:aws:kms:eu-west-1:1:key/1", "prefix": None}
    decision = ask(allow("kms:Dercypt", "*"), action="kms:Decrypt", **key)
    why = "it allows kms:Dercypt, which is no action of KMS: kms:Decrypt was meant"
    assert [why] == whys(decision)


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        ("s3:GetBucketReplication", TAGS),
        ("s3:ReplicateTags", "s3:ReplicateTag"),
        ("s3:ReplicateTag?", "s3:ReplicateTagging"),
        ("s3:ReplicateTab*", TAGS),
        ("s3:ListBuckets", TAGS),
    ],
)
def test_a_name_that_is_one_or_a_pattern_was_meant(written: str, needed: str) -> None:
    assert [f"it allows {written}, not {needed}"] == whys(ask(allow(written), action=needed))


USER = "arn:aws:iam::111111111111:role/crr"
PATHS = f"it names {USER}, and the path of the role differs: {ROLE}"
WILD = "arn:aws:iam::111111111111:role/*"


@pytest.mark.parametrize(
    ("expected", "principal"),
    [
        ([PATHS], {"AWS": USER}),
        ([PATHS], {"AWS": [USER, ROLE[:-1]]}),
        ([PATHS], {"Service": "s3.amazonaws.com", "AWS": USER}),
        ([PATHS], {"AWS": [join("arn:aws:iam::222222222222:role/", NAME), USER]}),
        ([f"it names {ROLE[:-1]}, not {ROLE}"], {"AWS": ROLE[:-1]}),
        ([f"it names {ROLE[:-2]}, not {ROLE}"], {"AWS": ROLE[:-2]}),
        ([f"it names {ROLE[:-3]}, not the caller"], {"AWS": ROLE[:-3]}),
        ([f"it names {USER}x, not the caller"], {"AWS": USER + "x"}),
        ([f"{WILD} matches no one: a principal cannot hold a wildcard"], {"AWS": WILD}),
        (["it names 222222222222, not the caller"], {"AWS": OTHER_ACCOUNT}),
        (
            ["it names the service s3.amazonaws.com, and the caller is a session of a role"],
            {"Service": "s3.amazonaws.com"},
        ),
        (
            ["it names the service s3.amazonaws.com, and the caller is a session of a role"],
            {"AWS": OTHER_ACCOUNT, "Service": "s3.amazonaws.com"},
        ),
        (["it names accounts.google.com, not the caller"], {"Federated": "accounts.google.com"}),
    ],
)
def test_a_principal_that_is_nearly_the_caller_says_how(
    expected: list[str], principal: Any
) -> None:
    decision = ask(allow(), bucket=[to(principal)], owner=OTHER_ACCOUNT)
    assert expected == whys(decision, "resource")


def test_principals_have_their_order_too() -> None:
    excluded = to(None, NotPrincipal={"AWS": [ROLE, SESSION]})
    bucket = [excluded, to({"AWS": OTHER_ACCOUNT}), to({"AWS": WILD}), to({"AWS": USER})]
    decision = ask(allow(), bucket=bucket, owner=OTHER_ACCOUNT)
    assert whys(decision, "resource") == [
        PATHS,
        f"{WILD} matches no one: a principal cannot hold a wildcard",
        "it names 222222222222, not the caller",
        "its NotPrincipal excludes the caller",
    ]


CONDITION = when("StringEquals", "k:a", "b")
MISTAKEN = allow("s3:RepliacteObject")
SLIP = about(f"{START}dset/*")
ELSEWHERE = about(f"{START}other/*")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MISTAKEN, CONDITION),
        (about(f"{START}dest"), CONDITION),
        (CONDITION, allow("s3:PutObject")),
        (SLIP, allow("s3:PutObject")),
        (allow("s3:PutObject"), but("NotResource", "*")),
        (but("NotResource", "*"), ELSEWHERE),
        (but("NotAction", "s3:*"), ELSEWHERE),
    ],
)
def test_the_more_telling_of_two_goes_first(first: Any, second: Any) -> None:
    decision = ask(second, first, context=CONTEXT)
    assert [1, 0] == [one.statement.index for one in decision.clauses[0].nearest]


@pytest.mark.parametrize(
    ("one", "other"), [(SLIP, CONDITION), (CONDITION, SLIP), (MISTAKEN, about(f"{START}dest"))]
)
def test_of_two_that_tell_as_much_the_earlier_goes_first(one: Any, other: Any) -> None:
    decision = ask(one, other, context=CONTEXT)
    assert [0, 1] == [near.statement.index for near in decision.clauses[0].nearest]


SERVICE = {"Service": "s3.amazonaws.com"}
NOT_CALLER = {**to(None, NotPrincipal={"AWS": [ROLE]})}
READS = {"Action": "s3:Get*"}


@pytest.mark.parametrize(
    ("expected", "bucket"),
    [
        ([0, 1], [to(SERVICE), to({"AWS": WILD})]),
        ([0, 1], [to({"AWS": WILD}), to(SERVICE)]),
        ([0, 1], [to({"AWS": ROLE[:-1]}), to(SERVICE)]),
        ([0, 1], [to(SERVICE), to({"AWS": ROLE[:-1]})]),
        ([1, 0], [to({"AWS": OTHER_ACCOUNT}), to(SERVICE)]),
        ([1, 0], [to({"AWS": ROLE}, **READS), to({"AWS": OTHER_ACCOUNT})]),
        ([1, 0], [NOT_CALLER, to({"AWS": ROLE}, **READS)]),
        ([1, 0], [to({"AWS": ROLE}, Resource=f"{START}other/*"), NOT_CALLER]),
    ],
)
def test_so_it_is_among_principals(expected: list[int], bucket: list[Any]) -> None:
    decision = ask(allow(), bucket=bucket, owner=OTHER_ACCOUNT)
    near = [one for c in decision.clauses if c.layer == "resource" for one in c.nearest]
    assert expected == [one.statement.index for one in near]


def test_a_service_that_is_not_the_caller_is_named() -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.x"}}
    decision = ask(
        bucket=[trust],
        principal=Principal(service="s3.amazonaws.com"),
        action="sts:AssumeRole",
        resource=ROLE,
        prefix=None,
    )
    assert ["it names ec2.x, not the caller"] == whys(decision, "resource")


def test_the_condition_that_fails_is_given_by_name() -> None:
    decision = ask(when("StringEquals", "k:a", "b"), allow("s3:PutObject"), context=CONTEXT)
    near = decision.clauses[0].nearest
    assert ["StringEquals k:a", None] == [one.condition for one in near]
    assert [0, 1] == [one.statement.index for one in near]


def test_within_an_account_the_other_policies_are_looked_at_too() -> None:
    decision = ask(allow("s3:PutObject"), bucket=[to({"AWS": USER})])
    assert [PATHS, "it allows s3:PutObject, not s3:ReplicateObject"] == whys(decision)
    decision = ask(allow(), boundary=[allow("s3:PutObject")], scps=[[], [allow("s3:Get*")]])
    assert ["it allows s3:PutObject, not s3:ReplicateObject"] == whys(decision, "boundary")
    assert ["it allows s3:Get*, not s3:ReplicateObject"] == whys(decision, "scp")


def test_an_allow_that_is_not_missing_has_no_nearest() -> None:
    assert [] == whys(ask(allow(), allow("s3:PutObject")))


def test_a_policy_that_nobody_supplied_is_passed_over() -> None:
    managed = Policy.opaque("arn:aws:iam::aws:policy/X")
    own = Policy.parse({"Statement": allow("s3:PutObject")})
    request = Request(CALLER, WRITE, "arn:aws:s3:::dest/{key}", "", CALLER.role, {})
    decision = decide(request, World(identity=(managed, own)))
    assert ["it allows s3:PutObject, not s3:ReplicateObject"] == whys(decision)
