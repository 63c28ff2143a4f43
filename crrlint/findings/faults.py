"""Findings about grants: what all rules on a missing permission say.

A missing grant is shown where it nearly is (the statement that comes closest),
else where the role's policies or the bucket stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from crrlint.access.permissions import (
    Layer,
    Refusal,
    aliased_grants,
    decision,
    misplaced_grant,
    names_role,
    place,
    refusals,
    refuses_key,
    unattached_grant,
)
from crrlint.access.requests import KEYS, Need, key_on
from crrlint.access.requirements import REQUIREMENTS, Requirement, is_soft, requirement_of
from crrlint.documents.source import Location
from crrlint.findings.evidence import (
    allow,
    grant_to_role,
    nearest_notes,
    nearest_place,
    needed_by,
    policies_place,
    scope,
)
from crrlint.routes.route import Route
from crrlint.run.rule import Counterexample, Finding, Note, Severity
from crrlint.values import Undecided
from crrlint.values.doubt import Doubt


def proved(*questions: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what any of the questions finds; one that is open counts where none finds anything."""
    found = False
    doubt = Doubt()
    for question in questions:
        findings: list[Finding] = []
        with doubt:
            findings = list(question())
        found = found or bool(findings)
        yield from findings
    doubt.raise_unless(found)


def missing_grant(
    route: Route,
    need: Need,
    *,
    severity: Severity | None = None,
    instead: Sequence[Need] = (),
    after: Need | None = None,
    provided: Callable[[Route], bool] | None = None,
    reason: str = "",
) -> Iterator[Finding]:
    """Report that the role's own policies do not grant a need.

    `instead` are needs of which any one would do as well; then the finding is made
    only when none of them is granted.  `after` is a need whose rule reports a fault of a
    statement that is about both.  `provided` is asked last: whether it matters.  A managed
    policy that is not attached, and a key that is named by its alias, are other rules' faults,
    and so is a key of AWS's own in another account.
    """
    with _at_stake(severity):
        if provided is not None and is_ruled_out(route, provided):
            return
        if need.on in KEYS and is_out_of_reach(route, need):
            return
        refusal = missing(route, need, instead)
        if refusal is None or (provided is not None and not provided(route)):
            return
        if any(unattached_grant(route, way) is not None for way in (need, *instead)):
            return
        if need.on in KEYS and any(any(aliased_grants(route, w)) for w in (need, *instead)):
            return
        if is_misplaced(route, need, "identity"):
            return
        if after is not None:
            ways = requirement_of(after).instead(route)
            if _is_told(refusal, lambda: missing(route, after, ways)):
                return
    names = " or ".join([need.action, *(other.action for other in instead)])
    alone = after is not None or severity is not None
    others = [] if alone else [other.action for other in _beside(route, refusal, missing)]
    yield Finding(
        nearest_place(refusal) or policies_place(route),
        f"role {route.role} is not granted {', '.join([names, *others])} "
        f"on {refusal.failing_resource}",
        notes=(*nearest_notes(refusal), *needed_by(route)),
        fix=allow([need.action, *others], scope(route, need)),
        severity=severity,
        counterexample=Counterexample(need.action, refusal.failing_resource),
        reason=reason,
    )


def is_out_of_reach(route: Route, need: Need) -> bool:
    """Tell whether no grant would do, for AWS manages the key in another account."""
    key = key_on(route, need.on)
    return key is not None and not key.usable_from(route.role.account)


def is_ruled_out(route: Route, provided: Callable[[Route], bool]) -> bool:
    """Tell whether a need certainly does not matter; then nothing else has to be asked."""
    try:
        return not provided(route)
    except Undecided:
        return False


def missing(route: Route, need: Need, instead: Sequence[Need] = ()) -> Refusal | None:
    """Return why the role's own policies grant neither a need nor what would do instead.

    A statement about a KMS key of which only the condition fails is the fault of another rule.
    """
    strict = need.on not in KEYS
    refused: list[Refusal] = []
    for way in (need, *instead):
        found = list(refusals(route, way, layer="identity", kind="grant", conditions=strict))
        if not found:
            return None
        refused += found
    if any(not refuses_key(route, other, refused[0]) for other in instead):
        # What S3 does with keys of which each is covered by another action is documented nowhere.
        raise Undecided(
            "unsupported_expression",
            f"{need.action} and {instead[0].action} are granted for different keys",
            f"{need.action} granted for all keys of the rule",
        )
    return refused[0]


def _same_fault(one: Refusal, other: Refusal | None) -> bool:
    """Tell whether one statement nearly grants both, and lacks the same for both."""
    if other is None or not one.clause.nearest or not other.clause.nearest:
        return False
    near, other_near = one.clause.nearest[0], other.clause.nearest[0]
    return (
        near.statement.policy.origin is other_near.statement.policy.origin
        and near.statement.index == other_near.statement.index
        and near.why == other_near.why
    )


def _beside(
    route: Route, refusal: Refusal, ask: Callable[[Route, Need], Refusal | None]
) -> Iterator[Need]:
    """Yield what else is needed on the same side and fails for the same fault of a statement."""
    for requirement in REQUIREMENTS:
        need = requirement.need
        if need.on != refusal.need.on or need == refusal.need:
            continue
        if _is_told(refusal, partial(_asked, route, requirement, ask)):
            yield need


