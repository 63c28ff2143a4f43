import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeVar

from crrlint.api import (
    Configuration,
    Doubt,
    Finding,
    Note,
    ReplicationRule,
    Undecided,
    all_hold,
    proved,
    rule,
    selects_all_of,
)

T = TypeVar("T")

_NO_NUMBERS = (str, dict, list)


@rule(
    "CRR239",
    each=Configuration,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def rule_shadowed(configuration: Configuration) -> Iterator[Finding]:
    """Another rule takes every object of a replication rule.

    Of two rules that select an object and have the same destination, S3 applies the one
    with the higher priority, which is the higher number.  A rule of higher priority that
    selects all that this one selects leaves nothing to it: its storage class, key, time
    control and setting for delete markers are never used.

    Rules to different destinations do not get in each other's way.

    ```yaml bad
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: everything
          Status: Enabled
          Priority: 2
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: audit
          Status: Enabled
          Priority: 1
          Filter: {Prefix: audit/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: {<<: *to, StorageClass: GLACIER_IR}
    ```

    ```yaml undecided
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: everything
          Status: Enabled
          Priority: !If [Perhaps, 2, 0]
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: audit
          Status: Enabled
          Priority: 1
          Filter: {Prefix: audit/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: {<<: *to, StorageClass: GLACIER_IR}
    ```

    ## Fix

    Give the narrower rule the higher priority, or take it out.

    ```yaml good
    Source: {Properties: {BucketEncryption: null}}
    configuration:
      Rules:
        - Id: everything
          Status: Enabled
          Priority: 1
          Filter: {Prefix: ""}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: &to
            Bucket: arn:aws:s3:::acme-replica
            Account: "222222222222"
            AccessControlTranslation: {Owner: Destination}
            Metrics: {Status: Enabled}
        - Id: audit
          Status: Enabled
          Priority: 2
          Filter: {Prefix: audit/}
          DeleteMarkerReplication: {Status: Enabled}
          Destination: {<<: *to, StorageClass: GLACIER_IR}
    ```
    """
    rules = [_look(r) for r in configuration.rules if r.version == "V2" and r.has("Priority")]
    yield from proved(*(partial(_shadowed, configuration, seen, rules) for seen in rules))


class _Seen(NamedTuple):
    """A replication rule with what is plain of it, None for what is not: there may be 1,000."""

    rule: ReplicationRule
    priority: int | None
    bucket: str | None
    prefix: str | None
    tags: frozenset[tuple[str, str]] | None


def _look(replication_rule: ReplicationRule) -> _Seen:
    return _Seen(
        replication_rule,
        _plain(int, lambda: replication_rule.value("Priority")),
        _plain(str, lambda: replication_rule.value("Destination", "Bucket")),
        _plain(str, lambda: replication_rule.prefix),
        _plain(frozenset, lambda: _tags(replication_rule)),
    )


def _tags(replication_rule: ReplicationRule) -> frozenset[tuple[str, str]] | None:
    tags = [(tag.leaf("Key"), tag.leaf("Value")) for tag in replication_rule.tags]
    return frozenset(tags) if all(isinstance(text, str) for tag in tags for text in tag) else None


def _plain(kind: type[T], ask: Callable[[], Any]) -> T | None:
    try:
        value = ask()
    except Undecided:
        return None
    return value if isinstance(value, kind) else None


def _shadowed(configuration: Configuration, low: _Seen, rules: list[_Seen]) -> Iterator[Finding]:
    doubt = Doubt()
    for high in rules:
        if high is low or _cannot_cover(high, low):
            continue
        covers = False
        with doubt:
            covers = _covers(high.rule, low.rule)
        if covers:
            yield _finding(configuration, high.rule, low.rule)
            return
    doubt.raise_unless(False)


def _cannot_cover(high: _Seen, low: _Seen) -> bool:
    """Tell whether what is plain of both excludes it."""
    return (
        _rules_out(operator.gt, high.priority, low.priority)
        or _rules_out(operator.eq, high.bucket, low.bucket)
        or _rules_out(str.startswith, low.prefix, high.prefix)
        or _rules_out(operator.le, high.tags, low.tags)
    )


def _rules_out(holds: Callable[[T, T], bool], one: T | None, other: T | None) -> bool:
    return one is not None and other is not None and not holds(one, other)


def _covers(high: ReplicationRule, low: ReplicationRule) -> bool:
    way = ("Destination", "Bucket")
    return all_hold(
        lambda: bool(high.status == "Enabled"),
        lambda: bool(low.status == "Enabled"),
        lambda: high.has(*way) and bool(high.value(*way) == low.value(*way)),
        lambda: _is_higher(high.value("Priority"), low.value("Priority")),
        lambda: selects_all_of(high, low),
    )


def _is_higher(high: Any, low: Any) -> bool:
    # A priority that is no number is the fault of another rule.
    if isinstance(high, _NO_NUMBERS) or isinstance(low, _NO_NUMBERS):
        return False
    return bool(high > low)


def _finding(configuration: Configuration, high: ReplicationRule, low: ReplicationRule) -> Finding:
    return Finding(
        low.at("Priority"),
        f"replication rule {_name(low)} of bucket {configuration.bucket} is never applied: "
        f"{_name(high)} of priority {high.value('Priority')} selects all its objects",
        notes=(Note(high.at("Priority"), "rule of higher priority to the same destination"),),
        fix=f"Priority: a number above {high.value('Priority')}",
    )


def _name(replication_rule: ReplicationRule) -> str:
    identifier = replication_rule.value("ID")
    return str(identifier) if identifier is not None else f"rule-{replication_rule.index + 1}"
