"""Attributes of Terraform resources: nested blocks stand in lists, and unset has several spellings.

Values may be open (`crrlint.values`): those that a plan does not know yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite
from types import NoneType
from typing import Any, Final

from crrlint.documents.parse import embedded
from crrlint.documents.source import Location, Node, wrap
from crrlint.values import OPEN, Choice, OneOf, Unknown, Value

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}\Z")


class Malformed(Exception):  # noqa: N818 - a state of the input
    """An attribute that is not of the type that its resource has; its value is never quoted."""

    def __init__(self, at: Location, expected: str) -> None:
        super().__init__(f"{at.keys[-1] if at.keys else 'resource'} is not {expected}")
        self.at = at


class Block:
    """A resource's attributes, or one nested block of them, with their place.

    Attributes are plain data that stands below `at`, or nodes with places of their own.
    `missing` stands for every other attribute, where parts could not be read.
    """

    __slots__ = ("_attributes", "_missing", "at")

    def __init__(
        self, attributes: Mapping[str, Any], at: Location, missing: Unknown | None = None
    ) -> None:
        self._attributes = attributes
        self._missing = missing
        self.at = at

    @property
    def data(self) -> Mapping[str, Any]:
        """The attributes as they are, for who reads another schema than this provider's."""
        return self._attributes

    def __contains__(self, name: str) -> bool:
        return name in self._attributes

    def filled(self, change: Callable[[str, Node], Node]) -> Block:
        """Return the block with each attribute changed."""
        nodes = {
            name: held if type(held) is Node else Node(held, self.at / name)
            for name, held in self._attributes.items()
        }
        changed = {name: change(name, node) for name, node in nodes.items()}
        return Block(changed, self.at, self._missing)

    def having(self, name: str, node: Node) -> Block:
        """Return the block with one attribute more."""
        return Block({**self._attributes, name: node}, self.at, self._missing)

    def place(self, name: str) -> Location:
        """Return where an attribute was written, or would be."""
        held = self._attributes.get(name, self._missing)
        return held.at if type(held) is Node else self.at / name

    def _value(self, name: str) -> Any:
        held = self._attributes.get(name, self._missing)
        return held.value if type(held) is Node else held

    def bare(self, name: str) -> Any:
        value = self._value(name)
        return _without_places(value) if isinstance(value, OneOf) else value

    def text(self, name: str) -> Value:
        """Return the text; None for null and, as providers mean it, for the empty one."""
        held = self._attributes.get(name, self._missing)
        value = _converted(held) if type(held) is Node else held
        if value is None or isinstance(value, (str, *OPEN)):
            return None if isinstance(value, str) and not value else value
        raise Malformed(self.place(name), "text")

    def number(self, name: str) -> Value:
        value = self.bare(name)
        if isinstance(value, str):
            value = int(value) if _WHOLE.match(value) else value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or isinstance(value, OPEN):
            return value
        if value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise Malformed(self.place(name), "a whole number")

    def flag(self, name: str) -> Value:
        value = self.bare(name)
        if value is None or isinstance(value, (bool, *OPEN)):
            return value
        if isinstance(value, str) and value in ("true", "false", ""):
            return None if value == "" else value == "true"
        raise Malformed(self.place(name), "true or false")

    def leaf(self, name: str) -> Node | None:
        return self._node(name, self.text(name))

    def count(self, name: str) -> Node | None:
        """Return the number; None for 0 too, as which providers keep an unset one."""
        number = self.number(name)
        return self._node(name, number if isinstance(number, OPEN) or number else None)

    def claim(self, name: str) -> Node | None:
        return self._node(name, self.flag(name))

    def _node(self, name: str, value: Value) -> Node | None:
        return None if value is None else Node(value, self.place(name))

    def has(self, name: str) -> bool:
        """Tell whether a nested block is there, or may be."""
        return isinstance(self._value(name), OPEN) or bool(self.nodes(name))

    def nodes(self, name: str) -> list[Node]:
        """Return the nested blocks as nodes, of which some may be open."""
        value = self._value(name)
        at = self.place(name)
        if not_set(value):
            return []
        if isinstance(value, (dict, *OPEN)):
            return [Node(value, at)]
        if not isinstance(value, list):
            raise Malformed(at, "a list of blocks")
        found = []
        for index, item in enumerate(value):
            element = item if type(item) is Node else Node(item, at / index)
            if not isinstance(element.value, (dict, NoneType, *OPEN)):
                raise Malformed(at, "a list of blocks")
            found.append(element)
        return found

    def blocks(self, name: str) -> list[Block]:
        """Return the nested blocks; an empty one may be written as null.

        Raises `Malformed` for one of which is not known whether it is there.
        """
        found = []
        for element in self.nodes(name):
            if isinstance(element.value, OPEN):
                raise Malformed(element.at, "known")
            found.append(Block(element.value or {}, element.at))
        return found

    def block(self, name: str) -> Block | None:
        found = self.blocks(name)
        return found[0] if found else None

    def one(self, name: str, convert: Callable[[Block], Node | None]) -> Node | None:
        """Convert the nested block; None where there is none."""

        def first(block: Block) -> Node | None:
            elements = block.nodes(name)
            return _each(elements[0], convert) if elements else None

        return self._over(name, first)

    def every(self, name: str, convert: Callable[[Block], Node]) -> Node | None:
        """Convert all nested blocks of a name to a list; None where there are none."""

        def all_of(block: Block) -> Node | None:
            nested = [
                found
                for element in block.nodes(name)
                if (found := _each(element, convert)) is not None
            ]
            return Node(nested, block.place(name)) if nested else None

        return self._over(name, all_of)

    def _over(self, name: str, convert: Callable[[Block], Node | None]) -> Node | None:
        """Convert what stands under a name, each option of an open choice by itself."""
        value = self._value(name)
        at = self.place(name)
        if isinstance(value, OneOf):
            options = [
                Block({name: option}, self.at)._over(name, convert) for option in value.options
            ]
            return Node(
                OneOf(value.choice, tuple(o if o is not None else Node(None, at) for o in options)),
                at,
            )
        if isinstance(value, OPEN):
            return Node(value, at)
        return convert(self)

    def alternatives(self, name: str) -> tuple[Choice, list[Block]] | None:
        """Return this block for each answer to whether a nested block is there.

        None where the input decides that.
        """
        value = self._value(name)
        if isinstance(value, list) and value and type(value[0]) is Node:
            value = value[0].value
        if not isinstance(value, OneOf):
            return None
        return value.choice, [Block({**self._attributes, name: o}, self.at) for o in value.options]

    def texts(self, name: str) -> list[Node]:
        """Return the elements of a list or set of texts."""
        value = self._value(name)
        at = self.place(name)
        if value is None:
            return []
        if isinstance(value, OPEN):
            return [Node(value, at)]
        if not isinstance(value, list):
            raise Malformed(at, "a list of texts")
        found = [
            Node(_converted(item), item.at) if type(item) is Node else Node(item, at / index)
            for index, item in enumerate(value)
        ]
        if any(not isinstance(node.value, (str, *OPEN)) for node in found):
            raise Malformed(at, "a list of texts")
        return found

    def mapping(self, name: str) -> Node | None:
        """Return a mapping of texts; None where it is null or empty."""
        value = self._value(name)
        at = self.place(name)
        if isinstance(value, OPEN):
            return Node(value, at)
        if not_set(value) or value == {}:
            return None
        if not isinstance(value, dict):
            raise Malformed(at, "a mapping of texts")
        found = {
            str(key): Node(_converted(item), item.at)
            if type(item) is Node
            else Node(item, at / key)
            for key, item in value.items()
        }
        if any(isinstance(node.value, (dict, list)) for node in found.values()):
            raise Malformed(at, "a mapping of texts")
        return Node(found, at)

    def tags(self, name: str) -> Node | None:
        """Return a mapping as the API writes tags: a list of `Key` and `Value`."""
        tags = self.mapping(name)
        if tags is None or not isinstance(tags.value, dict):
            return tags
        pairs = [
            shape(value.at, Key=Node(key, value.at), Value=value)
            for key, value in tags.value.items()
        ]
        return Node(pairs, tags.at)

    def document(self, name: str, of: str) -> Node | None:
        """Return the policy that the text under a name holds; `of` tells whose it is."""
        held = self._attributes.get(name, self._missing)
        if type(held) is Node and _holds_document(held):
            return held
        text = self.text(name)
        at = self.place(name)
        if not isinstance(text, str):
            return None if text is None else Node(text, at)
        inner = embedded(text, at)
        if inner is None or not isinstance(inner.data, dict):
            return unreadable(at, f"the {name} of {of}", "a policy in JSON")
        try:
            return wrap(inner.data, inner.root)
        except RecursionError:
            return Node(Unknown("too_complex", f"the {name} of {of}"), at)


