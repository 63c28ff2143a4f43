"""Questions about the role that replicates: its trust, and every policy that it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crrlint.capture import calls
from crrlint.capture.asking import Asker
from crrlint.capture.callers import Caller, Reply


def ask_role(asker: Asker, arn: str) -> Iterator[str]:
    """Ask about a role; yield why that cannot be done."""
    fields = arn.split(":", 5)
    if len(fields) != 6 or fields[2] != "iam" or not fields[5].startswith("role/"):
        yield f"role {arn}: not the ARN of a role"
        return
    account, name = fields[4], fields[5].rsplit("/", 1)[-1]
    callers = asker.of_account(account)
    if not callers:
        yield f"role {arn}: no profile is of account {account}"
        return

    def ask(call: calls.Call, **params: str) -> Reply:
        return _ask(asker, call, callers, account, params)

    role = ask(calls.ROLE, RoleName=name)
    if role.absent:
        return
    for inline in (ask(calls.INLINE_NAMES, RoleName=name).result or {}).get("PolicyNames", ()):
        ask(calls.INLINE, RoleName=name, PolicyName=inline)
    attached = (ask(calls.ATTACHED, RoleName=name).result or {}).get("AttachedPolicies", ())
    policies: list[Any] = [policy.get("PolicyArn") for policy in attached]
    body = (role.result or {}).get("Role", {})
    policies.append(body.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"))
    for policy in filter(None, policies):
        found = ask(calls.POLICY, PolicyArn=policy)
        version = (found.result or {}).get("Policy", {}).get("DefaultVersionId")
        if version:
            ask(calls.POLICY_VERSION, PolicyArn=policy, VersionId=version)


def _ask(
    asker: Asker,
    call: calls.Call,
    callers: Sequence[Caller],
    account: str,
    params: dict[str, Any],
) -> Reply:
    return asker.ask(call, callers, callers[0].home, params, account=account)
