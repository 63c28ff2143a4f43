"""Regular expressions as Go's RE2 understands them.

A machine of its own and not Python's: what is a space, where `$` matches and which group wins
differ, and patterns come from the files that are checked: the time that this one takes is
bounded by the length of the pattern times that of the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from crrlint.loaders.hcl.character_classes import (
    PERL_CLASSES,
    POSIX_CLASSES,
    Test,
    class_test,
    inverted,
    is_word,
    literal,
)
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.regex_machine import ASSERT, CHAR, JUMP, MATCH, SAVE, SPLIT, Code, Regex
from crrlint.values.symbols import Undecided

MAX_PROGRAM: Final = 5_000
MAX_REPEAT: Final = 1000
MAX_DEPTH: Final = 60


@lru_cache(256)
def compiled(pattern: str) -> Regex:
    """Compile a pattern; raises `BadArgument` for what RE2 does not accept."""
    return _Parser(pattern).regex()


class _Flags(NamedTuple):
    fold: bool = False
    lines: bool = False
    all: bool = False
    lazy: bool = False


class _Parser:
    """Compiles while it reads."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = 0
        self._names: dict[str, int] = {}
        self._flags = _Flags()

    def regex(self) -> Regex:
        body = self._alternatives(0)
        if self._at < len(self._pattern):
            raise self._bad("has a `)` too many")
        code: Code = [(SAVE, 0), *_moved(body, 1), (SAVE, 1), (MATCH,)]
        return Regex(code, self._groups, self._names)

    def _bad(self, why: str) -> BadArgument:
        return BadArgument(f"the pattern {self._pattern!r} {why}")

    def _peek(self, text: str) -> bool:
        return self._pattern.startswith(text, self._at)

    def _take(self) -> str:
        if self._at >= len(self._pattern):
            raise self._bad("ends too early")
        self._at += 1
        return self._pattern[self._at - 1]

    def _alternatives(self, depth: int) -> Code:
        if depth > MAX_DEPTH:
            raise self._bad("is nested too deeply")
        flags = self._flags
        branches = [self._sequence(depth)]
        while self._peek("|"):
            self._at += 1
            branches.append(self._sequence(depth))
        self._flags = flags
        code = branches.pop()
        while branches:
            first = branches.pop()
            code = [
                (SPLIT, 1, len(first) + 2),
                *_moved(first, 1),
                (JUMP, len(first) + 2 + len(code)),
                *_moved(code, len(first) + 2),
            ]
        return self._limited(code)

    def _limited(self, code: Code) -> Code:
        if len(code) > MAX_PROGRAM:
            raise Undecided("too_complex", "a very large regular expression")
        return code

    def _sequence(self, depth: int) -> Code:
        code: Code = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            code += _moved(self._repeated(depth), len(code))
        return self._limited(code)

    def _repeated(self, depth: int) -> Code:
        lead = self._pattern[self._at]
        if lead in "*+?":
            raise self._bad(f"has a {lead} that repeats nothing")
        atom = self._atom(depth)
        repeats = False
        while True:
            bounds = self._bounds()
            if bounds is None:
                return atom
            if repeats:
                raise self._bad("repeats a repetition")
            repeats = True
            lazy = self._flags.lazy
            if self._peek("?"):
                self._at += 1
                lazy = not lazy
            atom = self._limited(_repeat(atom, bounds[0], bounds[1], lazy, self._limited))

    def _bounds(self) -> tuple[int, int | None] | None:
        lead = self._pattern[self._at : self._at + 1]
        if lead and lead in "*+?":
            self._at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[lead]
        if lead != "{":
            return None
        end = self._pattern.find("}", self._at)
        low, comma, high = self._pattern[self._at + 1 : max(end, 0)].partition(",")
        if end < 0 or not _digits(low) or not (high == "" or _digits(high)):
            return None  # the brace is a character like any other
        self._at = end + 1
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise self._bad("repeats too often")
        return least, most

    def _atom(self, depth: int) -> Code:
        character = self._take()
        flags = self._flags
        if character == "(":
            return self._group(depth)
        if character == "[":
            return [(CHAR, self._class())]
        if character == ".":
            return [(CHAR, (lambda c: True) if flags.all else (lambda c: c != "\n"))]
        if character == "^":
            return [(ASSERT, _line_start if flags.lines else _text_start)]
        if character == "$":
            return [(ASSERT, _line_end if flags.lines else _text_end)]
        if character == "\\":
            return self._escape()
        return [(CHAR, literal(character, flags.fold))]

    def _group(self, depth: int) -> Code:
        flags = self._flags
        number = None
        if self._peek("?"):
            self._at += 1
            if self._peek("P<") or (
                self._peek("<") and not self._peek("<=") and not self._peek("<!")
            ):
                self._at += 2 if self._peek("P<") else 1
                end = self._pattern.find(">", self._at)
                name = self._pattern[self._at : max(end, self._at)]
                if not name or not all(c == "_" or c.isalnum() for c in name):
                    raise self._bad("has a group without a name")
                if name in self._names:
                    raise self._bad(f"has two groups {name}")
                self._at = end + 1
                self._groups += 1
                number = self._names[name] = self._groups
            elif self._set_flags():
                return []
        else:
            self._groups += 1
            number = self._groups
        inner = self._alternatives(depth + 1)
        if not self._peek(")"):
            raise self._bad("has a `(` without its `)`")
        self._at += 1
        self._flags = flags
        if number is None:
            return inner
        return [(SAVE, number * 2), *_moved(inner, 1), (SAVE, number * 2 + 1)]

    def _set_flags(self) -> bool:
        """Read `i-m:` or `i-m)`; tell whether it was the latter, for the rest of the group."""
        on = True
        while True:
            character = self._take()
            if character in ":)":
                return character == ")"
            if character == "-":
                on = False
                continue
            field = {"i": "fold", "m": "lines", "s": "all", "U": "lazy"}.get(character)
            if field is None:
                raise self._bad("has a group of a kind that RE2 does not know")
            self._flags = self._flags._replace(**{field: on})

    def _escape(self) -> Code:
        character = self._take()
        if character == "Q":
            end = self._pattern.find("\\E", self._at)
            text = self._pattern[self._at : end if end >= 0 else len(self._pattern)]
            self._at = len(self._pattern) if end < 0 else end + 2
            return [(CHAR, literal(c, self._flags.fold)) for c in text]
        place = _PLACES.get(character)
        if place is not None:
            return [(ASSERT, place)]
        if character == "C":
            raise Undecided("unsupported_expression", "a regular expression with \\C")
        test = self._class_escape(character)
        if test is not None:
            return [(CHAR, test)]
        return [(CHAR, literal(self._character(character), self._flags.fold))]

    def _class_escape(self, character: str) -> Test | None:
        """Return the class that `\\d`, `\\pL` and their like stand for."""
        known = PERL_CLASSES.get(character.lower())
        if known is not None:
            return known if character.islower() else inverted(known)
        if character in "pP":
            name = self._take()
            if name == "{":
                end = self._pattern.find("}", self._at)
                name = self._pattern[self._at : max(end, self._at)]
                self._at = end + 1
            wanted = character == "p"
            if name[:1] == "^":
                name, wanted = name[1:], not wanted
            test = self._property(name)
            return test if wanted else inverted(test)
        return None

    def _property(self, name: str) -> Test:
        if name in ("Any", ""):
            if not name:
                raise self._bad("has a class without a name")
            return lambda c: True
        if len(name) > 2:
            raise Undecided("unsupported_expression", f"a regular expression with \\p{{{name}}}")
        if name[0] not in "LMNPSZC":
            raise self._bad(f"has an unknown class {name}")
        return lambda c: unicodedata.category(c).startswith(name)

    def _character(self, character: str) -> str:
        """Return the one character that an escape stands for."""
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character == "x":
            digits = self._take()
            if digits == "{":
                end = self._pattern.find("}", self._at)
                digits = self._pattern[self._at : max(end, self._at)]
                self._at = end + 1
            else:
                digits += self._take()
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise self._bad("has a bad escape") from None
        if character in "01234567":
            return self._octal(character)
        if character.isascii() and (character.isalnum() or character == "_"):
            raise self._bad(f"has an escape \\{character} that RE2 does not know")
        return character

    def _octal(self, digit: str) -> str:
        following = self._pattern[self._at : self._at + 1]
        if digit != "0" and not (following and following in "01234567"):
            raise self._bad("refers back to a group, which RE2 cannot")
        digits = digit
        while len(digits) < 3 and self._pattern[self._at : self._at + 1] in tuple("01234567"):
            digits += self._take()
        return chr(int(digits, 8))

    def _class(self) -> Test:
        negated = self._peek("^")
        self._at += negated
        tests: list[Test] = []
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self._peek("]"):
            first = False
            if self._peek("[:"):
                tests.append(self._posix())
                continue
            low = self._take()
            if low == "\\":
                escape = self._take()
                test = self._class_escape(escape)
                if test is not None:
                    tests.append(test)
                    continue
                low = self._character(escape)
            high = low
            if self._peek("-") and not self._peek("-]"):
                self._at += 1
                high = self._take()
                if high == "\\":
                    high = self._character(self._take())
                if high < low:
                    raise self._bad("has a range in the wrong order")
            ranges.append((low, high))
        self._at += 1
        return class_test(tests, ranges, negated, self._flags.fold)

    def _posix(self) -> Test:
        end = self._pattern.find(":]", self._at)
        name = self._pattern[self._at + 2 : max(end, 0)]
        test = POSIX_CLASSES.get(name.removeprefix("^"))
        if end < 0 or test is None:
            raise self._bad("has an unknown class")
        self._at = end + 2
        return inverted(test) if name.startswith("^") else test


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _moved(code: Code, by: int) -> Code:
    """Return code as it is when it stands elsewhere: jumps count from the start of it all."""
    moved: Code = []
    for instruction in code:
        if instruction[0] == SPLIT:
            moved.append((SPLIT, instruction[1] + by, instruction[2] + by))
        elif instruction[0] == JUMP:
            moved.append((JUMP, instruction[1] + by))
        else:
            moved.append(instruction)
    return moved