def not_set(value: Value) -> bool:
    """Tell whether a value is null or, as providers mean it, the empty text."""
    return value is None or (isinstance(value, str) and not value)


def _each(element: Node, convert: Callable[[Block], Node | None]) -> Node | None:
    """Convert one nested block, each option of an open choice by itself."""
    value = element.value
    if isinstance(value, OneOf):
        options = [
            _each(option if isinstance(option, Node) else Node(option, element.at), convert)
            if _is_there(option)
            else None
            for option in value.options
        ]
        absent = Node(None, element.at)
        return Node(OneOf(value.choice, tuple(o or absent for o in options)), element.at)
    if isinstance(value, OPEN):
        return element
    return convert(Block(value or {}, element.at))


def through(node: Node, change: Callable[[Node], Node]) -> Node:
    """Change a node, each option of an open choice by itself; what is unknown stays."""
    value = node.value
    if isinstance(value, OneOf):
        options = (o if isinstance(o, Node) else Node(o, node.at) for o in value.options)
        return Node(OneOf(value.choice, tuple(through(o, change) for o in options)), node.at)
    return node if isinstance(value, Unknown) else change(node)


def where(exists: Value, node: Node, other: Node | None = None) -> Node:
    """Return a node where something exists, and the other one, or none, where it does not."""
    if exists is True:
        return node
    if isinstance(exists, OneOf):
        options = tuple(where(option, node, other) for option in exists.options)
        return Node(OneOf(exists.choice, options), node.at)
    if isinstance(exists, Unknown):
        return Node(exists, node.at)
    return Node(None, node.at) if other is None else other


