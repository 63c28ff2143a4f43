"""Questions about the organizations that accounts are in, and the policies that bind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from crrlint.capture import calls
from crrlint.capture.asking import Asker
from crrlint.capture.callers import Caller, Reply

_TYPES: Final = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")

# An organization has at most five levels of units under its root.
_DEPTH: Final = 7


def ask_organizations(asker: Asker, accounts: Iterable[str]) -> None:
    """Ask which policies reach each of the accounts; only few callers are told."""
    members: list[Caller] = []
    exempt: set[str] = set()
    for caller in asker.callers:
        found = asker.ask(calls.ORGANIZATION, [caller], caller.home, {}, account=caller.account)
        if found.absent:
            exempt.add(caller.account)
            continue
        members.append(caller)
        organization: dict[str, Any] = (found.result or {}).get("Organization", {})
        # No policy binds the account that manages the organization.
        exempt.add(organization.get("MasterAccountId", ""))
    for account in accounts:
        if account not in exempt:
            _ask_account(asker, members, account)


def _ask(
    asker: Asker, call: calls.Call, callers: Sequence[Caller], params: dict[str, Any]
) -> Reply:
    return asker.ask(call, callers, callers[0].home, params)


def _ask_account(asker: Asker, callers: Sequence[Caller], account: str) -> None:
    targets = [account]
    while not targets[-1].startswith("r-") and len(targets) < _DEPTH and callers:
        parents = _ask(asker, calls.PARENTS, callers, {"ChildId": targets[-1]}).result
        if not parents or not parents.get("Parents"):
            # Whoever is not told where an account stands is not told what binds it.
            return
        targets.append(parents["Parents"][0]["Id"])
    for target in targets if callers else ():
        for kind in _TYPES:
            params = {"TargetId": target, "Filter": kind}
            listed = _ask(asker, calls.TARGET_POLICIES, callers, params).result or {}
            for policy in listed.get("Policies", ()):
                _ask(asker, calls.ORGANIZATION_POLICY, callers, {"PolicyId": policy["Id"]})
