from collections.abc import Iterator

from crrlint.api import (
    Bucket,
    Finding,
    Note,
    Route,
    arriving,
    between,
    certain,
    is_bucket,
    joins,
    replicates,
    rule,
    share_keys,
)


@rule(
    "CRR907",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
)
def destination_collision(route: Route) -> Iterator[Finding]:
    """Two source buckets write the same keys of a destination.

    A replica keeps the key of its object, and nothing in it tells which bucket that
    object was in.  When two buckets replicate to one destination and both hold
    `report.csv`, the destination keeps the two as versions of one object: readers see
    whichever was written last, and a delete marker from one bucket hides the object of
    the other.  It works for as long as the buckets happen to use different keys.

    Buckets that replicate to each other hold the same objects on purpose; nothing is
    said of those.

    ```yaml bad
    Other:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-other
        VersioningConfiguration: {Status: Enabled}
        ReplicationConfiguration:
          Role: !GetAtt Role.Arn
          Rules:
            - Id: other
              Status: Enabled
              Priority: 1
              Filter: {Prefix: logs/}
              DeleteMarkerReplication: {Status: Disabled}
              Destination:
                Bucket: arn:aws:s3:::acme-replica
                Account: "222222222222"
                AccessControlTranslation: {Owner: Destination}
                Metrics: {Status: Enabled}
    AllowOther:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: other
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [s3:GetReplicationConfiguration, s3:ListBucket]
              Resource: !GetAtt Other.Arn
            - Effect: Allow
              Action:
                - s3:GetObjectVersionForReplication
                - s3:GetObjectVersionAcl
                - s3:GetObjectVersionTagging
              Resource: !Sub "${Other.Arn}/*"
    ```

    ```yaml undecided
    rule:
      Filter: {Prefix: !Ref Unset}
    Other:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-other
        VersioningConfiguration: {Status: Enabled}
        ReplicationConfiguration:
          Role: !GetAtt Role.Arn
          Rules:
            - Id: other
              Status: Enabled
              Priority: 1
              Filter: {Prefix: logs/}
              DeleteMarkerReplication: {Status: Disabled}
              Destination:
                Bucket: arn:aws:s3:::acme-replica
                Account: "222222222222"
                AccessControlTranslation: {Owner: Destination}
                Metrics: {Status: Enabled}
    AllowOther:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: other
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [s3:GetReplicationConfiguration, s3:ListBucket]
              Resource: !GetAtt Other.Arn
            - Effect: Allow
              Action:
                - s3:GetObjectVersionForReplication
                - s3:GetObjectVersionAcl
                - s3:GetObjectVersionTagging
              Resource: !Sub "${Other.Arn}/*"
    ```

    ## Fix

    Give each source a destination of its own, or let each write under a prefix of its
    own and replicate that prefix.

    ```yaml good
    rule:
      Filter: {Prefix: billing/}
    Other:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-other
        VersioningConfiguration: {Status: Enabled}
        ReplicationConfiguration:
          Role: !GetAtt Role.Arn
          Rules:
            - Id: other
              Status: Enabled
              Priority: 1
              Filter: {Prefix: logs/}
              DeleteMarkerReplication: {Status: Disabled}
              Destination:
                Bucket: arn:aws:s3:::acme-replica
                Account: "222222222222"
                AccessControlTranslation: {Owner: Destination}
                Metrics: {Status: Enabled}
    AllowOther:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: other
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [s3:GetReplicationConfiguration, s3:ListBucket]
              Resource: !GetAtt Other.Arn
            - Effect: Allow
              Action:
                - s3:GetObjectVersionForReplication
                - s3:GetObjectVersionAcl
                - s3:GetObjectVersionTagging
              Resource: !Sub "${Other.Arn}/*"
    ```
    """
    if not route.enabled:
        return
    other = next(
        certain(arriving(route, route.rule.prefix), lambda other: _collides(route, other)), None
    )
    if other is not None:
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"buckets {other.source} and {route.source} both replicate {_keys(route, other)} "
            f"to bucket {route.destination}",
            notes=(Note(other.rule.at("Destination", "Bucket"), f"rule of bucket {other.source}"),),
            fix="a destination of its own for each source, or a prefix of its own",
        )


def _collides(route: Route, other: Route) -> bool:
    """Tell whether a route that comes before brings keys of the same names from elsewhere."""
    if other.position >= route.position or other.source is route.source or not replicates(other):
        return False
    return (
        is_bucket(other.destination, route.destination)
        and share_keys(route, other)
        and not is_bucket(other.source, route.source)
        and not _are_joined(route, route.source, other.source)
        and not _are_joined(route, other.source, route.source)
    )


def _are_joined(route: Route, source: Bucket, destination: Bucket) -> bool:
    """Tell whether one bucket replicates to another; what goes to the shared one does not."""
    joining = certain(
        between(route, source, destination),
        lambda own: own.destination is not route.destination and joins(own, source, destination),
    )
    return next(joining, None) is not None


def _keys(route: Route, other: Route) -> str:
    """Name the keys that both select by the longer of the prefixes."""
    prefix = max(str(route.rule.prefix), str(other.rule.prefix), key=len)
    return f"keys {prefix}*" if prefix else "all keys"
