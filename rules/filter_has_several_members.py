from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR209",
    each=Route,
    severity="error",
    failure="MalformedXML; The XML you provided was not well-formed or did not validate against "
    "our published schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRuleFilter.html",
)
def filter_has_several_members(route: Route) -> Iterator[Finding]:
    """Filter holds more than one condition side by side.

    A filter holds a prefix, or a tag, or an `And` of several of them.  S3 refuses a
    filter with two of the three.

    ```yaml bad
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter: {Prefix: logs/, TagFilter: {Key: replicate, Value: "yes"}}
    ```

    ```yaml undecided
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: logs/
        TagFilter: !If [Perhaps, {Key: replicate, Value: "yes"}, !Ref "AWS::NoValue"]
    ```

    ## Fix

    Put the conditions into an `And`.

    ```yaml good
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And: {Prefix: logs/, TagFilters: [{Key: replicate, Value: "yes"}]}
    ```
    """
    members = [name for name in ("Prefix", "Tag", "And") if route.rule.has("Filter", name)]
    if len(members) > 1:
        yield Finding(
            route.rule.at("Filter"),
            f"filter of replication rule {route} holds {' and '.join(members)} side by side",
        )
