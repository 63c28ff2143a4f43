"""Bucket resources as facts, in the shapes of the S3 API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.cloudformation.attributes import bucket_name, named
from crrlint.loaders.cloudformation.documents import policy_document
from crrlint.loaders.cloudformation.order import made
from crrlint.loaders.cloudformation.values import scalar, text_or, through
from crrlint.model import BucketFacts, BucketField
from crrlint.values import Text, Unknown, Value

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Resource, Stack

# CloudFormation's names of members where the S3 API has others.
_REPLICATION: Final = {"Id": "ID", "TagFilter": "Tag", "TagFilters": "Tags"}
_ENCRYPTION: Final = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
_LIFECYCLE: Final = {
    "Id": "ID",
    "TransitionInDays": "Days",
    "TransitionDate": "Date",
    "ObjectSizeGreaterThan": "ObjectSizeGreaterThan",
}
_NUMBERS: Final = frozenset(
    ("Priority", "Minutes", "Days", "Years", "DaysAfterInitiation", "NoncurrentDays")
)
_SWITCHES: Final = frozenset(
    (
        "BucketKeyEnabled",
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    )
)
_BLOCKS: Final = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
_NO_MAPPINGS: Final = frozenset(("AccessControl", "ObjectLockEnabled", "Tags"))
_CANNED: Final = {
    "Private": "private",
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "LogDeliveryWrite": "log-delivery-write",
    "BucketOwnerRead": "bucket-owner-read",
    "BucketOwnerFullControl": "bucket-owner-full-control",
    "AwsExecRead": "aws-exec-read",
}


def bucket(stack: Stack, resource: Resource, exists: Value) -> Iterator[BucketFacts]:
    at = resource.at

    def read(name: str) -> Node | None:
        node = stack.read(resource, name)
        if node is None or name in _NO_MAPPINGS:
            return node
        return through(node, lambda n: _mapping(stack, n, name))

    fields, otherwise = settings(read, at)
    yield BucketFacts(
        bucket_name(stack, resource),
        at,
        {**_place(stack, at, "general"), **fields},
        otherwise,
        declared=True,
        exists=exists,
        made=made(stack, resource),
    )


def settings(
    read: Callable[[str], Node | None], at: Location
) -> tuple[dict[BucketField, Node], dict[BucketField, Node]]:
    """Return what a bucket's properties state, and what holds where nothing else states it.

    `read` returns a property by CloudFormation's name, whatever it is written in.
    """
    fields: dict[BucketField, Node] = {
        "versioning": _below(read("VersioningConfiguration"), "Status", at),
        "replication": _shaped(read("ReplicationConfiguration"), _REPLICATION, at),
        "encryption": _encryption(read("BucketEncryption"), at),
        "object_lock": _object_lock(read("ObjectLockEnabled"), read("ObjectLockConfiguration"), at),
        "lifecycle": _lifecycle(read("LifecycleConfiguration"), at),
        "tags": tags_of(read("Tags"), at, "bucket"),
    }
    otherwise: dict[BucketField, Node] = {
        "policy": Node(None, at),
        "request_payer": Node("BucketOwner", at),
    }
    stated: tuple[tuple[BucketField, str, Callable[[Node], Node], Any], ...] = (
        ("ownership", "OwnershipControls", _ownership, "BucketOwnerEnforced"),
        ("acl", "AccessControl", _canned, {"Canned": Node("private", at)}),
        (
            "public_access_block",
            "PublicAccessBlockConfiguration",
            _blocks,
            dict.fromkeys(_BLOCKS, Node(True, at)),
        ),
    )
    for field, name, change, default in stated:
        node = read(name)
        if node is None:
            otherwise[field] = Node(default, at)
        else:
            fields[field] = _or(through(node, change), Node(default, at))
    return fields, otherwise


def _mapping(stack: Stack, node: Node, name: str) -> Node:
    if node.value is None or isinstance(node.value, (dict, Unknown)):
        return node
    return stack.mistake(node.at, f"{name} is not a mapping")


def bucket_policy(stack: Stack, resource: Resource, exists: Value) -> Iterator[BucketFacts]:
    name = stack.read(resource, "Bucket")
    document = stack.read(resource, "PolicyDocument")
    if name is None or document is None:
        missing = "Bucket" if name is None else "PolicyDocument"
        stack.mistake(resource.at, f"bucket policy {resource.id} has no {missing}")
        return
    text: Text = text_or(
        name, Unknown("unsupported_expression", f"the bucket of {resource.id} is not known")
    )
    fields: dict[BucketField, Node] = {"policy": policy_document(document)}
    yield BucketFacts(text, resource.at, fields, exists=exists)


def other_bucket(kind: str, name: str) -> Callable[..., Iterator[BucketFacts]]:
    """Return what reads buckets that are not general purpose ones."""

    def read(stack: Stack, resource: Resource, exists: Value) -> Iterator[BucketFacts]:
        bucket_named = named(stack, resource, name, "bucket-name")
        fields = _place(stack, resource.at, kind)
        yield BucketFacts(bucket_named, resource.at, fields, declared=True, exists=exists)

    return read


def _place(stack: Stack, at: Location, kind: str) -> dict[BucketField, Node]:
    return {
        "account": Node(stack.account_text, at),
        "region": Node(stack.region_text, at),
        "kind": Node(kind, at),
    }


def _below(node: Node | None, key: str, at: Location) -> Node:
    """Return a member of a mapping, each alternative for itself; a node of None where absent."""
    if node is None:
        return Node(None, at)

    def member(whole: Node) -> Node:
        if not isinstance(whole.value, dict):
            return whole
        found: Node | None = whole.value.get(key)
        return Node(None, whole.at) if found is None else found

    return through(node, member)


def _or(node: Node, otherwise: Node) -> Node:
    return through(node, lambda n: otherwise if n.value is None else n)


def _shaped(node: Node | None, names: Mapping[str, str], at: Location) -> Node:
    return Node(None, at) if node is None else _shape(node, names, "")


def _shape(node: Node, names: Mapping[str, str], key: str) -> Node:
    """Return a value with the API's names of members, and with leaves of the API's types."""
    value = node.value
    if isinstance(value, dict):
        members = {names.get(k, k): _shape(n, names, k) for k, n in value.items()}
        return Node(members, node.at)
    if isinstance(value, list):
        return Node([_shape(n, names, key) for n in value], node.at)
    if isinstance(value, (str, int)):
        return Node(_leaf(value, key), node.at)
    return through(node, lambda n: n if n is node else _shape(n, names, key))


def _leaf(value: str | int, key: str) -> Any:
    """Return a leaf as CloudFormation sends it: it takes `"15"` for a number and 15 for text."""
    if key in _NUMBERS or key.endswith("Days"):
        return int(value) if isinstance(value, str) and value.isdecimal() else value
    if key in _SWITCHES:
        return _switch(value)
    return scalar(value)


def _switch(value: Any) -> Any:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _encryption(node: Node | None, at: Location) -> Node:
    """S3 encrypts a bucket without a setting with keys of its own."""
    algorithm = {"SSEAlgorithm": Node("AES256", at)}
    rule = Node({"ApplyServerSideEncryptionByDefault": Node(algorithm, at)}, at)
    default = Node({"Rules": Node([rule], at)}, at)
    if node is None:
        return default

    def rules(written: Node) -> Node:
        if not isinstance(written.value, dict):
            return written
        found = written.value.get("ServerSideEncryptionConfiguration")
        return Node({"Rules": _shaped(found, _ENCRYPTION, written.at)}, written.at)

    return _or(through(node, rules), default)


def _object_lock(enabled: Node | None, configuration: Node | None, at: Location) -> Node:
    if configuration is not None:
        whole = _shaped(configuration, {}, at)
        return _or(whole, _lock_enabled(enabled, at))
    return _lock_enabled(enabled, at)


def _lock_enabled(enabled: Node | None, at: Location) -> Node:
    if enabled is None:
        return Node(None, at)

    def locked(node: Node) -> Node:
        value = _switch(node.value)
        if value is True:
            return Node({"ObjectLockEnabled": Node("Enabled", node.at)}, node.at)
        return Node(None, node.at) if value is False or value is None else node

    return through(enabled, locked)


def _lifecycle(node: Node | None, at: Location) -> Node:
    def rules(whole: Node) -> Node:
        if not isinstance(whole.value, dict):
            return whole
        members = dict(whole.value)
        found = members.get("Rules")
        if found is not None:
            members["Rules"] = through(found, _lifecycle_rules)
        return Node(members, whole.at)

    return Node(None, at) if node is None else through(node, rules)


def _lifecycle_rules(node: Node) -> Node:
    if not isinstance(node.value, list):
        return node
    return Node([through(rule, _lifecycle_rule) for rule in node.value], node.at)


def _lifecycle_rule(rule: Node) -> Node:
    """CloudFormation flattens what the API keeps in `Expiration`, `Filter` and the like."""
    if not isinstance(rule.value, dict):
        return rule
    members: dict[str, Node] = {}
    grouped: dict[str, dict[str, Node]] = {}
    written: dict[str, Node] = rule.value
    for name, node in written.items():
        if name in _GROUPED:
            group, member = _GROUPED[name]
            grouped.setdefault(group, {})[member] = _shape(node, {}, member)
        elif name in _LISTED:
            members[_LISTED[name]] = Node([_shape(node, _LIFECYCLE, "")], node.at)
        else:
            members[_LIFECYCLE.get(name, name)] = _shape(node, _LIFECYCLE, name)
    for group, found in grouped.items():
        members.setdefault(group, Node(found, next(iter(found.values())).at))
    tags = members.pop("TagFilters", None)
    if tags is not None:
        members["Filter"] = _lifecycle_filter(members.pop("Prefix", None), tags)
    return Node(members, rule.at)


def _lifecycle_filter(prefix: Node | None, tags: Node) -> Node:
    both = {"Tags": tags} if prefix is None else {"Prefix": prefix, "Tags": tags}
    return Node({"And": Node(both, tags.at)}, tags.at)


_GROUPED: Final = {
    "ExpirationInDays": ("Expiration", "Days"),
    "ExpirationDate": ("Expiration", "Date"),
    "ExpiredObjectDeleteMarker": ("Expiration", "ExpiredObjectDeleteMarker"),
    "NoncurrentVersionExpirationInDays": ("NoncurrentVersionExpiration", "NoncurrentDays"),
}
_LISTED: Final = {
    "Transition": "Transitions",
    "NoncurrentVersionTransition": "NoncurrentVersionTransitions",
}


def _ownership(node: Node) -> Node:
    rules = _below(node, "Rules", node.at)

    def first(found: Node) -> Node:
        if isinstance(found.value, list):
            return (
                through(found.value[0], _object_ownership) if found.value else Node(None, node.at)
            )
        return found

    return through(rules, first)


def _object_ownership(rule: Node) -> Node:
    return _below(rule, "ObjectOwnership", rule.at)


def _canned(node: Node) -> Node:
    if node.value is None or isinstance(node.value, Unknown):
        return node
    value = _CANNED.get(node.value, node.value) if isinstance(node.value, str) else node.value
    return Node({"Canned": Node(value, node.at)}, node.at)


def _blocks(node: Node) -> Node:
    if not isinstance(node.value, dict):
        return node
    absent = Node(False, node.at)
    return Node({n: _shape(node.value.get(n, absent), {}, n) for n in _BLOCKS}, node.at)


def tags_of(node: Node | None, at: Location, whose: str) -> Node:
    """Return tags as a mapping; unknown when a key of theirs is."""
    if node is None:
        return Node({}, at)

    def mapping(whole: Node) -> Node:
        if not isinstance(whole.value, list):
            return whole
        found: dict[str, Node] = {}
        for item in whole.value:
            pair = item.value if isinstance(item.value, dict) else {}
            key = scalar(pair["Key"].value) if "Key" in pair else None
            if not isinstance(key, str):
                gap = f"the tags of the {whose} are not known"
                return Node(Unknown("unsupported_expression", gap), whole.at)
            found[key] = pair.get("Value", Node("", item.at))
        return Node(found, whole.at)

    return through(node, mapping)
