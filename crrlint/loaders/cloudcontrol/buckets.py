"""Buckets of CloudFormation's types, with their policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from crrlint.documents.source import Node, Problem
from crrlint.loaders.aws.facts import Fact
from crrlint.loaders.cloudcontrol.resource import Resource, document_of, place_of, problem
from crrlint.loaders.cloudformation.buckets import settings
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.buckets import ownership_of_unmanaged, public_access_of_unmanaged
from crrlint.model import BucketFacts, BucketField
from crrlint.values import OPEN, Text, Unknown, join

_REGIONAL: Final = re.compile(r"\.s3\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\Z")

_MAPPINGS: Final = frozenset(
    {
        "VersioningConfiguration",
        "ReplicationConfiguration",
        "BucketEncryption",
        "ObjectLockConfiguration",
        "LifecycleConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
    }
)


def bucket(resource: Resource) -> Iterator[Fact]:
    at = resource.at
    name = _bucket_name(resource)
    problems: list[Problem] = []

    def read(property: str) -> Node | None:
        node = resource.get(property)
        if node is None or property not in _MAPPINGS:
            return node
        if isinstance(node.value, (dict, *OPEN)):
            return node
        problems.append(problem(resource, node.at, f"{property} is not a mapping"))
        return Node(Unknown("ambiguous_file", f"{property} of {resource.label}"), node.at)

    fields, otherwise = settings(read, at)
    yield from problems
    if not resource.managed:
        otherwise = {}
    elif resource.read:
        block = Block({}, at)
        of = (str(name), resource.label, block)
        otherwise["ownership"] = ownership_of_unmanaged(*of)
        otherwise["public_access_block"] = public_access_of_unmanaged(*of)
        # Canned ACLs are written and never read back.
        otherwise.pop("acl", None)
    place: dict[BucketField, Node] = {
        "kind": Node("general", at),
        "account": Node(resource.account, at),
        "region": _region(resource),
    }
    yield BucketFacts(
        name,
        place_of(resource, "BucketName"),
        {**place, **fields},
        {field: node for field, node in otherwise.items() if field not in fields},
        declared=resource.managed,
        exists=resource.exists,
        layer=resource.layer,
        made=resource.made,
    )


def _bucket_name(resource: Resource) -> Text:
    prefix = resource.text("BucketNamePrefix")
    if resource.text("BucketName", "Id") is None and prefix is not None:
        # The account-regional namespace names account and Region at the end.
        return join(prefix, "-", resource.account, "-", resource.region, "-an")
    return resource.name("bucket-name", "BucketName", "Id")


def _region(resource: Resource) -> Node:
    domain = resource.get("RegionalDomainName")
    if domain is not None and isinstance(domain.value, str):
        found = _REGIONAL.search(domain.value)
        if found:
            return Node(found[1], domain.at)
    return Node(resource.region, resource.at)


def other_bucket(kind: str, *names: str) -> Callable[[Resource], Iterator[Fact]]:
    """Return what reads buckets that are not general purpose ones."""

    def read(resource: Resource) -> Iterator[Fact]:
        fields: dict[BucketField, Node] = {
            "kind": Node(kind, resource.at),
            "account": Node(resource.account, resource.at),
            "region": Node(resource.region, resource.at),
        }
        name = resource.name("bucket-name", *names)
        yield BucketFacts(name, resource.at, fields, declared=True, layer=resource.layer)

    return read


def bucket_policy(resource: Resource) -> Iterator[Fact]:
    bucket = resource.text("Bucket")
    document = document_of(resource, "PolicyDocument")
    if bucket is None or document is None:
        missing = "Bucket" if bucket is None else "PolicyDocument"
        yield problem(resource, resource.at, f"{missing} is not set")
        return
    fields: dict[BucketField, Node] = {"policy": document}
    yield BucketFacts(
        bucket,
        place_of(resource, "Bucket"),
        fields,
        exists=resource.exists,
        layer=resource.layer,
        made=resource.made,
    )
