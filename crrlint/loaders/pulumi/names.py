"""What a preview does not know yet and still tells: names, and who refers to whom.

A preview records of which resources a property was made, not what was made of them.
Where a property can only be the whole of a name or an ARN, and one resource has such,
the two are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.pulumi.kinds import terraform_type
from crrlint.loaders.pulumi.stacks import Resource, Stack
from crrlint.loaders.respelled import as_terraform
from crrlint.loaders.terraform.instances import Provider
from crrlint.loaders.terraform.kinds import BUCKETS, KEYS, Kind, takes
from crrlint.model.arn import bucket_arn, partition_of, role_arn
from crrlint.values import OPEN, Symbol, Text, Unknown, join, symbolic

_NAMES: Final[dict[str, tuple[str, str]]] = {
    "aws_s3_bucket": ("bucket", "bucket-name"),
    "aws_iam_role": ("name", "role-name"),
    "aws_iam_policy": ("name", "policy-name"),
}


class Names:
    """Names and ARNs of a stack's resources, worked out where AWS has not given them yet."""

    def __init__(self, stack: Stack, provider: Callable[[Resource], Provider]) -> None:
        self._stack = stack
        self._provider = provider
        self._by_urn = {resource.urn: resource for resource in stack.resources}

    def resolved(self, resource: Resource) -> Mapping[str, Any]:
        """Return the properties, with what can be told of those that are not known."""
        kind = terraform_type(resource.type)
        if self._stack.layer == "live" or kind is None:
            return resource.properties
        properties = {
            name: self._resolved(resource, kind, name, name, value)
            for name, value in resource.properties.items()
        }
        if not resource.found:
            for name, text in self._made(resource, kind).items():
                held = properties.get(name)
                value = held.value if type(held) is Node else held
                if value is None or isinstance(value, Unknown):
                    properties[name] = text
        return properties

    def _resolved(self, resource: Resource, kind: str, property: str, path: str, held: Any) -> Any:
        """Return a value in which references that can only be one thing are followed."""
        if type(held) is Node:
            return Node(self._resolved(resource, kind, property, path, held.value), held.at)
        if isinstance(held, dict):
            return {
                name: self._resolved(resource, kind, property, f"{path}.{name}", value)
                for name, value in held.items()
            }
        if isinstance(held, list):
            return [self._resolved(resource, kind, property, path, value) for value in held]
        if not isinstance(held, Unknown) or held.reason != "deferred":
            return held
        wanted = takes(kind, _terraform_path(path)) or takes(kind, _terraform_path(path, "rule"))
        found = None if wanted is None else self._referred(resource.needs.get(property, ()), wanted)
        return held if found is None else found

    def _referred(self, urns: tuple[str, ...], wanted: Kind) -> Text | None:
        """Return what the one resource gives that has what is wanted.

        None too where another one is of a kind of which nobody knows what it gives.
        """
        found: list[Text] = []
        for urn in urns:
            resource = self._by_urn.get(urn)
            kind = None if resource is None else terraform_type(resource.type)
            if resource is None or kind is None:
                return None
            text = self._gives(resource, kind, wanted)
            if text is not None:
                found.append(text)
        return found[0] if len(found) == 1 else None

    def _gives(self, resource: Resource, kind: str, wanted: Kind) -> Text | None:
        made = self._made(resource, kind)
        if wanted == "bucket name" and kind.startswith("aws_s3_bucket_"):
            return self._bucket_of(resource, kind)
        match wanted:
            case "bucket name" if kind in BUCKETS:
                return made["bucket"]
            case "bucket arn" if kind in BUCKETS:
                return made["arn"]
            case "role name" if kind == "aws_iam_role":
                return made["name"]
            case "role arn" if kind == "aws_iam_role":
                return made["arn"]
            case "policy arn" if kind == "aws_iam_policy":
                return made["arn"]
            case "key" | "key arn" if kind in KEYS:
                return made["arn"]
            case "key id" if kind in KEYS:
                return made["keyId"]
        return None

    def _bucket_of(self, resource: Resource, kind: str) -> Text | None:
        held = self._resolved(resource, kind, "bucket", "bucket", resource.value("bucket"))
        return None if held is None or isinstance(held, Unknown) else held

    def _made(self, resource: Resource, kind: str) -> dict[str, Text]:
        """Return the names and ARNs that a resource will have."""
        provider = self._provider(resource)
        partition = partition_of(provider.region)
        if kind in KEYS:
            key_id = self._known(resource, "keyId") or self._symbol(resource, "key-id")
            place = (":", provider.account, ":key/")
            arn = self._known(resource, "arn")
            whole = join("arn:", partition, ":kms:", provider.region, *place, key_id)
            return {"keyId": key_id, "arn": arn or whole}
        if kind not in _NAMES:
            return {}
        attribute, what = _NAMES[kind]
        name = self._known(resource, attribute) or self._symbol(resource, what)
        path = self._known(resource, "path") or "/"
        if kind == "aws_s3_bucket":
            arn = bucket_arn(name, partition)
        elif kind == "aws_iam_role":
            arn = role_arn(provider.account, path, name, partition)
        else:
            arn = join("arn:", partition, ":iam::", provider.account, ":policy", path, name)
        return {attribute: name, "arn": self._known(resource, "arn") or arn}

    def _known(self, resource: Resource, property: str) -> Text | None:
        value = resource.value(property)
        if value is None or value == "" or isinstance(value, Unknown):
            return None
        return value if isinstance(value, (str, *OPEN)) else None

    def _symbol(self, resource: Resource, what: str) -> Text:
        return symbolic(
            Symbol(
                resource.urn,
                what,
                resource.label,
                form="name",
                unique=True,
                reason="deferred",
                needs="pulumi stack export after the update",
            )
        )


def _terraform_path(path: str, rules: str = "rules") -> str:
    """Return a path of properties in Terraform's spelling, in which most rules are a `rule`."""
    spelled = (as_terraform(part) for part in path.split("."))
    return ".".join(rules if part == "rules" else part for part in spelled)
