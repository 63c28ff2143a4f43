"""Which objects a replication rule selects, beside those that another one does."""

from __future__ import annotations

from collections.abc import Callable

from crrlint.documents.source import Node
from crrlint.routes.replication import ReplicationRule
from crrlint.values import Symbolic, Undecided, Value, same, settle
from crrlint.values.prefixes import covers, decided

_REPLICA_CHANGES = ("SourceSelectionCriteria", "ReplicaModifications", "Status")


def all_hold(*claims: Callable[[], bool]) -> bool:
    """Tell whether every claim holds; one that is open does not matter beside a false one."""
    gap: Undecided | None = None
    for claim in claims:
        try:
            if not claim():
                return False
        except Undecided as open_claim:
            # Under the answers to a choice, another claim may turn out false.
            if gap is None or (gap.choice is None and open_claim.choice is not None):
                gap = open_claim
    if gap is not None:
        raise gap
    return True


def selects_all_of(rule: ReplicationRule, other: ReplicationRule) -> bool:
    """Tell whether a rule selects every object, and every change, that another one selects."""
    return all_hold(
        lambda: decided(covers(rule.prefix, other.prefix), rule.prefix, other.prefix),
        lambda: all_hold(*(_among(tag, other.tags) for tag in rule.tags)),
        lambda: rule.selects_kms_objects or not other.selects_kms_objects,
        lambda: _selects_replica_changes(rule) or not _selects_replica_changes(other),
    )


def _selects_replica_changes(rule: ReplicationRule) -> bool:
    return bool(rule.value(*_REPLICA_CHANGES) == "Enabled")


def _among(tag: Node, others: list[Node]) -> Callable[[], bool]:
    return lambda: _is_among(tag, others)


def _is_among(tag: Node, others: list[Node]) -> bool:
    gap: Undecided | None = None
    for other in others:
        try:
            if _is_same(tag, other):
                return True
        except Undecided as open_pair:
            gap = gap or open_pair
    if gap is not None:
        raise gap
    return False


def _is_same(tag: Node, other: Node) -> bool:
    return all_hold(lambda: _same(tag, other, "Key"), lambda: _same(tag, other, "Value"))


def _same(tag: Node, other: Node, member: str) -> bool:
    mine, theirs = settle(tag.leaf(member)), settle(other.leaf(member))
    answer = same(mine, theirs)
    if answer is None:
        raise _open(mine, theirs)
    return answer


def _open(one: Value, other: Value) -> Undecided:
    symbolic = one if isinstance(one, Symbolic) else other
    gap: Undecided = settle(symbolic).undecided()
    return gap
