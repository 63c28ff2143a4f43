from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR219",
    each=Route,
    severity="error",
    failure="InvalidRequest; Delete marker replication is not supported if any Tag filter is "
    "specified.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html",
)
def delete_markers_with_tag_filter(route: Route) -> Iterator[Finding]:
    """Rule replicates delete markers and selects by tag.

    A delete marker carries no tags, so a rule that selects objects by their tags
    cannot replicate it.  S3 refuses the configuration.

    ```yaml bad
    rule:
      Filter: {Prefix: null, TagFilter: {Key: replicate, Value: "yes"}}
    ```

    ```yaml undecided
    rule:
      Filter: {Prefix: null, TagFilter: {Key: replicate, Value: "yes"}}
      DeleteMarkerReplication: {Status: !Ref Unset}
    ```

    ## Fix

    Select by prefix, or leave delete markers at the source.

    ```yaml good
    rule:
      Filter: {Prefix: null, TagFilter: {Key: replicate, Value: "yes"}}
      DeleteMarkerReplication: {Status: Disabled}
    ```
    """
    tags = route.rule.tags
    if tags and route.rule.value("DeleteMarkerReplication", "Status") == "Enabled":
        yield Finding(
            route.rule.at("DeleteMarkerReplication", "Status"),
            f"replication rule {route} replicates delete markers and filters by tag",
            notes=(Note(tags[0].at, "a tag to filter by"),),
            fix="DeleteMarkerReplication: {Status: Disabled}",
        )
