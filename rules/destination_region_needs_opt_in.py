from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule

# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
OPT_IN = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
)


@rule(
    "CRR105",
    each=Route,
    severity="note",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
)
def destination_region_needs_opt_in(
    route: Route, *, regions: tuple[str, ...] = OPT_IN
) -> Iterator[Finding]:
    """Destination's Region has to be enabled in both accounts.

    Some Regions are off until an account turns them on.  The account that owns the
    source has to have the destination's Region on as well, though nothing of its own
    is there; else replication does not work.  The files do not tell which Regions an
    account has on, so this is a reminder and no fault.

    The option `regions` replaces the list of Regions that are off by default.

    ```yaml bad
    stacks:
      replica: {region: af-south-1}
    rule:
      SourceSelectionCriteria: null
      Destination: {EncryptionConfiguration: null}
    Source: {Properties: {BucketEncryption: null}}
    ```

    ```yaml undecided
    stacks:
      replica: {region: null}
    ```

    ## Fix

    Look, and turn the Region on in the source's account:
    `aws account get-region-opt-status --region-name af-south-1`, then
    `aws account enable-region --region-name af-south-1`.

    ```yaml good
    stacks:
      replica: {region: eu-central-1}
    rule:
      SourceSelectionCriteria: null
      Destination: {EncryptionConfiguration: null}
    Source: {Properties: {BucketEncryption: null}}
    ```
    """
    destination = route.destination
    region = destination.region
    # In the Region of the source there is something of the source's account already.
    if not any(region == name for name in regions) or route.source.region == region:
        return
    if route.cross_account:
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"destination bucket {destination} is in {region}, "
            f"a Region that account {route.source.account} has to enable",
            notes=(Note(destination.at("region"), "destination bucket"),),
            fix=f"aws account enable-region --region-name {region}",
        )
