from collections.abc import Iterator

from crrlint.api import Finding, Route, rule

_TIME_CONTROL = ("Destination", "ReplicationTime")
_TIME = (*_TIME_CONTROL, "Time", "Minutes")
_THRESHOLD = ("Destination", "Metrics", "EventThreshold", "Minutes")


@rule(
    "CRR234",
    each=Route,
    severity="error",
    failure="InvalidArgument",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationTimeValue.html",
)
def time_control_not_15_minutes(route: Route) -> Iterator[Finding]:
    """Time control has another time than 15 minutes.

    S3 promises 15 minutes and no other time: `ReplicationTime` and the event threshold
    of the metrics are the number 15.  S3 refuses the whole configuration for any other,
    though Terraform and CloudFormation let it pass.

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 30}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ```yaml bad
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 10}}
    ```

    ```yaml undecided
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: !Ref Unset}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```

    ## Fix

    Write 15.

    ```yaml good
    rule:
      Destination:
        ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
        Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
    ```
    """
    if not route.rule.has(*_TIME_CONTROL):
        return
    if route.rule.has(*_TIME) and route.rule.value(*_TIME) != 15:
        yield _finding(route, "ReplicationTime", *_TIME)
    if not route.rule.has(*_THRESHOLD) or route.rule.value(*_THRESHOLD) == 15:
        return
    # Without time control the threshold has no place at all: another rule reports that.
    if route.rule.value(*_TIME_CONTROL, "Status") != "Disabled":
        yield _finding(route, "event threshold", *_THRESHOLD)


def _finding(route: Route, what: str, *way: str) -> Finding:
    minutes = route.rule.value(*way)
    if isinstance(minutes, int | float):
        fault = f"{minutes} minutes, not 15"
    elif isinstance(minutes, str):
        fault = f'the text "{minutes}", not a number'
    else:
        fault = "no number"
    return Finding(
        route.rule.at(*way),
        f"{what} of replication rule {route} is {fault}",
        fix="Minutes: 15",
    )
