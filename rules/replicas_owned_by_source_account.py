from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR604",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html",
)
def replicas_owned_by_source_account(route: Route) -> Iterator[Finding]:
    """Replicas in another account stay the source's.

    A replica belongs to the owner of its source object, unless the rule gives it to
    the destination's owner or the destination enforces that all in it is its own.
    The destination's account cannot read replicas that are not its own, nor share
    them.

    ```yaml bad
    rule:
      Destination: {AccessControlTranslation: null}
    ```

    ```yaml undecided
    rule:
      Destination: {AccessControlTranslation: null}
    Replica:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: !Ref UnsetReplica}]}
    ```

    ## Fix

    Change the owner in the rule, or enforce the bucket owner's ownership at the
    destination.

    ```yaml good
    rule:
      Destination: {AccessControlTranslation: {Owner: Destination}}
    ```

    ```yaml good
    rule:
      Destination: {AccessControlTranslation: null}
    Replica:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
    ```
    """
    if not route.enabled or route.rule.overrides_owner:
        return
    if route.rule.mistook("Destination", "AccessControlTranslation"):
        return
    destination = route.destination
    if route.cross_account and destination.value("ownership") != "BucketOwnerEnforced":
        yield Finding(
            route.rule.at("Destination"),
            f"replicas in bucket {destination} of account {destination.account} "
            f"belong to account {route.source.account}",
            notes=(Note(destination.at("ownership"), "ownership of the destination"),),
            fix="AccessControlTranslation: {Owner: Destination}",
        )
