"""From Pulumi's resources to Terraform's instances, and to resources of CloudFormation's types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.pulumi.kinds import NATIVE, terraform_type
from crrlint.loaders.pulumi.names import Names
from crrlint.loaders.pulumi.providers import name_of, providers
from crrlint.loaders.pulumi.stacks import Resource, Stack
from crrlint.loaders.respelled import as_terraform, respelled
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.instances import Instance, Provider
from crrlint.model.bindings import Bindings

if TYPE_CHECKING:
    from crrlint.loaders.cloudcontrol import resource as cloudcontrol

_FREE: Final = frozenset(
    {"tags", "tags_all", "encryption_context_equals", "encryption_context_subset"}
)
"""Attributes whose members people name."""


class Translation:
    """One stack in the spelling of those who read its resources."""

    def __init__(self, stack: Stack, bindings: Bindings) -> None:
        self.stack = stack
        self.providers = providers(stack, bindings)
        self.names = Names(stack, self.provider)

    def provider(self, resource: Resource) -> Provider:
        return self.providers[name_of(resource.provider)]

    def instances(self) -> Iterator[Instance]:
        for resource in self.stack.resources:
            kind = terraform_type(resource.type)
            if kind is None:
                continue
            kind = f"data.{kind}" if resource.found else kind
            if kind not in terraform_resources.TYPES:
                continue
            at = resource.at
            properties = respelled(
                self.names.resolved(resource), at, as_terraform, verbatim=_FREE, nulls=True
            )
            yield Instance(
                kind,
                resource.label,
                Block(_also_in_singular(properties).value, at),
                Block({}, at),
                self.provider(resource),
                dependencies=self._dependencies.get(resource.urn, ()),
                deployment=self.stack.name,
            )

    def native(self) -> Iterator[cloudcontrol.Resource]:
        from crrlint.loaders.cloudcontrol import resource as cloudcontrol

        for resource in self.stack.resources:
            kind = NATIVE.get(resource.type)
            if kind is None:
                continue
            provider = self.provider(resource)
            properties = cloudcontrol.properties_of(self.names.resolved(resource), resource.at)
            if resource.id is not None:
                properties.setdefault("Id", Node(resource.id, resource.at))
            yield cloudcontrol.Resource(
                kind,
                resource.label,
                properties,
                resource.at,
                provider.account,
                provider.region,
                self.stack.layer,
                managed=not resource.found,
            )

    @cached_property
    def _dependencies(self) -> dict[str, tuple[str, ...]]:
        """The resources that each one waits for, by what reports call them."""
        direct = {resource.urn: resource.dependencies for resource in self.stack.resources}
        labels = {resource.urn: resource.label for resource in self.stack.resources}
        found: dict[str, dict[str, None]] = {}
        # What a resource depends on stands before it.
        for urn, needed in direct.items():
            whole: dict[str, None] = {}
            for other in needed:
                whole[other] = None
                whole.update(found.get(other, {}))
            found[urn] = whole
        return {
            urn: tuple(labels[other] for other in whole if other in labels)
            for urn, whole in found.items()
        }


def _also_in_singular(node: Node) -> Node:
    """Give lists their singular names too: Pulumi says `rules` where Terraform says `rule`."""
    value: Any = node.value
    if isinstance(value, dict):
        members = {
            name: item if name in _FREE else _also_in_singular(item) for name, item in value.items()
        }
        for name, item in value.items():
            if isinstance(item.value, list):
                for singular in _singulars(name):
                    members.setdefault(singular, members[name])
        return Node(members, node.at)
    if isinstance(value, list):
        return Node([_also_in_singular(item) for item in value], node.at)
    return node


def _singulars(name: str) -> Iterator[str]:
    if name.endswith("ies"):
        yield name[:-3] + "y"
    elif name.endswith("s"):
        yield name[:-1]
