"""Instances of Terraform resources, whatever was read to find them: a state, a plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, NamedTuple

from crrlint.documents.source import Node, Problem, Spot
from crrlint.loaders.terraform.attributes import Block, Malformed, unreadable
from crrlint.model import Made
from crrlint.model.arn import Arn, parse_arn
from crrlint.values import OPEN, OneOf, Symbolic, Text, Unknown, Value

if TYPE_CHECKING:
    from crrlint.documents.places import Places


class Provider(NamedTuple):
    """A provider configuration: the account and Region that its resources are in."""

    account: Text
    region: Text
    tags: Node | None = None
    """What it tags everything with, in source; a state holds what came of it."""


class Instance(NamedTuple):
    """One instance of a resource; a data source's `type` starts with `data.`.

    `attributes` are spelled as the AWS provider does; `identity` is what Terraform
    keeps since 1.12 beside them, empty before.
    """

    type: str
    address: str
    attributes: Block
    identity: Block
    provider: Provider
    tainted: bool = False
    dependencies: tuple[str, ...] = ()
    deployment: str = ""
    exists: Value = True
    waits_for: Callable[[str], bool] | None = None
    gap: Unknown | None = None
    """What stands for all that nothing says of it, where parts of the source are lost."""

    @property
    def arn(self) -> Arn | None:
        return arn_of(self.attributes.text("arn"))

    @property
    def account(self) -> Text:
        """The account that the instance is in, as well as it can be told."""
        stated: Text | None = self.identity.text("account_id")
        if stated is not None:
            return stated
        arn = self.arn
        return self.provider.account if arn is None or _is_empty(arn.account) else arn.account

    @property
    def region(self) -> Text:
        arn = self.arn
        if arn is not None and not _is_empty(arn.region):
            return arn.region
        for block in (self.identity, self.attributes):
            stated: Text | None = block.text("region")
            if stated is not None:
                return stated
        return self.provider.region

    def name(self, *attributes: str) -> Text:
        """Return the first of these texts that is there; what it names cannot do without."""
        for attribute in attributes:
            text: Text | None = self.attributes.text(attribute)
            if text is not None:
                return text
        raise Malformed(self.attributes.place(attributes[0]), "set")


class Reader:
    """Reads what may be malformed, and keeps the problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._places: Places | None = None

    def report(self, address: str, error: Malformed) -> None:
        if self._places is None:
            from crrlint.documents.places import Places

            self._places = Places()
        at = error.at
        span = self._places.span(at)
        line, column = (None, None) if span is None else (span.line, span.column)
        # States are written by a program, and people look into them by the way down.
        way = "" if isinstance(at, Spot) else f" ({at.pointer})"
        self.problems.append(Problem(at.path, f"{address}: {error}{way}", line, column))

    def field(
        self, instance: Instance, what: str, convert: Callable[[Block], Node | None]
    ) -> Node | None:
        """Convert the attributes; what cannot be read is unknown, never absent."""
        try:
            return convert(instance.attributes)
        except Malformed as error:
            self.report(instance.address, error)
            return unreadable(error.at, f"the {what} of {instance.address}", "a valid state")


KEYS = re.compile(r"\[(?:[0-9]+|\"(?:[^\"\\]|\\.)*\")\]")


def made(instance: Instance) -> Made:
    """Return which resource made something, and what it waited for.

    A state records all that an instance depends on, directly or not, by addresses without
    keys; an instance that was imported records nothing until it is next applied.
    """

    def waits_for(address: str) -> bool:
        return KEYS.sub("", address) in instance.dependencies

    recorded = instance.waits_for or (waits_for if instance.dependencies else None)
    return Made(instance.deployment, instance.address, recorded)


def arn_of(text: Any) -> Arn | None:
    """Return the fields of an ARN, None for what is certainly or possibly none."""
    return parse_arn(text) if isinstance(text, (str, Symbolic)) else None


def _is_empty(text: Text) -> bool:
    """Tell whether a field of an ARN is certainly left out; one that is not known has a symbol."""
    return isinstance(text, str) and not text


class _Itself:
    """An open value, which equals nothing but itself for as long as this is kept."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)


def identity_of(text: Any) -> Hashable:
    """Return what equal texts share; an open text equals itself only."""
    if isinstance(text, Node):
        text = text.value
    if isinstance(text, Symbolic):
        return text.parts
    if isinstance(text, OneOf):
        return (text.choice, *map(identity_of, text.options))
    return _Itself(text) if isinstance(text, OPEN) else text
