from collections.abc import Iterator

from crrlint.api import (
    Finding,
    Note,
    Route,
    certain,
    is_bucket,
    leaving,
    onward,
    replicates,
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
    for other in certain(onward(route), lambda other: _stops(route, other)):
        third = other.destination
        if str(third) in told:
            continue
        told.add(str(third))
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"objects of bucket {route.source} do not go on from bucket {route.destination} "
            f"to bucket {third}",
            notes=(
                Note(other.rule.at("Destination", "Bucket"), "replicas are not passed on here"),
            ),
            fix=f"a rule of bucket {route.source} with Destination: {{Bucket: {third.arn}}}",
        )


def _stops(route: Route, other: Route) -> bool:
    """Tell whether objects of the route would go on with another route, and do not."""
    if other.source is route.source or not replicates(other):
        return False
    if not is_bucket(other.source.name, route.destination.name) or not share_objects(route, other):
        return False
    third = other.destination.name
    if is_bucket(third, route.source.name) or is_bucket(third, other.source.name):
        return False
    reaching = certain(leaving(route, route.rule.prefix), lambda own: _reaches(own, route, other))
    return next(reaching, None) is None


def _reaches(own: Route, route: Route, other: Route) -> bool:
    """Tell whether a rule of the first bucket brings its objects to the third by itself."""
    return (
        is_bucket(own.source.name, route.source.name)
        and replicates(own)
        and is_bucket(own.destination.name, other.destination.name)
        and selects_all(own, route, other)
    )
