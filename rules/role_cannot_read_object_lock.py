from collections.abc import Iterator

from crrlint.api import (
    READ_LEGAL_HOLD,
    READ_OBJECTS,
    READ_RETENTION,
    Finding,
    Need,
    Route,
    locks_objects,
    missing_grant,
    proved,
    rule,
)


@rule(
    "CRR407",
    each=Route,
    severity="error",
    failure="SrcGetRetentionNotPermitted; SrcGetLegalHoldNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html",
)
def role_cannot_read_object_lock(route: Route) -> Iterator[Finding]:
    """Role may not read retention and legal holds.

    The source bucket has Object Lock.  S3 replicates the locks with the objects, so
    that the role needs `s3:GetObjectRetention` and `s3:GetObjectLegalHold` on the
    source's objects; without them these objects fail.

    ```yaml bad
    Source:
      Properties:
        ObjectLockEnabled: true
    Replica:
      Properties:
        ObjectLockEnabled: true
    AllowReadLocks: null
    ```

    ```yaml bad
    Source:
      Properties:
        ObjectLockEnabled: true
    Replica:
      Properties:
        ObjectLockEnabled: true
    AllowReadLocks:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObjectRetention, Resource: "arn:aws:s3:::acme-source/*"}
    ```

    ```yaml undecided
    Source:
      Properties:
        ObjectLockEnabled: true
    Replica:
      Properties:
        ObjectLockEnabled: true
    AllowReadLocks:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:GetObject*", Resource: !Ref Unset}
    ```

    ## Fix

    Grant both actions on the source's objects.

    ```yaml good
    Source:
      Properties:
        ObjectLockEnabled: true
    Replica:
      Properties:
        ObjectLockEnabled: true
    AllowReadLocks:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::acme-source/*"}
    ```
    """
    if not route.enabled:
        return

    def ask(need: Need, reason: str) -> Iterator[Finding]:
        return missing_grant(route, need, after=READ_OBJECTS, provided=locks_objects, reason=reason)

    yield from proved(
        lambda: ask(READ_RETENTION, "SrcGetRetentionNotPermitted"),
        lambda: ask(READ_LEGAL_HOLD, "SrcGetLegalHoldNotPermitted"),
    )
