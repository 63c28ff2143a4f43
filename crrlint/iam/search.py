"""A lazy product automaton that searches one text for many globs at once.

All globs of a formula share one integer, one bit for each position, and one step
moves all of them: `((state & edges[c]) << 1) | (state & loops[c])`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from crrlint.iam.globs import FIRST_SYMBOL, RESERVED, SEPARATORS, Glob
from crrlint.iam.logic import Formula, Leaf, Node

STATES: Final = 20_000
STEPS: Final = 120_000
SOLVER: Final = 4
"""How often a question may be put to a solver, where one is installed."""

_OVERHEAD: Final = 6


class TooComplex(Exception):  # noqa: N818 - an answer, not an error
    """The search met more states than its budget."""


class Budget:
    """What one question may cost, in steps of a small automaton: a few microseconds each.

    A search gets a share of what is left, so that one that does not end leaves the others
    enough: most need a few dozen steps.  Time is not asked, or answers would depend on it.
    """

    __slots__ = ("left", "solver")

    def __init__(self) -> None:
        self.left = STEPS
        self.solver = SOLVER

    @property
    def share(self) -> int:
        return self.left // 4

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooComplex


class Product:
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
        "price",
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
        # As measured: a step looks at every glob, in an integer of so many bits.
        self.price = 1 + len(self.reduce) // 8 + len(self.fields) * (offset + 1000) // 40_000
        special = ":" if self.any_in_field | self.loops_in_field else ""
        for c in ":/*?" if self.any_in_name | self.loops_in_name else special:
            self.edges.setdefault(c, 0)
        self.other = next(c for c in others() if c not in self.edges)

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


def others() -> Iterator[str]:
    """Yield characters to stand for all that no glob names."""
    yield from "xyzabcdefghijklmnopqrstuvw0123456789"
    for code in range(0x4E00, FIRST_SYMBOL):
        yield chr(code)


def leaves_of(formula: Formula, into: list[Leaf]) -> list[Leaf]:
    if isinstance(formula, Leaf):
        into.append(formula)
    elif isinstance(formula, Node):
        for item in formula.items:
            leaves_of(item, into)
    return into


def find(goal: Formula, least: int, most: int, budget: Budget) -> str | None:
    """Return the shortest text of `least` to `most` characters that makes the goal true."""
    if goal is False or most < least:
        return None
    if goal is True:
        return "x" * least
    leaves = leaves_of(goal, [])
    budget.spend(len(leaves) + _OVERHEAD)
    product = Product(leaves)
    accepts = product.acceptor(goal)
    forecast = product.forecast(goal)
    if least == 0 and accepts(product.start):
        return ""
    allowance = budget.share
    seen: set[int] = {product.start} if least == 0 else set()
    trail: list[tuple[int, int, str]] = [(product.start, -1, "")]
    layer = [0]
    for _ in range(most):
        following: list[int] = []
        for index in layer:
            for c, state in product.follow(trail[index][0]):
                allowance -= product.price
                budget.left -= product.price
                if state in seen:
                    continue
                seen.add(state)
                if accepts(state):
                    return spell(trail, index) + c
                if allowance < 0 or len(seen) > STATES:
                    raise TooComplex
                if forecast(state) is False:
                    continue
                following.append(len(trail))
                trail.append((state, index, c))
        if not following:
            return None
        layer = following
    return None


def spell(trail: list[tuple[int, int, str]], index: int) -> str:
    """Return the text that led to a state."""
    letters: list[str] = []
    while index > 0:
        _, before, c = trail[index]
        letters.append(c)
        index = before
    return "".join(reversed(letters))


def classes(globs: list[Glob], most: int, budget: Budget) -> list[str]:
    """Return one short text for every combination of globs that some text matches."""
    product = Product([Leaf(glob, 1) for glob in globs])
    ends = 0
    for glob in globs:
        ends |= glob.end << product.offsets[id(glob), 1]
    found: dict[int, str] = {}
    allowance = budget.share
    seen: set[int] = set()
    trail: list[tuple[int, int, str]] = [(product.start, -1, "")]
    position = 0
    while position < len(trail):
        for c, state in product.follow(trail[position][0]):
            allowance -= product.price
            budget.left -= product.price
            if state in seen:
                continue
            seen.add(state)
            if state & ends not in found:
                found[state & ends] = spell(trail, position) + c
                if len(found) > most:
                    raise TooComplex
            trail.append((state, position, c))
            if allowance < 0 or len(seen) > STATES // 4:
                raise TooComplex
        position += 1
    found.setdefault(product.start & ends, "")
    return list(found.values())
