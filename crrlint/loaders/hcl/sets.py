"""Sets: what is the same element, and in which order Terraform goes through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crrlint.documents.source import Node
from crrlint.loaders.hcl.compare import equal
from crrlint.loaders.hcl.numbers import Number, fraction, general
from crrlint.loaders.hcl.values import ListOf, MapOf, SetOf
from crrlint.values import OPEN


def set_of(items: Iterable[Node], certain: bool = True, of: Any = None) -> SetOf:
    """Return the set of some elements.

    Those of which it is open whether they are the same are all kept; then the set is not certain.
    """
    kept, sure = without_repeats(items)
    if all(is_closed(item) for item in kept):
        return SetOf(ordered(kept), certain and sure, of=of)
    sure = certain and sure
    return SetOf(kept, sure and len(kept) < 2, sure, of)


def without_repeats(items: Iterable[Node]) -> tuple[list[Node], bool]:
    """Return the elements without those that are certain to be repeats.

    The second value tells whether it is certain that those that are left all differ.
    """
    kept: list[Node] = []
    plain: dict[tuple[type, Any], None] = {}
    opened: list[Node] = []
    certain = True
    for item in items:
        value = item.value
        if isinstance(value, (str, int, float)):
            key = (
                bool if isinstance(value, bool) else str if isinstance(value, str) else int,
                value,
            )
            if key in plain:
                continue
            plain[key] = None
            others: Sequence[Node] = opened
        else:
            others = kept
        answers = [equal(item, other) for other in others]
        if True in answers:
            continue
        if None in answers:
            certain = False
        if not isinstance(value, (str, int, float)):
            opened.append(item)
        kept.append(item)
    return kept, certain


def is_closed(node: Node) -> bool:
    """Tell whether nothing in a value is open."""
    stack = [node]
    while stack:
        value = stack.pop().value
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            if isinstance(value, ListOf) and not value.certain:
                return False
            stack.extend(value)
        elif isinstance(value, OPEN):
            return False
    return True


def ordered(items: Iterable[Node]) -> list[Node]:
    """Sort closed elements as Terraform's sets are sorted; null comes last."""
    return sorted(items, key=_rank)


def _rank(node: Node) -> tuple[int, Any]:
    value = node.value
    if value is None:
        return 5, 0
    if isinstance(value, bool):
        return 1, value
    if isinstance(value, str):
        return 2, value.encode("utf-8", "surrogatepass")
    if isinstance(value, (int, float)):
        return 3, _Exact(value)
    return 4, _hashed(node).encode("utf-8", "surrogatepass")


class _Exact:
    """Orders numbers without rounding them."""

    __slots__ = ("_fraction",)

    def __init__(self, value: Number) -> None:
        self._fraction = fraction(value)

    def __lt__(self, other: _Exact) -> bool:
        (a, b), (c, d) = self._fraction, other._fraction
        return a * d < c * b


def _hashed(node: Node) -> str:
    """Return what Terraform orders other values by."""
    value = node.value
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, (int, float)):
        return general(value, 10)
    if isinstance(value, str):
        from crrlint.loaders.hcl.quoting import go_quoted

        return go_quoted(value)
    if isinstance(value, MapOf):
        inner = "".join(
            f"{_hashed(Node(key, node.at))}:{_hashed(value[key])};" for key in sorted(value)
        )
        return "{" + inner + "}"
    if isinstance(value, dict):
        return "<" + "".join(_hashed(value[key]) + ";" for key in sorted(value)) + ">"
    if isinstance(value, list):
        inner = "".join(_hashed(item) + ";" for item in value)
        return f"[{inner}]" if isinstance(value, ListOf) else f"<{inner}>"
    raise TypeError(type(value))
