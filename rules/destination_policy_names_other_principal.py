from collections.abc import Iterator

from crrlint.api import (
    REPLICATE_OBJECTS,
    Finding,
    Note,
    Route,
    grant_to_role,
    misplaced_grant,
    names_role,
    nearest_notes,
    refusals,
    rule,
)


@rule(
    "CRR502",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html",
)
def destination_policy_names_other_principal(route: Route) -> Iterator[Finding]:
    """Destination's policy does not name the role.

    No statement of the bucket policy allows anything to the replication role.  The
    principal has to be the role's ARN with its path, as the configuration has it
    (`role/service-role/…` when the console made it), the role's account, or its session.
    The service `s3.amazonaws.com` does not stand for it: replicas are written by the role.
    A principal that begins with `AROA` belongs to a role that was deleted.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/service-role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: !Ref UnsetReplica}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ## Fix

    Copy the ARN from the configuration's `Role`.

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
    if not route.enabled:
        return
    destination = route.destination
    for refusal in refusals(
        route, REPLICATE_OBJECTS, layer="resource", kind="grant", conditions=False
    ):
        if destination.value("policy") is None or names_role(route, REPLICATE_OBJECTS):
            return
        if misplaced_grant(route, REPLICATE_OBJECTS, "resource"):
            return
        near = nearest_notes(refusal)
        yield Finding(
            near[0].at if near else destination.at("policy"),
            f"policy of bucket {destination} allows nothing to role {route.role.arn}",
            notes=(
                *near,
                Note(route.configuration.at("Role"), "the role that replicates"),
            ),
            fix=f"add to the bucket's policy: {grant_to_role(route, REPLICATE_OBJECTS)}",
        )
