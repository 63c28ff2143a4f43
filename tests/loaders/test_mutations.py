"""Documents of which a part is anything else: loaders tell what is wrong and never give up."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crrlint.documents.parse import parse
from crrlint.documents.source import Document
from crrlint.loaders import recognise
from crrlint.model.bindings import Bindings
from crrlint.world import World

FIXTURES = Path(__file__).parents[1] / "fixtures" / "destination_not_versioned"
CASES = {
    "awsconfig": "good_config_snapshot",
    "terraform.state": "good_awscc",
    "pulumi": "good_pulumi",
    "kubernetes upbound": "good_upbound",
    "kubernetes ack": "good_ack",
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "Enabled", "{}", '"', "[", "%7B", "$X", "arn:aws:s3:::b", "null"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "id", "rules", "4dabf18193072939515e22adb298388d"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=4,
)


@cache
def documents(case: str) -> tuple[Document, ...]:
    found: list[Document] = []
    for path in sorted((FIXTURES / case).rglob("*")):
        if path.suffix in (".json", ".yaml", ".tfstate"):
            found.extend(parse(path.name, path.read_text(encoding="utf-8"))[0])
    return tuple(found)


def ways(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way down to each part of plain data."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*way, key)
        if isinstance(value, (dict, list)):
            yield from ways(value, (*way, key))


@cache
def all_ways(case: str, index: int) -> tuple[tuple[Any, ...], ...]:
    return tuple(ways(documents(case)[index].data))


@pytest.mark.parametrize("loader", CASES)
@given(data=st.data())
@settings(max_examples=1500, deadline=None)
def test_a_part_may_be_anything(loader: str, data: st.DataObject) -> None:
    case = CASES[loader]
    index = data.draw(st.integers(0, len(documents(case)) - 1))
    way = data.draw(st.sampled_from(all_ways(case, index)))
    value = data.draw(ANYTHING)
    changed = list(documents(case))
    old = changed[index]
    whole = copy.deepcopy(old.data)
    holder = whole
    for key in way[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[way[-1]] = value
    else:
        del holder[way[-1]]
    changed[index] = Document(old.path, json.dumps(whole), "json", whole)
    module = loader.partition(" ")[0]
    meant = [
        document
        for document in changed
        if (found := recognise(document, Bindings())) is not None and found.loader == module
    ]

    model = import_module(f"crrlint.loaders.{module}").load(meant, Bindings())
    for bucket in World(model).buckets():
        str(bucket)
