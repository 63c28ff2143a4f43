"""Whose credential and which Region stand behind the provider configurations of a plan."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crrlint.documents.source import Document
from crrlint.loaders.terraform import providers as terraform_providers
from crrlint.loaders.terraform.instances import Provider
from crrlint.loaders.terraform.plans.configuration import (
    Configuration,
    is_constant,
    listing,
    mapping,
)
from crrlint.loaders.terraform.plans.resolution import Resolver, Scope
from crrlint.loaders.terraform.providers import Telling
from crrlint.model.bindings import Bindings

if TYPE_CHECKING:
    from crrlint.loaders.terraform.plans.coming import Planned

_ROOT = Scope(())
_ROLES = ("assume_role", "assume_role_with_web_identity")


def providers(
    configuration: Configuration,
    planned: Iterable[tuple[str, Planned]],
    resolver: Resolver,
    document: Document,
    bindings: Bindings,
) -> dict[str, Provider]:
    """Return the account and Region of each configuration, by the key that resources name."""
    configured = configuration.providers
    told = [told for key in configured for told in _configured(key, configured[key], resolver)]
    names: dict[str, str] = {}
    for key, one in planned:
        if key not in names:
            names[key] = configured_as(key, configured)
        told.append(terraform_providers.telling(one.type, names[key], one.values, one.identity))
    told.extend(_bound(document.path, bindings))
    bound = [d for d in bindings.deployments if d.template == document.path]
    found = terraform_providers.providers(
        told,
        next((d.account for d in bound if d.account), bindings.account),
        next((d.region for d in bound if d.region), bindings.region),
        document.path,
        f"or a `deployments` entry for {document.path} in crrlint.yaml",
    )
    return {key: found[name] for key, name in names.items()}


def _bound(path: str, bindings: Bindings) -> Iterator[Telling]:
    """Yield where crrlint.yaml puts the providers of a plan, or of the folder that it is in."""
    homes = (path, posixpath.dirname(path) or ".")
    for deployment in bindings.terraform:
        if deployment.folder in homes:
            for name, place in deployment.providers.items():
                yield Telling(name, place.account, place.region, asked=True)


def configured_as(key: str, configured: Mapping[str, Any]) -> str:
    """Return the configuration that a key stands for: a module takes its parent's.

    Terraform before 1.1 does not say which one a module was handed; where there are several,
    that stays open.
    """
    own = mapping(configured.get(key))
    module, colon, name = key.rpartition(":")
    if not colon or own.get("expressions"):
        return key
    others = [other for other in configured if other == name or other.startswith(f"{name}.")]
    while module:
        module = module.rpartition(".module.")[0]
        above = f"{module}:{name}" if module else name
        if mapping(configured.get(above)).get("expressions"):
            return above if len(others) <= 1 else key
    return name if len(others) <= 1 else key


def _configured(key: str, data: Any, resolver: Resolver) -> Iterator[Telling]:
    expressions = mapping(mapping(data).get("expressions"))
    region = resolver.text(expressions.get("region"), _ROOT)
    if region is not None:
        yield Telling(key, region=region, asked=True)
    for block in _ROLES:
        for role in _blocks(expressions.get(block)):
            arn = resolver.text(role.get("role_arn"), _ROOT)
            fields = (arn or "").split(":")
            if len(fields) > 5 and len(fields[4]) == 12 and fields[4].isdecimal():
                yield Telling(key, fields[4], asked=True)
    allowed = expressions.get("allowed_account_ids")
    if is_constant(allowed):
        only = listing(mapping(allowed)["constant_value"])
        if len(only) == 1 and isinstance(only[0], (str, int)):
            yield Telling(key, str(only[0]), asked=True)


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in [value] if isinstance(value, dict) else listing(value):
        yield mapping(one)
