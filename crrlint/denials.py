"""Findings about what is denied: by a statement, or by a layer that limits what is granted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crrlint.evidence import (
    allow,
    exempt,
    nearest_notes,
    nearest_place,
    needed_by,
    policies_place,
    scope,
)
from crrlint.graph import Route
from crrlint.permissions import Kind, Layer, Refusal
from crrlint.requests import Side
from crrlint.requirements import hits, is_soft
from crrlint.rule import Counterexample, Finding
from crrlint.source import Location


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
