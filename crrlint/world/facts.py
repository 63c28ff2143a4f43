"""Facts by the name of what they speak of, and answers kept per set of assumed choices."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from crrlint.source import Node
from crrlint.values import Symbol, Symbolic, Text, Unknown, assumed, identical, same, settle

if TYPE_CHECKING:
    from crrlint.world import World

F = TypeVar("F")
T = TypeVar("T")

Parts = tuple[str | Symbol, ...]


def key_of(text: Text | None) -> Parts | None:
    """Return what a dictionary can look a text up by; None for one that is not settled."""
    if isinstance(text, str):
        return (text,)
    if isinstance(text, Symbolic):
        return text.parts
    return None


class Index:
    """Facts by a text that names them; those whose name is open are kept aside."""

    def __init__(self, facts: Iterable[F], name: Callable[[F], Text | None]) -> None:
        self._sure: dict[Parts, list[Any]] = {}
        self._loose: list[Any] = []
        self._name = name
        for fact in facts:
            text = name(fact)
            key = key_of(text)
            if key is not None:
                self._sure.setdefault(key, []).append(fact)
            if key is None or any(isinstance(p, Symbol) and not p.unique for p in key):
                self._loose.append(fact)

    def __iter__(self) -> Any:
        return iter(self._sure.values())

    def sure(self, name: Text) -> list[Any]:
        """Return the facts of exactly this name, those with an open choice included."""
        key = key_of(settle(name))
        found = list(self._sure.get(key, ())) if key is not None else []
        for fact in self._loose:
            text = self._name(fact)
            if key_of(text) is None and not isinstance(text, Unknown) and text is not None:
                settled = settle(text)
                if key is not None and key_of(settled) == key:
                    found.append(fact)
        return [fact for fact in found if settle(fact.exists)]

    def possible(self, name: Text) -> list[Any]:
        """Return the facts that may be of this name: their own name is open."""
        settled = settle(name)
        found = []
        for fact in self._loose:
            text = settle(self._name(fact))
            if text is None or key_of(text) == key_of(settled):
                continue
            if isinstance(text, Unknown) or same(text, settled) is None:
                found.append(fact)
        return found


class Linked:
    """A thing of the world: its facts, and answers kept per set of assumed choices."""

    __slots__ = ("_memory", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self._memory: dict[Hashable, Any] = {}

    def remember(self, what: Hashable, work: Callable[[], T]) -> T:
        key = (what, frozenset(assumed().items()))
        if key not in self._memory:
            self._memory[key] = work()
        value: T = self._memory[key]
        return value


def equal_nodes(a: Node, b: Node) -> bool:
    """Tell whether two nodes hold the same, wherever it was written."""
    return _equal(a.plain(), b.plain())


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return identical(a, b)


def may_be(a: Text, b: Text) -> bool:
    """Tell whether two accounts may be one; symbols that differ may be."""
    a, b = settle(a), settle(b)
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return True
    return same(a, b) is not False


def is_same(a: Text, b: Text) -> bool:
    """Tell whether two accounts are certainly one; what nobody stated is taken for the same."""
    a, b = settle(a), settle(b)
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return True
    return same(a, b) is True


def words(field: str) -> str:
    return field.replace("_", " ")


def needs_of(name: Text) -> str:
    if isinstance(name, Unknown):
        return name.needs
    return name.symbols[0].needs if isinstance(name, Symbolic) else ""
