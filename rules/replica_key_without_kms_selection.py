from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR224",
    each=Route,
    severity="error",
    failure="InvalidRequest; SseKmsEncryptedObjects must be specified if EncryptionConfiguration "
    "is present.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html",
)
def replica_key_without_kms_selection(route: Route) -> Iterator[Finding]:
    """Rule has a replica key, but selects no KMS objects.

    The key is for the replicas of objects that are encrypted with KMS, and a rule
    leaves these out unless it asks for them.  S3 refuses a rule that has the key and
    does not say about the objects.

    ```yaml bad
    rule: {SourceSelectionCriteria: null}
    ```

    ```yaml undecided
    rule:
      SourceSelectionCriteria:
        SseKmsEncryptedObjects: !If [Perhaps, {Status: Enabled}, !Ref "AWS::NoValue"]
    Source:
      Properties:
        BucketEncryption: null
    ```

    ## Fix

    Select the objects.

    ```yaml good
    rule: {SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Enabled}}}
    ```
    """
    replication_rule = route.rule
    way = ("SourceSelectionCriteria", "SseKmsEncryptedObjects")
    if not replication_rule.has("Destination", "EncryptionConfiguration"):
        return
    if not replication_rule.has(*way) and not replication_rule.mistook(*way):
        yield Finding(
            replication_rule.at("Destination", "EncryptionConfiguration"),
            f"replication rule {route} has an EncryptionConfiguration "
            "and no SseKmsEncryptedObjects",
            fix="SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Enabled}}",
        )
