"""Text in the characters that people see: what `length`, `substr` and `strrev` count."""

from __future__ import annotations

import unicodedata
from itertools import pairwise


def clusters(text: str) -> list[str]:
    """Split text into grapheme clusters."""
    if text.isascii() and "\r" not in text:
        return list(text)
    starts: list[int] = []
    regional = 0
    pictured = False
    last = ""
    for position, character in enumerate(text):
        if not last or not _joins(last, character, regional, pictured):
            starts.append(position)
            pictured = False
        pictured = pictured or _is_picture(character)
        regional = regional + 1 if _is_regional(character) else 0
        last = character
    return [text[start:end] for start, end in pairwise([*starts, len(text)])]


def _joins(last: str, character: str, regional: int, pictured: bool) -> bool:
    """Tell whether a character belongs to those before, in which there may be a picture."""
    if last == "\r" and character == "\n":
        return True
    if last in "\r\n" or unicodedata.category(last) == "Cc":
        return False
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Mc") or character in "\u200d\u200c\uff9e\uff9f":
        return True
    if 0x1F3FB <= ord(character) <= 0x1F3FF or 0xE0020 <= ord(character) <= 0xE007F:
        return True
    if _is_regional(character) and _is_regional(last):
        return regional % 2 == 1
    if last == "\u200d":
        return pictured and _is_picture(character)
    return _syllable(last, character)


def _is_regional(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _is_picture(character: str) -> bool:
    code = ord(character)
    return 0x1F000 <= code <= 0x1FAFF or 0x2190 <= code <= 0x2BFF or code in (0xA9, 0xAE)


def _syllable(last: str, character: str) -> bool:
    """Tell whether two letters of Hangul stand in one syllable."""
    a, b = ord(last), ord(character)
    lead, vowel, tail = 0x1100 <= b < 0x1160, 0x1160 <= b < 0x11A8, 0x11A8 <= b < 0x1200
    whole = 0xAC00 <= b < 0xD7A4
    if 0x1100 <= a < 0x1160:
        return lead or vowel or whole
    open_ = 0xAC00 <= a < 0xD7A4 and (a - 0xAC00) % 28 == 0
    if open_ or 0x1160 <= a < 0x11A8:
        return vowel or tail
    closed = 0xAC00 <= a < 0xD7A4
    return (closed or 0x11A8 <= a < 0x1200) and tail
