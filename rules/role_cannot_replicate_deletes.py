from collections.abc import Iterator

from crrlint.api import (
    REPLICATE_DELETES,
    REPLICATE_OBJECTS,
    Finding,
    Route,
    Severity,
    missing_grant,
    rule,
)


@rule(
    "CRR409",
    each=Route,
    severity="error",
    failure="DstDelObjNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_cannot_replicate_deletes(route: Route) -> Iterator[Finding]:
    """Role may not replicate delete markers.

    Delete markers are replicated with `s3:ReplicateDelete` on the destination's objects.
    The rule asks for them: `DeleteMarkerReplication` is enabled, or the rule is of the
    first version (without `Filter`), which always replicates those that users make.
    Where markers stay behind anyway this is only a note.

    ```yaml bad
    AllowReplicateDeletes: null
    ```

    ```yaml bad
    AllowReplicateDeletes:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:DeleteObject, Resource: "arn:aws:s3:::acme-replica/*"}
    ```

    ```yaml undecided
    AllowReplicateDeletes:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ReplicateDelete, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on the destination's objects.

    ```yaml good
    AllowReplicateDeletes:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:Replicate*", Resource: "arn:aws:s3:::acme-replica/*"}
    ```
    """
    if route.enabled:
        severity: Severity = "error" if route.rule.replicates_delete_markers else "note"
        yield from missing_grant(
            route, REPLICATE_DELETES, severity=severity, after=REPLICATE_OBJECTS
        )
