"""What stands for text that nobody named, and questions that the input leaves open."""

from __future__ import annotations

from typing import Literal, TypeAlias

Reason: TypeAlias = Literal[
    "not_collected",
    "deferred",
    "unbound_parameter",
    "external_reference",
    "unsupported_expression",
    "sensitive",
    "access_denied",
    "encrypted",
    "ambiguous_file",
    "stale",
    "conflict",
    "choice",
    "too_complex",
]

Form: TypeAlias = Literal["any", "name", "account", "region", "partition"]


class Undecided(Exception):  # noqa: N818 - an answer, not an error
    """The input does not decide a question.

    `what` names the value as people wrote it, `needs` says what would supply it.
    `choice` is set when the answer hangs on that choice alone.
    """

    def __init__(
        self, reason: Reason, what: str, needs: str = "", *, choice: Choice | None = None
    ) -> None:
        super().__init__(what)
        self.reason = reason
        self.what = what
        self.needs = needs
        self.choice = choice
        self.stake: Literal["error", "warning", "note"] | None = None
        """The severity of what is at stake, where it is not that of the rule that asks."""


class Symbol:
    """A text nobody named, known by whose it is: the ARN of a bucket, a parameter.

    Two symbols with one `entity` and `attribute` are the same text.  Two
    different ones may still be equal, except when both are `unique`: names that
    AWS lets only one thing of a kind (the attribute) bear.
    """

    __slots__ = ("attribute", "entity", "form", "needs", "reason", "text", "unique")

    def __init__(
        self,
        entity: str,
        attribute: str,
        text: str,
        *,
        form: Form = "any",
        unique: bool = False,
        reason: Reason = "unbound_parameter",
        needs: str = "",
    ) -> None:
        self.entity = entity
        self.attribute = attribute
        self.text = text
        self.form = form
        self.unique = unique
        self.reason: Reason = reason
        self.needs = needs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and (
            self.entity == other.entity and self.attribute == other.attribute
        )

    def __hash__(self) -> int:
        return hash((self.entity, self.attribute))

    def __repr__(self) -> str:
        return f"Symbol({self.entity!r}, {self.attribute!r})"

    def __str__(self) -> str:
        return self.text


class Choice:
    """A question that the input leaves open, with its possible answers as text."""

    __slots__ = ("answers", "name", "needs", "text")

    def __init__(self, name: str, answers: tuple[str, ...], text: str, needs: str = "") -> None:
        self.name = name
        self.answers = answers
        self.text = text
        self.needs = needs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Choice({self.name!r})"

    def describe(self, answer: int) -> str:
        return f"{self.text} is {self.answers[answer]}"


class Rivalry(Choice):
    """Which of two statements of one thing counts, which contradict each other."""

    __slots__ = ()
