from collections.abc import Iterator

from crrlint.api import REPLICATE_OBJECTS, Finding, Route, missing_resource_grant, rule


@rule(
    "CRR503",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html",
)
def destination_policy_lacks_replicate_object(route: Route) -> Iterator[Finding]:
    """Destination's policy does not let the role write replicas.

    Across accounts both sides have to allow: the role's own policy, and the policy
    of the destination bucket.  This policy names the role, but does not grant it
    `s3:ReplicateObject` on every key that the replication rule selects.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action:
                - s3:PutObject
                - s3:ReplicateDelete
                - s3:ObjectOwnerOverrideToBucketOwner
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [s3:ReplicateDelete, s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: s3:ReplicateObject
              Resource: !Ref UnsetReplica
    ```

    ## Fix

    Add `s3:ReplicateObject` on the bucket's objects to the statement that names the role.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "111111111111"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```
    """
    if route.enabled:
        yield from missing_resource_grant(route, REPLICATE_OBJECTS)
