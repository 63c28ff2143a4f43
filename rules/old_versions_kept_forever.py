from collections.abc import Callable, Iterator

from crrlint.api import (
    Bucket,
    Finding,
    LifecycleRule,
    Note,
    Route,
    arriving,
    comes_first,
    is_bucket,
    leaving,
    lifecycle_rules,
    proved,
    rule,
    share,
)


@rule(
    "CRR905",
    each=Route,
    severity="note",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html",
)
def old_versions_kept_forever(route: Route) -> Iterator[Finding]:
    """Expired objects stay as old versions for ever.

    Replication needs versioning, and in a versioned bucket expiry deletes nothing: it
    puts a delete marker over the object, which stays below as a noncurrent version.
    Without a rule for noncurrent versions, none of them ever goes, and the bill grows
    in both buckets.  Retention periods that a regulator asks for are not kept either.

    ```yaml bad
    Source:
      Properties:
        LifecycleConfiguration:
          Rules: [{Status: Enabled, ExpirationInDays: 30}]
    Replica:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              ExpirationInDays: 30
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    ```

    ```yaml undecided
    Source:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              ExpirationInDays: 30
              NoncurrentVersionExpiration: !If
                - Perhaps
                - {NoncurrentDays: 7}
                - !Ref AWS::NoValue
    Replica:
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              ExpirationInDays: 30
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    ```

    ## Fix

    Expire noncurrent versions as well.

    ```yaml good
    Source: &expiring
      Properties:
        LifecycleConfiguration:
          Rules:
            - Status: Enabled
              ExpirationInDays: 30
              NoncurrentVersionExpiration: {NoncurrentDays: 7}
    Replica: *expiring
    ```
    """
    if not route.enabled:
        return
    source, destination = route.source, route.destination
    yield from proved(
        lambda: _keeping(route, source, lambda r: _is_first_from(route, r)),
        lambda: _keeping(route, destination, lambda r: _is_first_to(route, r)),
    )


def _keeping(
    route: Route, bucket: Bucket, is_first: Callable[[LifecycleRule], bool]
) -> Iterator[Finding]:
    """Yield a finding for each rule of a bucket that makes old versions which nothing removes."""
    for lifecycle_rule in lifecycle_rules(bucket, route.rule.prefix):
        expiration, prefix = lifecycle_rule.expiration, lifecycle_rule.prefix
        if expiration is None:
            continue
        about = lifecycle_rules(bucket, route.rule.prefix, prefix)
        if all(r.keeps_old_versions for r in about) and is_first(lifecycle_rule):
            yield Finding(
                expiration.at,
                f"bucket {bucket} expires objects{f' {prefix}*' if prefix else ''} "
                "and keeps their old versions for ever",
                notes=(Note(route.rule.at(), "replication rule that makes it keep versions"),),
                fix="NoncurrentVersionExpiration: {NoncurrentDays: 30}",
            )


def _is_first_from(route: Route, lifecycle_rule: LifecycleRule) -> bool:
    """Tell whether no earlier rule of the source is about the same lifecycle rule."""
    return comes_first(
        route,
        leaving(route, lifecycle_rule.prefix),
        lambda other: (
            is_bucket(other.source, route.source)
            and share(other.rule.prefix, lifecycle_rule.prefix)
        ),
    )


def _is_first_to(route: Route, lifecycle_rule: LifecycleRule) -> bool:
    """Tell whether no earlier rule into the destination is about the same lifecycle rule."""
    return comes_first(
        route,
        arriving(route, lifecycle_rule.prefix),
        lambda other: (
            is_bucket(other.destination, route.destination)
            and share(other.rule.prefix, lifecycle_rule.prefix)
        ),
    )
