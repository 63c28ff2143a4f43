from collections.abc import Iterator

from crrlint.api import Finding, Node, Note, Route, rule


@rule(
    "CRR211",
    each=Route,
    severity="error",
    failure="InvalidRequest; Duplicate Tag Keys are not allowed.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRuleAndOperator.html",
)
def duplicate_filter_tag(route: Route) -> Iterator[Finding]:
    """Filter names one tag key twice.

    An object has one value for a tag key, and has to carry all tags of an `And`: two
    values for one key match nothing.  S3 refuses the configuration.  To replicate
    objects that carry one *or* the other value takes two rules.

    ```yaml bad
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And: {TagFilters: [{Key: team, Value: web}, {Key: team, Value: data}]}
    ```

    ```yaml undecided
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And: {TagFilters: [{Key: team, Value: web}, {Key: !Ref Unset, Value: data}]}
    ```

    ## Fix

    Name each tag key once; use a rule for each value.

    ```yaml good
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And: {TagFilters: [{Key: team, Value: web}, {Key: Team, Value: data}]}
    ```
    """
    tags = route.rule.node.get("Filter", "And", "Tags")
    named = [] if tags is None else [tag for tag in tags.items() if tag.leaf("Key") is not None]
    # Plain keys first: one that is open must not hide two that are not.
    named.sort(key=lambda tag: not isinstance(tag.leaf("Key"), str))
    seen: list[Node] = []
    told: list[Node] = []
    for tag in named:
        key = tag.leaf("Key")
        if told and not isinstance(key, str):
            return
        first = next((other for other in seen if other.leaf("Key") == key), None)
        if first is None:
            seen.append(tag)
            continue
        if any(first is other for other in told):
            continue
        told.append(first)
        yield Finding(
            tag.place("Key"),
            f"filter of replication rule {route} names tag key {key} twice",
            notes=(Note(first.place("Key"), "first tag of this key"),),
        )
