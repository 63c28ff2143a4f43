"""Findings about grants that name another partition of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crrlint.access.partitions import Stray, written_in
from crrlint.access.permissions import Layer, Refusal, misplaced_grant, place, refusals
from crrlint.access.requests import Side
from crrlint.access.requirements import REQUIREMENTS, Requirement, excluded_from_key, is_soft
from crrlint.documents.source import Location, Node
from crrlint.findings.evidence import needed_by
from crrlint.findings.faults import missing
from crrlint.iam import Statement
from crrlint.routes.route import Route
from crrlint.run.rule import Counterexample, Finding, Note
from crrlint.values.doubt import Doubt
from crrlint.world import World

_LAYERS: Final[tuple[Layer, ...]] = ("identity", "resource")

_REASONS: Final[dict[Side, str]] = {
    "source objects": "SrcGetObjectNotPermitted",
    "destination objects": "DstPutObjectNotPermitted",
    "replica key": "DstPutObjectNotPermitted",
}


def misplaced(route: Route) -> Iterator[Finding]:
    """Report statements that would grant what a route lacks, were their ARNs of its partition.

    Each once, with all that is not granted for it.
    """
    # Hardly ever is more than one partition written anywhere, and then nothing is asked.
    role = route.role
    home = written_in([Node(role.arn, role.at())])
    if home >= written_in(p.document for p in role.policies) | _of_resources(route.world):
        return
    found: dict[tuple[str, str], tuple[Location, Stray, list[Refusal]]] = {}
    doubt = Doubt()
    for requirement in REQUIREMENTS:
        for layer in _LAYERS:
            with doubt:
                for statement, stray, refusal in _lacking(route, requirement, layer):
                    at = place(statement) or route.rule.at()
                    known = found.setdefault((at.path, at.pointer), (at, stray, []))
                    known[2].append(refusal)
    doubt.raise_unless(bool(found))
    for at, stray, refused in found.values():
        actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in refused))
        first = refused[0]
        soft = all(is_soft(route, refusal.need) for refusal in refused)
        yield Finding(
            at,
            f"{stray.arn} is in partition {stray.partition}, and so role {route.role} "
            f"is not granted {actions} on {first.failing_resource}",
            notes=(Note(route.role.at(), "the role that replicates"), *needed_by(route)),
            fix=f"write {stray.meant}, or ${{AWS::Partition}} for the partition in a template",
            severity="warning" if soft else None,
            counterexample=Counterexample(first.need.action, first.failing_resource),
            reason=_REASONS.get(first.need.on, ""),
        )


def _of_resources(world: World) -> set[str]:
    """Return the partitions that the policies of buckets and keys name."""

    def written() -> set[str]:
        buckets = (fact.fields.get("policy") for fact in world.model.buckets)
        keys = (fact.policy for fact in world.model.keys)
        return written_in(node for node in (*buckets, *keys) if node is not None)

    return world.remember("partitions", written)


def _lacking(
    route: Route, requirement: Requirement, layer: Layer
) -> Iterator[tuple[Statement, Stray, Refusal]]:
    """Yield the statements at fault for one need that a layer does not grant."""
    statements = _suspects(route, requirement, layer)
    refusal = _refused(route, requirement, layer) if statements else None
    if refusal is not None and requirement.provided(route):
        for statement, stray in statements:
            yield statement, stray, refusal


def _suspects(
    route: Route, requirement: Requirement, layer: Layer
) -> tuple[tuple[Statement, Stray], ...]:
    """Return the statements that would grant a need; none where that is open."""
    with Doubt():
        if not requirement.when(route):
            return ()
        ways = (requirement.need, *requirement.instead(route))
        found = (misplaced_grant(route, way, layer) for way in ways)
        return next((statements for statements in found if statements), ())
    return ()


def _refused(route: Route, requirement: Requirement, layer: Layer) -> Refusal | None:
    need = requirement.need
    if layer == "identity":
        return missing(route, need, requirement.instead(route))
    if need.on in ("source key", "replica key"):
        return excluded_from_key(route, need)
    return next(refusals(route, need, layer=layer, kind="grant", conditions=False), None)
