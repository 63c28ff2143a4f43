from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR221",
    each=Route,
    severity="error",
    failure="InvalidRequest; ReplicationTime cannot be used for this version of the replication "
    "configuration schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def feature_needs_v2(route: Route) -> Iterator[Finding]:
    """Rule uses a feature that needs a Filter.

    A rule without a `Filter` is of the schema's first version.  That one knows neither
    replica modification sync (`ReplicaModifications`) nor time control
    (`ReplicationTime`), and S3 refuses a rule that has them.

    ```yaml bad
    rule:
      Filter: null
      Priority: null
      DeleteMarkerReplication: null
      SourceSelectionCriteria: {ReplicaModifications: {Status: Enabled}}
    ```

    ```yaml bad
    rule:
      Filter: null
      Priority: null
      DeleteMarkerReplication: null
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml undecided
    rule:
      Filter: null
      Priority: null
      DeleteMarkerReplication: null
      SourceSelectionCriteria:
        ReplicaModifications: !If [Perhaps, {Status: Enabled}, !Ref "AWS::NoValue"]
    ```

    ## Fix

    Give the rule a `Filter`, an empty one to select all objects, in place of its
    `Prefix`; it then needs `Priority` and `DeleteMarkerReplication` too.

    ```yaml good
    rule:
      Priority: 1
      Filter: {Prefix: ""}
      DeleteMarkerReplication: {Status: Enabled}
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```
    """
    replication_rule = route.rule
    changes = ("SourceSelectionCriteria", "ReplicaModifications")
    time = ("Destination", "ReplicationTime")
    used = [way for way in (changes, time) if replication_rule.lacks_filter(*way)]
    # With these, or beside rules that do have a filter, other rules say that it is missing.
    told = any(replication_rule.has(name) for name in ("Priority", "DeleteMarkerReplication"))
    if not used or told or route.configuration.version != "V1":
        return
    for way in used:
        yield Finding(
            replication_rule.at(*way),
            f"replication rule {route} has {way[-1]} and no Filter",
            fix=replication_rule.with_filter(replication_rule.index + 1),
            reason="" if way == time else "InvalidRequest",
        )
