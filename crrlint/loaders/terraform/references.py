"""Which resources wait for which: what an expression refers to, directly or not.

Terraform makes a resource after everything that its block refers to: through local values,
through the variables and outputs of modules, and by `depends_on`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from crrlint.loaders.hcl import Body, Expression
from crrlint.loaders.hcl.syntax import Access, Attr, Index, Literal, Name
from crrlint.loaders.terraform.modules import Call, Module

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import Resource

Reference = tuple[str, ...]
"""The names of a reference, as far as they are names: `aws_s3_bucket.src.arn`."""

_NONE: Final = frozenset(("each", "count", "path", "terraform", "self"))


def references(tree: Any) -> Iterator[Reference]:
    """Yield what an expression refers to; names that a `for` binds are among them."""
    stack = [tree]
    while stack:
        current = stack.pop()
        if isinstance(current, Access) and isinstance(current.value, Name):
            names = [current.value.name]
            for step in current.steps:
                if isinstance(step, Attr):
                    names.append(step.name)
                elif not (isinstance(step, Index) and isinstance(step.key, Literal)):
                    break
            yield tuple(names)
            stack.extend(current.steps)
        elif isinstance(current, Name):
            yield (current.name,)
        elif isinstance(current, tuple):
            stack.extend(current)


def named(tree: Any) -> Iterator[Reference]:
    """Yield the references that stand as texts in a list, as `depends_on` once had them."""
    for item in getattr(tree, "items", ()):
        if isinstance(item, Literal) and isinstance(item.value, str):
            yield tuple(item.value.split("."))


def of_body(body: Body) -> Iterator[Expression]:
    """Yield every expression in a body and in the blocks inside it."""
    for attribute in body.attributes.values():
        yield attribute.value
    if body.at.path.endswith(".json"):
        return  # what stands for blocks there stands for attributes too
    for type in body.block_types:
        for block in body.blocks(type):
            yield from of_body(block.body)


Step = tuple[str, Module, str]
"""Something that refers: a resource, local value, variable or output, or the call of a module."""


class Order:
    """What each resource of a deployment waits for, worked out when it is asked."""

    def __init__(self) -> None:
        self._reached: dict[str, frozenset[str]] = {}
        self._next: dict[tuple[str, str, str], list[Step]] = {}

    def waits_for(self, resource: Resource) -> frozenset[str]:
        """Return the addresses, without keys, of all that a resource is made after."""
        if resource.address not in self._reached:
            self._reached[resource.address] = frozenset(
                self._follow(("resource", resource.module, resource.name))
            )
        return self._reached[resource.address]

    def _follow(self, start: Step) -> Iterator[str]:
        seen = {_key(start)}
        pending = [start]
        while pending:
            for step in self._after(pending.pop()):
                if _key(step) not in seen:
                    seen.add(_key(step))
                    pending.append(step)
                    if step[0] == "resource":
                        yield without_keys(step[1].address) + step[2]

    def _after(self, step: Step) -> list[Step]:
        if _key(step) not in self._next:
            self._next[_key(step)] = list(direct(step))
        return self._next[_key(step)]


def _key(step: Step) -> tuple[str, str, str]:
    return step[0], step[1].address, step[2]


def direct(step: Step) -> Iterator[Step]:
    """Yield what a step refers to itself."""
    kind, module, name = step
    match kind:
        case "resource":
            resource = module.resource(name)
            if resource is not None:
                body = resource.declared.body
                yield from _referred(module, of_body(body))
                depends_on = body.attributes.get("depends_on")
                if depends_on is not None:
                    yield from _listed(module, depends_on.value)
            yield from _made_in(module)
        case "local":
            for attribute in module.folder.locals():
                if attribute.name == name:
                    yield from _referred(module, [attribute.value])
        case "variable" if module.call is not None:
            argument = module.call.argument(name)
            if argument is not None:
                yield from _referred(module.call.module, [argument])
        case "output":
            declared = module.folder.declared("output").get((name,))
            if declared is not None:
                yield from _referred(module, of_body(declared.body))
        case "all":
            yield from (("resource", module, resource.name) for resource in module.resources())
            for call in module.calls():
                yield from _all_of(call)


def _made_in(module: Module) -> Iterator[Step]:
    """Yield what a module's call waits for, and so everything in the module."""
    call = module.call
    if call is None:
        return
    names = ("depends_on", "count", "for_each")
    yield from _referred(call.module, [e for e in map(call.argument, names) if e is not None])
    depends_on = call.argument("depends_on")
    if depends_on is not None:
        yield from _listed(call.module, depends_on)
    yield from _made_in(call.module)


def _referred(module: Module, expressions: Any) -> Iterator[Step]:
    for expression in expressions:
        for names in references(expression.tree):
            yield from _step(module, names)


def _listed(module: Module, expression: Expression) -> Iterator[Step]:
    for names in named(expression.tree):
        yield from _step(module, names)


def _step(module: Module, names: Reference) -> Iterator[Step]:
    if len(names) < 2 or names[0] in _NONE:
        return
    root, name = names[0], names[1]
    if root == "local":
        yield "local", module, name
    elif root == "var":
        yield "variable", module, name
    elif root == "module":
        yield from _output(module, name, names[2] if len(names) > 2 else None)
    elif root == "data":
        if len(names) > 2:
            yield "resource", module, f"data.{name}.{names[2]}"
    elif module.folder.declared("resource").get((root, name)) is not None:
        yield "resource", module, f"{root}.{name}"


def _output(module: Module, name: str, output: str | None) -> Iterator[Step]:
    declared = module.folder.declared("module").get((name,))
    if declared is None:
        return
    call = module.module_call(name, declared.at)
    if call.folder is None:
        # Nobody knows which of its arguments an output of it waits for.
        yield from _referred(module, of_body(declared.body))
    elif output is None:
        yield from _all_of(call)
    else:
        yield from (("output", inner, output) for inner in instances(call))


def _all_of(call: Call) -> Iterator[Step]:
    if call.folder is None:
        yield from _referred(call.module, of_body(call.declared.body))
    yield from (("all", inner, "") for inner in instances(call))


def instances(call: Call) -> Iterator[Module]:
    from crrlint.loaders.hcl import Fault

    try:
        entries = call.expansion.entries
    except Fault:
        return
    for entry in entries:
        module = call.instance(entry)
        if module is not None:
            yield module


def without_keys(address: str) -> str:
    from crrlint.loaders.terraform.instances import KEYS

    return KEYS.sub("", address)
