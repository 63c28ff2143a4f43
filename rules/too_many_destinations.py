from collections.abc import Iterator

from crrlint.api import Configuration, Doubt, Finding, Text, Undecided, rule


@rule(
    "CRR113",
    each=Configuration,
    severity="warning",
    source="https://docs.aws.amazon.com/general/latest/gr/s3.html",
)
def too_many_destinations(configuration: Configuration, *, limit: int = 28) -> Iterator[Finding]:
    """Bucket replicates to more destinations than the quota.

    By default one bucket can replicate to 28 different buckets, over all its rules.
    AWS raises the quota on request; say so with the option `limit`, as these examples
    do with a lower one.

    ```yaml options
    limit: 1
    ```

    ```yaml bad
    Source: {Properties: {BucketEncryption: null}}
    AllowReplicateObjects: &any
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-*/*
    AllowReplicateDeletes: *any
    AllowOverrideOwner: *any
    configuration:
      Rules:
        - Id: near
          Status: Enabled
          Priority: 1
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: far
          Status: Enabled
          Priority: 2
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: {<<: *to, Bucket: "arn:aws:s3:::acme-far"}
    ```

    ```yaml undecided
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: near
          Status: Enabled
          Priority: 1
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: far
          Status: Enabled
          Priority: 2
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: {<<: *to, Bucket: !Ref Unset}
    ```

    ## Fix

    Ask AWS to raise the quota (`Replication Destinations` of Amazon S3 in Service
    Quotas), or replicate to fewer buckets.

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
    rules = [r for r in configuration.rules if r.version == "V2" and r.has("Destination", "Bucket")]
    if len(rules) <= limit:
        return
    # Plain names first: one that is open must not hide that these are many enough.
    rules.sort(key=lambda r: (not isinstance(r.destination, str), r.index))
    plain: set[str] = set()
    certain: list[Text] = []
    unsure: list[Text] = []
    beyond = rules[0]
    for replication_rule in rules:
        bucket = replication_rule.destination
        if isinstance(bucket, str):
            if bucket in plain:
                continue
            plain.add(bucket)
        elif any(_same(bucket, other) for other in (*certain, *unsure)):
            continue
        elif any(_same(bucket, other) is None for other in certain):
            unsure.append(bucket)
            continue
        certain.append(bucket)
        if len(certain) == limit + 1:
            beyond = replication_rule
    if len(certain) > limit:
        yield Finding(
            beyond.at("Destination", "Bucket"),
            f"bucket {configuration.bucket} replicates to {len(certain)} destinations, "
            f"more than the quota of {limit}",
            fix="a higher quota, or fewer destinations",
        )
    elif len(certain) + len(unsure) > limit:
        gap = "whether the destinations are different buckets"
        raise Undecided("unbound_parameter", gap, "the names of the destination buckets")


def _same(one: Text, other: Text) -> bool | None:
    with Doubt():
        return bool(one == other)
    return None
