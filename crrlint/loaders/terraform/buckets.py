"""Settings of buckets as Terraform writes them, in the shapes of the S3 API.

Each has a resource of its own, and most a block inside `aws_s3_bucket` as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crrlint.documents.source import Node
from crrlint.loaders.terraform.attributes import Block, shape, through
from crrlint.model import BucketField
from crrlint.values import Choice, OneOf, identical

Converter = Callable[[Block], Node | None]
"""From a resource's attributes to a field of a bucket; None where nothing is set."""


def _versioning(block: Block) -> Node | None:
    status = block.one("versioning_configuration", lambda nested: nested.leaf("status"))
    return None if status is None else through(status, _kept_versions)


def _kept_versions(status: Node) -> Node:
    # Terraform's word for a bucket whose versioning was never configured.
    return Node(None, status.at) if identical(status.value, "Disabled") else status


def _ownership(block: Block) -> Node | None:
    return block.one("rule", lambda rule: rule.leaf("object_ownership"))


def _encryption(block: Block) -> Node | None:
    rules = block.every("rule", _encryption_rule)
    return None if rules is None else shape(block.at, Rules=rules)


def _encryption_rule(rule: Block) -> Node:
    blocked = rule.texts("blocked_encryption_types")
    blocked_at = rule.place("blocked_encryption_types")
    return shape(
        rule.at,
        ApplyServerSideEncryptionByDefault=rule.one(
            "apply_server_side_encryption_by_default",
            lambda b: shape(
                b.at,
                SSEAlgorithm=b.leaf("sse_algorithm"),
                KMSMasterKeyID=b.leaf("kms_master_key_id"),
            ),
        ),
        BucketKeyEnabled=rule.claim("bucket_key_enabled"),
        BlockedEncryptionTypes=shape(blocked_at, EncryptionType=Node(blocked, blocked_at))
        if blocked
        else None,
    )


def _object_lock(block: Block) -> Node | None:
    enabled = block.leaf("object_lock_enabled")
    return shape(
        block.at,
        ObjectLockEnabled=enabled or Node("Enabled", block.place("object_lock_enabled")),
        Rule=block.one("rule", _lock_rule),
    )


def _lock_rule(rule: Block) -> Node:
    return shape(
        rule.at,
        DefaultRetention=rule.one(
            "default_retention",
            lambda b: shape(
                b.at, Mode=b.leaf("mode"), Days=b.count("days"), Years=b.count("years")
            ),
        ),
    )


def _acl(block: Block) -> Node | None:
    # The provider reads the grants back even where a canned word was given.
    granted = block.one("access_control_policy", _access_control_policy)
    if granted is not None:
        return granted
    canned = block.leaf("acl")
    if canned is None:
        whole = block.text("id")
        parts = whole.split(",") if isinstance(whole, str) else []
        if len(parts) > 1 and not parts[-1].isdecimal():
            canned = Node(parts[-1], block.place("id"))
    return None if canned is None else shape(block.at, Canned=canned)


def _access_control_policy(block: Block) -> Node | None:
    grants = block.every("grant", _grant)
    if grants is None:
        return None
    owner = block.one("owner", lambda b: shape(b.at, ID=b.leaf("id")))
    return shape(block.at, Owner=owner, Grants=grants)


def _grant(grant: Block) -> Node:
    return shape(
        grant.at,
        Grantee=grant.one(
            "grantee",
            lambda b: shape(
                b.at,
                Type=b.leaf("type"),
                ID=b.leaf("id"),
                URI=b.leaf("uri"),
                EmailAddress=b.leaf("email_address"),
            ),
        ),
        Permission=grant.leaf("permission"),
    )


_BLOCKED: Final = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


def public_access_block(block: Block) -> Node:
    return shape(
        block.at,
        **{
            name: block.claim(attribute) or Node(False, block.place(attribute))
            for name, attribute in _BLOCKED.items()
        },
    )


def _request_payer(block: Block) -> Node | None:
    return block.leaf("payer")


def _lifecycle(block: Block) -> Node | None:
    rules = block.every("rule", _lifecycle_rule)
    return None if rules is None else shape(block.at, Rules=rules)


