from collections.abc import Iterator

from crrlint.api import Finding, Node, Note, Route, customer_key_objects, rule


@rule(
    "CRR717",
    each=Route,
    severity="note",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html",
)
def ssec_blocked_at_destination(route: Route) -> Iterator[Finding]:
    """Destination blocks objects with customers' keys.

    The destination's default encryption blocks SSE-C, which is encryption with a key that the
    writer brings along.  S3 replicates such objects without any further permission, and to this
    bucket they fail with 403.  New buckets block SSE-C by default since April 2026.  Who never
    uses it can leave it so: where the input shows such an object at the source, this is a
    warning.

    ```yaml bad
    Replica:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - BlockedEncryptionTypes: {EncryptionType: [SSE-C]}
    ```

    ```yaml undecided
    Replica:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - BlockedEncryptionTypes: {EncryptionType: [!Ref UnsetReplica]}
    ```

    ## Fix

    Where objects are encrypted so, let the destination take them.

    ```yaml good
    Replica:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - BlockedEncryptionTypes: {EncryptionType: [NONE]}
    ```
    """
    if not route.enabled:
        return
    blocked = _blocked(route)
    if blocked is None:
        return
    example = next(customer_key_objects(route), None)
    what = "" if example is None else f", as object {example.key} of {route.source} is encrypted"
    yield Finding(
        blocked.at,
        f"destination bucket {route.destination} blocks SSE-C{what}",
        notes=() if example is None else (Note(example.at, "an object with a customer's key"),),
        fix="BlockedEncryptionTypes: {EncryptionType: [NONE]}",
        severity=None if example is None else "warning",
    )


def _blocked(route: Route) -> Node | None:
    """Return the place where the destination blocks SSE-C."""
    rules = route.destination.node("encryption").get("Rules")
    for encryption in rules.items() if rules is not None else ():
        types = encryption.get("BlockedEncryptionTypes", "EncryptionType")
        for kind in types.items() if types is not None else ():
            if kind.value == "SSE-C":
                return kind
    return None
