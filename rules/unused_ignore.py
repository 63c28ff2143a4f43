from collections.abc import Iterator

from crrlint.api import Finding, Ignore, rule


@rule(
    "CRR002",
    each=Ignore,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html",
)
def unused_ignore(ignore: Ignore) -> Iterator[Finding]:
    """Ignore suppresses nothing.

    A comment `# crrlint: ignore[...]` or an entry under `ignore` in `crrlint.yaml` accepts a
    finding that is not made: the fault was mended, the line moved, the day in `expires` has
    passed, or the rule is misspelt.  Left where it is, it would hide the same fault when that
    comes back, and nobody would be told that replication stopped.

    Nothing is said while the answer of the ignored rule is open, or the rule is off.

    ```yaml bad
    also:
      logs.yaml: |
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties:
              BucketName: acme-logs  # crrlint: ignore[CRR101] no copies wanted
    ```

    ```yaml bad
    also:
      logs.yaml: |
        Resources:
          # crrlint: ignore[sauce-not-versioned] no copies wanted
          Logs:
            Type: AWS::S3::Bucket
    ```

    ## Fix

    Take the comment or the entry out.  One that is still needed stands on the line that the
    finding points at, or alone on the line above it, and names the rule by its id or name.

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
              # crrlint: ignore[CRR101] versioning is turned on by hand
              VersioningConfiguration: {Status: Suspended}
              ReplicationConfiguration:
                Role: arn:aws:iam::111111111111:role/replicate
                Rules: [{Status: Disabled, Destination: {Bucket: "arn:aws:s3:::acme-replica"}}]
    ```
    """
    if ignore.used:
        return
    what = f"ignore of {ignore.rule}" if ignore.rule else "ignore comment names no rule and"
    ended = f"ended on {ignore.expires} and " if ignore.expired else ""
    yield Finding(
        ignore.at,
        f"{what} {ended}suppresses nothing",
        fix="take it out" if ignore.rule else "# crrlint: ignore[CRR102] reason",
    )