def _asked(
    route: Route, requirement: Requirement, ask: Callable[[Route, Need], Refusal | None]
) -> Refusal | None:
    refusal = ask(route, requirement.need) if requirement.when(route) else None
    return refusal if refusal is not None and requirement.provided(route) else None


def _is_told(one: Refusal, other: Callable[[], Refusal | None]) -> bool:
    """Tell whether another refusal is of the same fault; one that is open is not.

    All that is missing on one key is one fault.
    """
    with Doubt():
        found = other()
        return _same_fault(one, found) or (found is not None and one.need.on in KEYS)
    return False


def is_misplaced(route: Route, need: Need, layer: Layer) -> bool:
    """Tell whether ARNs of another partition are why a need is not met: another rule's fault."""
    requirement = next((one for one in REQUIREMENTS if one.need == need), None)
    if requirement is None or not requirement.when(route):
        return False
    ways = (need, *requirement.instead(route))
    return any(misplaced_grant(route, way, layer) for way in ways)


@contextmanager
def _at_stake(severity: Severity | None) -> Iterator[None]:
    """Give an open question the severity of the finding that it may hide."""
    try:
        yield
    except Undecided as gap:
        gap.stake = gap.stake or severity
        raise


def unattached(route: Route) -> Iterator[Finding]:
    """Report managed policies that no role has and that would grant what the route's lacks."""
    found: dict[Location, list[Refusal]] = {}
    names: dict[Location, str] = {}
    for requirement in REQUIREMENTS if route.world.unattached_policies else ():
        if not requirement.when(route):
            continue
        instead = requirement.instead(route)
        refusal = missing(route, requirement.need, instead)
        if refusal is None:
            continue
        for way in (requirement.need, *instead):
            policy = unattached_grant(route, way)
            if policy is not None and requirement.provided(route):
                found.setdefault(policy.at, []).append(refusal)
                names[policy.at] = str(policy.name)
                break
    for at, refused in found.items():
        actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in refused))
        first = refused[0]
        soft = all(is_soft(route, refusal.need) for refusal in refused)
        yield Finding(
            at,
            f"policy {names[at]} is attached to no role, and role {route.role} lacks {actions}",
            notes=(Note(route.role.at(), "the role that replicates"), *needed_by(route)),
            fix=f"attach policy {names[at]} to role {route.role}",
            severity="warning" if soft else None,
            counterexample=Counterexample(first.need.action, first.failing_resource),
        )


def missing_resource_grant(
    route: Route,
    need: Need,
    *,
    severity: Severity | None = None,
    after: Need | None = None,
    provided: Callable[[Route], bool] | None = None,
    reason: str = "",
) -> Iterator[Finding]:
    """Report that the destination's policy, which names the role, does not grant a need.

    A policy that names the role nowhere, and a statement of which only the condition
    fails, are the faults of other rules: nothing is said then.  `after` is a need whose
    rule reports a fault of a statement that is about both.
    """
    with _at_stake(severity):
        refusal = _not_granted(route, need)
        if refusal is None or is_misplaced(route, need, "resource"):
            return
        if not names_role(route, need):
            return
        if provided is not None and not provided(route):
            return
        if after is not None and _is_told(refusal, lambda: _not_granted(route, after)):
            return
    bucket = route.destination
    others = [] if after else list(_beside(route, refusal, _not_granted))
    actions = ", ".join([need.action, *(other.action for other in others)])
    yield Finding(
        nearest_place(refusal) or bucket.at("policy"),
        f"policy of bucket {bucket} does not grant {actions} on {refusal.failing_resource} "
        f"to role {route.role}",
        notes=(*nearest_notes(refusal), *needed_by(route)),
        fix=f"add to the bucket's policy: {grant_to_role(route, need, *others)}",
        severity=severity,
        counterexample=Counterexample(need.action, refusal.failing_resource),
        reason=reason,
    )


def _not_granted(route: Route, need: Need) -> Refusal | None:
    refused = refusals(route, need, layer="resource", kind="grant", conditions=False)
    return next(refused, None)


def failing_condition(
    route: Route, need: Need, *, layer: Layer, what: str, reason: str = ""
) -> Iterator[Finding]:
    """Report that a layer would grant a need, if a condition held that does not.

    `what` says what does not happen for it, as in `S3 cannot assume role crr`.
    """
    if any(refusals(route, need, layer=layer, kind="grant", conditions=False)):
        return
    for refusal in refusals(route, need, layer=layer, kind="grant"):
        at, which = _failing(route, refusal, layer)
        yield Finding(
            at or policies_place(route),
            f"{what}: condition {which} does not hold",
            notes=needed_by(route),
            fix="take the condition out, or let it hold for S3's replication",
            counterexample=Counterexample(need.action, refusal.failing_resource),
            reason=reason,
        )


def _failing(route: Route, refusal: Refusal, layer: Layer) -> tuple[Location | None, str]:
    """Return where a statement is that would grant without its conditions, and those."""
    for near in refusal.clause.nearest:
        if near.condition is not None and place(near.statement) is not None:
            return place(near.statement), near.condition
    clauses = decision(route, refusal.need, conditions=False).clauses
    granting = [s for c in clauses if c.layer == layer and c.kind == "grant" for s in c.statements]
    for statement in granting:
        # Conditions that the lenient statement has left out are in the one it was made of.
        written = statement.policy.statements[statement.index].conditions
        if written:
            return place(statement), " and ".join(condition.written for condition in written)
    return None, "of its statements"
