"""Texts made of pieces: known ones, symbols, and what is not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from crrlint.documents.source import Node
from crrlint.loaders.hcl.json_text import closed_text, text_of
from crrlint.loaders.hcl.values import JsonText, OpenText
from crrlint.values import Symbolic, Undecided, Unknown
from crrlint.values.comparison import SEPARATORS
from crrlint.values.symbols import Symbol


def assemble(pieces: Iterable[Any]) -> str | Symbolic | OpenText:
    """Join texts, symbols and unknowns."""
    made: list[str | Symbol | Unknown] = []
    opened = False
    for piece in pieces:
        if isinstance(piece, JsonText):
            piece = flat(piece)
        if isinstance(piece, (Symbolic, OpenText)):
            for part in piece.parts:
                opened = opened or isinstance(part, Unknown)
                _append(made, part)
        else:
            opened = opened or isinstance(piece, Unknown)
            _append(made, piece)
    if opened:
        return OpenText(tuple(made))
    if not made:
        return ""
    if len(made) == 1 and isinstance(made[0], str):
        text = made[0]
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    return Symbolic(tuple(made))  # type: ignore[arg-type]


def flat(value: JsonText) -> Any:
    """Return a JSON text as text where it can be written down, else as it is."""
    text = closed_text(value)
    if text is not None:
        return text
    try:
        made = text_of(Node(value, value.node.at)).value
    except Undecided:
        return value
    return made if isinstance(made, (str, Symbolic)) else value


def _append(made: list[str | Symbol | Unknown], part: str | Symbol | Unknown) -> None:
    if isinstance(part, str):
        if part == "":
            return
        if made and isinstance(made[-1], str):
            made[-1] += part
            return
    made.append(part)


def excludes(symbol: Symbol, characters: str) -> bool:
    """Tell whether what a symbol stands for is certain to hold none of the characters."""
    if symbol.form == "any":
        return False
    if symbol.form == "account":
        return not any(c in "0123456789" for c in characters)
    if symbol.form in ("region", "partition"):
        return not any(c.isalnum() or c == "-" for c in characters)
    return all(c in SEPARATORS or c.isspace() or c in "\"'<>{}[]|\\" for c in characters)
