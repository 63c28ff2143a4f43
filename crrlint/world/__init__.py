"""The facts of all files brought together: buckets, roles and keys as one sees them in AWS.

Facts are joined by name, whether it is known or symbolic.  A thing that is only
referred to is there as well; asking it for what no file states raises `Undecided`
and says which file is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal, TypeAlias

from crrlint.documents.source import Location, Node
from crrlint.model import BucketFacts, KeyFacts, Layer, Model, PolicyFacts
from crrlint.model.arn import Arn, parse_arn, partition_of, without_start
from crrlint.values import (
    OPEN,
    OneOf,
    Symbol,
    Symbolic,
    Text,
    Undecided,
    Unknown,
    join,
    same,
    settle,
)
from crrlint.values.memory import Memory
from crrlint.world.agreement import Statement, agreed, conflict, equal_nodes
from crrlint.world.bucket import Bucket
from crrlint.world.facts import Index, Parts, is_open, key_of
from crrlint.world.key import Key
from crrlint.world.removal import remaining
from crrlint.world.role import Role

__all__ = ["Bucket", "Key", "Role", "World", "equal_nodes", "is_open", "key_of"]


Home: TypeAlias = tuple[Text, Text]
"""The account and the Region of whoever asks."""


class World:
    """Everything that the inputs state, looked up by name."""

    def __init__(self, model: Model) -> None:
        self.model = model = remaining(_without_outdated(model))
        self.bucket_index = Index(model.buckets, lambda f: f.name, aspects=lambda f: f.fields)
        self.object_index = Index(model.objects, lambda f: f.bucket, self.bucket_index)
        self.role_index = Index(model.roles, lambda f: f.name)
        self._policies = Index(model.policies, lambda f: f.arn)
        self._accounts = Index(model.accounts, lambda f: f.id)
        self._aliases = Index(model.aliases, lambda f: f.name)
        self._keys_by_arn = Index([k for k in model.keys if k.arn is not None], lambda f: f.arn)
        self._keys_by_id = Index(
            [k for k in model.keys if k.key_id is not None], lambda f: f.key_id
        )
        self.organization_complete = model.organization_complete
        self.remember = Memory().recall
        self._buckets: dict[Parts | None, Bucket] = {}
        self._roles: dict[Parts | None, Role] = {}

    @cached_property
    def mixed(self) -> bool:
        """Tell whether what is live stands beside what will be."""
        model = self.model
        layers: set[Layer] = {fact.layer for fact in model.buckets}
        layers |= {fact.layer for fact in model.roles} | {fact.layer for fact in model.keys}
        return "live" in layers and len(layers) > 1

    def buckets(self) -> list[Bucket]:
        """Return the buckets that any fact speaks of, in the order of the files."""
        found: dict[Parts, Bucket] = {}
        for fact in self.model.buckets:
            names = [fact.name] if not isinstance(fact.name, OneOf) else fact.name.options
            for name in names:
                key = key_of(name)
                if key is not None and key not in found:
                    found[key] = self.bucket(name, self.partition(fact), fact.at)
        return list(found.values())

    def partition(self, fact: BucketFacts) -> Text:
        """Return the partition of a bucket's Region, which another fact of it may state."""
        region = fact.fields.get("region") or self._regions.get(key_of(fact.name))
        return "aws" if region is None else partition_of(region.value)

    @cached_property
    def _regions(self) -> dict[Parts | None, Node]:
        stated = [(key_of(f.name), f.fields.get("region")) for f in self.model.buckets]
        return {key: region for key, region in stated if key is not None and region is not None}

    def bucket(
        self, name: Text, partition: Text, referred_at: Location, arn: Text | None = None
    ) -> Bucket:
        """Return the bucket of a name; `arn` is given where that is a text of its own."""
        key = key_of(name)
        if key is None:
            return Bucket(self, name, partition, referred_at, arn)
        if key not in self._buckets:
            self._buckets[key] = Bucket(self, name, partition, referred_at, arn)
        return self._buckets[key]

    def role(self, arn: Text, referred_at: Location) -> Role:
        """Return the role of an ARN; raises `Undecided` for a text that is none."""
        arn = settle(arn)
        key = key_of(arn)
        if key is None or key not in self._roles:
            fields = parse_arn(arn)
            if fields is None or not _names_role(fields):
                raise Undecided("unsupported_expression", f"{arn} is not the ARN of a role")
            self._roles[key] = Role(self, arn, fields, referred_at)
        return self._roles[key]

    def policy_by_arn(self, arn: Node) -> PolicyFacts | None:
        return self.policy_of_arn(arn.value)

    def policy_of_arn(self, arn: Text) -> PolicyFacts | None:
        """Return the managed policy of an ARN; raises `Undecided` for two that differ."""
        found: list[PolicyFacts] = self._policies.sure(arn)
        if len(found) < 2:
            return found[0] if found else None
        stated = [Statement(policy.document.settled(), policy.layer) for policy in found]
        document = agreed(stated, f"managed policy {arn}")
        return next(p for p, s in zip(found, stated, strict=True) if s.node is document)

    @property
    def unattached_policies(self) -> list[PolicyFacts]:
        """Return the managed policies that no role of the input has, nor for a boundary."""
        return self.remember("unattached policies", self._find_unattached)

    def _find_unattached(self) -> list[PolicyFacts]:
        used = [
            node.settled().value
            for fact in self.model.roles
            for node in (*fact.attached, *(() if fact.boundary is None else (fact.boundary,)))
        ]
        known = {key_of(arn) for arn in used}
        # An attached policy that is not known may be any.
        unsure = [arn for arn in used if isinstance(arn, Unknown) or _is_open(arn)]
        return [
            policy
            for policy in self.model.policies
            if policy.arn is not None
            and settle(policy.exists)
            and key_of(settle(policy.arn)) not in known
            and not any(
                isinstance(arn, Unknown) or same(arn, settle(policy.arn)) is not False
                for arn in unsure
            )
        ]

    def managed_policy(self, arn: Node) -> Node:
        """Return a managed policy's document; a node that is a document is its own."""
        if isinstance(arn.value, dict):
            return arn
        policy = self.policy_by_arn(arn)
        if policy is None:
            raise Undecided(
                "external_reference",
                f"managed policy {arn.value} is not among the inputs",
                "get-policy-version, or get-account-authorization-details",
            )
        return policy.document.settled()

    def key_facts(self, arn: Text, key_id: Text) -> list[KeyFacts]:
        by_arn = self._keys_by_arn.sure(arn)
        by_id = [
            fact
            for fact in self._keys_by_id.sure(key_id)
            if fact.arn is None or same(settle(fact.arn), arn) is not False
        ]
        return list(dict.fromkeys([*by_arn, *by_id]))

    def key_facts_of_id(self, key_id: Text) -> list[KeyFacts]:
        """Return the facts of the keys of an id, whatever their Region."""
        found: list[KeyFacts] = self._keys_by_id.sure(key_id)
        return found

    def key(self, text: Text, home: Callable[[], Home], referred_at: Location) -> Key:
        """Return the key that a text names: an ARN, a key id, an alias name or alias ARN.

        `home` tells the account and Region in which a bare id or alias is looked up; it
        is not asked about an ARN, which has its own.
        """
        text = settle(text)
        if not isinstance(text, OPEN) and not isinstance(text, str):
            raise Undecided("unsupported_expression", "what names the key is no text")
        fields = parse_arn(text) if isinstance(text, str) and text.startswith("arn:") else None
        if isinstance(text, Symbolic):
            fields = _arn_or_none(text)
        if fields is None:
            account, region = home()
            resource: Text = text
        else:
            account, region, resource = fields.account, fields.region, fields.resource
        if resource.startswith("alias/"):
            return self._key_of_alias(resource, account, region, referred_at)
        if resource.startswith("key/"):
            resource = without_start(resource, len("key/"))
        arn = text if fields is not None else self._key_arn(resource, account, region)
        return Key(self, arn, account, region, resource, referred_at)

    def _key_arn(self, key_id: Text, account: Text, region: Text) -> Text:
        return join("arn:", partition_of(region), ":kms:", region, ":", account, ":key/", key_id)

    def _key_of_alias(self, name: Text, account: Text, region: Text, referred_at: Location) -> Key:
        # An alias names its key by id or by ARN; as keys both say the same.
        keys = [
            (self.key(target.value, lambda: (account, region), referred_at), target.at, alias.layer)
            for alias in self._aliases.sure(name)
            if same(settle(alias.account), account) and same(settle(alias.region), region)
            for target in (alias.target.settled(),)
        ]
        if keys:
            targets = [Statement(Node(key.arn, at), layer) for key, at, layer in keys]
            told = agreed(targets, f"the key of {name}").value
            key = next(key for key, _, _ in keys if key.arn == told)
            return Key(self, key.arn, key.account, key.region, key.id, referred_at, alias=name)
        unnamed = Symbol(
            f"{account}/{region}/{name}",
            "key-id",
            f"the key of {name}",
            form="name",
            reason="external_reference",
            needs="aws kms list-aliases, or the file that makes the alias",
        )
        key_id: Text = Symbolic((unnamed,))
        arn = self._key_arn(key_id, account, region)
        return Key(self, arn, account, region, key_id, referred_at, alias=name)

    def organization_of(self, account: Text) -> Text | None:
        """Return the id of the organization that an account is known to be in."""
        known = [(f.organization, f.at) for f in self._accounts.sure(account) if f.organization]
        return self._lasting(known, f"the organization of account {account}")

    def path_of(self, account: Text) -> tuple[str, ...] | None:
        """Return the root and units above an account; None where nobody stated them."""
        facts = [f for f in self._accounts.sure(account) if f.path is not None]
        for other in facts[1:]:
            if other.path != facts[0].path:
                stated = [Statement(Node(list(f.path), f.at), "live") for f in (facts[0], other)]
                raise conflict(f"the path of account {account} in the organization", *stated)
        return facts[0].path if facts else None

    def is_exempt(self, account: Text) -> bool:
        """Tell whether no organization policy binds an account, as far as is known."""
        return any(fact.exempt for fact in self._accounts.sure(account))

    def knows_policies(self, account: Text, type: Literal["SCP", "RCP"]) -> bool:
        """Tell whether the input holds all organization policies of a type that bind an account."""
        if self.organization_complete:
            return True
        return any(fact.exempt or type in fact.complete for fact in self._accounts.sure(account))

    def public_access_block_of(self, account: Text) -> Node | None:
        """Return the block that holds for all buckets of an account; None where none is stated."""
        stated = [
            Statement(f.public_access_block.settled(), f.layer)
            for f in self._accounts.sure(account)
            if f.public_access_block is not None
        ]
        if not stated:
            return None
        return agreed(stated, f"the public access block of account {account}")

    def canonical_id(self, account: Text) -> Text | None:
        """Return the id by which ACLs name an account; None where nobody stated it."""
        known = [(f.canonical_id, f.at) for f in self._accounts.sure(account) if f.canonical_id]
        return self._lasting(known, f"the canonical id of account {account}")

    @staticmethod
    def _lasting(known: list[tuple[Text, Location]], what: str) -> Text | None:
        if not known:
            return None
        stated = [Statement(Node(text, at), "live") for text, at in known]
        found: Text = agreed(stated, what, lasting=True).value
        return found


def _without_outdated(model: Model) -> Model:
    """Leave out the objects that are live where a plan says how they will be."""
    planned = {(key_of(o.bucket), key_of(o.key)) for o in model.objects if o.layer == "planned"}
    if not planned:
        return model
    return model._replace(
        objects=tuple(
            o
            for o in model.objects
            if o.layer != "live" or (key_of(o.bucket), key_of(o.key)) not in planned
        )
    )


def _names_role(fields: Arn) -> bool:
    """Tell whether an ARN may be a role's; what is symbolic may be."""
    service, resource = fields.service, fields.resource
    plain = isinstance(service, str) and isinstance(resource, str)
    return not plain or (service == "iam" and resource.startswith("role/"))


def _is_open(arn: Text) -> bool:
    return isinstance(arn, Symbolic) and any(not symbol.unique for symbol in arn.symbols)


def _arn_or_none(text: Symbolic) -> Arn | None:
    try:
        return parse_arn(text) if text.startswith("arn:") else None
    except Undecided:
        return parse_arn(text)
