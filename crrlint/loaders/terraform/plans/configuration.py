"""The configuration inside a plan: which module holds which resource, with which expressions.

An expression is a constant, a list of what it refers to, or nothing: its text is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Location
from crrlint.loaders.terraform.plans.addresses import Module

NOTHING: Final[Mapping[str, Any]] = {}
_MAX_DEPTH: Final = 60


class Resource(NamedTuple):
    """A resource block: what its arguments are made of, and where that stands."""

    provider: str
    expressions: Mapping[str, Any]
    for_each: Any
    repeats: Any
    depends_on: list[str]
    at: Location


class ModuleBlock(NamedTuple):
    """A module: its resources by type and name, the calls it makes, what it takes and gives."""

    resources: Mapping[tuple[str, str], Resource]
    calls: Mapping[str, ModuleCall]
    variables: Mapping[str, Any]
    outputs: Mapping[str, Any]


class ModuleCall(NamedTuple):
    expressions: Mapping[str, Any]
    for_each: Any
    repeats: Any
    depends_on: list[str]
    module: ModuleBlock


_EMPTY: Final = ModuleBlock({}, {}, {}, {})


class Configuration:
    """What a plan says of the configuration that it was made from; may be missing altogether."""

    def __init__(self, data: Any, at: Location) -> None:
        held = mapping(data)
        self.there = bool(held)
        self.providers = mapping(held.get("provider_config"))
        self.root = _module(mapping(held.get("root_module")), at / "root_module", 0)

    def module(self, way: Module) -> ModuleBlock | None:
        found = self.root
        for call in way:
            if call.name not in found.calls:
                return None
            found = found.calls[call.name].module
        return found

    def call(self, way: Module) -> ModuleCall | None:
        """Return the call that makes a module, None for the root."""
        caller = self.module(way[:-1]) if way else None
        return None if caller is None else caller.calls.get(way[-1].name)

    def resource(self, way: Module, kind: str, name: str) -> Resource | None:
        module = self.module(way)
        return None if module is None else module.resources.get((kind, name))


def _module(data: Mapping[str, Any], at: Location, depth: int) -> ModuleBlock:
    if depth > _MAX_DEPTH:
        return _EMPTY
    resources: dict[tuple[str, str], Resource] = {}
    for number, one in enumerate(listing(data.get("resources"))):
        if not isinstance(one, dict):
            continue
        kind, name = one.get("type"), one.get("name")
        if isinstance(kind, str) and isinstance(name, str):
            data_source = "data." if one.get("mode") == "data" else ""
            provider = one.get("provider_config_key")
            resources[data_source + kind, name] = Resource(
                provider if isinstance(provider, str) else "",
                mapping(one.get("expressions")),
                one.get("for_each_expression"),
                one.get("for_each_expression") or one.get("count_expression"),
                list(texts(one.get("depends_on"))),
                at / "resources" / number / "expressions",
            )
    calls: dict[str, ModuleCall] = {}
    for name, one in mapping(data.get("module_calls")).items():
        if isinstance(one, dict):
            calls[name] = ModuleCall(
                mapping(one.get("expressions")),
                one.get("for_each_expression"),
                one.get("for_each_expression") or one.get("count_expression"),
                list(texts(one.get("depends_on"))),
                _module(
                    mapping(one.get("module")), at / "module_calls" / name / "module", depth + 1
                ),
            )
    return ModuleBlock(
        resources, calls, mapping(data.get("variables")), mapping(data.get("outputs"))
    )


def references(expression: Any) -> list[str]:
    """Return what an expression refers to; empty for a constant and for what is unknown."""
    return list(texts(mapping(expression).get("references")))


def traversals(references: Sequence[str]) -> list[list[str]]:
    """Group references: each traversal is followed by everything that it begins with.

    `aws_iam_role.r.arn` stands as that and `aws_iam_role.r`.
    """
    groups: list[list[str]] = []
    for reference in references:
        if groups and _begins(groups[-1][0], reference):
            groups[-1].append(reference)
        else:
            groups.append([reference])
    return groups


def _begins(whole: str, start: str) -> bool:
    return whole.startswith(start) and whole[len(start) : len(start) + 1] in (".", "[")


def all_references(expressions: Any) -> Iterator[str]:
    """Yield everything that expressions refer to, however deep."""
    stack = [expressions]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if "references" in one:
                yield from texts(one["references"])
            stack.extend(v for k, v in one.items() if k not in ("references", "constant_value"))
        elif isinstance(one, list):
            stack.extend(one)


def is_constant(expression: Any) -> bool:
    return isinstance(expression, dict) and "constant_value" in expression


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else NOTHING


def listing(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def texts(value: Any) -> Iterator[str]:
    return (text for text in listing(value) if isinstance(text, str))
