"""Values on their way through expressions, beyond what the model has.

Objects and maps are `dict[str, Node]`, tuples and lists `list[Node]`, sets `SetOf`.  Numbers
are `int`, or `Real` where they are not whole.  Leaves that only make sense among
expressions are kinds of `Unknown`, so that whoever does not know them learns nothing wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crrlint.source import Location, Node, Spot
from crrlint.symbols import Reason, Symbol
from crrlint.values import Unknown


class SetOf(list[Node]):
    """The elements of a set, in Terraform's order; `certain` unless symbols may be equal."""

    __slots__ = ("certain",)

    def __init__(self, items: list[Node], certain: bool = True) -> None:
        super().__init__(items)
        self.certain = certain


class ListOf(list[Node]):
    """A list of which the elements are certain, but neither their number nor their order."""

    __slots__ = ()


class JsonText(Unknown):
    """The JSON text of a value that is still at hand: what `jsonencode` gives.

    Read `node` wherever a JSON document is meant (`document_of`); `text_of` makes the text.
    """

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        super().__init__("unsupported_expression", "a JSON text")
        self.node = node


class OpenText(Unknown):
    """Text of which some parts are unknown; what stands around them is not lost."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str | Symbol | Unknown, ...]) -> None:
        cause = next(p for p in parts if isinstance(p, Unknown) and not isinstance(p, JsonText))
        super().__init__(cause.reason, cause.what, cause.needs)
        self.parts = parts


class Sensitive(Unknown):
    """A value that is not to be shown; `nonsensitive` gives it back."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        super().__init__("sensitive", "a value that is marked as sensitive")
        self.node = node


class OpenObject(Unknown):
    """An object of which the attributes are asked one by one: a resource, a module.

    `member` returns the node of an attribute, or None where there is certainly none.
    """

    __slots__ = ("member",)

    def __init__(
        self,
        member: Callable[[str], Node | None],
        what: str,
        *,
        reason: Reason = "deferred",
        needs: str = "",
    ) -> None:
        super().__init__(reason, what, needs)
        self.member = member


class Written(Spot):
    """The place of a text made of pieces: each a value and, where it was written, its offset."""

    __slots__ = ("pieces",)

    def __init__(self, at: Spot, pieces: tuple[tuple[Any, int | None], ...]) -> None:
        super().__init__(at.document, at.parent, at.key, at.start, at.end)
        self.pieces = pieces


def whole(at: Location) -> Location:
    """Return the place of a text as a whole, without its pieces."""
    if type(at) is Written:
        return Spot(at.document, at.parent, at.key, at.start, at.end)
    return at
