from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR906",
    each=Route,
    severity="note",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html",
)
def failures_invisible(route: Route) -> Iterator[Finding]:
    """Rule has no metrics, so nobody hears of failures.

    S3 sends `s3:Replication:OperationFailedReplication`, the event that says which
    object failed and why, only for rules with replication metrics.  Without them a
    failure shows in one place: the replication status `FAILED` of the object itself,
    which nobody looks at.  S3 does not try a failed object again.

    ```yaml bad
    rule:
      Destination: {Metrics: null}
    ```

    ```yaml bad
    rule:
      Destination: {Metrics: {Status: Disabled}}
    ```

    ```yaml undecided
    rule:
      Destination: {Metrics: {Status: !Ref Unset}}
    ```

    ## Fix

    Turn metrics on (CloudWatch bills them as custom metrics), and send the event
    somewhere: a notification of the source bucket for `s3:Replication:*`, or
    EventBridge.  A rule without `Filter` is of the older schema, for which metrics are
    not documented: give it `Filter: {}`, a `Priority` and `DeleteMarkerReplication`.

    ```yaml good
    rule:
      Destination: {Metrics: {Status: Enabled}}
    ```
    """
    replication_rule = route.rule
    if not route.enabled or _is_of_time_control(route):
        return
    metrics = ("Destination", "Metrics")
    if replication_rule.has(*metrics):
        invisible = replication_rule.value(*metrics, "Status") == "Disabled"
    else:
        invisible = not replication_rule.mistook(*metrics)
    if invisible:
        yield Finding(
            replication_rule.at(*metrics, "Status"),
            f"replication rule {route} has no metrics, so no event tells of objects that fail",
            fix="Metrics: {Status: Enabled}",
        )


def _is_of_time_control(route: Route) -> bool:
    """Time control that is not backed by metrics is a fault of its own, which S3 refuses."""
    time = ("Destination", "ReplicationTime")
    if not route.rule.has(*time):
        return False
    return not route.rule.has("Destination", "Metrics") or bool(
        route.rule.value(*time, "Status") == "Enabled"
    )
