"""Inputs as text with a memory of where each value was written.

Lines and columns are worked out only for what is reported (`crrlint.documents.places`);
until then a place is a document and the way down into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from crrlint.values import OPEN, OneOf, Symbolic, Undecided, Unknown, Value, settle

Syntax: TypeAlias = Literal["yaml", "json", "toml", "xml", "text", "hcl", "zip"]
Key: TypeAlias = str | int

_PRINTED: Final = frozenset(
    {
        "terraform_version", "format_version", "deployment", "steps", "configurationItems",
        "baseConfigurationItems", "BaseConfigurationItems", "configurationItem",
        "ConfigurationItem", "invokingEvent", "Stacks", "ParameterKey",
    }
)  # fmt: skip
"""Members of which one is in every state and plan, in what Pulumi and AWS Config write, in a
stack as AWS describes it, in a file of parameters."""


_NO_CONSTRUCTS: Final[Mapping[str, str]] = {}


class Document:
    """One parsed input.

    `data` is plain dictionaries, lists and scalars; for a zip it is an `Archive`, and
    there is no text.  `within` is set for a document that was a string in another one
    (a policy in a state); its places are translated into that one.  `part` counts the
    documents of one YAML stream.  `above` is the way down to the data in a text that
    wraps it (a template in the answer to get-template).  `constructs` are the paths in
    the CDK's app of the resources of a template.
    """

    __slots__ = ("above", "constructs", "data", "part", "path", "syntax", "text", "within")

    def __init__(
        self,
        path: str,
        text: str,
        syntax: Syntax,
        data: Any,
        *,
        part: int = 0,
        within: Location | None = None,
        above: tuple[Key, ...] = (),
        constructs: Mapping[str, str] | None = None,
    ) -> None:
        self.constructs = _NO_CONSTRUCTS if constructs is None else constructs
        self.path = path
        self.text = text
        self.syntax: Syntax = syntax
        self.data = data
        self.part = part
        self.within = within
        self.above = above

    @property
    def root(self) -> Location:
        return Location(self)

    @property
    def may_hold_secrets(self) -> bool:
        """Tell whether lines of the text must not be shown.

        A state holds values in the clear, and variables and parameters get their secrets from
        files of their own.
        """
        if self.within is not None:
            return self.within.document.may_hold_secrets
        if self.path.endswith((".tfvars", ".tfvars.json")) or self.syntax == "toml":
            return True
        data = self.data[0] if isinstance(self.data, list) and self.data else self.data
        if not isinstance(data, dict):
            return False
        # Parameters without resources are given to a template.
        given = "Parameters" in data and "Resources" not in data
        return given or not _PRINTED.isdisjoint(data)

    def __repr__(self) -> str:
        return f"Document({self.path!r})"


class Location:
    """A place in a document: the root, or a key or index below another place."""

    __slots__ = ("document", "key", "parent")

    def __init__(
        self, document: Document, parent: Location | None = None, key: Key | None = None
    ) -> None:
        self.document = document
        self.parent = parent
        self.key = key

    def __truediv__(self, key: Key) -> Location:
        return Location(self.document, self, key)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The way down from the root of the document."""
        keys: list[Key] = []
        at: Location | None = self
        while at is not None and at.key is not None:
            keys.append(at.key)
            at = at.parent
        return tuple(reversed(keys))

    @property
    def pointer(self) -> str:
        """RFC 6901, with ` » ` where a string is a document of its own."""
        keys = (*self.document.above, *self.keys)
        text = "".join("/" + str(k).replace("~", "~0").replace("/", "~1") for k in keys)
        within = self.document.within
        return text if within is None else f"{within.pointer} » {text}"

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def construct(self) -> str | None:
        """The path in the CDK's app of the resource that this is a part of."""
        way = self.keys
        if "Resources" in way[:-1]:
            found = construct_of(self.document, str(way[way.index("Resources") + 1]))
            if found is not None:
                return found
        within = self.document.within
        return None if within is None else within.construct

    def __repr__(self) -> str:
        return f"{self.path}#{self.pointer}"


def construct_of(document: Document, resource: str) -> str | None:
    """Return the path of a construct: as the template says, or else the CDK beside it."""
    data = document.data
    for key in ("Resources", resource, "Metadata", "aws:cdk:path"):
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) else document.constructs.get(resource)


