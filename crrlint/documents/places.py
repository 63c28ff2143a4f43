"""Where a place is in the text of its file: lines and columns, worked out on demand.

A key of a mapping is shown from the key to the end of a value on the same line;
an element of a list from its start.  A place that was never written (a missing
property) is shown at the nearest one above it.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate, count
from operator import add
from typing import Any, NamedTuple

from crrlint.documents.source import Document, Key, Location, Span, Spot

_FEW = 16
"""For so many questions about a text its lines are counted; then they are looked up."""

_SPACE = re.compile(r"[ \t\n\r]*")


class _Extent(NamedTuple):
    """Offsets in the text: the key (or element) and its value, ends exclusive."""

    start: int
    value: int
    end: int


class Places:
    """Works out spans; keeps what it learnt of each document for the next question."""

    def __init__(self) -> None:
        self._json: dict[Document, _JsonIndex] = {}
        self._yaml: dict[tuple[str, int], Any] = {}
        self._starts: dict[str, list[int]] = {}
        self._asked: dict[str, int] = {}

    def span(self, at: Location) -> Span | None:
        """Return where the place is in its file; None for a text without places."""
        document = at.document
        spot = _spot(at)
        if spot is not None:
            return self._shown(document, spot)
        if document.within is not None:
            return self._embedded(at, document.within)
        extent = self._extent(document, at.keys)
        return None if extent is None else self._shown(document, extent)

    def line(self, at: Location, span: Span) -> str:
        """Return the first line of a span, in the file that the place is in."""
        document = at.document
        while document.within is not None:
            document = document.within.document
        text = document.text
        starts = self._starts.get(document.path)
        if starts is None:
            lines = text.split("\n", span.line)
            return lines[span.line - 1].rstrip("\r") if span.line <= len(lines) else ""
        start = starts[span.line - 1]
        end = text.find("\n", start)
        return text[start : None if end < 0 else end].rstrip("\r")

    def _extent(self, document: Document, keys: tuple[Key, ...]) -> _Extent | None:
        keys = (*document.above, *keys)
        if document.syntax == "json":
            index = self._json.get(document)
            if index is None:
                start = _line_offset(document.text, document.part)
                index = self._json[document] = _JsonIndex(document.text, start)
            return index.find(keys)
        if document.syntax == "yaml":
            return self._find_yaml(document, keys)
        return _find_text(document.text, keys if document.syntax == "text" else ())

    def _shown(self, document: Document, extent: _Extent) -> Span:
        text = document.text
        end = extent.end
        newline = text.find("\n", extent.start, end)
        if newline >= 0:
            # A value of many lines: its key, or the first line of an element.
            end = newline if extent.value == extent.start else min(newline, extent.value)
        tail = " \t\r\n,:={[" if document.syntax == "hcl" else " \t\r\n,:{["
        end = extent.start + len(text[extent.start : end].rstrip(tail)) or end
        end = max(end, extent.start)
        return Span(*self._position(document, extent.start), *self._position(document, end))

    def _position(self, document: Document, offset: int) -> tuple[int, int]:
        starts = self._starts.get(document.path)
        if starts is None:
            asked = self._asked[document.path] = self._asked.get(document.path, 0) + 1
            if asked <= _FEW:
                text = document.text
                return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
            ends = accumulate(map(len, document.text.split("\n")))
            starts = self._starts[document.path] = [0, *map(add, ends, count(1))]
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def _embedded(self, at: Location, within: Location) -> Span | None:
        """Translate a place in a string into the file that holds the string."""
        outer = within.document
        if outer.within is not None:
            return self.span(within)
        holder = _spot(within) or self._extent(outer, within.keys)
        if holder is None:
            return None
        decoded, inner_at = _percent_decoded(at.document.text)
        extent = _JsonIndex(decoded, 0).find(at.keys)
        outer_at = self._string_offsets(outer, holder, at.document.text)
        if extent is None or outer_at is None:
            return self._shown(outer, holder)
        try:
            moved = _Extent(*(outer_at(inner_at(offset)) for offset in extent))
        except IndexError:
            return self._shown(outer, holder)
        return self._shown(outer, moved)

    def _string_offsets(
        self, outer: Document, holder: _Extent, text: str
    ) -> Callable[[int], int] | None:
        """Return what maps an offset in a string's text to one in the file around it."""
        if outer.syntax == "json":
            offsets = _escaped_offsets(outer.text, holder.value + 1)
            return offsets.__getitem__
        raw = outer.text[holder.value : holder.end]
        if raw[:1] in ("|", ">"):
            return _block_offsets(outer.text, holder.value, text) if raw[:1] == "|" else None
        skip = 1 if raw[:1] in ("'", '"') else 0
        if raw[skip : skip + len(text)] == text:
            return lambda offset: holder.value + skip + offset
        return None

    def _find_yaml(self, document: Document, keys: tuple[Key, ...]) -> _Extent | None:
        import yaml

        loader = getattr(yaml, "CLoader", None) or yaml.Loader
        cache = (document.path, document.part)
        if cache not in self._yaml:
            nodes = list(yaml.compose_all(document.text, Loader=loader))
            for part, root in enumerate(nodes):
                self._yaml[(document.path, part)] = root
        node = self._yaml.get(cache)
        if node is None:
            return _Extent(0, 0, 0)
        extent = _Extent(node.start_mark.index, node.start_mark.index, node.end_mark.index)
        tagged = False
        for key in keys:
            if not tagged and isinstance(key, str) and _short_form(node.tag) == key:
                tagged = True  # `!Sub x` was read as {"Fn::Sub": x}: the same node
                continue
            below = _below(node, key)
            if below is None:
                return extent
            name, node = below
            tagged = False
            start = (name or node).start_mark.index
            extent = _Extent(start, node.start_mark.index, node.end_mark.index)
        return extent


