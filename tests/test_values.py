"""The algebra of values: what is proved of symbols holds for every text they may stand for."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crrlint.values import (
    Choice,
    OneOf,
    Symbol,
    Symbolic,
    Text,
    Undecided,
    Unknown,
    identical,
    join,
    one_of,
    parts_of,
    same,
    settle,
    symbolic,
)
from crrlint.values.answers import assuming
from crrlint.values.prefixes import covers

ANYTHING = [Symbol("p", name, f"${{{name}}}") for name in "ab"]
NAMES = [Symbol(f"bucket {n}", "name", n, form="name", unique=True) for n in "cd"]
LETTERS = "ab:/-"

literals = st.text(alphabet=LETTERS, max_size=4)
pieces = st.lists(st.one_of(literals, st.sampled_from([*ANYTHING, *NAMES])), max_size=4)


@st.composite
def meanings(draw: st.DrawFn) -> dict[Symbol, str]:
    """Draw a text for each symbol: names hold no separators, and no two are alike."""
    anything = {symbol: draw(st.text(alphabet=LETTERS, max_size=3)) for symbol in ANYTHING}
    names = draw(st.permutations(["a", "b-a", "ab"]))
    return {**anything, **dict(zip(NAMES, names, strict=False))}


def meant(text: Text, meaning: dict[Symbol, str]) -> str:
    return "".join(p if isinstance(p, str) else meaning[p] for p in parts_of(text))


@given(pieces, meanings())
def test_joining_keeps_the_meaning(texts: list[str | Symbol], meaning: dict[Symbol, str]) -> None:
    expected = "".join(t if isinstance(t, str) else meaning[t] for t in texts)
    assert expected == meant(join(*texts), meaning)


@given(pieces)
def test_joined_text_never_holds_two_literals_in_a_row(texts: list[str | Symbol]) -> None:
    parts = parts_of(join(*texts))
    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in pairwise(parts))
    assert "" not in parts


@given(pieces, pieces, meanings())
def test_a_decided_comparison_holds_for_every_meaning(
    left: list[str | Symbol], right: list[str | Symbol], meaning: dict[Symbol, str]
) -> None:
    a, b = join(*left), join(*right)
    answer = same(a, b)
    if answer is not None:
        assert answer == (meant(a, meaning) == meant(b, meaning))


@given(pieces, pieces)
def test_comparison_is_symmetric(left: list[str | Symbol], right: list[str | Symbol]) -> None:
    a, b = join(*left), join(*right)
    assert same(a, b) == same(b, a)


@given(pieces)
def test_a_text_equals_itself(texts: list[str | Symbol]) -> None:
    assert same(join(*texts), join(*texts)) is True


@given(pieces, literals, meanings())
def test_decided_starts_and_ends_hold_for_every_meaning(
    texts: list[str | Symbol], piece: str, meaning: dict[Symbol, str]
) -> None:
    text = join(*texts)
    if isinstance(text, Symbolic):
        for question, answer in (
            (text.startswith, meant(text, meaning).startswith),
            (text.endswith, meant(text, meaning).endswith),
        ):
            try:
                decided = question(piece)
            except Undecided:
                continue
            assert decided == answer(piece)


@given(pieces, pieces, meanings())
def test_a_decided_start_that_is_symbolic_holds_for_every_meaning(
    texts: list[str | Symbol], start: list[str | Symbol], meaning: dict[Symbol, str]
) -> None:
    text, lead = join(*texts), join(*start)
    decided = covers(lead, text)

    assert decided in (None, meant(text, meaning).startswith(meant(lead, meaning)))


@given(pieces, pieces)
def test_a_text_starts_with_its_own_start(
    texts: list[str | Symbol], more: list[str | Symbol]
) -> None:
    assert covers(join(*texts), join(*texts, *more)) is True


@pytest.mark.parametrize(
    "ask",
    [
        bool,
        hash,
        len,
        iter,
        int,
        lambda v: v == "x",
        lambda v: v != "x",
        lambda v: "x" == v,
        lambda v: v in ("x", "y"),
        lambda v: "x" in v,
        lambda v: v < "x",
        lambda v: v >= 1,
        lambda v: v[0],
        lambda v: v.startswith("x"),
        lambda v: v.anything,
        lambda v: not v,
        lambda v: {v: 1},
    ],
)
def test_every_question_to_an_unknown_raises(ask: object) -> None:
    unknown = Unknown("deferred", "aws_s3_bucket.x.arn", "the state")
    with pytest.raises(Undecided) as raised:
        ask(unknown)  # type: ignore[operator]
    assert ("deferred", "aws_s3_bucket.x.arn", "the state") == (
        raised.value.reason,
        raised.value.what,
        raised.value.needs,
    )


def test_an_unknown_piece_makes_the_whole_unknown() -> None:
    unknown = Unknown("deferred", "x")
    assert join("arn:", unknown, "/*") is unknown


ENVIRONMENT = Choice("environment", ("prod", "dev"), "Env")


def test_alternatives_of_one_choice_stay_together() -> None:
    env = one_of(ENVIRONMENT, ("prod", "dev"))
    text = join("a-", env, "-", env)
    with assuming({ENVIRONMENT: 0}):
        assert settle(text) == "a-prod-prod"
    with assuming({ENVIRONMENT: 1}):
        assert settle(text) == "a-dev-dev"
    assert isinstance(text, OneOf)
    assert len(text.options) == 2


def test_alternatives_that_agree_are_decided() -> None:
    env = one_of(ENVIRONMENT, ("prod-a", "prod-b"))
    assert env.startswith("prod")
    assert env != "dev"
    with pytest.raises(Undecided) as raised:
        bool(env == "prod-a")
    assert ENVIRONMENT == raised.value.choice


def test_equal_alternatives_are_one_value() -> None:
    assert one_of(ENVIRONMENT, ("same", "same")) == "same"
    bucket = symbolic(NAMES[0])
    assert one_of(ENVIRONMENT, (bucket, symbolic(NAMES[0]))) is bucket


def test_a_value_without_an_answer_raises_with_its_choice() -> None:
    with pytest.raises(Undecided) as raised:
        settle(one_of(ENVIRONMENT, ("prod", "dev")))
    assert ENVIRONMENT == raised.value.choice


@given(pieces)
def test_identical_never_asks(texts: list[str | Symbol]) -> None:
    text = join(*texts)
    assert identical(text, join(*texts))
    assert not identical(text, Unknown("deferred", "x"))
    assert not identical(text, 1)
