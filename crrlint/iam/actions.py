"""Statements by the actions that they name, so that a question looks only at its own."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import TypeAlias

from crrlint.iam.globs import ANY, STAR, matches

if typing.TYPE_CHECKING:
    from crrlint.iam.policy import Statement

About: TypeAlias = tuple[tuple[int, bool], ...]
"""Statements by number, and whether each is certainly about the action that was asked for."""


class Actions:
    """The index of one policy, made once for all questions."""

    __slots__ = ("_asked", "_literal", "_negated", "_open", "_wild")

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._literal: dict[str, list[int]] = {}
        self._wild: dict[str, list[int]] = {}
        self._negated: list[tuple[list[str], int]] = []
        self._open: list[int] = []
        self._asked: dict[str, About] = {}
        for number, statement in enumerate(statements):
            codes = [p.code for p in statement.actions if p.code is not None]
            if not codes or len(codes) < len(statement.actions):
                self._open.append(number)
            elif statement.not_action:
                self._negated.append((codes, number))
            else:
                for code in codes:
                    named = self._wild if STAR in code or ANY in code else self._literal
                    named.setdefault(code, []).append(number)

    def about(self, action: str) -> About:
        """Return the statements that may be about an action, in their order."""
        known = self._asked.get(action)
        if known is None:
            found = dict.fromkeys(self._literal.get(action, ()), True)
            for code, numbers in self._wild.items():
                if matches(code, action):
                    found.update(dict.fromkeys(numbers, True))
            for codes, number in self._negated:
                if not any(matches(code, action) for code in codes):
                    found[number] = True
            found.update(dict.fromkeys(self._open, False))
            known = self._asked[action] = tuple(sorted(found.items()))
        return known
