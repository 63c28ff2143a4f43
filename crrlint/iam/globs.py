"""A lazy product automaton that searches one text for many globs at once.

A glob is a linear automaton: position `i` has been reached when `i` edges are
behind, and a star is a loop at a position.  All globs of a question share one
integer, one bit for each position, and one step moves all of them:
`((state & edges[c]) << 1) | (state & loops[c])`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from crrlint.iam.logic import Formula, Leaf, Node
from crrlint.values import Symbol

# Wildcards and symbols are private characters inside a coded text, so that a
# literal star stays a star.  Text that brings such characters along is not coded.
STAR: Final = "\U0010fff0"
ANY: Final = "\U0010fff1"
FIRST_SYMBOL: Final = 0xF0000
RESERVED: Final = chr(FIRST_SYMBOL)

SEPARATORS: Final = frozenset(":/*?")
STATES: Final = 20_000
_NOTHING: Final[Mapping[str, Symbol]] = {}


class TooComplex(Exception):  # noqa: N818 - an answer, not an error
    """The search met more states than its budget."""


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


class _Product:
    """The leaves of a formula side by side in one integer."""

    __slots__ = (
        "any",
        "any_in_field",
        "any_in_name",
        "edges",
        "fields",
        "loops",
        "loops_in_field",
        "loops_in_name",
        "offsets",
        "other",
        "reduce",
        "size",
        "start",
    )

    def __init__(self, leaves: list[Leaf]) -> None:
        self.edges: dict[str, int] = {}
        self.any = self.any_in_field = self.any_in_name = 0
        self.loops = self.loops_in_field = self.loops_in_name = 0
        self.offsets: dict[tuple[int, int], int] = {}
        self.fields: dict[int, int] = {}
        self.reduce: list[tuple[int, int, int]] = []
        self.start = 0
        offset = 0
        for leaf in leaves:
            glob: Glob = leaf.glob
            identity = (id(glob), leaf.start)
            if identity in self.offsets:
                continue
            self.offsets[identity] = offset
            for c, mask in glob.edges.items():
                if c < RESERVED:  # no key holds a symbol
                    self.edges[c] = self.edges.get(c, 0) | mask << offset
            self.any |= glob.any << offset
            self.any_in_field |= glob.any_in_field << offset
            self.any_in_name |= glob.any_in_name << offset
            self.loops |= glob.loops << offset
            self.loops_in_field |= glob.loops_in_field << offset
            self.loops_in_name |= glob.loops_in_name << offset
            self.start |= leaf.start << offset
            field = (2 * glob.end - 1) << offset
            self.fields[offset] = field
            if glob.loops:
                self.reduce.append((glob.loops << offset, field, offset))
            offset += glob.size
        self.size = offset
        special = ":" if self.any_in_field | self.loops_in_field else ""
        for c in ":/*?" if self.any_in_name | self.loops_in_name else special:
            self.edges.setdefault(c, 0)
        self.other = next(c for c in _candidates() if c not in self.edges)

    def follow(self, state: int) -> Iterator[tuple[str, int]]:
        """Yield the characters that tell states apart here, and where each leads."""
        classes = state & (
            self.any_in_field | self.any_in_name | self.loops_in_field | self.loops_in_name
        )
        for c, mask in self.edges.items():
            if state & mask or (classes and c in SEPARATORS):
                yield c, self._step(state, c, mask)
        yield self.other, self._step(state, self.other, 0)

    def _step(self, state: int, c: str, mask: int) -> int:
        move = mask | self.any
        stay = self.loops
        if c != ":":
            move |= self.any_in_field
            stay |= self.loops_in_field
        if c not in SEPARATORS:
            move |= self.any_in_name
            stay |= self.loops_in_name
        after = (state & move) << 1 | state & stay
        # What is below an active star adds no text that the star does not take.
        for loops, field, offset in self.reduce:
            active = after & loops
            if active:
                below = (1 << (active.bit_length() - 1)) - (1 << offset)
                after &= ~(field & below)
        return after

    def acceptor(self, formula: Formula) -> Callable[[int], bool]:
        """Return a test whether the text read so far makes the formula true."""
        if isinstance(formula, bool):
            return lambda state: formula
        if isinstance(formula, Leaf):
            end = formula.glob.end << self.offsets[id(formula.glob), formula.start]
            return lambda state: state & end != 0
        if formula.op == "!":
            inner = self.acceptor(formula.items[0])
            return lambda state: not inner(state)
        tests = [self.acceptor(i) for i in formula.items if not isinstance(i, Leaf)]
        ends = 0
        for item in formula.items:
            if isinstance(item, Leaf):
                ends |= item.glob.end << self.offsets[id(item.glob), item.start]
        if formula.op == "|":
            return lambda state: state & ends != 0 or any(t(state) for t in tests)
        return lambda state: state & ends == ends and all(t(state) for t in tests)

    def forecast(self, formula: Formula) -> Callable[[int], bool | None]:
        """Return what the formula is for every longer text, None when that is open."""
        if isinstance(formula, bool):
            return lambda state: formula
        if isinstance(formula, Leaf):
            glob: Glob = formula.glob
            offset = self.offsets[id(glob), formula.start]
            always = (glob.end & glob.loops) << offset
            field = self.fields[offset]
            return lambda state: True if state & always else None if state & field else False
        parts = [self.forecast(i) for i in formula.items]
        if formula.op == "!":
            inner = parts[0]

            def opposite(state: int) -> bool | None:
                answer = inner(state)
                return None if answer is None else not answer

            return opposite
        absorbing = formula.op == "|"

        def together(state: int) -> bool | None:
            answer: bool | None = not absorbing
            for part in parts:
                one = part(state)
                if one is absorbing:
                    return absorbing
                if one is None:
                    answer = None
            return answer

        return together


def _candidates() -> Iterator[str]:
    yield from "xyzabcdefghijklmnopqrstuvw0123456789"
    for code in range(0x4E00, FIRST_SYMBOL):
        yield chr(code)


def _leaves(formula: Formula, into: list[Leaf]) -> list[Leaf]:
    if isinstance(formula, Leaf):
        into.append(formula)
    elif isinstance(formula, Node):
        for item in formula.items:
            _leaves(item, into)
    return into


def find(goal: Formula, least: int, most: int) -> str | None:
    """Return the shortest text of `least` to `most` characters that makes the goal true."""
    if goal is False or most < least:
        return None
    if goal is True:
        return "x" * least
    product = _Product(_leaves(goal, []))
    accepts = product.acceptor(goal)
    forecast = product.forecast(goal)
    if least == 0 and accepts(product.start):
        return ""
    # A state of a hundred thousand positions costs as much as a thousand small ones.
    budget = min(STATES, max(500, 100_000_000 // product.size))
    seen: set[int] = {product.start} if least == 0 else set()
    trail: list[tuple[int, int, str]] = [(product.start, -1, "")]
    layer = [0]
    for _ in range(most):
        following: list[int] = []
        for index in layer:
            for c, state in product.follow(trail[index][0]):
                if state in seen:
                    continue
                seen.add(state)
                if accepts(state):
                    return _spell(trail, index) + c
                if forecast(state) is False:
                    continue
                following.append(len(trail))
                trail.append((state, index, c))
                if len(seen) > budget:
                    raise TooComplex
        if not following:
            return None
        layer = following
    return None


def _spell(trail: list[tuple[int, int, str]], index: int) -> str:
    letters: list[str] = []
    while index > 0:
        _, before, c = trail[index]
        letters.append(c)
        index = before
    return "".join(reversed(letters))


def classes(globs: list[Glob], most: int) -> list[str]:
    """Return one short text for every combination of globs that some text matches."""
    product = _Product([Leaf(glob, 1) for glob in globs])
    ends = 0
    for glob in globs:
        ends |= glob.end << product.offsets[id(glob), 1]
    found: dict[int, str] = {}
    seen: set[int] = set()
    trail: list[tuple[int, int, str]] = [(product.start, -1, "")]
    position = 0
    while position < len(trail):
        for c, state in product.follow(trail[position][0]):
            if state in seen:
                continue
            seen.add(state)
            if state & ends not in found:
                found[state & ends] = _spell(trail, position) + c
                if len(found) > most:
                    raise TooComplex
            trail.append((state, position, c))
            if len(seen) > STATES // 4:
                raise TooComplex
        position += 1
    return list(found.values())
