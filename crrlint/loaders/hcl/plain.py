"""Plain values, read without the parser's tree: texts, numbers, references.

Most expressions are one of them, and asking the parser's tree costs more than it cost to make.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from crrlint.loaders.hcl.numbers import OutOfRange, number
from crrlint.loaders.hcl.syntax import Access, Attr, Bad, Literal, Name, Tree
from crrlint.loaders.hcl.templates import Tag, Token, template_of

_PLAIN = re.compile(rb'"([^"\\$%\n\r]*)"')
_REFERENCE = re.compile(rb"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INTERPOLATED = re.compile(rb'"(?:[^"\\$%\n\r]|\$\{[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*\})*"')
_INTERPOLATION = re.compile(rb"\$\{([^}]*)\}")
CONSTANTS: Final = {b"true": True, b"false": False, b"null": None}


class Source:
    """The bytes of a text that is parsed; `offset` maps places in them to places in the text."""

    __slots__ = ("data", "offset")

    def __init__(self, data: bytes, offset: Callable[[int], int] | None) -> None:
        self.data = data
        self.offset = offset

    def text(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "replace")

    def breaks(self, start: int, end: int) -> bool:
        """Tell whether a line ends between two places."""
        return self.data.find(b"\n", start, end) >= 0

    def simple(self, start: int, end: int) -> Tree | None:
        """Read a plain text, a number or a reference from the text itself."""
        data = self.data
        if start >= end:
            return None
        first = data[start]
        if first == 34:
            plain = _PLAIN.fullmatch(data, start, end)
            if plain is not None:
                offset = self.offset
                if offset is not None:
                    start, end = offset(start), offset(end)
                return Literal(plain[1].decode(), start, end)
            if _INTERPOLATED.fullmatch(data, start, end) is not None:
                return self._interpolated(start, end)
        elif 48 <= first <= 57:
            if NUMBER.fullmatch(data, start, end) is not None:
                text = self.text(start, end)
                offset = self.offset
                if offset is not None:
                    start, end = offset(start), offset(end)
                return number_of(text, start, end)
        elif _REFERENCE.fullmatch(data, start, end) is not None:
            return self._reference(start, end)
        return None

    def _reference(self, start: int, end: int) -> Tree:
        data = self.data[start:end]
        offset = self.offset
        if data in CONSTANTS:
            if offset is not None:
                start, end = offset(start), offset(end)
            return Literal(CONSTANTS[data], start, end)
        first = start if offset is None else offset(start)
        root, *names = data.decode().split(".")
        at = first + len(root)
        constant = root.encode()
        value: Tree
        if constant in CONSTANTS:
            value = Literal(CONSTANTS[constant], first, at)
        else:
            value = Name(root, first, at)
        if not names:
            return value
        steps = []
        for name in names:
            below = at + 1 + len(name)
            steps.append(Attr(name, at + 1, below))
            at = below
        return Access(value, tuple(steps), first, at)

    def _interpolated(self, start: int, end: int) -> Tree:
        """Read a quoted text of which every interpolation is a plain reference."""
        offset = self.offset
        tokens: list[Token] = []
        at = start + 1
        for found in _INTERPOLATION.finditer(self.data, at, end):
            if found.start() > at:
                tokens.append(self._plain_token(at, found.start()))
            place = found.start() if offset is None else offset(found.start())
            inner = self._reference(found.start(1), found.end(1))
            tokens.append(Tag("interpolation", place, (inner,)))
            at = found.end()
        if at < end - 1:
            tokens.append(self._plain_token(at, end - 1))
        places = (start, end) if offset is None else (offset(start), offset(end))
        return template_of(tokens, *places)

    def _plain_token(self, start: int, end: int) -> Token:
        offset = self.offset
        return [(self.text(start, end), start if offset is None else offset(start))]


def number_of(text: str, start: int, end: int) -> Tree:
    try:
        return Literal(number(text), start, end)
    except OutOfRange as error:
        return Bad(f"the number {error}", start, end)
