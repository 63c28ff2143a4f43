"""Functions over sets."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.compare import equal
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.sets import set_of
from crrlint.loaders.hcl.types import ANY, Collection, TupleType, convert, type_of, unify
from crrlint.loaders.hcl.values import ListOf, SetOf
from crrlint.values import Symbolic, Undecided

MAX_ITEMS: Final = 100_000


def _of_one_type(sets: tuple[Node, ...]) -> list[SetOf]:
    """Convert the arguments to sets, all of one type."""
    if not sets:
        raise BadArgument("at least one set is needed")
    made = []
    for node in sets:
        if isinstance(node.value, Symbolic):
            raise node.value.undecided()
        made.append(convert(node, Collection("set", ANY)))
    type_ = unify([type_of(node) for node in made])
    if type_ is None:
        raise BadArgument("the sets have no type in common")
    if type_ is not ANY:
        made = [convert(node, type_) for node in made]
    return [node.value for node in made]


def _has(items: SetOf, wanted: Node) -> bool | None:
    answers = [equal(item, wanted) for item in items]
    return True if True in answers else None if None in answers else False


def _union(*sets: Node) -> SetOf:
    made = _of_one_type(sets)
    items = [item for items in made for item in items]
    return set_of(items, all(s.counted for s in made), made[0].of)


def _intersection(*sets: Node) -> SetOf:
    first, *others = _of_one_type(sets)
    return _kept(first, others, True)


def _difference(*sets: Node) -> SetOf:
    first, other = _of_one_type(sets)
    return _kept(first, [other], False)


def _kept(first: SetOf, others: list[SetOf], wanted: bool) -> SetOf:
    kept = []
    for item in first:
        answers = [_has(other, item) for other in others]
        if None in answers and (not wanted) not in answers:
            raise Undecided("unsupported_expression", "the elements that sets have in common")
        if all(answer is wanted for answer in answers):
            kept.append(item)
    return set_of(kept, first.counted, first.of)


def _product(*lists: Node) -> Any:
    if len(lists) < 2:
        raise BadArgument("at least two lists are needed")
    values: list[list[Node]] = []
    for node in lists:
        if isinstance(node.value, Symbolic):
            raise node.value.undecided()
        if not isinstance(node.value, list):
            raise BadArgument("needs lists or sets")
        if isinstance(node.value, ListOf) and not node.value.certain:
            raise Undecided("unsupported_expression", "a list of open order")
        values.append(node.value)
    if prod(map(len, values)) > MAX_ITEMS:
        raise Undecided("too_complex", f"more than {MAX_ITEMS} combinations")
    rows = [Node(list(row), row[0].at) for row in product(*values)]
    rows = _alike(rows)
    of = TupleType(tuple([_element_type(value) for value in values]))
    if any(isinstance(value, SetOf) for value in values):
        return set_of(rows, of=of)
    return ListOf(rows, of=of)


def _element_type(items: list[Node]) -> Any:
    known = items.of if isinstance(items, ListOf) else None
    return known or unify([type_of(item) for item in items]) or ANY


def _alike(rows: list[Node]) -> list[Node]:
    type_ = unify([type_of(row) for row in rows])
    if type_ is None:
        raise BadArgument("the elements have no type in common")
    return [convert(row, type_) for row in rows]


FUNCTIONS: Final[dict[str, Function]] = {
    "setintersection": Function(_intersection, rest="value"),
    "setproduct": Function(_product, rest="value"),
    "setsubtract": Function(_difference, ("value", "value")),
    "setunion": Function(_union, rest="value"),
}
