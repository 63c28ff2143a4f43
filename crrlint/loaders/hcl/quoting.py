"""Text between quotes as Go's `%q` writes it."""

from __future__ import annotations

import unicodedata
from typing import Final

_SHORT: Final = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    '"': '\\"', "\\": "\\\\",
}  # fmt: skip
_PRINTED: Final = frozenset("LMNPS")


def go_quoted(text: str) -> str:
    return '"' + "".join([_quoted(character) for character in text]) + '"'


def _quoted(character: str) -> str:
    short = _SHORT.get(character)
    if short is not None:
        return short
    code = ord(character)
    if character == " " or (32 < code < 127):
        return character
    if code >= 127 and unicodedata.category(character)[0] in _PRINTED:
        return character
    if code < 128:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
