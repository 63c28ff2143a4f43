"""Modules as they are used: names looked up, values worked out when they are asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Document, Key, Location, Node
from crrlint.loaders.hcl import (
    Attribute,
    Expression,
    Fault,
    Found,
    OpenObject,
    Scope,
    Sensitive,
    Unreadable,
    Unwritten,
    bounded,
    evaluate,
)
from crrlint.loaders.terraform.expansion import Entry, Expansion, expand, instance_scope
from crrlint.loaders.terraform.folders import Declared, Folder, inside, is_local, literal
from crrlint.loaders.terraform.texts import open_member
from crrlint.values import Symbol, Unknown, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.terraform.deployment import Deployment
    from crrlint.loaders.terraform.instance import Resource

Given = Callable[[str], Node | None]
"""What a caller gives a variable; None for nothing."""

_NAMES: Final = frozenset(("var", "local", "module", "data", "path", "terraform", "ephemeral"))


class Module:
    """One use of a folder: the root, or an instance of a module call.

    `address` is empty for the root, and else ends in a dot.  A use of a module whose
    source is not at hand has no `Module`.
    """

    def __init__(
        self,
        deployment: Deployment,
        folder: Folder,
        address: str = "",
        call: Call | None = None,
        entry: Entry | None = None,
    ) -> None:
        self.deployment = deployment
        self.folder = folder
        self.address = address
        self.call = call
        self.entry = entry
        self.id = f"{deployment.id} {address}"
        self._values: dict[str, Node | Fault | None] = {}
        self._resources: dict[str, Resource | None] = {}
        self._calls: dict[str, Call | None] = {}

    # Names

    def resolve(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        """Return what a name stands for; see `crrlint.loaders.hcl.Scope`."""
        try:
            return self._resolved(root, steps, at)
        except Fault as fault:
            fault.final = True
            raise

    def _resolved(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        name = steps[0] if steps else None
        if root in _NAMES and not isinstance(name, str):
            raise Fault(f"{root} is not followed by a name", at)
        match root:
            case "var":
                return Found(self.variable(str(name), at), 1)
            case "local":
                return Found(self.local(str(name), at), 1)
            case "module":
                return Found(self.module_call(str(name), at).node, 1)
            case "path":
                return Found(self._path(str(name), at), 1)
            case "terraform" | "tofu":
                return Found(self.deployment.workspace(str(name), at), 1)
            case "self" | "ephemeral":
                what = ".".join([root, *map(str, steps)])
                return Found(Node(Unknown("deferred", what), at), len(steps))
            case "each" | "count":
                needed = "for_each" if root == "each" else "count"
                raise Fault(f"{root} stands where nothing has a {needed}", at)
            case "data":
                if len(steps) < 2:
                    raise Fault("data is not followed by a type and a name", at)
                return Found(self._resource_node(f"data.{steps[0]}.{steps[1]}", at), 2)
        if not isinstance(name, str):
            raise Fault(f"there is no {root} here", at)
        return Found(self._resource_node(f"{root}.{name}", at), 1)

    def _resource_node(self, name: str, at: Location) -> Node:
        found = self.resource(name)
        return self._undeclared(name, at) if found is None else found.node

    def _undeclared(self, what: str, at: Location) -> Node:
        """Return what stands for something that may be declared where the syntax is wrong."""
        for file in (*self.folder.files, *self.folder.overrides):
            if file.problems:
                needs = f"{file.document.path} without mistakes"
                return Node(Unknown("ambiguous_file", what, needs), at)
        raise Fault(f"{what} is not declared in {self._title}", at)

    @property
    def _title(self) -> str:
        return f"the module in {self.folder.path}" if self.address else self.folder.path

    def _memory(self, key: str, at: Location, work_out: Callable[[], Node]) -> Node:
        """Work a value out once; a value that needs itself has none."""
        if key in self._values:
            known = self._values[key]
            if known is None:
                raise Fault(f"{key} is defined by itself, in a circle", at)
            if isinstance(known, Fault):
                raise known
            return known
        self._values[key] = None
        try:
            found = self._values[key] = bounded(work_out(), key)
        except Fault as fault:
            self._values[key] = fault
            raise
        return found

    def variable(self, name: str, at: Location) -> Node:
        declared = self.folder.declared("variable").get((name,))
        if declared is None:
            return self._undeclared(f"variable {name}", at)
        return self._memory(f"var.{name}", at, lambda: self._variable(name, declared))

    def _variable(self, name: str, declared: Declared) -> Node:
        from crrlint.loaders.terraform.variables import value_of

        given = self._argument(name) if self.call is not None else self.deployment.given(name)
        return value_of(self, name, declared, given)

    def _argument(self, name: str) -> Node | None:
        assert self.call is not None
        assert self.entry is not None
        argument = self.call.declared.body.attributes.get(name)
        if argument is None:
            return None
        return evaluate(argument.value, self.call.scope(self.entry))

    @cached_property
    def _locals(self) -> dict[str, Attribute]:
        return {attribute.name: attribute for attribute in self.folder.locals()}

    def local(self, name: str, at: Location) -> Node:
        attribute = self._locals.get(name)
        if attribute is None:
            return self._undeclared(f"local value {name}", at)
        return self._memory(f"local.{name}", at, lambda: evaluate(attribute.value, self))

    def output(self, name: str) -> Node | None:
        declared = self.folder.declared("output").get((name,))
        value = None if declared is None else declared.body.attributes.get("value")
        if declared is None or value is None:
            return None
        return self._memory(f"output.{name}", declared.at, lambda: self._output(declared, value))

    def _output(self, declared: Declared, value: Attribute) -> Node:
        node = evaluate(value.value, self)
        sensitive = declared.body.attributes.get("sensitive")
        if sensitive is None or isinstance(node.value, (Sensitive, OpenObject)):
            return node
        marked = evaluate(sensitive.value, self).value is True
        return Node(Sensitive(node), node.at) if marked else node

    def _path(self, name: str, at: Location) -> Node:
        match name:
            case "module":
                return Node(posixpath.relpath(self.folder.path, self.deployment.folder.path), at)
            case "root":
                return Node(".", at)
            case "cwd":
                text = "${path.cwd}"
                return Node(symbolic(Symbol(self.deployment.id, "cwd", text)), at)
        raise Fault(f"there is no path.{name}", at)

    # Files

    def read(self, path: str, at: Location) -> Document | Unreadable:
        return self.deployment.files.read(self._inside(path), path)

    def read_bytes(self, path: str, at: Location) -> bytes | Unreadable:
        return self.deployment.files.read_bytes(self._inside(path), path)

    def exists(self, path: str, at: Location) -> bool | Unreadable:
        return self.deployment.files.exists(self._inside(path), path)

    def files(self, folder: str, at: Location) -> list[str] | Unreadable:
        return self.deployment.files.files(self._inside(folder), folder)

    def _inside(self, path: str) -> str:
        return inside(self.deployment.folder.path, path)

    # Resources and modules

    def resource(self, name: str) -> Resource | None:
        """Return the resource of an address within this module: `data.` in front of a source's."""
        if name not in self._resources:
            from crrlint.loaders.terraform.instance import Resource

            mode, _, rest = name.partition(".") if name.startswith("data.") else ("", "", name)
            type, _, label = rest.partition(".")
            blocks = self.folder.declared("data" if mode else "resource")
            declared = blocks.get((type, label))
            self._resources[name] = None if declared is None else Resource(self, name, declared)
        return self._resources[name]

    def resources(self) -> Iterator[Resource]:
        for kind, prefix in (("resource", ""), ("data", "data.")):
            for labels in self.folder.declared(kind):
                found = self.resource(prefix + ".".join(labels)) if len(labels) == 2 else None
                if found is not None:
                    yield found

    def module_call(self, name: str, at: Location) -> Call:
        if name not in self._calls:
            declared = self.folder.declared("module").get((name,))
            self._calls[name] = None if declared is None else Call(self, name, declared)
        call = self._calls[name]
        if call is None:
            raise Fault(f"module {name} is not called in {self._title}", at)
        return call

    def calls(self) -> Iterator[Call]:
        for labels, declared in self.folder.declared("module").items():
            yield self.module_call(labels[0], declared.at)


