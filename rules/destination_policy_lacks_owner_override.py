from collections.abc import Iterator

from crrlint.api import (
    OVERRIDE_OWNER,
    REPLICATE_OBJECTS,
    Finding,
    Route,
    keeps_foreign_owners,
    missing_resource_grant,
    rule,
)


@rule(
    "CRR505",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html",
)
def destination_policy_lacks_owner_override(route: Route) -> Iterator[Finding]:
    """Destination's policy does not allow the owner override.

    The rule hands replicas to the destination's owner (`AccessControlTranslation`).  Both
    sides have to grant `s3:ObjectOwnerOverrideToBucketOwner`: the role's policy and the
    policy of the destination bucket.  The latter names the role, but lacks the action.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [s3:ReplicateObject, s3:ReplicateDelete]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [s3:ReplicateObject, s3:ReplicateDelete]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: s3:ObjectOwnerOverrideToBucketOwner
              Resource: !Ref UnsetReplica
    ```

    ## Fix

    Add the action to the statement that names the role.

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
    if route.enabled and route.rule.overrides_owner:
        yield from missing_resource_grant(
            route, OVERRIDE_OWNER, after=REPLICATE_OBJECTS, provided=keeps_foreign_owners
        )
