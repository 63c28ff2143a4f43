"""Texts made of pieces: known ones, symbols, and what is not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.json_text import closed_text, text_of
from crrlint.loaders.hcl.values import MAX_TEXT, JsonText, OpenText
from crrlint.values import Symbolic, Undecided, Unknown
from crrlint.values.comparison import SEPARATORS
from crrlint.values.symbols import Symbol


def assemble(pieces: Iterable[Any]) -> str | Symbolic | OpenText:
    """Join texts, symbols and unknowns."""
    made: list[str | Symbol | Unknown] = []
    literal: list[str] = []
    opened = False
    length = 0
    for piece in pieces:
        if isinstance(piece, JsonText):
            piece = flat(piece)
        if isinstance(piece, (Symbolic, OpenText)):
            for part in piece.parts:
                opened = opened or isinstance(part, Unknown)
                length += _append(made, literal, part)
        else:
            opened = opened or isinstance(piece, Unknown)
            length += _append(made, literal, piece)
        if length > MAX_TEXT:
            return OpenText((Unknown("too_complex", f"a text of more than {MAX_TEXT} characters"),))
    if literal:
        made.append("".join(literal))
    if opened:
        return OpenText(tuple(made))
    if not made:
        return ""
    if len(made) == 1 and isinstance(made[0], str):
        text = made[0]
        return composed(text)
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


def _append(
    made: list[str | Symbol | Unknown], literal: list[str], part: str | Symbol | Unknown
) -> int:
    """Add a part, texts to those that wait to be joined; return how much longer all is."""
    if isinstance(part, str):
        if part:
            literal.append(part)
        return len(part)
    if literal:
        made.append("".join(literal))
        literal.clear()
    made.append(part)
    return 1


def composed(text: str) -> str:
    """Return text as Terraform keeps it, in the normal form C.

    What no writing has, a letter with hundreds of marks, would take forever.
    """
    if text.isascii() or (len(text) > _LONG and _has_many_marks(text)):
        return text
    return unicodedata.normalize("NFC", text)


_LONG: Final = 2000
_MANY: Final = 300


def _has_many_marks(text: str) -> bool:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _MANY:
            return True
    return False


def excludes(symbol: Symbol, characters: str) -> bool:
    """Tell whether what a symbol stands for is certain to hold none of the characters."""
    if symbol.form == "any":
        return False
    if symbol.form == "account":
        return not any(c in "0123456789" for c in characters)
    if symbol.form in ("region", "partition"):
        return not any(c.isalnum() or c == "-" for c in characters)
    return all(c in SEPARATORS or c.isspace() or c in "\"'<>{}[]|\\" for c in characters)
