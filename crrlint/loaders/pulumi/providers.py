"""The accounts and Regions of a stack's providers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.pulumi.kinds import PROVIDERS, terraform_type
from crrlint.loaders.pulumi.stacks import Resource, Stack
from crrlint.loaders.terraform import providers as terraform_providers
from crrlint.loaders.terraform.instances import Provider
from crrlint.loaders.terraform.providers import Telling
from crrlint.model.bindings import Bindings

_MARK: Final = "pulumi:providers:"


def name_of(urn: str) -> str:
    """Return a provider as people write it: `aws::dr`."""
    return urn.rpartition(_MARK)[2] if _MARK in urn else urn or "aws"


def providers(stack: Stack, bindings: Bindings) -> dict[str, Provider]:
    document = stack.document
    bound = [d for d in bindings.deployments if d.template == document.path]
    return terraform_providers.providers(
        _told(stack),
        next((d.account for d in bound if d.account), bindings.account),
        next((d.region for d in bound if d.region), bindings.region or _configured(document.data)),
        stack.name,
        f"or a `deployments` entry for {document.path} in crrlint.yaml",
    )


def _configured(data: Mapping[str, Any]) -> str | None:
    """Return the Region that a preview shows in the stack's configuration."""
    config = data.get("config")
    region = config.get("aws:region") if isinstance(config, dict) else None
    return region if isinstance(region, str) and region else None


def _told(stack: Stack) -> Iterator[Telling]:
    for resource in stack.resources:
        if resource.type in PROVIDERS:
            yield Telling(
                name_of(resource.urn),
                _account(resource),
                resource.text("region"),
                asked=True,
            )
            continue
        kind = terraform_type(resource.type)
        if not resource.type.startswith(("aws:", "aws-native:")):
            continue
        attributes = {
            name: held.value if type(held) is Node else held
            for name, held in resource.properties.items()
        }
        provider = name_of(resource.provider)
        if resource.found or kind is None:
            yield _by_arn(provider, resource)
        else:
            yield terraform_providers.telling(kind, provider, attributes, {})


def _by_arn(provider: str, resource: Resource) -> Telling:
    """An ARN of IAM or KMS that `aws-native` made is in the account of its credential."""
    fields = (resource.text("arn") or "").split(":", 5)
    native = resource.type in ("aws-native:iam:Role", "aws-native:kms:Key")
    if native and not resource.found and len(fields) == 6 and fields[4].isdecimal():
        return Telling(provider, fields[4], fields[3] or None)
    return Telling(provider)


def _account(resource: Resource) -> str | None:
    """Return the account that a provider is allowed to act in, or that it assumes a role of."""
    allowed = _data(resource.value("allowedAccountIds"))
    if isinstance(allowed, list) and len(allowed) == 1 and isinstance(allowed[0], str):
        return allowed[0]
    assumed = _data(resource.value("assumeRoles")) or _data(resource.value("assumeRole"))
    last = assumed[-1] if isinstance(assumed, list) and assumed else assumed
    arn = last.get("roleArn") if isinstance(last, dict) else None
    fields = arn.split(":", 5) if isinstance(arn, str) else []
    return fields[4] if len(fields) == 6 and fields[4].isdecimal() else None


def _data(value: Any) -> Any:
    """Return what a provider keeps as JSON in a string."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
