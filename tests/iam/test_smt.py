"""The solver beside our own search: one answer, whichever of the two gives it."""

from __future__ import annotations

import random
import sys
from itertools import product

import pytest

from crrlint.iam.globs import ANY, STAR, Glob
from crrlint.iam.logic import Formula, Leaf, conj, disj, negate
from crrlint.iam.search import Budget, find
from tests.iam.asking import allow, ask, deny

DEST = "arn:aws:s3:::dest/"


def leaf(pattern: str, arn: bool = False) -> Leaf:
    return Leaf(Glob(pattern.replace("*", STAR).replace("?", ANY), {}, True, arn), 1)


def formula(r: random.Random) -> Formula:
    """Return a goal such as clauses have: some globs, and none of others."""
    globs = [leaf("".join(r.choice("ab:*?") for _ in range(r.randint(0, 4))), r.random() < 0.3)
             for _ in range(4)]  # fmt: skip
    wanted = disj(globs[:2]) if r.random() < 0.5 else True
    return conj([wanted, *(negate(one) for one in globs[2:])])


@pytest.mark.parametrize("seed", range(40))
def test_the_solver_agrees_with_the_search(seed: int) -> None:
    pytest.importorskip("cvc5")
    from crrlint.iam import smt

    goal = formula(random.Random(seed))
    ours, theirs = find(goal, 1, 6, Budget()), smt.find(goal, 1, 6)

    assert (ours is None) == (theirs is None)
    if theirs is not None and ours is not None:
        assert len(ours) <= len(theirs) <= 6
        assert smt.holds(goal, theirs)


@pytest.mark.parametrize("seed", range(40))
def test_a_text_that_is_found_makes_the_goal_true(seed: int) -> None:
    from crrlint.iam import smt

    goal = formula(random.Random(seed))
    found = find(goal, 1, 4, Budget())
    words = ("".join(w) for length in range(1, 5) for w in product("ab:x", repeat=length))

    assert (found is not None) == any(smt.holds(goal, word) for word in words)
    assert found is None or smt.holds(goal, found)


def test_what_is_too_complex_for_the_search_is_decided_by_the_solver() -> None:
    pytest.importorskip("cvc5")
    hard = deny(resource=DEST + "*a" + "?" * 18 + "0")

    decision = ask(allow(resource="*"), hard)
    assert "denied" == decision.verdict
    key = decision.counterexample or ""
    assert key[-20] == "a"
    assert key[-1] == "0"
    assert len(key) == 20


def test_a_proof_of_the_solver_is_a_proof() -> None:
    pytest.importorskip("cvc5")
    some = DEST + "*a" + "?" * 18 + "0"
    others = {"Effect": "Allow", "Action": "*", "NotResource": some}

    assert "allowed" == ask(allow(resource=some), others).verdict


def test_without_the_solver_the_answer_stays_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cvc5", None)
    some = DEST + "*a" + "?" * 18 + "0"
    others = {"Effect": "Allow", "Action": "*", "NotResource": some}

    for decision in (
        ask(allow(resource="*"), deny(resource=some)),
        ask(allow(resource=some), others),
    ):
        assert ("unknown", "patterns too complex") == (decision.verdict, decision.reason)
