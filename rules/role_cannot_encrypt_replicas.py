from collections.abc import Iterator

from crrlint.api import (
    ENCRYPT_REPLICAS,
    GENERATE_DATA_KEY,
    Finding,
    Route,
    missing,
    missing_grant,
    rule,
    uses_replica_key,
)


@rule(
    "CRR703",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def role_cannot_encrypt_replicas(route: Route) -> Iterator[Finding]:
    """Role may not encrypt replicas with their key.

    The rule names a KMS key for the replicas.  The role needs `kms:Encrypt` on it; AWS's
    pages name `kms:GenerateDataKey` as well, and either alone is seen to work.  With
    neither of them no replica can be written.  With `kms:GenerateDataKey` alone, which AWS's
    permission page does not show, this is a warning.

    ```yaml bad
    AllowEncrypt: null
    ```

    ```yaml bad
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [kms:Encrypt, kms:Decrypt], Resource: !GetAtt SourceKey.Arn}
    ```

    ```yaml undecided
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [kms:Encrypt, kms:GenerateDataKey], Resource: !Ref Unset}
    ```

    ## Fix

    Grant both actions on the replica key, in the role's policy; across accounts the
    key's policy has to grant them too.

    ```yaml good
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, "kms:GenerateDataKey*"]
              Resource: arn:aws:kms:eu-west-1:222222222222:key/*
    ```
    """
    if not route.enabled or not uses_replica_key(route) or not missing(route, ENCRYPT_REPLICAS):
        return
    if missing(route, GENERATE_DATA_KEY):
        yield from missing_grant(route, ENCRYPT_REPLICAS, instead=(GENERATE_DATA_KEY,))
    else:
        yield from missing_grant(route, ENCRYPT_REPLICAS, severity="warning")
