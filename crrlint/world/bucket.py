"""A bucket with everything that the inputs say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Location, Node
from crrlint.model import BucketFacts, BucketField, Made, ObjectFacts
from crrlint.model.arn import bucket_arn
from crrlint.values import Choice, OneOf, Symbolic, Text, Undecided
from crrlint.world.agreement import Statement, agreed
from crrlint.world.facts import Linked, needs_of, words

if TYPE_CHECKING:
    from crrlint.world import World

_HOW_TO_GIVE = {
    "account": "--account, `deployments` or `bind` in crrlint.yaml",
    "region": "--region, `deployments` or `bind` in crrlint.yaml, or get-bucket-location",
    "versioning": "get-bucket-versioning, or the template that makes the bucket",
    "policy": "get-bucket-policy, or the template that makes the bucket",
    "replication": "get-bucket-replication",
    "encryption": "get-bucket-encryption, or the template that makes the bucket",
    "ownership": "get-bucket-ownership-controls, or the template that makes the bucket",
    "object_lock": "get-object-lock-configuration, or the template that makes the bucket",
    "acl": "get-bucket-acl",
    "public_access_block": "get-public-access-block",
    "request_payer": "get-bucket-request-payment",
    "lifecycle": "get-bucket-lifecycle-configuration, or the template that makes the bucket",
    "tags": "get-bucket-tagging, or the template that makes the bucket",
}


_MOST_TRIED: Final = 3
"""Of how many unnamed buckets both is tried: that it is this one, and that it is not."""

_LASTING: Final = frozenset({"account", "region", "kind", "created"})


class Bucket(Linked):
    """A bucket, declared in the input or only referred to."""

    __slots__ = ("arn", "name", "partition", "referred_at")

    def __init__(
        self,
        world: World,
        name: Text,
        partition: Text,
        referred_at: Location,
        arn: Text | None = None,
    ) -> None:
        super().__init__(world)
        self.name = name
        self.partition = partition
        self.referred_at = referred_at
        # A parameter that holds a whole ARN is that ARN, whatever its fields may be.
        self.arn = bucket_arn(name, partition) if arn is None else arn

    @property
    def facts(self) -> list[BucketFacts]:
        return self.remember("facts", lambda: self.world.bucket_index.sure(self.name))

    @property
    def declared(self) -> bool:
        """Tell whether the bucket itself stands in the input."""
        return bool(self._sure(lambda fact: fact.declared))

    def _sure(self, wanted: Callable[[BucketFacts], bool]) -> list[BucketFacts]:
        """Return some of the facts; whether the others are there is not asked."""
        found: list[BucketFacts] = self.world.bucket_index.sure(self.name, wanted)
        return found

    def node(self, field: BucketField) -> Node:
        """Return what the input says of a field; raise `Undecided` when it says nothing."""
        return self.remember(field, lambda: self._find(field))

    def maker(self, field: BucketField) -> Made | None:
        """Return which resource sets a field; None where none does, as far as is known."""
        return next((fact.made for fact in self._sure(lambda fact: field in fact.fields)), None)

    def _find(self, field: BucketField) -> Node:
        stated = [
            Statement(fact.fields[field], fact.layer, fact.made.deployment if fact.made else "")
            for fact in self._sure(lambda fact: field in fact.fields)
        ]
        if stated:
            what = f"the {words(field)} of bucket {self.name}"
            node = agreed(stated, what, lasting=field in _LASTING)
            if any(s.layer != "live" for s in stated):
                return node
            # What a plan says of an unnamed bucket may be in place of what is live of this one.
            coming = [fact for fact in self._possible(field) if fact.layer == "planned"]
            return self._perhaps(field, node, coming)
        possible = self._possible(field)
        for fact in self._sure(lambda fact: field in fact.otherwise):
            return self._perhaps(field, fact.otherwise[field], possible)
        self._ask(field, possible)
        raise self.not_stated(field)

    def _perhaps(self, field: BucketField, node: Node, others: list[BucketFacts]) -> Node:
        """Return what holds unless one of the facts of unnamed buckets is of this one."""
        if len(others) > _MOST_TRIED:
            self._ask(field, others)
        for other in others:
            whose = self._whose(field, other)
            node = Node(OneOf(whose, (node, other.fields[field])), node.at)
        return node

    def _ask(self, field: BucketField, others: list[BucketFacts]) -> None:
        for other in others:
            what = f"whether the {words(field)} of bucket {other.name} is that of {self.name}"
            raise Undecided("unbound_parameter", what, needs_of(other.name))

    def _possible(self, field: BucketField) -> list[BucketFacts]:
        """Return the facts of unnamed buckets that state a field: they may be of this one."""
        return list(self.world.bucket_index.possible(self.name, field))

    def _whose(self, field: BucketField, fact: BucketFacts) -> Choice:
        what = f"the {words(field)} of bucket {fact.name}"
        answers = ("that of another bucket", f"that of {self.name}")
        return Choice(f"{what} in {fact.at!r}: {self.name}", answers, what, needs_of(fact.name))

    @property
    def objects(self) -> list[ObjectFacts]:
        """The objects that are known to be in the bucket; raises `Undecided` for a doubtful one."""
        found: list[ObjectFacts] = self.world.object_index.sure(self.name)
        for fact in self.world.object_index.possible(self.name):
            what = f"whether object {fact.key} of bucket {fact.bucket} is in {self.name}"
            raise Undecided("unbound_parameter", what, needs_of(fact.bucket))
        return found

    def not_stated(self, field: BucketField) -> Undecided:
        if not self.facts:
            symbols = self.name.symbols if isinstance(self.name, Symbolic) else ()
            needs = symbols[0].needs if symbols and symbols[0].needs else ""
            return Undecided(
                "external_reference",
                f"bucket {self.name} is not among the inputs",
                needs or f"the file that holds bucket {self.name}, or its dump by the AWS CLI",
            )
        return Undecided(
            "not_collected",
            f"the {words(field)} of bucket {self.name} is not stated",
            _HOW_TO_GIVE.get(field, ""),
        )

    def value(self, field: BucketField) -> Any:
        """Return a field that is text; None where it is known to be not set."""
        node = self.node(field).settled()
        return node.value

    @property
    def account(self) -> Text:
        account: Text = self.value("account")
        return account

    @property
    def owner_id(self) -> Text:
        """The canonical id of the account that owns the bucket, by which ACLs name it."""
        for fact in self.facts:
            acl = fact.fields.get("acl")
            if acl is not None and isinstance(acl.settled().value, dict):
                owner: Text | None = acl.leaf("Owner", "ID")
                if owner is not None:
                    return owner
        found = self.world.canonical_id(self.account)
        if found is None:
            what = f"the canonical id of the owner of bucket {self.name} is not stated"
            raise Undecided("not_collected", what, "get-bucket-acl of the bucket, or list-buckets")
        return found

    @property
    def region(self) -> Text:
        region: Text = self.value("region")
        return region

    @property
    def versioning(self) -> Any:
        return self.value("versioning")

    def at(self, field: BucketField | None = None) -> Location:
        """Return where a field was written, or where the bucket is declared or referred to."""
        try:
            if field is not None:
                return self.node(field).settled().at
            facts = self._sure(lambda fact: fact.declared) or self.facts
        except Undecided:
            facts = []
        return facts[0].at if facts else self.referred_at

    def __str__(self) -> str:
        return str(self.name)
