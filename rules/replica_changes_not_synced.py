from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, between, certain, joins, rule, share_objects

_WAY = ("SourceSelectionCriteria", "ReplicaModifications", "Status")


@rule(
    "CRR902",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html",
)
def replica_changes_not_synced(route: Route) -> Iterator[Finding]:
    """Two-way replication leaves changes to replicas behind.

    Two buckets replicate to each other.  What is written to either reaches the other,
    but a change to a replica's metadata (its tags, its ACL, its Object Lock settings)
    stays where it was made, unless replica modification sync is on in the rules of
    both.  The two copies of an object then differ, and S3 reports nothing.

    ```yaml bad
    Replica:
      Properties:
        ReplicationConfiguration:
          Role: arn:aws:iam::222222222222:role/back
          Rules:
            - Id: back
              Status: Enabled
              Priority: 1
              Filter: {Prefix: ""}
              DeleteMarkerReplication: {Status: Enabled}
              SourceSelectionCriteria:
                SseKmsEncryptedObjects: {Status: Enabled}
                ReplicaModifications: {Status: Enabled}
              Destination:
                Bucket: arn:aws:s3:::acme-source
                Account: "111111111111"
                AccessControlTranslation: {Owner: Destination}
                EncryptionConfiguration:
                  ReplicaKmsKeyID: arn:aws:kms:us-east-1:111111111111:key/mrk-source
                Metrics: {Status: Enabled}
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref Source
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:role/back"}
              Action:
                - s3:ReplicateObject
                - s3:ReplicateDelete
                - s3:ObjectOwnerOverrideToBucketOwner
              Resource: !Sub "${Source.Arn}/*"
    ```

    ```yaml undecided
    rule:
      SourceSelectionCriteria: {ReplicaModifications: {Status: !Ref Unset}}
    Replica:
      Properties:
        ReplicationConfiguration:
          Role: arn:aws:iam::222222222222:role/back
          Rules:
            - Id: back
              Status: Enabled
              Priority: 1
              Filter: {Prefix: ""}
              DeleteMarkerReplication: {Status: Enabled}
              SourceSelectionCriteria:
                SseKmsEncryptedObjects: {Status: Enabled}
                ReplicaModifications: {Status: Enabled}
              Destination:
                Bucket: arn:aws:s3:::acme-source
                Account: "111111111111"
                AccessControlTranslation: {Owner: Destination}
                EncryptionConfiguration:
                  ReplicaKmsKeyID: arn:aws:kms:us-east-1:111111111111:key/mrk-source
                Metrics: {Status: Enabled}
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref Source
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:role/back"}
              Action:
                - s3:ReplicateObject
                - s3:ReplicateDelete
                - s3:ObjectOwnerOverrideToBucketOwner
              Resource: !Sub "${Source.Arn}/*"
    ```

    ## Fix

    Turn replica modification sync on in both rules.

    ```yaml good
    Source: {Properties: {BucketEncryption: null}}
    rule:
      SourceSelectionCriteria:
        SseKmsEncryptedObjects: null
        ReplicaModifications: {Status: Enabled}
      Destination: {EncryptionConfiguration: null}
    Replica:
      Properties:
        BucketEncryption: null
        ReplicationConfiguration:
          Role: !GetAtt ReplicaRole.Arn
          Rules:
            - Id: back
              Status: Enabled
              Priority: 1
              Filter: {Prefix: ""}
              DeleteMarkerReplication: {Status: Enabled}
              SourceSelectionCriteria:
                ReplicaModifications: {Status: Enabled}
              Destination:
                Bucket: arn:aws:s3:::acme-source
                Account: "111111111111"
                AccessControlTranslation: {Owner: Destination}
                Metrics: {Status: Enabled}
    ReplicaRole:
      Type: AWS::IAM::Role
      Properties:
        RoleName: back
        AssumeRolePolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: "sts:AssumeRole"}
        Policies:
          - PolicyName: back
            PolicyDocument:
              Version: "2012-10-17"
              Statement:
                - Effect: Allow
                  Action: [s3:GetReplicationConfiguration, s3:ListBucket]
                  Resource: arn:aws:s3:::acme-replica
                - Effect: Allow
                  Action:
                    - s3:GetObjectVersionForReplication
                    - s3:GetObjectVersionAcl
                    - s3:GetObjectVersionTagging
                  Resource: arn:aws:s3:::acme-replica/*
                - Effect: Allow
                  Action: &replicate
                    - s3:ReplicateObject
                    - s3:ReplicateDelete
                    - s3:ObjectOwnerOverrideToBucketOwner
                  Resource: arn:aws:s3:::acme-source/*
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref Source
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:role/back"}
              Action: *replicate
              Resource: !Sub "${Source.Arn}/*"
    ```
    """
    if not route.enabled or route.rule.value(*_WAY) == "Enabled":
        return
    source, destination = route.source, route.destination
    back = between(route, destination, source, route.rule.prefix)
    other = next(certain(back, lambda other: _answers(route, other)), None)
    if other is None or route.rule.mistook(*_WAY[:2]):
        return
    if other.rule.value(*_WAY) == "Enabled":
        said = f"changes to replicas in bucket {source} do not go back to bucket {destination}"
        note = "rule the other way, which sends changes to replicas back"
    else:
        said = (
            f"changes to replicas go neither from bucket {source} to bucket {destination} nor back"
        )
        note = "rule the other way, which needs it as well"
    yield Finding(
        route.rule.at(*_WAY),
        said,
        notes=(Note(other.rule.at(*_WAY), note),),
        fix="SourceSelectionCriteria: {ReplicaModifications: {Status: Enabled}}",
    )


def _answers(route: Route, other: Route) -> bool:
    """Tell whether a route leads back; of two that both lack the setting, the first is told."""
    return (
        other.source is not route.source
        and joins(other, route.destination, route.source)
        and share_objects(route, other)
        and (route.position < other.position or other.rule.value(*_WAY) == "Enabled")
    )
