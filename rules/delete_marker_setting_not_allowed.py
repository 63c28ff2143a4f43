from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR218",
    each=Route,
    severity="error",
    failure="InvalidRequest; DeleteMarkerReplication cannot be used for this version of Cross "
    "Region Replication configuration schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def delete_marker_setting_not_allowed(route: Route) -> Iterator[Finding]:
    """Rule says about delete markers, but has no Filter.

    A rule without a `Filter` is of the schema's first version, which always replicates
    the delete markers that users make, and has no setting for it.  S3 refuses the
    configuration, whatever the setting says.  Terraform sends the block with or without a filter.

    ```yaml bad
    rule: {Filter: null, Priority: null, DeleteMarkerReplication: {Status: Disabled}}
    ```

    ```yaml undecided
    rule:
      Priority: null
      Filter: null
      DeleteMarkerReplication: !If [Perhaps, {Status: Enabled}, !Ref "AWS::NoValue"]
    ```

    ## Fix

    Give the rule a `Filter`, an empty one to select all objects, in place of its
    `Prefix`; it then needs a `Priority` too.  Or drop the setting.

    ```yaml good
    rule:
      Priority: 1
      Filter: {Prefix: ""}
      DeleteMarkerReplication: {Status: Disabled}
    ```

    ```yaml good
    rule: {Filter: null, Priority: null, DeleteMarkerReplication: null}
    ```
    """
    replication_rule = route.rule
    if not replication_rule.lacks_filter("DeleteMarkerReplication"):
        return
    # With a priority, or beside rules that do have a filter, other rules say that it is missing.
    if not replication_rule.has("Priority") and route.configuration.version == "V1":
        yield Finding(
            replication_rule.at("DeleteMarkerReplication"),
            f"replication rule {route} has a DeleteMarkerReplication and no Filter",
            fix=replication_rule.with_filter(replication_rule.index + 1),
        )
