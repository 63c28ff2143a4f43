from collections.abc import Iterator

from crrlint.api import (
    REPLICATE_OBJECTS,
    Finding,
    Location,
    Note,
    Refusal,
    Route,
    decision,
    default_encryption,
    place,
    refusals_with,
    rule,
)

_HEADER = "s3:x-amz-server-side-encryption"
_DSSE = "aws:kms:dsse"


@rule(
    "CRR718",
    each=Route,
    severity="warning",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def encryption_condition_omits_dsse(route: Route) -> Iterator[Finding]:
    """Condition on the encryption leaves out DSSE-KMS.

    The source encrypts in two layers (`aws:kms:dsse`), and so are the replicas.  A condition on
    `s3:x-amz-server-side-encryption` allows `s3:ReplicateObject` for other encryptions only.
    It comes from an older sample of AWS; the current one lists `aws:kms:dsse` as well.

    ```yaml bad
    Source:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault:
                SSEAlgorithm: aws:kms:dsse
                KMSMasterKeyID: !GetAtt SourceKey.Arn
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: arn:aws:s3:::acme-replica/*
              Condition:
                StringLikeIfExists:
                  s3:x-amz-server-side-encryption: [aws:kms, AES256]
    ```

    ```yaml undecided
    Source:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault:
                SSEAlgorithm: aws:kms:dsse
                KMSMasterKeyID: !GetAtt SourceKey.Arn
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: arn:aws:s3:::acme-replica/*
              Condition:
                StringLikeIfExists:
                  s3:x-amz-server-side-encryption: [aws:kms, !Ref Unset]
    ```

    ## Fix

    Add `aws:kms:dsse` to the values of the condition.

    ```yaml good
    Source:
      Properties:
        BucketEncryption:
          ServerSideEncryptionConfiguration:
            - ServerSideEncryptionByDefault:
                SSEAlgorithm: aws:kms:dsse
                KMSMasterKeyID: !GetAtt SourceKey.Arn
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: arn:aws:s3:::acme-replica/*
              Condition:
                StringLikeIfExists:
                  s3:x-amz-server-side-encryption: [aws:kms, AES256, aws:kms:dsse]
    ```
    """
    if not route.enabled or not route.rule.selects_kms_objects:
        return
    default = default_encryption(route.source)
    if default is None or default.leaf("SSEAlgorithm") != _DSSE:
        return
    # What is refused whatever the encryption is the fault of other rules.
    if decision(route, REPLICATE_OBJECTS).verdict == "denied":
        return
    for refusal in refusals_with(route, REPLICATE_OBJECTS, {_HEADER: _DSSE}):
        yield Finding(
            _at(route, refusal),
            f"condition on {_HEADER} leaves out {_DSSE}, which bucket {route.source} encrypts with",
            notes=(Note(default.at, "default encryption of the source"),),
            fix=f'add "{_DSSE}" to the values of {_HEADER}',
        )


def _at(route: Route, refusal: Refusal) -> Location:
    near = [place(near.statement) for near in refusal.clause.nearest]
    return refusal.at or next((at for at in near if at is not None), route.rule.at())
