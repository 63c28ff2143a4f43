from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "ACME001",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html",
)
def replica_lacks_tag(route: Route, *, tags: tuple[str, ...] = ()) -> Iterator[Finding]:
    """Destination bucket lacks a tag that Acme asks for.

    The bill for copies goes to whoever the tags of their bucket name.  Which tags that
    are is an option; without it the rule is silent.

    ```yaml options
    tags: [cost-centre]
    ```

    ```yaml bad
    Replica:
      Properties:
        Tags: [{Key: team, Value: orders}]
    ```

    ```yaml undecided
    Replica:
      Properties:
        Tags: !Ref UnsetReplica
    ```

    ## Fix

    Tag the bucket.

    ```yaml good
    Replica:
      Properties:
        Tags: [{Key: cost-centre, Value: "4711"}]
    ```
    """
    destination = route.destination
    for tag in tags:
        if tag not in destination.node("tags").members():
            yield Finding(
                destination.at("tags"),
                f"destination bucket {destination} has no tag {tag}",
                notes=(Note(route.rule.at("Destination", "Bucket"), "replication goes there"),),
                fix=f"Tags: [{{Key: {tag}, Value: ...}}]",
            )
