from collections.abc import Iterator
from typing import Literal

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR104",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
)
def destination_in_same_region(
    route: Route, *, same_region: Literal["deny", "allow"] = "deny"
) -> Iterator[Finding]:
    """Destination bucket is in the source's Region.

    Cross-region replication is there to survive the loss of a Region, or to serve
    readers far away.  S3 accepts a destination in the same Region and replicates to
    it, but then one event takes away both copies.  Where replication within a Region
    is what is wanted (to another account, say), allow it with the option
    `same-region: allow`.

    ```yaml bad
    stacks:
      replica: {region: us-east-1}
    ```

    ```yaml bad
    stacks:
      source: {region: eu-west-1}
    ```

    ```yaml undecided
    stacks:
      replica: {region: null}
    ```

    ## Fix

    Create the destination bucket in another Region, with a stack or a provider of its own.

    ```yaml good
    stacks:
      source: {region: eu-central-1}
    ```
    """
    source, destination = route.source, route.destination
    if same_region == "allow" or source.region != destination.region:
        return
    if destination.name != source.name:
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"destination bucket {destination} is in {destination.region}, "
            f"the Region of source bucket {source}",
            notes=(Note(destination.at("region"), "destination bucket"),),
            fix="a destination bucket in another Region, or same-region: allow in crrlint.yaml",
        )