def _spot(at: Location) -> _Extent | None:
    """Return the offsets of the nearest place, from this one upwards, that knows its own."""
    place: Location | None = at
    while place is not None:
        if isinstance(place, Spot):
            return _Extent(place.start, place.start, place.end)
        place = place.parent
    return None


def _find_text(text: str, keys: tuple[Key, ...]) -> _Extent:
    """Find a piece of a text by what it says and how many times that was said before."""
    if not keys:
        return _Extent(0, 0, 0)
    piece, number = str(keys[0]), keys[1] if len(keys) > 1 else 0
    start = -1
    for _ in range(int(number) + 1):
        start = text.find(piece, start + 1)
    return _Extent(start, start, start + len(piece)) if start >= 0 else _Extent(0, 0, 0)


def _short_form(tag: str) -> str | None:
    if not tag.startswith("!") or len(tag) < 2:
        return None
    return tag[1:] if tag[1:] in ("Ref", "Condition") else f"Fn::{tag[1:]}"


def _below(node: Any, key: Key) -> tuple[Any, Any] | None:
    """Return the key node (None in a list) and the value node below a YAML node."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for name, value in reversed(node.value):
            if name.value == str(key):
                return name, value
        for name, value in node.value:
            if name.value == "<<":
                sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for source in sources:
                    found = _below(source, key)
                    if found is not None:
                        return found
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return None, node.value[key]
    return None


class _JsonIndex:
    """Finds offsets in JSON text by skipping values; remembers the containers it crossed."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._scan = json.JSONDecoder().raw_decode
        self._root = self._space(start)
        self._children: dict[int, dict[Key, tuple[int, int]]] = {}

    def find(self, keys: tuple[Key, ...]) -> _Extent | None:
        start = value = self._root
        for key in keys:
            found = self._members(value).get(key)
            if found is None:
                break
            start, value = found
        try:
            return _Extent(start, value, self._scan(self._text, value)[1])
        except (ValueError, RecursionError):
            return None

    def _space(self, offset: int) -> int:
        match = _SPACE.match(self._text, offset)
        return match.end() if match else offset

    def _members(self, offset: int) -> dict[Key, tuple[int, int]]:
        """Map each key or index of a container to the offsets of the key and its value."""
        known = self._children.get(offset)
        if known is not None:
            return known
        text = self._text
        members: dict[Key, tuple[int, int]] = {}
        opener = text[offset : offset + 1]
        if opener in ("{", "["):
            at = self._space(offset + 1)
            index = 0
            while text[at] not in "}]":
                key: Key = index
                value = at
                if opener == "{":
                    key, colon = self._scan(text, at)
                    value = self._space(self._space(colon) + 1)
                members[key] = (at, value)
                at = self._space(self._scan(text, value)[1])
                if text[at] == ",":
                    at = self._space(at + 1)
                index += 1
        self._children[offset] = members
        return members


def _line_offset(text: str, line: int) -> int:
    offset = 0
    for _ in range(line):
        offset = text.index("\n", offset) + 1
    return offset


def _escaped_offsets(text: str, start: int) -> list[int]:
    """Return the offset in the file of each character of a JSON string, and of its end."""
    offsets = []
    at = start
    while at < len(text) and text[at] != '"':
        offsets.append(at)
        if text[at] != "\\":
            at += 1
        elif text[at + 1] != "u":
            at += 2
        else:
            high = int(text[at + 2 : at + 6], 16)
            pair = 0xD800 <= high < 0xDC00 and text[at + 6 : at + 8] == "\\u"
            at += 12 if pair else 6
    offsets.append(at)
    return offsets


def _block_offsets(text: str, start: int, content: str) -> Callable[[int], int] | None:
    """Map offsets in a YAML literal block's content to the file: the indent comes back."""
    line = text.find("\n", start) + 1
    first = len(text[line:]) - len(text[line:].lstrip(" "))
    starts = [line]
    while len(starts) <= content.count("\n"):
        line = text.find("\n", line) + 1
        if line == 0:
            return None
        starts.append(line)
    newlines = [-1, *(m.start() for m in re.finditer("\n", content))]

    def offset_in_file(offset: int) -> int:
        row = bisect_right(newlines, offset - 1) - 1
        return starts[row] + first + offset - newlines[row] - 1

    return offset_in_file


def _percent_decoded(text: str) -> tuple[str, Callable[[int], int]]:
    """Return the text with %XX decoded, and what maps its offsets back."""
    if text[:3].upper() != "%7B":
        return text, lambda offset: offset
    from urllib.parse import unquote

    pieces = re.findall(r"(?:%[0-9A-Fa-f]{2})+|[^%]+|%", text)
    decoded: list[str] = []
    offsets: list[int] = []
    at = 0
    for piece in pieces:
        inner = unquote(piece)
        width = 3 if len(piece) > 1 and piece[0] == "%" else 1
        offsets.extend(at + min(index * width, len(piece)) for index in range(len(inner)))
        decoded.append(inner)
        at += len(piece)
    offsets.append(at)
    return "".join(decoded), offsets.__getitem__
