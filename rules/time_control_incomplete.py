from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule

_TIME_CONTROL = ("Destination", "ReplicationTime")
_METRICS = ("Destination", "Metrics")
_NO_THRESHOLD = "ReplicationMetrics must contain an event threshold"


@rule(
    "CRR233",
    each=Route,
    severity="error",
    failure=f"InvalidArgument; MalformedXML; {_NO_THRESHOLD}",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationTime.html",
)
def time_control_incomplete(route: Route) -> Iterator[Finding]:
    """Time control lacks its status, time or threshold.

    `ReplicationTime` needs a `Status` and a `Time` in minutes, whether it is enabled or
    not.  Where it is enabled, the `Metrics` beside it need an `EventThreshold`: S3
    sends an event for an object that takes longer.  S3 refuses the whole configuration
    when one of them is missing.

    In Terraform, `aws_s3_bucket_replication_configuration` sends what is written; only
    the older block inside `aws_s3_bucket` fills in 15 minutes and `Enabled`.

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Status: Enabled}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled}
    ```

    ```yaml undecided
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics:
          Status: Enabled
          EventThreshold: !If [Perhaps, {Minutes: 15}, !Ref "AWS::NoValue"]
    ```

    ## Fix

    Write all of it.  Metrics alone, without `ReplicationTime`, need no threshold.

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
    if not route.rule.has(*_TIME_CONTROL):
        return
    missing = [*_missing(route, *_TIME_CONTROL, "Status"), *_time(route, *_TIME_CONTROL, "Time")]
    if missing:
        yield Finding(
            route.rule.at(*_TIME_CONTROL),
            f"ReplicationTime of replication rule {route} has no {' and no '.join(missing)}",
            fix="ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}",
            reason="InvalidArgument; MalformedXML",
        )
    if _needs_threshold(route):
        for name in _time(route, *_METRICS, "EventThreshold"):
            yield Finding(
                route.rule.at(*_METRICS),
                f"Metrics of replication rule {route} with time control have no {name}",
                notes=(Note(route.rule.at(*_TIME_CONTROL), "time control"),),
                fix="Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}",
                reason=f"InvalidArgument; {_NO_THRESHOLD}",
            )


def _needs_threshold(route: Route) -> bool:
    """Tell whether time control and metrics are both on; other rules report one alone."""
    return all(
        route.rule.has(*way) and bool(route.rule.value(*way, "Status") == "Enabled")
        for way in (_TIME_CONTROL, _METRICS)
    )


def _missing(route: Route, *way: str) -> Iterator[str]:
    if not route.rule.has(*way) and not route.rule.mistook(*way):
        yield way[-1]


def _time(route: Route, *way: str) -> Iterator[str]:
    """Yield what is missing of a number of minutes: all of it, or the number."""
    if route.rule.mistook(*way, "Minutes"):
        return
    if route.rule.has(*way):
        yield from _missing(route, *way, "Minutes")
    else:
        yield from _missing(route, *way)
