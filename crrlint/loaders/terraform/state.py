"""Terraform's and OpenTofu's state files, version 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crrlint.documents.addresses import instance_address
from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.terraform import providers as terraform_providers
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.instances import Instance, Provider
from crrlint.loaders.terraform.providers import CALLER, REGION, TELLING, Telling
from crrlint.model import Bound, Model
from crrlint.model.bindings import Bindings, Deployment

ASSUMPTION: Final = "nothing outside the Terraform state is attached to its roles or buckets"

_READ: Final = terraform_resources.TYPES | TELLING | {CALLER, REGION}
_NOTHING: Final[dict[str, Any]] = {}


class _Current(NamedTuple):
    """An instance that is not on its way out, as it stands in the file."""

    type: str
    provider: str
    resource: Mapping[str, Any]
    instance: Mapping[str, Any]
    attributes: Mapping[str, Any]
    identity: Mapping[str, Any]
    at: Location


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    """Read states; settings in one count for the buckets and roles of another."""
    instances: list[Instance] = []
    problems: list[Problem] = []
    bound: list[Bound] = []
    for document in documents:
        instances.extend(_instances(document, bindings.at(document.path), problems, bound))
    model = terraform_resources.facts(instances, "live")
    return model._replace(
        problems=(*problems, *model.problems),
        assumptions=tuple(assumptions(instances)),
        bound=tuple(bound),
    )


def instances(document: Document, bindings: Bindings) -> list[Instance]:
    """Return the instances of a state that is not judged itself."""
    return list(_instances(document, bindings, [], []))


def assumptions(instances: Sequence[Instance]) -> Iterator[str]:
    """Yield what a proof takes for granted that rests on the instances of states."""
    if any(i.type in ("aws_s3_bucket", "aws_iam_role") for i in instances):
        yield ASSUMPTION
    for instance in instances:
        if instance.tainted:
            yield f"{instance.address} is tainted, and counts as it stands until it is replaced"


def _instances(
    document: Document, bindings: Bindings, problems: list[Problem], known: list[Bound]
) -> Iterator[Instance]:
    told: list[Telling] = []
    relevant: list[_Current] = []
    for current in _current(document, problems, told):
        relevant.append(current)
        told.append(
            terraform_providers.telling(
                current.type, current.provider, current.attributes, current.identity
            )
        )
    bound = [d for d in bindings.deployments if d.template == document.path]
    lineage = document.data.get("lineage")
    providers = terraform_providers.providers(
        told,
        next((d.account for d in bound if d.account), bindings.account),
        next((d.region for d in bound if d.region), bindings.region),
        # Copies of one state share their lineage.
        lineage if isinstance(lineage, str) and lineage else document.path,
        f"or a `deployments` entry for {document.path} in crrlint.yaml",
    )
    known.extend(_bound(document.path, told, providers, bound))
    for current in relevant:
        yield _instance(current, providers[current.provider])


def _bound(
    path: str,
    told: Sequence[Telling],
    providers: Mapping[str, Provider],
    deployments: Sequence[Deployment],
) -> Iterator[Bound]:
    """Yield where each provider configuration works, and what told that."""
    for name, provider in providers.items():
        for what, text in (("account", provider.account), ("region", provider.region)):
            if not isinstance(text, str):
                yield Bound(path, what, None, "", name)
            elif any(getattr(one, what) == text for one in told if one.provider == name):
                yield Bound(path, what, text, "its own content", name)
            elif any(getattr(deployment, what) == text for deployment in deployments):
                yield Bound(path, what, text, "crrlint.yaml", name)
            else:
                yield Bound(path, what, text, "the command line or crrlint.yaml", name)


def _current(
    document: Document, problems: list[Problem], told: list[Telling]
) -> Iterator[_Current]:
    """Yield the instances that say something; add what the others tell of their provider."""
    names: dict[object, str] = {}
    at = document.root / "resources"
    for index, resource in enumerate(document.data["resources"]):
        if not isinstance(resource, dict):
            problems.append(_problem(at / index, "an element of resources is no object"))
            continue
        kind = resource.get("type")
        if resource.get("mode") == "data":
            kind = f"data.{kind}"
        if not isinstance(kind, str) or kind not in _READ:
            continue
        provider = _provider(resource, names)
        if kind not in terraform_resources.TYPES:
            told.append(_told(kind, provider, resource))
            continue
        instances = resource.get("instances")
        if not isinstance(instances, list):
            problems.append(_problem(at / index, f"{kind} has no list of instances"))
            continue
        for number, instance in enumerate(instances):
            place = at / index / "instances" / number
            if not isinstance(instance, dict):
                problems.append(_problem(place, f"an instance of {kind} is no object"))
                continue
            if instance.get("deposed"):
                continue
            key, attributes = _attributes(instance)
            if attributes is None:
                problems.append(
                    _problem(place, f"{instance_address(resource, instance)} has no attributes")
                )
                continue
            hidden = instance.get("sensitive_attributes")
            if hidden:
                from crrlint.loaders.terraform.plans.masks import mask_of, without_secrets

                address = instance_address(resource, instance)
                attributes = without_secrets(address, attributes, mask_of(hidden))
            # OpenTofu can give each instance a provider configuration of its own.
            own = _provider(instance, names, "instance_provider")
            identity = instance.get("identity")
            yield _Current(
                kind,
                own or provider,
                resource,
                instance,
                attributes,
                identity if isinstance(identity, dict) else {},
                place / key,
            )


def _provider(holder: Mapping[str, Any], names: dict[object, str], key: str = "provider") -> str:
    text = holder.get(key)
    if not isinstance(text, str):
        return "aws" if key == "provider" else ""
    if text not in names:
        names[text] = terraform_providers.configuration(text)
    return names[text]


def _told(kind: str, provider: str, resource: Mapping[str, Any]) -> Telling:
    """Return what a resource tells of its provider that says nothing else of interest."""
    instances = resource.get("instances")
    first = instances[0] if isinstance(instances, list) and instances else None
    attributes = first.get("attributes") if isinstance(first, dict) else None
    if not isinstance(attributes, dict):
        return Telling(provider)
    return terraform_providers.telling(kind, provider, attributes, {})


def _attributes(instance: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    """Return an instance's attributes and the key that they stand under."""
    attributes = instance.get("attributes")
    if isinstance(attributes, dict):
        return "attributes", attributes
    # States of Terraform before 0.12 keep their attributes flat until the next change.
    flat = instance.get("attributes_flat")
    return "attributes_flat", unflatten(flat) if isinstance(flat, dict) else None