class Spot(Location):
    """A place that knows its offsets in the text; the end is exclusive.

    The way down from the root is still made of keys, so that it survives what moves lines.
    """

    __slots__ = ("end", "start")

    def __init__(
        self, document: Document, parent: Location | None, key: Key | None, start: int, end: int
    ) -> None:
        self.document = document
        self.parent = parent
        self.key = key
        self.start = start
        self.end = end


class Span(NamedTuple):
    """Lines and columns in characters, counted from 1; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Problem(NamedTuple):
    """An input, or a part of one, that could not be read as what it claims to be."""

    path: str
    message: str
    line: int | None = None
    column: int | None = None


class Node(NamedTuple):
    """A value of the model with its place; containers hold nodes.

    `value` is a leaf (`crrlint.values`), a `dict[str, Node]`, a `list[Node]`, or a
    `OneOf` whose options are nodes.  Asking a node whose value hangs on an open
    choice raises `Undecided`.
    """

    value: Any
    at: Location

    def settled(self) -> Node:
        """Return the node that the assumed answers select."""
        node = self
        while isinstance(node.value, OneOf):
            chosen = settle(node.value)
            node = chosen if isinstance(chosen, Node) else Node(chosen, node.at)
        return node

    def get(self, *keys: Key) -> Node | None:
        """Return the node below, or None where the input states that there is none.

        Raises `Undecided` when an unknown stands on the way.
        """
        node = self.settled() if isinstance(self.value, OneOf) else self
        value = node.value
        for key in keys:
            if type(value) is dict:
                below = value.get(key)
            elif isinstance(value, (Unknown, Symbolic)):
                raise value.undecided()
            else:
                below = _below(value, key)
            if below is None:
                return None
            node = below.settled() if isinstance(below.value, OneOf) else below
            value = node.value
            if value is None:
                return None
        return node

    def leaf(self, *keys: Key) -> Value:
        """Return the settled value below, None where there is none."""
        node = self.get(*keys)
        return None if node is None else node.value

    def place(self, *keys: Key) -> Location:
        """Return where the value below was written, or the nearest place above it."""
        node = self
        for key in keys:
            try:
                below = _below(node.settled().value, key)
            except Undecided:
                break
            if below is None:
                break
            node = below
        return node.at

    def items(self) -> list[Node]:
        """Return the elements of a list, a lone value as a list of one; absent ones left out."""
        node = self.settled()
        if isinstance(node.value, Unknown):
            raise node.value.undecided()
        if node.value is None:
            return []
        if not isinstance(node.value, list):
            return [node]
        return [n for n in (item.settled() for item in node.value) if n.value is not None]

    def members(self) -> dict[str, Node]:
        """Return the members of a mapping; empty for anything else."""
        node = self.settled()
        if isinstance(node.value, (Unknown, Symbolic)):
            raise node.value.undecided()
        return node.value if isinstance(node.value, dict) else {}

    def plain(self) -> Any:
        """Return dictionaries, lists and leaves without places; open leaves stay.

        Raises `Undecided` for an open choice anywhere inside.
        """
        node = self.settled()
        value = node.value
        if isinstance(value, dict):
            plain = {key: item.plain() for key, item in value.items()}
            return {key: item for key, item in plain.items() if item is not None}
        if isinstance(value, list):
            return [item for item in (n.plain() for n in value) if item is not None]
        return value

    def walk(self) -> Iterator[Node]:
        """Yield this node and every one below it, all options of a choice included."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            value = node.value
            if isinstance(value, dict):
                stack.extend(value.values())
            elif isinstance(value, list):
                stack.extend(value)
            elif isinstance(value, OneOf):
                stack.extend(o for o in value.options if isinstance(o, Node))


def _below(value: Any, key: Key) -> Node | None:
    if isinstance(value, dict):
        node: Node | None = value.get(key)
        return node
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        element: Node = value[key]
        return element
    return None


def wrap(data: Any, at: Location) -> Node:
    """Give every part of plain data its place."""
    # Large inputs hold thousands of policies, and most of a policy is text: those leaves
    # are made on the spot.
    document = at.document
    if isinstance(data, dict):
        return Node(
            {
                str(key): Node(value, Location(document, at, key))
                if type(value) is str
                else wrap(value, Location(document, at, key))
                for key, value in data.items()
            },
            at,
        )
    if isinstance(data, (list, tuple)) and not isinstance(data, OPEN):
        return Node(
            [
                Node(value, Location(document, at, index))
                if type(value) is str
                else wrap(value, Location(document, at, index))
                for index, value in enumerate(data)
            ],
            at,
        )
    return Node(data, at)
