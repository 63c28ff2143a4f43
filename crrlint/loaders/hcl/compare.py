"""When are two values the same?  Three answers: yes, no, open."""

from __future__ import annotations

from typing import Any

from crrlint.documents.source import Node
from crrlint.loaders.hcl.values import (
    JsonText,
    ListOf,
    MapOf,
    OpenText,
    SetOf,
    is_text,
    may_be_null,
)
from crrlint.values import OneOf, Symbolic, Unknown, same


def equal(one: Node, other: Node, ask: bool = False) -> bool | None:
    """Compare two values; None where the input leaves it open.

    With `ask`, an open choice raises `Undecided`; otherwise it leaves the answer open.
    """
    if ask:
        one, other = one.settled(), other.settled()
    a, b = one.value, other.value
    if a is b and not isinstance(a, Unknown):
        return True
    if isinstance(a, JsonText) or isinstance(b, JsonText):
        if isinstance(a, JsonText) and isinstance(b, JsonText) and equal(a.node, b.node):
            return True
        return _equal_texts(one, other, ask)
    if isinstance(a, (Unknown, OneOf)) or isinstance(b, (Unknown, OneOf)):
        return None
    if a is None or b is None:
        return None if may_be_null(a) or may_be_null(b) else a is b
    if isinstance(a, (dict, list)) or isinstance(b, (dict, list)):
        return _equal_containers(one, other, ask)
    if isinstance(a, Symbolic) or isinstance(b, Symbolic):
        return same(a, b)
    if isinstance(a, str) or isinstance(b, str) or isinstance(a, bool) or isinstance(b, bool):
        return type(a) is type(b) and bool(a == b)
    return bool(a == b)


def _equal_texts(one: Node, other: Node, ask: bool) -> bool | None:
    """Compare values of which at least one is a JSON text, by what is written there."""
    from crrlint.loaders.hcl.json_text import text_of

    one, other = text_of(one), text_of(other)
    if ask:
        one, other = one.settled(), other.settled()
    if any(isinstance(node.value, (JsonText, OpenText)) for node in (one, other)):
        return None
    return equal(one, other, ask)


def _equal_containers(one: Node, other: Node, ask: bool) -> bool | None:
    a, b = one.value, other.value
    if isinstance(a, Symbolic) or isinstance(b, Symbolic):
        text = a if isinstance(a, Symbolic) else b
        return False if is_text(text) else None
    if isinstance(a, dict) and isinstance(b, dict):
        if isinstance(a, MapOf) is not isinstance(b, MapOf) or a.keys() != b.keys():
            return False
        if not a and isinstance(a, MapOf) and isinstance(b, MapOf):
            return _equal_empty(a.of, b.of)
        return _all([equal(a[key], b[key], ask) for key in a])
    if isinstance(a, list) and isinstance(b, list):
        kinds = [(isinstance(v, ListOf), isinstance(v, SetOf)) for v in (a, b)]
        if kinds[0] != kinds[1]:
            return False
        if isinstance(a, ListOf) and isinstance(b, ListOf) and not a and not b:
            return _equal_empty(a.of, b.of)
        certain = all(not isinstance(v, ListOf) or v.certain for v in (a, b))
        counted = all(not isinstance(v, ListOf) or v.counted for v in (a, b))
        if isinstance(a, SetOf):
            return _equal_sets(a, b, counted, ask)
        if not certain:
            return None
        if len(a) != len(b):
            return False
        return _all([equal(x, y, ask) for x, y in zip(a, b, strict=True)])
    return False


def _equal_empty(one: Any, other: Any) -> bool | None:
    """Compare empty collections by the types of the elements that they would have."""
    return None if one is None or other is None else bool(one == other)


def _equal_sets(a: list[Node], b: list[Node], certain: bool, ask: bool) -> bool | None:
    found = [[equal(x, y, ask) for y in b] for x in a]
    back = [[row[i] for row in found] for i in range(len(b))]
    if all(True in row for row in found) and all(True in column for column in back):
        return True
    if any(set(row) <= {False} for row in (*found, *back)):
        return False
    if certain and len(a) != len(b):
        return False
    return None


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True
