from collections.abc import Iterator

from crrlint.api import (
    REPLICATE_DELETES,
    REPLICATE_OBJECTS,
    Finding,
    Route,
    Severity,
    missing_resource_grant,
    rule,
)


@rule(
    "CRR504",
    each=Route,
    severity="error",
    failure="DstDelObjNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html",
)
def destination_policy_lacks_replicate_delete(route: Route) -> Iterator[Finding]:
    """Destination's policy does not allow delete markers.

    Across accounts the destination's policy has to grant `s3:ReplicateDelete` as well as
    the role's own.  The policy names the role, but not this action on every key that
    the rule selects.  Where markers do not replicate anyway this is only a note.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [s3:ReplicateObject, s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [s3:ReplicateObject, s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: s3:ReplicateDelete
              Resource: !Ref UnsetReplica
    ```

    ## Fix

    Add `s3:ReplicateDelete` to the statement that names the role.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```
    """
    if route.enabled:
        severity: Severity = "error" if route.rule.replicates_delete_markers else "note"
        yield from missing_resource_grant(
            route, REPLICATE_DELETES, severity=severity, after=REPLICATE_OBJECTS
        )
