"""Everything that crrlint's evaluator can say of a root module, by address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from crrlint.documents.source import Document, Location, Node
from crrlint.loaders.hcl import Attribute, Body, Fault, Scope
from crrlint.loaders.terraform.bodies import attribute_of, content
from crrlint.loaders.terraform.deployment import Deployment
from crrlint.loaders.terraform.expansion import instance_scope, together
from crrlint.loaders.terraform.files import Near
from crrlint.loaders.terraform.folders import folders
from crrlint.loaders.terraform.instance import Resource
from crrlint.loaders.terraform.modules import Call, Module, existence, walk
from crrlint.loaders.terraform.references import Step
from crrlint.loaders.terraform.roots import values_for
from crrlint.loaders.terraform.variables import given_in_files
from crrlint.model.bindings import Bindings, TerraformDeployment
from crrlint.run.files import Files
from crrlint.values import Unknown, Value

NO_VALUES = frozenset(
    ("depends_on", "lifecycle", "provider", "providers", "provisioner", "connection",
     "precondition", "postcondition")
)  # fmt: skip
"""What Terraform reads by rules of its own: addresses, and no values."""

_EXPANDS = ("count", "for_each")
_ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")


class Said(NamedTuple):
    """What is said of one instance: its arguments and blocks, and whether it is there.

    `made_of` tells what the value of an argument refers to.
    """

    values: Mapping[str, Node]
    at: Location
    made_of: Callable[[str], Step | None]
    exists: Value = True


class Statements(NamedTuple):
    """What is said of each address; which blocks are of an unknown number, which have keys."""

    said: dict[str, Said]
    open: set[str]
    expanded: set[str]
    problems: tuple[str, ...]


class Tree:
    """A folder with everything below it, read once however many roots are in it."""

    def __init__(self, top: Path) -> None:
        paths = sorted(p for p in top.rglob("*") if p.name.endswith(_ENDINGS) and p.is_file())
        self.folders = folders(
            Document(str(p), p.read_bytes().decode("utf-8", "replace"), "hcl", None) for p in paths
        )
        self._files = Near(Files([str(top)]))

    def roots(self) -> Iterator[str]:
        """Yield every folder that is a module, whoever calls it."""
        return (path for path, folder in self.folders.items() if folder.is_module)

    def values_of(self, root: str) -> list[str]:
        """Return the files that Terraform takes the values of a root's variables from."""
        return [str(Path(d.path).relative_to(root)) for d in given_in_files(self.folders[root])]

    def statements(self, root: str) -> Statements:
        folder = self.folders[root]
        given = values_for(folder, TerraformDeployment(root), Bindings(), [], set())
        deployment = Deployment(
            root, folder, self.folders, self._files, values=given, workspace="default"
        )
        found = Statements({}, set(), set(), ())
        for module in walk(Module(deployment, folder)):
            for resource in module.resources():
                found.said.update(_instances(resource, found))
            for call in module.calls():
                found.said.update(_instances(call, found))
            found.said[f"{module.address}locals"] = _locals(module)
            found.said.update(_outputs(module))
        problems = (f"{p.path}:{p.line}: {p.message}" for p in deployment.problems)
        return found._replace(problems=tuple(problems))


def _locals(module: Module) -> Said:
    values = {
        attribute.name: _valued(module, attribute, lambda one: module.local(one.name, one.at))
        for attribute in module.folder.locals()
    }
    at = (module.folder.files or module.folder.overrides)[0].document.root
    return Said(values, at, lambda name: ("local", module, name), together(*existence(module)))


def _outputs(module: Module) -> Iterator[tuple[str, Said]]:
    for (name,), declared in module.folder.declared("output").items():
        values = content(
            declared.body, module, f"output {name}", lambda _: None, {*NO_VALUES, "value"}
        )
        value = declared.body.attributes.get("value")
        if value is not None:
            node = _valued(module, value, lambda one, name=name: module.output(name))  # type: ignore[misc]
            values["value"] = node
        step: Step = ("output", module, name)
        exists = together(*existence(module))
        yield (
            f"{module.address}output.{name}",
            Said(values, declared.at, lambda _, step=step: step, exists),  # type: ignore[misc]
        )


def _valued(
    module: Module, attribute: Attribute, work_out: Callable[[Attribute], Node | None]
) -> Node:
    try:
        node = work_out(attribute)
    except Fault as fault:
        module.deployment.report(fault)
        node = None
    what = f"{attribute.name}, which has no value"
    return node or Node(Unknown("unsupported_expression", what), attribute.at)


def _instances(block: Resource | Call, into: Statements) -> Iterator[tuple[str, Said]]:
    module = block.module
    report = module.deployment.report
    body = block.declared.body
    shared = {
        name: attribute_of(body.attributes[name], module, block.address, report)
        for name in _EXPANDS
        if name in body.attributes
    }
    if shared:
        into.expanded.add(block.address)
    try:
        entries = block.expansion.entries
    except Fault as fault:
        report(fault)
        into.open.add(block.address)
        return
    for entry in entries:
        if entry.many is not None:
            into.open.add(block.address)
            continue
        address = f"{block.address}{entry.suffix}"
        exists = together(entry.exists, *existence(module))
        values = {
            **_values(body, instance_scope(module, entry, block.address), address, module),
            **shared,
        }
        inner = block.instance(entry) if isinstance(block, Call) else None
        yield address, Said(values, block.declared.at, _made_of(block, inner), exists)


def _made_of(block: Resource | Call, inner: Module | None) -> Callable[[str], Step | None]:
    if isinstance(block, Resource):
        return lambda name: ("resource", block.module, block.name)
    # What a module is made for is what everything in it is made for.
    return lambda name: (
        None
        if inner is None
        else ("resource", inner, "")
        if name in _EXPANDS
        else ("variable", inner, name)
    )


def _values(body: Body, scope: Scope, address: str, module: Module) -> dict[str, Node]:
    skip = {*NO_VALUES, *_EXPANDS}
    return content(body, scope, address, module.deployment.report, skip)