def _holds_document(node: Node) -> bool:
    """Tell whether a node is a document already, or one of several alternatives is."""
    if isinstance(node.value, OneOf):
        return any(isinstance(o, Node) and _holds_document(o) for o in node.value.options)
    return isinstance(node.value, dict)


def _is_there(option: Any) -> bool:
    return (option.value if isinstance(option, Node) else option) is not None


def _without_places(value: Value) -> Value:
    if isinstance(value, Node):
        return _without_places(value.value)
    if isinstance(value, OneOf):
        return OneOf(value.choice, tuple(_without_places(o) for o in value.options))
    return value


def _converted(node: Node) -> Value:
    """Return text as Terraform makes it of a number or a truth value; options without places."""
    value = node.value
    if isinstance(value, OneOf):
        options = (o if isinstance(o, Node) else Node(o, node.at) for o in value.options)
        return OneOf(value.choice, tuple(_converted(o) for o in options))
    if not isinstance(value, (bool, int, float)) or not isfinite(value):
        return value
    from crrlint.loaders.hcl.types import to_text

    return to_text(value)


def unreadable(at: Location, what: str, needs: str) -> Node:
    return Node(Unknown("ambiguous_file", f"{what}, which could not be read,", needs), at)


def shape(at: Location, **members: Node | None) -> Node:
    """Return a mapping of the members that are there."""
    return Node({name: node for name, node in members.items() if node is not None}, at)
