from collections.abc import Iterator

from crrlint.api import (
    DECRYPT_REPLICAS,
    ENCRYPT_REPLICAS,
    Finding,
    Note,
    Route,
    encrypts_with_bucket_key,
    excluding_key_policy,
    missing_grant,
    proved,
    rule,
    uses_replica_key,
)


@rule(
    "CRR715",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def bucket_key_needs_decrypt(route: Route) -> Iterator[Finding]:
    """Role may not decrypt the destination's Bucket Key.

    The destination uses an S3 Bucket Key: S3 encrypts replicas with a key that it keeps for
    the bucket, which is itself encrypted with the KMS key.  To verify it before it is used, S3
    decrypts it.  So `kms:Encrypt` on the replica key is not enough; the role needs
    `kms:Decrypt` on it as well, in its own policy and, where the key belongs to another
    account, in the policy of the key.

    ```yaml bad
    Replica:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault:
                SSEAlgorithm: aws:kms
                KMSMasterKeyID: !GetAtt ReplicaKey.Arn
              BucketKeyEnabled: true
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey]
              Resource: "*"
    ```

    ```yaml bad
    Replica:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault:
                SSEAlgorithm: aws:kms
                KMSMasterKeyID: !GetAtt ReplicaKey.Arn
              BucketKeyEnabled: true
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey]
              Resource: arn:aws:kms:eu-west-1:222222222222:key/*
    ```

    ```yaml undecided
    Replica:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms}
              BucketKeyEnabled: !Ref UnsetReplica
    ```

    ## Fix

    Grant `kms:Decrypt` on the replica key, on both sides, or turn the Bucket Key off.

    ```yaml good
    Replica:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault:
                SSEAlgorithm: aws:kms
                KMSMasterKeyID: !GetAtt ReplicaKey.Arn
              BucketKeyEnabled: true
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey]
              Resource: arn:aws:kms:eu-west-1:222222222222:key/*
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey]
              Resource: "*"
    ```
    """
    if not route.enabled or not uses_replica_key(route):
        return
    found = proved(
        lambda: missing_grant(
            route, DECRYPT_REPLICAS, after=ENCRYPT_REPLICAS, provided=encrypts_with_bucket_key
        ),
        lambda: excluding_key_policy(route, DECRYPT_REPLICAS, after=ENCRYPT_REPLICAS),
    )
    for finding in found:
        cause = Note(route.destination.at("encryption"), "the destination uses a Bucket Key")
        yield finding._replace(notes=(*finding.notes, cause))
