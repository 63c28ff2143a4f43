from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, Symbolic, Unknown, rule, shown

_HIGHEST = 2**31 - 1
_IN_V1 = (
    "InvalidRequest; Priority cannot be used for this version of Cross Region Replication "
    "configuration schema"
)
_OUT_OF_RANGE = f"Priority must be between 0 and {_HIGHEST}."


@rule(
    "CRR214",
    each=Route,
    severity="error",
    failure=f"{_IN_V1}; {_OUT_OF_RANGE}",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def priority_not_allowed(route: Route) -> Iterator[Finding]:
    """Rule cannot have this Priority.

    A rule without a `Filter` is of the schema's first version, which knows no
    `Priority`; S3 refuses the configuration.  With a `Filter`, the priority is a whole
    number from 0 to 2147483647.  Terraform's provider leaves the priority of a rule
    without a filter out, so that it does no harm there.

    ```yaml bad
    rule: {Filter: null}
    ```

    ```yaml bad
    rule: {Filter: null, DeleteMarkerReplication: null}
    ```

    ```yaml bad
    rule: {Priority: -1}
    ```

    ```yaml undecided
    rule: {Priority: !Ref Unset}
    ```

    ## Fix

    Give the rule a `Filter`, an empty one to select all objects, in place of its
    `Prefix`; it then needs `DeleteMarkerReplication` too.  Or drop the `Priority`.

    ```yaml good
    rule:
      Priority: 1
      Filter: {Prefix: ""}
      DeleteMarkerReplication: {Status: Enabled}
    ```

    ```yaml good
    rule: {Filter: null, Priority: null, DeleteMarkerReplication: null}
    ```
    """
    replication_rule = route.rule
    priority = replication_rule.value("Priority")
    if priority is None:
        return
    if replication_rule.version == "V2":
        # The AWS CLI sends no text for a number; what is open raises where it is compared.
        number = isinstance(priority, int | Symbolic | Unknown) and not isinstance(priority, bool)
        if not number or not 0 <= priority <= _HIGHEST:
            yield Finding(
                replication_rule.at("Priority"),
                f"priority {shown(priority)} of replication rule {route} is no whole number "
                f"from 0 to {_HIGHEST}",
                fix="Priority: 1",
                reason=_OUT_OF_RANGE,
            )
    # Where other rules do have a filter, this one's is what is missing: another rule says so.
    elif replication_rule.lacks_filter("Priority") and route.configuration.version == "V1":
        markers = replication_rule.has("DeleteMarkerReplication")
        also = Note(replication_rule.at("DeleteMarkerReplication"), "this needs a Filter as well")
        yield Finding(
            replication_rule.at("Priority"),
            f"replication rule {route} has a Priority and no Filter",
            notes=(also,) if markers else (),
            fix=replication_rule.with_filter(replication_rule.index + 1),
            reason=_IN_V1,
        )
