"""JSON in texts, read with what is open in it: each part at its place."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final

from crrlint.documents.source import Document, Key, Location, Node, Spot, wrap
from crrlint.loaders.hcl.choices import alternatives
from crrlint.loaders.hcl.numbers import number
from crrlint.loaders.hcl.values import JsonPart, JsonText, OpenText, source_of
from crrlint.values import OneOf, Symbolic, Unknown, join
from crrlint.values.symbols import Symbol

MAX_DEPTH: Final = 100

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: Final = {"true": True, "false": False, "null": None}
_PLACEHOLDER: Final = 0xF0000
_PLACEHOLDERS: Final = re.compile("[\U000f0000-\U000ffffd]")


class NotJson(Exception):  # noqa: N818 - what was found
    """The text is no JSON; `open` where it could be, for all that is known."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def document_of(node: Node) -> Node | None:
    """Return the value of a JSON text, each part at its place; None for what is no JSON.

    What is open in the text is open in the value.  A value that is no text is returned
    as it is.
    """
    value = node.value
    if isinstance(value, OneOf):
        return _documents(node, value)
    if isinstance(value, JsonText):
        return value.node
    if value is None:
        return None
    if isinstance(value, (str, Symbolic, OpenText)):
        try:
            return decode(node)
        except NotJson:
            return None
    return node if isinstance(value, (dict, list, Unknown)) else None


def _documents(node: Node, value: OneOf) -> Node | None:
    found = [document_of(o if isinstance(o, Node) else Node(o, node.at)) for o in value.options]
    if all(option is None for option in found):
        return None
    bad = Unknown("unsupported_expression", "a text that is no JSON")
    options = tuple([option or Node(bad, node.at) for option in found])
    return alternatives(value.choice, options, node.at)


def decode(node: Node) -> Node:
    """Return the value of settled JSON text; raises `NotJson`."""
    value = node.value
    parts: Sequence[Any] = (value,) if isinstance(value, str) else value.parts
    if isinstance(value, str) and not isinstance(node.at, Spot):
        return _embedded(value, node)
    lead = parts[0] if parts else ""
    if not isinstance(lead, str):
        if len(parts) == 1 and isinstance(lead, JsonPart):
            return lead.node
        cause = lead if isinstance(lead, Unknown) else Unknown(lead.reason, str(value), lead.needs)
        return Node(cause, node.at)
    flat, opened = _flat(parts)
    return _Reader(flat, opened, node.at).read()


def _embedded(text: str, node: Node) -> Node:
    """Read JSON in a string of JSON: its places are those of a document in the other one."""
    reader = _Reader(text, (), node.at)
    reader.read()
    document = Document(node.at.path, text, "json", None, within=node.at)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise NotJson("is no JSON", 0) from None
    document.data = data
    return wrap(data, document.root)


