from collections.abc import Iterator

from crrlint.api import (
    OVERRIDE_OWNER,
    REPLICATE_DELETES,
    REPLICATE_OBJECTS,
    Finding,
    Need,
    Route,
    failing_condition,
    keeps_foreign_owners,
    rule,
)


@rule(
    "CRR506",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted; DstDelObjNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html",
)
def destination_policy_condition_fails(route: Route) -> Iterator[Finding]:
    """Destination's policy asks for what replication lacks.

    The policy of the destination would grant the role what it needs, but under a condition
    that no replication request meets.  S3 writes replicas as a session of the role: it
    sends no canned ACL, no `aws:SourceArn` and no `aws:SourceAccount`, and it comes
    through no VPC endpoint and from no address of yours.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {StringEquals: {s3:x-amz-acl: bucket-owner-full-control}}
    ```

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "111111111111"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {ArnLike: {aws:SourceArn: "arn:aws:s3:::acme-source"}}
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "111111111111"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {StringEquals: {aws:PrincipalOrgID: o-a1b2c3d4e5}}
    ```

    ## Fix

    Narrow the statement by its principal, or by `aws:PrincipalArn`, which is the ARN of the
    role with its path.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "111111111111"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {ArnLike: {aws:PrincipalArn: "arn:aws:iam::111111111111:role/rep*"}}
    ```
    """
    if not route.enabled:
        return
    needs: list[Need] = [REPLICATE_OBJECTS]
    if route.rule.replicates_delete_markers:
        needs.append(REPLICATE_DELETES)
    if route.rule.overrides_owner:
        needs.append(OVERRIDE_OWNER)
    said: set[tuple[str, str]] = set()
    for need in needs:
        what = f"policy of bucket {route.destination} does not grant {need.action}"
        for finding in failing_condition(route, need, layer="resource", what=what):
            statement = (finding.at.path, getattr(finding.at, "pointer", ""))
            if statement in said or (need == OVERRIDE_OWNER and not keeps_foreign_owners(route)):
                continue
            said.add(statement)
            yield finding
