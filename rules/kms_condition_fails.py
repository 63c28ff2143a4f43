from collections.abc import Iterator

from crrlint.api import (
    DECRYPT_REPLICAS,
    DECRYPT_SOURCE,
    ENCRYPT_REPLICAS,
    Finding,
    Route,
    failing_key_condition,
    proved,
    rule,
)


@rule(
    "CRR714",
    each=Route,
    severity="error",
    failure="SrcGetObjectNotPermitted; DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def kms_condition_fails(route: Route) -> Iterator[Finding]:
    """Condition on the use of a key does not hold.

    A statement would let the role use the key, but its condition on `kms:ViaService` or
    on the encryption context does not fit.  S3 uses the source's key through
    `s3.<region of the source>.amazonaws.com` and the replica key through the
    destination's Region.  The context `aws:s3:arn` is the ARN of the object, and with an S3
    Bucket Key that of the bucket.

    ```yaml bad
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Decrypt
              Resource: !GetAtt SourceKey.Arn
              Condition: {StringLike: {kms:ViaService: s3.eu-west-1.amazonaws.com}}
    ```

    ```yaml bad
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Decrypt
              Resource: !GetAtt SourceKey.Arn
              Condition:
                StringLike: {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::acme-source"}
    ```

    ```yaml bad
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: "*"
              Condition: {StringEquals: {kms:ViaService: s3.us-east-1.amazonaws.com}}
    ```

    ```yaml undecided
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Decrypt
              Resource: !GetAtt SourceKey.Arn
              Condition: {StringLike: {kms:ViaService: !Ref Unset}}
    ```

    ## Fix

    Name the Region of the bucket on that side, and in the context both the bucket and its
    objects: objects that were written before a Bucket Key was turned on keep theirs.

    ```yaml good
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Decrypt
              Resource: !GetAtt SourceKey.Arn
              Condition:
                StringLike:
                  kms:ViaService: s3.us-east-1.amazonaws.com
                  kms:EncryptionContext:aws:s3:arn:
                    - arn:aws:s3:::acme-source
                    - arn:aws:s3:::acme-source/*
    ```
    """
    if not route.enabled or not route.rule.selects_kms_objects:
        return
    yield from proved(
        lambda: failing_key_condition(route, DECRYPT_SOURCE),
        lambda: _on_replica_key(route),
    )


def _on_replica_key(route: Route) -> Iterator[Finding]:
    """Yield what fails for the replica key; one statement is one fault, whatever it grants."""
    seen = set()
    for finding in proved(
        lambda: failing_key_condition(route, ENCRYPT_REPLICAS),
        lambda: failing_key_condition(route, DECRYPT_REPLICAS),
    ):
        if repr(finding.at) not in seen:
            seen.add(repr(finding.at))
            yield finding
