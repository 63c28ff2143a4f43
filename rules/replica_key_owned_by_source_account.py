from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, parse_arn, rule, uses_replica_key

_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR711",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def replica_key_owned_by_source_account(route: Route) -> Iterator[Finding]:
    """Replica key belongs to the source's account.

    The buckets belong to different accounts, and the replicas are encrypted with a key of the
    source's.  Who reads them at the destination needs that key as well: without a grant in its
    policy the destination's owner has replicas that nobody there can read, and when the
    source's account loses the key the replicas are lost with it.  AWS asks for a key of the
    destination's account.

    ```yaml bad
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID:
            arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789012
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

    Name a key of the destination's account, and let the role use it in the key's policy.

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
    if not route.enabled or not uses_replica_key(route) or not route.cross_account:
        return
    key = route.replica_key
    text = route.rule.replica_key
    fields = None if text is None else parse_arn(text)
    # Whose key an alias names is for KMS to say: aliases have rules of their own.
    if key is None or fields is None or fields.resource.startswith("alias/"):
        return
    if fields.account != route.source.account or key.managed_by_aws:
        return
    # In the wrong Region it is of no use to anybody, which is the worse fault.
    if key.region == route.destination.region:
        destination = route.destination
        yield Finding(
            route.rule.at(*_KEY),
            f"replica key {key} belongs to account {fields.account} of the source, "
            f"destination bucket {destination} to {destination.account}",
            notes=(Note(destination.at("account"), "destination bucket"),),
            fix=f"ReplicaKmsKeyID: ARN of a key of account {destination.account}",
        )
