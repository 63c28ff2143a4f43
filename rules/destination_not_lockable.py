from collections.abc import Iterator

from crrlint.api import Bucket, Finding, Note, Route, rule


@rule(
    "CRR801",
    each=Route,
    severity="error",
    failure="DstBucketObjectLockConfigMissing",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html",
)
def destination_not_lockable(route: Route) -> Iterator[Finding]:
    """Object Lock is on at the source only.

    A locked object has to stay locked in the destination, so Object Lock has to be
    on there as well.  S3 takes the configuration, and then objects fail to replicate.

    ```yaml bad
    Source:
      Properties:
        ObjectLockEnabled: true
    ```

    ```yaml undecided
    Source:
      Properties:
        ObjectLockEnabled: true
    Replica:
      Properties:
        ObjectLockEnabled: !If [PerhapsReplica, true, false]
    ```

    ## Fix

    Turn Object Lock on for the destination; it needs no default retention.

    ```yaml good
    Source:
      Properties:
        ObjectLockEnabled: true
    Replica:
      Properties:
        ObjectLockEnabled: true
    ```
    """
    if not route.enabled or not _lockable(route.source):
        return
    destination = route.destination
    if not _lockable(destination):
        yield Finding(
            destination.at("object_lock"),
            f"object lock is on in source bucket {route.source} "
            f"and not in destination bucket {destination}",
            notes=(Note(route.source.at("object_lock"), "object lock of the source"),),
            fix="ObjectLockEnabled: true",
        )


def _lockable(bucket: Bucket) -> bool:
    return bool(bucket.node("object_lock").leaf("ObjectLockEnabled") == "Enabled")
