from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule

_TIME_CONTROL = ("Destination", "ReplicationTime", "Status")
_METRICS = ("Destination", "Metrics", "Status")


@rule(
    "CRR236",
    each=Route,
    severity="error",
    failure="InvalidRequest",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
)
def metrics_disabled_under_time_control(route: Route) -> Iterator[Finding]:
    """Time control is on, and its metrics are off.

    S3 measures by the metrics whether replication keeps the time that time control
    promises.  It refuses the whole configuration when `ReplicationTime` is enabled and
    `Metrics` are disabled.  The reverse, metrics without time control, is fine.

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Disabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml undecided
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: !Ref Unset, EventThreshold: {Minutes: 15}}
    ```

    ## Fix

    Enable the metrics.

    ```yaml good
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml good
    rule:
      Destination:
        ReplicationTime: {Status: Disabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled}
    ```
    """
    replication_rule = route.rule
    if not replication_rule.has(*_TIME_CONTROL) or not replication_rule.has(*_METRICS):
        return
    if (
        replication_rule.value(*_TIME_CONTROL) == "Enabled"
        and replication_rule.value(*_METRICS) == "Disabled"
    ):
        yield Finding(
            replication_rule.at(*_METRICS),
            f"metrics of replication rule {route} are Disabled, and its time control is Enabled",
            notes=(Note(replication_rule.at(*_TIME_CONTROL), "time control is on"),),
            fix="Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}",
        )
