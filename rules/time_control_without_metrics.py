from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR232",
    each=Route,
    severity="error",
    failure="InvalidRequest",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html",
)
def time_control_without_metrics(route: Route) -> Iterator[Finding]:
    """Rule has time control, but no metrics.

    S3 measures by the metrics whether replication keeps the time that time control
    promises, so `ReplicationTime` needs `Metrics` beside it.  S3 refuses one without
    the other.

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: null
    ```

    ```yaml undecided
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: !If
          - Perhaps
          - {Status: Enabled, EventThreshold: {Minutes: 15}}
          - !Ref AWS::NoValue
    ```

    ## Fix

    Add metrics with the same threshold.

    ```yaml good
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```
    """
    replication_rule = route.rule
    if not replication_rule.has("Destination", "ReplicationTime"):
        return
    metrics = ("Destination", "Metrics")
    if not replication_rule.has(*metrics) and not replication_rule.mistook(*metrics):
        yield Finding(
            replication_rule.at("Destination", "ReplicationTime"),
            f"replication rule {route} has a ReplicationTime and no Metrics",
            fix="Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}",
        )
