"""The resources of a stack, as an export or a preview lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.places import Places
from crrlint.documents.source import Document, Location, Node, Problem
from crrlint.loaders.pulumi.values import is_unknown, opened
from crrlint.model import Layer

_GONE: Final = frozenset(
    {
        "delete",
        "delete-replaced",
        "discard",
        "discard-replaced",
        "read-discard",
        "remove-pending-replace",
    }
)


class Resource(NamedTuple):
    """A resource whose properties hold symbols for what is not known or secret.

    `found` when it is read and not made by the stack.  `needs` are the resources that
    each property was made of, by their names in Pulumi (URNs).
    """

    urn: str
    type: str
    id: str | None
    properties: Mapping[str, Any]
    at: Location
    provider: str
    found: bool
    needs: Mapping[str, tuple[str, ...]]
    dependencies: tuple[str, ...]

    def value(self, name: str) -> Any:
        """Return a property, without its place where it has one of its own."""
        held = self.properties.get(name)
        return held.value if type(held) is Node else held

    def text(self, name: str) -> str | None:
        value = self.value(name)
        return value if isinstance(value, str) and value else None

    @property
    def label(self) -> str:
        """Its type and name, which its URN ends with."""
        return "::".join(self.urn.rsplit("$", 1)[-1].split("::")[-2:])


class Stack(NamedTuple):
    """`hidden` counts resources that a preview leaves out because they do not change."""

    document: Document
    resources: tuple[Resource, ...]
    layer: Layer
    problems: list[Problem]
    hidden: int = 0

    @property
    def name(self) -> str:
        """The stack and its project, as every URN in it starts."""
        for resource in self.resources:
            parts = resource.urn.split("::")
            if len(parts) > 2:
                return f"{parts[0]}::{parts[1]}"
        return self.document.path


def stack_of(document: Document) -> Stack:
    problems: list[Problem] = []
    if "steps" in document.data:
        found = {resource.urn: resource for resource in _steps(document, problems)}
        hidden = _hidden(document.data, sum(1 for _ in found))
        return Stack(document, tuple(found.values()), "planned", problems, hidden)
    resources = tuple(_exported(document, problems))
    return Stack(document, resources, "live", problems)


def _exported(document: Document, problems: list[Problem]) -> Iterator[Resource]:
    places = Places()
    at = document.root / "deployment" / "resources"
    listed = document.data["deployment"].get("resources")
    for index, state in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(state, dict) and state.get("delete") is True:
            continue
        resource = _resource(state, at / index, planned=False)
        if resource is None:
            problems.append(_problem(places, at / index, "an element of resources has no URN"))
        else:
            yield resource


def _steps(document: Document, problems: list[Problem]) -> Iterator[Resource]:
    places = Places()
    for index, step in enumerate(document.data["steps"]):
        at = document.root / "steps" / index
        if step.get("op") in _GONE:
            continue
        state = step.get("newState")
        if not isinstance(state, dict):
            problems.append(_problem(places, at, "a step has no newState"))
            continue
        resource = _resource({"urn": step.get("urn"), **state}, at / "newState", planned=True)
        if resource is None:
            problems.append(_problem(places, at, "a step has no URN"))
        else:
            yield resource


def _hidden(data: Mapping[str, Any], shown: int) -> int:
    """Return how many resources stay as they are and are not shown."""
    summary = data.get("changeSummary")
    same = summary.get("same", 0) if isinstance(summary, dict) else 0
    if not isinstance(same, int):
        return 0
    steps = data["steps"]
    return max(0, same - sum(1 for step in steps if step.get("op") == "same"))


def _resource(state: Any, at: Location, *, planned: bool) -> Resource | None:
    if not isinstance(state, dict):
        return None
    urn, type = state.get("urn"), state.get("type")
    if not isinstance(urn, str) or not isinstance(type, str):
        return None
    id = state.get("id")
    of = f"of {urn.rsplit('::', 1)[-1]}"
    properties, place = _properties(
        state, at, lambda value, name: opened(value, of, name, planned=planned)
    )
    provider = state.get("provider")
    needs = state.get("propertyDependencies")
    return Resource(
        urn,
        type,
        id if isinstance(id, str) and not is_unknown(id) else None,
        properties,
        place,
        provider.rpartition("::")[0] if isinstance(provider, str) else "",
        state.get("external") is True,
        {
            str(name): _texts(urns)
            for name, urns in (needs.items() if isinstance(needs, dict) else ())
        },
        _texts(state.get("dependencies")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _properties(
    state: Mapping[str, Any], at: Location, read: Callable[[Any, str], Any]
) -> tuple[Mapping[str, Any], Location]:
    """Return what was read back, completed by what was asked for where that is not known yet."""
    inputs, outputs = (
        value if isinstance(value, dict) else {}
        for value in (state.get("inputs"), state.get("outputs"))
    )
    if not outputs:
        return _each(inputs, read), at / "inputs"
    asked = {
        name: Node(read(value, name), at / "inputs" / name)
        for name, value in inputs.items()
        if name not in outputs or (is_unknown(outputs[name]) and not is_unknown(value))
    }
    return {**_each(outputs, read), **asked}, at / "outputs"


def _each(properties: Mapping[str, Any], read: Callable[[Any, str], Any]) -> dict[str, Any]:
    # Properties as a whole are never a secret or a file, whatever keys they have.
    return {name: read(value, name) for name, value in properties.items()}


def _problem(places: Places, at: Location, message: str) -> Problem:
    span = places.span(at)
    line, column = (None, None) if span is None else (span.line, span.column)
    return Problem(at.path, f"{message} ({at.pointer})", line, column)