class Call:
    """A module call, with its instances."""

    def __init__(self, module: Module, name: str, declared: Declared) -> None:
        self.module = module
        self.name = name
        self.declared = declared
        self.address = f"{module.address}module.{name}"
        self.source = literal(declared.body, "source")
        self._modules: dict[str, Module] = {}
        self._outputs: dict[str, Node] = {}

    @cached_property
    def folder(self) -> Folder | None:
        """The called module's folder; None where its source is not at hand."""
        deployment = self.module.deployment
        path = deployment.installed(self)
        if path is None and self.source is not None and is_local(self.source):
            path = self.path
        return None if path is None else deployment.tree.get(path)

    @property
    def absent(self) -> bool:
        """Tell whether the source would have to lie under the given paths, and does not."""
        if self.source is None or not is_local(self.source):
            return False
        return self.module.deployment.files.exists(self.path, self.path) is False

    @property
    def path(self) -> str:
        """The folder that a source given by its path leads to."""
        return inside(self.module.folder.path, self.source or "")

    @cached_property
    def in_circle(self) -> bool:
        """Tell whether the called module is one of those that the call is made in."""
        above: Module | None = self.module
        while above is not None:
            if above.folder is self.folder:
                message = f"{self.address} calls a module that it is itself a part of, in a circle"
                self.module.deployment.mistake(self.declared.at, message)
                return True
            above = None if above.call is None else above.call.module
        return False

    @cached_property
    def expansion(self) -> Expansion:
        return expand(self.declared.body, self.module, self.address)

    def scope(self, entry: Entry) -> Scope:
        return instance_scope(self.module, entry, self.address)

    def instance(self, entry: Entry) -> Module | None:
        """Return the module of an instance; None where its source is not at hand."""
        if self.folder is None or self.in_circle:
            return None
        address = f"{self.address}{entry.suffix}."
        if address not in self._modules:
            if not self.module.deployment.has_room(self.declared.at):
                return None
            self._modules[address] = Module(
                self.module.deployment, self.folder, address, self, entry
            )
        return self._modules[address]

    @cached_property
    def node(self) -> Node:
        """What `module.name` stands for."""
        return self.expansion.collection(self._outputs_of, self.declared.at)

    def _outputs_of(self, entry: Entry) -> Node:
        module = self.instance(entry)
        address = f"{self.address}{entry.suffix}"
        at = self.declared.at
        if module is None:
            needs = self.needs
            return Node(
                OpenObject(
                    lambda name: open_member(
                        f"{self.module.deployment.id} {address}",
                        name,
                        f"{address}.{name}",
                        Unwritten(at.document, at, name),
                        reason="external_reference",
                        needs=needs,
                    ),
                    address,
                    reason="external_reference",
                    needs=needs,
                ),
                at,
            )
        return Node(OpenObject(module.output, address), at)

    @property
    def needs(self) -> str:
        """What would supply the source of the module."""
        if self.source is not None and is_local(self.source):
            return f"the folder {self.path}"
        return f"the source of {self.address}: {self.fetch}"

    @property
    def fetch(self) -> str:
        """What to do for the source of a module to be there."""
        if self.source is not None and is_local(self.source):
            return f"give the folder {self.path}"
        return "run terraform init, or give a saved plan"

    def argument(self, name: str) -> Expression | None:
        attribute = self.declared.body.attributes.get(name)
        return None if attribute is None else attribute.value


def walk(module: Module) -> Iterator[Module]:
    """Yield a module and all those that it calls, directly or not."""
    pending = [module]
    while pending:
        current = pending.pop(0)
        yield current
        for call in current.calls():
            try:
                entries = call.expansion.entries
            except Fault as fault:
                module.deployment.report(fault)
                continue
            inner = (call.instance(entry) for entry in entries)
            pending.extend(found for found in inner if found is not None)


def existence(module: Module) -> Iterator[object]:
    """Yield what the existence of a module hangs on, from the innermost call outwards."""
    current: Module | None = module
    while current is not None and current.entry is not None and current.call is not None:
        if current.entry.exists is not True:
            yield current.entry.exists
        current = current.call.module


def arguments(body: Mapping[str, Attribute]) -> list[str]:
    return [name for name in body if name not in ("source", "version", "providers")]
