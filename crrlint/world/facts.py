"""Facts by the name of what they speak of, and what has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from crrlint.values import OneOf, Symbol, Symbolic, Text, Unknown, same, settle
from crrlint.values.memory import Memory

if TYPE_CHECKING:
    from crrlint.world import World

F = TypeVar("F")

Parts = tuple[str | Symbol, ...]


def key_of(text: Text | None) -> Parts | None:
    """Return what a dictionary can look a text up by; None for one that is not settled."""
    if isinstance(text, str):
        return (text,)
    if isinstance(text, Symbolic):
        return text.parts
    return None


def _any(fact: object) -> bool:
    return True


class Index:
    """Facts by a text that names them.

    A fact whose name hangs on a choice is found under each of its names.  One whose
    name is open, and that belongs to nothing that is declared under just that name,
    may be about anything; `homes` is where things are declared, if not here, and `aspects`
    are what it then says something of.
    """

    def __init__(
        self,
        facts: Iterable[F],
        name: Callable[[F], Text | None],
        homes: Index | None = None,
        aspects: Callable[[F], Iterable[str]] = lambda fact: ("",),
    ) -> None:
        self._by_name: dict[Parts, list[Any]] = {}
        self._homeless: dict[str, list[Any]] = {}
        self._name = name
        loose: list[tuple[Any, set[Parts]]] = []
        for fact in facts:
            text = name(fact)
            names = set(_names(text))
            for key in names:
                self._by_name.setdefault(key, []).append(fact)
            if isinstance(text, Unknown) or any(map(is_open, names)):
                loose.append((fact, names))
        declared = (self if homes is None else homes)._by_name
        for fact, names in loose:
            itself = homes is None and _declared(fact)
            if not itself and not any(_declared(f) for key in names for f in declared.get(key, ())):
                for aspect in aspects(fact):
                    self._homeless.setdefault(aspect, []).append(fact)

    def sure(self, name: Text, wanted: Callable[[Any], bool] = _any) -> list[Any]:
        """Return the wanted facts of exactly this name; asks a choice only where it matters."""
        key = key_of(settle(name))
        found = self._by_name.get(key, ()) if key is not None else ()
        return [
            f for f in found if wanted(f) and key_of(settle(self._name(f))) == key and exists(f)
        ]

    def possible(self, name: Text, aspect: str = "") -> Iterator[Any]:
        """Yield the facts that may be of this name, for nobody named what they are about."""
        settled = settle(name)
        for fact in self._homeless.get(aspect, ()):
            text = settle(self._name(fact))
            if text is None or key_of(text) == key_of(settled) or not exists(fact):
                continue
            if isinstance(text, Unknown) or same(text, settled) is None:
                yield fact


def exists(fact: Any) -> bool:
    """Tell whether a fact's thing is there; most are not asked for a condition."""
    return bool(settle(getattr(fact, "exists", True)))


def _names(text: Text | None) -> Iterator[Parts]:
    if isinstance(text, OneOf):
        for option in text.options:
            yield from _names(option)
    key = key_of(text)
    if key is not None:
        yield key


def is_open(key: Parts) -> bool:
    """Tell whether nobody named what bears the name: it may be that of another thing as well."""
    return any(isinstance(part, Symbol) and not part.unique for part in key)


def _declared(fact: Any) -> bool:
    return bool(getattr(fact, "declared", True))


class Linked:
    """A thing of the world: its facts, and answers kept for as long as they hold."""

    __slots__ = ("remember", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.remember = Memory().recall


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
