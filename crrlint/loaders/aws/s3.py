"""Answers of S3 as facts about buckets, objects and accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Location, Node, wrap
from crrlint.loaders.aws.facts import (
    ACCESS_DENIED,
    Fact,
    denied,
    left_out,
    member,
    policy_node,
    problem,
    text,
)
from crrlint.loaders.aws.kinds import Answer, Kind
from crrlint.loaders.aws.placeholders import filled_text
from crrlint.loaders.aws.shapes import bucket_of_arn
from crrlint.model import AccountFacts, BucketFacts, BucketField, Inventory, Missing, ObjectFacts

_FIELDS: Final[dict[Kind, BucketField]] = {
    "bucket-replication": "replication",
    "bucket-versioning": "versioning",
    "bucket-location": "region",
    "bucket-head": "region",
    "bucket-policy": "policy",
    "bucket-acl": "acl",
    "bucket-ownership": "ownership",
    "bucket-encryption": "encryption",
    "bucket-object-lock": "object_lock",
    "bucket-lifecycle": "lifecycle",
    "bucket-request-payment": "request_payer",
    "bucket-public-access-block": "public_access_block",
    "bucket-tagging": "tags",
    "bucket-created": "region",
}
BUCKET_KINDS: Final = frozenset(_FIELDS)

_WRAPPER: Final[dict[Kind, str]] = {
    "bucket-replication": "ReplicationConfiguration",
    "bucket-versioning": "VersioningConfiguration",
    "bucket-ownership": "OwnershipControls",
    "bucket-encryption": "ServerSideEncryptionConfiguration",
    "bucket-object-lock": "ObjectLockConfiguration",
    "bucket-lifecycle": "LifecycleConfiguration",
    "bucket-request-payment": "RequestPaymentConfiguration",
    "bucket-public-access-block": "PublicAccessBlockConfiguration",
    "account-public-access-block": "PublicAccessBlockConfiguration",
    "bucket-tagging": "Tagging",
    "bucket-acl": "AccessControlPolicy",
    "object-acl": "AccessControlPolicy",
    "bucket-created": "CreateBucketConfiguration",
}

_DEFAULT_ENCRYPTION: Final = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
}

# What a refused call proves of a bucket.
_ABSENT: Final[dict[str, tuple[BucketField, Any]]] = {
    "NoSuchBucketPolicy": ("policy", None),
    "ReplicationConfigurationNotFoundError": ("replication", None),
    "NoSuchLifecycleConfiguration": ("lifecycle", None),
    "NoSuchPublicAccessBlockConfiguration": ("public_access_block", None),
    "NoSuchTagSet": ("tags", {}),
    "OwnershipControlsNotFoundError": ("ownership", "ObjectWriter"),
    "ServerSideEncryptionConfigurationNotFoundError": ("encryption", _DEFAULT_ENCRYPTION),
    "ObjectLockConfigurationNotFoundError": ("object_lock", None),
}

_REGIONS: Final[dict[str | None, str]] = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


class _Unreadable(Exception):  # noqa: N818 - a state of the answer
    def __init__(self, at: Location, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class _Stated(NamedTuple):
    field: BucketField
    node: Node


def bucket_facts(answers: Sequence[Answer], region: str | None) -> Iterator[Fact]:
    """Bring the answers about each bucket together; `region` is that of unbound buckets."""
    gathered: dict[tuple[Any, ...], list[tuple[Answer, _Stated | None]]] = {}
    for answer in answers:
        name = answer.subject.bucket
        if name is None:
            continue
        if answer.error == "NoSuchBucket" or (answer.kind, answer.error) == ("bucket-head", "404"):
            yield Missing("bucket", name, answer.at)
            continue
        try:
            stated = _stated(answer)
        except _Unreadable as unreadable:
            yield problem(unreadable.at, unreadable.message)
            continue
        group = (name, answer.subject.account, answer.layer)
        gathered.setdefault(group, []).append((answer, stated))
    for said in gathered.values():
        yield from _merged(said, region)


def _merged(said: list[tuple[Answer, _Stated | None]], region: str | None) -> Iterator[BucketFacts]:
    """Yield facts in which each field is stated once; more where it was said twice."""
    rounds: list[dict[BucketField, Node]] = [{}]
    for _, stated in said:
        if stated is None:
            continue
        for fields in rounds:
            if stated.field not in fields:
                fields[stated.field] = stated.node
                break
        else:
            rounds.append({stated.field: stated.node})
    first = said[0][0]
    near = next((a.subject.region for a, _ in said if a.subject.region), None)
    if first.subject.account is not None:
        rounds[0]["account"] = Node(first.subject.account, first.at)
    if "region" not in rounds[0] and (near or region):
        rounds[0]["region"] = Node(near or region, first.at)
    for fields in rounds:
        assert first.subject.bucket is not None
        yield BucketFacts(
            filled_text(first.subject.bucket, first.at.path),
            first.at,
            fields,
            declared=first.layer == "live",
            layer=first.layer,
        )


def _stated(answer: Answer) -> _Stated | None:
    """Return what the answer states; None when it states nothing that we know."""
    field = _FIELDS[answer.kind]
    if answer.error is not None:
        if answer.error in ACCESS_DENIED:
            if field == "region" and answer.by == "capture" and answer.subject.region:
                # S3 tells the Region to those that it refuses, too.
                return _Stated(field, Node(answer.subject.region, answer.at))
            return _Stated(field, denied(answer, f"{field} of bucket {answer.subject.bucket}"))
        absent = _ABSENT.get(answer.error)
        return None if absent is None else _Stated(absent[0], wrap(absent[1], answer.at))
    if answer.data is None and answer.kind not in ("bucket-versioning", "bucket-location"):
        return None
    node = read(answer.kind, answer.data, answer.at)
    return None if node is None else _Stated(field, node)


def read(kind: Kind, data: Any, at: Location) -> Node | None:
    """Read an answer into the value of its field."""
    wrapper = _WRAPPER.get(kind)
    if wrapper is not None and isinstance(data, dict) and wrapper in data:
        data, at = data[wrapper], at / wrapper
        if data is None:
            return Node(None, at)
    match kind:
        case "bucket-versioning":
            return _versioning(data, at)
        case "bucket-location" | "bucket-head" | "bucket-created":
            return _region(kind, data, at)
        case "bucket-policy":
            return _policy(data, at)
        case "bucket-acl" | "object-acl":
            return _acl(data, at)
        case "bucket-ownership":
            return _ownership(data, at)
        case "bucket-request-payment":
            payer, at = member(data, at, "Payer")
            return _word(payer, at, ("BucketOwner", "Requester"), "Payer")
        case "bucket-tagging":
            return _tags(data, at)
        case _:
            return _body(kind, data, at)


def _mapping(data: Any, at: Location, what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _Unreadable(at, f"{what} is {_named(data)}, not a mapping")
    return data


def _only(data: Any, at: Location, members: tuple[str, ...]) -> dict[str, Any]:
    """Return a mapping that may be empty, once it is clear that nothing else is in it."""
    mapping = _mapping(data, at, "the answer")
    for name in mapping:
        if name not in members and name != "ResponseMetadata":
            raise _Unreadable(at / name, f"{name} is no part of this answer")
    return mapping


def _named(value: Any) -> str:
    names = {str: "text", bool: "a boolean", int: "a number", list: "a list", type(None): "nothing"}
    return names.get(type(value), "a value")


def _word(value: Any, at: Location, words: tuple[str, ...], what: str) -> Node:
    if value not in words:
        raise _Unreadable(at, f"{what} is not one of {', '.join(words)}")
    return Node(value, at)


def _versioning(data: Any, at: Location) -> Node:
    if data is None:
        return Node(None, at)
    answer = _only(data, at, ("Status", "MFADelete", "MfaDelete"))
    status = answer.get("Status")
    if status is None or status == "":
        return Node(None, at)
    return _word(status, at / "Status", ("Enabled", "Suspended"), "Status")


def _region(kind: Kind, data: Any, at: Location) -> Node | None:
    name = "BucketRegion" if kind == "bucket-head" else "LocationConstraint"
    region = data
    if isinstance(data, dict):
        region = (_only(data, at, (name,)) if kind == "bucket-location" else data).get(name)
        at = at / name if name in data else at
    if kind != "bucket-location" and region is None:
        return None
    if not isinstance(region, str | None):
        raise _Unreadable(at, f"{name} is {_named(region)}, not the name of a Region")
    if region == "None":  # how `--output text` prints null
        region = None
    return Node(_REGIONS.get(region, region), at)


def _policy(data: Any, at: Location) -> Node:
    if isinstance(data, dict) and "Policy" in data:
        data, at = data["Policy"], at / "Policy"
    node = policy_node(data, at)
    if node is None or "Statement" not in node.value:
        raise _Unreadable(at, "is not a policy document")
    return node


def _acl(data: Any, at: Location) -> Node:
    acl = _mapping(data, at, "the access control list")
    if isinstance(acl.get("ACL"), str):
        return Node({"Canned": Node(acl["ACL"], at / "ACL")}, at)
    if not isinstance(acl.get("Grants"), list):
        raise _Unreadable(at, "is not an access control list: it has no Grants")
    return wrap({name: acl[name] for name in ("Owner", "Grants") if name in acl}, at)


def _ownership(data: Any, at: Location) -> Node:
    rules = _mapping(data, at, "OwnershipControls").get("Rules")
    if not isinstance(rules, list) or not rules or not isinstance(rules[0], dict):
        raise _Unreadable(at, "OwnershipControls has no rule")
    words = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
    at = at / "Rules" / 0 / "ObjectOwnership"
    return _word(rules[0].get("ObjectOwnership"), at, words, "ObjectOwnership")


def _tags(data: Any, at: Location) -> Node:
    tags = _mapping(data, at, "Tagging").get("TagSet")
    if not isinstance(tags, list) or not all(isinstance(t, dict) and "Key" in t for t in tags):
        raise _Unreadable(at, "TagSet is not a list of keys and values")
    at = at / "TagSet"
    return Node(
        {
            str(tag["Key"]): Node(tag.get("Value"), at / index / "Value")
            for index, tag in enumerate(tags)
        },
        at,
    )


def _body(kind: Kind, data: Any, at: Location) -> Node:
    what = _WRAPPER[kind]
    body = {k: v for k, v in _mapping(data, at, what).items() if k != "ResponseMetadata"}
    if kind in ("bucket-encryption", "bucket-lifecycle"):
        if not isinstance(body.get("Rules"), list):
            raise _Unreadable(at, f"{what} has no list of Rules")
    elif not body.keys() & _MEMBERS[kind]:
        raise _Unreadable(at, f"{what} has none of {', '.join(sorted(_MEMBERS[kind]))}")
    return wrap(body, at)


_BLOCK: Final = frozenset(
    {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}
)
_MEMBERS: Final[dict[Kind, frozenset[str]]] = {
    "bucket-replication": frozenset({"Role", "Rules"}),
    "bucket-object-lock": frozenset({"ObjectLockEnabled", "Rule"}),
    "bucket-public-access-block": _BLOCK,
    "account-public-access-block": _BLOCK,
}


def object_facts(answers: Sequence[Answer]) -> Iterator[Fact]:
    for answer in answers:
        subject = answer.subject
        if subject.bucket is None or subject.key is None:
            continue
        if answer.error is not None:
            if answer.error in ACCESS_DENIED and answer.kind == "object-acl":
                acl = denied(answer, f"acl of {subject.bucket}/{subject.key}")
                yield ObjectFacts(subject.bucket, subject.key, answer.at, acl=acl)
            continue
        if answer.data is None:
            continue
        try:
            if answer.kind == "object-acl":
                acl_node = read(answer.kind, answer.data, answer.at)
                yield ObjectFacts(subject.bucket, subject.key, answer.at, acl=acl_node)
            else:
                head = wrap(_mapping(answer.data, answer.at, "the object's head"), answer.at)
                yield ObjectFacts(subject.bucket, subject.key, answer.at, head=head)
        except _Unreadable as unreadable:
            yield problem(unreadable.at, unreadable.message)


def account_facts(answers: Sequence[Answer]) -> Iterator[Fact]:
    """Lists of buckets, and the public access block of whole accounts."""
    for answer in answers:
        if answer.kind == "buckets":
            yield from _buckets(answer)
        elif answer.kind == "account-public-access-block":
            yield from _account_block(answer)


def _buckets(answer: Answer) -> Iterator[Fact]:
    if answer.error is not None or answer.data is None:
        return
    listed = answer.data.get("Buckets") if isinstance(answer.data, dict) else None
    if not isinstance(listed, list):
        yield problem(answer.at, "Buckets is not a list")
        return
    account = answer.subject.account
    for index, bucket in enumerate(listed):
        name = text(bucket.get("Name")) if isinstance(bucket, dict) else None
        at = answer.at / "Buckets" / index
        if name is None:
            yield problem(at, "a bucket has no name")
            continue
        fields: dict[BucketField, Node] = {}
        if account is not None:
            fields["account"] = Node(account, at)
        if text(bucket.get("BucketRegion")):
            fields["region"] = Node(bucket["BucketRegion"], at / "BucketRegion")
        if text(bucket.get("CreationDate")):
            fields["created"] = Node(bucket["CreationDate"], at / "CreationDate")
        yield BucketFacts(name, at, fields, declared=True, layer="live")
    if account is None:
        yield left_out(answer, "whose buckets these are is not known: " + _NAME_ACCOUNT)
        return
    owner, _ = member(answer.data, answer.at, "Owner", "ID")
    if text(owner):
        yield AccountFacts(account, answer.at, canonical_id=owner)
    cut = answer.data.get("ContinuationToken") or answer.data.get("Prefix")
    if not cut and not answer.partial:
        yield Inventory("buckets", account, answer.at)


_NAME_ACCOUNT: Final = "put the output of get-caller-identity beside it, or give --account"


def _account_block(answer: Answer) -> Iterator[Fact]:
    account = answer.subject.account
    if account is None:
        yield left_out(answer, "whose public access block this is is not known: " + _NAME_ACCOUNT)
        return
    if answer.error == "NoSuchPublicAccessBlockConfiguration":
        yield AccountFacts(account, answer.at, public_access_block=Node(None, answer.at))
    elif answer.error in ACCESS_DENIED:
        block = denied(answer, f"public access block of account {account}")
        yield AccountFacts(account, answer.at, public_access_block=block)
    elif answer.error is None and answer.data is not None:
        try:
            node = read(answer.kind, answer.data, answer.at)
        except _Unreadable as unreadable:
            yield problem(unreadable.at, unreadable.message)
        else:
            yield AccountFacts(account, answer.at, public_access_block=node)


def destinations(replication: Any) -> set[str | None]:
    """Return the buckets that a replication body names; None among them for one unnamed."""
    rules = replication.get("Rules") if isinstance(replication, dict) else None
    found = (
        rule.get("Destination") if isinstance(rule, dict) else None
        for rule in (rules if isinstance(rules, list) else [])
    )
    return {bucket_of_arn(d.get("Bucket")) if isinstance(d, dict) else None for d in found}
