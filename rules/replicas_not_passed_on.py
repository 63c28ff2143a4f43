from collections.abc import Iterator

from crrlint.api import (
    Finding,
    Note,
    Route,
    between,
    certain,
    is_bucket,
    joins,
    onward,
    rule,
    selects_all,
    share_objects,
)


@rule(
    "CRR901",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html",
)
def replicas_not_passed_on(route: Route) -> Iterator[Finding]:
    """Replicas do not go on to the next bucket.

    The first bucket replicates to a second one, and that to a third.  S3 replicates
    what is written to a bucket, not what replication has put there: objects of the
    first bucket reach the second and stop.  No failure is reported, for nothing
    fails; the third bucket lacks them when it is needed.

    ```yaml bad
    Replica:
      Properties:
        ReplicationConfiguration:
          Role: arn:aws:iam::222222222222:role/archive
          Rules:
            - Id: archive
              Status: Enabled
              Priority: 1
              Filter: {Prefix: ""}
              DeleteMarkerReplication: {Status: Disabled}
              SourceSelectionCriteria:
                SseKmsEncryptedObjects: {Status: Enabled}
              Destination:
                Bucket: arn:aws:s3:::acme-archive
                EncryptionConfiguration:
                  ReplicaKmsKeyID: arn:aws:kms:eu-north-1:222222222222:key/mrk-archive
                Metrics: {Status: Enabled}
    ```

    ```yaml undecided
    rule:
      Filter: {Prefix: logs/}
    Replica:
      Properties:
        ReplicationConfiguration:
          Role: arn:aws:iam::222222222222:role/archive
          Rules:
            - Id: archive
              Status: Enabled
              Priority: 1
              Filter: {Prefix: !Ref UnsetReplica}
              DeleteMarkerReplication: {Status: Disabled}
              SourceSelectionCriteria:
                SseKmsEncryptedObjects: {Status: Enabled}
              Destination:
                Bucket: arn:aws:s3:::acme-archive
                EncryptionConfiguration:
                  ReplicaKmsKeyID: arn:aws:kms:eu-north-1:222222222222:key/mrk-archive
                Metrics: {Status: Enabled}
    ```

    ## Fix

    Let the first bucket replicate to both.  A rule for each destination is needed, and
    the role and the third bucket's policy have to allow it.  What is in the second
    bucket already, S3 Batch Replication copies on: a job there over the objects whose
    replication status is `REPLICA`.

    ```yaml good
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: replica
          Status: Enabled
          Priority: 1
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Disabled}
          Destination:
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: archive
          Status: Enabled
          Priority: 2
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Disabled}
          Destination:
            Bucket: arn:aws:s3:::acme-archive
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
    AllowArchive:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: archive
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action:
                - s3:ReplicateObject
                - s3:ReplicateDelete
                - s3:ObjectOwnerOverrideToBucketOwner
              Resource: arn:aws:s3:::acme-archive/*
    ReplicaArchive:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-archive
        VersioningConfiguration: {Status: Enabled}
    ReplicaArchivePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref ReplicaArchive
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action:
                - s3:ReplicateObject
                - s3:ReplicateDelete
                - s3:ObjectOwnerOverrideToBucketOwner
              Resource: !Sub "${ReplicaArchive.Arn}/*"
    ```
    """
    if not route.enabled:
        return
    told: set[str] = set()

    def stops(other: Route) -> bool:
        return str(other.destination) not in told and _stops(route, other)

    for other in certain(onward(route), stops):
        third = other.destination
        told.add(str(third))
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"objects of bucket {route.source} do not go on from bucket {route.destination} "
            f"to bucket {third}",
            notes=(Note(other.rule.at("Destination", "Bucket"), "does not pass replicas on"),),
            fix=f"a rule of bucket {route.source} with Destination: {{Bucket: {third.arn}}}",
        )


def _stops(route: Route, other: Route) -> bool:
    """Tell whether objects of the route would go on with another route, and do not."""
    first, second, third = route.source, route.destination, other.destination
    if other.source is first or not joins(other, second, third):
        return False
    if not share_objects(route, other):
        return False
    if is_bucket(third, first) or is_bucket(third, second):
        return False
    # A rule of the first bucket may bring its objects to the third by itself.
    reaching = certain(
        between(route, first, third, route.rule.prefix),
        lambda own: joins(own, first, third) and selects_all(own, route, other),
    )
    return next(reaching, None) is None
