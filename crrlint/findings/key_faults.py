"""Findings about KMS keys: what their policies lack, conditions on their use, aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from crrlint.access.permissions import Layer, Refusal, aliased_grants, names_alias, place, refusals
from crrlint.access.requests import KEYS, Need, Side, key_on
from crrlint.access.requirements import (
    REQUIREMENTS,
    Requirement,
    excluded_from_key,
    is_soft,
    requirement_of,
    used,
)
from crrlint.documents.source import Location
from crrlint.findings.evidence import grant_to_role, nearest_notes, nearest_place, needed_by
from crrlint.findings.faults import (
    failing_condition,
    is_misplaced,
    is_out_of_reach,
    is_ruled_out,
    missing,
)
from crrlint.routes.route import Route
from crrlint.run.rule import Counterexample, Finding
from crrlint.values.doubt import Doubt


def failing_key_condition(route: Route, need: Need) -> Iterator[Finding]:
    """Report that the role could use a key, if a condition on KMS's own context keys held.

    A key in another Region than its bucket fails them for that, and one that AWS manages
    fails them in every other account: those are the faults of other rules.
    """
    key = key_on(route, need.on)
    bucket = route.source if need.on == "source key" else route.destination
    requirement = requirement_of(need)
    if key is None or is_ruled_out(route, requirement.provided):
        return
    ways = (need, *requirement.instead(route))
    found: list[Finding] = []
    if all(_is_refused(route, way, "identity") for way in ways):
        for way in ways:
            what = f"role {route.role} is not granted {way.action} on {key}"
            found += failing_condition(route, way, layer="identity", what=what)
            if found:
                break
    ask_policy = not key.managed_by_aws and _is_refused(route, need, "resource")
    needed = used(route, requirement) if ask_policy else ()
    if needed and all(_is_refused(route, way, "resource") for way in needed):
        what = f"policy of key {key} does not let role {route.role} {needed[0].action}"
        found += failing_condition(route, needed[0], layer="resource", what=what)
    if found and key.region == bucket.region and requirement.provided(route):
        yield from found


def _is_refused(route: Route, need: Need, layer: Layer) -> bool:
    return any(refusals(route, need, layer=layer, kind="grant"))


def excluding_key_policy(
    route: Route, need: Need, *, foreign: bool | None = None, after: Need | None = None
) -> Iterator[Finding]:
    """Report that the policy of a key does not let the role do what it needs the key for.

    `foreign` tells whether the key is meant to belong to another account than the role, where
    that matters.  In the role's own account a grant that its policies lack as well is the
    fault of another rule, and so is one of `after` that the key policy does not give either.
    Nobody can edit the policy of a key that AWS manages.
    """
    key = key_on(route, need.on)
    provided = requirement_of(need).provided
    if key is None or key.managed_by_aws or is_ruled_out(route, provided):
        return
    elsewhere = key.account != route.role.account
    if foreign is not None and elsewhere is not foreign:
        return
    refusal = excluded_from_key(route, need)
    if refusal is None or (not elsewhere and _is_missing(route, need)):
        return
    if after is not None and excluded_from_key(route, after) is not None:
        return
    if not provided(route) or is_misplaced(route, need, "resource"):
        return
    others = [] if after else list(_excluded_too(route, need))
    actions = ", ".join([need.action, *(other.action for other in others)])
    at = key.node("policy").at if key.facts else None
    yield Finding(
        nearest_place(refusal) or at or route.rule.at(),
        f"policy of key {key} does not let role {route.role} {actions}",
        notes=(*nearest_notes(refusal), *needed_by(route)),
        fix=f"add to the key's policy: {grant_to_role(route, need, *others)}",
        counterexample=Counterexample(need.action, refusal.failing_resource),
    )


def _excluded_too(route: Route, need: Need) -> Iterator[Need]:
    """Yield what else the route needs the key for, and its policy does not let the role do."""
    for requirement in REQUIREMENTS:
        other = requirement.need
        if other.on == need.on and other != need and _is_excluded(route, requirement):
            yield other


def _is_excluded(route: Route, requirement: Requirement) -> bool:
    """Tell whether a key policy certainly lacks a requirement that the route has."""
    with Doubt():
        refusal = excluded_from_key(route, requirement.need)
        return refusal is not None and requirement.provided(route)
    return False


def _is_missing(route: Route, need: Need) -> bool:
    """Tell whether the role's policies lack a need for certain; then the key policy is no fault."""
    with Doubt():
        return missing(route, need, requirement_of(need).instead(route)) is not None
    return False


def alias_in_place_of_key(route: Route) -> Iterator[Finding]:
    """Report statements of the role's policies that name a key by its alias, where they count."""
    found: dict[str, tuple[Location, list[Refusal]]] = {}
    doubt = Doubt()
    for requirement in REQUIREMENTS if names_alias(route) else ():
        if requirement.need.on not in KEYS or not requirement.when(route):
            continue
        with doubt:
            for at, refusal in _by_alias(route, requirement):
                found.setdefault(repr(at), (at, []))[1].append(refusal)
    doubt.raise_unless(bool(found))
    for at, refused in found.values():
        first = refused[0]
        actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in refused))
        key = key_on(route, first.need.on)
        yield Finding(
            at,
            f"policy of role {route.role} grants {actions} on an alias, not on key {key}",
            notes=needed_by(route),
            fix=f'"Resource": "{first.resource}"',
            severity="warning" if all(is_soft(route, r.need) for r in refused) else None,
            counterexample=Counterexample(first.need.action, first.failing_resource),
            reason=_FAILURES[first.need.on],
        )


_FAILURES: Final[Mapping[Side, str]] = {
    "source key": "SrcGetObjectNotPermitted",
    "replica key": "DstPutObjectNotPermitted",
}


def _by_alias(route: Route, requirement: Requirement) -> Iterator[tuple[Location, Refusal]]:
    """Yield statements that would meet a requirement but for the alias, and what is refused."""
    need = requirement.need
    ways = (need, *requirement.instead(route))
    named = [(way, statement) for way in ways for statement in aliased_grants(route, way)]
    if not named or missing(route, need) is None or is_out_of_reach(route, need):
        return
    for way, statement in named:
        at, refusal = place(statement), missing(route, way)
        if at is not None and refusal is not None and requirement.provided(route):
            yield at, refusal
