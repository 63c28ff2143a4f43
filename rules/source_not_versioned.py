from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, rule


@rule(
    "CRR101",
    each=Configuration,
    severity="error",
    failure="Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
)
def source_not_versioned(configuration: Configuration) -> Iterator[Finding]:
    """Source bucket does not keep versions.

    S3 replicates versions of objects, so both ends of a route have to keep them.
    S3 refuses to put a replication configuration on a bucket whose versioning was
    never turned on or is suspended.

    ```yaml bad
    Source:
      Properties:
        VersioningConfiguration: {Status: Suspended}
    ```

    ```yaml bad
    Source:
      Properties:
        VersioningConfiguration: null
    ```

    ```yaml undecided
    Source:
      Properties:
        VersioningConfiguration: {Status: !Ref Unset}
    ```

    ## Fix

    Turn versioning on before the replication configuration is applied.

    ```yaml good
    Source:
      Properties:
        VersioningConfiguration: {Status: Enabled}
    ```
    """
    source = configuration.bucket
    if source.versioning != "Enabled":
        state = source.versioning or "never turned on"
        yield Finding(
            source.at("versioning"),
            f"versioning of source bucket {source} is {state}",
            notes=(Note(configuration.at(), "replication starts here"),),
            fix="VersioningConfiguration: {Status: Enabled}",
        )
