from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR217",
    each=Route,
    severity="error",
    failure="InvalidRequest; DeleteMarkerReplication must be specified for this version of Cross "
    "Region Replication configuration schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def delete_marker_setting_missing(route: Route) -> Iterator[Finding]:
    """Rule with a Filter does not say about delete markers.

    A rule with a `Filter`, even an empty one, is of the schema's second version, and
    in that one each rule needs `DeleteMarkerReplication`.  S3 refuses the
    configuration.  Terraform's `aws_s3_bucket_replication_configuration` adds nothing
    here: the block has to be written.

    ```yaml bad
    rule: {DeleteMarkerReplication: null}
    ```

    ```yaml undecided
    rule: {DeleteMarkerReplication: !If [Perhaps, {Status: Enabled}, !Ref "AWS::NoValue"]}
    ```

    ## Fix

    Say whether delete markers are replicated; with a tag filter they cannot be.

    ```yaml good
    rule: {DeleteMarkerReplication: {Status: Disabled}}
    ```
    """
    replication_rule = route.rule
    if replication_rule.has("DeleteMarkerReplication") or replication_rule.version == "V1":
        return
    if not replication_rule.mistook("DeleteMarkerReplication"):
        yield Finding(
            replication_rule.at(),
            f"replication rule {route} has a Filter and no DeleteMarkerReplication",
            notes=(Note(replication_rule.at("Filter"), "the filter"),),
            fix="DeleteMarkerReplication: {Status: Disabled}",
        )
