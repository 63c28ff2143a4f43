from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, default_encryption, rule

_SELECTION = ("SourceSelectionCriteria", "SseKmsEncryptedObjects")


@rule(
    "CRR701",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def kms_objects_skipped(route: Route) -> Iterator[Finding]:
    """Source encrypts with KMS, and the rule skips such objects.

    S3 leaves out objects that are encrypted with KMS unless the rule selects them:
    they get no replication status, and no error appears anywhere.  The source's
    default encryption is KMS, so that is what happens to all objects.

    ```yaml bad
    rule:
      SourceSelectionCriteria: null
      Destination: {EncryptionConfiguration: null}
    ```

    ```yaml undecided
    rule:
      SourceSelectionCriteria: null
      Destination: {EncryptionConfiguration: null}
    Source:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault: {SSEAlgorithm: !Ref Unset}
    ```

    ## Fix

    Select them and name the key for their replicas.

    ```yaml good
    rule:
      SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Enabled}}
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
    replication_rule = route.rule
    if not route.enabled or replication_rule.selects_kms_objects:
        return
    # With only one of the two, S3 refuses the rule: other rules report that.
    key = replication_rule.has("Destination", "EncryptionConfiguration")
    if key != replication_rule.has(*_SELECTION) or replication_rule.mistook(*_SELECTION):
        return
    default = default_encryption(route.source)
    if default is None:
        return
    algorithm = default.leaf("SSEAlgorithm")
    if algorithm is not None and (algorithm == "aws:kms" or algorithm == "aws:kms:dsse"):
        yield Finding(
            replication_rule.at(*_SELECTION),
            f"replication rule {route} skips objects encrypted with KMS, "
            f"and bucket {route.source} encrypts with {algorithm}",
            notes=(Note(default.at, "default encryption of the source"),),
            fix="SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Enabled}}",
        )
