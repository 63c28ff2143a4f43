"""How things are connected: who replicates to whom, by which role and with which keys.

This is the only door to relations.  Joins are dictionary look-ups; networkx is
imported when a question is about the graph itself (chains, loops).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crrlint.documents.source import Node
from crrlint.model import Model
from crrlint.routes.ends import Ends
from crrlint.routes.route import Configuration, Route, alternatives, combined, rules_of
from crrlint.values import Choice, Text, Undecided
from crrlint.world import Bucket, World, key_of

if TYPE_CHECKING:
    from networkx import MultiDiGraph


class Graph:
    """Buckets and routes of the world."""

    def __init__(self, model: Model) -> None:
        self.world = World(model)
        self.model = model

    @cached_property
    def buckets(self) -> list[Bucket]:
        return self.world.buckets()

    @cached_property
    def configurations(self) -> list[Configuration]:
        """Every replication configuration, each alternative of a choice for itself."""
        found: dict[Any, list[Configuration]] = {}
        planned = {
            key_of(fact.name)
            for fact in self.model.buckets
            if fact.layer == "planned" and "replication" in fact.fields
        }
        for fact in self.model.buckets:
            node = fact.fields.get("replication")
            if node is None:
                continue
            if planned and fact.layer == "live" and key_of(fact.name) in planned:
                continue  # a plan says what it will be
            # A bucket whose name hangs on a choice stays one bucket: which name it
            # gets is for each question to settle.
            named = key_of(fact.name)
            bucket = self.world.bucket(fact.name, self.world.partition(fact), fact.at)
            for given, (exists, written) in _together(fact.exists, node):
                if exists is True and written.value is not None:
                    mine = found.setdefault(fact if named is None else named, [])
                    _add(mine, Configuration(bucket, written, given, fact.made, fact.layer))
        return [configuration for mine in found.values() for configuration in mine]

    @cached_property
    def routes(self) -> list[Route]:
        found: list[Route] = []
        for configuration in self.configurations:
            for rule, given in rules_of(configuration):
                found.append(Route(self, configuration, rule, given, len(found)))
        return found

    @cached_property
    def leaving(self) -> Ends[Route]:
        """The routes by their source."""
        return Ends(self.routes, (_source_name,), _prefix)

    @cached_property
    def arriving(self) -> Ends[Route]:
        """The routes by their destination."""
        return Ends(self.routes, (_destination_name,), _prefix)

    @cached_property
    def joining(self) -> Ends[Route]:
        """The routes by source and destination."""
        return Ends(self.routes, (_source_name, _destination_name), _prefix)

    def to_networkx(self) -> MultiDiGraph[str]:
        """Return buckets as nodes and routes as edges (attribute `route`)."""
        import networkx

        graph: MultiDiGraph[str] = networkx.MultiDiGraph()
        for bucket in self.buckets:
            graph.add_node(str(bucket), bucket=bucket)
        for route in self.routes:
            try:
                destination = str(route.destination)
            except Undecided:
                continue
            graph.add_edge(str(route.source), destination, key=route.id, route=route)
        return graph

    @cached_property
    def _relays(self) -> bool:
        """Tell whether some bucket is both source and destination: else no chain exists."""
        sources = {str(route.source) for route in self.routes}
        for route in self.routes:
            try:
                if str(route.destination) in sources:
                    return True
            except Undecided:
                continue
        return False

    def chains(self) -> Iterator[tuple[Route, Route]]:
        """Yield pairs of routes of which the second starts where the first ends."""
        if not self._relays:
            return
        graph = self.to_networkx()
        edges: Iterator[tuple[str, str, Route]] = iter(graph.edges(data="route"))
        for _, middle, first in edges:
            onward: Iterator[tuple[str, str, Route]] = iter(graph.out_edges(middle, data="route"))
            yield from ((first, second) for _, _, second in onward)

    def loops(self) -> list[list[str]]:
        """Return the groups of buckets of which each one's objects can come round to it, by name.

        Circles that share a bucket are one group: there can be exponentially many circles.
        """
        if not self._relays:
            return []
        import networkx

        graph = self.to_networkx()
        groups = networkx.strongly_connected_components(graph)
        names = list(graph)
        circles = [g for g in groups if len(g) > 1 or any(graph.has_edge(n, n) for n in g)]
        return sorted((sorted(circle, key=names.index) for circle in circles), key=str)


def _together(exists: Any, node: Node) -> Iterator[tuple[dict[Choice, int], tuple[Any, Node]]]:
    """Yield the options of both under each set of answers that select them."""
    for given, existing in alternatives(Node(exists, node.at)):
        for answers, written in alternatives(node, given):
            yield answers, (existing.value, written)


def _add(configurations: list[Configuration], new: Configuration) -> None:
    """Add a configuration of a bucket; two that differ and hold together are a conflict."""
    for index, other in enumerate(configurations):
        if any(new.given.get(choice, answer) != answer for choice, answer in other.given.items()):
            continue
        configurations[index] = combined(other, new)
        return
    configurations.append(new)


def _source_name(route: Route) -> Text:
    return route.source.name


def _destination_name(route: Route) -> Text:
    return route.destination.name


def _prefix(route: Route) -> Text:
    return route.rule.prefix
