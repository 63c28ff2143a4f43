"""The classes of characters that regular expressions know, as tests of one character."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Test = Callable[[str], bool]


def literal(character: str, fold: bool) -> Test:
    if not fold or character.lower() == character.upper():
        return lambda c: c == character
    folded = {character, character.lower(), character.upper()}
    return lambda c: c in folded or c.lower() == character.lower()


def inverted(test: Test) -> Test:
    return lambda c: not test(c)


def class_test(tests: list[Test], ranges: list[tuple[str, str]], negated: bool, fold: bool) -> Test:
    def holds(c: str) -> bool:
        return any(low <= c <= high for low, high in ranges) or any(test(c) for test in tests)

    def folded(c: str) -> bool:
        return holds(c) or holds(c.lower()) or holds(c.upper())

    test = folded if fold else holds
    return inverted(test) if negated else test


def is_word(c: str) -> bool:
    return c.isascii() and (c.isalnum() or c == "_")


PERL_CLASSES: Final[dict[str, Test]] = {
    "d": lambda c: "0" <= c <= "9",
    "s": lambda c: c in "\t\n\f\r ",
    "w": is_word,
}
POSIX_CLASSES: Final[dict[str, Test]] = {
    "alnum": lambda c: c.isascii() and c.isalnum(),
    "alpha": lambda c: c.isascii() and c.isalpha(),
    "ascii": lambda c: c.isascii(),
    "blank": lambda c: c in "\t ",
    "cntrl": lambda c: c < " " or c == "\x7f",
    "digit": lambda c: "0" <= c <= "9",
    "graph": lambda c: "!" <= c <= "~",
    "lower": lambda c: "a" <= c <= "z",
    "print": lambda c: " " <= c <= "~",
    "punct": lambda c: "!" <= c <= "~" and not c.isalnum(),
    "space": lambda c: c in "\t\n\v\f\r ",
    "upper": lambda c: "A" <= c <= "Z",
    "word": is_word,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}
