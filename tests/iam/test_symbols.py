"""Names that nobody has chosen yet: proofs that hold whatever they are."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.iam import Policy, Principal, Request, World, decide
from crrlint.values import Choice, OneOf, Symbol, Undecided, Unknown, join, symbolic
from tests.iam.asking import CALLER, OTHER_ACCOUNT, SOURCE_ACCOUNT, WRITE, allow, ask, deny, to

BUCKET = Symbol("Dest", "BucketName", "${Dest}", form="name", unique=True)
OTHER = Symbol("Source", "BucketName", "${Source}", form="name", unique=True)
ARN = Symbol("Dest", "Arn", "${Dest.Arn}", unique=True)
OTHER_ARN = Symbol("Source", "Arn", "${Source.Arn}", unique=True)
PARTITION = Symbol("", "AWS::Partition", "${AWS::Partition}", form="partition")
ACCOUNT = Symbol("", "AWS::AccountId", "${AWS::AccountId}", form="account", unique=True)
ELSEWHERE = Symbol("Other", "AWS::AccountId", "another account", form="account", unique=True)
NAME = Symbol("Name", "parameter", "${Name}", form="name", needs="a value for parameter Name")
TEXT = Symbol("Text", "parameter", "${Text}", needs="a value for parameter Text")
NOBODY_KNOWS = Unknown("unsupported_expression", "Fn::Transform", "the processed template")

AWS, ANY_P = "arn:aws:s3:::", join("arn:", PARTITION, ":s3:::")

OBJECTS: list[tuple[str, Any, Any]] = [
    # verdict, bucket of the request as its objects' start, pattern of the Allow
    ("allowed", join(AWS, BUCKET, "/"), join(AWS, BUCKET, "/*")),
    ("allowed", join(AWS, BUCKET, "/"), join(AWS, BUCKET, "*")),
    ("allowed", join(AWS, BUCKET, "/"), "arn:aws:s3:::*"),
    ("allowed", join(AWS, BUCKET, "/"), "arn:aws:s3:::*/*"),
    ("denied", join(AWS, BUCKET, "/"), join(AWS, BUCKET)),
    ("denied", join(AWS, BUCKET, "/"), join(AWS, OTHER, "/*")),
    ("denied", join(AWS, BUCKET, "/"), join(AWS, BUCKET, "/logs/*")),
    ("denied", join(AWS, BUCKET, "/"), join(AWS, BUCKET, "-logs/*")),
    ("denied", join(AWS, BUCKET, "/"), join("arn:aws-cn:s3:::", BUCKET, "/*")),
    ("unknown", join(AWS, BUCKET, "/"), "arn:aws:s3:::dest/*"),
    ("unknown", join(AWS, BUCKET, "/"), join(AWS, OTHER, "*")),
    ("unknown", join(AWS, BUCKET, "/"), join(AWS, NAME, "/*")),
    ("unknown", join(AWS, BUCKET, "/"), "arn:aws:s3:::????*"),
    ("unknown", join(AWS, NAME, "/"), join(AWS, BUCKET, "/*")),
    ("allowed", join(AWS, NAME, "-", ACCOUNT, "/"), join(AWS, NAME, "-", ACCOUNT, "/*")),
    ("allowed", join(AWS, NAME, "-", ACCOUNT, "/"), join(AWS, NAME, "-*/*")),
    ("denied", join(AWS, NAME, "-a-", ACCOUNT, "/"), join(AWS, NAME, "-b-", ACCOUNT, "/*")),
    ("denied", join(AWS, NAME, "-a/"), join(AWS, BUCKET, "-b/*")),
    ("unknown", join(AWS, NAME, "-a/"), join(AWS, BUCKET, "a/*")),
    ("allowed", join(ARN, "/"), join(ARN, "/*")),
    ("denied", join(ARN, "/"), symbolic(ARN)),
    ("denied", join(ARN, "/"), join(OTHER_ARN, "/*")),
    ("unknown", join(ARN, "/"), "arn:aws:s3:::dest/*"),
    ("unknown", "arn:aws:s3:::dest/", join(ARN, "/*")),
    ("denied", join(ARN, "/"), join(ARN, "/logs/*")),
    ("unknown", "arn:aws:s3:::dest/", join(TEXT, "/*")),
    ("unknown", "arn:aws:s3:::dest/", symbolic(TEXT)),
    ("unknown", "arn:aws:s3:::dest/", NOBODY_KNOWS),
    ("denied", "arn:aws:s3:::dest/", join(AWS, NAME)),
    ("denied", "arn:aws:s3:::dest/", join("arn:aws:s3:::src/", TEXT)),
    ("unknown", "arn:aws:s3:::dest/", join("arn:aws:s3:::dest/", TEXT)),
    ("denied", "arn:aws:s3:::dest/", join("arn:aws:s3:::dest/logs/", TEXT)),
    ("allowed", join(ANY_P, BUCKET, "/"), join(ANY_P, BUCKET, "/*")),
    ("unknown", join(AWS, BUCKET, "/"), join(ANY_P, BUCKET, "/*")),
    ("denied", join(AWS, BUCKET, "/"), join(ANY_P, OTHER, "/*")),
    ("denied", join(ANY_P, BUCKET, "/"), join(AWS, OTHER, "/*")),
    ("allowed", join(ANY_P, BUCKET, "/"), join("arn:*:s3:::", BUCKET, "/*")),
]


@pytest.mark.parametrize(("verdict", "start", "pattern"), OBJECTS)
def test_an_allow_covers_what_has_the_same_name(verdict: str, start: Any, pattern: Any) -> None:
    decision = ask(allow(resource=pattern), resource=join(start, "{key}"))
    assert verdict == decision.verdict, decision.reason


SEPARATORS = (":", "/", "${*}", "${?}")
DEST = "arn:aws:s3:::dest/"


@pytest.mark.parametrize("left_out", [None, *SEPARATORS])
def test_a_name_holds_no_separator(left_out: str | None) -> None:
    others = [f"{DEST}*{c}*" for c in SEPARATORS if c != left_out]
    decision = ask(allow(resource=[join(DEST, NAME), *others]))
    if left_out is None:
        assert "unknown" == decision.verdict
    else:
        assert "denied" == decision.verdict
        assert left_out.strip("${}") == decision.counterexample


PARTS: list[tuple[str, Any, str]] = [
    # verdict, what an Allow covers beside `dest/`, and the prefix of the keys
    ("denied", [NAME, "/*"], "/"),
    ("denied", [NAME, "/*"], "a"),
    ("unknown", [NAME, "/*"], "a/"),
    ("unknown", [NAME, "/*"], "ab/c/"),
    ("denied", [NAME, "/*"], "a:b/"),
    ("denied", [NAME, "/b*"], "a/"),
    ("unknown", [NAME, "/b*"], "a/b"),
    ("denied", ["a", NAME], "a"),
    ("denied", ["a", NAME, "*"], "a"),
    ("unknown", ["a", NAME, "*"], "ab"),
    ("denied", ["a", NAME, "*"], "a/"),
    ("denied", ["b", NAME, "*"], "a"),
    ("unknown", [NAME, "-", NAME, "/*"], "a-a/"),
    ("denied", [NAME, "-", NAME, "/*"], "a/a-a/"),
    ("unknown", [TEXT, "/*"], "a/"),
    ("unknown", [TEXT, "/*"], "/"),
    ("unknown", [TEXT, "/*"], "a:b/c/"),
    ("unknown", [TEXT, "*"], "a"),
    ("denied", [TEXT, "/b*"], "a/"),
    ("unknown", [TEXT, "/b*"], "a/b"),
    ("unknown", ["a", TEXT, "*"], "a"),
    ("denied", ["b", TEXT, "*"], "a"),
    ("unknown", ["*", NAME, "*"], "a"),
    ("unknown", ["?", NAME, "*"], "aa"),
    ("denied", ["?", NAME, "*"], "a"),
    ("denied", ["?", NAME, "*"], "a/"),
]


@pytest.mark.parametrize(("verdict", "parts", "prefix"), PARTS)
def test_a_symbol_in_a_pattern_is_any_text_of_its_form(
    verdict: str, parts: list[Any], prefix: str
) -> None:
    decision = ask(allow(resource=join(DEST, *parts)), prefix=prefix)
    assert verdict == decision.verdict, decision.reason


@pytest.mark.parametrize(
    ("verdict", "bucket", "pattern"),
    [
        # A symbol of the request is read by stars, and by nothing else for certain.
        ("allowed", [NAME], "arn:aws:s3:::*/*"),
        ("allowed", [NAME], "arn:aws:s3:*"),
        ("allowed", [NAME], "arn:*:s3:::*"),
        ("allowed", ["a-", NAME], "arn:*:s3:::a-*/*"),
        ("allowed", ["a-", NAME], "arn:*:s3:::a*-*/*"),
        ("denied", ["a-", NAME], "arn:*:s3:::b*/*"),
        ("unknown", ["a-", NAME], "arn:*:s3:::a-b*/*"),
        ("unknown", ["a-", NAME], "arn:*:s3:::a-?/*"),
        ("denied", ["a-", NAME], "arn:*:s3:::?-/*"),
        ("denied", ["a-", NAME], "arn:*:s3:::a-/*"),
        ("denied", ["a-", NAME], "arn:*:s3:::a-b"),
        ("unknown", ["a-", NAME], "arn:*:s3:::a-b/*"),
        ("unknown", ["a-", NAME, "-c"], "arn:*:s3:::a-b-c/*"),
        ("denied", ["a-", NAME, "-c"], "arn:*:s3:::a-b-d/*"),
        ("denied", ["a-", NAME, "-c"], "arn:*:s3:::a-b/*"),
        ("denied", [NAME], "arn:*:s3:::b/c*"),
        ("unknown", [NAME], "arn:*:s3:::????*"),
        ("allowed", [TEXT], "arn:*:s3:::*"),
        ("unknown", [TEXT], "arn:*:s3:::b/*"),
        ("unknown", [TEXT], "arn:*:s3:::b/c/*"),
        ("denied", [TEXT], "arn:*:s3:::b/c"),
        ("allowed", [TEXT], "arn:*:s3:::*/*"),
        ("denied", [TEXT], "arn:*:ec2:::*/*"),
        ("allowed", ["a-", NAME], join(AWS, "*-", NAME, "/*")),
        ("allowed", ["a-", NAME], join(AWS, "?-", NAME, "*")),
        ("denied", ["a-", NAME], join(AWS, "?-", NAME)),
    ],
)
def test_a_symbol_of_the_request_is_any_text_of_its_form(
    verdict: str, bucket: list[Any], pattern: Any
) -> None:
    decision = ask(allow(resource=pattern), resource=join(AWS, *bucket, "/{key}"))
    assert verdict == decision.verdict, decision.reason


@pytest.mark.parametrize(
    ("verdict", "pattern"),
    [
        # The fields of an ARN that nobody knows yet are hidden; what follows it is not.
        ("allowed", "*"),
        ("unknown", "arn:*:s3:::src/*"),
        ("unknown", "arn:*"),
        ("unknown", "arn:aws:s3:::src/*"),
        ("unknown", "arn:aws:s3:::*/*"),
        ("unknown", "*:*:*:*:*:*"),
        ("denied", "arn:*:s3:::src/logs"),
        ("denied", "*:*:*:*:*:?"),
        ("allowed", join(ARN, "*")),
        ("allowed", join(ARN, "/*")),
        ("allowed", join(ARN, "?*")),
        ("denied", join(ARN, "/a*")),
        ("denied", join(ARN, ":*")),
        ("denied", join(ARN, "/?")),
        ("denied", join(OTHER_ARN, "/*")),
    ],
)
def test_the_fields_of_an_arn_may_be_hidden(verdict: str, pattern: Any) -> None:
    decision = ask(allow(resource=pattern), resource=join(ARN, "/{key}"))
    assert verdict == decision.verdict, decision.reason


@pytest.mark.parametrize(
    ("verdict", "start", "prefix", "allowed", "beside"),
    [
        # Every key but those like `beside` is allowed for certain.
        ("unknown", symbolic(ARN), "", "*:*:*:*:*:a", "*/*:a"),
        ("unknown", symbolic(ARN), "", "*:*:*:*:*?:a", "*/*:a"),
        ("unknown", symbolic(ARN), "x", "*:*:*:*:*:a", "x/*:a"),
        ("unknown", symbolic(ARN), "x", "*:*:*:*:*?:a", "x/*:a"),
        ("unknown", symbolic(ARN), "x", "*:*:*:*:?x/b:a", "x/b:a"),
        ("denied", symbolic(ARN), "x", "*:*:*:*:x/b:a", "x/b:a"),
        ("denied", symbolic(ARN), "", "*:*:*:*:*:a", "*/*b"),
        ("denied", symbolic(ARN), "::::::", "*:*:*:*:*:a", "::::::/a"),
        ("denied", symbolic(ARN), "", "*:*:*:*:*::a", "*/*b:a"),
        ("denied", join(AWS, "a", TEXT), "", "arn:*:s3:::?/c", "/c"),
        ("unknown", join(AWS, "a", TEXT), "", "arn:*:s3:::??/c", "c"),
        ("unknown", join(AWS, "a", TEXT), "", "arn:*:s3:::?/c", "c"),
        ("denied", join(AWS, "a", NAME), "", "arn:*:s3:::?/c", "c"),
        ("unknown", join(AWS, "a", NAME), "", "arn:*:s3:::??/c", "c"),
    ],
)
def test_keys_that_a_hidden_field_leaves(
    verdict: str, start: Any, prefix: str, allowed: str, beside: str
) -> None:
    decision = ask(
        {**allow(resource=None), "NotResource": join(start, "/", beside)},
        allow(resource=allowed),
        resource=join(start, "/{key}"),
        prefix=prefix,
    )
    assert verdict == decision.verdict, decision.reason


@pytest.mark.parametrize(
    ("verdict", "resource", "pattern"),
    [
        # What stands before the colons may be a name, and a field, or may hold fields itself.
        ("allowed", join(NAME, ":b:c:d:e:a"), "*:b:c:d:e:*"),
        ("unknown", join(TEXT, ":b:c:d:e:a"), "*:b:c:d:e:*"),
        ("denied", join(NAME, ":b:c:d:e:a"), "*:c:c:d:e:*"),
        ("allowed", join(NAME, ":bb:c:d:e:a"), "*:b*:?:*:*:*"),
        ("unknown", join(NAME, ":b:c:d:e:a"), "*:e:a"),
        ("unknown", join(NAME, ":b:c:d:e:a"), "*:b:c?d:e:a"),
        ("unknown", join(AWS, NAME), "arn:aws:s3:::d?st"),
        ("unknown", join(AWS, NAME), "arn:aws:s3:::d*t"),
        ("unknown", join(AWS, TEXT), "arn:aws:s3:::d?st"),
        ("unknown", join(AWS, NAME), "arn:aws:s3:::dest"),
        ("denied", join(AWS, NAME), "arn:aws:s3:::d?st/*"),
        ("unknown", join(AWS, TEXT), "arn:aws:s3:::d?st/*"),
        ("denied", join(AWS, NAME), "arn:aws:s3:::?:*"),
        ("allowed", join(AWS, NAME), join(AWS, NAME)),
        ("denied", join(AWS, BUCKET), join(AWS, OTHER)),
        ("unknown", join(AWS, BUCKET), join(AWS, OTHER, "?")),
        ("unknown", join(AWS, BUCKET), join(AWS, "?", OTHER)),
        ("denied", join(AWS, BUCKET, "-a"), join(AWS, OTHER, "-a")),
        ("unknown", join(AWS, BUCKET, "-a"), join(AWS, OTHER, "-?a")),
        ("unknown", join(AWS, BUCKET, "-a"), join(AWS, OTHER, NAME)),
    ],
)
def test_a_bucket_may_be_a_symbol(verdict: str, resource: Any, pattern: Any) -> None:
    decision = ask(allow("s3:*", pattern), action="s3:ListBucket", resource=resource, prefix=None)
    assert verdict == decision.verdict, decision.reason


DENIES = [
    ("denied", join(AWS, BUCKET, "/"), join(AWS, BUCKET, "/*")),
    ("denied", join(AWS, BUCKET, "/"), join(AWS, "*/*.tmp")),
    ("allowed", join(AWS, BUCKET, "/"), join(AWS, OTHER, "/*")),
    ("unknown", join(AWS, BUCKET, "/"), "arn:aws:s3:::dest/*"),
    ("unknown", "arn:aws:s3:::dest/", join(AWS, NAME, "/*")),
    ("unknown", "arn:aws:s3:::dest/", NOBODY_KNOWS),
]


@pytest.mark.parametrize(("verdict", "start", "pattern"), DENIES)
def test_a_deny_is_certain_for_the_same_name_only(verdict: str, start: Any, pattern: Any) -> None:
    decision = ask(allow("*", "*"), deny(resource=pattern), resource=join(start, "{key}"))
    assert verdict == decision.verdict, decision.reason


def test_what_would_decide_is_named() -> None:
    decision = ask(allow(resource=join(AWS, NAME, "/*")))
    assert decision.needs == ("${Name}: a value for parameter Name",)


def test_an_unknown_that_does_not_matter_is_no_doubt() -> None:
    assert ask(allow(), allow(resource=NOBODY_KNOWS)).verdict == "allowed"
    assert ask(allow("s3:Get*", NOBODY_KNOWS)).verdict == "denied"
    assert ask(allow(), deny("ec2:*", NOBODY_KNOWS)).verdict == "allowed"


@pytest.mark.parametrize(
    ("verdict", "identity"),
    [
        ("allowed", [allow(resource="arn:aws:s3:::dest/*")]),
        ("unknown", [allow(resource="arn:aws:s3:::dest/logs/*")]),
        ("allowed", [allow(resource=join("arn:aws:s3:::dest/", TEXT, "*"))]),
        ("denied", [allow(resource=join("arn:aws:s3:::dest/", TEXT, "x/*"))]),
    ],
)
def test_a_prefix_may_be_a_symbol(verdict: str, identity: list[Any]) -> None:
    assert verdict == ask(*identity, prefix=symbolic(TEXT)).verdict


@pytest.mark.parametrize(
    ("key", "prefix", "pattern"),
    [
        ("${Name}", symbolic(NAME), "other/*"),
        ("${Text}", symbolic(TEXT), "other/*"),
        ("${Text}a", join(TEXT, "a"), "other/*"),
        ("${Text}${Name}", join(TEXT, NAME), "other/*"),
        ("a${Text}", join("a", TEXT), "other/*"),
        ("a*${Name}", join("a*", NAME), "other/*"),
        ("${Name}", symbolic(NAME), join("dest/", NAME, "/*")),
        ("${Name}x", symbolic(NAME), join("dest/", NAME)),
    ],
)
def test_a_refused_key_shows_the_symbols_of_its_prefix(key: str, prefix: Any, pattern: Any) -> None:
    decision = ask(allow(resource=join("arn:aws:s3:::", pattern)), prefix=prefix)
    assert ("denied", key) == (decision.verdict, decision.counterexample)


ROLE_ARN = Symbol("Role", "Arn", "${Role.Arn}", unique=True)
OTHER_ROLE = Symbol("Other", "Arn", "${Other.Arn}", unique=True)
ROLE = Principal(role=symbolic(ROLE_ARN), session="s3-replication")
ROLE_ID = Symbol("Role", "RoleId", "${Role.RoleId}", form="name", unique=True)
BUCKET_ID = Symbol("Other", "RoleId", "${Other.RoleId}", form="name", unique=True)
IDENTIFIED = CALLER._replace(unique_id=symbolic(ROLE_ID))
NAMED = Principal(
    role=join("arn:", PARTITION, ":iam::", ACCOUNT, ":role/", NAME), session="s3-replication"
)


@pytest.mark.parametrize(
    ("verdict", "principal", "named"),
    [
        ("allowed", ROLE, symbolic(ROLE_ARN)),
        ("denied", ROLE, symbolic(OTHER_ROLE)),
        ("unknown", ROLE, "arn:aws:iam::111111111111:role/crr"),
        ("unknown", ROLE, symbolic(TEXT)),
        ("unknown", ROLE, NOBODY_KNOWS),
        ("unknown", ROLE, "arn:aws:iam::111111111111:root"),
        ("allowed", ROLE, symbolic(ACCOUNT)),
        ("allowed", NAMED, symbolic(ACCOUNT)),
        ("allowed", NAMED, join("arn:", PARTITION, ":iam::", ACCOUNT, ":root")),
        ("unknown", NAMED, join("arn:aws:iam::", ACCOUNT, ":root")),
        ("allowed", NAMED, join("arn:", PARTITION, ":iam::", ACCOUNT, ":role/", NAME)),
        (
            "allowed",
            NAMED,
            join("arn:", PARTITION, ":sts::", ACCOUNT, ":assumed-role/", NAME, "/s3-replication"),
        ),
        (
            "allowed",
            NAMED._replace(role=join("arn:", PARTITION, ":iam::", ACCOUNT, ":role/a/b/", NAME)),
            join("arn:", PARTITION, ":sts::", ACCOUNT, ":assumed-role/", NAME, "/s3-replication"),
        ),
        ("denied", NAMED, join("arn:aws:iam::", ACCOUNT, ":user/", NAME)),
        ("unknown", NAMED, join("arn:aws:iam::", ACCOUNT, ":role/", NAME)),
        ("unknown", NAMED, NOBODY_KNOWS),
        ("unknown", ROLE._replace(role=NOBODY_KNOWS), symbolic(ROLE_ARN)),
        ("unknown", ROLE._replace(role=None), join(ROLE_ARN, "/x")),
        ("unknown", ROLE, join(OTHER_ROLE, "/x")),
        ("allowed", IDENTIFIED, symbolic(ROLE_ID)),
        ("unknown", IDENTIFIED, "AROAEXAMPLE"),
        ("unknown", IDENTIFIED, symbolic(NAME)),
        ("unknown", IDENTIFIED, symbolic(BUCKET_ID)),
        ("unknown", CALLER, symbolic(ROLE_ID)),
        ("unknown", CALLER, join("AROA", NAME)),
        ("unknown", CALLER, symbolic(ARN)),
    ],
)
def test_a_principal_may_be_a_symbol(verdict: str, principal: Principal, named: Any) -> None:
    decision = ask(
        allow(),
        bucket=[to({"AWS": named})],
        principal=principal,
        owner=symbolic(ELSEWHERE),
        context={"aws:PrincipalAccount": symbolic(ACCOUNT)},
    )
    resource = [c.outcome for c in decision.clauses if c.layer == "resource"]
    outcome = {"allowed": "holds", "denied": "fails"}.get(verdict, verdict)
    assert [outcome] == resource, decision.reason


def test_one_account_or_two_is_open_when_the_account_is_a_symbol() -> None:
    assert ask(allow(), principal=NAMED, owner=OTHER_ACCOUNT).verdict == "unknown"
    assert ask(allow(), principal=NAMED, owner=symbolic(ACCOUNT)).verdict == "allowed"


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {**allow(), "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("verdict", "operator", "given", "wanted"),
    [
        ("allowed", "StringEquals", symbolic(NAME), symbolic(NAME)),
        ("unknown", "StringEquals", symbolic(NAME), symbolic(TEXT)),
        ("unknown", "StringEquals", symbolic(NAME), "a"),
        ("denied", "StringEquals", symbolic(NAME), "a/b"),
        ("unknown", "StringEquals", "a", symbolic(NAME)),
        ("denied", "StringNotEquals", symbolic(NAME), symbolic(NAME)),
        ("allowed", "StringLike", symbolic(NAME), join(NAME, "*")),
        ("allowed", "StringLike", symbolic(NAME), "*"),
        ("allowed", "StringEquals", join("o-", NAME), join("o-", NAME)),
        ("denied", "StringEquals", join("o-", NAME), join("p-", NAME)),
        ("unknown", "StringEquals", NOBODY_KNOWS, "a"),
        ("allowed", "StringLike", NOBODY_KNOWS, "*"),
        ("unknown", "NumericEquals", symbolic(NAME), "1"),
        ("unknown", "NumericEquals", "1", symbolic(NAME)),
        ("unknown", "Bool", "true", NOBODY_KNOWS),
        ("allowed", "ArnLike", symbolic(ARN), symbolic(ARN)),
        ("denied", "ArnNotLike", symbolic(ARN), symbolic(ARN)),
        ("denied", "ArnEquals", symbolic(ARN), symbolic(OTHER_ARN)),
        ("unknown", "ArnLike", symbolic(ARN), "arn:aws:s3:::a"),
        ("unknown", "ArnLike", "arn:aws:s3:::a", symbolic(ARN)),
        ("denied", "ArnLike", symbolic(NAME), "arn:aws:s3:::a"),
        ("allowed", "StringNotEquals", symbolic(NAME), "a/b"),
        ("allowed", "StringEqualsIgnoreCase", "ab", "AB"),
    ],
)
def test_context_and_conditions_may_hold_symbols(
    verdict: str, operator: str, given: Any, wanted: Any
) -> None:
    assert verdict == ask(when(operator, "k:a", wanted), context={"k:a": given}).verdict


def test_an_open_choice_is_raised_with_its_choice() -> None:
    choice = Choice("Stage", ("prod", "test"), "parameter Stage")
    pattern = OneOf(choice, ("arn:aws:s3:::dest/*", "arn:aws:s3:::test/*"))
    with pytest.raises(Undecided) as caught:
        Policy.parse({"Statement": allow(resource=pattern)})
    assert choice == caught.value.choice
    request = Request(CALLER, WRITE, pattern, None, SOURCE_ACCOUNT, {})
    with pytest.raises(Undecided) as caught:
        decide(request, World())
    assert choice == caught.value.choice


def test_a_policy_that_nobody_supplied_may_do_anything() -> None:
    managed = Policy.opaque("arn:aws:iam::aws:policy/X", "the body of the policy")
    request = Request(CALLER, WRITE, "arn:aws:s3:::dest/{key}", "", SOURCE_ACCOUNT, {})
    decision = decide(request, World(identity=(managed,)))
    assert decision.verdict == "unknown"
    assert decision.needs == ("arn:aws:iam::aws:policy/X: the body of the policy",)
    certain = Policy.parse({"Statement": deny()})
    assert decide(request, World(identity=(managed, certain))).verdict == "denied"


def test_every_clause_has_an_outcome_of_its_own() -> None:
    decision = ask(
        allow("s3:Get*"),
        deny("s3:Replicate*"),
        bucket=[to({"AWS": OTHER_ACCOUNT})],
        owner=OTHER_ACCOUNT,
    )
    outcomes = {(c.layer, c.kind): c.outcome for c in decision.clauses}
    assert outcomes == {
        ("identity", "deny"): "fails",
        ("identity", "grant"): "fails",
        ("resource", "grant"): "fails",
    }


@pytest.mark.parametrize(
    ("part", "more"),
    [
        ("is the bucket", {"identity": [allow(resource="arn:aws:s3:::dest")]}),
        ("allows s3:PutObject", {"identity": [allow(["s3:PutObject", "s3:GetObjectAcl"])]}),
        ("covers only arn:aws:s3:::dest/a", {"identity": [allow(resource="arn:aws:s3:::dest/a*")]}),
        ("names dset, not dest", {"identity": [allow(resource="arn:aws:s3:::dset/*")]}),
        ("condition StringEquals k:a", {"identity": [when("StringEquals", "k:a", "b")]}),
        ("path of the role", {"bucket": [to({"AWS": "arn:aws:iam::111111111111:role/crr"})]}),
        ("service s3.amazonaws.com", {"bucket": [to({"Service": "s3.amazonaws.com"})]}),
        ("are the objects", {"identity": [allow("s3:*")], "prefix": None, "action": "s3:ListBucket",
                             "resource": "arn:aws:s3:::dest"}),
    ],
)  # fmt: skip
def test_a_near_miss_says_what_is_missing(part: str, more: dict[str, Any]) -> None:
    identity = more.pop("identity", [])
    decision = ask(*identity, context={"k:a": "a"}, **more)
    near = [one.why for c in decision.clauses for one in c.nearest]
    assert part in near[0]
