from collections.abc import Iterator

from crrlint.api import (
    REPLICATE_OBJECTS,
    RETENTION,
    Finding,
    Note,
    Route,
    limited,
    locks_objects,
    rule,
)

_HUNDRED_YEARS = "36500"
_LAST_DAY = "1"


@rule(
    "CRR802",
    each=Route,
    severity="warning",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html",
)
def retention_limit_hits_replicas(route: Route) -> Iterator[Finding]:
    """Limit on retention at the destination hits replicas.

    A replica keeps the retention of its object.  The destination's policy denies
    writes of objects that are locked for longer, or for shorter, than it wants, and its
    statement names `s3:ReplicateObject`: then the limit holds for replicas as well, and
    objects of the source beyond it are not replicated.  Without that action the limit is
    one for those who write into the destination themselves.

    ```yaml bad
    Source:
      Properties: {ObjectLockEnabled: true}
    Replica:
      Properties: {ObjectLockEnabled: true}
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Deny
              Principal: "*"
              Action: [s3:PutObjectRetention, s3:ReplicateObject]
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {NumericGreaterThan: {"s3:object-lock-remaining-retention-days": 30}}
    ```

    ```yaml undecided
    Source:
      Properties: {ObjectLockEnabled: true}
    Replica:
      Properties: {ObjectLockEnabled: true}
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Deny
              Principal: "*"
              Action: [s3:PutObjectRetention, !Ref UnsetReplica]
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {NumericGreaterThan: {"s3:object-lock-remaining-retention-days": 30}}
    ```

    ## Fix

    Leave `s3:ReplicateObject` out of the statement, or set the limit to what the source's
    objects have.

    ```yaml good
    Source:
      Properties: {ObjectLockEnabled: true}
    Replica:
      Properties: {ObjectLockEnabled: true}
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Deny
              Principal: "*"
              Action: s3:PutObjectRetention
              Resource: arn:aws:s3:::acme-replica/*
              Condition: {NumericGreaterThan: {"s3:object-lock-remaining-retention-days": 30}}
    ```
    """
    if not route.enabled:
        return
    destination = route.destination
    days = (_HUNDRED_YEARS, _LAST_DAY)
    for refusal, limit in limited(route, REPLICATE_OBJECTS, RETENTION, days):
        # No object of a bucket without Object Lock is kept for any time.
        if not locks_objects(route):
            return
        wanted = " or ".join(str(value) for value in limit.values)
        yield Finding(
            refusal.at or destination.at("policy"),
            f"policy of bucket {destination} denies s3:ReplicateObject to role {route.role} "
            f"by the retention of an object: {limit.written} {wanted}",
            notes=(Note(route.source.at("object_lock"), "objects of the source are locked"),),
            fix="leave s3:ReplicateObject out of the statement",
        )
