from collections.abc import Iterator

from crrlint.api import (
    REPLICATE_OBJECTS,
    Finding,
    Note,
    Route,
    place,
    refusals,
    rejected_as_public,
    rule,
)


@rule(
    "CRR507",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
def destination_policy_blocked_as_public(route: Route) -> Iterator[Finding]:
    """Destination's policy is public, and public ones are blocked.

    A bucket policy is public when one of its statements allows something to everyone without
    a condition on fixed values.  With `RestrictPublicBuckets` S3 then shuts out all
    other accounts, those that other statements of the policy name included.  With
    `BlockPublicPolicy` it rejects the policy when it is written, with `AccessDenied`, and
    then the role is let in by nothing.  New buckets have both settings on, and they may
    be on for a whole account.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: "*"
              Action: s3:GetObject
              Resource: arn:aws:s3:::acme-replica/public/*
    ```

    ```yaml bad
    Replica:
      Properties:
        PublicAccessBlockConfiguration: {BlockPublicPolicy: true, RestrictPublicBuckets: false}
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: "*"
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ```yaml undecided
    Replica:
      Properties:
        PublicAccessBlockConfiguration: {RestrictPublicBuckets: !Ref UnsetReplica}
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: "*"
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ## Fix

    Name accounts, roles or your organization instead of everyone.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: "*"
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {StringEquals: {aws:PrincipalAccount: "111111111111"}}
    ```
    """
    if not route.enabled:
        return
    destination = route.destination
    goes_there = Note(route.rule.at("Destination", "Bucket"), "replication goes there")
    fix = "name accounts, roles or an organization instead of everyone"
    restricted = False
    for refusal in refusals(route, REPLICATE_OBJECTS, layer="public-access-block"):
        restricted = True
        yield Finding(
            refusal.at or destination.at("policy"),
            f"policy of bucket {destination} is public, and RestrictPublicBuckets shuts out role "
            f"{route.role} of account {route.role.account}",
            notes=(goes_there,),
            fix=fix,
        )
    rejected = None if restricted else rejected_as_public(route, REPLICATE_OBJECTS)
    if rejected is not None and destination.account != route.role.account:
        yield Finding(
            place(rejected) or destination.at("policy"),
            f"policy of bucket {destination} is public, and BlockPublicPolicy has S3 reject it",
            notes=(goes_there,),
            fix=fix,
            reason="AccessDenied",
        )
