from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule

_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR705",
    each=Route,
    severity="error",
    failure="DstKmsKeyNotFound",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def replica_key_in_other_region(route: Route) -> Iterator[Finding]:
    """Replica key is not in the destination's Region.

    S3 encrypts replicas with a KMS key of the destination bucket's Region.  It takes
    the configuration with any key, and then objects fail to replicate.  Of a
    multi-Region key, the rule has to name the one in that Region.

    ```yaml bad
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID:
            arn:aws:kms:us-east-1:222222222222:key/12345678-1234-1234-1234-123456789012
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: ["kms:Encrypt", "kms:GenerateDataKey"], Resource: "*"}
    ```

    ```yaml undecided
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID: !Ref Unset
    ```

    ## Fix

    Name a key in the destination's Region.

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
    if not route.enabled or not route.rule.selects_kms_objects:
        return
    key = route.replica_key
    destination = route.destination
    if key is not None and key.region != destination.region:
        yield Finding(
            route.rule.at(*_KEY),
            f"replica key {key} is in {key.region}, "
            f"destination bucket {destination} in {destination.region}",
            notes=(Note(destination.at("region"), "destination bucket"),),
            fix=f"ReplicaKmsKeyID: ARN of a key in {destination.region}",
        )
