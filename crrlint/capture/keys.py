"""Questions about a KMS key: what it is, its policy, its grants, its aliases."""

from __future__ import annotations

from typing import Any

from crrlint.capture import calls
from crrlint.capture.asking import Asker
from crrlint.capture.callers import Reply


def ask_key(asker: Asker, text: str, account: str | None, region: str | None) -> str | None:
    """Ask about the key that a text names; return the account that it is of.

    `account` and `region` are where a bare id or an alias is looked up.  None where there
    is nobody to ask; an empty text for a key that AWS has for everyone.
    """
    fields = text.split(":", 5)
    if len(fields) == 6:
        region, account = fields[3], fields[4]
    if not account or not region:
        return None
    if (fields[5] if len(fields) == 6 else text).startswith("alias/aws/"):
        # Nobody can change what such a key is, and who may use it.
        return ""
    # Only keys named by ARN can be asked about from other accounts.
    callers = asker.nearest(account) if len(fields) == 6 else asker.of_account(account)

    def ask(call: calls.Call, **params: str) -> Reply:
        return asker.ask(call, callers, region, params, account=account, about=region)

    described = ask(calls.KEY, KeyId=text)
    metadata: dict[str, Any] = (described.result or {}).get("KeyMetadata", {})
    if described.absent or metadata.get("KeyManager") == "AWS":
        return account
    name = metadata.get("Arn", text)
    if "alias/" in name:
        return account
    own = asker.of_account(account)
    asker.ask(
        calls.KEY_POLICY,
        own,
        region,
        {"KeyId": name, "PolicyName": "default"},
        account=account,
        about=region,
    )
    ask(calls.GRANTS, KeyId=name)
    asker.ask(calls.ALIASES, own, region, {"KeyId": name}, account=account, about=region)
    return account
