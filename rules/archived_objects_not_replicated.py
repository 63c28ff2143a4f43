from collections.abc import Iterator
from functools import partial

from crrlint.api import (
    ARCHIVE_CLASSES,
    Finding,
    Node,
    ObjectFacts,
    Route,
    Text,
    Undecided,
    comes_first,
    is_bucket,
    leaving,
    lifecycle_rules,
    proved,
    rule,
    selects,
    share,
)


@rule(
    "CRR904",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html",
)
def archived_objects_not_replicated(route: Route) -> Iterator[Finding]:
    """Archived objects are not replicated.

    S3 cannot read an object in `GLACIER`, `DEEP_ARCHIVE` or an archive tier of
    Intelligent-Tiering without restoring it, and replication restores nothing: what is
    uploaded straight to one of them never gets a replica, live or by Batch
    Replication.  `GLACIER_IR` is no archive in this sense, nor does it matter in which
    class the destination keeps replicas.

    Lifecycle waits for the replication of a new object before it archives it.  A
    transition after 0 days is a note therefore: it leaves no time in which what was
    there before, or is wanted in one more bucket, can be replicated.

    ```yaml bad
    also:
      accounts/111111111111/s3/acme-source/objects/2019.tar.head.json: |
        {"ContentLength": 1048576, "ETag": "\\"6805f2cfc46c0f04559748bb039d69ae\\"",
         "StorageClass": "DEEP_ARCHIVE", "Metadata": {}}
    ```

    ```yaml bad
    Source:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              Transitions: [{StorageClass: GLACIER, TransitionInDays: 0}]
    ```

    ```yaml undecided
    Source:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              Transitions: [{StorageClass: !Ref Unset, TransitionInDays: 0}]
    ```

    ## Fix

    Upload to a class that S3 can read, and let lifecycle archive the objects later.
    Restore what is archived already and copy it onto itself in another class; the copy
    is a new object, which is replicated.

    ```yaml good
    Source:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              Transitions: [{StorageClass: GLACIER, TransitionInDays: 30}]
    ```
    """
    if route.enabled:
        yield from proved(lambda: _objects(route), lambda: _transitions(route))


def _objects(route: Route) -> Iterator[Finding]:
    """Yield a finding for each known object that is archived and has no replica."""
    yield from proved(*(partial(_object, route, fact) for fact in route.source.objects))


def _object(route: Route, fact: ObjectFacts) -> Iterator[Finding]:
    head = fact.head
    if head is None or not _is_archived(head) or not selects(route, fact):
        return
    if _is_replicated(fact, head):
        return
    storage = head.leaf("StorageClass")
    yield Finding(
        head.place("StorageClass"),
        f"object {fact.key} of bucket {route.source} is in {storage} and is not replicated",
        fix="restore the object, and copy it onto itself in another storage class",
    )


def _is_archived(head: Node) -> bool:
    storage = head.leaf("StorageClass")
    if storage == "INTELLIGENT_TIERING":
        return head.get("ArchiveStatus") is not None
    return any(storage == name for name in ARCHIVE_CLASSES)


def _is_replicated(fact: ObjectFacts, head: Node) -> bool:
    """Tell whether S3 says that the object has its replica, or is one itself."""
    status = head.leaf("ReplicationStatus")
    if status is None and head.get("ContentLength") is None:
        # What tells the attributes of an object tells nothing of its replication.
        what = f"whether object {fact.key} of bucket {fact.bucket} has been replicated"
        raise Undecided("not_collected", what, "aws s3api head-object")
    return any(status == done for done in ("COMPLETED", "COMPLETE", "REPLICA"))


def _transitions(route: Route) -> Iterator[Finding]:
    """Yield a finding for each lifecycle rule that archives objects on their first day."""
    try:
        for lifecycle_rule in lifecycle_rules(route.source, route.rule.prefix):
            transition, prefix = lifecycle_rule.archiving_at_once, lifecycle_rule.prefix
            if transition is None or not _is_first(route, prefix):
                continue
            yield Finding(
                transition.at,
                f"bucket {route.source} archives objects{f' {prefix}*' if prefix else ''} "
                f"in {transition.leaf('StorageClass')} after 0 days, and what is archived "
                "cannot be replicated any more",
                fix="TransitionInDays: 30",
                severity="note",
            )
    except Undecided as gap:
        gap.stake = gap.stake or "note"
        raise


def _is_first(route: Route, prefix: Text) -> bool:
    """Tell whether no earlier rule of the source selects such keys."""
    return comes_first(
        route,
        leaving(route, prefix),
        lambda other: is_bucket(other.source, route.source) and share(other.rule.prefix, prefix),
    )
