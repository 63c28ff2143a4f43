from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR229",
    each=Route,
    severity="error",
    failure="InvalidRequest; Account must be specified if the Owner in AccessControlTranslation "
    "has a value",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html",
)
def owner_override_without_account(route: Route) -> Iterator[Finding]:
    """Rule changes the owner, but does not name the account.

    `AccessControlTranslation` gives replicas to the destination bucket's owner, and
    S3 wants to be told who that is: `Account`, in the same `Destination`.

    ```yaml bad
    rule:
      Destination: {Account: null}
    ```

    ```yaml undecided
    rule:
      Destination: {Account: !If [Perhaps, "222222222222", !Ref "AWS::NoValue"]}
    ```

    ## Fix

    Add the id of the account that owns the destination bucket.

    ```yaml good
    rule:
      Destination: {Account: "222222222222"}
    ```
    """
    replication_rule = route.rule
    if not replication_rule.overrides_owner or replication_rule.has("Destination", "Account"):
        return
    if not replication_rule.mistook("Destination", "Account"):
        yield Finding(
            replication_rule.at("Destination", "AccessControlTranslation"),
            f"replication rule {route} has an AccessControlTranslation and no Account",
            fix="Account: id of the account that owns the destination bucket",
        )
