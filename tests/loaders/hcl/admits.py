"""May a value be what an open one turns out to be, when the variables are given values?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl import JsonText, ListOf, OpenText, Sensitive
from crrlint.loaders.hcl.numbers import fraction, number
from crrlint.loaders.hcl.types import to_text
from crrlint.loaders.hcl.values import Failed, JsonPart
from crrlint.values import OneOf, Symbolic, Unknown
from crrlint.values.symbols import Symbol

Answers = Mapping[tuple[str, ...], Any]
"""What choices and symbols have turned out to be."""

MAX_STEPS: Final = 20_000
_ABSENT: Final = object()
_STEP: Final = re.compile(r"\.(\w+)|\[([^\]]*)\]")


class TooMuch(Exception):  # noqa: N818 - nothing is found out
    """There are more ways to put the answers together than are tried."""


class Admission:
    """Compares with what the variables are given; `soft` where 1 and "1" are one.

    What type a value gets beside one of which the type is not known, is not known.
    """

    def __init__(self, variables: Mapping[str, Any], *, soft: bool) -> None:
        self._variables = variables
        self._soft = soft
        self._steps = 0

    def answers(self, node: Node, value: Any, known: Answers) -> Iterator[Answers]:
        """Yield the answers under which the value is what the node says."""
        self._steps = 0
        yield from self._admits(node, value, known)

    def _admits(self, held: Any, value: Any, known: Answers) -> Iterator[Answers]:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMuch
        if isinstance(held, Node):
            held = held.value
        if isinstance(held, Node):
            yield from self._admits(held, value, known)
        elif isinstance(held, OneOf):
            key = ("choice", held.choice.name)
            for answer, option in enumerate(held.options):
                if known.get(key, answer) == answer:
                    yield from self._admits(option, value, {**known, key: answer})
        elif isinstance(held, JsonText):
            yield from self._json(held, value, known)
        elif isinstance(held, OpenText):
            yield from self._text(held.parts, value, known)
        elif isinstance(held, Sensitive):
            yield from self._admits(held.node, value, known)
        elif isinstance(held, Failed):
            return
        elif isinstance(held, Unknown):
            yield known
        elif isinstance(held, Symbolic):
            if len(held.parts) == 1:
                yield from self._symbol(held.symbols[0], value, known)
            else:
                yield from self._text(held.parts, value, known)
        elif isinstance(held, dict):
            if isinstance(value, dict) and held.keys() == value.keys():
                yield from self._all([(held[k], value[k]) for k in held], known)
        elif isinstance(held, list):
            yield from self._list(held, value, known)
        elif alike(held, value, self._soft):
            yield known

    def _json(self, held: JsonText, value: Any, known: Answers) -> Iterator[Answers]:
        try:
            inner = json.loads(value, parse_int=number, parse_float=number)
        except (TypeError, ValueError):
            return
        yield from self._admits(held.node, inner, known)

    def _symbol(self, symbol: Symbol, value: Any, known: Answers) -> Iterator[Answers]:
        given = self._given(symbol)
        if given is _ABSENT:
            return
        key = ("symbol", symbol.entity, symbol.attribute)
        if given is None:
            given = known.get(key)
        else:
            given = given[0]
        if given is None and key not in known:
            yield {**known, key: value}
        elif alike(given, value, True):
            yield known

    def _given(self, symbol: Symbol) -> Any:
        """Return what a symbol of a variable stands for, in a tuple; None for another symbol."""
        found = re.fullmatch(r"\$\{var\.(\w+)([^}]*)\}(.*)", symbol.text)
        if found is None or "${" in found[2] or isinstance(symbol, JsonPart):
            return None
        value = self._variables.get(found[1], _ABSENT)
        for name, index in _STEP.findall(found[2] + found[3]):
            key = name or index.strip("'")
            if isinstance(value, list):
                position = int(key) if key.lstrip("-").isdecimal() else len(value)
                value = value[position] if 0 <= position < len(value) else _ABSENT
            else:
                value = value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT
        return _ABSENT if value is _ABSENT else (value,)

    def _text(self, parts: Any, value: Any, known: Answers) -> Iterator[Answers]:
        pattern = ""
        for part in parts:
            if isinstance(part, str):
                pattern += re.escape(part)
                continue
            given = self._given(part) if isinstance(part, Symbol) else None
            if given is _ABSENT:
                return
            if given is None and isinstance(part, Symbol):
                key = ("symbol", part.entity, part.attribute)
                given = (known[key],) if key in known else None
            pattern += ".*" if given is None else re.escape(plain_text(given[0]))
        if isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL):
            yield known

    def _list(self, held: list[Any], value: Any, known: Answers) -> Iterator[Answers]:
        if not isinstance(value, list):
            return
        if isinstance(held, ListOf) and not held.certain:
            fits = len(value) == len(held) if held.counted else len(value) <= len(held)
            if fits and bool(held) == bool(value):
                yield from self._some(held, value, known, frozenset())
        elif len(held) == len(value):
            yield from self._all(list(zip(held, value, strict=True)), known)

    def _all(self, pairs: list[tuple[Any, Any]], known: Answers) -> Iterator[Answers]:
        if not pairs:
            yield known
            return
        (held, value), *rest = pairs
        for answers in self._admits(held, value, known):
            yield from self._all(rest, answers)

    def _some(
        self, held: list[Any], value: list[Any], known: Answers, used: frozenset[int]
    ) -> Iterator[Answers]:
        """Match each element with one, in any order; together they are all of them."""
        if not held:
            if len(used) == len(value):
                yield known
            return
        for position, one in enumerate(value):
            for answers in self._admits(held[0], one, known):
                yield from self._some(held[1:], value, answers, used | {position})


def plain_text(value: Any) -> str:
    return to_text(value) if isinstance(value, (str, bool, int, float)) else "\0"


def alike(one: Any, other: Any, soft: bool) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(alike(a, b, soft) for a, b in pairs)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k], soft) for k in one)
    if isinstance(one, (list, dict)) or isinstance(other, (list, dict)):
        return False
    if one is None or other is None:
        return one is other
    if type(one) is type(other) and one == other:
        return True
    numbers = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in (one, other)]
    if all(numbers):
        return fraction(one) == fraction(other) or abs(float(one) - float(other)) < 1e-12
    return soft and plain_text(one) == plain_text(other)


def is_open(node: Node) -> bool:
    """Tell whether anything in a value is open."""
    value = node.value
    if isinstance(value, JsonText):
        return is_open(value.node)
    if isinstance(value, dict):
        return any(is_open(item) for item in value.values())
    if isinstance(value, list):
        ordered = not isinstance(value, ListOf) or value.certain
        return not ordered or any(is_open(item) for item in value)
    return isinstance(value, (OneOf, Symbolic, Unknown))
