"""Answers of Organizations as facts about policies and accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from crrlint.documents.source import Location, Node
from crrlint.loaders.aws.facts import Fact, left_out, member, policy_node, problem, text
from crrlint.loaders.aws.kinds import Answer
from crrlint.model import AccountFacts, OrganizationPolicy
from crrlint.model.bindings import Bindings

_TYPES: Final[dict[str, Literal["SCP", "RCP"]]] = {
    "SERVICE_CONTROL_POLICY": "SCP",
    "RESOURCE_CONTROL_POLICY": "RCP",
}
ORGANIZATION_KINDS: Final = frozenset(
    {
        "scp",
        "rcp",
        "organization-policy",
        "policy-targets",
        "target-policies",
        "parents",
        "children",
        "accounts",
        "organization",
    }
)
_ACCOUNT_DIGITS: Final = 12


class _Policy(NamedTuple):
    answer: Answer
    type: Literal["SCP", "RCP"]
    id: str | None
    document: Node


def organization_facts(answers: Sequence[Answer], bindings: Bindings) -> Iterator[Fact]:
    usable = [a for a in answers if a.error is None and a.data is not None]
    yield from _accounts(usable)
    yield from _memberships(answers)
    yield from _complete(usable)
    for answer in usable:
        if answer.kind in ("parents", "children", "target-policies") and not answer.subject.target:
            yield left_out(answer, "whose these are is not known: capture them with their request")
    targets = _targets(usable)
    for answer in usable:
        if answer.kind not in ("scp", "rcp", "organization-policy"):
            continue
        policy = _policy(answer)
        if policy is None:
            # AI, backup and tag policies have nothing to say about replication.
            if answer.kind != "organization-policy":
                yield problem(answer.at, "is not a policy document")
            continue
        named = tuple(sorted(targets.get(policy.id or "", ())))
        if answer.by == "binding" and answer.subject.account is not None:
            named = (*named, answer.subject.account)
        if not named:
            yield left_out(answer, "what this policy is attached to is not known: " + _NAME_TARGETS)
            continue
        yield OrganizationPolicy(policy.type, policy.document, named, answer.at)


_NAME_TARGETS = "name its targets under organization.policies in crrlint.yaml"


def file_facts(file: Any, document: Node | None, at: Location) -> Iterator[Fact]:
    """Read a policy that the configuration lists with its targets."""
    if document is None or "Statement" not in document.value:
        yield problem(at, "is not a policy document")
    else:
        yield OrganizationPolicy(file.type, document, file.targets, at)


def _policy(answer: Answer) -> _Policy | None:
    policy, at = member(answer.data, answer.at, "Policy")
    if not isinstance(policy, dict) or "Content" not in policy:
        document = policy_node(answer.data, answer.at)
        if document is None or "Statement" not in document.value or answer.kind not in _SHORT:
            return None
        return _Policy(answer, _SHORT[answer.kind], answer.subject.policy, document)
    summary, _ = member(policy, at, "PolicySummary")
    summary = summary if isinstance(summary, dict) else {}
    kind = _TYPES.get(str(summary.get("Type"))) or _SHORT.get(answer.kind)
    document = policy_node(*member(policy, at, "Content"))
    if kind is None or document is None or "Statement" not in document.value:
        return None
    return _Policy(answer, kind, text(summary.get("Id")) or answer.subject.policy, document)


_SHORT: Final[dict[str, Literal["SCP", "RCP"]]] = {"scp": "SCP", "rcp": "RCP"}


def _items(answer: Answer, *names: str) -> Iterator[tuple[dict[str, Any], Location]]:
    for name in names:
        found, at = member(answer.data, answer.at, name)
        for index, item in enumerate(found if isinstance(found, list) else []):
            if isinstance(item, dict):
                yield item, at / index


def _targets(answers: Sequence[Answer]) -> dict[str, set[str]]:
    """Return what each policy is attached to, by its id."""
    targets: dict[str, set[str]] = {}
    for answer in answers:
        if answer.kind == "policy-targets" and answer.subject.policy is not None:
            ids = {str(t["TargetId"]) for t, _ in _items(answer, "Targets") if "TargetId" in t}
            targets.setdefault(answer.subject.policy, set()).update(ids)
        elif answer.kind == "target-policies" and answer.subject.target is not None:
            for policy, _ in _items(answer, "Policies"):
                targets.setdefault(str(policy.get("Id")), set()).add(answer.subject.target)
    return targets


def _memberships(answers: Sequence[Answer]) -> Iterator[Fact]:
    """What describe-organization tells of whoever asked, and of the account that manages it."""
    for answer in answers:
        if answer.kind != "organization":
            continue
        asker = answer.subject.account if answer.by == "capture" else None
        if answer.error == "AWSOrganizationsNotInUseException" and asker is not None:
            yield AccountFacts(asker, answer.at, exempt=True)
        organization, at = member(answer.data, answer.at, "Organization")
        if not isinstance(organization, dict) or text(organization.get("Id")) is None:
            continue
        manager = text(organization.get("MasterAccountId"))
        if manager is not None:
            yield AccountFacts(manager, at, organization=organization["Id"], exempt=True)
        if asker not in (None, manager):
            yield AccountFacts(asker, at, organization=organization["Id"])


def _complete(answers: Sequence[Answer]) -> Iterator[Fact]:
    """Tell of which accounts every policy is there, of the account and of all above it."""
    listed: dict[tuple[str, str], set[str]] = {}
    for answer in answers:
        target, kind = answer.subject.target, _TYPES.get(answer.subject.type or "")
        if answer.kind != "target-policies" or target is None or kind is None or answer.partial:
            continue
        if isinstance(answer.data, dict) and not answer.data.get("NextToken"):
            listed[target, kind] = {str(p.get("Id")) for p, _ in _items(answer, "Policies")}
    policies = [_policy(a) for a in answers if a.kind == "organization-policy"]
    described = {policy.id for policy in policies if policy is not None}
    above = _above(answers)
    for account in above:
        path = _path(account, above)
        if path is None or not _is_account(account):
            continue
        complete = frozenset(
            kind
            for kind in _SHORT.values()
            if all(listed.get((t, kind), {None}) <= described for t in (account, *path))
        )
        at = next(a.at for a in answers if a.subject.target == account)
        if complete:
            yield AccountFacts(account, at, complete=complete)


def _is_account(name: str) -> bool:
    return len(name) == _ACCOUNT_DIGITS and name.isdigit()


def _above(answers: Sequence[Answer]) -> dict[str, str]:
    """Return the unit or root that each member of the organization lies in."""
    above: dict[str, str] = {}
    for answer in answers:
        named = answer.subject.target
        if named is None:
            continue
        if answer.kind == "parents":
            for parent, _ in _items(answer, "Parents"):
                above[named] = str(parent.get("Id"))
        elif answer.kind == "children":
            for child, _ in _items(answer, "Children", "Accounts", "OrganizationalUnits"):
                above[str(child.get("Id"))] = named
    return above


def _path(account: str, above: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the root and the units above an account, None where a step is not known."""
    path: list[str] = []
    at = account
    while not at.startswith("r-"):
        if at not in above or above[at] in path:
            return None
        at = above[at]
        path.append(at)
    return tuple(reversed(path))


def _accounts(answers: Sequence[Answer]) -> Iterator[Fact]:
    above = _above(answers)
    places = {a.subject.target: a.at for a in answers if a.kind in ("parents", "children")}
    for answer in answers:
        if answer.kind != "accounts":
            continue
        for account, at in _items(answer, "Accounts"):
            # arn:aws:organizations::<manager>:account/<organization>/<account>
            fields = str(account.get("Arn")).split("/")
            if text(account.get("Id")) and len(fields) == 3 and fields[1].startswith("o-"):
                yield AccountFacts(account["Id"], at, organization=fields[1])
    for name, parent in above.items():
        path = _path(name, above)
        if path is not None and _is_account(name):
            at_parent = places.get(name) or places[parent]
            yield AccountFacts(name, at_parent, path=path)
