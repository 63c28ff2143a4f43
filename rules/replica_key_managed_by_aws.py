from collections.abc import Iterator

from crrlint.api import Finding, Key, Route, parse_arn, rule, uses_replica_key

_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR710",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def replica_key_managed_by_aws(route: Route) -> Iterator[Finding]:
    """Replica key is AWS's own, which accounts cannot share.

    The key `aws/s3` is made by AWS in every account and Region.  Nobody can edit its policy,
    which admits principals of that account only, so that AWS rules it out for replication
    between accounts.  Within one account it works; then this is a note, for a key of your own
    can be shared and controlled later.

    ```yaml bad
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID: arn:aws:kms:eu-west-1:222222222222:alias/aws/s3
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [kms:Encrypt, kms:GenerateDataKey], Resource: "*"}
    ```

    ```yaml undecided
    rule:
      Destination: {EncryptionConfiguration: {ReplicaKmsKeyID: !Ref Unset}}
    ```

    ## Fix

    Make a key in the destination's account and Region, and let the role use it.

    ```yaml good
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID: !GetStackOutput
            StackName: replica
            Region: eu-west-1
            RoleArn: arn:aws:iam::222222222222:role/read-outputs
            OutputName: KeyArn
    ```
    """
    if not route.enabled or not uses_replica_key(route):
        return
    key = route.replica_key
    # The bare name of an alias is no ARN, which S3 refuses: another rule's fault.
    if key is None or not key.managed_by_aws or not _is_arn(route):
        return
    shared = route.cross_account or not key.usable_from(route.role.account)
    # In the wrong Region it is of no use at all, which is the worse fault.
    if not shared and key.region != route.destination.region:
        return
    yield Finding(
        route.rule.at(*_KEY),
        f"replica key {key} is managed by AWS{_whose(route, key) if shared else ''}",
        fix=f"ReplicaKmsKeyID: ARN of a key of your own in {route.destination.region}",
        severity=None if shared else "note",
    )


def _is_arn(route: Route) -> bool:
    text = route.rule.replica_key
    return text is not None and parse_arn(text) is not None


def _whose(route: Route, key: Key) -> str:
    if not route.cross_account:
        return f" for account {key.account}, and role {route.role} is of {route.role.account}"
    return (
        f", and buckets {route.source} and {route.destination} are of different accounts "
        f"({route.source.account}, {route.destination.account})"
    )
