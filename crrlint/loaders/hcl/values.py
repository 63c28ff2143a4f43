"""Values on their way through expressions, beyond what the model has.

Objects are `dict[str, Node]`, maps `MapOf`; tuples are `list[Node]`, lists and sets `ListOf` and
`SetOf`: an empty list does not equal an empty tuple.  Numbers are `int`, or `Real` where they
are not whole.  Leaves that only make sense among
expressions are kinds of `Unknown`, so that whoever does not know them learns nothing wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from crrlint.documents.source import Location, Node, Spot
from crrlint.values import OneOf, Symbolic, Unknown
from crrlint.values.symbols import Form, Reason, Symbol

MAX_TEXT: Final = 1_000_000
MAX_PARTS: Final = 200_000
"""How long a text, and how large a collection with all that is in it, may become.

A few lines that double something say more than any memory holds; Terraform itself takes
neither, and no file of ours comes near.
"""


class MapOf(dict[str, Node]):
    """A map: all its elements are of one type, `of` where that is known of an empty one too."""

    __slots__ = ("of",)

    def __init__(
        self, items: Mapping[str, Node] | Iterable[tuple[str, Node]] = (), of: Any = None
    ) -> None:
        super().__init__(items)
        self.of = of


class ListOf(list[Node]):
    """A list: all its elements are of one type, `of` where that is known of an empty one too.

    `certain` unless symbols in it are sorted, or may be equal: then the elements are those
    that it has, but their order is open, and their number too unless they are `counted`.
    """

    __slots__ = ("certain", "counted", "of")

    def __init__(
        self,
        items: Iterable[Node] = (),
        certain: bool = True,
        counted: bool = False,
        of: Any = None,
    ) -> None:
        super().__init__(items)
        self.of = of
        self.certain = certain
        self.counted = certain or counted


class SetOf(ListOf):
    """A set, its elements in the order in which Terraform goes through them."""

    __slots__ = ()


class JsonText(Unknown):
    """The JSON text of a value that is still at hand: what `jsonencode` gives.

    Read `node` wherever a JSON document is meant (`document_of`); `text_of` makes the text.
    """

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        super().__init__("unsupported_expression", "a JSON text")
        self.node = node


class TextSymbol(Symbol):
    """A symbol of what is certain to be text: any other may stand for an object, or a number.

    What nobody gave a value may be given null, if it is `nullable`.
    """

    __slots__ = ("nullable",)

    def __init__(
        self,
        entity: str,
        attribute: str,
        text: str,
        *,
        form: Form = "any",
        unique: bool = False,
        reason: Reason = "unbound_parameter",
        needs: str = "",
        nullable: bool = False,
    ) -> None:
        super().__init__(
            entity, attribute, text, form=form, unique=unique, reason=reason, needs=needs
        )
        self.nullable = nullable


class OpenMembers(dict[str, Node]):
    """An object of which only the type is known: its attributes are open, and it may be null."""

    __slots__ = ()


class JsonPart(Symbol):
    """What stands in a text for the JSON text of a symbol, of which the type is not known."""

    __slots__ = ("node",)

    def __init__(self, node: Node, symbol: Symbol) -> None:
        super().__init__(
            f"{symbol.entity}|{symbol.attribute}",
            "as JSON",
            f"jsonencode({symbol.text})",
            reason=symbol.reason,
            needs=symbol.needs,
        )
        self.node = node


class OpenText(Unknown):
    """Text of which some parts are unknown; what stands around them is not lost."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str | Symbol | Unknown, ...]) -> None:
        cause = next(_cause(part) for part in parts if isinstance(part, Unknown))
        super().__init__(cause.reason, cause.what, cause.needs)
        self.parts = parts


