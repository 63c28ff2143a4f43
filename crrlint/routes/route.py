"""A bucket's replication configuration, and its rules as routes: each seen end to end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from crrlint.documents.source import Location, Node
from crrlint.model import Layer, Made
from crrlint.model.arn import names_key, parse_arn
from crrlint.routes.replication import ReplicationRule
from crrlint.values import MAX_OPTIONS, Choice, OneOf, Symbolic, Undecided, Unknown
from crrlint.values.answers import holds
from crrlint.values.doubt import Doubt
from crrlint.values.memory import Memory
from crrlint.values.symbols import Rivalry
from crrlint.world import Bucket, Key, Role, World, key_of
from crrlint.world.agreement import Statement
from crrlint.world.common import common

if TYPE_CHECKING:
    from crrlint.routes.graph import Graph


class Configuration:
    """A bucket's replication configuration: the role and the rules.

    `made` tells which resource makes it.
    """

    __slots__ = ("_rivals", "bucket", "given", "layer", "made", "node")

    def __init__(
        self,
        bucket: Bucket,
        node: Node,
        given: Mapping[Choice, int],
        made: Made | None = None,
        layer: Layer = "template",
        rivals: tuple[Configuration, ...] = (),
    ) -> None:
        self.bucket = bucket
        self.node = node
        self.given = given
        self.made = made
        self.layer: Layer = layer
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
        for rule, given in rules_of(self):
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


def combined(one: Configuration, other: Configuration) -> Configuration:
    """Return what two statements of a bucket's replication have in common, the rest unknown."""
    what = f"the replication of bucket {one.bucket}"
    mine, theirs = one.made, other.made
    rivals = one._rivals
    if mine and theirs and mine.deployment == theirs.deployment and mine.address != theirs.address:
        rivals += (other,)
    stated = [Statement(c.node, c.layer, c.made.deployment if c.made else "") for c in (one, other)]
    node = common(stated[0], stated[1], what)
    if node is one.node:
        return one
    if node is other.node:
        return other
    return Configuration(one.bucket, node, one.given, one.made, one.layer, rivals)


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
    with Doubt():
        default = default_encryption(bucket)
        algorithm = None if default is None else default.leaf("SSEAlgorithm")
        return algorithm is not None and bool(algorithm == "aws:kms" or algorithm == "aws:kms:dsse")
    return None


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


def _contested(element: Node) -> Node:
    """Return a rule that only one of two statements has as one that may not be in force."""
    value = element.value
    if not isinstance(value, OneOf) or not isinstance(value.choice, Rivalry):
        return element
    rule = next(option for option in value.options if option.value is not None)
    if not isinstance(rule.value, dict):
        return element
    gap = value.choice
    what = f"whether there is such a rule: {gap.text}"
    status = Node(Unknown("conflict", what, gap.needs), rule.at)
    return Node({**rule.value, "Status": status}, rule.at)


def rules_of(
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
            for answers, node in alternatives(_contested(element), given):
                if node.value is not None:
                    yield ReplicationRule(node, index), answers
