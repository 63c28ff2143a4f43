"""JSON in texts: written as Terraform writes it, and read with what is open in it."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final

from crrlint.documents.source import Document, Key, Location, Node, Spot, wrap
from crrlint.loaders.hcl.choices import alternatives, decide, through
from crrlint.loaders.hcl.numbers import decimal, number
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.values import (
    MAX_TEXT,
    Failed,
    JsonPart,
    JsonText,
    ListOf,
    OpenText,
    Sensitive,
    Written,
    is_text,
)
from crrlint.values import OneOf, Symbolic, Unknown, join
from crrlint.values.symbols import Symbol

MAX_DEPTH: Final = 100

_ESCAPED: Final = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029]')
_SHORT: Final = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"',
                 "\\": "\\\\"}  # fmt: skip
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


def quoted(text: str) -> str:
    """Return text as a JSON string, with what Go escapes for HTML."""
    return f'"{_inner(text)}"'


def _inner(text: str) -> str:
    return _ESCAPED.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text)


def text_of(node: Node) -> Node:
    """Return a leaf with the text of what is a JSON text; any other as it is."""
    if isinstance(node.value, OneOf):
        return through(node, text_of)
    value = node.value
    if not isinstance(value, JsonText):
        return node
    return decide(lambda: Node(_text(value.node), node.at), node.at)


def closed_text(value: JsonText) -> str | None:
    """Return the text when nothing in it is open."""
    parts: list[str | Symbol | Unknown] = []
    length = 0
    for part in _encoded(value.node, ask=False):
        if not isinstance(part, str):
            return None
        length += len(part)
        if length > MAX_TEXT:
            return None
        parts.append(part)
    return "".join(parts)  # type: ignore[arg-type]


def _text(node: Node) -> Any:
    parts: list[str | Symbol | Unknown] = []
    literal: list[str] = []
    opened = False
    length = 0
    for part in _encoded(node, ask=True):
        if isinstance(part, str):
            literal.append(part)
            length += len(part)
            if length > MAX_TEXT:
                return Unknown("too_complex", f"a text of more than {MAX_TEXT} characters")
            continue
        opened = opened or isinstance(part, Unknown)
        if literal:
            parts.append("".join(literal))
            literal.clear()
        parts.append(part)
    if literal:
        parts.append("".join(literal))
    if opened:
        return OpenText(tuple(parts))
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else Symbolic(tuple(parts))  # type: ignore[arg-type]


def _encoded(node: Node, ask: bool) -> Iterator[str | Symbol | Unknown]:
    """Yield the parts of the JSON text of a value; raises `Undecided` on a choice, if asked."""
    value = node.value
    if isinstance(value, OneOf):
        if not ask:
            yield Unknown("choice", value.choice.text)
            return
        node = node.settled()
        value = node.value
    if isinstance(value, str):
        yield quoted(value)
    elif isinstance(value, bool) or value is None:
        yield "null" if value is None else "true" if value else "false"
    elif isinstance(value, (int, float)):
        yield decimal(value)
    elif isinstance(value, dict):
        yield "{"
        for position, key in enumerate(sorted(value)):
            yield ("," if position else "") + quoted(key) + ":"
            yield from _encoded(value[key], ask)
        yield "}"
    elif isinstance(value, list):
        if isinstance(value, ListOf) and not value.certain:
            yield Unknown("unsupported_expression", "a list of open order")
            return
        yield "["
        for position, item in enumerate(value):
            if position:
                yield ","
            yield from _encoded(item, ask)
        yield "]"
    elif isinstance(value, Symbolic):
        yield from _encoded_symbols(value, node)
    elif isinstance(value, JsonText):
        yield from _encoded(text_of(node), ask)
    elif isinstance(value, OpenText):
        yield '"'
        for part in value.parts:
            yield _inner(part) if isinstance(part, str) else part
        yield '"'
    else:
        yield value


def _encoded_symbols(value: Symbolic, node: Node) -> Iterator[str | Symbol | Unknown]:
    lone = value.symbols[0]
    if not is_text(value):
        yield JsonPart(node, lone)  # a boolean or an object, for all that is known
        return
    yield '"'
    for part in value.parts:
        yield _inner(part) if isinstance(part, str) else part
    yield '"'


def known(node: Node) -> Node:
    """Return a value that is at hand, JSON texts as text; raises `Undecided` for another."""
    node = node.settled()
    if isinstance(node.value, JsonText):
        node = text_of(node).settled()
    if isinstance(node.value, Failed):
        raise Fault(node.value.message, node.value.at)
    if isinstance(node.value, Unknown):
        raise node.value.undecided()
    return node


def finish(node: Node) -> Node:
    """Return a value with leaves of the model only: JSON texts as text, at any depth."""
    value = node.value
    if isinstance(value, JsonText):
        return text_of(node)
    if isinstance(value, OneOf):
        return through(node, finish)
    if isinstance(value, dict):
        return Node({key: finish(item) for key, item in value.items()}, node.at)
    if isinstance(value, list):
        return Node([finish(item) for item in value], node.at)
    return node


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


def plain(node: Node) -> Node:
    """Return a value as JSON has it: lists and maps without types of their own."""
    value = node.value
    if isinstance(value, dict):
        return Node({key: plain(value[key]) for key in value}, node.at)
    if isinstance(value, list) and not (isinstance(value, ListOf) and not value.certain):
        return Node([plain(item) for item in value], node.at)
    if isinstance(value, Sensitive):
        return Node(Sensitive(plain(value.node)), node.at)
    return node
