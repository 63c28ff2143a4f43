"""Templates: what their text says once escapes, `~` and the indent of `<<-` are taken out.

The rules are those of HCL's own parser, which works on tokens: a `~` takes the spaces of the
one token next to it, and in a heredoc every line is a token.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from crrlint.loaders.hcl.syntax import (
    Bad,
    For,
    If,
    Interpolation,
    Literal,
    Piece,
    Template,
    Text,
    Tree,
)

SPACES: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What counts as a space in Go."""

Runs: TypeAlias = list[tuple[str, int]]
"""One token of text, as parts that stand as they are written, each with its offset."""


class Tag(NamedTuple):
    """An interpolation or a directive; `left` and `right` tell where a `~` stands."""

    kind: str
    start: int
    values: tuple[Any, ...] = ()
    left: bool = False
    right: bool = False


Token: TypeAlias = Runs | Tag

_QUOTED = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[nrt\"\\]|([$%])\1(?=\{)")
_BARE = re.compile(r"([$%])\1(?=\{)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def quoted_tokens(
    slices: Sequence[tuple[str, int]], tags: Sequence[tuple[int, int, Tag]]
) -> list[Token]:
    """Return the tokens of a quoted text, from the source between its tags."""
    tokens: list[Token] = []
    for index, (text, start) in enumerate(slices):
        if text:
            tokens.append(_runs(text, start, _QUOTED))
        if index < len(tags):
            tokens.append(tags[index][2])
    _trim(tokens)
    return tokens


def heredoc_tokens(
    slices: Sequence[tuple[str, int]],
    tags: Sequence[tuple[int, int, Tag]],
    flush: bool,
    *,
    lines: bool = True,
) -> list[Token]:
    """Return the tokens of a heredoc, or of a file that is a template (not by `lines`)."""
    tokens: list[Token] = []
    for index, (text, start) in enumerate(slices):
        for line in _LINE.finditer(text) if lines else ():
            tokens.append(_runs(line[0], start + line.start(), _BARE))
        if text and not lines:
            tokens.append(_runs(text, start, _BARE))
        if index < len(tags):
            tokens.append(tags[index][2])
    _trim(tokens)
    if flush:
        _flush(tokens)
    return tokens


def _runs(text: str, start: int, escapes: re.Pattern[str]) -> Runs:
    """Split text at its escapes."""
    runs: Runs = []
    at = 0
    for found in escapes.finditer(text):
        if found.start() > at:
            runs.append((text[at : found.start()], start + at))
        runs.append((_unescaped(found[0]), start + found.start()))
        at = found.end()
    if at < len(text) or not runs:
        runs.append((text[at:], start + at))
    return runs


def _unescaped(escape: str) -> str:
    if escape[0] != "\\":
        return escape[0]
    if escape[1] in "uU":
        code = int(escape[2:], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return _ESCAPES[escape[1]]


def _trim(tokens: list[Token]) -> None:
    for index, token in enumerate(tokens):
        if not isinstance(token, Tag):
            continue
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.left and isinstance(before, list):
            _trim_end(before)
        if token.right and isinstance(after, list):
            _trim_start(after)


def _trim_end(runs: Runs) -> None:
    while runs:
        text, start = runs.pop()
        text = text.rstrip(SPACES)
        if text:
            runs.append((text, start))
            return


def _trim_start(runs: Runs) -> None:
    while runs:
        text, start = runs.pop(0)
        rest = text.lstrip(SPACES)
        if rest:
            runs.insert(0, (rest, start + len(text) - len(rest)))
            return


def _flush(tokens: list[Token]) -> None:
    """Take out the indent that all lines share; a line that is only spaces has no say."""
    least: int | None = None
    lines: list[Runs] = []
    newline = True
    for token in tokens:
        text = "" if isinstance(token, Tag) else "".join([part for part, _ in token])
        if newline:
            newline = False
            spaces: int | None = 0
            if not isinstance(token, Tag):
                rest = text.lstrip(SPACES)
                if not rest and text.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(text) - len(rest)
                    lines.append(token)
            if spaces is not None and (least is None or spaces < least):
                least = spaces
        if text.endswith("\n"):
            newline = True
    for runs in lines:
        cut = least or 0
        while cut and runs:
            text, start = runs.pop(0)
            if len(text) > cut:
                runs.insert(0, (text[cut:], start + cut))
            cut = max(0, cut - len(text))


def template_of(tokens: list[Token], start: int, end: int) -> Tree:
    """Return the text that tokens say, or the template where there are tags among them."""
    if not any(isinstance(token, Tag) for token in tokens):
        runs = tuple([run for token in tokens if isinstance(token, list) for run in token])
        return Literal("".join([text for text, _ in runs]), start, end, runs)
    pieces_ = _structure(tokens)
    if pieces_ is None:
        return Bad("has a template directive without its end", start, end)
    return Template(pieces_, _wraps(tokens), start, end)


def _wraps(tokens: Sequence[Token]) -> bool:
    return len(tokens) == 1 and isinstance(tokens[0], Tag) and tokens[0].kind == "interpolation"


def _structure(tokens: Sequence[Token]) -> tuple[Piece, ...] | None:
    """Nest the directives; None where one has no end, or an end no start."""
    root: list[Piece] = []
    # Each open directive, the pieces before its `else`, and those of the branch at hand.
    open_: list[tuple[Tag, list[Piece] | None, list[Piece]]] = []
    pieces = root
    for token in tokens:
        if not isinstance(token, Tag):
            pieces.extend([Text(text, start) for text, start in token])
        elif token.kind == "interpolation":
            pieces.append(Interpolation(token.values[0], token.start))
        elif token.kind in ("if", "for"):
            pieces = []
            open_.append((token, None, pieces))
        elif token.kind == "else":
            if not open_ or open_[-1][0].kind != "if" or open_[-1][1] is not None:
                return None
            tag, _, then = open_.pop()
            pieces = []
            open_.append((tag, then, pieces))
        else:
            if not open_ or "end" + open_[-1][0].kind != token.kind:
                return None
            tag, then_, last = open_.pop()
            pieces = open_[-1][2] if open_ else root
            pieces.append(_closed(tag, then_, last))
    return None if open_ else tuple(root)


def _closed(tag: Tag, then: list[Piece] | None, last: list[Piece]) -> Piece:
    if tag.kind == "for":
        key, name, collection = tag.values
        return For(key, name, collection, tuple(last), tag.start)
    if then is None:
        return If(tag.values[0], tuple(last), (), tag.start)
    return If(tag.values[0], tuple(then), tuple(last), tag.start)
