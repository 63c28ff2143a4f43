from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR213",
    each=Route,
    severity="error",
    failure="InvalidRequest; Priority must be specified for this version of Cross Region "
    "Replication configuration schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def priority_missing(route: Route) -> Iterator[Finding]:
    """Rule with a Filter has no Priority.

    A rule with a `Filter`, even an empty one, is of the schema's second version, and
    in that one each rule needs a `Priority`.  S3 refuses the configuration.

    ```yaml bad
    rule: {Priority: null}
    ```

    ```yaml undecided
    rule: {Priority: !If [Perhaps, 1, !Ref "AWS::NoValue"]}
    ```

    ## Fix

    Give the rule a priority; the higher number wins where two rules overlap.

    ```yaml good
    rule: {Priority: 0}
    ```
    """
    replication_rule = route.rule
    if replication_rule.has("Priority") or replication_rule.version == "V1":
        return
    if not replication_rule.mistook("Priority"):
        yield Finding(
            replication_rule.at(),
            f"replication rule {route} has a Filter and no Priority",
            notes=(Note(replication_rule.at("Filter"), "the filter"),),
            fix="Priority: 1",
        )
