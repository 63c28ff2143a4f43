"""Findings about permissions: what all rules on a missing or denied permission say.

A missing grant is shown where it nearly is (the statement that comes closest),
else where the role's policies or the bucket stand; a denial at its statement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from crrlint.graph import Route
from crrlint.permissions import Kind, Layer, Refusal, names_role, place, refusals, refuses_key
from crrlint.requests import Need, request
from crrlint.rule import Counterexample, Finding, Note, Severity
from crrlint.source import Location
from crrlint.values import Text, Undecided


def missing_grant(
    route: Route,
    need: Need,
    *,
    severity: Severity | None = None,
    instead: Sequence[Need] = (),
    reason: str = "",
) -> Iterator[Finding]:
    """Report that the role's own policies do not grant a need.

    `instead` are needs of which any one would do as well; then the finding is made
    only when none of them is granted.
    """
    refused = list(refusals(route, need, layer="identity", kind="grant"))
    if not refused:
        return
    for other in instead:
        if not any(refusals(route, other, layer="identity", kind="grant")):
            return
    if any(not refuses_key(route, other, refused[0]) for other in instead):
        # What S3 does with keys of which each is covered by another action is documented nowhere.
        raise Undecided(
            "unsupported_expression",
            f"{need.action} and {instead[0].action} are granted for different keys",
            f"{need.action} granted for all keys of the rule",
        )
    names = " or ".join([need.action, *(other.action for other in instead)])
    refusal = refused[0]
    yield Finding(
        _nearest_place(refusal) or _policies_place(route),
        f"role {route.role} may not {names} on {refusal.failing_resource}",
        notes=(*_nearest_notes(refusal), *_needed_by(route)),
        fix=_allow(need, _scope(route, need)),
        severity=severity,
        counterexample=Counterexample(need.action, refusal.failing_resource),
        reason=reason,
    )


def missing_resource_grant(
    route: Route, need: Need, *, severity: Severity | None = None, reason: str = ""
) -> Iterator[Finding]:
    """Report that the destination's policy, which names the role, does not grant a need.

    A policy that names the role nowhere is the fault of another rule: nothing is said then.
    """
    refused = list(refusals(route, need, layer="resource", kind="grant"))
    if not refused or not names_role(route, need):
        return
    refusal = refused[0]
    bucket = route.destination
    yield Finding(
        _nearest_place(refusal) or bucket.at("policy"),
        f"policy of bucket {bucket} does not grant {need.action} on {refusal.failing_resource} "
        f"to role {route.role}",
        notes=(*_nearest_notes(refusal), *_needed_by(route)),
        fix=f"add to the bucket's policy: {grant_to_role(route, need)}",
        severity=severity,
        counterexample=Counterexample(need.action, refusal.failing_resource),
        reason=reason,
    )


def denied(
    route: Route,
    needs: Sequence[Need],
    *,
    layer: Layer,
    what: str,
    reason: str = "",
) -> Iterator[Finding]:
    """Report each Deny statement of a layer that hits one of the needs, once.

    `what` names the policy, as in `bucket policy of acme-dst`.
    """
    hits: dict[Location | None, list[Refusal]] = {}
    gap: Undecided | None = None
    for need in needs:
        try:
            for refusal in refusals(route, need, layer=layer, kind="deny"):
                hits.setdefault(refusal.at, []).append(refusal)
        except Undecided as open_question:
            if open_question.choice is not None:
                raise
            gap = gap or open_question
    for at, found in _by_statement(hits):
        first = found[0]
        actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in found))
        yield Finding(
            at or _policies_place(route),
            f"{what} denies {actions} to role {route.role}",
            notes=_needed_by(route),
            fix=_exempt(route),
            counterexample=Counterexample(first.need.action, first.failing_resource),
            reason=reason,
        )
    if gap is not None and not hits:
        raise gap


def _by_statement(
    hits: dict[Location | None, list[Refusal]],
) -> Iterator[tuple[Location | None, list[Refusal]]]:
    """Bring together the refusals of one statement, whichever need found it first."""
    by_place: dict[tuple[str, str], tuple[Location | None, list[Refusal]]] = {}
    for at, found in hits.items():
        key = ("", "") if at is None else (at.path, at.pointer)
        by_place.setdefault(key, (at, []))[1].extend(found)
    yield from by_place.values()


def blocked(
    route: Route, needs: Sequence[Need], *, layer: Layer, what: str, kind: Kind | None = None
) -> Iterator[Finding]:
    """Report, once, that a limiting layer (a boundary, an SCP) refuses some of the needs."""
    found: list[Refusal] = []
    gap: Undecided | None = None
    for need in needs:
        try:
            found.extend(refusals(route, need, layer=layer, kind=kind))
        except Undecided as open_question:
            if open_question.choice is not None:
                raise
            gap = gap or open_question
    if found:
        actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in found))
        first = next((refusal for refusal in found if refusal.at is not None), found[0])
        verb = "denies" if first.clause.kind == "deny" else "does not allow"
        yield Finding(
            first.at or _policies_place(route),
            f"{what} {verb} {actions}",
            notes=(*_nearest_notes(first), *_needed_by(route)),
            fix=_allow(first.need, _scope(route, first.need)),
            counterexample=Counterexample(first.need.action, first.failing_resource),
        )
    elif gap is not None:
        raise gap


def _nearest_place(refusal: Refusal) -> Location | None:
    places = [place(statement) for statement, _ in refusal.clause.nearest]
    return next((at for at in places if at is not None), None)


def _nearest_notes(refusal: Refusal) -> tuple[Note, ...]:
    notes = []
    for statement, why in refusal.clause.nearest:
        at = place(statement)
        if at is not None:
            notes.append(Note(at, why))
    return tuple(notes)


def _policies_place(route: Route) -> Location:
    """Return where the role's first policy stands, or the role."""
    role = route.role
    try:
        policies = role.policies
    except Undecided:
        policies = []
    return policies[0].at if policies else role.at()


def _needed_by(route: Route) -> tuple[Note, ...]:
    return (Note(route.rule.at(), f"replication rule of {route.source} that needs it"),)


def _scope(route: Route, need: Need) -> Text:
    """Return the ARN that a statement has to name: objects with the rule's prefix and a star."""
    asked = request(route, need)
    return str(asked.resource).replace("{key}", f"{asked.prefix or ''}*")


def _allow(need: Need, resource: Text) -> str:
    statement = {"Effect": "Allow", "Action": need.action, "Resource": str(resource)}
    return f"add to the role's policy: {json.dumps(statement)}"


def _exempt(route: Route) -> str:
    condition = {"ArnNotEquals": {"aws:PrincipalArn": str(route.role.arn)}}
    return f"exempt the replication role: add to the statement's Condition {json.dumps(condition)}"


def grant_to_role(route: Route, need: Need) -> str:
    """Return the statement that a resource policy needs, as text to paste."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": str(route.role.arn)},
        "Action": need.action,
        "Resource": str(_scope(route, need)),
    }
    return json.dumps(statement)
