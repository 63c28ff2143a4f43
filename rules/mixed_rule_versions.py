from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, rule


@rule(
    "CRR216",
    each=Configuration,
    severity="error",
    failure="InvalidRequest; Priority cannot be used for this version of Cross Region Replication "
    "configuration schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def mixed_rule_versions(configuration: Configuration) -> Iterator[Finding]:
    """Some rules have a Filter, others do not.

    A rule with a `Filter` is of the schema's second version, a rule without of the
    first, and a configuration is of one version as a whole.  One rule without a filter
    makes it the first, and S3 then refuses the `Priority` and the
    `DeleteMarkerReplication` of all other rules.

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
          Prefix: audit/
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
          Priority: 2
          Filter: !If [Perhaps, {Prefix: audit/}, !Ref "AWS::NoValue"]
          DeleteMarkerReplication: {Status: Enabled}
          Destination: *to
    ```

    ## Fix

    Give every rule a `Filter`, and with it a `Priority` and `DeleteMarkerReplication`.

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
    rules = configuration.rules
    second = [r for r in rules if r.version == "V2"]
    first = [r for r in rules if r.version == "V1"] if second else []
    # A filter that is misspelt is the fault then, and has a rule of its own.
    without = [r for r in first if not r.mistook("Filter")]
    if without:
        bare, *others = without
        priorities = (r.value("Priority") for r in rules)
        taken = [priority for priority in priorities if isinstance(priority, int)]
        more = f" and {len(others)} more have" if others else " has"
        yield Finding(
            bare.at(),
            f"replication rule {bare.index + 1} of bucket {configuration.bucket}{more} no Filter, "
            f"unlike rule {second[0].index + 1}",
            notes=(
                Note(second[0].at("Filter"), "a filter of the same configuration"),
                *(Note(other.at(), "no filter here either") for other in others[:3]),
            ),
            fix=bare.with_filter(1 + max(taken, default=0)),
        )
