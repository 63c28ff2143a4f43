"""Findings about grants that name another partition of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crrlint.evidence import needed_by
from crrlint.faults import missing
from crrlint.graph import Route
from crrlint.iam import Statement
from crrlint.partitions import Stray
from crrlint.permissions import Layer, Refusal, misplaced_grant, place, refusals
from crrlint.requests import Side
from crrlint.requirements import REQUIREMENTS, Requirement, excluded_from_key, is_soft
from crrlint.rule import Counterexample, Finding, Note
from crrlint.source import Location
from crrlint.values import Undecided

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
    found: dict[tuple[str, str], tuple[Location, Stray, list[Refusal]]] = {}
    gap: Undecided | None = None
    for requirement in REQUIREMENTS:
        for layer in _LAYERS:
            try:
                for statement, stray, refusal in _lacking(route, requirement, layer):
                    at = place(statement) or route.rule.at()
                    known = found.setdefault((at.path, at.pointer), (at, stray, []))
                    known[2].append(refusal)
            except Undecided as open_question:
                if open_question.choice is not None:
                    raise
                gap = gap or open_question
    if gap is not None and not found:
        raise gap
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


def _lacking(
    route: Route, requirement: Requirement, layer: Layer
) -> Iterator[tuple[Statement, Stray, Refusal]]:
    """Yield the statements at fault for one need that a layer does not grant."""
    if not requirement.when(route):
        return
    ways = (requirement.need, *requirement.instead(route))
    for way in ways:
        statements = misplaced_grant(route, way, layer)
        if not statements:
            continue
        refusal = _refused(route, requirement, layer)
        if refusal is not None and requirement.provided(route):
            for statement, stray in statements:
                yield statement, stray, refusal
        return


def _refused(route: Route, requirement: Requirement, layer: Layer) -> Refusal | None:
    need = requirement.need
    if layer == "identity":
        return missing(route, need, requirement.instead(route))
    if need.on in ("source key", "replica key"):
        return excluded_from_key(route, need)
    return next(refusals(route, need, layer=layer, kind="grant", conditions=False), None)
