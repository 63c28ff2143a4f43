"""Terraform's and OpenTofu's states as `show -json` prints them.

They name no provider configurations: what accounts and Regions the resources are in is
known by their own attributes, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.terraform import providers as terraform_providers
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.instances import Instance, Provider
from crrlint.loaders.terraform.plans.configuration import listing, mapping, texts
from crrlint.loaders.terraform.plans.masks import without_secrets
from crrlint.loaders.terraform.state import assumptions
from crrlint.model import Model
from crrlint.model.bindings import Bindings
from crrlint.values import Symbol, Text, symbolic

_MAX_DEPTH: Final = 60


class Shown(NamedTuple):
    """A resource in the tree of a state's or plan's values."""

    type: str
    address: str
    values: Mapping[str, Any]
    data: Mapping[str, Any]
    at: Location


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    """Read states; settings in one count for the buckets and roles of another."""
    problems: list[Problem] = []
    instances: list[Instance] = []
    for document in supported(documents, problems):
        at = document.root / "values"
        for one in shown(document.data.get("values"), at, problems, terraform_resources.TYPES):
            instances.append(_instance(one, document, bindings))
    model = terraform_resources.facts(instances, "live")
    return model._replace(
        problems=(*problems, *model.problems), assumptions=tuple(assumptions(instances))
    )


def supported(documents: Iterable[Document], problems: list[Problem]) -> list[Document]:
    """Leave out what has a format that came after those which are known.

    Terraform counts the first number up for what cannot be read as before.
    """
    found: list[Document] = []
    for document in documents:
        version = str(document.data.get("format_version"))
        if version.split(".")[0] in ("0", "1"):
            found.append(document)
            continue
        from crrlint.documents.places import Places

        span = Places().span(document.root / "format_version")
        line, column = (None, None) if span is None else (span.line, span.column)
        message = f"has format_version {version}, and is not read; 0.x and 1.x are known"
        problems.append(Problem(document.path, message, line, column))
    return found


def shown(
    values: Any, at: Location, problems: list[Problem], wanted: frozenset[str]
) -> Iterator[Shown]:
    """Yield the resources of some types, in a module and in those below it."""
    root = mapping(values).get("root_module")
    seen: set[str] = set()
    modules: list[tuple[Any, Location, int]] = [(root, at / "root_module", 0)]
    while modules:
        module, place, depth = modules.pop()
        held = mapping(module)
        for number, resource in enumerate(listing(held.get("resources"))):
            kind, address = named(resource)
            if address is None:
                here = place / "resources" / number
                problems.append(told(here, "a resource has no type and address"))
            elif kind not in wanted:
                continue
            elif address in seen:
                here = place / "resources" / number
                problems.append(told(here, f"{address} stands twice; the first counts"))
            else:
                seen.add(address)
                values = resource.get("values")
                here = place / "resources" / number / "values"
                known = values if isinstance(values, dict) else {}
                yield Shown(kind, address, known, resource, here)
        below = listing(held.get("child_modules"))
        if below and depth >= _MAX_DEPTH:
            problems.append(told(place, "modules are nested too deeply to be read"))
            continue
        modules.extend(
            (child, place / "child_modules" / number, depth + 1)
            for number, child in reversed(list(enumerate(below)))
        )


def named(resource: Any) -> tuple[str, str | None]:
    """Return the type of a resource, `data.` in front of a data source's, and its address."""
    held = mapping(resource)
    kind, address = held.get("type"), held.get("address")
    if not isinstance(kind, str) or not isinstance(address, str):
        return "", None
    return f"data.{kind}" if held.get("mode") == "data" else kind, address


def told(at: Location, message: str) -> Problem:
    return Problem(at.path, f"{message} ({at.pointer})")


def _instance(one: Shown, document: Document, bindings: Bindings) -> Instance:
    identity = mapping(one.data.get("identity"))
    place = one.at.parent or one.at
    attributes = without_secrets(one.address, one.values, one.data.get("sensitive_values"))
    known = terraform_providers.telling(one.type, one.address, one.values, identity)
    bound = [d for d in bindings.deployments if d.template == document.path]

    def home(what: str, stated: str | None, given: str | None) -> Text:
        return stated or given or _symbol(what, one.address, document.path)

    region = known.region or _region(one)
    return Instance(
        one.type,
        one.address,
        Block(attributes, one.at),
        Block(identity, place / "identity"),
        Provider(
            home(
                "account",
                known.account,
                next((d.account for d in bound if d.account), bindings.account),
            ),
            home("region", region, next((d.region for d in bound if d.region), bindings.region)),
        ),
        one.data.get("tainted") is True,
        tuple(texts(one.data.get("depends_on"))),
        document.path,
    )


def _region(one: Shown) -> str | None:
    region = one.values.get("region")
    return region if isinstance(region, str) and region else None


def _symbol(what: str, address: str, path: str) -> Text:
    return symbolic(
        Symbol(
            f"{path} {address}",
            what,
            f"the {what} of {address}",
            form="account" if what == "account" else "region",
            reason="not_collected",
            needs=f"the state itself (terraform state pull), which names providers, or --{what}",
        )
    )
