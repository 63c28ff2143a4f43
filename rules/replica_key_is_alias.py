from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, parse_arn, rule

_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR709",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_EncryptionConfiguration.html",
)
def replica_key_is_alias(route: Route) -> Iterator[Finding]:
    """Replica key is named by an alias.

    S3 takes the ARN of an alias as well.  KMS looks an alias up in the account of whoever asks,
    which is the role's: replicas can end up under a key of the source's account that the
    destination's owner cannot read.  Who points the alias elsewhere changes the key of all
    later replicas, and the policies, which name keys, do not follow.

    ```yaml bad
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID: arn:aws:kms:eu-west-1:222222222222:alias/replica
    ReplicaAlias:
      Type: AWS::KMS::Alias
      Properties: {AliasName: alias/replica, TargetKeyId: !Ref ReplicaKey}
    ```

    ```yaml undecided
    rule:
      Destination: {EncryptionConfiguration: {ReplicaKmsKeyID: !Ref Unset}}
    ```

    ## Fix

    Name the key itself: `aws kms describe-key --key-id <alias ARN> --query KeyMetadata.Arn`
    tells its ARN.

    ```yaml good
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID: !GetStackOutput
            StackName: replica
            Region: eu-west-1
            RoleArn: arn:aws:iam::222222222222:role/read-outputs
            OutputName: KeyArn
    ReplicaAlias:
      Type: AWS::KMS::Alias
      Properties: {AliasName: alias/replica, TargetKeyId: !Ref ReplicaKey}
    ```
    """
    if not route.enabled or not route.rule.selects_kms_objects:
        return
    text = route.rule.replica_key
    fields = None if text is None else parse_arn(text)
    if fields is None or not fields.resource.startswith("alias/"):
        return
    # What is wrong with a key of AWS's own is told by another rule.
    if fields.resource.startswith("alias/aws/"):
        return
    key = route.replica_key
    known = key is not None and key.declared
    yield Finding(
        route.rule.at(*_KEY),
        f"replica key of rule {route} is the alias {text}",
        notes=(Note(key.at(), "the key that it points to"),) if key is not None and known else (),
        fix=f"ReplicaKmsKeyID: {key.arn}" if key is not None and known else "",
    )
