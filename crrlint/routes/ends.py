"""Routes by the buckets at their ends and by the prefix of their rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Generic, TypeAlias, TypeVar

from crrlint.values import Symbol, Text, Undecided, settle
from crrlint.values.answers import watching
from crrlint.values.prefixes import Prefixes
from crrlint.world import is_open, key_of

T = TypeVar("T")
R = TypeVar("R")


class Ends(Generic[R]):
    """An index that is made once for all answers to choices.

    An end that hangs on a choice, or may be any bucket, is None in it.
    """

    __slots__ = ("_by_names",)

    def __init__(
        self,
        routes: Sequence[R],
        names: Sequence[Callable[[R], Text]],
        prefix: Callable[[R], Text],
    ) -> None:
        found: dict[_Keys, list[tuple[str | None, R]]] = {}
        for route in routes:
            keys = tuple(_fixed(_key, name, route) for name in names)
            plain = _fixed(_plain, prefix, route)
            found.setdefault(keys, []).append((plain, route))
        self._by_names = {keys: Prefixes(mine) for keys, mine in found.items()}

    def near(self, names: Iterable[Text], prefix: Text) -> Iterator[R]:
        """Yield the routes that may have these buckets at their ends and select such a key.

        Those of just these buckets come first.
        """
        wanted, plain = tuple(map(_key, names)), _plain(prefix)
        if None in wanted:
            for keys, prefixes in self._by_names.items():
                if all(a is None or b is None or a == b for a, b in zip(keys, wanted, strict=True)):
                    yield from prefixes.near(plain)
            return
        for keys in product(*((key, None) for key in wanted)):
            if keys in self._by_names:
                yield from self._by_names[keys].near(plain)


_Keys: TypeAlias = tuple[tuple[str | Symbol, ...] | None, ...]


def _fixed(use: Callable[[Text], T | None], ask: Callable[[R], Text], route: R) -> T | None:
    """Return what is made of an answer that hangs on no choice; None for any other."""
    try:
        with watching() as choices:
            answer = use(ask(route))
    except Undecided:
        return None
    return None if choices else answer


def _key(name: Text) -> tuple[str | Symbol, ...] | None:
    """Return what a dictionary can look a name up by; None where it may be any."""
    key = key_of(settle(name))
    return None if key is None or is_open(key) else key


def _plain(prefix: Text) -> str | None:
    return prefix if isinstance(prefix, str) else None