def _repeat(
    atom: Code, least: int, most: int | None, lazy: bool, limited: Callable[[Code], Code]
) -> Code:
    code: Code = []
    for _ in range(least):
        code += _moved(atom, len(code))
        limited(code)
    size = len(atom)
    if most is None:
        if least:
            # The last round goes back to itself.
            start = len(code) - size
            again, on = start, len(code) + 1
            return [*code, (SPLIT, on, again) if lazy else (SPLIT, again, on)]
        inside, after = 1, size + 2
        split = (SPLIT, after, inside) if lazy else (SPLIT, inside, after)
        return [split, *_moved(atom, 1), split]
    extra = most - least
    end = len(code) + extra * (size + 1)
    for _ in range(extra):
        here = len(code)
        code.append((SPLIT, end, here + 1) if lazy else (SPLIT, here + 1, end))
        code += _moved(atom, here + 1)
        limited(code)
    return code


def _text_start(text: str, at: int) -> bool:
    return at == 0


def _text_end(text: str, at: int) -> bool:
    return at == len(text)


def _line_start(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def _line_end(text: str, at: int) -> bool:
    return at == len(text) or text[at] == "\n"


def _boundary(text: str, at: int) -> bool:
    before = at > 0 and is_word(text[at - 1])
    after = at < len(text) and is_word(text[at])
    return before is not after


_PLACES: Final[dict[str, Callable[[str, int], bool]]] = {
    "A": _text_start,
    "z": _text_end,
    "b": _boundary,
    "B": lambda text, at: not _boundary(text, at),
}
_CONTROLS: Final = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
