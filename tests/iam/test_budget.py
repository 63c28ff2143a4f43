"""Policies that are too hard to decide, or too many: an answer comes all the same."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.iam.asking import allow, ask, deny

DEST = "arn:aws:s3:::dest/"
HARD = [DEST + "*a" + "?" * 18 + str(number) for number in range(3000)]
"""Globs of which each alone needs a quarter of a million states."""


@pytest.fixture(autouse=True)
def _no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cvc5", None)


def test_what_is_too_complex_is_unknown() -> None:
    decision = ask(allow(resource="*"), deny(resource=HARD[0]))
    assert ("unknown", "identity") == (decision.verdict, decision.layer)
    assert "patterns too complex" == decision.reason


def test_a_deny_is_found_among_hard_ones() -> None:
    hard = [_hard(number) for number in range(8)]
    decision = ask(allow(resource="*"), *hard, deny(resource=DEST + "secret/*"))
    assert ("denied", "secret/") == (decision.verdict, decision.counterexample)


@pytest.mark.parametrize("count", [1, 50, 2000])
def test_hard_statements_are_unknown_however_many(count: int) -> None:
    decision = ask(allow(resource="*"), *[_hard(number) for number in range(count)])
    assert ("unknown", "patterns too complex") == (decision.verdict, decision.reason)


def _hard(number: int) -> dict[str, Any]:
    """A Deny of long keys whose letter at one place is none of eight: many states to search."""
    first, second = "*a" + "?" * (14 + number % 5), "*b" + "?" * (14 + number % 5)
    covered = [DEST + one for one in (first, second)]
    free = [DEST + "*" + c + "?" * (14 + number % 5) for c in "cdefgh"]
    short = [DEST + "?" * length for length in range(1, 16 + number % 5)]
    return {"Effect": "Deny", "Action": "*", "NotResource": [*covered, *free, *short]}


@pytest.mark.parametrize(
    "statement",
    [
        deny(resource=DEST + "*a?" * 6000),
        deny(resource=HARD),
        allow(resource=DEST + "*?" * 10_000),
        allow(resource=[f"{DEST}p{number}/*" for number in range(5000)]),
        allow(action="*?" * 10_000),
        allow(Condition={"StringLike": {"aws:x": [f"*a{number}*" for number in range(3000)]}}),
        allow(Condition={"IpAddress": {"aws:x": [f"10.{n}.0.0/16" for n in range(200)]}}),
        allow(Condition={f"Operator{number}": {"aws:x": "y"} for number in range(3000)}),
        allow(resource=[f"{DEST}${{aws:x{number}}}/*" for number in range(3000)]),
    ],
    ids=lambda statement: next(iter(statement.get("Condition", {"Resource": 0}))),
)
def test_a_huge_statement_is_answered(statement: dict[str, Any]) -> None:
    assert ask(statement).verdict in ("denied", "unknown")
