import re
from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule

_ACCOUNT = re.compile(r"[0-9]{12}\Z")


@rule(
    "CRR231",
    each=Route,
    severity="error",
    failure="InvalidArgument; DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
)
def account_is_not_destination_owner(route: Route) -> Iterator[Finding]:
    """Rule names an account that does not own the destination.

    `Account` tells S3 who owns the destination bucket, and S3 checks it: it refuses the
    configuration, or fails to replicate when it is applied, where another account is
    the owner.  So a bucket name that somebody else has taken gets no copies.

    The owner is known where the destination bucket is among the inputs; the rule's own
    word is no proof of it.

    ```yaml bad
    rule:
      Destination: {Account: "333333333333"}
    ```

    ```yaml bad
    rule:
      Destination: {Account: !Ref "AWS::AccountId"}
    ```

    ```yaml undecided
    stacks:
      replica: {account: null}
    ```

    ## Fix

    Name the owner of the destination, or another destination.

    ```yaml good
    rule:
      Destination: {Account: "222222222222"}
    ```
    """
    if not route.rule.has("Destination", "Account"):
        return
    account = route.rule.value("Destination", "Account")
    if _is_malformed(account):
        return
    destination = route.destination
    if destination.account != account:
        yield Finding(
            route.rule.at("Destination", "Account"),
            f"account {account} of replication rule {route} is not the owner of bucket "
            f"{destination}, which account {destination.account} owns",
            notes=(Note(destination.at("account"), "destination bucket"),),
            fix=f'Account: "{destination.account}"',
        )


def _is_malformed(account: object) -> bool:
    """Tell whether the account is none: another rule reports that."""
    if isinstance(account, str):
        return not _ACCOUNT.match(account)
    return isinstance(account, bool | int | float | dict | list)
