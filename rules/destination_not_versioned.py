from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR102",
    each=Route,
    severity="error",
    failure="DstBucketUnversioned; Destination bucket must have versioning enabled.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
)
def destination_not_versioned(route: Route) -> Iterator[Finding]:
    """Destination bucket does not keep versions.

    S3 replicates versions of objects, so both ends of a route have to keep them.
    S3 refuses a replication configuration whose destination is not versioned, even
    when the rule is disabled.  When versioning is suspended later, objects fail to
    replicate, and only replication metrics show it.

    ```yaml bad
    Replica:
      Properties:
        VersioningConfiguration: {Status: Suspended}
    ```

    ```yaml bad
    Replica:
      Properties:
        VersioningConfiguration: null
    ```

    ```yaml undecided
    Replica:
      Properties:
        VersioningConfiguration: {Status: !Ref UnsetReplica}
    ```

    ## Fix

    Turn versioning on before the replication configuration is applied.

    ```yaml good
    Replica:
      Properties:
        VersioningConfiguration: {Status: Enabled}
    ```
    """
    destination = route.destination
    if destination.versioning != "Enabled":
        state = destination.versioning or "never turned on"
        yield Finding(
            destination.at("versioning"),
            f"versioning of destination bucket {destination} is {state}",
            notes=(Note(route.rule.at("Destination", "Bucket"), "replication goes there"),),
            fix="VersioningConfiguration: {Status: Enabled}",
        )
