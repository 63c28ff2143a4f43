"""What two statements of one document have in common; where they differ, it is one or the other.

All differences hang on one choice, so that a question is decided when both statements
answer it alike, and no part of one is ever seen beside a part of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crrlint.documents.source import Node
from crrlint.values import OneOf, Undecided
from crrlint.values.symbols import Rivalry
from crrlint.world.agreement import Statement, agree, conflict, openness, place


def common(one: Statement, other: Statement, what: str) -> Node:
    """Return a node that holds what either says; the better known one where nothing differs."""
    if _alike(one.node, other.node):
        return min(one.node, other.node, key=openness)
    gap = conflict(what, one, other)
    places = tuple(f"the one in {place(s.node.at)}" for s in (one, other))
    choice = Rivalry(f"{what}: {one.node.at!r} or {other.node.at!r}", places, gap.what, gap.needs)
    return _either(choice, one.node, other.node)


def _alike(a: Node, b: Node) -> bool:
    try:
        return agree(a, b) is not False
    except Undecided:
        return False


def _either(choice: Rivalry, a: Node, b: Node) -> Node:
    if _alike(a, b):
        return min(a, b, key=openness)
    if isinstance(a.value, dict) and isinstance(b.value, dict):
        return Node(dict(_pairs(choice, a, a.value, b, b.value)), a.at)
    mine, theirs = _by_id(a.value), _by_id(b.value)
    if mine is not None and theirs is not None:
        return Node([rule for _, rule in _pairs(choice, a, mine, b, theirs)], a.at)
    return Node(OneOf(choice, (a, b)), a.at)


def _pairs(
    choice: Rivalry, a: Node, mine: dict[str, Node], b: Node, theirs: dict[str, Node]
) -> Iterator[tuple[str, Node]]:
    """Yield the parts of both; what only one has is absent from the other."""
    for name in (*mine, *(name for name in theirs if name not in mine)):
        one, other = mine.get(name), theirs.get(name)
        yield name, _either(choice, one or Node(None, a.at), other or Node(None, b.at))


def _by_id(value: Any) -> dict[str, Node] | None:
    """Return rules by their ids; None for a list of which not all have one of their own."""
    if not isinstance(value, list) or not value:
        return None
    rules = {name: rule for rule in value if (name := _id(rule)) is not None}
    return rules if len(rules) == len(value) else None


def _id(rule: Node) -> str | None:
    if not isinstance(rule.value, dict) or "ID" not in rule.value:
        return None
    value = rule.value["ID"].value
    return value if isinstance(value, str) and value else None
