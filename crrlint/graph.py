"""How things are connected: who replicates to whom, by which role and with which keys.

This is the only door to relations.  Joins are dictionary look-ups; networkx is
imported when a question is about the graph itself (chains, loops).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from crrlint.arn import names_key, parse_arn
from crrlint.ends import Ends
from crrlint.memory import Memory
from crrlint.model import Made, Model
from crrlint.replication import ReplicationRule
from crrlint.source import Location, Node
from crrlint.values import (
    MAX_OPTIONS,
    Choice,
    OneOf,
    Symbolic,
    Text,
    Undecided,
    Unknown,
    holds,
    settle,
)
from crrlint.world import Bucket, Key, Role, World, equal_nodes, key_of

if TYPE_CHECKING:
    from networkx import MultiDiGraph


class Configuration:
    """A bucket's replication configuration: the role and the rules.

    `made` tells which resource makes it.
    """

    __slots__ = ("_rivals", "bucket", "given", "made", "node")

    def __init__(
        self,
        bucket: Bucket,
        node: Node,
        given: Mapping[Choice, int],
        made: Made | None = None,
        rivals: tuple[Configuration, ...] = (),
    ) -> None:
        self.bucket = bucket
        self.node = node
        self.given = given
        self.made = made
        self._rivals = rivals

    @property
    def rivals(self) -> list[Configuration]:
        """The configurations that other resources of the same deployment give the bucket.

        Each replaces the others.  Raises `Undecided` where a condition decides on one.
        """
        return [rival for rival in self._rivals if holds(rival.given)]

    @property
    def destinations(self) -> list[tuple[ReplicationRule, Bucket]]:
        """The destinations with the first rule that names each.

        Raises `Undecided` when the rules or their destinations hang on something.
        """
        found: dict[Any, tuple[ReplicationRule, Bucket]] = {}
        for rule, given in _rules(self):
            if holds(given):
                bucket = _bucket_of(rule, self.bucket.world)
                found.setdefault(key_of(bucket.name), (rule, bucket))
        return list(found.values())

    @property
    def rules(self) -> list[ReplicationRule]:
        """The rules that are there; raises `Undecided` when the list hangs on something."""
        rules = self.node.get("Rules")
        if rules is None:
            return []
        return [ReplicationRule(node, index) for index, node in enumerate(rules.items())]

    @property
    def version(self) -> Literal["V1", "V2", "mixed"]:
        """The schema's version of all rules; S3 takes no configuration that mixes the two."""
        versions = {rule.version for rule in self.rules}
        return versions.pop() if len(versions) == 1 else "mixed"

    @property
    def role(self) -> Role:
        """The role that S3 assumes; raises `Undecided` when none is named."""
        node = self.node.get("Role")
        if node is None or node.value == "":
            raise Undecided("unsupported_expression", "the configuration names no role")
        return self.bucket.world.role(node.value, node.at)

    def at(self, *keys: str | int) -> Location:
        return self.node.place(*keys)

    def __str__(self) -> str:
        return f"replication of {self.bucket}"


class Route:
    """One replication rule seen end to end: source bucket, destination, role and keys.

    `given` are the answers under which the rule is there at all, `position` counts the
    routes of the graph.
    """

    def __init__(
        self,
        graph: Graph,
        configuration: Configuration,
        rule: ReplicationRule,
        given: Mapping[Choice, int],
        position: int,
    ) -> None:
        self.graph = graph
        self.position = position
        self.configuration = configuration
        self.source = configuration.bucket
        self.rule = rule
        self.given = given
        self.world = configuration.bucket.world
        self.remember = Memory().recall

    @cached_property
    def id(self) -> str:
        try:
            identifier = self.rule.id
        except Undecided:
            identifier = None
        # Text that is symbolic can be printed, but not asked whether it is empty.
        unnamed = identifier in (None, "") if isinstance(identifier, str | None) else False
        unnamed = unnamed or isinstance(identifier, Unknown)
        return f"{self.source}/{f'rule-{self.rule.index + 1}' if unnamed else identifier}"

    @property
    def enabled(self) -> bool:
        return bool(self.rule.status == "Enabled")

    @property
    def destination(self) -> Bucket:
        """The destination bucket; raises `Undecided` when its ARN is none."""
        found: Bucket = self.remember("destination", lambda: _bucket_of(self.rule, self.world))
        return found

    @property
    def role(self) -> Role:
        found: Role = self.remember("role", lambda: self.configuration.role)
        return found

    @property
    def cross_account(self) -> bool:
        """Tell whether source and destination belong to different accounts."""
        return bool(self.source.account != self.destination.account)

    @property
    def replica_key(self) -> Key | None:
        """The key that encrypts the replicas, where the rule names one.

        Raises `Undecided` for an ARN that is no key's.
        """
        text = self.rule.replica_key
        if text is None:
            return None
        fields = parse_arn(text)
        # The ARN of anything else is the fault then, and has a rule of its own.
        if fields is not None and isinstance(fields.service, str) and not names_key(fields):
            raise Undecided("unsupported_expression", f"{text} is not the ARN of a KMS key")
        # An alias or a bare id is looked up in the requester's account.
        at = self.rule.at("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")
        return self.world.key(text, lambda: (self.source.account, self.destination.region), at)

    @property
    def source_key(self) -> Key | None:
        """The key of the source bucket's default encryption; None when it is not KMS."""
        return self._default_key(self.source)

    @property
    def destination_key(self) -> Key | None:
        """The key of the destination bucket's default encryption; None when it is not KMS."""
        return self._default_key(self.destination)

    def _default_key(self, bucket: Bucket) -> Key | None:
        default = default_encryption(bucket)
        if default is None or default.leaf("SSEAlgorithm") in (None, "AES256"):
            return None
        key = default.get("KMSMasterKeyID")
        text = "alias/aws/s3" if key is None or key.value == "" else key.value
        at = default.at if key is None else key.at
        return self.world.key(text, lambda: (bucket.account, bucket.region), at)

    def __str__(self) -> str:
        return self.id


