"""Everything that crrlint's evaluator can say of a root module, by address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from crrlint.bindings import Bindings, TerraformDeployment
from crrlint.inputs import Files
from crrlint.loaders.hcl import Attribute, Body, Fault, Scope
from crrlint.loaders.terraform.bodies import attribute_of, content
from crrlint.loaders.terraform.deployment import Deployment
from crrlint.loaders.terraform.expansion import together
from crrlint.loaders.terraform.files import Near
from crrlint.loaders.terraform.folders import Folder, folders
from crrlint.loaders.terraform.instance import Resource
from crrlint.loaders.terraform.modules import Call, Module, existence, walk
from crrlint.loaders.terraform.source import values_for
from crrlint.loaders.terraform.variables import given_in_files
from crrlint.source import Document, Location, Node
from crrlint.values import Unknown, Value

# What Terraform reads by rules of its own, as addresses and not as values.
NO_VALUES = frozenset(
    ("depends_on", "lifecycle", "provider", "providers", "provisioner", "connection", "precondition",
     "postcondition")
)  # fmt: skip
ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")


class Said(NamedTuple):
    """What is said of one instance: whether it is there, and its arguments and blocks."""

    values: Mapping[str, Node]
    at: Location
    exists: Value = True


class Statements(NamedTuple):
    """What is said of every instance, and of which the number of instances is not known."""

    said: dict[str, Said]
    open: set[str]
    problems: tuple[str, ...]


class Tree:
    """A folder with everything below it, read once however many roots are in it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        paths = sorted(p for p in top.rglob("*") if p.name.endswith(ENDINGS) and p.is_file())
        self.folders = folders(
            Document(str(p), p.read_text("utf-8", "replace"), "hcl", None) for p in paths
        )
        self._files = Near(Files([str(top)]))

    def roots(self) -> Iterator[str]:
        """Yield every folder that is a module, whoever calls it."""
        return (path for path, folder in self.folders.items() if folder.is_module)

    def values_of(self, root: str) -> list[str]:
        """Return the files that give the variables of a root their values, as Terraform reads them."""
        return [
            str(Path(d.path).relative_to(root)) for d in given_in_files(self.folders[root])
        ]

    def statements(self, root: str) -> Statements:
        folder = self.folders[root]
        given = values_for(folder, TerraformDeployment(root), Bindings(), [], set())
        deployment = Deployment(
            root, folder, self.folders, self._files, values=given, workspace="default"
        )
        found = Statements({}, set(), ())
        for module in walk(Module(deployment, folder)):
            _of_module(module, found)
        problems = (f"{p.path}:{p.line}: {p.message}" for p in deployment.problems)
        return found._replace(problems=tuple(problems))


def _of_module(module: Module, into: Statements) -> None:
    deployment = module.deployment
    there = together(*existence(module))
    for resource in module.resources():
        for address, said in _of_block(resource, into.open):
            into.said[address] = said
    for call in module.calls():
        for address, said in _of_block(call, into.open):
            into.said[address] = said
    locals = {
        a.name: _valued(lambda a=a: module.local(a.name, a.at), a, deployment)  # type: ignore[misc]
        for a in module.folder.locals()
    }
    into.said[f"{module.address}locals"] = Said(locals, _root_of(module.folder), there)
    for (name,), declared in module.folder.declared("output").items():
        values = {}
        for attribute in declared.body.attributes.values():
            if attribute.name == "value":
                values["value"] = _valued(lambda n=name: module.output(n), attribute, deployment)  # type: ignore[misc]
            elif attribute.name not in NO_VALUES:
                values[attribute.name] = attribute_of(
                    attribute, module, f"output {name}", deployment.report
                )
        into.said[f"{module.address}output.{name}"] = Said(values, declared.at, there)


def _root_of(folder: Folder) -> Location:
    return (folder.files or folder.overrides)[0].document.root


def _valued(work_out, attribute: Attribute, deployment: Deployment) -> Node:  # type: ignore[no-untyped-def]
    try:
        node: Node = work_out()
    except Fault as fault:
        deployment.report(fault)
        what = f"{attribute.name}, which has no value"
        return Node(Unknown("unsupported_expression", what), attribute.at)
    return node


def _of_block(block: Resource | Call, open: set[str]) -> Iterator[tuple[str, Said]]:
    module = block.module
    deployment = module.deployment
    body = block.declared.body
    shared = {
        name: attribute_of(body.attributes[name], module, block.address, deployment.report)
        for name in ("count", "for_each")
        if name in body.attributes
    }
    try:
        entries = block.expansion.entries
    except Fault as fault:
        deployment.report(fault)
        open.add(block.address)
        return
    for entry in entries:
        if entry.many is not None:
            open.add(block.address)
            continue
        scope = block.scope(entry) if isinstance(block, Call) else block._instance(entry).scope
        address = f"{block.address}{entry.suffix}"
        exists = together(entry.exists, *existence(module))
        values = _values(body, scope, address, deployment)
        yield address, Said({**values, **shared}, block.declared.at, exists)


def _values(body: Body, scope: Scope, address: str, deployment: Deployment) -> dict[str, Node]:
    skip = {*NO_VALUES, "count", "for_each"}
    return content(body, scope, address, deployment.report, skip)
