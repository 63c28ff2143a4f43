"""IAM's rules, one case or a few for each."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.iam import ABSENT, PRESENT, OneOfValues, Principal
from crrlint.values import Unknown
from tests.iam.asking import (
    CALLER,
    OTHER_ACCOUNT,
    ROLE,
    SESSION,
    SOURCE_ACCOUNT,
    allow,
    ask,
    deny,
    to,
)

ALLOWED, DENIED, UNKNOWN = "allowed", "denied", "unknown"

NOBODY_KNOWS = Unknown("unsupported_expression", "Fn::Transform", "the processed template")
ROOT = f"arn:aws:iam::{SOURCE_ACCOUNT}:root"
KEY_ARN = "arn:aws:kms:eu-west-1:111111111111:key/1"
OTHER_KEY_ARN = "arn:aws:kms:eu-west-1:222222222222:key/1"


def when(operator: str, key: str, *values: Any, effect: str = "Allow") -> dict[str, Any]:
    statement = allow() if effect == "Allow" else deny()
    return {**statement, "Condition": {operator: {key: list(values)}}}


def case(verdict: str, name: str, *identity: Any, key: str | None = None, **more: Any) -> Any:
    return pytest.param(verdict, key, identity, more, id=name)


MATCHING = [
    case(ALLOWED, "one statement may stand without a list", allow()),
    case(DENIED, "nothing is allowed by default", key="x"),
    case(ALLOWED, "actions ignore case", allow("S3:replicateOBJECT")),
    case(ALLOWED, "actions take stars anywhere", allow("s3:*plicate?bject")),
    case(DENIED, "an action is not a prefix", allow("s3:Replicate")),
    case(DENIED, "put is not replicate", allow("s3:PutObject")),
    case(
        ALLOWED, "not-action allows the rest", {**allow(), "Action": None, "NotAction": "s3:Get*"}
    ),
    case(DENIED, "not-action leaves out", {**allow(), "Action": None, "NotAction": ["s3:R*"]}),
    case(DENIED, "resources respect case", allow(resource="arn:aws:s3:::Dest/*")),
    case(ALLOWED, "a star crosses slashes", allow(resource="arn:aws:s3:::de*")),
    case(
        DENIED, "a question mark is one character", allow(resource="arn:aws:s3:::dest/?"), key="xx"
    ),
    case(ALLOWED, "keys may hold colons", allow(resource="arn:aws:s3:::dest/*:*"), prefix="a:"),
    case(DENIED, "a star stays in its field", allow(resource="arn:aws:*:dest/*x")),
    case(ALLOWED, "a star matches an empty field", allow(resource="arn:aws:s3:*:*:dest/*")),
    case(ALLOWED, "a short pattern of the role goes on", allow(resource="arn:aws:s3:*")),
    case(ALLOWED, "a shorter one too", allow(resource="arn:*")),
    case(UNKNOWN, "a short one without a star", allow(resource="arn:aws:s3")),
    case(DENIED, "a short one of something else", allow(resource="arn:aws:ec2")),
    case(DENIED, "a short one of something else with a star", allow(resource="arn:aws:ec2:*")),
    case(UNKNOWN, "two readings of a short pattern", allow(resource="arn:aws:s3*dest/*")),
    case(
        UNKNOWN,
        "a short not-resource",
        {**allow(), "Resource": None, "NotResource": "arn:aws:ec2:*"},
    ),
    case(
        ALLOWED,
        "not-resource is none of them",
        {**allow(), "Resource": None, "NotResource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]},
    ),
    case(
        DENIED,
        "not-resource with one that matches",
        {**allow(), "Resource": None, "NotResource": ["arn:aws:s3:::a/*", "arn:aws:s3:::dest/q*"]},
        key="q",
    ),
    case(DENIED, "the bucket is not its objects", allow(resource="arn:aws:s3:::dest")),
    case(
        DENIED,
        "the objects are not the bucket",
        allow("s3:*", "arn:aws:s3:::dest/*"),
        action="s3:ListBucket",
        resource="arn:aws:s3:::dest",
        prefix=None,
    ),
    case(
        ALLOWED,
        "a star after the bucket is both",
        allow("s3:*", "arn:aws:s3:::dest*"),
        action="s3:ListBucket",
        resource="arn:aws:s3:::dest",
        prefix=None,
    ),
    case(DENIED, "partitions differ", allow(resource="arn:aws-cn:s3:::dest/*")),
    case(ALLOWED, "partitions may be a star", allow(resource="arn:*:s3:::dest/*")),
    case(ALLOWED, "no resource in a short list of one", allow(resource=["*"])),
    case(
        DENIED,
        "a key alias names no key",
        allow("kms:*", "arn:aws:kms:eu-west-1:111111111111:alias/a"),
        action="kms:Encrypt",
        resource=KEY_ARN,
        prefix=None,
        bucket=[to({"AWS": ROOT})],
    ),
    case(
        DENIED,
        "a bare key id names no key",
        allow("kms:*", "1"),
        action="kms:Encrypt",
        resource=KEY_ARN,
        prefix=None,
        bucket=[to({"AWS": ROOT})],
    ),
]

ACTIONS = [
    case(verdict, f"{element} {actions}", {**allow(None), element: list(actions)})
    for verdict, element, *actions in (
        (ALLOWED, "Action", "*"),
        (ALLOWED, "Action", "s3:Get*", "s3:ReplicateObject"),
        (ALLOWED, "Action", "s3:Replicate*"),
        (ALLOWED, "Action", "s3:ReplicateObject*"),
        (ALLOWED, "Action", "s3:*Object"),
        (ALLOWED, "Action", "*:*e*Object"),
        (ALLOWED, "Action", "s3:Replicate??????"),
        (ALLOWED, "Action", "?3:Replicate*"),
        (ALLOWED, "Action", "s3:Replicate?b*"),
        (DENIED, "Action", "s3:Replicate?"),
        (DENIED, "Action", "s3:Replicate?????"),
        (DENIED, "Action", "s3:ReplicateObject?"),
        (DENIED, "Action", "s3:ReplicateObjects"),
        (DENIED, "Action", "s3:ReplicateObjects*"),
        (DENIED, "Action", "s3:Replicate*s"),
        (DENIED, "Action", "?s3:Replicate*"),
        (DENIED, "Action", "*Replicate"),
        (DENIED, "NotAction", "s3:ReplicateObject"),
        (DENIED, "NotAction", "s3:Get*", "s3:replicateobject"),
        (DENIED, "NotAction", "s3:R*", "s3:Get*"),
        (DENIED, "NotAction", "s3:*?bject"),
        (ALLOWED, "NotAction", "s3:ReplicateObjects", "s3:Get*"),
        (ALLOWED, "NotAction", "s3:Replicate?"),
        (ALLOWED, "Action", NOBODY_KNOWS, "s3:ReplicateObject"),
        (UNKNOWN, "Action", NOBODY_KNOWS, "s3:Get*"),
        (UNKNOWN, "NotAction", NOBODY_KNOWS, "s3:Get*"),
        (DENIED, "NotAction", NOBODY_KNOWS, "s3:Replicate*"),
    )
]

KEYS = [
    case(
        DENIED,
        "the folder itself is selected",
        allow(resource="arn:aws:s3:::dest/logs/?*"),
        prefix="logs/",
        key="logs/",
    ),
    case(ALLOWED, "no key is empty", allow(resource="arn:aws:s3:::dest/?*")),
    case(
        ALLOWED,
        "two statements cover together",
        allow(resource="arn:aws:s3:::dest/?"),
        allow(resource="arn:aws:s3:::dest/??*"),
    ),
    case(
        DENIED,
        "two statements leave one out",
        allow(resource="arn:aws:s3:::dest/?"),
        allow(resource="arn:aws:s3:::dest/???*"),
        key="xx",
    ),
    case(ALLOWED, "a wider prefix", allow(resource="arn:aws:s3:::dest/lo*"), prefix="logs/"),
    case(
        DENIED,
        "a narrower prefix",
        allow(resource="arn:aws:s3:::dest/logs/a*"),
        prefix="logs/",
        key="logs/",
    ),
    case(
        ALLOWED,
        "a star in the prefix is a character",
        allow(resource="arn:aws:s3:::dest/[*]*"),
        prefix="[*]",
    ),
    case(
        DENIED,
        "a star of the prefix is no wildcard",
        allow(resource="arn:aws:s3:::dest/a/*"),
        prefix="*",
        key="*",
    ),
    case(DENIED, "a denied corner", allow(), deny(resource="arn:aws:s3:::dest/*.tmp"), key=".tmp"),
    case(
        ALLOWED,
        "a corner beyond the prefix",
        allow(),
        deny(resource="arn:aws:s3:::dest/b*"),
        prefix="a",
    ),
    case(
        ALLOWED,
        "a key of 1025 characters is none",
        allow(),
        deny(resource="arn:aws:s3:::dest/" + "?" * 1025),
    ),
    case(
        DENIED,
        "a key of 1024 is one",
        allow(),
        deny(resource="arn:aws:s3:::dest/" + "?" * 1024),
        key="x" * 1024,
    ),
    case(
        DENIED,
        "the prefix counts",
        allow(),
        deny(resource="arn:aws:s3:::dest/a" + "?" * 1023),
        prefix="a",
        key="a" + "x" * 1023,
    ),
    case(
        ALLOWED,
        "a prefix and too much",
        allow(),
        deny(resource="arn:aws:s3:::dest/a" + "?" * 1024),
        prefix="a",
    ),
    case(
        DENIED,
        "it counts in bytes",
        allow(),
        deny(resource="arn:aws:s3:::dest/é" + "?" * 1022),
        prefix="é",
        key="é" + "x" * 1022,
    ),
    case(
        ALLOWED,
        "a prefix of more bytes and too much",
        allow(),
        deny(resource="arn:aws:s3:::dest/é" + "?" * 1023),
        prefix="é",
    ),
]

VARIABLES = [
    case(
        ALLOWED,
        "a variable in the resource",
        allow(resource="arn:aws:s3:::${aws:PrincipalTag/b}/*"),
        context={"aws:PrincipalTag/b": "dest"},
    ),
    case(
        ALLOWED,
        "its name ignores case",
        allow(resource="arn:aws:s3:::${AWS:principaltag/B}/*"),
        context={"aws:PrincipalTag/b": "dest"},
    ),
    case(
        DENIED,
        "an old version has no variables",
        allow(resource="arn:aws:s3:::${k:b}/*"),
        context={"k:b": "dest"},
        version="2008-10-17",
    ),
    case(
        DENIED,
        "nor has no version",
        allow(resource="arn:aws:s3:::${k:b}/*"),
        context={"k:b": "dest"},
        version=None,
    ),
    case(
        DENIED,
        "a star in a value is a character",
        allow(resource="arn:aws:s3:::${k:b}/*"),
        context={"k:b": "*"},
    ),
    case(
        ALLOWED,
        "a default for an absent key",
        allow(resource="arn:aws:s3:::${k:b, 'dest'}/*"),
        context={"k:b": ABSENT},
    ),
    case(
        DENIED,
        "an absent key without default",
        allow(resource="arn:aws:s3:::${k:b}/*"),
        context={"k:b": ABSENT},
    ),
    case(UNKNOWN, "an unknown key", allow(resource="arn:aws:s3:::${k:b}/*")),
    case(
        UNKNOWN,
        "an absent key in not-resource",
        {**allow(), "Resource": None, "NotResource": "arn:aws:s3:::${k:b}/*"},
        context={"k:b": ABSENT},
    ),
    case(ALLOWED, "an escaped star", allow(resource="arn:aws:s3:::dest/${*}*"), prefix="*"),
    case(
        DENIED, "an escaped star is no wildcard", allow(resource="arn:aws:s3:::dest/${*}"), key="x"
    ),
    case(
        DENIED,
        "a negated operator on an absent variable is true",
        allow(),
        when("StringNotEquals", "k:a", "${k:b}", effect="Deny"),
        context={"k:a": "v", "k:b": ABSENT},
    ),
    case(
        DENIED,
        "a positive one is false",
        when("StringEquals", "k:a", "${k:b}"),
        context={"k:a": "v", "k:b": ABSENT},
    ),
    case(
        UNKNOWN,
        "no variables in numbers",
        when("NumericEquals", "k:a", "${k:b}"),
        context={"k:a": "1", "k:b": "1"},
    ),
    case(
        UNKNOWN,
        "no variables with several values",
        when("StringEquals", "k:a", "${k:b}"),
        context={"k:a": "1", "k:b": "1"},
        multivalued=frozenset({"k:b"}),
    ),
    case(
        ALLOWED,
        "a value beside one without value",
        when("StringEquals", "k:a", "${k:b}", "v"),
        context={"k:a": "v", "k:b": ABSENT},
    ),
    case(
        ALLOWED,
        "a resource beside one without value",
        allow(resource=["arn:aws:s3:::${k:b}/*", "arn:aws:s3:::dest/*"]),
        context={"k:b": ABSENT},
    ),
    case(
        ALLOWED,
        "a variable whose case does not matter",
        when("StringEqualsIgnoreCase", "k:a", "${k:b}"),
        context={"k:a": "vW", "k:b": "Vw"},
    ),
    case(
        DENIED,
        "a default that is not the value",
        when("StringEquals", "k:a", "${k:b, 'w'}"),
        context={"k:a": "v", "k:b": ABSENT},
    ),
    case(
        ALLOWED,
        "an empty default",
        when("StringEquals", "k:a", "v${k:b,''}"),
        context={"k:a": "v", "k:b": ABSENT},
    ),
    case(
        ALLOWED,
        "a value goes before its default",
        when("StringEquals", "k:a", "${k:b, 'w'}"),
        context={"k:a": "v", "k:b": "v"},
    ),
    case(
        UNKNOWN,
        "a default without quotes",
        when("StringEquals", "k:a", "${k:b, v}"),
        context={"k:a": "v", "k:b": ABSENT},
    ),
    case(
        UNKNOWN,
        "a default with half its quotes",
        when("StringEquals", "k:a", "${k:b, '}"),
        context={"k:a": "v", "k:b": ABSENT},
    ),
    case(UNKNOWN, "no name", when("StringEquals", "k:a", "${}"), context={"k:a": "v"}),
    case(
        ALLOWED,
        "several variables and text between",
        when("StringEquals", "k:a", "<${k:b}-${k:c}>"),
        context={"k:a": "<b-c>", "k:b": "b", "k:c": "c"},
    ),
    case(
        ALLOWED,
        "dollar and question mark as themselves",
        when("StringLike", "k:a", "${$}{a}${?}*"),
        context={"k:a": "${a}?b"},
    ),
    case(
        DENIED,
        "a question mark as itself only",
        when("StringLike", "k:a", "a${?}"),
        context={"k:a": "ab"},
    ),
    case(
        ALLOWED,
        "a brace that never closes is text",
        when("StringEquals", "k:a", "a${k:b"),
        context={"k:a": "a${k:b", "k:b": "x"},
    ),
    case(
        ALLOWED,
        "an old version knows none in conditions",
        when("StringEquals", "k:a", "${k:b}"),
        context={"k:a": "${k:b}", "k:b": "x"},
        version="2008-10-17",
    ),
    case(UNKNOWN, "a version that nobody knows", allow(), version="2020-01-01"),
    case(
        DENIED,
        "actions have no variables",
        allow("s3:${k:b}"),
        context={"k:b": "ReplicateObject"},
    ),
]

MISSING = [
    case(
        verdict,
        f"a missing key and {operator}",
        when(operator, "k:a", value),
        context={"k:a": ABSENT},
    )
    for verdict, value, operators in (
        (
            DENIED,
            "1",
            (
                "StringEquals",
                "StringLike",
                "StringEqualsIgnoreCase",
                "ArnEquals",
                "ArnLike",
                "NumericEquals",
                "NumericLessThan",
                "DateGreaterThan",
                "BinaryEquals",
                "ForAnyValue:StringEquals",
                "ForAnyValue:StringNotEquals",
            ),
        ),
        (DENIED, "true", ("Bool",)),
        (DENIED, "10.0.0.0/8", ("IpAddress",)),
        (
            ALLOWED,
            "1",
            (
                "StringNotEquals",
                "StringNotLike",
                "StringNotEqualsIgnoreCase",
                "ArnNotLike",
                "ArnNotEquals",
                "NumericNotEquals",
                "DateNotEquals",
                "StringEqualsIfExists",
                "StringNotLikeIfExists",
                "NumericLessThanIfExists",
                "ForAllValues:StringEquals",
                "ForAllValues:StringNotEquals",
                "ForAllValues:StringEqualsIfExists",
                "ForAnyValue:StringEqualsIfExists",
            ),
        ),
        (ALLOWED, "true", ("BoolIfExists", "Null")),
        (ALLOWED, "10.0.0.0/8", ("NotIpAddress", "IpAddressIfExists")),
        (DENIED, "false", ("Null",)),
    )
    for operator in operators
]

PRESENT_KEY = [
    case(
        verdict,
        f"{given!r} and {operator} {values}",
        when(operator, "k:a", *values),
        context={"K:A": given},
    )
    for verdict, given, operator, *values in (
        (ALLOWED, "a", "StringEquals", "b", "a"),
        (DENIED, "a", "StringEquals", "A"),
        (DENIED, "ab", "StringEquals", "a*"),
        (ALLOWED, "a*", "StringEquals", "a*"),
        (ALLOWED, "a:b/c", "StringLike", "a*c"),
        (DENIED, "A", "StringLike", "a"),
        (ALLOWED, "ABC", "stringequalsignorecase", "abc"),
        (DENIED, "ABC", "StringNotEqualsIgnoreCase", "x", "abc"),
        (DENIED, "a", "StringNotEquals", "b", "a"),
        (ALLOWED, "a", "StringNotEquals", "b", "c"),
        (DENIED, "abc", "StringNotLike", "x", "a*"),
        (ALLOWED, ROLE, "ArnLike", "arn:aws:iam::*:role/*/crr"),
        (DENIED, ROLE, "ArnLike", "arn:*:role/service-role/crr"),
        (ALLOWED, ROLE, "StringLike", "arn:*:role/service-role/crr"),
        (ALLOWED, ROLE, "ArnEquals", "arn:aws:iam::*:role/service-role/crr"),
        (ALLOWED, ROLE, "ArnNotLike", "arn:aws:iam::2*:role/*"),
        (DENIED, ROLE, "ArnLike", SESSION),
        # What is no ARN is like none; what a pattern says that is none, nobody knows.
        (DENIED, "crr", "ArnLike", "arn:aws:iam::*:role/*"),
        (ALLOWED, "crr", "ArnNotLike", "arn:aws:iam::*:role/*"),
        (DENIED, "", "ArnLike", "arn:aws:iam::*:role/*"),
        (DENIED, "a:b:c:d:e", "ArnLike", "*:*:*:*:*:*"),
        (ALLOWED, "a:b:c:d:e:f", "ArnLike", "*:*:*:*:*:*"),
        (ALLOWED, "a:b:c:d:e:f:g", "ArnLike", "*:*:*:*:*:*"),
        (DENIED, "a:b:c:d:e:f:g", "ArnLike", "*:*:*:*:*:?"),
        (DENIED, "a:b:c:d:e:f", "ArnLike", "*:*:*:*:*"),
        (DENIED, ROLE, "ArnLike", "role/crr"),
        (UNKNOWN, ROLE, "ArnNotLike", "role/crr"),
        (UNKNOWN, ROLE, "ArnLike", "*"),
        (UNKNOWN, ROLE, "ArnNotLike", "*"),
        (ALLOWED, "true", "Bool", "True"),
        (ALLOWED, True, "Bool", True),
        (DENIED, "false", "Bool", "true"),
        (UNKNOWN, "true", "Bool", "yes"),
        (ALLOWED, "10", "NumericLessThanEquals", "10"),
        (DENIED, "10", "NumericLessThan", "9.5", "10.0"),
        (ALLOWED, 10, "NumericEquals", "10.0"),
        (ALLOWED, "10", "NumericGreaterThan", 9),
        (UNKNOWN, "10", "NumericEquals", "ten"),
        (UNKNOWN, "1000", "NumericEquals", "1_000"),
        (UNKNOWN, "10", "NumericEquals", "\uff11\uff10"),
        (UNKNOWN, "10", "NumericLessThan", "NaN"),
        (UNKNOWN, "10", "NumericLessThan", "Infinity"),
        (ALLOWED, "1e3", "NumericEquals", " 1000 "),
        (ALLOWED, "-1.5", "NumericLessThan", "-1.25"),
        (ALLOWED, 0.5, "StringEquals", "0.5"),
        (ALLOWED, 5.0, "StringEquals", 5),
        (ALLOWED, False, "StringEquals", "false"),
        (ALLOWED, "2024-05-01T00:00:00Z", "DateLessThan", "2024-05-02"),
        (ALLOWED, "2024-05-01T02:00:00+02:00", "DateEquals", "1714521600"),
        (DENIED, "2024-05-01T00:00:00Z", "DateGreaterThan", "2025-01-01T00:00:00Z"),
        (UNKNOWN, "2024-05-01T00:00:00Z", "DateEquals", "May"),
        (ALLOWED, "2024-05-01T00:00:00", "DateEquals", "2024-05-01T00:00:00Z"),
        (ALLOWED, "10.1.2.3", "IpAddress", "192.0.2.0/24", "10.0.0.0/8"),
        (UNKNOWN, "10.1.2.3", "IpAddress", "10.0.0"),
        (UNKNOWN, "10.0.0", "IpAddress", "10.0.0.0/8"),
        (DENIED, "10.1.2.3", "IpAddress", "10.1.2.4"),
        (ALLOWED, "10.1.2.3", "NotIpAddress", "10.1.2.4"),
        (ALLOWED, "2001:db8::1", "IpAddress", "2001:db8::/32"),
        (DENIED, "2001:db8::1", "IpAddress", "0.0.0.0/0"),
        (DENIED, "a", "Null", "true"),
        (ALLOWED, "a", "Null", "true", "false"),
        (ALLOWED, ABSENT, "Null", "true", "false"),
        (UNKNOWN, "a", "Null", "yes"),
        (UNKNOWN, ABSENT, "Null", "yes"),
        (ALLOWED, (), "Null", "true"),
        (DENIED, ("a",), "Null", "TRUE"),
        (UNKNOWN, OneOfValues(("a", None)), "Null", "true"),
        (DENIED, OneOfValues(("a", "b")), "Null", "true"),
        (ALLOWED, "a", "Null", False),
        (ALLOWED, "YQ==", "BinaryEquals", "YQ=="),
        (UNKNOWN, "a", "StringMatches", "a"),
        (UNKNOWN, "a", "NullIfExists", "true"),
        (ALLOWED, ("a", "b"), "ForAllValues:StringEquals", "a", "b", "c"),
        (DENIED, ("a", "d"), "ForAllValues:StringEquals", "a", "b", "c"),
        (ALLOWED, ("a", "d"), "ForAnyValue:StringEquals", "d"),
        (DENIED, ("a", "d"), "ForAnyValue:StringLike", "x*"),
        (ALLOWED, ("a", "d"), "ForAnyValue:StringNotEquals", "a"),
        (DENIED, ("a", "d"), "ForAllValues:StringNotEquals", "a"),
        (ALLOWED, (), "ForAllValues:StringEquals", "a"),
        (UNKNOWN, ("a",), "StringEquals", "a"),
        (ALLOWED, "a", "ForAnyValue:StringEquals", "a"),
        (DENIED, PRESENT, "Null", "true"),
        (ALLOWED, PRESENT, "StringLike", "*"),
        (UNKNOWN, PRESENT, "StringLike", "a*"),
        (ALLOWED, OneOfValues(("a", None)), "StringEqualsIfExists", "a"),
        (UNKNOWN, OneOfValues(("a", None)), "StringEquals", "a"),
        (DENIED, OneOfValues(("a", None)), "StringEquals", "b"),
    )
]

ORDERED = [
    case(
        ALLOWED if relation in holds else DENIED,
        f"{given} and {family}{operator} {wanted}",
        when(family + operator, "k:a", wanted),
        context={"k:a": given},
    )
    for operator, holds in (
        ("Equals", "="),
        ("NotEquals", "<>"),
        ("LessThan", "<"),
        ("LessThanEquals", "<="),
        ("GreaterThan", ">"),
        ("GreaterThanEquals", ">="),
    )
    for family, wanted, values in (
        ("Numeric", "10", (("<", "9"), ("=", "10.0"), (">", "10.1"))),
        (
            "Date",
            "2024-05-01T00:00:00Z",
            (
                ("<", "2024-04-30T23:59:59Z"),
                ("=", "2024-05-01T02:00:00+02:00"),
                (">", "1714521601"),
            ),
        ),
    )
    for relation, given in values
]

WORLDS = [
    case(UNKNOWN, "an unknown key may be there", when("Null", "k:a", "true")),
    case(UNKNOWN, "or not", when("Null", "k:a", "false")),
    case(
        UNKNOWN,
        "all conditions have to hold",
        {**allow(), "Condition": {"StringEquals": {"k:a": "a"}, "StringMatches": {"k:a": "a"}}},
        context={"k:a": "a"},
    ),
    case(
        DENIED,
        "one that fails is enough",
        {**allow(), "Condition": {"StringMatches": {"k:a": "a"}, "StringEquals": {"k:a": "b"}}},
        context={"k:a": "a"},
    ),
    case(
        UNKNOWN,
        "one world covers less than another",
        allow(resource=["arn:aws:s3:::dest/?", "arn:aws:s3:::dest/??"]),
        when("StringNotEquals", "k:a", "x") | {"Resource": "arn:aws:s3:::dest/???*"},
    ),
    case(
        UNKNOWN,
        "a single pattern in each world",
        when("StringEquals", "k:a", "x") | {"Resource": "arn:aws:s3:::dest/a*"},
        when("StringNotEquals", "k:a", "x") | {"Resource": "arn:aws:s3:::dest/?*"},
    ),
    case(
        UNKNOWN,
        "a resource with a variable of the world",
        allow(resource="arn:aws:s3:::${k:b}/*"),
        context={"k:b": OneOfValues(("dest", "other"))},
    ),
    case(
        ALLOWED,
        "a resource with a variable in every world",
        allow(resource="arn:aws:s3:::${k:b}t/*"),
        allow(resource="arn:aws:s3:::d${k:c}/*"),
        context={"k:b": OneOfValues(("des", "tes")), "k:c": "est"},
    ),
    case(
        ALLOWED,
        "a variable with a condition in every world",
        allow(resource="arn:aws:s3:::${k:b}/*", Condition={"StringEquals": {"k:b": ["dest", "a"]}}),
        when("StringEquals", "k:b", "a"),
        context={"k:b": OneOfValues(("dest", "a"))},
    ),
    case(UNKNOWN, "an unknown key decides", when("StringEquals", "k:a", "x")),
    case(
        ALLOWED,
        "every value is one or another",
        when("StringEquals", "k:a", "x"),
        when("StringNotEquals", "k:a", "x"),
    ),
    case(
        DENIED,
        "no value is both",
        when("StringEquals", "k:a", "x"),
        when("StringEquals", "k:a", "x", effect="Deny"),
    ),
    case(
        DENIED,
        "no value is both, in two layers",
        when("StringEquals", "k:a", "x"),
        bucket=[{**to("*"), "Effect": "Deny", "Condition": {"StringLike": {"k:a": "?"}}}],
    ),
    case(
        UNKNOWN,
        "some value is both",
        when("StringLike", "k:a", "x*"),
        when("StringLike", "k:a", "*y", effect="Deny"),
    ),
    case(
        ALLOWED,
        "wider patterns",
        when("StringLike", "k:a", "?*"),
        when("Null", "k:a", "true"),
        when("StringEquals", "k:a", ""),
    ),
    case(
        DENIED,
        "numbers leave no room",
        when("NumericLessThan", "k:n", "5"),
        when("NumericLessThanEquals", "k:n", "5", effect="Deny"),
    ),
    case(
        UNKNOWN,
        "numbers leave room",
        when("NumericLessThanEquals", "k:n", "5"),
        when("NumericLessThan", "k:n", "5", effect="Deny"),
    ),
    case(
        ALLOWED,
        "addresses in or out",
        when("IpAddress", "k:i", "10.0.0.0/8"),
        when("NotIpAddress", "k:i", "10.0.0.0/9"),
    ),
    case(
        UNKNOWN,
        "addresses between",
        when("NotIpAddress", "k:i", "10.0.0.0/8"),
        when("IpAddress", "k:i", "10.0.0.0/9"),
    ),
    case(
        ALLOWED,
        "true or false or absent",
        when("Bool", "k:b", "true"),
        when("Bool", "k:b", "false"),
        when("Null", "k:b", "true"),
    ),
    case(
        DENIED,
        "the key that is refused depends on the context",
        allow(resource="arn:aws:s3:::dest/?"),
        when("StringEquals", "k:a", "x") | {"Resource": "arn:aws:s3:::dest/a*"},
        when("StringNotEquals", "k:a", "x") | {"Resource": "arn:aws:s3:::dest/b*"},
    ),
    case(
        ALLOWED,
        "a set has a member or is empty",
        when("ForAllValues:StringNotEquals", "k:s", "a"),
        when("ForAnyValue:StringEquals", "k:s", "a"),
        multivalued=frozenset({"K:s"}),
    ),
    case(UNKNOWN, "too many worlds", *(when("StringEquals", f"k:{i}", "x") for i in range(12))),
]

Tests = list[tuple[str, str, Any]]


def over(
    verdict: str, name: str, tests: Tests, denied: Tests | None = None, given: Any = None
) -> Any:
    """A case about one key: what an Allow each asks of it, and what a Deny each does."""
    identity = [when(operator, key, *values) for operator, key, values in tests]
    identity += [when(o, key, *values, effect="Deny") for o, key, values in denied or []]
    context = {} if given is None else {"k:a": given}
    many = frozenset({"k:s"}) if tests[0][1] == "k:s" else frozenset[str]()
    return case(verdict, name, *identity, context=context, multivalued=many)


MISSES: tuple[str, str, Any] = ("Null", "k:a", ["true"])
ARN_OF_A = "arn:aws:iam::*:role/a"
VALUES = [
    over(
        ALLOWED,
        "present, it is one or another",
        [("StringEquals", "k:a", "x"), ("StringNotEquals", "k:a", "x")],
        given=PRESENT,
    ),
    over(ALLOWED, "there or not", [MISSES, ("Null", "k:a", ["false"])]),
    over(UNKNOWN, "other texts than the first", [MISSES, ("StringEquals", "k:a", ["x", "xx"])]),
    over(UNKNOWN, "an empty text", [MISSES, ("StringLike", "k:a", ["?*"])]),
    over(ALLOWED, "some text or none", [MISSES, ("StringLike", "k:a", ["?*", ""])]),
    over(
        ALLOWED,
        "a pattern and what it leaves",
        [MISSES, ("StringLike", "k:a", ["a*b"]), ("StringNotLike", "k:a", ["a*b"])],
    ),
    over(
        DENIED,
        "a narrower pattern",
        [("StringLike", "k:a", ["a*b?"])],
        [("StringLike", "k:a", ["a*"])],
    ),
    over(
        UNKNOWN,
        "a wider pattern",
        [("StringLike", "k:a", ["a*"])],
        [("StringLike", "k:a", ["a?*"])],
    ),
    over(
        UNKNOWN,
        "a case that is left",
        [("StringEqualsIgnoreCase", "k:a", ["ab"])],
        [("StringEquals", "k:a", ["ab", "AB", "Ab"])],
    ),
    over(
        DENIED,
        "no case is left",
        [("StringEqualsIgnoreCase", "k:a", ["aB"])],
        [("StringEquals", "k:a", ["ab", "AB", "Ab", "aB"])],
    ),
    over(
        DENIED,
        "an ARN is text too",
        [("ArnLike", "k:a", [ARN_OF_A])],
        [("StringLike", "k:a", [ARN_OF_A])],
    ),
    over(
        UNKNOWN,
        "text is more than ARNs",
        [("StringLike", "k:a", [ARN_OF_A])],
        [("ArnLike", "k:a", [ARN_OF_A])],
    ),
    over(
        UNKNOWN,
        "a colon is a character of text only",
        [("StringLike", "k:a", ["arn:?:iam::1:r"])],
        [("ArnLike", "k:a", ["arn:?:iam::1:r"])],
    ),
    over(
        DENIED,
        "one character of a field",
        [("ArnLike", "k:a", ["arn:?:iam::1:r*"])],
        [("ArnLike", "k:a", ["arn:*:iam::*:*"])],
    ),
    over(
        UNKNOWN,
        "several characters of a field",
        [("ArnLike", "k:a", ["arn:*:iam::1:r*"])],
        [("ArnLike", "k:a", ["arn:?:iam::1:r*", "arn::iam::1:*"])],
    ),
    over(
        ALLOWED,
        "what two patterns of ARNs leave each other",
        [
            MISSES,
            ("ArnLike", "k:a", ["arn:a*:iam:?:1:*:*"]),
            ("ArnNotLike", "k:a", ["arn:a*:iam:?:1:*:*"]),
        ],
    ),
    over(
        UNKNOWN,
        "the resource of an ARN holds colons",
        [("ArnLike", "k:a", ["arn:aws:sns:::*"])],
        [("StringLike", "k:a", ["arn:aws:sns:::a", "arn:aws:sns:::"])],
    ),
    over(
        UNKNOWN,
        "and is then the only one left",
        [("ArnLike", "k:a", ["arn:aws:sns:::*"])],
        [("StringNotLike", "k:a", ["arn:aws:sns:::*:*"])],
    ),
    over(
        UNKNOWN,
        "a field of an ARN holds none",
        [("ArnLike", "k:a", ["arn:aws:*:::a", "arn:aws:?:::a"])],
        [("StringNotLike", "k:a", ["arn:aws:???:::a"])],
    ),
    over(
        DENIED,
        "nor one that a pattern of text asks for",
        [("ArnLike", "k:a", ["arn:aws:*:::a", "arn:aws:?:::a"])],
        [("StringNotLike", "k:a", ["arn:aws:*:*:::a"])],
    ),
    over(
        ALLOWED,
        "a switch in words and as text",
        [MISSES, ("Bool", "k:a", ["true"]), ("StringEquals", "k:a", ["false"])],
    ),
    over(UNKNOWN, "a switch that is off", [MISSES, ("Bool", "k:a", ["true"])]),
    over(UNKNOWN, "a switch that is on", [MISSES, ("Bool", "k:a", ["false"])]),
    over(
        UNKNOWN,
        "numbers and texts",
        [MISSES, ("NumericEquals", "k:a", ["5"]), ("StringNotEquals", "k:a", ["5"])],
    ),
    over(
        UNKNOWN,
        "an operator of numbers that nobody can read",
        [("NumericLessThan", "k:a", ["5"]), ("NumericGreaterThanEquals", "k:a", ["five"])],
    ),
    *(
        over(
            verdict, f"numbers {tests}", [MISSES, *((f"Numeric{o}", "k:a", [v]) for o, v in tests)]
        )
        for verdict, *tests in (
            (ALLOWED, ("LessThan", "5"), ("GreaterThanEquals", "5")),
            (ALLOWED, ("LessThan", "0.3"), ("GreaterThanEquals", "0.30")),
            (ALLOWED, ("LessThan", 0.3), ("GreaterThanEquals", "0.3")),
            (UNKNOWN, ("LessThan", "5"), ("GreaterThan", "5")),
            (UNKNOWN, ("LessThanEquals", "5"), ("GreaterThanEquals", "6")),
            (UNKNOWN, ("LessThanEquals", "5"), ("Equals", "5.5"), ("GreaterThanEquals", "6")),
            (UNKNOWN, ("Equals", "5")),
            (UNKNOWN, ("GreaterThanEquals", "5")),
            (UNKNOWN, ("LessThanEquals", "5")),
            (ALLOWED, ("NotEquals", "5"), ("Equals", "5")),
        )
    ),
    *(
        over(verdict, f"dates {tests}", [MISSES, *((f"Date{o}", "k:a", [v]) for o, v in tests)])
        for verdict, *tests in (
            (ALLOWED, ("LessThan", "2024-05-01"), ("GreaterThanEquals", "2024-05-01T00:00:00Z")),
            (UNKNOWN, ("LessThan", "2024-05-01"), ("GreaterThan", "2024-05-01T00:00:00Z")),
            (UNKNOWN, ("LessThan", "2024-05-01"), ("GreaterThanEquals", "2024-05-02")),
        )
    ),
    *(
        over(verdict, f"addresses {blocks}", [MISSES, ("IpAddress", "k:a", blocks)])
        for verdict, *blocks in (
            (UNKNOWN, "0.0.0.0/0"),
            (UNKNOWN, "::/0"),
            (ALLOWED, "0.0.0.0/0", "::/0"),
            (ALLOWED, "0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"),
            (UNKNOWN, "0.0.0.0/1", "::/0"),
            (UNKNOWN, "128.0.0.0/1", "::/0"),
            (UNKNOWN, "0.0.0.0/0", "::/1"),
            (UNKNOWN, "0.0.0.0/0", "8000::/1"),
            (UNKNOWN, "0.0.0.0/1", "128.0.0.1", "128.0.0.2/31", "::/0"),
            (ALLOWED, "0.0.0.0/0", "::/0", "2001:db8::/32"),
        )
    ),
    over(
        DENIED,
        "a block within a block",
        [("IpAddress", "k:a", ["10.0.0.0/9"])],
        [("IpAddress", "k:a", ["10.0.0.0/8"])],
    ),
    over(
        UNKNOWN,
        "a block that goes on",
        [("IpAddress", "k:a", ["10.0.0.0/8"])],
        [("IpAddress", "k:a", ["10.0.0.0/9"])],
    ),
    over(
        DENIED,
        "blocks that fill a block",
        [("IpAddress", "k:a", ["10.0.0.0/8"])],
        [("IpAddress", "k:a", ["10.0.0.0/9", "10.128.0.0/9"])],
    ),
    over(
        ALLOWED,
        "a set within a set, or not",
        [
            ("ForAllValues:StringEquals", "k:s", ["a", "b"]),
            ("ForAnyValue:StringNotEquals", "k:s", ["a", "b"]),
        ],
    ),
    over(
        UNKNOWN,
        "a set of two",
        [("ForAnyValue:StringEquals", "k:s", ["a"])],
        [("ForAllValues:StringEquals", "k:s", ["a"]), ("ForAnyValue:StringEquals", "k:s", ["b"])],
    ),
    over(
        DENIED,
        "a set of one",
        [("ForAllValues:StringEquals", "k:s", ["a"])],
        [("ForAnyValue:StringEquals", "k:s", ["a"]), ("Null", "k:s", ["true"])],
    ),
    over(
        UNKNOWN,
        "a set of too many",
        [
            ("ForAllValues:StringEquals", "k:s", list("abcdefg")),
            ("ForAnyValue:StringNotEquals", "k:s", list("abcdefg")),
        ],
    ),
    over(
        ALLOWED,
        "a choice of numbers",
        [("NumericLessThan", "k:a", ["2"]), ("NumericEquals", "k:a", [2])],
        given=OneOfValues((1, 2)),
    ),
    over(
        UNKNOWN,
        "a choice with absence",
        [("NumericLessThan", "k:a", ["2"]), ("NumericEquals", "k:a", [2])],
        given=OneOfValues((1, None)),
    ),
    over(UNKNOWN, "no choice at all", [("StringEquals", "k:a", ["a"])], given=OneOfValues(())),
    case(
        UNKNOWN,
        "a value that is another key's",
        when("StringEquals", "k:a", "${k:b}"),
        context={"k:a": "x", "k:b": OneOfValues(("x", "y"))},
    ),
    case(
        ALLOWED,
        "a value that is another key's, or not",
        when("StringEquals", "k:a", "${k:b}"),
        when("StringEquals", "k:b", "y"),
        context={"k:a": "x", "k:b": OneOfValues(("x", "y"))},
    ),
    case(
        ALLOWED,
        "a value that is another key's in every world",
        when("StringEquals", "k:a", "${k:b}"),
        when("StringNotEquals", "k:a", "${k:b}"),
        context={"k:a": "x", "k:b": OneOfValues(("x", "y"))},
    ),
    case(
        ALLOWED,
        "a resource that is another key's in every world",
        allow(resource="arn:aws:s3:::dest/${k:b}*"),
        {**allow(resource=None), "NotResource": "arn:aws:s3:::dest/${k:b}*"},
        context={"k:b": OneOfValues(("x", "y"))},
    ),
    case(
        UNKNOWN,
        "a resource that is another key's in one",
        allow(resource="arn:aws:s3:::dest/${k:b}*"),
        {**allow(resource=None), "NotResource": "arn:aws:s3:::dest/x*"},
        context={"k:b": OneOfValues(("x", "y"))},
    ),
    over(
        UNKNOWN,
        "a set of the first",
        [("ForAllValues:StringEquals", "k:s", ["a"])],
        [("Null", "k:s", ["true"])],
    ),
    over(
        UNKNOWN,
        "letters of both cases",
        [("StringEqualsIgnoreCase", "k:a", ["ab"])],
        [("StringLike", "k:a", ["?b"])],
    ),
    over(
        DENIED,
        "letters of one case",
        [("StringLike", "k:a", ["ab*"])],
        [("StringEqualsIgnoreCase", "k:a", ["AB"]), ("StringLike", "k:a", ["?b?*"])],
    ),
    over(
        UNKNOWN,
        "an operator that nobody can read",
        [MISSES, ("Null", "k:a", ["false"])],
        [("StringMatches", "k:a", ["x"])],
    ),
    case(
        UNKNOWN,
        "two keys that nobody knows",
        when("StringEquals", "k:a", "x"),
        when("StringEquals", "k:b", "x"),
    ),
    case(
        ALLOWED,
        "two keys in all their ways",
        *(
            {**allow(), "Condition": {one: {"k:a": "x"}, other: {"k:b": "x"}}}
            for one in ("StringEquals", "StringNotEquals")
            for other in ("StringEquals", "StringNotEquals")
        ),
    ),
    case(
        UNKNOWN,
        "two keys in three of four ways",
        *(
            {**allow(), "Condition": {one: {"k:a": "x"}, other: {"k:b": "x"}}}
            for one, other in (
                ("StringEquals", "StringEquals"),
                ("StringEquals", "StringNotEquals"),
                ("StringNotEquals", "StringEquals"),
            )
        ),
    ),
]

BUCKET = {"owner": OTHER_ACCOUNT}
PRINCIPALS = [
    case(verdict, f"{name} in another account", allow(), bucket=[to(principal)], **BUCKET)
    for verdict, name, principal in (
        (ALLOWED, "everyone", "*"),
        (ALLOWED, "everyone of AWS", {"AWS": "*"}),
        (ALLOWED, "the session", {"AWS": SESSION}),
        (ALLOWED, "the role", {"AWS": ["arn:aws:iam::9:user/u", ROLE]}),
        (ALLOWED, "the account", {"AWS": SOURCE_ACCOUNT}),
        (ALLOWED, "the account's root", {"AWS": ROOT}),
        (DENIED, "another account", {"AWS": OTHER_ACCOUNT}),
        (DENIED, "the role without its path", {"AWS": f"arn:aws:iam::{SOURCE_ACCOUNT}:role/crr"}),
        (DENIED, "the service", {"Service": "s3.amazonaws.com"}),
        (DENIED, "a federation", {"Federated": "accounts.google.com"}),
        (DENIED, "part of a name", {"AWS": f"arn:aws:iam::{SOURCE_ACCOUNT}:role/*"}),
        (UNKNOWN, "a unique id", {"AWS": "AROAEXAMPLE"}),
        (DENIED, "a user's id", {"AWS": "AIDAEXAMPLE"}),
        (UNKNOWN, "a canonical id", {"CanonicalUser": "79a59df900b949e5"}),
        (
            DENIED,
            "the account in another partition",
            {"AWS": f"arn:aws-cn:iam::{SOURCE_ACCOUNT}:root"},
        ),
        (UNKNOWN, "a malformed one", "arn:aws:iam::111111111111:root"),
    )
] + [
    case(
        ALLOWED,
        "the role's own id",
        allow(),
        bucket=[to({"AWS": "AROA1"})],
        principal=CALLER._replace(unique_id="AROA1"),
        **BUCKET,
    ),
    case(
        DENIED,
        "another role's id",
        allow(),
        bucket=[to({"AWS": "AROA2"})],
        principal=CALLER._replace(unique_id="AROA1"),
        **BUCKET,
    ),
    case(
        UNKNOWN,
        "a session whose name is not known",
        allow(),
        bucket=[to({"AWS": SESSION})],
        principal=CALLER._replace(session=None),
        **BUCKET,
    ),
    case(
        DENIED,
        "another session",
        allow(),
        bucket=[to({"AWS": SESSION})],
        principal=CALLER._replace(session="other"),
        **BUCKET,
    ),
    case(
        DENIED,
        "a Deny of the account denies the role",
        allow(),
        bucket=[to({"AWS": ROOT}, Effect="Deny")],
    ),
    case(
        ALLOWED,
        "a Deny of another account",
        allow(),
        bucket=[to({"AWS": OTHER_ACCOUNT}, Effect="Deny")],
    ),
    case(
        DENIED,
        "another canonical id",
        allow(),
        bucket=[to({"CanonicalUser": "79a5"})],
        principal=CALLER._replace(canonical_id="79a6"),
        **BUCKET,
    ),
    *(
        case(
            verdict,
            f"an unknown role, and {name} for its account",
            allow(),
            bucket=[to({"AWS": SOURCE_ACCOUNT})],
            principal=CALLER._replace(role=None),
            context=context,
            **BUCKET,
        )
        for verdict, name, context in (
            (ALLOWED, "text", {"aws:PrincipalAccount": SOURCE_ACCOUNT}),
            (ALLOWED, "a number", {"aws:PrincipalAccount": int(SOURCE_ACCOUNT)}),
            (DENIED, "another", {"aws:PrincipalAccount": "3" * 12}),
            (UNKNOWN, "nothing", {}),
            (UNKNOWN, "absence", {"aws:PrincipalAccount": ABSENT}),
            (UNKNOWN, "presence", {"aws:PrincipalAccount": PRESENT}),
            (UNKNOWN, "several", {"aws:PrincipalAccount": (SOURCE_ACCOUNT,)}),
            (UNKNOWN, "a choice", {"aws:PrincipalAccount": OneOfValues((SOURCE_ACCOUNT, "3"))}),
        )
    ),
    case(
        UNKNOWN,
        "an unknown role and the name of one",
        allow(),
        bucket=[to({"AWS": ROLE})],
        principal=CALLER._replace(role=None),
        **BUCKET,
    ),
    case(UNKNOWN, "a principal in the role's policy", {**allow(), "Principal": "*"}),
    case(UNKNOWN, "no principal in the bucket's", allow(), bucket=[allow()], **BUCKET),
]


def deny_others(*listed: str) -> dict[str, Any]:
    return {"Effect": "Deny", "NotPrincipal": {"AWS": list(listed)}, "Action": "*", "Resource": "*"}


NOT_PRINCIPAL = [
    case(ALLOWED, "all three are listed", allow(), bucket=[deny_others(ROOT, ROLE, SESSION)]),
    case(DENIED, "none is listed", allow(), bucket=[deny_others(OTHER_ACCOUNT)]),
    case(UNKNOWN, "some are listed", allow(), bucket=[deny_others(ROOT, ROLE)]),
    case(ALLOWED, "everyone is listed", allow(), bucket=[deny_others("*")]),
    case(ALLOWED, "everyone is listed, and another", allow(), bucket=[deny_others("x", "*")]),
    case(UNKNOWN, "the account is listed", allow(), bucket=[deny_others(ROOT)]),
    case(UNKNOWN, "the session is listed", allow(), bucket=[deny_others(SESSION)]),
    case(UNKNOWN, "an id is listed", allow(), bucket=[deny_others("AROA1")]),
    case(
        UNKNOWN,
        "an Allow of everyone but the account",
        allow(),
        bucket=[{**deny_others(ROOT), "Effect": "Allow"}],
        **BUCKET,
    ),
    case(
        UNKNOWN,
        "an Allow of everyone but an id",
        allow(),
        bucket=[{**deny_others("AROA1"), "Effect": "Allow"}],
        **BUCKET,
    ),
    case(
        DENIED,
        "an Allow of everyone but everyone",
        allow(),
        bucket=[{**deny_others("*"), "Effect": "Allow"}],
        **BUCKET,
    ),
    case(
        DENIED,
        "a boundary and all three",
        allow(),
        bucket=[deny_others(ROOT, ROLE, SESSION)],
        boundary=[allow("*", "*")],
    ),
    case(
        ALLOWED,
        "an Allow of everyone else",
        allow(),
        bucket=[{**deny_others(OTHER_ACCOUNT), "Effect": "Allow"}],
        **BUCKET,
    ),
    case(
        DENIED,
        "an Allow of everyone but the role",
        allow(),
        bucket=[{**deny_others(ROLE), "Effect": "Allow"}],
        **BUCKET,
    ),
]

LAYERS = [
    case(ALLOWED, "the bucket policy names the role", bucket=[to({"AWS": ROLE})]),
    case(DENIED, "the bucket policy names the account only", bucket=[to({"AWS": ROOT})]),
    case(DENIED, "another account's bucket without policy", allow(), **BUCKET),
    case(DENIED, "another account's policy alone", bucket=[to({"AWS": SESSION})], **BUCKET),
    case(UNKNOWN, "nobody knows whose bucket it is", allow(), owner=None),
    case(ALLOWED, "whoever owns the bucket", allow(), bucket=[to({"AWS": ROLE})], owner=None),
    case(DENIED, "whoever owns it, nothing allows", bucket=[to({"AWS": ROOT})], owner=None),
    case(DENIED, "the boundary limits the role's policy", allow(), boundary=[allow("s3:Get*")]),
    case(
        DENIED,
        "the boundary limits grants to the role",
        bucket=[to({"AWS": ROLE})],
        boundary=[allow("s3:Get*")],
    ),
    case(
        ALLOWED,
        "not those to the session",
        bucket=[to({"AWS": SESSION})],
        boundary=[allow("s3:Get*")],
    ),
    case(ALLOWED, "nor those to everyone", bucket=[to("*")], boundary=[allow("s3:Get*")]),
    case(DENIED, "a Deny of the boundary always holds", bucket=[to("*")], boundary=[deny()]),
    case(
        DENIED,
        "the boundary limits all across accounts",
        allow(),
        bucket=[to({"AWS": SESSION})],
        boundary=[allow("s3:Get*")],
        **BUCKET,
    ),
    case(ALLOWED, "every level allows", allow(), scps=[[allow("*", "*")], [allow("s3:*", "*")]]),
    case(DENIED, "one level does not", allow(), scps=[[allow("*", "*")], [allow("ec2:*", "*")]]),
    case(DENIED, "an empty level", allow(), scps=[[]]),
    case(ALLOWED, "no organization", allow(), scps=[]),
    case(DENIED, "a level denies", allow(), scps=[[allow("*", "*"), deny("s3:Replicate*")]]),
    case(ALLOWED, "resource policies of an organization need no Allow", allow(), rcps=[[]]),
    case(DENIED, "they deny", allow(), rcps=[[to("*", Effect="Deny")]]),
    case(ALLOWED, "they deny others", allow(), rcps=[[to({"AWS": "3" * 12}, Effect="Deny")]]),
    case(DENIED, "a second level denies", allow(), rcps=[[], [to("*", Effect="Deny")]]),
    case(
        ALLOWED,
        "a short pattern of a boundary goes on",
        allow(),
        boundary=[allow(resource="arn:aws:s3:*")],
    ),
    case(
        UNKNOWN,
        "a short pattern of an organization",
        allow(),
        scps=[[allow(resource="arn:aws:s3:*")]],
    ),
    case(
        UNKNOWN,
        "a short pattern of its other policies",
        allow(),
        rcps=[[to("*", Effect="Deny", Resource="arn:aws:s3:*")]],
    ),
    case(
        ALLOWED,
        "a short pattern of a bucket with a star",
        allow(),
        bucket=[to("*", Resource="arn:aws:s3:*")],
        **BUCKET,
    ),
    case(
        DENIED,
        "a short pattern of a bucket without",
        allow(),
        bucket=[to("*", Resource="arn:aws:s3")],
        **BUCKET,
    ),
    case(
        ALLOWED,
        "an Allow behind a Deny of something else",
        allow(),
        bucket=[to("*", Effect="Deny", Resource="arn:aws:s3:::dest"), to("*")],
        **BUCKET,
    ),
    case(
        ALLOWED,
        "an Allow behind a Deny that does not hold",
        allow(),
        bucket=[to("*", Effect="Deny", Condition={"Null": {"k:a": "true"}}), to("*")],
        context={"k:a": "a"},
        **BUCKET,
    ),
    case(UNKNOWN, "an effect that nobody knows", allow(), allow(Effect=NOBODY_KNOWS)),
    case(
        UNKNOWN,
        "in another layer too",
        allow(),
        scps=[[allow("*", "*"), allow("*", "*", Effect=NOBODY_KNOWS)]],
    ),
    case(DENIED, "one that does not apply", allow("s3:Get*", Effect=NOBODY_KNOWS)),
    case(
        DENIED,
        "a public policy and its restriction",
        allow(),
        bucket=[to({"AWS": ROLE}), to("*", Action="s3:GetObject")],
        restrict=True,
        **BUCKET,
    ),
    case(
        ALLOWED,
        "within the account",
        allow(),
        bucket=[to("*", Action="s3:GetObject")],
        restrict=True,
    ),
    case(
        ALLOWED,
        "a policy that is not public",
        allow(),
        bucket=[
            to({"AWS": ROLE}),
            to(
                "*",
                Action="s3:GetObject",
                Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            ),
        ],
        restrict=True,
        **BUCKET,
    ),
    case(
        DENIED,
        "a wide block of addresses is public",
        allow(),
        bucket=[
            to({"AWS": ROLE}),
            to("*", Action="s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}}),
        ],
        restrict=True,
        **BUCKET,
    ),
]

KMS: dict[str, Any] = {"action": "kms:Encrypt", "resource": KEY_ARN, "prefix": None}
ANY_KEY = allow("kms:*", "*")
OBJECT = "kms:EncryptionContext:aws:s3:arn"
CONTEXT = {OBJECT: "arn:aws:s3:::src/{key}"}
ENCRYPTED = {**KMS, "prefix": "logs/", "context": CONTEXT}


def on_objects(operator: str, pattern: str) -> dict[str, Any]:
    return {**ANY_KEY, "Condition": {operator: {OBJECT: pattern}}}


KEY_POLICIES = [
    case(DENIED, "no key policy", ANY_KEY, **KMS),
    case(
        DENIED,
        "the key policy does not open the key",
        ANY_KEY,
        bucket=[to({"AWS": "9" * 12})],
        **KMS,
    ),
    case(ALLOWED, "the key policy trusts the account", ANY_KEY, bucket=[to({"AWS": ROOT})], **KMS),
    case(DENIED, "it trusts the account, the role has nothing", bucket=[to({"AWS": ROOT})], **KMS),
    case(ALLOWED, "it names the role", bucket=[to({"AWS": ROLE})], **KMS),
    case(
        ALLOWED,
        "it is AWS's own",
        bucket=[
            to({"AWS": "*"}, Condition={"StringEquals": {"kms:CallerAccount": SOURCE_ACCOUNT}})
        ],
        context={"kms:CallerAccount": SOURCE_ACCOUNT},
        **KMS,
    ),
    case(
        DENIED,
        "another account's key without the role's policy",
        bucket=[to({"AWS": ROLE})],
        **{**KMS, "resource": OTHER_KEY_ARN},
        **BUCKET,
    ),
    case(
        ALLOWED,
        "both sides of another account's key",
        ANY_KEY,
        bucket=[to({"AWS": ROOT})],
        **{**KMS, "resource": OTHER_KEY_ARN},
        **BUCKET,
    ),
    case(
        DENIED,
        "generate does not cover encrypt",
        allow("kms:GenerateDataKey*", "*"),
        bucket=[to({"AWS": ROOT})],
        **KMS,
    ),
    case(
        ALLOWED,
        "objects of the context",
        on_objects("StringLike", "arn:aws:s3:::src/*"),
        bucket=[to({"AWS": ROOT})],
        **ENCRYPTED,
    ),
    case(
        DENIED,
        "a bucket is not its objects",
        on_objects("StringLike", "arn:aws:s3:::src"),
        bucket=[to({"AWS": ROOT})],
        key="logs/",
        **ENCRYPTED,
    ),
    case(
        DENIED,
        "some objects of the context",
        on_objects("ArnLike", "arn:aws:s3:::src/logs/a*"),
        bucket=[to({"AWS": ROOT})],
        key="logs/",
        **ENCRYPTED,
    ),
    case(
        DENIED,
        "one object of the context",
        on_objects("StringEquals", "arn:aws:s3:::src/logs/"),
        bucket=[to({"AWS": ROOT})],
        key="logs/x",
        **ENCRYPTED,
    ),
    case(
        ALLOWED,
        "all but others",
        on_objects("StringNotLike", "arn:aws:s3:::src/data/*"),
        bucket=[to({"AWS": ROOT})],
        **ENCRYPTED,
    ),
    case(
        DENIED,
        "objects that two conditions leave",
        {
            **ANY_KEY,
            "Condition": {
                "StringLike": {OBJECT: "arn:aws:s3:::src/*a*"},
                "StringNotLike": {OBJECT: "arn:aws:s3:::src/*b*"},
            },
        },
        on_objects("StringNotLike", "arn:aws:s3:::src/*a*"),
        bucket=[to({"AWS": ROOT})],
        **{**ENCRYPTED, "prefix": ""},
    ),
    case(
        UNKNOWN,
        "objects and a condition that nobody can read",
        {
            **ANY_KEY,
            "Condition": {
                "StringLike": {OBJECT: "arn:aws:s3:::src/*a*"},
                "StringMatches": {OBJECT: "arn:aws:s3:::src/*"},
            },
        },
        on_objects("StringNotLike", "arn:aws:s3:::src/*a*"),
        bucket=[to({"AWS": ROOT})],
        **ENCRYPTED,
    ),
    case(
        UNKNOWN,
        "objects whatever their case",
        on_objects("StringEqualsIgnoreCase", "arn:aws:s3:::SRC/logs/"),
        bucket=[to({"AWS": ROOT})],
        **ENCRYPTED,
    ),
    case(
        UNKNOWN,
        "a variable that holds the object",
        {**ANY_KEY, "Condition": {"StringEquals": {"k:a": f"${{{OBJECT}}}"}}},
        bucket=[to({"AWS": ROOT})],
        **{**ENCRYPTED, "context": {**CONTEXT, "k:a": "arn:aws:s3:::src/logs/"}},
    ),
]

TRUST: dict[str, Any] = {
    "principal": Principal(service="s3.amazonaws.com"),
    "action": "sts:AssumeRole",
    "resource": ROLE,
    "prefix": None,
}


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}


TRUSTS = trust({"Service": "s3.amazonaws.com"})


def others_than(*services: Any) -> dict[str, Any]:
    statement = trust(None, Effect="Deny", NotPrincipal={"Service": list(services)})
    return {k: v for k, v in statement.items() if v is not None}


TRUSTED = [
    case(ALLOWED, "the service", bucket=[trust({"Service": "s3.amazonaws.com"})], **TRUST),
    case(
        ALLOWED,
        "the service among others",
        bucket=[trust({"Service": ["ec2.amazonaws.com", "s3.amazonaws.com"]})],
        **TRUST,
    ),
    case(
        DENIED,
        "a Deny of all services but another",
        bucket=[TRUSTS, others_than("ec2.amazonaws.com")],
        **TRUST,
    ),
    case(
        ALLOWED,
        "a Deny of all services but this one",
        bucket=[TRUSTS, others_than("ec2.amazonaws.com", "s3.amazonaws.com")],
        **TRUST,
    ),
    case(
        ALLOWED,
        "a boundary is none of a service",
        bucket=[TRUSTS, others_than("s3.amazonaws.com")],
        boundary=[allow("*", "*")],
        **TRUST,
    ),
    case(UNKNOWN, "an open service", bucket=[trust({"Service": NOBODY_KNOWS})], **TRUST),
    case(
        UNKNOWN,
        "a Deny of all but an open service",
        bucket=[TRUSTS, others_than(NOBODY_KNOWS)],
        **TRUST,
    ),
    case(DENIED, "no federation is a service", bucket=[trust({"Federated": "x"})], **TRUST),
    case(ALLOWED, "everyone", bucket=[trust("*")], **TRUST),
    case(
        DENIED,
        "a Deny of the service",
        bucket=[TRUSTS, trust({"Service": "s3.amazonaws.com"}, Effect="Deny")],
        **TRUST,
    ),
    case(
        ALLOWED,
        "a Deny of the account",
        bucket=[TRUSTS, trust({"AWS": ROOT}, Effect="Deny")],
        **TRUST,
    ),
    case(DENIED, "another service", bucket=[trust({"Service": "ec2.amazonaws.com"})], **TRUST),
    case(DENIED, "the account", bucket=[trust({"AWS": ROOT})], **TRUST),
    case(DENIED, "no trust", **TRUST),
    case(
        ALLOWED,
        "no other layer",
        bucket=[trust({"Service": "s3.amazonaws.com"})],
        scps=[[deny("*")]],
        boundary=[deny("*")],
        owner=None,
        **TRUST,
    ),
    case(
        UNKNOWN,
        "a condition that nobody knows",
        bucket=[
            trust(
                {"Service": "s3.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": SOURCE_ACCOUNT}},
            )
        ],
        **TRUST,
    ),
    case(
        DENIED,
        "a condition that fails",
        bucket=[
            trust(
                {"Service": "s3.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}},
            )
        ],
        context={"aws:SourceAccount": SOURCE_ACCOUNT},
        **TRUST,
    ),
    case(
        UNKNOWN,
        "a trust policy has no resource",
        bucket=[trust({"Service": "s3.amazonaws.com"}, Resource="*")],
        **TRUST,
    ),
    case(
        ALLOWED,
        "a role that trusts a role of its account",
        allow("sts:AssumeRole", "*"),
        bucket=[trust({"AWS": ROOT})],
        **{**TRUST, "principal": CALLER},
    ),
    case(
        DENIED,
        "a role that does not",
        allow("sts:AssumeRole", "*"),
        bucket=[trust({"Service": "s3.amazonaws.com"})],
        **{**TRUST, "principal": CALLER},
    ),
]

PITFALLS = [
    case(
        DENIED,
        "the usual exemptions do not exempt the role",
        allow(),
        bucket=[
            to(
                "*",
                Effect="Deny",
                Condition={
                    "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
                    "BoolIfExists": {
                        "aws:PrincipalIsAWSService": "false",
                        "aws:ViaAWSService": "false",
                    },
                },
            )
        ],
        context={
            "aws:SourceVpce": ABSENT,
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
        },
    ),
    case(
        DENIED,
        "if-exists in a Deny refuses when the key is missing",
        allow(),
        when("StringNotEqualsIfExists", "aws:SourceVpce", "vpce-1", effect="Deny"),
        context={"aws:SourceVpce": ABSENT},
    ),
    case(
        DENIED,
        "a condition on the session never matches",
        allow(),
        bucket=[to("*", Condition={"ArnLike": {"aws:PrincipalArn": SESSION}})],
        context={"aws:PrincipalArn": ROLE},
        **BUCKET,
    ),
    case(
        DENIED,
        "a name with a star misses the path",
        allow(),
        bucket=[
            to(
                "*",
                Condition={
                    "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{SOURCE_ACCOUNT}:role/crr*"}
                },
            )
        ],
        context={"aws:PrincipalArn": ROLE},
        **BUCKET,
    ),
    case(ALLOWED, "a Deny of puts is not one of replicas", allow(), deny("s3:PutObject")),
    case(DENIED, "a Deny of all of S3 is", allow(), deny("s3:*"), key="x"),
]


@pytest.mark.parametrize(
    ("verdict", "key", "identity", "more"),
    MATCHING
    + ACTIONS
    + KEYS
    + VARIABLES
    + MISSING
    + PRESENT_KEY
    + ORDERED
    + WORLDS
    + VALUES
    + PRINCIPALS
    + NOT_PRINCIPAL
    + LAYERS
    + KEY_POLICIES
    + TRUSTED
    + PITFALLS,
)
def test_a_rule_of_iam(
    verdict: str, key: str | None, identity: tuple[Any, ...], more: dict[str, Any]
) -> None:
    decision = ask(*identity, **more)
    assert verdict == decision.verdict, decision.reason
    if key is not None:
        assert key == decision.counterexample
