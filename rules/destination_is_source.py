from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, parse_arn, rule


@rule(
    "CRR109",
    each=Route,
    severity="error",
    failure="Destination bucket cannot be the same as the source bucket.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
)
def destination_is_source(route: Route) -> Iterator[Finding]:
    """Bucket replicates to itself.

    A replica keeps its key, so a bucket cannot hold the replicas of its own
    objects.  S3 refuses the configuration.

    ```yaml bad
    rule:
      SourceSelectionCriteria: null
      Destination: {Bucket: !GetAtt Source.Arn, Account: null, AccessControlTranslation: null,
                    EncryptionConfiguration: null}
    Source:
      Properties:
        BucketEncryption: null
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:Replicate*", Resource: "arn:aws:s3:::acme-source/*"}
    ```

    ```yaml undecided
    rule:
      Destination: {Bucket: !Sub "arn:aws:s3:::${Unset}"}
    ```

    ## Fix

    Name another bucket, in another Region.

    ```yaml good
    rule:
      Destination: {Bucket: "arn:aws:s3:::acme-replica"}
    ```
    """
    destination = parse_arn(route.rule.destination)
    if destination is None or (_declared_apart(route) and route.destination is not route.source):
        return
    if destination.resource == route.source.name:
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"bucket {route.source} is the destination of its own replication",
            notes=(Note(route.source.at(), "source bucket"),),
        )


def _declared_apart(route: Route) -> bool:
    """Two buckets that are both declared are two buckets, whatever their names turn out to be."""
    return route.source.declared and route.destination.declared
