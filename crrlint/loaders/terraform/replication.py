"""Replication as Terraform writes it, to the request that its AWS provider sends to S3.

The stand-alone resource and the block inside `aws_s3_bucket` differ in what they send
for what is left out, and in what they keep of S3's answer:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_replication_configuration
"""

from __future__ import annotations

from collections.abc import Callable

from crrlint.documents.source import Node
from crrlint.loaders.terraform.attributes import Block, shape, through
from crrlint.values import Choice, OneOf


def configuration(attributes: Block, *, applied: bool) -> Node:
    """Convert `aws_s3_bucket_replication_configuration`.

    `applied` when the attributes are what S3 answered (a state), and not what will be sent.
    """
    return shape(
        attributes.at,
        Role=attributes.leaf("role"),
        Rules=attributes.every("rule", lambda rule: _rule(rule, applied))
        or Node([], attributes.place("rule")),
    )


_Members = dict[str, Node | None]


def _rule(rule: Block, applied: bool) -> Node:
    return shape(
        rule.at,
        ID=rule.leaf("id"),
        Status=rule.leaf("status"),
        **_by_filter(rule, lambda settled: _selection(settled, applied)),
        SourceSelectionCriteria=rule.one("source_selection_criteria", _criteria),
        ExistingObjectReplication=rule.one("existing_object_replication", _status),
        DeleteMarkerReplication=rule.one("delete_marker_replication", _status),
        Destination=rule.one("destination", _destination),
    )


def _selection(rule: Block, applied: bool) -> _Members:
    priority = rule.number("priority")
    second = rule.has("filter")
    if applied and not second:
        # Some releases lose an empty filter when they read it back, but never the
        # elements that S3 accepts only with one.  Without DeleteMarkerReplication
        # S3 refuses every rule that has a filter, so this rule then had none.
        second = rule.has("delete_marker_replication") or bool(priority)
    if second:
        return {
            "Priority": Node(0 if priority is None else priority, rule.place("priority")),
            "Filter": rule.one("filter", _filter) or Node({}, rule.place("filter")),
        }
    # The provider sends a priority only together with a filter.
    prefix = rule.text("prefix")
    return {"Prefix": Node("" if prefix is None else prefix, rule.place("prefix"))}


def _by_filter(rule: Block, select: Callable[[Block], _Members]) -> _Members:
    """Return the members that hang on the filter, for each answer to whether it is there."""
    alternatives = rule.alternatives("filter")
    if alternatives is None:
        return select(rule)
    choice, blocks = alternatives
    options = [_by_filter(block, select) for block in blocks]
    absent = Node(None, rule.at)
    return {
        name: Node(
            OneOf(choice, tuple(members.get(name) or absent for members in options)), rule.at
        )
        for name in dict.fromkeys(name for members in options for name in members)
    }


def _status(block: Block) -> Node:
    return shape(block.at, Status=block.leaf("status"))


def _filter(block: Block) -> Node:
    for name in ("and", "tag"):
        alternatives = block.alternatives(name)
        if alternatives is not None:
            choice, blocks = alternatives
            return Node(OneOf(choice, tuple(map(_filter, blocks))), block.at)
    if block.has("and"):
        return shape(block.at, And=block.one("and", _and))
    if block.has("tag"):
        return shape(block.at, Tag=block.one("tag", _tag))
    return shape(block.at, Prefix=block.leaf("prefix"))


def _and(block: Block) -> Node:
    return shape(block.at, Prefix=block.leaf("prefix"), Tags=block.tags("tags"))


def _tag(block: Block) -> Node:
    value = block.text("value")
    return shape(
        block.at,
        Key=block.leaf("key"),
        Value=Node("" if value is None else value, block.place("value")),
    )


def _criteria(block: Block) -> Node | None:
    selected = shape(
        block.at,
        SseKmsEncryptedObjects=block.one("sse_kms_encrypted_objects", _status),
        ReplicaModifications=block.one("replica_modifications", _status),
    )
    # The provider takes an empty block for none.
    return selected if selected.value else None


def _destination(block: Block) -> Node:
    return shape(
        block.at,
        Bucket=block.leaf("bucket"),
        Account=block.leaf("account"),
        StorageClass=block.leaf("storage_class"),
        AccessControlTranslation=block.one("access_control_translation", _owner),
        EncryptionConfiguration=block.one(
            "encryption_configuration",
            lambda b: shape(b.at, ReplicaKmsKeyID=b.leaf("replica_kms_key_id")),
        ),
        ReplicationTime=block.one(
            "replication_time",
            lambda b: shape(b.at, Status=b.leaf("status"), Time=b.one("time", _minutes)),
        ),
        Metrics=block.one(
            "metrics",
            lambda b: shape(
                b.at, Status=b.leaf("status"), EventThreshold=b.one("event_threshold", _minutes)
            ),
        ),
    )


def _owner(block: Block) -> Node:
    return shape(block.at, Owner=block.leaf("owner"))


def _minutes(block: Block) -> Node:
    return shape(block.at, Minutes=block.count("minutes"))


