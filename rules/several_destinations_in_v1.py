from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Node, Note, parse_arn, rule


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
    named = [b for b in (r.node.get("Destination", "Bucket") for r in rules) if b is not None]
    # Plain ARNs first: one that is open must not hide two that are not.
    named.sort(key=lambda bucket: not isinstance(bucket.value, str))
    first = None
    for bucket in named:
        # What is no ARN at all is the fault then, and has a rule of its own.
        if isinstance(bucket.value, str) and parse_arn(bucket.value) is None:
            continue
        if first is None:
            first = bucket
        elif bucket.value != first.value:
            if not any(r.mistook("Filter") for r in rules):
                yield _finding(configuration, first, bucket)
            return


def _finding(configuration: Configuration, first: Node, second: Node) -> Finding:
    return Finding(
        second.at,
        f"{configuration} goes to {second.value} and to {first.value}, and no rule has a Filter",
        notes=(Note(first.at, "first destination"),),
        fix='Filter: {Prefix: ""}',
    )
