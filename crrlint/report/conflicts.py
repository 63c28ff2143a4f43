"""Everything that two places state differently, whether or not a route hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, get_args

from crrlint.documents.source import Node
from crrlint.model import BucketField, KeyFacts, RoleFacts
from crrlint.routes.graph import Graph
from crrlint.values import OneOf, Text, Undecided, settle
from crrlint.values.symbols import Rivalry

_KEY_PARTS: Final = ("policy", "state", "spec", "usage", "manager", "multi_region")


def conflicts(graph: Graph) -> Iterator[Undecided]:
    """Yield each conflict once, in the order of the files.

    What hangs on a choice that the input leaves open is not asked.
    """
    told: set[str] = set()
    for gap in _found(graph):
        if gap.what not in told:
            told.add(gap.what)
            yield gap


def _found(graph: Graph) -> Iterator[Undecided]:
    for configuration in graph.configurations:
        for node in configuration.node.walk():
            choice = node.value.choice if isinstance(node.value, OneOf) else None
            if isinstance(choice, Rivalry):
                yield Undecided("conflict", choice.text, choice.needs)
    for ask in _questions(graph):
        try:
            ask()
        except Undecided as gap:
            if gap.reason == "conflict":
                yield gap


def _questions(graph: Graph) -> Iterator[Callable[[], object]]:
    world, model = graph.world, graph.model
    for bucket in graph.buckets:
        for field in get_args(BucketField):
            if field != "replication":
                yield partial(bucket.node, field)
    for role in model.roles:
        if role.arn is not None:
            yield from (partial(_role, graph, role, part) for part in ("trust", "boundary"))
            yield partial(_role, graph, role, "policies")
    for key in model.keys:
        if key.arn is not None:
            yield from (partial(_key, graph, key, part) for part in _KEY_PARTS)
    for policy in model.policies:
        if policy.arn is not None:
            yield partial(_settled, world.policy_of_arn, policy.arn)
    for account in model.accounts:
        for about in (world.canonical_id, world.path_of, world.public_access_block_of):
            yield partial(_settled, about, account.id)


def _role(graph: Graph, fact: RoleFacts, part: str) -> Any:
    return getattr(graph.world.role(settle(fact.arn), fact.at), part)


def _key(graph: Graph, fact: KeyFacts, part: str) -> Node:
    arn = settle(fact.arn)
    return graph.world.key(arn, lambda: (fact.account or "", fact.region or ""), fact.at).node(part)


def _settled(about: Callable[[Text], object], name: Text) -> object:
    return about(settle(name))