def _instance(current: _Current, provider: Provider) -> Instance:
    instance = current.instance
    dependencies = instance.get("dependencies") or instance.get("depends_on")
    at = current.at.parent or current.at
    return Instance(
        current.type,
        instance_address(current.resource, instance),
        Block(current.attributes, current.at),
        Block(current.identity, at / "identity"),
        provider,
        instance.get("status") == "tainted",
        tuple(d for d in dependencies if isinstance(d, str))
        if isinstance(dependencies, list)
        else (),
        current.at.path,
    )


def _problem(at: Location, message: str) -> Problem:
    return Problem(at.path, f"{message} ({at.pointer})")


def unflatten(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Nest attributes that were kept flat: `rule.#` counts a list, `tags.%` a mapping.

    The elements of a set are numbered by hashes.
    """
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *above, last = path.split(".")
        node = tree
        for key in above:
            below = node.setdefault(key, {})
            if not isinstance(below, dict):
                break
            node = below
        else:
            node[last] = value
    return {key: _nested(value) for key, value in tree.items()}


def _nested(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if "#" in node:
        elements = sorted((key for key in node if key != "#"), key=lambda key: (len(key), key))
        return [_nested(node[key]) for key in elements]
    if "%" in node:
        return dict(_joined(node, ""))
    return {key: _nested(value) for key, value in node.items()}


def _joined(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a mapping whose keys were taken apart at their dots."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _joined(value, f"{prefix}{key}.")
        elif key != "%":
            yield f"{prefix}{key}", value
