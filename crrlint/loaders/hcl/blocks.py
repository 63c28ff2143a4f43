"""Blocks and the bodies in them, made of the parser's tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from crrlint.documents.source import Document, Key, Location, Spot
from crrlint.loaders.hcl.convert import MAX_DEPTH, Converter
from crrlint.loaders.hcl.syntax import Attribute, Bad, Block, Expression, Tree

_ARGUMENT = re.compile(rb"([A-Za-z_][\w-]*)[ \t]*=[ \t]*")
_HEADER = re.compile(rb'([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"\\$%\n\r]+"|[A-Za-z_][\w-]*))*)[ \t]*\{')
_LABEL = re.compile(rb'"([^"]+)"|([A-Za-z_][\w-]*)')


class ParsedBody:
    """A body whose parts have been converted."""

    __slots__ = ("_at", "_attributes", "_blocks")

    def __init__(
        self, at: Location, attributes: dict[str, Attribute], blocks: Sequence[ParsedBlock]
    ) -> None:
        self._at = at
        self._attributes = attributes
        self._blocks = blocks

    @property
    def at(self) -> Location:
        return self._at

    @property
    def attributes(self) -> dict[str, Attribute]:
        return self._attributes

    def blocks(self, type: str, labels: int = 0) -> Sequence[Block]:
        return [block for block in self._blocks if block.type == type]

    @property
    def block_types(self) -> Sequence[str]:
        return list(dict.fromkeys([block.type for block in self._blocks]))


class ParsedBlock:
    """A block; its body is made when it is asked for, by `make`."""

    __slots__ = ("_at", "_body", "_broken", "_labels", "_make", "_type")

    def __init__(
        self,
        type: str,
        labels: tuple[str, ...],
        at: Location,
        make: Callable[[ParsedBlock], ParsedBody],
        broken: bool,
    ) -> None:
        self._type = type
        self._labels = labels
        self._at = at
        self._make: Callable[[ParsedBlock], ParsedBody] | None = make
        self._body: ParsedBody | None = None
        self._broken = broken

    @property
    def type(self) -> str:
        return self._type

    @property
    def labels(self) -> tuple[str, ...]:
        return self._labels

    @property
    def at(self) -> Location:
        return self._at

    @property
    def broken(self) -> bool:
        return self._broken

    @property
    def body(self) -> ParsedBody:
        if self._body is None:
            assert self._make is not None
            self._body = self._make(self)
            self._make = None
        return self._body

    def mark_broken(self) -> None:
        self._broken = True


def header(node: Any, converter: Converter) -> tuple[str, tuple[str, ...]]:
    """Return the type and the labels of a node of type `block`."""
    found = _HEADER.match(converter.data, node.start_byte, node.end_byte)
    if found is not None:
        labels = found[2]
        if not labels:
            return found[1].decode(), ()
        return found[1].decode(), tuple(
            [(label[0] or label[1]).decode() for label in _LABEL.findall(labels)]
        )
    words = []
    for child in node.children:
        if child.type == "identifier":
            words.append(converter.text(child.start_byte, child.end_byte))
        elif child.type == "string_lit":
            words.append(converter.text(child.start_byte + 1, child.end_byte - 1))
        elif child.type == "block_start":
            break
    return (words[0], tuple(words[1:])) if words else ("", ())


def attribute_of(
    node: Any, converter: Converter, document: Document, parent: Location | None
) -> Attribute | None:
    found = _argument(node, converter)
    if found is None:
        return None
    name, value, start, end = found
    at = Spot(document, document.root if parent is None else parent, name, start, end)
    return Attribute(name, Expression(value, at), at)


def _argument(node: Any, converter: Converter) -> tuple[str, Tree, int, int] | None:
    """Return the name and the value of a node of type `attribute`, and where it stands."""
    start, end = node.start_byte, node.end_byte
    name: str | None = None
    value: Tree | None = None
    head = _ARGUMENT.match(converter.data, start, end)
    if head is not None and head.end() < end:
        value = converter.simple(head.end(), end)
        name = head[1].decode()
    if value is None:
        for child in node.children:
            if child.type == "identifier" and name is None:
                name = converter.text(child.start_byte, child.end_byte)
            elif child.type == "expression":
                try:
                    value = converter.expression(child)
                except RecursionError:
                    value = Bad("is nested too deeply", *converter.places(child))
    offset = converter.offset
    if offset is not None:
        start, end = offset(start), offset(end)
    if name is None:
        return None
    return name, Bad("has no value", start, end) if value is None else value, start, end


def body_of(
    node: Any,
    converter: Converter,
    document: Document,
    at: Location,
    report: Callable[[str, int], None] | None,
    depth: int = 0,
) -> ParsedBody:
    attributes: dict[str, Attribute] = {}
    blocks: list[ParsedBlock] = []
    seen: dict[tuple[str, ...], int] = {}
    body = next((c for c in node.children if c.type == "body"), None)
    last = None
    for child in () if body is None else body.children:
        kind = child.type
        if kind == "attribute":
            attribute = attribute_of(child, converter, document, at)
            if attribute is None:
                continue
            if attribute.name not in attributes:
                attributes[attribute.name] = attribute
            elif report is not None:
                report(f"sets {attribute.name} a second time", converter.places(child)[0])
        elif kind == "block":
            if depth > MAX_DEPTH // 2:
                converter.deepest = converter.places(child)[0]
                continue
            blocks.append(_nested(child, converter, document, at, seen, report, depth))
        else:
            continue
        if last is not None and report is not None:  # noqa: SIM102
            if not converter.breaks(last.end_byte, child.start_byte):
                report("needs a new line before this", converter.places(child)[0])
        last = child
    return ParsedBody(at, attributes, blocks)


def _nested(
    node: Any,
    converter: Converter,
    document: Document,
    parent: Location,
    seen: dict[tuple[str, ...], int],
    report: Callable[[str, int], None] | None,
    depth: int,
) -> ParsedBlock:
    type, labels = header(node, converter)
    keys: tuple[str, ...] = (type, *labels)
    number = seen.get(keys, 0)
    seen[keys] = number + 1
    above = parent
    for key in keys[:-1]:
        above = above / key
    last: Key = keys[-1]
    if number:
        above, last = above / last, number
    at = Spot(document, above, last, *converter.places(node))

    def make(block: ParsedBlock) -> ParsedBody:
        return body_of(node, converter, document, block.at, report, depth + 1)

    block = ParsedBlock(type, labels, at, make, node.has_error)
    block.body  # noqa: B018 - the parser's tree is not kept for the blocks in a block
    return block
