"""Answers kept for as long as the choices that they rest on are answered alike.

A rule may be tried under dozens of sets of answers; most of what it asks hangs on
few of the choices, or on none.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from crrlint.values import Choice, assumed, consulted, watching

T = TypeVar("T")


class Memory:
    """Answers by what was asked, each with the answers to choices that it rests on."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[Hashable, list[tuple[tuple[tuple[Choice, int | None], ...], Any]]] = {}

    def recall(self, what: Hashable, work: Callable[[], T]) -> T:
        """Return the answer; work it out when nothing kept holds here.

        What raises is not kept.
        """
        now = assumed()
        for rests_on, kept in self._kept.get(what, ()):
            if all(now.get(choice) == answer for choice, answer in rests_on):
                consulted(choice for choice, _ in rests_on)
                value: T = kept
                return value
        with watching() as choices:
            value = work()
        rests = tuple((choice, now.get(choice)) for choice in choices)
        self._kept.setdefault(what, []).append((rests, value))
        return value
