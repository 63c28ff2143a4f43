"""From resources to facts, through the same readers of properties as templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from crrlint.arn import parse_arn, partition_of, role_arn
from crrlint.loaders.aws.facts import Fact, model_of
from crrlint.loaders.cloudformation.buckets import settings, tags_of
from crrlint.loaders.cloudformation.documents import policy_document
from crrlint.loaders.cloudformation.identity import elements
from crrlint.loaders.cloudformation.values import text_of, through
from crrlint.loaders.respelled import as_cloudformation, respelled
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.buckets import ownership_of_unmanaged, public_access_of_unmanaged
from crrlint.model import (
    AliasFacts,
    BucketFacts,
    BucketField,
    KeyFacts,
    Layer,
    Made,
    Model,
    OrganizationPolicy,
    PolicyFacts,
    RoleFacts,
)
from crrlint.source import Location, Node, Problem
from crrlint.values import OPEN, Symbol, Text, Unknown, join, symbolic

_REGIONAL: Final = re.compile(r"\.s3\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\Z")

DOCUMENTS: Final = frozenset({"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "Content"})
"""Members that hold policies, whose own members keep their names."""

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


class Resource(NamedTuple):
    """A resource of a type of CloudFormation's.

    `managed` when it is made by what stands here and not only looked up.  `read` when its
    properties are what AWS answered: then nothing is there because it is the default of
    what is newly made.
    """

    type: str
    label: str
    properties: Mapping[str, Node]
    at: Location
    account: Text
    region: Text
    layer: Layer
    managed: bool = True
    exists: Any = True
    made: Made | None = None

    @property
    def read(self) -> bool:
        return self.layer == "live"

    def get(self, name: str) -> Node | None:
        node = self.properties.get(name)
        return None if node is None or node.value is None else node

    def text(self, *names: str) -> Text | None:
        """Return the first of these texts that is there."""
        for name in names:
            node = self.get(name)
            text = None if node is None else text_of(node)
            if text is not None and not (isinstance(text, str) and not text):
                return text
        return None

    def name(self, kind: str, *names: str) -> Text:
        """Return a name, a symbol where only AWS will give one."""
        found = self.text(*names)
        if found is not None and not isinstance(found, Unknown):
            return found
        symbol = Symbol(
            f"{self.at.path}#{self.label}",
            kind,
            f"the name of {self.label}",
            form="name",
            unique=True,
            reason="deferred",
            needs=f"{names[0]} of {self.label}",
        )
        return symbolic(symbol)

    @property
    def path(self) -> Text:
        """The path of a role or a policy, where it can have one."""
        found = self.text("Path")
        return "/" if found is None else found

    @property
    def partition(self) -> Text:
        return partition_of(self.region)


def properties_of(data: Any, at: Location) -> dict[str, Node]:
    """Return properties under CloudFormation's names, whichever case they are written in."""
    node = respelled(data, at, as_cloudformation, verbatim=DOCUMENTS)
    return node.value if isinstance(node.value, dict) else {}


def facts(resources: Iterable[Resource]) -> Model:
    return model_of(
        fact
        for resource in resources
        if resource.type in _READERS
        for fact in _READERS[resource.type](resource)
    )


def _problem(resource: Resource, at: Location, message: str) -> Problem:
    return Problem(at.path, f"{resource.label}: {message} ({at.pointer})")


def _bucket(resource: Resource) -> Iterator[Fact]:
    at = resource.at
    name = _bucket_name(resource)
    problems: list[Problem] = []

    def read(property: str) -> Node | None:
        node = resource.get(property)
        if node is None or property not in _MAPPINGS:
            return node
        if isinstance(node.value, (dict, *OPEN)):
            return node
        problems.append(_problem(resource, node.at, f"{property} is not a mapping"))
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
        _place(resource, "BucketName"),
        {**place, **fields},
        {field: node for field, node in otherwise.items() if field not in fields},
        declared=resource.managed,
        exists=resource.exists,
        layer=resource.layer,
        made=resource.made,
    )


def _place(resource: Resource, property: str) -> Location:
    node = resource.get(property)
    return resource.at if node is None else node.at


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


def _other_bucket(kind: str, *names: str) -> Callable[[Resource], Iterator[Fact]]:
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


def _bucket_policy(resource: Resource) -> Iterator[Fact]:
    bucket = resource.text("Bucket")
    document = _document(resource, "PolicyDocument")
    if bucket is None or document is None:
        missing = "Bucket" if bucket is None else "PolicyDocument"
        yield _problem(resource, resource.at, f"{missing} is not set")
        return
    fields: dict[BucketField, Node] = {"policy": document}
    yield BucketFacts(
        bucket,
        _place(resource, "Bucket"),
        fields,
        exists=resource.exists,
        layer=resource.layer,
        made=resource.made,
    )


def _document(resource: Resource, name: str) -> Node | None:
    node = resource.get(name)
    return None if node is None else policy_document(node)


def _account(resource: Resource, *arns: str) -> Text:
    """Return the account that an ARN names, else that of the resource's provider."""
    arn = resource.text(*arns)
    fields = parse_arn(arn) if isinstance(arn, str) else None
    return fields.account if fields is not None and fields.account else resource.account


