from collections.abc import Iterator

from crrlint.api import (
    Bucket,
    Finding,
    LifecycleRule,
    Node,
    Note,
    Route,
    Text,
    between,
    comes_first,
    joins,
    lifecycle_rules,
    proved,
    rule,
    share,
)


@rule(
    "CRR903",
    each=Route,
    severity="note",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html",
)
def lifecycle_diverges(route: Route) -> Iterator[Finding]:
    """Objects expire in one bucket and stay in the other.

    Neither a lifecycle configuration nor what it does is replicated: an expired object
    gets a delete marker in its own bucket only, even where the rule replicates delete
    markers.  Objects that expire in the source stay in the destination for ever, or
    the copies that are kept for bad days expire while their objects live.  Days at the
    destination count from when the source's object was made, not its replica.

    ```yaml bad
    Source:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              Prefix: logs/
              ExpirationInDays: 30
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    ```

    ```yaml bad
    Replica:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              ExpirationInDays: 365
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    ```

    ```yaml undecided
    Source:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: !Ref Unset
              Prefix: logs/
              ExpirationInDays: 30
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    ```

    ## Fix

    Give both buckets a rule that expires those keys.  The number of days may differ; a
    longer one at the destination is what many keep a copy for.

    ```yaml good
    Source:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              Prefix: logs/
              ExpirationInDays: 30
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    Replica:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              Prefix: logs/
              ExpirationInDays: 365
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    ```
    """
    if not route.enabled:
        return
    source, destination = route.source, route.destination
    yield from proved(
        lambda: _diverging(route, source, destination, "objects", "their replicas"),
        lambda: _diverging(route, destination, source, "replicas", "their objects"),
    )


def _diverging(
    route: Route, bucket: Bucket, other: Bucket, expiring: str, kept: str
) -> Iterator[Finding]:
    """Yield a finding for each rule of a bucket about keys that the other never expires."""
    for lifecycle_rule in lifecycle_rules(bucket, route.rule.prefix):
        expiration, prefix = lifecycle_rule.expiration, lifecycle_rule.prefix
        if expiration is None or _expires(other, route.rule.prefix, prefix):
            continue
        if not _is_first(route, lifecycle_rule):
            continue
        keys = f" {prefix}*" if prefix else ""
        yield Finding(
            expiration.at,
            f"bucket {bucket} expires {expiring}{keys} {_when(expiration)}, "
            f"and bucket {other} keeps {kept}",
            notes=(Note(other.at("lifecycle"), f"lifecycle of bucket {other}"),),
            fix=f"a lifecycle rule of bucket {other} with an Expiration",
        )


def _expires(bucket: Bucket, *prefixes: Text) -> bool:
    return any(r.expiration is not None for r in lifecycle_rules(bucket, *prefixes))


def _is_first(route: Route, lifecycle_rule: LifecycleRule) -> bool:
    """Tell whether no earlier rule between the two buckets is about the same lifecycle rule."""
    source, destination, prefix = route.source, route.destination, lifecycle_rule.prefix
    return comes_first(
        route,
        between(route, source, destination, prefix),
        lambda other: joins(other, source, destination) and share(other.rule.prefix, prefix),
    )


def _when(expiration: Node) -> str:
    days = expiration.leaf("Days")
    if days is None:
        return f"on {str(expiration.leaf('Date'))[:10]}"
    return "after 1 day" if days == 1 else f"after {days} days"