def legacy_configuration(block: Block, bucket: str, of: str, *, applied: bool) -> Node:
    """Convert the `replication_configuration` block of `aws_s3_bucket`.

    `bucket` is the bucket's name, `of` the address of its resource.
    """
    empty = "absent"
    if applied:
        rules = block.blocks("rules")
        # S3 takes either rules with filters or rules without: one tells of all.
        if any(_certainly_second(rule) for rule in rules):
            empty = "there"
        elif not any(rule.text("prefix") is not None for rule in rules):
            empty = "open"
    choice = Choice(
        f"bucket {bucket} filter",
        ("absent", "empty"),
        f"the filter in the replication rules of {of}",
        "aws s3api get-bucket-replication, or aws_s3_bucket_replication_configuration",
    )
    return shape(
        block.at,
        Role=block.leaf("role"),
        Rules=block.every("rules", lambda rule: _legacy_rule(rule, empty, choice, applied))
        or Node([], block.place("rules")),
    )


def _certainly_second(rule: Block) -> bool:
    nested = rule.block("filter")
    destination = rule.block("destination")
    return (
        (nested is not None and _selects(nested))
        or bool(rule.number("priority"))
        or rule.text("delete_marker_replication_status") is not None
        or (destination is not None and destination.has("replication_time"))
    )


def _selects(nested: Block) -> bool:
    prefix = nested.text("prefix")
    return prefix is not None or nested.mapping("tags") is not None


def _legacy_rule(rule: Block, empty: str, choice: Choice, applied: bool) -> Node:
    """`empty` tells what a filter is that selects nothing: `absent`, `there` or `open`."""
    return shape(
        rule.at,
        ID=rule.leaf("id"),
        Status=rule.leaf("status"),
        **_by_filter(rule, lambda settled: _legacy_selection(settled, empty, choice)),
        SourceSelectionCriteria=rule.one("source_selection_criteria", _legacy_criteria),
        Destination=rule.one("destination", lambda block: _legacy_destination(block, applied)),
    )


def _legacy_selection(rule: Block, empty: str, choice: Choice) -> _Members:
    nested = rule.block("filter")
    prefix = rule.text("prefix")
    first: _Members = {
        "Prefix": Node("" if prefix is None else prefix, rule.place("prefix")),
    }
    priority = rule.number("priority")
    deletes = rule.text("delete_marker_replication_status")
    status_at = rule.place("delete_marker_replication_status")
    second: _Members = {
        "Priority": Node(0 if priority is None else priority, rule.place("priority")),
        "Filter": Node({}, rule.place("filter")) if nested is None else _legacy_filter(nested),
        "DeleteMarkerReplication": shape(
            status_at, Status=Node("Disabled" if deletes is None else deletes, status_at)
        ),
    }
    if (nested is not None and _selects(nested)) or empty == "there":
        return second
    if empty == "absent":
        return first
    return {
        **{name: _only(choice, 0, node) for name, node in first.items()},
        **{name: _only(choice, 1, node) for name, node in second.items()},
    }


def _only(choice: Choice, answer: int, node: Node | None) -> Node | None:
    """Return a member that is there for one of two answers."""
    if node is None:
        return None
    options = [Node(None, node.at), Node(None, node.at)]
    options[answer] = node
    return Node(OneOf(choice, tuple(options)), node.at)


def _legacy_filter(block: Block) -> Node:
    tags = block.tags("tags")
    if tags is None:
        return shape(block.at, Prefix=block.leaf("prefix"))
    prefix = block.text("prefix")
    both = shape(
        block.at, Prefix=Node("" if prefix is None else prefix, block.place("prefix")), Tags=tags
    )
    return shape(block.at, And=both)


def _legacy_criteria(block: Block) -> Node | None:
    objects = block.one("sse_kms_encrypted_objects", _enabled)
    return None if objects is None else shape(block.at, SseKmsEncryptedObjects=objects)


def _enabled(block: Block) -> Node:
    enabled = Node(block.flag("enabled"), block.place("enabled"))
    return shape(block.at, Status=through(enabled, _status_of))


def _status_of(enabled: Node) -> Node:
    return Node("Enabled" if enabled.value else "Disabled", enabled.at)


def _legacy_destination(block: Block, applied: bool) -> Node:
    key = block.leaf("replica_kms_key_id")
    return shape(
        block.at,
        Bucket=block.leaf("bucket"),
        Account=block.leaf("account_id"),
        StorageClass=block.leaf("storage_class"),
        AccessControlTranslation=block.one("access_control_translation", _owner),
        EncryptionConfiguration=None if key is None else shape(key.at, ReplicaKmsKeyID=key),
        ReplicationTime=block.one(
            "replication_time", lambda b: _legacy_timed(b, "Time", applied=applied)
        ),
        Metrics=block.one("metrics", lambda b: _legacy_timed(b, "EventThreshold", applied=applied)),
    )


def _legacy_timed(block: Block, member: str, *, applied: bool) -> Node:
    """Convert a block with a status and minutes; the provider sends both, whatever is left out."""
    status, minutes = block.leaf("status"), block.count("minutes")
    if not applied:
        status = status or Node("Enabled", block.place("status"))
        minutes = minutes or Node(15, block.place("minutes"))
    time = None if minutes is None else shape(minutes.at, Minutes=minutes)
    return shape(block.at, Status=status, **{member: time})