def _role(resource: Resource) -> Iterator[Fact]:
    at = resource.at
    name = resource.name("role-name", "RoleName", "Id")
    account = _account(resource, "Arn")
    path = resource.path
    boundary = resource.get("PermissionsBoundary")
    tags = resource.get("Tags")
    yield RoleFacts(
        name,
        account,
        _place(resource, "RoleName"),
        arn=resource.text("Arn") or role_arn(account, path, name, resource.partition),
        declared=resource.managed,
        exists=resource.exists,
        trust=_document(resource, "AssumeRolePolicyDocument"),
        policies=tuple(_inline(resource)),
        attached=tuple(node for node, _ in elements(resource.get("ManagedPolicyArns"))),
        boundary=boundary or Node(None, at),
        complete=resource.managed,
        unique_id=resource.text("RoleId"),
        tags=tags_of(tags, at, "role"),
        layer=resource.layer,
    )


def _inline(resource: Resource) -> Iterator[PolicyFacts]:
    for node, exists in elements(resource.get("Policies")):
        members = node.value if isinstance(node.value, dict) else {}
        document = members.get("PolicyDocument")
        if document is None:
            continue
        name = text_of(members.get("PolicyName", Node(None, node.at))) or ""
        yield PolicyFacts(name, policy_document(document), node.at, exists=exists)


def _role_policy(resource: Resource) -> Iterator[Fact]:
    document = _document(resource, "PolicyDocument")
    role = resource.text("RoleName")
    if document is None or role is None:
        missing = "RoleName" if role is None else "PolicyDocument"
        yield _problem(resource, resource.at, f"{missing} is not set")
        return
    name = resource.name("policy-name", "PolicyName")
    yield RoleFacts(
        role,
        resource.account,
        resource.at,
        exists=resource.exists,
        policies=(PolicyFacts(name, document, resource.at),),
        layer=resource.layer,
    )


def _managed_policy(resource: Resource) -> Iterator[Fact]:
    document = _document(resource, "PolicyDocument")
    name = resource.name("policy-name", "ManagedPolicyName")
    account = _account(resource, "PolicyArn", "Id")
    arn = resource.text("PolicyArn")
    if arn is None or isinstance(arn, Unknown):
        path = resource.path
        arn = join("arn:", resource.partition, ":iam::", account, ":policy", path, name)
    if document is None:
        yield _problem(resource, resource.at, "PolicyDocument is not set")
        return
    yield PolicyFacts(name, document, resource.at, arn, resource.exists)
    for node, here in elements(resource.get("Roles"), resource.exists):
        role = text_of(node)
        if role is not None:
            attached = (Node(arn, node.at),)
            yield RoleFacts(
                role, account, node.at, exists=here, attached=attached, layer=resource.layer
            )


def _key(resource: Resource) -> Iterator[Fact]:
    at = resource.at
    replica = resource.type == "AWS::KMS::ReplicaKey"
    stated = resource.text("Arn")
    fields = parse_arn(stated) if isinstance(stated, str) else None
    region = fields.region if fields is not None else resource.region
    account = fields.account if fields is not None else resource.account
    key_id = _key_id(resource, replica)
    place = (region, ":", account)
    arn = join("arn:", resource.partition, ":kms:", *place, ":key/", key_id)
    policy = _document(resource, "KeyPolicy")
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


def _alias(resource: Resource) -> Iterator[Fact]:
    name = resource.text("AliasName", "Id")
    target = resource.get("TargetKeyId")
    if name is not None and target is not None:
        yield AliasFacts(name, resource.account, resource.region, target, resource.at)


_POLICY_TYPES: Final[dict[Any, Literal["SCP", "RCP"]]] = {
    "SERVICE_CONTROL_POLICY": "SCP",
    "RESOURCE_CONTROL_POLICY": "RCP",
}


def _organization_policy(resource: Resource) -> Iterator[Fact]:
    kind = resource.text("Type")
    document = _document(resource, "Content")
    found = _POLICY_TYPES.get(kind) if isinstance(kind, str) else None
    if found is not None and document is not None:
        targets = tuple(str(text_of(node)) for node, _ in elements(resource.get("TargetIds")))
        yield OrganizationPolicy(found, document, targets, resource.at)


_READERS: Final[dict[str, Callable[[Resource], Iterator[Fact]]]] = {
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::S3Express::DirectoryBucket": _other_bucket("directory", "BucketName", "Id"),
    "AWS::S3Tables::TableBucket": _other_bucket("table", "TableBucketName"),
    "AWS::S3Outposts::Bucket": _other_bucket("outposts", "BucketName"),
    "AWS::IAM::Role": _role,
    "AWS::IAM::RolePolicy": _role_policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::KMS::Key": _key,
    "AWS::KMS::ReplicaKey": _key,
    "AWS::KMS::Alias": _alias,
    "AWS::Organizations::Policy": _organization_policy,
}
TYPES: Final = frozenset(_READERS)
