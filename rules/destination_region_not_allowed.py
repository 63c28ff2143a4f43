from collections.abc import Iterator

from crrlint.api import Finding, Note, Region, Route, rule


@rule(
    "CRR951",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
)
def destination_region_not_allowed(
    route: Route, *, allowed: tuple[Region, ...] = ()
) -> Iterator[Finding]:
    """Destination is in a Region that is not allowed.

    Where copies may be kept is a decision of yours (data residency, the Regions that
    your organization runs in), so this rule says nothing until `crrlint.yaml` names
    the Regions.  S3 itself replicates to any Region of the partition, and what has
    been replicated there stays when the rule is corrected.

    ```yaml options
    allowed: [eu-west-1, eu-north-1]
    ```

    ```yaml bad
    stacks:
      replica: {region: ap-southeast-2}
    ```

    ```yaml undecided
    stacks:
      replica: {region: null}
    ```

    ## Fix

    Replicate to a bucket in one of the Regions, and delete the replicas that are
    elsewhere; or add the Region to those that are allowed.

    ```yaml
    # crrlint.yaml
    rules:
      destination-region-not-allowed: {allowed: [eu-west-1, eu-north-1]}
    ```

    ```yaml good
    stacks:
      replica: {region: eu-west-1}
    ```
    """
    if not allowed or not route.enabled:
        return
    destination = route.destination
    if not any(destination.region == region for region in allowed):
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"destination bucket {destination} is in {destination.region}, "
            f"and replicas are allowed in {', '.join(allowed)} only",
            notes=(Note(destination.at("region"), "destination bucket"),),
            fix=f"a destination bucket in {' or '.join(allowed)}",
        )
