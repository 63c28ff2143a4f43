"""Items of buckets, and of the public access block of whole accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from crrlint.documents.source import Node, wrap
from crrlint.loaders.aws.facts import Fact, policy_node, problem
from crrlint.loaders.awsconfig import sdk
from crrlint.loaders.awsconfig.items import Item, Part, not_collected
from crrlint.loaders.awsconfig.sdk import Unreadable
from crrlint.model import AccountFacts, BucketFacts, BucketField
from crrlint.values import Unknown

_SSE_S3: Final = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
_BLOCK: Final = {
    "BlockPublicAcls": "blockPublicAcls",
    "IgnorePublicAcls": "ignorePublicAcls",
    "BlockPublicPolicy": "blockPublicPolicy",
    "RestrictPublicBuckets": "restrictPublicBuckets",
}


def bucket_facts(item: Item) -> Iterator[Fact]:
    if item.name is None:
        yield problem(item.at, "an item of AWS::S3::Bucket names no bucket")
        return
    fields: dict[BucketField, Node] = {"kind": Node("general", item.at)}
    if item.account is not None:
        fields["account"] = Node(item.account, item.at)
    if item.region is not None:
        fields["region"] = Node(item.region, item.at)
    created = item.configuration.text("creationDate")
    if created is not None and created[:4].isdigit():
        fields["created"] = Node(created, item.configuration.at / "creationDate")
    for field, (names, read) in _SETTINGS.items():
        part = item.supplementary.part(*names)
        if part is None:
            continue
        what = f"the {field.replace('_', ' ')} of bucket {item.name}"
        try:
            fields[field] = read(part, item.name)
        except Unreadable as unreadable:
            yield problem(unreadable.at, unreadable.message)
            fields[field] = Node(Unknown("ambiguous_file", f"{what} could not be read"), part.at)
    tags = _tags(item)
    if tags is not None:
        fields["tags"] = tags
    yield BucketFacts(item.name, item.at, fields, declared=True, layer="live")
    owner = item.configuration.member("owner")
    canonical = None if owner is None else owner.text("id")
    if item.account is not None and canonical is not None:
        yield AccountFacts(item.account, item.at, canonical_id=canonical)


def account_block_facts(item: Item) -> Iterator[Fact]:
    account = item.account or item.id
    if account is None or item.configuration.value is None:
        return
    try:
        block = _block(item.configuration, account)
    except Unreadable as unreadable:
        yield problem(unreadable.at, unreadable.message)
    else:
        yield AccountFacts(account, item.at, public_access_block=block)


def _versioning(part: Part, bucket: str) -> Node:
    status = part.member("status")
    if status is None:
        return not_collected(
            f"the versioning of bucket {bucket}", part.at, "aws s3api get-bucket-versioning"
        )
    if status.value in (None, "Off", ""):
        return Node(None, status.at)
    if status.value not in ("Enabled", "Suspended"):
        raise Unreadable(status.at, "status is not one of Off, Enabled, Suspended")
    return Node(status.value, status.at)


def _policy(part: Part, bucket: str) -> Node:
    text = part.member("policyText")
    if text is None:
        raise Unreadable(part.at, "BucketPolicy has no policyText")
    if text.value is None:
        return Node(None, text.at)
    node = policy_node(text.value, text.at)
    if node is None or "Statement" not in node.value:
        raise Unreadable(text.at, "is not a policy document")
    return node


def _replication(part: Part, bucket: str) -> Node:
    return sdk.replication(part, f"the replication of bucket {bucket}")


def _encryption(part: Part, bucket: str) -> Node:
    rules = part.member("rules")
    if part.value is None:
        return wrap(_SSE_S3, part.at)
    if rules is None or not isinstance(rules.value, list):
        raise Unreadable(part.at, "ServerSideEncryptionConfiguration has no rules")
    return sdk.structure(part)


def _ownership(part: Part, bucket: str) -> Node:
    if part.value is None:
        return Node("ObjectWriter", part.at)
    rules = part.member("rules")
    first = rules.value[0] if rules and isinstance(rules.value, list) and rules.value else None
    if rules is None or not isinstance(first, dict):
        raise Unreadable(part.at, "OwnershipControls has no rule")
    found = Part(first, rules.at / 0).member("objectOwnership")
    if found is None or not isinstance(found.value, str):
        raise Unreadable(part.at, "OwnershipControls has no ObjectOwnership")
    return Node(found.value, found.at)


def _object_lock(part: Part, bucket: str) -> Node:
    if part.value is None:
        return Node(None, part.at)
    if part.member("objectLockEnabled") is None:
        raise Unreadable(part.at, "ObjectLockConfiguration has no objectLockEnabled")
    return sdk.structure(part)


def _block(part: Part, of: str) -> Node:
    if part.value is None:
        return Node(None, part.at)
    if not isinstance(part.value, dict):
        raise Unreadable(part.at, "PublicAccessBlockConfiguration is no object")
    members = {}
    for name, written in _BLOCK.items():
        found = part.member(written)
        members[name] = (
            not_collected(f"{written} of {of}", part.at, "aws s3api get-public-access-block")
            if found is None
            else Node(_truth(found.value), found.at)
        )
    return Node(members, part.at)


def _truth(value: Any) -> Any:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _payer(part: Part, bucket: str) -> Node:
    pays = _truth(part.value)
    if not isinstance(pays, bool):
        raise Unreadable(part.at, "IsRequesterPaysEnabled is neither true nor false")
    return Node("Requester" if pays else "BucketOwner", part.at)


def _acl(part: Part, bucket: str) -> Node:
    return sdk.acl(part)


def _lifecycle(part: Part, bucket: str) -> Node:
    return Node(None, part.at) if part.value is None else sdk.lifecycle(part)


def _or_none(read: Callable[[Part, str], Node]) -> Callable[[Part, str], Node]:
    """Return what reads a part of which null says that there is none."""
    return lambda part, bucket: Node(None, part.at) if part.value is None else read(part, bucket)


_SETTINGS: Final[dict[BucketField, tuple[tuple[str, ...], Callable[[Part, str], Node]]]] = {
    "versioning": (("BucketVersioningConfiguration",), _or_none(_versioning)),
    "policy": (("BucketPolicy",), _or_none(_policy)),
    "replication": (("BucketReplicationConfiguration",), _or_none(_replication)),
    "encryption": (("ServerSideEncryptionConfiguration",), _encryption),
    "ownership": (("BucketOwnershipControls", "OwnershipControls"), _ownership),
    "object_lock": (("ObjectLockConfiguration",), _object_lock),
    "public_access_block": (("PublicAccessBlockConfiguration",), _block),
    "request_payer": (("IsRequesterPaysEnabled",), _payer),
    "acl": (("AccessControlList",), _acl),
    "lifecycle": (("BucketLifecycleConfiguration",), _lifecycle),
}


def _tags(item: Item) -> Node | None:
    """Return the tags, a mapping in files and a list of pairs in answers."""
    tags = item.whole.part("tags")
    if tags is None:
        return None
    if isinstance(tags.value, list) and all(isinstance(tag, dict) for tag in tags.value):
        pairs = [Part(tag, tags.at / index) for index, tag in enumerate(tags.value)]
        named = [(pair.text("key", "Key"), pair.member("value")) for pair in pairs]
        return Node(
            {name: Node(value.value, value.at) for name, value in named if name and value},
            tags.at,
        )
    if not isinstance(tags.value, dict):
        return None
    return wrap(tags.value, tags.at)
