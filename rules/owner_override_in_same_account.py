from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, Severity, rule


@rule(
    "CRR605",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html",
)
def owner_override_in_same_account(route: Route) -> Iterator[Finding]:
    """Owner of replicas is changed to the owner they have.

    The rule hands replicas to the destination's owner, who owns the source bucket as
    well.  S3 does not check that, and takes the rule at its word: the replicas get an ACL
    that grants full control to the owner alone, and neither the ACLs of the source
    objects nor later changes of them are replicated any more.  Where one of the two
    buckets has ACLs disabled nothing is lost by that, and this is a note.

    ```yaml bad
    stacks: {replica: {account: "111111111111"}}
    rule:
      Destination: {Account: "111111111111"}
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
    ```

    ```yaml bad
    stacks: {replica: {account: "111111111111"}}
    rule:
      Destination: {Account: "111111111111"}
    ```

    ```yaml undecided
    stacks: {replica: {account: "111111111111"}}
    rule:
      Destination: {Account: "111111111111"}
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: !Ref Unset}]}
    ```

    ## Fix

    Take `AccessControlTranslation` out of the rule.

    ```yaml good
    stacks: {replica: {account: "111111111111"}}
    rule:
      Destination: {Account: "111111111111", AccessControlTranslation: null}
    ```

    ```yaml good
    rule:
      Destination: {Account: "222222222222", AccessControlTranslation: {Owner: Destination}}
    ```
    """
    if not route.enabled or not route.rule.overrides_owner or route.cross_account:
        return
    source, destination = route.source, route.destination
    disabled = any(end.value("ownership") == "BucketOwnerEnforced" for end in (source, destination))
    severity: Severity = "note" if disabled else "warning"
    yield Finding(
        route.rule.at("Destination", "AccessControlTranslation"),
        f"the owner of replicas is overridden, and buckets {source} and {destination} "
        f"are both in account {source.account}",
        notes=(Note(destination.at("account"), "destination bucket"),),
        fix="take AccessControlTranslation out of the rule",
        severity=severity,
    )