def _bucket_of(rule: ReplicationRule, world: World) -> Bucket:
    """Return the bucket that a rule replicates to."""
    arn = rule.destination
    fields = parse_arn(arn)
    if fields is None:
        raise Undecided("unsupported_expression", f"{arn} is not the ARN of a bucket")
    whole = arn if isinstance(arn, Symbolic) and len(arn.parts) == 1 else None
    return world.bucket(fields.resource, fields.partition, rule.at("Destination", "Bucket"), whole)


def default_encryption(bucket: Bucket) -> Node | None:
    """Return `ApplyServerSideEncryptionByDefault` of a bucket, None for plain SSE-S3."""
    encryption = bucket.node("encryption").settled()
    rules = encryption.get("Rules")
    for rule in rules.items() if rules is not None else ():
        default = rule.get("ApplyServerSideEncryptionByDefault")
        if default is not None:
            return default
    return None


def encrypts_with_kms(bucket: Bucket) -> bool | None:
    """Tell whether a bucket's default encryption is KMS; None where the input does not say."""
    try:
        default = default_encryption(bucket)
        algorithm = None if default is None else default.leaf("SSEAlgorithm")
        return algorithm is not None and bool(algorithm == "aws:kms" or algorithm == "aws:kms:dsse")
    except Undecided as gap:
        if gap.choice is not None:
            raise
        return None


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
        for fact in self.model.buckets:
            node = fact.fields.get("replication")
            if node is None:
                continue
            # A bucket whose name hangs on a choice stays one bucket: which name it
            # gets is for each question to settle.
            named = key_of(fact.name)
            bucket = self.world.bucket(fact.name, self.world.partition(fact), fact.at)
            for given, (exists, written) in _together(fact.exists, node):
                if exists is True and written.value is not None:
                    mine = found.setdefault(fact if named is None else named, [])
                    _add(mine, Configuration(bucket, written, given, fact.made))
        return [configuration for mine in found.values() for configuration in mine]

    @cached_property
    def routes(self) -> list[Route]:
        found: list[Route] = []
        for configuration in self.configurations:
            for rule, given in _rules(configuration):
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
        try:
            agree = equal_nodes(other.node, new.node)
        except Undecided:
            agree = False
        if not agree:
            configurations[index] = _conflicting(other, new)
        return
    configurations.append(new)


def _conflicting(one: Configuration, other: Configuration) -> Configuration:
    """Return a configuration of which nothing is known, for two resources or files disagree."""
    what = f"the replication of bucket {one.bucket} is stated twice, differently"
    unknown = Node(Unknown("conflict", what, "one of the two only"), one.node.at)
    mine, theirs = one.made, other.made
    rivals = one._rivals
    if mine and theirs and mine.deployment == theirs.deployment and mine.address != theirs.address:
        rivals += (other,)
    return Configuration(one.bucket, unknown, one.given, one.made, rivals)


def alternatives(
    node: Node, under: Mapping[Choice, int] | None = None
) -> Iterator[tuple[dict[Choice, int], Node]]:
    """Yield each option of a node that hangs on choices, with the answers that select it."""
    pending: list[tuple[dict[Choice, int], Node]] = [(dict(under or {}), node)]
    count = 0
    while pending and count < MAX_OPTIONS:
        given, current = pending.pop()
        value = current.value
        if not isinstance(value, OneOf):
            count += 1
            yield given, current
            continue
        if value.choice in given:
            answers = [given[value.choice]]
        else:
            answers = list(range(len(value.options)))
        for answer in reversed(answers):
            option = value.options[answer]
            chosen = option if isinstance(option, Node) else Node(option, current.at)
            pending.append(({**given, value.choice: answer}, chosen))


def _source_name(route: Route) -> Text:
    return route.source.name


def _destination_name(route: Route) -> Text:
    return route.destination.name


def _prefix(route: Route) -> Text:
    return route.rule.prefix


def _rules(
    configuration: Configuration,
) -> Iterator[tuple[ReplicationRule, Mapping[Choice, int]]]:
    content = configuration.node.value
    rules = content.get("Rules") if isinstance(content, dict) else configuration.node
    if rules is None:
        return
    for given, chosen in alternatives(rules, configuration.given):
        if chosen.value is None:
            continue
        elements = chosen.value if isinstance(chosen.value, list) else [chosen]
        for index, element in enumerate(elements):
            for answers, node in alternatives(element, given):
                if node.value is not None:
                    yield ReplicationRule(node, index), answers


def text_or_none(ask: Any) -> str | None:
    """Return the text of an answer, None where the input leaves it open."""
    try:
        value: Text | None = settle(ask())
    except Undecided:
        return None
    return None if value is None else str(value)
