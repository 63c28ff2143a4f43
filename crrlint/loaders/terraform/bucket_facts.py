"""From instances to facts of buckets: whose each setting is, and which of two readings counts.

Terraform reads a bucket before it makes the resources that hold its settings, so the
blocks inside `aws_s3_bucket` often say "off" beside a resource that says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from crrlint.documents.source import Node
from crrlint.loaders.terraform import buckets as terraform_buckets
from crrlint.loaders.terraform import replication as terraform_replication
from crrlint.loaders.terraform.attributes import Block, Malformed, shape
from crrlint.loaders.terraform.instances import Instance, Reader, identity_of, made
from crrlint.model import BucketFacts, BucketField, Layer
from crrlint.values import OPEN, Text, Unknown, identical

POLICIES: Final = frozenset({"aws_s3_bucket_policy", "data.aws_s3_bucket_policy"})
REPLICATION: Final = "aws_s3_bucket_replication_configuration"
OTHER_KINDS: Final = {
    "aws_s3_directory_bucket": "directory",
    "aws_s3tables_table_bucket": "table",
    "aws_s3control_bucket": "outposts",
}
_BUCKETS: Final = frozenset({"aws_s3_bucket", "data.aws_s3_bucket"})
TYPES: Final = _BUCKETS | frozenset(
    {
        "data.aws_canonical_user_id",
        REPLICATION,
        *POLICIES,
        *OTHER_KINDS,
        *terraform_buckets.SETTINGS,
    }
)

_REGIONAL_DOMAIN = re.compile(r"\.s3\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\Z")
_ACCOUNT = re.compile(r"[0-9]{12}\Z")

# Settings that a bucket shows as soon as it is read again.
_SHOWN: Final[tuple[BucketField, ...]] = ("versioning", "policy", "replication", "lifecycle")

_Settings = dict[BucketField, Node]


class _Held(NamedTuple):
    """A setting of a bucket, by the resource that holds it."""

    instance: Instance
    bucket: Text
    field: BucketField
    node: Node
    owner: Node | None


def buckets(instances: Iterable[Instance], reader: Reader, layer: Layer) -> Iterator[BucketFacts]:
    """Yield the facts of buckets, then those of the resources that hold their settings."""
    declared: list[tuple[Instance, Text]] = []
    held: list[_Held] = []
    canonical: dict[Hashable, Text] = {}
    for instance in instances:
        try:
            if instance.type == "data.aws_canonical_user_id":
                canonical[identity_of(instance.name("id"))] = instance.provider.account
            elif instance.type in OTHER_KINDS:
                yield _of_other_kind(instance, layer)
            elif instance.type in _BUCKETS:
                declared.append((instance, instance.name("bucket", "id")))
            else:
                bucket = instance.name("bucket", "id")
                field, node = _setting(instance, reader, layer)
                held.append(_Held(instance, bucket, field, node, _owner(instance)))
        except Malformed as error:
            reader.report(instance.address, error)
    settings: dict[Hashable, list[_Held]] = {}
    for one in held:
        settings.setdefault(identity_of(one.bucket), []).append(one)
    managed: set[Hashable] = set()
    for instance, name in declared:
        key = identity_of(name)
        if instance.type == "aws_s3_bucket":
            managed.add(key)
            yield _bucket(instance, name, settings.get(key, ()), canonical, reader, layer)._replace(
                exists=instance.exists, made=made(instance)
            )
        else:
            yield _existing(instance, name, reader, layer)
    for one in held:
        block = one.instance.attributes
        yield BucketFacts(
            one.bucket,
            block.place("bucket"),
            {one.field: one.node},
            {} if identity_of(one.bucket) in managed else _where(one, reader),
            exists=one.instance.exists,
            layer=layer,
            made=made(one.instance),
        )


def _where(held: _Held, reader: Reader) -> _Settings:
    """Return where a bucket is that only its settings speak of."""
    instance = held.instance
    at = instance.attributes.at
    account = held.owner or reader.field(instance, "account", lambda _: Node(instance.account, at))
    region = reader.field(instance, "region", lambda _: Node(instance.region, at))
    found: _Settings = {}
    if account is not None:
        found["account"] = account
    if region is not None:
        found["region"] = region
    return found


def _setting(instance: Instance, reader: Reader, layer: Layer) -> tuple[BucketField, Node]:
    """Return the field that a resource holds; None in it where the resource sets nothing."""
    field: BucketField
    if instance.type in POLICIES:
        field = "policy"
        node = reader.field(
            instance, "policy", lambda block: block.document("policy", instance.address)
        )
    elif instance.type == REPLICATION:
        field = "replication"
        node = reader.field(
            instance,
            "replication",
            lambda block: terraform_replication.configuration(block, applied=layer == "live"),
        )
    else:
        field, convert = terraform_buckets.SETTINGS[instance.type]
        node = reader.field(instance, field.replace("_", " "), convert)
    return field, node or Node(None, instance.attributes.at)


def _owner(instance: Instance) -> Node | None:
    """Return the account that a setting's resource names as the bucket's owner."""
    try:
        block = instance.attributes
        owner = block.leaf("expected_bucket_owner")
        if owner is not None:
            return owner
        whole = block.text("id")
        parts = whole.split(",") if isinstance(whole, str) else []
        if len(parts) > 1 and _ACCOUNT.match(parts[1]):
            return Node(parts[1], block.place("id"))
    except Malformed:
        pass
    return None


def _owner_by_acl(acl: Node | None, known: Mapping[Hashable, Text]) -> Node | None:
    if acl is None or isinstance(acl.value, Unknown):
        return None
    owner = acl.get("Owner", "ID")
    account = None if owner is None else known.get(identity_of(owner.value))
    return None if owner is None or not isinstance(account, str) else Node(account, owner.at)


def _of_other_kind(instance: Instance, layer: Layer) -> BucketFacts:
    block = instance.attributes
    at = block.at
    return BucketFacts(
        instance.name("bucket", "name", "id"),
        at,
        {
            "kind": Node(OTHER_KINDS[instance.type], at),
            "account": Node(instance.account, instance.attributes.place("arn")),
            "region": Node(instance.region, instance.attributes.place("arn")),
        },
        declared=True,
        exists=instance.exists,
        layer=layer,
    )


def _existing(instance: Instance, name: Text, reader: Reader, layer: Layer) -> BucketFacts:
    """Return the facts of a data source: there is such a bucket, in this Region."""
    fields: _Settings = {"kind": Node("general", instance.attributes.at)}
    region = reader.field(instance, "region", lambda _: _region(instance))
    if region is not None:
        fields["region"] = region
    at = instance.attributes.place("bucket")
    return BucketFacts(name, at, fields, exists=instance.exists, layer=layer)


def _bucket(
    instance: Instance,
    name: Text,
    held: Sequence[_Held],
    canonical: Mapping[Hashable, Text],
    reader: Reader,
    layer: Layer,
) -> BucketFacts:
    block = instance.attributes
    # A setting that may not be there leaves what holds without it.
    settings = {one.field: one.node for one in held if one.instance.exists is True}
    owner = next((one.owner for one in held if one.owner is not None), None)
    owner = owner or _owner_by_acl(settings.get("acl"), canonical)
    inline = _inline(instance, name, reader, layer)
    stated: _Settings = {"kind": Node("general", block.at)}
    # In a state the resource of its own is the one that was read last; in source both count.
    beside = () if layer == "template" else settings
    stated.update({f: n for f, n in inline.items() if n is not None and f not in beside})
    if layer == "template":
        otherwise = _unless_said(str(name), instance)
    else:
        stale = _is_stale(block, inline, settings)
        otherwise = _unless_stated(str(name), instance, stale=stale)
    account = reader.field(instance, "account", lambda _: _account(instance, owner))
    if account is not None:
        stated["account"] = account
    else:
        otherwise["account"] = Node(instance.provider.account, block.at)
    region = reader.field(instance, "region", lambda _: _region(instance))
    if region is not None:
        stated["region"] = region
    else:
        otherwise["region"] = Node(instance.provider.region, block.at)
    tags = reader.field(
        instance, "tags", lambda b: b.mapping("tags_all") or b.mapping("tags") or Node({}, b.at)
    )
    if tags is not None:
        stated["tags"] = tags
    return BucketFacts(
        name,
        block.place("bucket"),
        stated,
        {f: n for f, n in otherwise.items() if f not in stated and f not in settings},
        declared=True,
        layer=layer,
    )


def _inline(
    instance: Instance, name: Text, reader: Reader, layer: Layer
) -> dict[BucketField, Node | None]:
    """Return what the bucket itself says of its settings; None where it says off."""
    found: dict[BucketField, Node | None] = {}
    for field, convert in terraform_buckets.INLINE.items():
        found[field] = reader.field(instance, field.replace("_", " "), convert)
    found["policy"] = reader.field(
        instance, "policy", lambda block: block.document("policy", instance.address)
    )
    found["replication"] = reader.field(
        instance,
        "replication",
        lambda block: block.one(
            "replication_configuration",
            lambda nested: terraform_replication.legacy_configuration(
                nested, str(name), instance.address, applied=layer == "live"
            ),
        ),
    )
    return found


def _is_stale(
    block: Block, inline: Mapping[BucketField, Node | None], settings: Mapping[BucketField, Node]
) -> bool:
    """Tell whether the bucket may have been read before its settings were made.

    It was read later when it shows one of them, unless it lacks another.
    """
    shown = False
    for field in _SHOWN:
        setting = settings.get(field)
        if setting is None or setting.value is None or isinstance(setting.value, OPEN):
            continue
        if field == "versioning" and setting.value != "Enabled":
            continue
        if inline.get(field) is None:
            return True
        shown = True
    return bool(settings) and not shown


def _unless_stated(name: str, instance: Instance, *, stale: bool) -> _Settings:
    """Return what holds for a bucket that nothing outside the state has touched."""
    block = instance.attributes
    of = instance.address
    found: _Settings = {
        field: Node(None, block.place(attribute) if attribute in block else block.at)
        for field, attribute in _ABSENT.items()
    }
    payer = block.place("request_payer") if "request_payer" in block else block.at
    found["request_payer"] = Node("BucketOwner", payer)
    found["ownership"] = terraform_buckets.ownership_of_unmanaged(name, of, block)
    found["public_access_block"] = terraform_buckets.public_access_of_unmanaged(name, of, block)
    if instance.gap is not None:
        return {field: Node(instance.gap, block.at) for field in found}
    if "versioning" in block:
        found["versioning"] = terraform_buckets.versioning_off(name, of, block)
        if stale:
            found["versioning"] = Node(
                Unknown(
                    "stale",
                    f"the versioning of {of}, read before its other settings were made,",
                    "a refreshed state (terraform apply -refresh-only), "
                    "or aws s3api get-bucket-versioning",
                ),
                block.place("versioning"),
            )
    return found


def _unless_said(name: str, instance: Instance) -> _Settings:
    """Return what holds for a bucket that is made as its source says, and by nothing else."""
    block = instance.attributes
    at = block.at
    found: _Settings = {field: Node(None, at) for field in _ABSENT}
    found["request_payer"] = Node("BucketOwner", at)
    found["acl"] = shape(at, Canned=Node("private", at))
    if instance.gap is not None:
        # What could not be read of the source may say otherwise.
        others: tuple[BucketField, ...] = ("ownership", "public_access_block")
        return {field: Node(instance.gap, at) for field in (*found, *others)}
    if "versioning" in block:
        found["versioning"] = terraform_buckets.versioning_off(name, instance.address, block)
    found["public_access_block"] = terraform_buckets.public_access_of_new(block)
    # S3 takes no ACL other than the private one with the ownership that a new bucket has,
    # so that a bucket with one is older.
    if "grant" in block or not _is_private(block.text("acl")):
        of = instance.address
        found["ownership"] = terraform_buckets.ownership_of_unmanaged(name, of, block)
    else:
        found["ownership"] = Node("BucketOwnerEnforced", at)
    return found


def _is_private(acl: Text | None) -> bool:
    return acl is None or identical(acl, "private")


_ABSENT: Final[dict[BucketField, str]] = {
    "versioning": "versioning",
    "policy": "policy",
    "replication": "replication_configuration",
    "encryption": "server_side_encryption_configuration",
    "object_lock": "object_lock_configuration",
    "lifecycle": "lifecycle_rule",
}


def _account(instance: Instance, owner: Node | None) -> Node | None:
    """Return the bucket's account; None where nothing but a symbol could stand for it."""
    stated = instance.identity.leaf("account_id")
    if stated is not None:
        return stated
    if isinstance(instance.provider.account, str):
        return Node(instance.provider.account, instance.attributes.at)
    return owner


def _region(instance: Instance) -> Node | None:
    """Return the Region that the instance states; None leaves the provider's."""
    block = instance.attributes
    stated = instance.identity.leaf("region") or block.leaf("bucket_region")
    if stated is not None:
        return stated
    # Since version 6 `region` is where the provider asks, not where the bucket is.
    if "bucket_region" not in block:
        stated = block.leaf("region")
        if stated is not None:
            return stated
    domain = block.text("bucket_regional_domain_name")
    found = _REGIONAL_DOMAIN.search(domain) if isinstance(domain, str) else None
    if found:
        return Node(found.group(1), block.place("bucket_regional_domain_name"))
    return block.leaf("region")
