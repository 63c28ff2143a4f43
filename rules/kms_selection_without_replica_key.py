from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR225",
    each=Route,
    severity="error",
    failure="InvalidRequest; ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is "
    "present.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def kms_selection_without_replica_key(route: Route) -> Iterator[Finding]:
    """Rule selects KMS objects, but has no replica key.

    S3 decrypts an object with the source's key and encrypts its replica with one of
    the destination's Region, which the rule has to name.  S3 refuses a rule that
    holds `SseKmsEncryptedObjects`, whatever its status, and no `ReplicaKmsKeyID`.

    ```yaml bad
    rule:
      Destination: {EncryptionConfiguration: null}
    ```

    ```yaml undecided
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID: !If
            - Perhaps
            - arn:aws:kms:eu-west-1:222222222222:key/12345678-1234-1234-1234-123456789012
            - !Ref AWS::NoValue
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: ["kms:Encrypt", "kms:GenerateDataKey"], Resource: "*"}
    ```

    ## Fix

    Name a key in the destination's Region, of the destination's account.

    ```yaml good
    rule: {SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Enabled}}}
    ```
    """
    replication_rule = route.rule
    key = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")
    if not replication_rule.has("SourceSelectionCriteria", "SseKmsEncryptedObjects"):
        return
    if not replication_rule.has(*key) and not replication_rule.mistook(*key):
        yield Finding(
            replication_rule.at("SourceSelectionCriteria", "SseKmsEncryptedObjects"),
            f"replication rule {route} has SseKmsEncryptedObjects and no ReplicaKmsKeyID",
            fix="EncryptionConfiguration: {ReplicaKmsKeyID: ARN of a key at the destination}",
        )
