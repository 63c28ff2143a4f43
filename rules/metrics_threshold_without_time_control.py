from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule

_TIME_CONTROL = ("Destination", "ReplicationTime")
_STATUS = (*_TIME_CONTROL, "Status")
_THRESHOLD = ("Destination", "Metrics", "EventThreshold")


@rule(
    "CRR235",
    each=Route,
    severity="error",
    failure="InvalidArgument; Metrics cannot contain an event threshold when ReplicationTime is "
    "not specified or Disabled",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Metrics.html",
)
def metrics_threshold_without_time_control(route: Route) -> Iterator[Finding]:
    """Metrics have a threshold, but there is no time control.

    `EventThreshold` is the time after which time control sends an event, so S3 takes it
    only beside an enabled `ReplicationTime`.  It refuses the whole configuration
    otherwise.  Metrics, and events for objects that fail, need no threshold.

    In Terraform, the `metrics` block inside `aws_s3_bucket` always sends a threshold,
    whether `minutes` is written or not.  Metrics alone are possible with
    `aws_s3_bucket_replication_configuration`.

    ```yaml bad
    rule:
      Destination:
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Status: Disabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml undecided
    rule:
      Destination:
        ReplicationTime: !If
          - Perhaps
          - {Status: Enabled, Time: {Minutes: 15}}
          - !Ref AWS::NoValue
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ## Fix

    Take the threshold out, or add time control.

    ```yaml good
    rule:
      Destination:
        Metrics: {Status: Enabled}
    ```

    ```yaml good
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```
    """
    replication_rule = route.rule
    if not replication_rule.has(*_THRESHOLD) or replication_rule.mistook(*_TIME_CONTROL):
        return
    notes: tuple[Note, ...] = ()
    state = "and no ReplicationTime"
    if replication_rule.has(*_TIME_CONTROL):
        # A status that is missing or no status at all is the fault of another rule.
        if not replication_rule.has(*_STATUS) or replication_rule.value(*_STATUS) != "Disabled":
            return
        state = "and a disabled ReplicationTime"
        notes = (Note(replication_rule.at(*_STATUS), "time control is off"),)
    yield Finding(
        replication_rule.at(*_THRESHOLD),
        f"metrics of replication rule {route} have an EventThreshold {state}",
        notes=notes,
        fix="Metrics: {Status: Enabled}, or "
        "ReplicationTime: {Status: Enabled, Time: {Minutes: 15}} beside it",
    )
