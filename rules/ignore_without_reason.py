from collections.abc import Iterator

from crrlint.api import Finding, Ignore, rule


@rule(
    "CRR003",
    each=Ignore,
    severity="note",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html",
)
def ignore_without_reason(ignore: Ignore) -> Iterator[Finding]:
    """Ignore gives no reason.

    Somebody decided that a fault of replication is to stay.  Whoever reads that a year later,
    perhaps on the night when the copies are needed, has to learn why: who accepted it, and
    what would make it wrong.

    ```yaml bad
    rules: {nothing-enabled: off}
    stacks:
      logs: {account: "111111111111", region: us-east-1}
    also:
      logs.yaml: |
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties:
              BucketName: acme-logs
              # crrlint: ignore[CRR101]
              VersioningConfiguration: {Status: Suspended}
              ReplicationConfiguration:
                Role: arn:aws:iam::111111111111:role/replicate
                Rules: [{Status: Disabled, Destination: {Bucket: "arn:aws:s3:::acme-replica"}}]
    ```

    ## Fix

    Write the reason behind the bracket, or as `reason` of the entry in `crrlint.yaml`.

    ```yaml good
    rules: {nothing-enabled: off}
    stacks:
      logs: {account: "111111111111", region: us-east-1}
    also:
      logs.yaml: |
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties:
              BucketName: acme-logs
              # crrlint: ignore[CRR101] versioning is turned on by hand, see OPS-12
              VersioningConfiguration: {Status: Suspended}
              ReplicationConfiguration:
                Role: arn:aws:iam::111111111111:role/replicate
                Rules: [{Status: Disabled, Destination: {Bucket: "arn:aws:s3:::acme-replica"}}]
    ```
    """
    if ignore.rule and not ignore.reason:
        yield Finding(
            ignore.at,
            f"ignore of {ignore.rule} gives no reason",
            fix=f"# crrlint: ignore[{ignore.rule}] why, and until when"
            if ignore.line is not None
            else "reason: why, and until when",
        )
