"""Answers kept for as long as the choices that they rest on are answered alike.

A rule may be tried under dozens of sets of answers; most of what it asks hangs on
few of the choices, or on none.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from crrlint.values import Choice
from crrlint.values.answers import assumed, consulted, watching

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
        value: T
        kept = self._kept.get(what)
        if kept is not None:
            # What was worked out without any choice holds everywhere, and is kept alone.
            if not kept[0][0]:
                value = kept[0][1]
                return value
            now = assumed()
            for rests_on, value in kept:
                if all(now.get(choice) == answer for choice, answer in rests_on):
                    consulted(choice for choice, _ in rests_on)
                    return value
        with watching() as choices:
            value = work()
        if choices:
            now = assumed()
            rests = tuple((choice, now.get(choice)) for choice in choices)
        else:
            rests = ()
        self._kept.setdefault(what, []).append((rests, value))
        return value
