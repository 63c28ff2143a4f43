"""Prefixes of keys with symbols in them, and finding those that can select one key."""

from __future__ import annotations

import random

import pytest

from crrlint.values import Symbol, Symbolic, Text, Undecided, join
from crrlint.values.prefixes import Prefixes, covers, decided, meet, share

TEAM = Symbol("template", "Team", "${Team}")
ACCOUNT = Symbol("stack", "account", "${AWS::AccountId}", form="account")
LOGS = Symbol("template/Logs", "bucket-name", "${Logs}", form="name", unique=True)
COPY = Symbol("template/Copy", "bucket-name", "${Copy}", form="name", unique=True)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("", "", True),
        ("", "logs/", True),
        ("logs/", "logs/app/", True),
        ("logs/", "data/", False),
        ("log", "logs/", True),
        ("", join(TEAM), True),
        (join(TEAM, "/app"), join(TEAM, "/app/web"), True),
        (join(TEAM, "/app"), join(TEAM, "/web"), False),
        ("logs/", join("logs/", TEAM), True),
        ("data/", join("logs/", TEAM), False),
        ("data/", join(TEAM), None),
        ("/data", join(LOGS), False),
        ("data/", join(LOGS), None),
        ("data/", join(ACCOUNT, "/"), False),
        ("1234", join(ACCOUNT, "/"), None),
        (join(LOGS, "/"), join(COPY, "/"), False),
        (join(LOGS), join(COPY, "/"), None),
        (join(LOGS, "/"), join(TEAM, "/"), None),
    ],
)
def test_prefixes_meet_or_not_or_nobody_can_tell(a: Text, b: Text, expected: bool | None) -> None:
    assert meet(a, b) is expected
    assert meet(b, a) is expected


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("", join(TEAM), True),
        ("logs/", "logs/app/", True),
        ("logs/app/", "logs/", False),
        ("logs/", "data/", False),
        (join("logs/", TEAM), "logs/", None),
        (join("logs/", LOGS), "logs/", False),
        (join(TEAM), "logs/", None),
        ("logs/", join("logs/", TEAM), True),
    ],
)
def test_a_prefix_covers_another_or_not(wide: Text, narrow: Text, expected: bool | None) -> None:
    assert covers(wide, narrow) is expected


def test_several_share_a_key_when_each_two_do() -> None:
    assert share("", "logs/", "logs/app/")
    assert not share("", "logs/", "data/")
    assert not share(join(TEAM), "logs/", "data/")
    with pytest.raises(Undecided, match="Team"):
        share(join(TEAM), "logs/")


def test_what_is_open_names_the_symbol() -> None:
    assert decided(True, "a") is True
    with pytest.raises(Undecided, match="Team"):
        decided(None, "a", Symbolic((TEAM,)))


def test_near_prefixes_are_those_that_meet() -> None:
    chance = random.Random(1)
    prefixes = ["".join(chance.choices("ab/", k=chance.randrange(5))) for _ in range(200)]
    index = Prefixes([(prefix, number) for number, prefix in enumerate(prefixes)])
    for prefix in prefixes:
        expected = [n for n, other in enumerate(prefixes) if meet(prefix, other)]
        assert expected == sorted(index.near(prefix))


def test_prefixes_that_are_not_plain_are_near_to_all() -> None:
    index = Prefixes([("a", 1), (None, 2), ("b", 3)])
    assert [1, 2] == list(index.near("a"))
    assert [1, 3, 2] == list(index.near(None))
