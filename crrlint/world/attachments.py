"""What is attached to a role, said by several facts and perhaps of several times.

Facts of one layer add up: a role's own file, its policies in others.  What a plan
says of a policy counts before what is live of it.  A template beside what is live
has to hold all that is live: who knows what its deployment removes?
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from crrlint.documents.source import Node
from crrlint.model import Layer, PolicyFacts, RoleFacts
from crrlint.values import identical, settle
from crrlint.world.agreement import Statement, agree, conflict, equal_nodes

T = TypeVar("T")


def inline(facts: Sequence[RoleFacts], whose: str) -> list[PolicyFacts]:
    """Return the documents of a role; raises `Undecided` for two of one name that differ."""
    by_layer: dict[Layer, list[PolicyFacts]] = {}
    for fact in facts:
        for policy in fact.policies:
            if settle(policy.exists):
                _add(by_layer.setdefault(fact.layer, []), policy, fact.layer, whose)
    return _joined(by_layer, facts, f"which policies {whose} has", _document, _named_alike)


def attached(facts: Sequence[RoleFacts], whose: str) -> list[Node]:
    """Return the ARNs of the managed policies of a role, each once."""
    by_layer: dict[Layer, list[Node]] = {}
    for fact in facts:
        mine = by_layer.setdefault(fact.layer, [])
        for node in fact.attached:
            arn = node.settled()
            if arn.value is not None and not any(identical(arn.value, n.value) for n in mine):
                mine.append(arn)
    whole = f"what is attached to {whose}"
    return _joined(by_layer, facts, whole, lambda node: node, equal_nodes)


def _add(mine: list[PolicyFacts], new: PolicyFacts, layer: Layer, whose: str) -> None:
    """Add a policy unless it is there; S3 and IAM know one of a name."""
    for other in mine:
        if not _named_alike(other, new):
            continue
        answer = agree(other.document, new.document)
        if answer is True:
            return
        if answer is False:
            stated = [Statement(p.document.settled(), layer) for p in (other, new)]
            raise conflict(f"policy {new.name} of {whose}", *stated)
    mine.append(new)


def _document(policy: PolicyFacts) -> Node:
    return policy.document.settled()


def _named_alike(one: PolicyFacts, other: PolicyFacts) -> bool:
    return identical(settle(one.name), settle(other.name))


def _joined(
    by_layer: dict[Layer, list[T]],
    facts: Sequence[RoleFacts],
    what: str,
    node_of: Callable[[T], Node],
    replaces: Callable[[T, T], bool],
) -> list[T]:
    live, planned = by_layer.get("live", []), by_layer.get("planned", [])
    coming = list(planned)
    for one in by_layer.get("template", []):
        same = next((other for other in planned if replaces(other, one)), None)
        if same is None:
            coming.append(one)
        elif agree(node_of(same), node_of(one)) is False:
            stated = Statement(node_of(same), "planned"), Statement(node_of(one), "template")
            raise conflict(what, *stated)
    declaring = [f for f in facts if f.layer == "template" and f.declared]
    kept: list[T] = []
    for one in live:
        if declaring and not planned:
            # All of it has to stand in the template as well, under whatever name.
            if not any(agree(node_of(one), node_of(other)) is not False for other in coming):
                at = node_of(coming[0]).at if coming else declaring[0].at
                stated = Statement(Node(None, at), "template"), Statement(node_of(one), "live")
                raise conflict(what, *stated)
            continue
        same = next((other for other in coming if replaces(other, one)), None)
        if same is None:
            kept.append(one)
        elif not planned and agree(node_of(same), node_of(one)) is False:
            stated = Statement(node_of(same), "template"), Statement(node_of(one), "live")
            raise conflict(what, *stated)
    return [*coming, *kept]
