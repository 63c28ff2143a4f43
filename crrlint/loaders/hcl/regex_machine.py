"""The machine that runs compiled regular expressions: all threads side by side, none goes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from crrlint.values.symbols import Undecided

MAX_WORK: Final = 20_000_000

Code = list[tuple[Any, ...]]

CHAR, SPLIT, JUMP, SAVE, ASSERT, MATCH = range(6)


class Match(NamedTuple):
    """Where a pattern matches, and where its groups do."""

    string: str
    slots: tuple[int, ...]
    names: dict[str, int]

    @property
    def start(self) -> int:
        return self.slots[0]

    @property
    def end(self) -> int:
        return self.slots[1]

    @property
    def text(self) -> str:
        return self.string[self.start : self.end]

    def group(self, number: int) -> str | None:
        if number * 2 + 1 >= len(self.slots) or self.slots[number * 2] < 0:
            return None
        return self.string[self.slots[number * 2] : self.slots[number * 2 + 1]]

    def named(self, name: str) -> str | None:
        if name.isascii() and name.isdigit():
            return self.group(int(name)) if len(name) < 5 else None
        number = self.names.get(name)
        return None if number is None else self.group(number)


class Regex(NamedTuple):
    code: Code
    groups: int
    names: dict[str, int]

    def find(self, text: str) -> Match | None:
        return self._search(text, 0, [0])

    def find_all(self, text: str) -> Iterator[Match]:
        """Yield the matches from left to right; an empty one does not touch the one before it."""
        at, last = 0, -1
        work = [0]
        while at <= len(text):
            found = self._search(text, at, work)
            if found is None:
                return
            empty = found.start == found.end
            if not (empty and found.start == last):
                yield found
            last = found.end
            at = found.end + 1 if empty else found.end

    def _search(self, text: str, start: int, work: list[int]) -> Match | None:
        """Run all threads side by side; those first in the list are preferred."""
        code = self.code
        slots = (-1,) * (self.groups * 2 + 2)
        threads: list[tuple[int, tuple[int, ...]]] = []
        best: tuple[int, ...] | None = None
        for at in range(start, len(text) + 1):
            seen: set[int] = set()
            ready: list[tuple[int, tuple[int, ...]]] = []
            for pc, saved in threads:
                _follow(code, pc, saved, text, at, seen, ready)
            if best is None:
                _follow(code, 0, slots, text, at, seen, ready)
            work[0] += len(seen) + 1
            if work[0] > MAX_WORK:
                raise Undecided("too_complex", "a regular expression over a long text")
            threads = []
            for pc, saved in ready:
                instruction = code[pc]
                if instruction[0] == MATCH:
                    best = saved
                    break
                if at < len(text) and instruction[1](text[at]):
                    threads.append((pc + 1, saved))
            if not threads and best is not None:
                break
        return None if best is None else Match(text, best, self.names)


def _follow(
    code: Code,
    pc: int,
    saved: tuple[int, ...],
    text: str,
    at: int,
    seen: set[int],
    ready: list[tuple[int, tuple[int, ...]]],
) -> None:
    """Add the instructions that read a character, in their order of preference."""
    stack = [(pc, saved)]
    while stack:
        pc, saved = stack.pop()
        if pc in seen:
            continue
        seen.add(pc)
        instruction = code[pc]
        kind = instruction[0]
        if kind == JUMP:
            stack.append((instruction[1], saved))
        elif kind == SPLIT:
            stack.append((instruction[2], saved))
            stack.append((instruction[1], saved))
        elif kind == SAVE:
            slot = instruction[1]
            stack.append((pc + 1, (*saved[:slot], at, *saved[slot + 1 :])))
        elif kind == ASSERT:
            if instruction[1](text, at):
                stack.append((pc + 1, saved))
        else:
            ready.append((pc, saved))
