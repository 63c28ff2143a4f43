"""What Terraform makes before what: everything that a resource refers to, at any remove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from crrlint.loaders.terraform.plans.addresses import Call, Module, is_name, steps, written
from crrlint.loaders.terraform.plans.configuration import (
    Configuration,
    ModuleBlock,
    all_references,
    traversals,
)

_Thing: TypeAlias = tuple[str, Module, str, str]
"""A resource, variable, output or whole module, in a module without its keys."""

_FREE: Final = frozenset({"each", "count", "path", "terraform", "self"})


class Order:
    """Answers by the configuration of a plan, in which instances are not told apart."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._known: dict[_Thing, frozenset[str] | None] = {}

    def before(self, module: Module, kind: str, name: str) -> frozenset[str] | None:
        """Return what a resource waits for, by addresses without keys.

        None where some of it goes through locals, of which a plan says nothing.
        """
        bare = tuple(Call(call.name) for call in module)
        start: _Thing = ("resource", bare, kind, name)
        if start not in self._known:
            self._known[start] = self._walk(start)
        return self._known[start]

    def _walk(self, start: _Thing) -> frozenset[str] | None:
        found: set[str] = set()
        seen = {start}
        stack = [start]
        while stack:
            thing = stack.pop()
            if thing != start and thing[0] == "resource":
                found.add(f"{written(thing[1])}{thing[2]}.{thing[3]}")
            for other in self._next(thing):
                if other is None:
                    return None
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return frozenset(found)

    def _next(self, thing: _Thing) -> Iterator[_Thing | None]:
        sort, module, first, second = thing
        block = self._configuration.module(module)
        if block is None:
            return
        match sort:
            case "resource":
                resource = block.resources.get((first, second))
                if resource is not None:
                    yield from self._named(resource.expressions, module)
                    yield from self._named(resource.repeats, module)
                    yield from self._explicit(resource.depends_on, module)
                for depth in range(len(module)):
                    call = self._configuration.call(module[: depth + 1])
                    if call is not None:
                        yield from self._explicit(call.depends_on, module[:depth])
                        yield from self._named(call.repeats, module[:depth])
            case "variable":
                call = self._configuration.call(module)
                if call is not None:
                    yield from self._named(call.expressions.get(first), module[:-1])
            case "output":
                yield from self._named(block.outputs.get(first), module)
            case _:
                yield from _inside(block, module)

    def _named(self, expressions: object, module: Module) -> Iterator[_Thing | None]:
        for group in traversals(list(all_references(expressions))):
            yield from self._thing(group[0], module)

    def _explicit(self, addresses: object, module: Module) -> Iterator[_Thing | None]:
        for address in addresses if isinstance(addresses, list) else ():
            way = steps(address) or [""]
            if way[0] == "module" and len(way) > 1:
                yield "module", (*module, Call(str(way[1]))), "", ""
            else:
                yield from self._thing(address, module)

    def _thing(self, reference: str, module: Module) -> Iterator[_Thing | None]:
        way = [step for step in steps(reference) or [] if is_name(step)]
        if len(way) < 2 or way[0] in _FREE:
            return
        if way[0] == "local":
            yield None
        elif way[0] == "var":
            yield "variable", module, str(way[1]), ""
        elif way[0] == "module":
            inside = (*module, Call(str(way[1])))
            block = self._configuration.module(inside)
            if block is None:
                yield None
            elif len(way) > 2:
                yield "output", inside, str(way[2]), ""
            else:
                for output in block.outputs:
                    yield "output", inside, output, ""
        elif way[0] == "data" and len(way) > 2:
            yield "resource", module, f"data.{way[1]}", str(way[2])
        else:
            yield "resource", module, str(way[0]), str(way[1])


def _inside(block: ModuleBlock, module: Module) -> Iterator[_Thing]:
    """Yield everything in a module, and in those that it calls."""
    for kind, name in block.resources:
        yield "resource", module, kind, name
    for name in block.calls:
        yield "module", (*module, Call(name)), "", ""
