from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, rule


@rule(
    "CRR237",
    each=Configuration,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html",
)
def several_configurations(configuration: Configuration) -> Iterator[Finding]:
    """Bucket is given two replication configurations.

    A bucket has one replication configuration, and putting another replaces it whole: rules
    are not merged.  Two resources that configure the same bucket undo each other at every
    deployment, and which rules are in force depends on which of them was applied last.

    ```yaml bad
    SourceAgain:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-source
        VersioningConfiguration: {Status: Enabled}
        ReplicationConfiguration:
          Role: !GetAtt Role.Arn
          Rules:
            - Id: another
              Status: Enabled
              Destination: {Bucket: "arn:aws:s3:::acme-archive"}
    ```

    ```yaml undecided
    SourceAgain:
      Type: AWS::S3::Bucket
      Condition: Perhaps
      Properties:
        BucketName: acme-source
        ReplicationConfiguration:
          Role: !GetAtt Role.Arn
          Rules:
            - Id: another
              Status: Enabled
              Destination: {Bucket: "arn:aws:s3:::acme-archive"}
    ```

    ## Fix

    Keep one of them, and write all rules there: one list holds up to 1,000 rules, for
    several destinations as well.

    ```yaml good
    configuration:
      Rules:
        - Id: everything
          Status: Enabled
          Priority: 1
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          SourceSelectionCriteria:
            SseKmsEncryptedObjects: {Status: Enabled}
          Destination:
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            EncryptionConfiguration:
              ReplicaKmsKeyID: !GetStackOutput
                StackName: replica
                Region: eu-west-1
                RoleArn: arn:aws:iam::222222222222:role/read-outputs
                OutputName: KeyArn
            Metrics: {Status: Enabled}
    ```
    """
    for rival in configuration.rivals:
        yield Finding(
            rival.at(),
            f"bucket {configuration.bucket} is given a second replication configuration",
            notes=(Note(configuration.at(), "the first one: each replaces the other"),),
            fix="one replication configuration with the rules of both",
        )
