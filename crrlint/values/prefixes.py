"""Prefixes of object keys: which of them can select one key, and which all keys of another.

Answers about symbols are sound both ways: yes and no are certain, None is open.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from crrlint.values import Symbolic, Text, parts_of, settle
from crrlint.values.comparison import SEPARATORS, Part, strip_common
from crrlint.values.symbols import Symbol

T = TypeVar("T")


def share(*prefixes: Text) -> bool:
    """Tell whether a key can start with all of the prefixes; raise `Undecided` where it is open."""
    answers = [meet(a, b) for i, a in enumerate(prefixes) for b in prefixes[:i]]
    return decided(False if False in answers else None if None in answers else True, *prefixes)


def decided(answer: bool | None, *prefixes: Text) -> bool:
    """Return an answer about prefixes; raise `Undecided` for one that is open."""
    if answer is not None:
        return answer
    texts = [settle(prefix) for prefix in prefixes]
    raise next(text for text in texts if isinstance(text, Symbolic)).undecided()


def meet(a: Text, b: Text) -> bool | None:
    """Tell whether a key can start with both prefixes: when one starts with the other."""
    left, right = list(parts_of(a)), list(parts_of(b))
    if not strip_common(left, right):
        return False
    if not left or not right:
        return True
    return False if _part(left, right) else None


def covers(wide: Text, narrow: Text) -> bool | None:
    """Tell whether every key that starts with the narrow prefix starts with the wide one."""
    left, right = list(parts_of(wide)), list(parts_of(narrow))
    if not strip_common(left, right):
        return False
    if not left:
        return True
    if not right:
        # What is left of the wide one has to be empty; a literal or a name never is.
        filled = any(isinstance(part, str) or part.form != "any" for part in left)
        return False if filled else None
    return False if _part(left, right) else None


def _part(left: list[Part], right: list[Part]) -> bool:
    """Tell whether two texts that begin with a symbol and another part are sure to part there."""
    x, y = left[0], right[0]
    if isinstance(x, Symbol) and isinstance(y, Symbol):
        # Two whole fields that are never the same text.
        differ = x.unique and y.unique and x.attribute == y.attribute
        return differ and all(map(_ends_a_field, (left, right)))
    symbol, literal = (x, y) if isinstance(x, Symbol) else (y, x)
    if not isinstance(symbol, Symbol) or not isinstance(literal, str) or symbol.form == "any":
        return False
    if symbol.form == "account":
        return not literal[:12].isdigit()
    return literal[0] in SEPARATORS


def _ends_a_field(parts: list[Part]) -> bool:
    """Tell whether a symbol stands before a separator, which it cannot hold itself."""
    first = parts[0]
    after = parts[1] if len(parts) > 1 else ""
    bounded = isinstance(first, Symbol) and first.form != "any"
    return bounded and isinstance(after, str) and after[:1] in SEPARATORS and after != ""


class Prefixes(Generic[T]):
    """Things by the prefix of the keys that they select; None for a prefix that is not plain."""

    __slots__ = ("_by_prefix", "_lengths", "_open", "_sorted")

    def __init__(self, things: Iterable[tuple[str | None, T]]) -> None:
        self._by_prefix: dict[str, list[T]] = {}
        self._open: list[T] = []
        for prefix, thing in things:
            mine = self._open if prefix is None else self._by_prefix.setdefault(prefix, [])
            mine.append(thing)
        self._sorted = sorted(self._by_prefix)
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def near(self, prefix: str | None) -> Iterator[T]:
        """Yield what can select a key that starts so, the certain ones first."""
        if prefix is None:
            for things in self._by_prefix.values():
                yield from things
        else:
            for length in self._lengths:
                if length >= len(prefix):
                    break
                yield from self._by_prefix.get(prefix[:length], ())
            start = bisect_left(self._sorted, prefix)
            for index in range(start, len(self._sorted)):
                if not self._sorted[index].startswith(prefix):
                    break
                yield from self._by_prefix[self._sorted[index]]
        yield from self._open
