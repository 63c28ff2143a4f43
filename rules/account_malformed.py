import re
from collections.abc import Iterator

from crrlint.api import Finding, Route, Symbolic, rule

_ACCOUNT = re.compile(r"[0-9]{12}\Z")


@rule(
    "CRR230",
    each=Route,
    severity="error",
    failure="InvalidArgument",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html",
)
def account_malformed(route: Route) -> Iterator[Finding]:
    """Account in the rule's destination is no account id.

    `Account` is the id of the account that owns the destination bucket: a text of 12
    digits, without dashes, and neither an ARN nor a name.  S3 refuses anything else,
    and an empty one.

    An id that starts with 0 loses the zero where a tool takes it for a number, and the
    AWS CLI refuses a number even of 12 digits; keep it in quotes.

    ```yaml bad
    rule:
      Destination: {Account: "22222222222"}
    ```

    ```yaml bad
    rule:
      Destination: {Account: arn:aws:iam::222222222222:root}
    ```

    ```yaml bad
    rule:
      Destination: {Account: ""}
    ```

    ```yaml undecided
    rule:
      Destination: {Account: !ImportValue ReplicaAccount}
    ```

    ## Fix

    Write the 12 digits, in quotes.

    ```yaml good
    rule:
      Destination: {Account: "222222222222"}
    ```
    """
    if not route.rule.has("Destination", "Account"):
        return
    account = route.rule.value("Destination", "Account")
    if isinstance(account, Symbolic):
        if _is_account(account):
            return
        if not _cannot_be_account(account):
            raise account.undecided()
    elif isinstance(account, str) and _ACCOUNT.match(account):
        return
    yield Finding(
        route.rule.at("Destination", "Account"),
        f"account {_shown(account)} of replication rule {route}{_fault(account)}",
        fix=f'Account: "{_meant(account)}"',
    )


def _is_account(account: Symbolic) -> bool:
    """Tell whether the text is one symbol, of something that can only be an account."""
    return len(account.parts) == 1 and account.symbols[0].form == "account"


def _cannot_be_account(account: Symbolic) -> bool:
    """Tell whether something stands beside a symbol that an id has no room for."""
    literals = [part for part in account.parts if isinstance(part, str)]
    accounts = [symbol for symbol in account.symbols if symbol.form == "account"]
    return any(not part.isdecimal() for part in literals) or bool(literals and accounts)


def _shown(account: object) -> str:
    if isinstance(account, dict | list):
        return "in Destination"
    text = str(account)
    return text if text and text == text.strip() else f'"{text}"'


def _fault(account: object) -> str:
    if account == "":
        return " is empty"
    if isinstance(account, dict | list):
        return " is not text"
    if not isinstance(account, str) and _ACCOUNT.match(str(account)):
        return " is a number, not text"
    hint = "; a leading zero may be lost" if _is_short(str(account)) else ""
    return f" is not 12 digits{hint}"


def _is_short(text: str) -> bool:
    return text.isdecimal() and 10 <= len(text) < 12


def _meant(account: object) -> str:
    """Return the id that is probably meant, or what it has to be."""
    text = str(account)
    if _is_short(text):
        return text.zfill(12)
    bare = text.replace("-", "").replace(" ", "")
    within = re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", bare)
    return within[0] if len(within) == 1 else "12 digits of the account that owns the destination"