def _lifecycle_rule(rule: Block) -> Node:
    return shape(
        rule.at,
        ID=rule.leaf("id"),
        Status=rule.leaf("status"),
        Prefix=rule.leaf("prefix"),
        Filter=rule.one("filter", _lifecycle_filter),
        Expiration=rule.one("expiration", _expiration),
        Transitions=rule.every("transition", _transition),
        NoncurrentVersionExpiration=rule.one("noncurrent_version_expiration", _noncurrent),
        NoncurrentVersionTransitions=rule.every("noncurrent_version_transition", _noncurrent),
        AbortIncompleteMultipartUpload=rule.one(
            "abort_incomplete_multipart_upload",
            lambda b: shape(b.at, DaysAfterInitiation=b.count("days_after_initiation")),
        ),
    )


def _lifecycle_filter(block: Block) -> Node:
    return shape(
        block.at,
        Prefix=block.leaf("prefix"),
        ObjectSizeGreaterThan=block.count("object_size_greater_than"),
        ObjectSizeLessThan=block.count("object_size_less_than"),
        Tag=block.one("tag", lambda b: shape(b.at, Key=b.leaf("key"), Value=b.leaf("value"))),
        And=block.one("and", _lifecycle_and),
    )


def _lifecycle_and(block: Block) -> Node:
    return shape(
        block.at,
        Prefix=block.leaf("prefix"),
        ObjectSizeGreaterThan=block.count("object_size_greater_than"),
        ObjectSizeLessThan=block.count("object_size_less_than"),
        Tags=block.tags("tags"),
    )


def _expiration(block: Block) -> Node:
    return shape(
        block.at,
        Date=block.leaf("date"),
        Days=block.count("days"),
        ExpiredObjectDeleteMarker=block.claim("expired_object_delete_marker"),
    )


def _transition(block: Block) -> Node:
    return shape(
        block.at,
        Date=block.leaf("date"),
        Days=block.count("days"),
        StorageClass=block.leaf("storage_class"),
    )


def _noncurrent(block: Block) -> Node:
    days = "noncurrent_days" if "noncurrent_days" in block else "days"
    return shape(
        block.at,
        NoncurrentDays=block.count(days),
        NewerNoncurrentVersions=block.count("newer_noncurrent_versions"),
        StorageClass=block.leaf("storage_class"),
    )


SETTINGS: Final[dict[str, tuple[BucketField, Converter]]] = {
    "aws_s3_bucket_versioning": ("versioning", _versioning),
    "aws_s3_bucket_ownership_controls": ("ownership", _ownership),
    "aws_s3_bucket_server_side_encryption_configuration": ("encryption", _encryption),
    "aws_s3_bucket_object_lock_configuration": ("object_lock", _object_lock),
    "aws_s3_bucket_acl": ("acl", _acl),
    "aws_s3_bucket_public_access_block": ("public_access_block", public_access_block),
    "aws_s3_bucket_request_payment_configuration": ("request_payer", _request_payer),
    "aws_s3_bucket_lifecycle_configuration": ("lifecycle", _lifecycle),
}
"""Resources that hold one setting each; policy and replication need to know whose they are."""


def _inline_versioning(block: Block) -> Node | None:
    enabled = block.one("versioning", lambda nested: nested.claim("enabled"))
    if enabled is None or enabled.value is False:
        return None
    return through(enabled, lambda e: Node("Enabled" if e.value is True else None, e.at))


def _inline_encryption(block: Block) -> Node | None:
    return block.one("server_side_encryption_configuration", _encryption)


def _inline_object_lock(block: Block) -> Node | None:
    configuration = block.one(
        "object_lock_configuration",
        lambda nested: None if nested.text("object_lock_enabled") is None else _object_lock(nested),
    )
    if configuration is not None:
        return configuration
    enabled = block.claim("object_lock_enabled")
    if enabled is None or enabled.value is False:
        return None
    return through(enabled, _lockable)


def _lockable(enabled: Node) -> Node:
    if enabled.value is not True:
        return Node(None, enabled.at)
    return shape(enabled.at, ObjectLockEnabled=Node("Enabled", enabled.at))


