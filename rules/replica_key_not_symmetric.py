from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule, uses_replica_key

_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR708",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_EncryptionConfiguration.html",
)
def replica_key_not_symmetric(route: Route) -> Iterator[Finding]:
    """Replica key is not a symmetric encryption key.

    S3 encrypts objects with symmetric KMS keys only (`SYMMETRIC_DEFAULT`, for
    `ENCRYPT_DECRYPT`).  It takes the configuration with any key, and with a key for
    signatures, for RSA encryption or for HMACs no replica can be written.  What a key is for
    cannot be changed later.

    ```yaml bad
    ReplicaKey:
      Properties: {KeySpec: RSA_2048, KeyUsage: ENCRYPT_DECRYPT}
    ```

    ```yaml bad
    ReplicaKey:
      Properties: {KeySpec: HMAC_256, KeyUsage: GENERATE_VERIFY_MAC}
    ```

    ```yaml undecided
    ReplicaKey:
      Properties: {KeySpec: !Ref UnsetReplica}
    ```

    ## Fix

    Make a symmetric key, which is what KMS makes by default, and name that one.

    ```yaml good
    ReplicaKey:
      Properties: {KeySpec: SYMMETRIC_DEFAULT, KeyUsage: ENCRYPT_DECRYPT}
    ```
    """
    if not route.enabled or not uses_replica_key(route):
        return
    key = route.replica_key
    if key is None or key.managed_by_aws:
        return
    spec = key.node("spec")
    if spec.value != "SYMMETRIC_DEFAULT":
        yield Finding(
            route.rule.at(*_KEY),
            f"replica key {key} is not symmetric: its KeySpec is {spec.value}",
            notes=(Note(spec.at, "the kind of the key"),),
            fix="ReplicaKmsKeyID: ARN of a key with KeySpec SYMMETRIC_DEFAULT",
        )
