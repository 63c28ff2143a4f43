"""Keys of CloudFormation's types, and their aliases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crrlint.documents.source import Location, Node
from crrlint.loaders.aws.facts import Fact
from crrlint.loaders.cloudcontrol.resource import Resource, document_of
from crrlint.loaders.cloudformation.values import through
from crrlint.model import AliasFacts, KeyFacts
from crrlint.model.arn import parse_arn
from crrlint.values import Text, join


def key(resource: Resource) -> Iterator[Fact]:
    at = resource.at
    replica = resource.type == "AWS::KMS::ReplicaKey"
    stated = resource.text("Arn")
    fields = parse_arn(stated) if isinstance(stated, str) else None
    region = fields.region if fields is not None else resource.region
    account = fields.account if fields is not None else resource.account
    key_id = _key_id(resource, replica)
    place = (region, ":", account)
    arn = join("arn:", resource.partition, ":kms:", *place, ":key/", key_id)
    policy = document_of(resource, "KeyPolicy")
    if policy is None and resource.managed:
        policy = _default_policy(join("arn:", resource.partition, ":iam::", account, ":root"), at)

    def setting(name: str, default: Any) -> Node | None:
        node = resource.get(name)
        return Node(default, at) if node is None and resource.managed and not replica else node

    enabled = setting("Enabled", True) or (Node(True, at) if resource.managed else None)
    yield KeyFacts(
        at,
        stated if isinstance(stated, str) else arn,
        key_id,
        account,
        region,
        declared=True,
        exists=resource.exists,
        policy=policy,
        state=None if enabled is None else through(enabled, _state),
        spec=setting("KeySpec", "SYMMETRIC_DEFAULT"),
        usage=setting("KeyUsage", "ENCRYPT_DECRYPT"),
        manager=Node("CUSTOMER", at) if resource.managed else None,
        multi_region=Node(True, at) if replica else _truth(setting("MultiRegion", False)),
        layer=resource.layer,
    )


def _key_id(resource: Resource, replica: bool) -> Text:
    """Return a key's id; a replica has that of its primary."""
    primary = resource.text("PrimaryKeyArn") if replica else None
    if isinstance(primary, str) and ":key/" in primary:
        return primary.rpartition(":key/")[2]
    return resource.name("key-id", "KeyId", "Id")


def _default_policy(root: Text, at: Location) -> Node:
    """Return the policy that KMS gives a key made without one.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    statement = {
        "Effect": Node("Allow", at),
        "Principal": Node({"AWS": Node(root, at)}, at),
        "Action": Node("kms:*", at),
        "Resource": Node("*", at),
    }
    version, statements = Node("2012-10-17", at), Node([Node(statement, at)], at)
    return Node({"Version": version, "Statement": statements}, at)


def _state(node: Node) -> Node:
    turned = _switch(node)
    if turned.value is None or isinstance(turned.value, bool):
        return Node("Disabled" if turned.value is False else "Enabled", node.at)
    return node


def _truth(node: Node | None) -> Node | None:
    return None if node is None else through(node, _switch)


def _switch(node: Node) -> Node:
    if isinstance(node.value, str) and node.value.lower() in ("true", "false"):
        return Node(node.value.lower() == "true", node.at)
    return node


def alias(resource: Resource) -> Iterator[Fact]:
    name = resource.text("AliasName", "Id")
    target = resource.get("TargetKeyId")
    if name is not None and target is not None:
        yield AliasFacts(name, resource.account, resource.region, target, resource.at)
