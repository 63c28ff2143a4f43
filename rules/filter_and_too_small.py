from collections.abc import Iterator

from crrlint.api import Finding, Node, Route, rule

_AND = ("Filter", "And")


@rule(
    "CRR210",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRuleAndOperator.html",
)
def filter_and_too_small(route: Route) -> Iterator[Finding]:
    """And of a filter joins fewer than two conditions.

    `And` is there to join a prefix and tags, or several tags.  AWS documents it for
    nothing else, so that S3 may refuse one with a single condition as `MalformedXML`;
    stores that speak S3's language do.  An empty `And` selects all objects, which is
    hardly what somebody meant who wrote one.

    ```yaml bad
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And: {TagFilters: [{Key: replicate, Value: "yes"}]}
    ```

    ```yaml bad
    rule:
      Filter:
        Prefix: null
        And: {Prefix: logs/}
    ```

    ```yaml undecided
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And:
          Prefix: !If [Perhaps, logs/, !Ref "AWS::NoValue"]
          TagFilters: [{Key: replicate, Value: "yes"}]
    ```

    ## Fix

    Put the one condition straight into the filter, or add the second one.

    ```yaml good
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        TagFilter: {Key: replicate, Value: "yes"}
    ```

    ```yaml good
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And: {Prefix: logs/, TagFilters: [{Key: replicate, Value: "yes"}]}
    ```
    """
    both = route.rule.node.get(*_AND)
    if both is None or any(route.rule.has("Filter", name) for name in ("Prefix", "Tag")):
        return
    members = {name for name, node in both.members().items() if node.settled().value is not None}
    # What is no And at all, or holds strange members, is the fault then, and has rules of its own.
    if not isinstance(both.value, dict) or members - {"Prefix", "Tags"}:
        return
    tags = both.get("Tags")
    found = [] if tags is None else tags.items()
    if tags is not None and not isinstance(tags.value, list):
        return
    prefix = both.get("Prefix")
    conditions = len(found) + (prefix is not None)
    if conditions < 2:
        yield Finding(
            both.at,
            f"And in the filter of replication rule {route} joins "
            f"{'no condition' if conditions == 0 else 'a single condition'}",
            fix=_alone(prefix, found),
        )


def _alone(prefix: Node | None, tags: list[Node]) -> str:
    """Return the filter that says the same without an `And`."""
    if tags:
        tag = f"{{Key: {tags[0].leaf('Key')}, Value: {tags[0].leaf('Value')}}}"
        return f"Filter: {{Tag: {tag}}}, TagFilter in CloudFormation"
    return f'Filter: {{Prefix: "{"" if prefix is None else prefix.value}"}}'
