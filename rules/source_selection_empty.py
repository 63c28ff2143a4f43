from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR222",
    each=Route,
    severity="error",
    failure="InvalidRequest; SourceSelectionCriteria cannot be empty.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_SourceSelectionCriteria.html",
)
def source_selection_empty(route: Route) -> Iterator[Finding]:
    """SourceSelectionCriteria holds nothing.

    The element is there to select objects that are encrypted with KMS
    (`SseKmsEncryptedObjects`) or changes that were made to replicas
    (`ReplicaModifications`).  S3 refuses an empty one.

    ```yaml bad
    rule:
      SourceSelectionCriteria: {SseKmsEncryptedObjects: null}
      Destination: {EncryptionConfiguration: null}
    Source:
      Properties:
        BucketEncryption: null
    ```

    ```yaml undecided
    rule:
      SourceSelectionCriteria:
        SseKmsEncryptedObjects: null
        ReplicaModifications: !If [Perhaps, {Status: Enabled}, !Ref "AWS::NoValue"]
      Destination: {EncryptionConfiguration: null}
    Source:
      Properties:
        BucketEncryption: null
    ```

    ## Fix

    Leave the element out, or say what it selects.

    ```yaml good
    rule:
      SourceSelectionCriteria: null
      Destination: {EncryptionConfiguration: null}
    Source:
      Properties:
        BucketEncryption: null
    ```
    """
    criteria = route.rule.node.get("SourceSelectionCriteria")
    if criteria is None:
        return
    members = criteria.members().values()
    if not isinstance(criteria.value, dict) or any(m.settled().value is not None for m in members):
        return
    # With a replica key, the selection of KMS objects is what is missing: another rule says so.
    if not route.rule.has("Destination", "EncryptionConfiguration"):
        yield Finding(
            criteria.at, f"SourceSelectionCriteria of replication rule {route} holds nothing"
        )
