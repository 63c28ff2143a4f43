"""Globs as linear automata.

Position `i` has been reached when `i` edges are behind, and a star is a loop at a
position.  A state is an integer with one bit for each position.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crrlint.values import Symbol

# Wildcards and symbols are private characters inside a coded text, so that a
# literal star stays a star.  Text that brings such characters along is not coded.
STAR: Final = "\U0010fff0"
ANY: Final = "\U0010fff1"
FIRST_SYMBOL: Final = 0xF0000
RESERVED: Final = chr(FIRST_SYMBOL)

SEPARATORS: Final = frozenset(":/*?")
_NOTHING: Final[Mapping[str, Symbol]] = {}


class Glob:
    """The compiled form of one glob; masks are over its own positions."""

    __slots__ = (
        "any",
        "any_in_field",
        "any_in_name",
        "edges",
        "end",
        "loops",
        "loops_in_field",
        "loops_in_name",
        "size",
    )

    def __init__(self, code: str, symbols: Mapping[str, Symbol], certain: bool, arn: bool) -> None:
        edges: dict[str, int] = {}
        self.any = self.any_in_field = self.any_in_name = 0
        self.loops = self.loops_in_field = self.loops_in_name = 0
        bit = 1
        colons = 0 if arn else 5
        for c in code:
            if c == STAR:
                if colons < 5:
                    self.loops_in_field |= bit
                else:
                    self.loops |= bit
                continue
            if c == ANY:
                if colons < 5:
                    self.any_in_field |= bit
                else:
                    self.any |= bit
            elif c in symbols and not certain:
                if symbols[c].form == "any":
                    self.loops |= bit
                    continue
                self.any_in_name |= bit
                self.loops_in_name |= bit
            else:
                edges[c] = edges.get(c, 0) | bit
                colons += c == ":"
            bit <<= 1
        self.edges = edges
        self.end = bit
        self.size = bit.bit_length()

    def step(self, state: int, c: str) -> int:
        move = self.edges.get(c, 0) | self.any
        stay = self.loops
        if c != ":":
            move |= self.any_in_field
            stay |= self.loops_in_field
        if c not in SEPARATORS:
            move |= self.any_in_name
            stay |= self.loops_in_name
        return (state & move) << 1 | state & stay

    def step_symbol(self, state: int, c: str, symbol: Symbol, certain: bool) -> int:
        """Read a symbol: itself or a star when `certain`, any text of its form otherwise."""
        if certain:
            stay = self.loops | (self.loops_in_field if symbol.form != "any" else 0)
            return (state & self.edges.get(c, 0)) << 1 | state & stay
        if symbol.form == "any":
            return (2 * self.end - 1) & -(state & -state) if state else 0
        # A name passes everything but a literal separator, and is not empty.
        barred = 0
        for separator in SEPARATORS:
            barred |= self.edges.get(separator, 0)
        reached = 0
        moving = state & ~barred
        while moving:
            moving = moving << 1 & (2 * self.end - 1)
            if not moving & ~reached:
                break
            reached |= moving
            moving &= ~barred
        loops = self.loops | self.loops_in_field | self.loops_in_name
        return reached | (state | reached) & loops

    def read(
        self, text: str, symbols: Mapping[str, Symbol] = _NOTHING, certain: bool = True
    ) -> int:
        """Return the state after the text, from the start."""
        state = 1
        for c in text:
            if not state:
                return 0
            if c in symbols:
                state = self.step_symbol(state, c, symbols[c], certain)
            else:
                state = self.step(state, c)
        return state


@lru_cache(maxsize=4096)
def compiled(code: str, arn: bool = False) -> Glob:
    """Return the automaton of a glob without symbols."""
    return Glob(code, _NOTHING, True, arn)


def matches(code: str, text: str) -> bool:
    """Match known text, flat."""
    if STAR not in code and ANY not in code:
        return code == text
    if code.find(STAR) == len(code) - 1 and ANY not in code:
        return text.startswith(code[:-1])
    glob = compiled(code)
    return bool(glob.read(text) & glob.end)