def _flat(parts: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the text with one character in place of each open part, and those parts."""
    pieces: list[str] = []
    opened: list[Any] = []
    for part in parts:
        if isinstance(part, str):
            if _PLACEHOLDERS.search(part):
                raise NotJson("holds characters of a private use", 0)
            pieces.append(part)
        else:
            pieces.append(chr(_PLACEHOLDER + len(opened)))
            opened.append(part)
            if len(opened) > 60_000:
                raise NotJson("has too many open parts", 0)
    return "".join(pieces), tuple(opened)


class _Reader:
    """Reads JSON with placeholders, and knows where each value stands."""

    __slots__ = ("_at", "_offset", "_open", "_text")

    def __init__(self, text: str, opened: tuple[Any, ...], at: Location) -> None:
        self._text = text
        self._open = opened
        self._at = at
        self._offset = source_of(at)

    def read(self) -> Node:
        start = self._space(0)
        node, end = self._value(start, None, None, start, 0)
        if self._space(end) != len(self._text):
            raise NotJson("has something after its end", end)
        return node

    def _space(self, offset: int) -> int:
        found = _SPACE.match(self._text, offset)
        return found.end() if found else offset

    def _place(self, parent: Location | None, key: Key | None, start: int, end: int) -> Location:
        if parent is None or key is None:
            return self._at
        offset = self._offset
        if offset is None:
            return parent / key
        first = offset(start)
        return Spot(self._at.document, parent, key, first, max(first + 1, offset(end - 1) + 1))

    def _value(
        self, offset: int, parent: Location | None, key: Key | None, start: int, depth: int
    ) -> tuple[Node, int]:
        text = self._text
        lead = text[offset : offset + 1]
        if depth > MAX_DEPTH:
            raise NotJson("is nested too deeply", offset)
        if lead == '"':
            made, end = self._string(offset)
            return Node(made, self._place(parent, key, start, end)), end
        if lead in ("{", "["):
            # The end is not known yet; a container is shown by its first line.
            at = self._place(parent, key, start, offset + 1)
            if lead == "{":
                return self._object(offset, at, depth)
            return self._array(offset, at, depth)
        if lead and ord(lead) >= _PLACEHOLDER and _PLACEHOLDERS.match(lead):
            end = offset + 1
            return self._opened(ord(lead) - _PLACEHOLDER, self._place(parent, key, start, end)), end
        for word, constant in _WORDS.items():
            if text.startswith(word, offset):
                end = offset + len(word)
                return Node(constant, self._place(parent, key, start, end)), end
        found = _NUMBER.match(text, offset)
        if found is None:
            raise NotJson("is no JSON", offset)
        end = found.end()
        try:
            return Node(number(found[0]), self._place(parent, key, start, end)), end
        except ValueError:
            raise NotJson("has a number that is too large", offset) from None

    def _string(self, offset: int) -> tuple[Any, int]:
        try:
            made, end = scanstring(self._text, offset + 1, True)
        except ValueError:
            raise NotJson("has a string that is not closed, or not escaped", offset) from None
        if not self._open or not _PLACEHOLDERS.search(made):
            return made, end
        pieces: list[Any] = []
        at = 0
        for found in _PLACEHOLDERS.finditer(made):
            pieces += [made[at : found.start()], self._open[ord(found[0]) - _PLACEHOLDER]]
            at = found.end()
        return join(*pieces, made[at:]), end

    def _opened(self, number: int, at: Location) -> Node:
        part = self._open[number]
        if isinstance(part, (JsonText, JsonPart)):
            return part.node
        if isinstance(part, Symbol):
            return Node(Unknown(part.reason, part.text, part.needs), at)
        return Node(part, at)

    def _object(self, offset: int, at: Location, depth: int) -> tuple[Node, int]:
        text = self._text
        members: dict[str, Node] = {}
        unknown: Unknown | None = None
        offset = self._space(offset + 1)
        while text[offset : offset + 1] != "}":
            if members or unknown is not None:
                offset = self._comma(offset)
            if text[offset : offset + 1] != '"':
                raise NotJson("needs a key here", offset)
            key, end = self._string(offset)
            colon = self._space(end)
            if text[colon : colon + 1] != ":":
                raise NotJson("needs a colon here", colon)
            name = key if isinstance(key, str) else str(key)
            value, end = self._value(self._space(colon + 1), at, name, offset, depth + 1)
            if isinstance(key, str):
                members[key] = value
            else:
                cause = key.undecided()
                unknown = Unknown(cause.reason, cause.what, cause.needs)
            offset = self._space(end)
        return Node(members if unknown is None else unknown, at), offset + 1

    def _array(self, offset: int, at: Location, depth: int) -> tuple[Node, int]:
        text = self._text
        items: list[Node] = []
        offset = self._space(offset + 1)
        while text[offset : offset + 1] != "]":
            if items:
                offset = self._comma(offset)
            item, end = self._value(offset, at, len(items), offset, depth + 1)
            items.append(item)
            offset = self._space(end)
        return Node(items, at), offset + 1

    def _comma(self, offset: int) -> int:
        if self._text[offset : offset + 1] != ",":
            raise NotJson("needs a comma here", offset)
        return self._space(offset + 1)
