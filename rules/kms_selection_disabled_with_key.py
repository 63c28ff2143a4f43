from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, encrypts_with_kms, rule

_STATUS = ("SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status")
_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR226",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def kms_selection_disabled_with_key(route: Route) -> Iterator[Finding]:
    """Rule has a replica key, and does not select KMS objects.

    S3 takes a rule with a replica key and `SseKmsEncryptedObjects: {Status: Disabled}`.
    The key is then never used: S3 leaves out objects that are encrypted with KMS, which
    get no replication status and raise no event.

    ```yaml bad
    rule: {SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Disabled}}}
    Source:
      Properties:
        BucketEncryption: null
    ```

    ```yaml undecided
    rule: {SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: !Ref Unset}}}
    Source:
      Properties:
        BucketEncryption: null
    ```

    ## Fix

    Select the objects; or take out both the selection and the key.

    ```yaml good
    rule: {SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Enabled}}}
    ```

    ```yaml good
    rule:
      SourceSelectionCriteria: null
      Destination: {EncryptionConfiguration: null}
    Source:
      Properties:
        BucketEncryption: null
    ```
    """
    if not route.rule.has(*_KEY) or route.rule.value(*_STATUS) != "Disabled":
        return
    # Where the source encrypts with KMS, all objects are left out: another rule says so.
    if route.enabled and not encrypts_with_kms(route.source):
        yield Finding(
            route.rule.at(*_STATUS),
            f"replication rule {route} has a replica key and skips objects encrypted with KMS",
            notes=(Note(route.rule.at(*_KEY), "the replica key"),),
            fix="SseKmsEncryptedObjects: {Status: Enabled}",
        )
