"""What is written in a file of HCL: bodies, blocks, attributes, expressions.

Expressions are the same whichever syntax they were written in.  Their `start` and `end`
are offsets into the text of the document, or of the string that holds them in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from crrlint.documents.source import Document, Location, Node, Problem, Spot


class Tree(Protocol):
    """Any part of an expression: one of the tuples below."""

    # A union of tuples that hold each other would say more, and takes mypy hours.

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Piece(Protocol):
    """A part of a template: `Text`, `Interpolation`, `If` or `For`."""

    @property
    def start(self) -> int: ...


class Literal(NamedTuple):
    """A number, a boolean, null, or text without interpolations.

    `runs` are the parts of a text that stand as they are written, and where each stands;
    none for a plain quoted text.
    """

    value: Any
    start: int
    end: int
    runs: tuple[tuple[str, int], ...] = ()


class Text(NamedTuple):
    """Text of a template, and where it stands."""

    text: str
    start: int


class Interpolation(NamedTuple):
    value: Tree
    start: int


class If(NamedTuple):
    """`%{ if }`, with what stands in its branches."""

    condition: Tree
    then: tuple[Piece, ...]
    otherwise: tuple[Piece, ...]
    start: int


class For(NamedTuple):
    """`%{ for }`, with what stands in it."""

    key: str | None
    name: str
    collection: Tree
    pieces: tuple[Piece, ...]
    start: int


class Template(NamedTuple):
    """Text with interpolations and directives.

    `wraps` tells a quoted `"${x}"`, which is the value of x and not its text.
    """

    pieces: tuple[Piece, ...]
    wraps: bool
    start: int
    end: int


class Name(NamedTuple):
    """A name on its own: a variable of a `for`, or the root of a reference."""

    name: str
    start: int
    end: int


class Attr(NamedTuple):
    """`.name` after a value."""

    name: str
    start: int
    end: int


class Index(NamedTuple):
    """`[key]` after a value; `.0` too."""

    key: Tree
    start: int
    end: int


class Splat(NamedTuple):
    """`.*` or `[*]`, with what is applied to each element."""

    steps: tuple[Tree, ...]
    start: int
    end: int


class Access(NamedTuple):
    """A value and the steps into it: `Attr`, `Index` and `Splat`."""

    value: Tree
    steps: tuple[Tree, ...]
    start: int
    end: int


class Call(NamedTuple):
    """A function call; `expands` when its last argument stands for many (`...`)."""

    name: str
    arguments: tuple[Tree, ...]
    expands: bool
    start: int
    end: int


class Unary(NamedTuple):
    operator: str
    value: Tree
    start: int
    end: int


class Binary(NamedTuple):
    operator: str
    left: Tree
    right: Tree
    start: int
    end: int


class Conditional(NamedTuple):
    condition: Tree
    then: Tree
    otherwise: Tree
    start: int
    end: int


class Tuple(NamedTuple):
    items: tuple[Tree, ...]
    start: int
    end: int


class Item(NamedTuple):
    """One member of an object; a bare name as the key is a `Literal`."""

    key: Tree
    value: Tree
    start: int
    end: int


class Object(NamedTuple):
    items: tuple[Item, ...]
    start: int
    end: int


class ForTuple(NamedTuple):
    """`[for key, name in collection : value if condition]`."""

    key: str | None
    name: str
    collection: Tree
    value: Tree
    condition: Tree | None
    start: int
    end: int


class ForObject(NamedTuple):
    """`{for key, name in collection : member => value... if condition}`."""

    key: str | None
    name: str
    collection: Tree
    member: Tree
    value: Tree
    groups: bool
    condition: Tree | None
    start: int
    end: int


class Bad(NamedTuple):
    """What could not be read as an expression; its file has the problem."""

    message: str
    start: int
    end: int


class Given(NamedTuple):
    """A value instead of an expression: what a consumer knows already."""

    node: Node
    start: int = 0
    end: int = 0


class Expression(NamedTuple):
    """An expression with the place that it is the value of."""

    tree: Tree
    at: Location


class Attribute(NamedTuple):
    """`name = value`; `at` spans both."""

    name: str
    value: Expression
    at: Location


class Body(Protocol):
    """What stands between the braces of a block, or in a file.

    In the JSON syntax the same member can be an attribute or blocks: whoever asks says
    which it is.
    """

    @property
    def at(self) -> Location:
        """The block or file that this is the body of."""

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        """Every attribute by name; in JSON every member of the object."""

    def blocks(self, type: str, labels: int = 0) -> Sequence[Block]:
        """Return the blocks of a type in their order.

        The number of labels is needed where the JSON syntax leaves it open; blocks of the
        native syntax are returned with the labels that they have.
        """

    @property
    def block_types(self) -> Sequence[str]:
        """The types of the blocks, each once; in JSON every name."""


class Block(Protocol):
    @property
    def type(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def at(self) -> Location:
        """The block; shown as its header."""

    @property
    def broken(self) -> bool:
        """Whether the syntax in it is wrong, so that parts of it may be missing."""

    @property
    def body(self) -> Body:
        """What stands in the block, converted when first asked for."""


class File(NamedTuple):
    """A file of HCL: what could be read of it, and what is wrong with the rest.

    Blocks that are converted when they are asked for add to the problems then.
    """

    document: Document
    body: Body
    problems: Sequence[Problem]


def place(at: Location, tree: Any) -> Location:
    """Return the place of a part of the expression that stands at a place."""
    if isinstance(at, Spot):
        return Spot(at.document, at.parent, at.key, tree.start, tree.end)
    return at
