from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, ReplicationRule, parse_arn, rule

_BUCKET = ("Destination", "Bucket")


@rule(
    "CRR220",
    each=Configuration,
    severity="error",
    failure="InvalidRequest; Number of distinct destination bucket ARNs cannot exceed 1",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def several_destinations_in_v1(configuration: Configuration) -> Iterator[Finding]:
    """Rules without a Filter name several destinations.

    Rules without a `Filter` are of the schema's first version, in which all rules of
    a bucket replicate to one destination.  S3 refuses the configuration.

    ```yaml bad
    rules: {failures-invisible: off}
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: logs
          Status: Enabled
          Prefix: logs/
          Destination: {Bucket: "arn:aws:s3:::acme-replica"}
        - Id: audit
          Status: Enabled
          Prefix: audit/
          Destination: {Bucket: "arn:aws:s3:::acme-audit"}
    Replica:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
    AllowReplicateObjects: &both
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: "s3:Replicate*"
              Resource: ["arn:aws:s3:::acme-replica/*", "arn:aws:s3:::acme-audit/*"]
    AllowReplicateDeletes: *both
    ```

    ```yaml undecided
    rules: {failures-invisible: off}
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: logs
          Status: Enabled
          Prefix: logs/
          Destination: {Bucket: "arn:aws:s3:::acme-replica"}
        - Id: audit
          Status: Enabled
          Prefix: audit/
          Destination: {Bucket: !Ref Unset}
    Replica:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
    ```

    ## Fix

    Give every rule a `Filter`, and with it a `Priority` and `DeleteMarkerReplication`:

    ```yaml
    - Id: audit
      Status: Enabled
      Priority: 2
      Filter: {Prefix: audit/}
      DeleteMarkerReplication: {Status: Enabled}
      Destination: {Bucket: "arn:aws:s3:::acme-audit"}
    ```

    Several rules to one destination do without.

    ```yaml good
    rules: {failures-invisible: off}
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: logs
          Status: Enabled
          Prefix: logs/
          Destination: {Bucket: "arn:aws:s3:::acme-replica"}
        - Id: audit
          Status: Enabled
          Prefix: audit/
          Destination: {Bucket: "arn:aws:s3:::acme-replica"}
    Replica:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
    ```
    """
    rules = configuration.rules
    # With these, other rules say that the filter is missing.
    told = any(r.has("Priority") or r.has("DeleteMarkerReplication") for r in rules)
    if told or configuration.version != "V1":
        return
    named = [r for r in rules if r.value(*_BUCKET) is not None]
    # Plain ARNs first: one that is open must not hide two that are not.
    named.sort(key=lambda r: not isinstance(r.value(*_BUCKET), str))
    first = None
    for second in named:
        bucket = second.value(*_BUCKET)
        # What is no ARN at all is the fault then, and has a rule of its own.
        if isinstance(bucket, str) and parse_arn(bucket) is None:
            continue
        if first is None:
            first = second
        elif bucket != first.value(*_BUCKET):
            if not any(r.mistook("Filter") for r in rules):
                yield _finding(configuration, first, second)
            return


def _finding(
    configuration: Configuration, first: ReplicationRule, second: ReplicationRule
) -> Finding:
    buckets = f"{second.value(*_BUCKET)} and to {first.value(*_BUCKET)}"
    return Finding(
        second.at(*_BUCKET),
        f"{configuration} goes to {buckets}, and no rule has a Filter",
        notes=(Note(first.at(*_BUCKET), "first destination"),),
        fix=second.with_filter(second.index + 1),
    )
