from collections.abc import Iterator

from crrlint.api import Finding, Route, names_key, parse_arn, rule, shown


@rule(
    "CRR227",
    each=Route,
    severity="error",
    failure="InvalidArgument; Invalid ReplicaKmsKeyID ARN.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_EncryptionConfiguration.html",
)
def replica_key_arn_malformed(route: Route) -> Iterator[Finding]:
    """Replica key is not given by its ARN.

    S3 takes the replica key as `arn:aws:kms:eu-west-1:222222222222:key/...`, or the ARN
    of an alias.  It refuses a bare key id and an alias' name: these say neither in which
    Region nor in which account the key is.

    ```yaml bad
    rule:
      Destination:
        EncryptionConfiguration: {ReplicaKmsKeyID: 12345678-1234-1234-1234-123456789012}
    ```

    ```yaml bad
    rule:
      Destination:
        EncryptionConfiguration: {ReplicaKmsKeyID: alias/replica}
    ```

    ```yaml undecided
    rule:
      Destination:
        EncryptionConfiguration: {ReplicaKmsKeyID: !Ref Unset}
    ```

    ## Fix

    Write the key's ARN, or refer to it: `!GetAtt Key.Arn`, while `!Ref Key` is its id.

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
    key = route.rule.replica_key
    if key is None:
        return
    fields = parse_arn(key)
    named = '""' if isinstance(key, str) and key == "" else shown(key)
    if fields is None or not names_key(fields):
        yield Finding(
            route.rule.at("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID"),
            f"replica key {named} of replication rule {route} is not the ARN of a KMS key",
            fix="ReplicaKmsKeyID: arn:aws:kms:REGION:ACCOUNT:key/ID",
        )
