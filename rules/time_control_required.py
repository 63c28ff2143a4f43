from collections.abc import Iterator

from crrlint.api import Finding, Route, rule

_TIME = ("Destination", "ReplicationTime")


@rule(
    "CRR955",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html",
)
def time_control_required(route: Route, *, required: bool = False) -> Iterator[Finding]:
    """Rule has no Replication Time Control.

    Replication is usually done in minutes, and S3 promises no time.  Where a recovery
    point is promised to somebody, S3 Replication Time Control promises 15 minutes for
    nearly all objects, and sends an event for each object that takes longer.  It costs
    a fee per gigabyte, so this rule says nothing until `crrlint.yaml` requires it.

    ```yaml options
    required: true
    ```

    ```yaml bad
    rule:
      Destination: {ReplicationTime: null}
    ```

    ```yaml undecided
    rule:
      Destination:
        ReplicationTime: {Status: !Ref Unset, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ## Fix

    Turn time control on, with metrics of the same threshold.

    ```yaml
    # crrlint.yaml
    rules:
      time-control-required: {required: true}
    ```

    ```yaml good
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```
    """
    if not required or not route.enabled or route.rule.value(*_TIME, "Status") == "Enabled":
        return
    if not route.rule.mistook(*_TIME):
        yield Finding(
            route.rule.at(*_TIME, "Status"),
            f"replication rule {route} has no time control",
            fix="ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}, "
            "Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}",
        )
