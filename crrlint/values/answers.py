"""Which answers to open choices hold here, and who wants to know which were asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar

from crrlint.values.symbols import Choice, Undecided

_assumed: ContextVar[Mapping[Choice, int]] = ContextVar("assumed", default={})  # noqa: B039


class assuming:  # noqa: N801 - a `with` block
    """Answers these choices within the block, over those answered outside it."""

    __slots__ = ("_answers", "_token")

    def __init__(self, answers: Mapping[Choice, int]) -> None:
        self._answers = answers

    def __enter__(self) -> None:
        self._token = _assumed.set({**_assumed.get(), **self._answers})

    def __exit__(self, *_: object) -> None:
        _assumed.reset(self._token)


_watched: list[set[Choice]] = []
"""Who wants to know which choices are consulted, innermost last."""


def answer_of(choice: Choice) -> int | None:
    """Return the assumed answer, and tell whoever watches that it was consulted."""
    if _watched:
        _watched[-1].add(choice)
    return _assumed.get().get(choice)


def consulted(choices: Iterable[Choice]) -> None:
    """Tell whoever watches that an answer in use rests on these choices."""
    if _watched:
        _watched[-1].update(choices)


class watching:  # noqa: N801 - a `with` block, entered thousands of times in a run
    """Gives the set of choices that are consulted within the block; outer blocks learn them too."""

    __slots__ = ("_choices",)

    def __enter__(self) -> set[Choice]:
        self._choices: set[Choice] = set()
        _watched.append(self._choices)
        return self._choices

    def __exit__(self, *_: object) -> None:
        _watched.pop()
        if self._choices:
            consulted(self._choices)


def assumed() -> Mapping[Choice, int]:
    """Return the answers that hold here."""
    return _assumed.get()


def open_choice(choice: Choice) -> Undecided:
    return Undecided("choice", choice.text, choice.needs, choice=choice)


def holds(answers: Mapping[Choice, int]) -> bool:
    """Tell whether these are the answers that are assumed; raise on an open choice."""
    for choice, answer in answers.items():
        given = answer_of(choice)
        if given is None:
            raise open_choice(choice)
        if given != answer:
            return False
    return True
