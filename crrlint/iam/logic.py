"""Formulas over the object key, and the two bounds of what the input leaves open.

A bound is a formula: `True`, `False`, a glob that the key has to match, or a node
over formulas.  `Bounds` holds what is certain and what is possible; where
everything is known the two are one object.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias


class Leaf:
    """The key, after its prefix, matches what is left of a glob."""

    __slots__ = ("glob", "start")

    def __init__(self, glob: Any, start: int) -> None:
        self.glob = glob
        self.start = start


class Node:
    """`&` and `|` over any number of formulas, `!` over one."""

    __slots__ = ("items", "op")

    def __init__(self, op: str, items: tuple[Formula, ...]) -> None:
        self.op = op
        self.items = items


Formula: TypeAlias = bool | Leaf | Node
Bounds: TypeAlias = tuple[Formula, Formula]

YES: Final[Bounds] = (True, True)
NO: Final[Bounds] = (False, False)
MAYBE: Final[Bounds] = (False, True)


def conj(items: Iterable[Formula]) -> Formula:
    return _join("&", items, absorbing=False)


def disj(items: Iterable[Formula]) -> Formula:
    return _join("|", items, absorbing=True)


def _join(op: str, items: Iterable[Formula], *, absorbing: bool) -> Formula:
    kept: list[Formula] = []
    for item in items:
        if item is absorbing:
            return absorbing
        if isinstance(item, bool):
            continue
        if isinstance(item, Node) and item.op == op:
            kept.extend(item.items)
        else:
            kept.append(item)
    if not kept:
        return not absorbing
    return kept[0] if len(kept) == 1 else Node(op, tuple(kept))


def negate(formula: Formula) -> Formula:
    if isinstance(formula, bool):
        return not formula
    if isinstance(formula, Node) and formula.op == "!":
        return formula.items[0]
    return Node("!", (formula,))


def exact(formula: Formula) -> Bounds:
    return (formula, formula)


def every(items: Iterable[Bounds]) -> Bounds:
    kept: list[Bounds] = []
    for item in items:
        if item[1] is False:
            return NO
        if item[0] is not True:
            kept.append(item)
    if not kept:
        return YES
    if len(kept) == 1:
        return kept[0]
    possible = conj(b[1] for b in kept)
    if all(b[0] is b[1] for b in kept):
        return (possible, possible)
    return (conj(b[0] for b in kept), possible)


def some(items: Iterable[Bounds]) -> Bounds:
    kept: list[Bounds] = []
    for item in items:
        if item[0] is True:
            return YES
        if item[1] is not False:
            kept.append(item)
    if not kept:
        return NO
    if len(kept) == 1:
        return kept[0]
    possible = disj(b[1] for b in kept)
    if all(b[0] is b[1] for b in kept):
        return (possible, possible)
    return (disj(b[0] for b in kept), possible)


def inverse(bounds: Bounds) -> Bounds:
    certain, possible = bounds
    if certain is possible:
        formula = negate(certain)
        return (formula, formula)
    return (negate(possible), negate(certain))


def signature(formula: Formula) -> Any:
    """Return what equal formulas have in common."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Leaf):
        return (id(formula.glob), formula.start)
    return (formula.op, *(signature(item) for item in formula.items))


def tri(answer: bool | None) -> Bounds:
    """Return the bounds of an answer, None being open."""
    if answer is None:
        return MAYBE
    return YES if answer else NO