def _inline_acl(block: Block) -> Node | None:
    grants = block.every("grant", _inline_grants)
    if grants is not None:
        if not isinstance(grants.value, list):
            return shape(grants.at, Grants=grants)
        flat = [g for several in grants.value for g in _listed(several)]
        return shape(grants.at, Grants=Node(flat, grants.at))
    canned = block.leaf("acl")
    return None if canned is None else shape(block.at, Canned=canned)


def _listed(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else [node]


def _inline_grants(grant: Block) -> Node:
    """Return one grant for each of the permissions that the block lists."""
    grantee = shape(grant.at, Type=grant.leaf("type"), ID=grant.leaf("id"), URI=grant.leaf("uri"))
    return Node(
        [
            shape(permission.at, Grantee=grantee, Permission=permission)
            for permission in grant.texts("permissions")
        ],
        grant.at,
    )


def _inline_request_payer(block: Block) -> Node | None:
    payer = block.leaf("request_payer")
    return None if payer is None or identical(payer.value, "BucketOwner") else payer


def _inline_lifecycle(block: Block) -> Node | None:
    rules = block.every("lifecycle_rule", _inline_lifecycle_rule)
    return None if rules is None else shape(rules.at, Rules=rules)


def _inline_lifecycle_rule(rule: Block) -> Node:
    enabled = rule.claim("enabled")
    prefix = rule.leaf("prefix")
    tags = rule.tags("tags")
    only = shape(rule.at, Prefix=prefix) if tags is None else None
    abort = rule.count("abort_incomplete_multipart_upload_days")
    return shape(
        rule.at,
        ID=rule.leaf("id"),
        Status=None
        if enabled is None
        else through(enabled, lambda e: Node("Enabled" if e.value is True else "Disabled", e.at)),
        Filter=only or shape(rule.at, And=shape(rule.at, Prefix=prefix, Tags=tags)),
        Expiration=rule.one("expiration", _expiration),
        Transitions=rule.every("transition", _transition),
        NoncurrentVersionExpiration=rule.one("noncurrent_version_expiration", _noncurrent),
        NoncurrentVersionTransitions=rule.every("noncurrent_version_transition", _noncurrent),
        AbortIncompleteMultipartUpload=None
        if abort is None
        else shape(abort.at, DaysAfterInitiation=abort),
    )


INLINE: Final[dict[BucketField, Converter]] = {
    "versioning": _inline_versioning,
    "encryption": _inline_encryption,
    "object_lock": _inline_object_lock,
    "acl": _inline_acl,
    "request_payer": _inline_request_payer,
    "lifecycle": _inline_lifecycle,
}
"""What `aws_s3_bucket` itself says, where it says that something is set."""


def ownership_of_unmanaged(bucket: str, of: str, block: Block) -> Node:
    """Return what a bucket without ownership controls can be: AWS changed it in April 2023.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    choice = Choice(
        f"bucket {bucket} ownership",
        ("BucketOwnerEnforced", "ObjectWriter"),
        f"the object ownership of {of}",
        "aws s3api get-bucket-ownership-controls, or aws_s3_bucket_ownership_controls",
    )
    return Node(OneOf(choice, tuple(Node(a, block.at) for a in choice.answers)), block.at)


def public_access_of_unmanaged(bucket: str, of: str, block: Block) -> Node:
    """Return what a bucket without a public access block can have: AWS changed it in April 2023.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    choice = Choice(
        f"bucket {bucket} public access block",
        ("on", "absent"),
        f"the public access block of {of}",
        "aws s3api get-public-access-block, or aws_s3_bucket_public_access_block",
    )
    on = shape(block.at, **{member: Node(True, block.at) for member in _BLOCKED})
    return Node(OneOf(choice, (on, Node(None, block.at))), block.at)


def public_access_of_new(block: Block) -> Node:
    """Return the public access block that S3 gives a bucket made since April 2023."""
    return shape(block.at, **{member: Node(True, block.at) for member in _BLOCKED})


def versioning_off(bucket: str, of: str, block: Block) -> Node:
    """Return what `enabled = false` in `aws_s3_bucket` means: never enabled, or suspended."""
    choice = Choice(
        f"bucket {bucket} versioning",
        ("never enabled", "Suspended"),
        f"the versioning of {of}",
        "aws s3api get-bucket-versioning",
    )
    at = block.place("versioning")
    return Node(OneOf(choice, (Node(None, at), Node("Suspended", at))), at)