class Sensitive(Unknown):
    """A value that is not to be shown; `nonsensitive` gives it back."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        super().__init__("sensitive", "a value that is marked as sensitive")
        self.node = node


def _cause(part: Unknown) -> Unknown:
    """Return what is not known in a part of a text."""
    if isinstance(part, JsonText):
        for below in part.node.walk():
            value = below.value
            if isinstance(value, Unknown) and not isinstance(value, JsonText):
                return value
    return part


class Failed(Unknown):
    """What stands for an expression that has no value under one answer to a choice."""

    __slots__ = ("at", "message")

    def __init__(self, message: str, at: Location) -> None:
        super().__init__("unsupported_expression", message)
        self.message = message
        self.at = at


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


class OpenValue(Unknown):
    """A value of which only the type is known (crrlint.loaders.hcl.types)."""

    __slots__ = ("type",)

    def __init__(self, type: Any, what: str, *, reason: Reason, needs: str = "") -> None:
        super().__init__(reason, what, needs)
        self.type = type


class OpenCollection(OpenValue):
    """A collection of which neither the keys nor their number are known.

    `key` is the same for two that have the same keys.  `element` returns what stands under a
    key, as far as that is known: under a symbol too.
    """

    __slots__ = ("element", "key")

    def __init__(
        self,
        key: str,
        element: Callable[[Node], Node | None],
        what: str,
        *,
        type: Any = None,
        reason: Reason = "deferred",
        needs: str = "",
    ) -> None:
        super().__init__(type, what, reason=reason, needs=needs)
        self.key = key
        self.element = element


def is_text(value: Symbolic) -> bool:
    """Tell whether what symbols stand for is certain to be text."""
    if len(value.parts) != 1:
        return True
    part = value.parts[0]
    return isinstance(part, (str, TextSymbol)) or part.form != "any"


def may_be_null(value: Any) -> bool:
    """Tell whether it is open if there is a value at all."""
    if isinstance(value, OpenMembers):
        return True
    if not isinstance(value, Symbolic) or len(value.parts) != 1:
        return False
    part = value.parts[0]
    if isinstance(part, TextSymbol):
        return part.nullable
    return isinstance(part, Symbol) and part.form == "any"


class OpenKeys(Unknown):
    """A map of which some keys are not known: its elements are, and their order is not.

    `members` are the keys with what stands under them; two of the keys may turn out to be one.
    """

    __slots__ = ("members",)

    def __init__(self, members: list[tuple[Node, Node]], what: str, *, needs: str = "") -> None:
        super().__init__("unbound_parameter", what, needs)
        self.members = members

    @property
    def certain(self) -> bool:
        return len(self.members) < 2


class Unwritten(Location):
    """The place of what nobody wrote, as an ARN: it is better shown where it is used.

    A container takes it for the place of its element; whoever else uses it does as well.
    """

    __slots__ = ()


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


def source_of(at: Location) -> Callable[[int], int] | None:
    """Return what maps offsets in the flat text to the file, for text that knows its pieces."""
    if not isinstance(at, Written):
        return None
    flat: list[int] = []
    source: list[tuple[int, int]] = []
    size = 0
    last = at.start
    for value, start in at.pieces:
        length = _length(value)
        if start is not None:
            last = start
        flat.append(size)
        source.append((last, 0 if start is None else length))
        if start is not None:
            last = start + length
        size += length
    if not flat:
        return None

    def offset(position: int) -> int:
        row = bisect_right(flat, position) - 1
        start, length = source[row]
        return start + min(position - flat[row], max(0, length - 1))

    return offset


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Symbolic):
        return sum(len(part) if isinstance(part, str) else 1 for part in value.parts)
    return 1


def bounded(node: Node, what: str) -> Node:
    """Return a value; one that is larger than anything that is meant, as not known."""
    if type(node.value) is not str and not isinstance(node.value, _LARGE):
        return node
    left = MAX_PARTS
    pending: list[Any] = [node]
    while pending:
        held = pending.pop()
        value = held.value if isinstance(held, Node) else held
        if isinstance(value, str):
            left -= len(value) * MAX_PARTS // MAX_TEXT
            continue
        if not isinstance(value, _LARGE):
            continue
        if isinstance(value, dict):
            below: Iterable[Any] = value.values()
        elif isinstance(value, list):
            below = value
        elif isinstance(value, OneOf):
            below = value.options
        elif isinstance(value, (Sensitive, JsonText)):
            below = (value.node,)
        elif isinstance(value, OpenKeys):
            below = [member for _, member in value.members]
        else:
            below = value.parts
        before = len(pending)
        pending.extend(below)
        left -= len(pending) - before
        if left < 0:
            return Node(Unknown("too_complex", f"a value as large as {what}"), node.at)
    return node if left >= 0 else Node(Unknown("too_complex", f"a text as long as {what}"), node.at)


_LARGE: Final = (dict, list, OneOf, Sensitive, JsonText, OpenKeys, Symbolic, OpenText)
