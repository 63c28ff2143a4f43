"""Pseudo parameters: the account, the Region and what follows from them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.cloudformation.program import PARTITION_ASSUMED
from crrlint.loaders.cloudformation.values import OpenList
from crrlint.model.arn import partition_of
from crrlint.values import OneOf, Symbol, Text, join, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Stack

_PARTITION_IN_ARN: Final = re.compile(r"arn:(aws[a-z-]*):")
_SUFFIXES: Final = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}
_NOWHERE: Final = (
    symbolic(Symbol("", "account", "${AWS::AccountId}", form="account")),
    symbolic(Symbol("", "region", "${AWS::Region}", form="region")),
)


class Pseudo:
    """The pseudo parameters of one stack, worked out when they are asked for."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    @cached_property
    def account(self) -> Text:
        stack = self._stack
        return _NOWHERE[0] if stack.program.placeless else stack.opened(stack.account.text)

    @cached_property
    def region(self) -> Text:
        stack = self._stack
        return _NOWHERE[1] if stack.program.placeless else stack.opened(stack.region.text)

    @cached_property
    def partition(self) -> Text:
        region = self.region
        if isinstance(region, str):
            return partition_of(region)
        return self._written_partition or partition_of(region)

    @cached_property
    def _written_partition(self) -> str | None:
        """The configuration's partition, or the one that the ARNs in the template's text are of."""
        if self._stack.program.partition is not None:
            return self._stack.program.partition
        written = set(_PARTITION_IN_ARN.findall(self._stack.document.text))
        return written.pop() if len(written) == 1 else None

    def value(self, name: str, at: Location) -> Node:
        match name:
            case "AWS::AccountId":
                return Node(self.account, at)
            case "AWS::Region":
                return Node(self.region, at)
            case "AWS::Partition":
                self._assume_partition()
                return Node(self.partition, at)
            case "AWS::URLSuffix":
                return Node(_suffix(self.partition), at)
            case "AWS::StackName":
                return Node(self._stack.name, at)
            case "AWS::StackId":
                return Node(self._stack_id(), at)
            case "AWS::NoValue":
                return Node(None, at)
            case "AWS::NotificationARNs":
                symbol = Symbol(self._stack.id, "notification-arns", "${AWS::NotificationARNs}")
                arns = symbolic(symbol)
                return Node(OpenList(arns, ",", (), arns), at)
            case _:
                return self._stack.mistake(at, f"{name} is no pseudo parameter")

    def _assume_partition(self) -> None:
        program = self._stack.program
        named = isinstance(self._stack.region.text, str) or self._written_partition is not None
        if not named and not program.collecting:
            program.assumptions[PARTITION_ASSUMED] = None

    def _stack_id(self) -> Text:
        stack = self._stack
        if stack.known.stack_id is not None:
            return stack.known.stack_id
        unique = Symbol(stack.id, "stack-id", "${AWS::StackId}", form="name", reason="deferred")
        place = (self.partition, ":cloudformation:", self.region, ":", self.account)
        return join("arn:", *place, ":stack/", stack.name, "/", unique)


def _suffix(partition: Text) -> Text:
    if isinstance(partition, OneOf):
        return OneOf(partition.choice, tuple(_suffix(o) for o in partition.options))
    return _SUFFIXES.get(str(partition), "amazonaws.com")
