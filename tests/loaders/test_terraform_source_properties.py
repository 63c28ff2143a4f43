"""Terraform source that is cut, shuffled and repeated: read without a crash, each time the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crrlint.model import Model
from crrlint.routes.graph import Graph
from crrlint.run import engine, ruleset
from tests.loaders.terraform.reading import plain
from tests.loaders.terraform.sources import source

FIXTURES = Path(__file__).parents[1] / "fixtures"
TEXTS = sorted(path.read_text() for path in FIXTURES.glob("*/*terraform_source*/*.tf"))
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
TOKENS = [TOKEN.findall(text) for text in TEXTS]
RULES = ruleset.load()


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A file of the fixtures in which a few tokens were dropped, moved, repeated or changed."""
    tokens = list(draw(st.sampled_from(TOKENS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(tokens) - 1))
        other = draw(st.integers(0, len(tokens) - 1))
        match draw(st.integers(0, 4)):
            case 0 if len(tokens) > 1:
                del tokens[at]
            case 1:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 2:
                tokens[at:at] = tokens[other : other + 20]
            case 3:
                tokens[at] = draw(st.sampled_from(draw(st.sampled_from(TOKENS))))
            case _:
                tokens.insert(
                    at, draw(st.sampled_from(['"', "{", "}", "${", "<<E", "[", "0", "*"]))
                )
    return "".join(tokens)


def shown(model: Model) -> list[object]:
    return [
        (plain(fact.name), {field: plain(node) for field, node in fact.fields.items()})
        for fact in model.buckets
    ]


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_no_text_is_too_bad_to_be_read(text: str) -> None:
    model = source(text)
    for problem in model.problems:
        assert "could not be read" not in problem.message, problem
    outcome = engine.run(Graph(model), RULES, {}, model.problems)
    assert outcome.crashes == ()


@settings(max_examples=25, deadline=None)
@given(damaged())
def test_the_same_text_gives_the_same_model(text: str) -> None:
    assert shown(source(text)) == shown(source(text))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_order_of_blocks_does_not_matter(text: str) -> None:
    blocks = re.split(r"\n(?=\S)(?![}\]])", text)
    assert sorted(map(str, shown(source(text)))) == sorted(
        map(str, shown(source("\n".join(reversed(blocks)))))
    )
