"""Resources and data sources of Terraform source, their instances, and what these are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl import Fault, OpenObject, Scope, Unwritten, bounded, evaluate, finish
from crrlint.loaders.terraform.attributes import Block, Malformed
from crrlint.loaders.terraform.bodies import META, content, referred
from crrlint.loaders.terraform.expansion import Entry, Expansion, expand, instance_scope, together
from crrlint.loaders.terraform.folders import Declared
from crrlint.loaders.terraform.texts import open_member
from crrlint.values import Text, Value

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instances import Provider
    from crrlint.loaders.terraform.modules import Module

# Resources whose attributes are the same at every apply, though nobody knows them before.
_OTHER: Final = "a resource of another provider than AWS's"


class Resource:
    """A resource or, with `data.` before its type, a data source; `name` holds both labels."""

    def __init__(self, module: Module, name: str, declared: Declared) -> None:
        self.module = module
        self.name = name
        self.type = name.rpartition(".")[0]
        self.declared = declared
        self.address = f"{module.address}{name}"
        self._instances: dict[str, ResourceInstance] = {}
        self._node: Node | None = None

    @cached_property
    def expansion(self) -> Expansion:
        return expand(self.declared.body, self.module, self.address)

    @property
    def instances(self) -> list[ResourceInstance]:
        return [self._instance(entry) for entry in self.expansion.entries]

    def _instance(self, entry: Entry) -> ResourceInstance:
        if entry.suffix not in self._instances:
            self._instances[entry.suffix] = ResourceInstance(self, entry)
        return self._instances[entry.suffix]

    @property
    def node(self) -> Node:
        """What the resource's address stands for in expressions."""
        if self._node is None:
            self._node = self.expansion.collection(
                lambda entry: self._instance(entry).node, self.declared.at
            )
        return self._node


class ResourceInstance:
    """One instance; attributes are worked out one by one, when they are asked for."""

    def __init__(self, resource: Resource, entry: Entry) -> None:
        self.resource = resource
        self.entry = entry
        self.module = resource.module
        self.type = resource.type
        self.address = f"{resource.address}{entry.suffix}"
        self.entity = f"{resource.module.deployment.id} {self.address}"
        self.body = resource.declared.body
        self.at = resource.declared.at
        self._members: dict[str, Node | Fault | None] = {}

    @cached_property
    def scope(self) -> Scope:
        return instance_scope(self.module, self.entry, self.resource.address)

    @cached_property
    def node(self) -> Node:
        return Node(OpenObject(self.member, self.address), self.at)

    @cached_property
    def provider(self) -> Provider:
        from crrlint.loaders.terraform.credentials import provider_of

        return provider_of(self)

    @property
    def entries(self) -> list[Entry]:
        """The instance among those of its resource, and its modules among those of their calls."""
        found, module = [self.entry], self.module
        while module.entry is not None and module.call is not None:
            found.append(module.entry)
            module = module.call.module
        return found

    @property
    def exists(self) -> Value:
        from crrlint.loaders.terraform.modules import existence

        return together(self.entry.exists, *existence(self.module))

    def member(self, name: str) -> Node:
        """Return an attribute: what it is made of, as written, or else as only AWS can tell."""
        return self._memory(name, lambda: self._member(name))

    def _member(self, name: str) -> Node:
        from crrlint.loaders.terraform.computed import computed

        known = self.module.deployment.known(self.address, name)
        if known is not None:
            return known
        found = computed(self, name)
        if found is not None:
            return found if isinstance(found, Node) else Node(found, self._unwritten(name))
        written = self.written(name)
        what = f"{self.address}.{name}"
        if written is not None and isinstance(written.value, list) and self._is_block(name):
            return referred(written, self.entity, what)
        if written is not None and written.value is not None:
            return written
        aws = self.type.removeprefix("data.").startswith("aws_")
        return open_member(
            self.entity, name, what, self._unwritten(name), aws=aws, reason="deferred"
        )

    def _unwritten(self, name: str) -> Location:
        return Unwritten(self.at.document, self.at, name)

    def _memory(self, name: str, work_out: Callable[[], Node]) -> Node:
        known = self._members.get(name)
        if isinstance(known, Fault):
            raise known
        if known is not None:
            return known
        if name in self._members:
            raise Fault(f"{name} of {self.address} is defined by itself, in a circle", self.at)
        self._members[name] = None
        try:
            found = self._members[name] = bounded(work_out(), f"{name} of {self.address}")
        except Fault as fault:
            fault.final = True
            self._members[name] = fault
            raise
        return found

    def written(self, name: str) -> Node | None:
        """Return an argument as the source gives it; None where it gives none."""
        attribute = self.body.attributes.get(name)
        if attribute is not None and name not in META:
            return self._memory(f"={name}", lambda: evaluate(attribute.value, self.scope))
        return self.content.get(name) if self._is_block(name) else None

    def _is_block(self, name: str) -> bool:
        return name in self.body.block_types or name in self._dynamic

    @cached_property
    def _dynamic(self) -> set[str]:
        return {block.labels[0] for block in self.body.blocks("dynamic", 1) if block.labels}

    @cached_property
    def content(self) -> dict[str, Node]:
        """Everything that is written in the body."""
        deployment = self.module.deployment
        return content(self.body, self.scope, self.address, deployment.report)

    def text(self, name: str) -> Text | None:
        """Return an argument that is text; None where it is not set."""
        node = self.written(name)
        if node is None:
            return None
        try:
            found: Text | None = Block({name: finish(node)}, self.at).text(name)
        except Malformed as error:
            raise Fault(f"{self.address}: {error}", error.at) from None
        return found
