"""Findings about what is denied: by a statement, or by a layer that limits what is granted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crrlint.access.permissions import Kind, Layer, Refusal, refusals
from crrlint.access.policies import resource_policy
from crrlint.access.requests import Need, Side
from crrlint.access.requirements import hits, is_soft
from crrlint.documents.source import Location
from crrlint.findings.evidence import (
    allow,
    exempt,
    nearest_notes,
    nearest_place,
    needed_by,
    policies_place,
    scope,
)
from crrlint.iam import Condition, Statement
from crrlint.routes.route import Route
from crrlint.run.rule import Counterexample, Finding


def denied(
    route: Route, on: Sequence[Side], *, layer: Layer, what: str, reason: str = ""
) -> Iterator[Finding]:
    """Report each Deny statement of a layer that hits what the route needs on some sides, once.

    `what` names the policy, as in `bucket policy of acme-dst`.
    """
    for at, found in _by_statement(hits(route, layer, "deny", on)):
        first = found[0]
        actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in found))
        soft = all(is_soft(route, refusal.need) for refusal in found)
        whom = "" if layer == "identity" else f" to role {route.role}"
        yield Finding(
            at or policies_place(route),
            f"{what} denies {actions}{whom}",
            notes=needed_by(route),
            fix=exempt(route),
            severity="warning" if soft else None,
            counterexample=Counterexample(first.need.action, first.failing_resource),
            reason=reason,
        )


def limited(
    route: Route, need: Need, key: str, values: Sequence[str]
) -> Iterator[tuple[Refusal, Condition]]:
    """Yield each Deny of the resource's policy that hits a need for some values of a key only.

    `key` is one that differs from object to object; the condition is the one on it.
    """
    policy = resource_policy(route, need)
    statements = () if policy is None else policy.statements
    tests = {s: c for s in statements for c in s.conditions if c.key == key}
    said: set[Statement] = set()
    for value in values if tests else ():
        context = {key: value}
        for refusal in refusals(route, need, layer="resource", kind="deny", context=context):
            statement = refusal.statement
            if statement in tests and statement not in said:
                said.add(statement)
                yield refusal, tests[statement]


def _by_statement(
    refused: Iterable[Refusal],
) -> Iterator[tuple[Location | None, list[Refusal]]]:
    """Bring together the refusals of one statement, whichever need found it first."""
    by_place: dict[tuple[str, str], tuple[Location | None, list[Refusal]]] = {}
    for refusal in refused:
        at = refusal.at
        key = ("", "") if at is None else (at.path, at.pointer)
        by_place.setdefault(key, (at, []))[1].append(refusal)
    yield from by_place.values()


def blocked(
    route: Route,
    on: Sequence[Side],
    *,
    layer: Layer,
    what: str,
    kind: Kind | None = None,
) -> Iterator[Finding]:
    """Report, once, that a limiting layer (a boundary, an SCP) refuses what the route needs."""
    found = list(hits(route, layer, kind, on))
    if not found:
        return
    actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in found))
    first = next((refusal for refusal in found if refusal.at is not None), found[0])
    verb = "denies" if first.clause.kind == "deny" else "does not allow"
    soft = all(is_soft(route, refusal.need) for refusal in found)
    yield Finding(
        first.at or nearest_place(first) or policies_place(route),
        f"{what} {verb} {actions}",
        notes=(*nearest_notes(first), *needed_by(route)),
        fix=allow([first.need.action], scope(route, first.need), "policy"),
        severity="warning" if soft else None,
        counterexample=Counterexample(first.need.action, first.failing_resource),
    )
