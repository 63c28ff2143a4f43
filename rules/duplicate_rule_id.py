from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, ReplicationRule, rule


@rule(
    "CRR207",
    each=Configuration,
    severity="error",
    failure="InvalidArgument; Rule Id must be unique",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html",
)
def duplicate_rule_id(configuration: Configuration) -> Iterator[Finding]:
    """Two replication rules share an id.

    A rule's id names it in metrics and events and has to be unique within the
    bucket's configuration; S3 refuses two rules of one id.

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
        - Id: logs
          Status: Enabled
          Priority: 2
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
        - Id: !Ref Unset
          Status: Enabled
          Priority: 2
          Filter: {Prefix: audit/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: *to
    ```

    ## Fix

    Give each rule an id of its own.

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
    # Plain ids first: one that is open must not hide two that are not.
    named = [rule for rule in configuration.rules if rule.has("ID")]
    named.sort(key=lambda rule: (not isinstance(rule.id, str), rule.index))
    seen: list[ReplicationRule] = []
    plain: dict[str, ReplicationRule] = {}
    found = False
    for replication_rule in named:
        identifier = replication_rule.id
        if isinstance(identifier, str):
            first = plain.get(identifier)
            plain.setdefault(identifier, replication_rule)
        elif found:
            return
        else:
            first = next((other for other in seen if other.id == identifier), None)
        if first is None:
            seen.append(replication_rule)
            continue
        found = True
        yield Finding(
            replication_rule.at("ID"),
            f"replication rule id {replication_rule.id} of bucket {configuration.bucket} "
            "is taken by another rule",
            notes=(Note(first.at("ID"), "first rule of this id"),),
        )
