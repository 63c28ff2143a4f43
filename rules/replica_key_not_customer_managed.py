from collections.abc import Iterator

from crrlint.api import Finding, Key, Note, Route, rule

_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR954",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def replica_key_not_customer_managed(route: Route, *, required: bool = False) -> Iterator[Finding]:
    """Replicas are not encrypted with a key of your own.

    Some have to hold the keys to all their data: to say who may use them, to see each
    use in CloudTrail, to revoke them.  S3 does without, so this rule says nothing until
    `crrlint.yaml` requires it.  A rule then has to name a KMS key for its replicas, and
    one that the customer manages: not `aws/s3`, whose policy nobody can change.  The
    default encryption of the destination is not enough, for a replica of an object that
    S3 encrypts with keys of its own stays encrypted with those.

    ```yaml options
    required: true
    ```

    ```yaml bad
    Source: {Properties: {BucketEncryption: null}}
    rule:
      SourceSelectionCriteria: null
      Destination: {EncryptionConfiguration: null}
    ```

    ```yaml undecided
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID: arn:aws:kms:eu-west-1:222222222222:key/mrk-unknown
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: arn:aws:kms:eu-west-1:222222222222:key/mrk-unknown
    ```

    ## Fix

    Encrypt the source's objects with KMS, let the rule select them, and name a customer
    managed key in the destination's Region.

    ```yaml
    # crrlint.yaml
    rules:
      replica-key-not-customer-managed: {required: true}
    ```

    ```yaml good
    rule:
      SourceSelectionCriteria: {SseKmsEncryptedObjects: {Status: Enabled}}
    ```
    """
    if not required or not route.enabled:
        return
    if not route.rule.has(*_KEY):
        if not any(route.rule.mistook(*_KEY[:length]) for length in (2, 3)):
            yield Finding(
                route.rule.at("Destination"),
                f"replication rule {route} names no key of the customer's for its replicas",
                fix="EncryptionConfiguration: {ReplicaKmsKeyID: <ARN of a customer managed key>}",
            )
        return
    key = route.replica_key
    if key is not None and _is_managed_by_aws(key):
        yield Finding(
            route.rule.at(*_KEY),
            f"replicas in bucket {route.destination} are encrypted with {key}, "
            "a key that AWS manages",
            notes=(Note(key.at(), "the key"),) if key.declared else (),
            fix="ReplicaKmsKeyID: <ARN of a customer managed key>",
        )


def _is_managed_by_aws(key: Key) -> bool:
    return key.managed_by_aws or bool(key.node("manager").value == "AWS")
