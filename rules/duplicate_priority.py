from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, ReplicationRule, rule


@rule(
    "CRR215",
    each=Configuration,
    severity="error",
    failure="InvalidRequest; Found duplicate priority",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html",
)
def duplicate_priority(configuration: Configuration) -> Iterator[Finding]:
    """Two replication rules share a priority.

    The priority decides which of two rules applies to an object that both select,
    so two rules to one destination must not share it; S3 refuses them.  Whether rules
    to different destinations may share one is documented in two ways: that is a
    warning.  In Terraform a rule without a priority has priority 0.

    ```yaml bad
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: logs
          Status: Enabled
          Priority: 1
          Filter: {Prefix: logs/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: audit
          Status: Enabled
          Priority: 1
          Filter: {Prefix: audit/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: *to
    ```

    ```yaml undecided
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: logs
          Status: Enabled
          Priority: 1
          Filter: {Prefix: logs/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: audit
          Status: Enabled
          Priority: !If [Perhaps, 1, 2]
          Filter: {Prefix: audit/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: *to
    ```

    ## Fix

    Number the rules.

    ```yaml good
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: logs
          Status: Enabled
          Priority: 1
          Filter: {Prefix: logs/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: audit
          Status: Enabled
          Priority: 2
          Filter: {Prefix: audit/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: *to
    ```
    """
    rules = [r for r in configuration.rules if r.has("Priority") and r.version == "V2"]
    # Plain priorities first: one that is open must not hide two that are not.
    rules.sort(key=lambda r: (not isinstance(r.value("Priority"), int), r.index))
    plain: dict[int, list[ReplicationRule]] = {}
    found = False
    for position, second in enumerate(rules):
        priority = second.value("Priority")
        if isinstance(priority, int):
            sharing = plain.get(priority, [])[:]
            plain.setdefault(priority, []).append(second)
        elif found:
            return
        else:
            sharing = [r for r in rules[:position] if r.value("Priority") == priority]
        if sharing:
            found = True
            yield _finding(configuration, sharing, second)


def _finding(
    configuration: Configuration, sharing: list[ReplicationRule], second: ReplicationRule
) -> Finding:
    """Name the rule that the second one collides with: one to its destination, if there is one."""
    bucket = second.value("Destination", "Bucket")
    for first in sharing:
        other = first.value("Destination", "Bucket")
        collides = other == bucket
        if collides:
            break
    else:
        first, collides = sharing[0], False
    priority = second.value("Priority")
    return Finding(
        second.at("Priority"),
        f"priority {priority} of bucket {configuration.bucket} is shared by two replication rules "
        f"to {'one destination' if collides else 'different destinations'}",
        notes=(Note(first.at("Priority"), "first rule of this priority"),),
        severity="error" if collides else "warning",
    )
