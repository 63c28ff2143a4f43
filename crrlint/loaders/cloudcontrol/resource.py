"""A resource of a type of CloudFormation's, and its properties under CloudFormation's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Location, Node, Problem
from crrlint.loaders.aws.facts import problem as problem_at
from crrlint.loaders.cloudformation.documents import policy_document
from crrlint.loaders.cloudformation.values import text_of
from crrlint.loaders.respelled import as_cloudformation, respelled
from crrlint.model import Layer, Made
from crrlint.model.arn import parse_arn, partition_of
from crrlint.values import Symbol, Text, Unknown, symbolic

DOCUMENTS: Final = frozenset({"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "Content"})
"""Members that hold policies, whose own members keep their names."""


class Resource(NamedTuple):
    """A resource of a type of CloudFormation's.

    `managed` when it is made by what stands here and not only looked up.  `read` when its
    properties are what AWS answered: then nothing is there because it is the default of
    what is newly made.
    """

    type: str
    label: str
    properties: Mapping[str, Node]
    at: Location
    account: Text
    region: Text
    layer: Layer
    managed: bool = True
    exists: Any = True
    made: Made | None = None

    @property
    def read(self) -> bool:
        return self.layer == "live"

    def get(self, name: str) -> Node | None:
        node = self.properties.get(name)
        return None if node is None or node.value is None else node

    def text(self, *names: str) -> Text | None:
        """Return the first of these texts that is there."""
        for name in names:
            node = self.get(name)
            text = None if node is None else text_of(node)
            if text is not None and not (isinstance(text, str) and not text):
                return text
        return None

    def name(self, kind: str, *names: str) -> Text:
        """Return a name, a symbol where only AWS will give one."""
        found = self.text(*names)
        if found is not None and not isinstance(found, Unknown):
            return found
        symbol = Symbol(
            f"{self.at.path}#{self.label}",
            kind,
            f"the name of {self.label}",
            form="name",
            unique=True,
            reason="deferred",
            needs=f"{names[0]} of {self.label}",
        )
        return symbolic(symbol)

    @property
    def path(self) -> Text:
        """The path of a role or a policy, where it can have one."""
        found = self.text("Path")
        return "/" if found is None else found

    @property
    def partition(self) -> Text:
        return partition_of(self.region)


def properties_of(data: Any, at: Location) -> dict[str, Node]:
    """Return properties under CloudFormation's names, whichever case they are written in."""
    node = respelled(data, at, as_cloudformation, verbatim=DOCUMENTS)
    return node.value if isinstance(node.value, dict) else {}


def problem(resource: Resource, at: Location, message: str) -> Problem:
    return problem_at(at, f"{resource.label}: {message} ({at.pointer})")


def place_of(resource: Resource, property: str) -> Location:
    node = resource.get(property)
    return resource.at if node is None else node.at


def document_of(resource: Resource, name: str) -> Node | None:
    node = resource.get(name)
    return None if node is None else policy_document(node)


def account_of(resource: Resource, *arns: str) -> Text:
    """Return the account that an ARN names, else that of the resource's provider."""
    arn = resource.text(*arns)
    fields = parse_arn(arn) if isinstance(arn, str) else None
    return fields.account if fields is not None and fields.account else resource.account
