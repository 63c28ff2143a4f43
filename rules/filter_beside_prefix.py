from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR208",
    each=Route,
    severity="error",
    failure="MalformedXML; The XML you provided was not well-formed or did not validate against "
    "our published schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html",
)
def filter_beside_prefix(route: Route) -> Iterator[Finding]:
    """Rule has both a Filter and a Prefix of its own.

    The `Prefix` of a rule is the older way to select objects; `Filter` replaces it.
    S3 refuses a rule with both.

    ```yaml bad
    rule: {Prefix: logs/}
    ```

    ```yaml undecided
    rule: {Prefix: !If [Perhaps, logs/, !Ref "AWS::NoValue"]}
    ```

    ## Fix

    Move the prefix into the filter.

    ```yaml good
    rule:
      Filter: {Prefix: logs/}
    ```
    """
    if route.rule.has("Filter") and route.rule.has("Prefix"):
        yield Finding(
            route.rule.at("Prefix"),
            f"replication rule {route} has a Prefix beside its Filter",
            notes=(Note(route.rule.at("Filter"), "the filter"),),
            fix=f"Filter: {{Prefix: {route.rule.value('Prefix')}}}",
        )
