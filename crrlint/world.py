"""The facts of all files brought together: buckets, roles and keys as one sees them in AWS.

Facts are joined by name, whether it is known or symbolic.  A thing that is only
referred to is there as well; asking it for what no file states raises `Undecided`
and says which file is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from crrlint.arn import Arn, bucket_arn, parse_arn, partition_of
from crrlint.model import (
    AliasFacts,
    BucketFacts,
    BucketField,
    KeyFacts,
    Model,
    PolicyFacts,
    RoleFacts,
)
from crrlint.source import Location, Node
from crrlint.values import (
    OneOf,
    Symbol,
    Symbolic,
    Text,
    Undecided,
    Unknown,
    assumed,
    identical,
    join,
    same,
    settle,
)

F = TypeVar("F")
T = TypeVar("T")

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
    "lifecycle": "get-bucket-lifecycle-configuration",
}

Parts = tuple[str | Symbol, ...]


def key_of(text: Text | None) -> Parts | None:
    """Return what a dictionary can look a text up by; None for one that is not settled."""
    if isinstance(text, str):
        return (text,)
    if isinstance(text, Symbolic):
        return text.parts
    return None


class _Index:
    """Facts by a text that names them; those whose name is open are kept aside."""

    def __init__(self, facts: Iterable[F], name: Callable[[F], Text | None]) -> None:
        self._sure: dict[Parts, list[Any]] = {}
        self._loose: list[Any] = []
        self._name = name
        for fact in facts:
            text = name(fact)
            key = key_of(text)
            if key is not None:
                self._sure.setdefault(key, []).append(fact)
            if key is None or any(isinstance(p, Symbol) and not p.unique for p in key):
                self._loose.append(fact)

    def __iter__(self) -> Any:
        return iter(self._sure.values())

    def sure(self, name: Text) -> list[Any]:
        """Return the facts of exactly this name, those with an open choice included."""
        key = key_of(settle(name))
        found = list(self._sure.get(key, ())) if key is not None else []
        for fact in self._loose:
            text = self._name(fact)
            if key_of(text) is None and not isinstance(text, Unknown) and text is not None:
                settled = settle(text)
                if key is not None and key_of(settled) == key:
                    found.append(fact)
        return [fact for fact in found if settle(fact.exists)]

    def possible(self, name: Text) -> list[Any]:
        """Return the facts that may be of this name: their own name is open."""
        settled = settle(name)
        found = []
        for fact in self._loose:
            text = settle(self._name(fact))
            if text is None or key_of(text) == key_of(settled):
                continue
            if isinstance(text, Unknown) or same(text, settled) is None:
                found.append(fact)
        return found


class _Linked:
    """A thing of the world: its facts, and answers kept per set of assumed choices."""

    __slots__ = ("_memory", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self._memory: dict[Hashable, Any] = {}

    def _remember(self, what: Hashable, work: Callable[[], T]) -> T:
        key = (what, frozenset(assumed().items()))
        if key not in self._memory:
            self._memory[key] = work()
        value: T = self._memory[key]
        return value


class Bucket(_Linked):
    """A bucket, declared in the input or only referred to."""

    __slots__ = ("name", "partition", "referred_at")

    def __init__(self, world: World, name: Text, partition: Text, referred_at: Location) -> None:
        super().__init__(world)
        self.name = name
        self.partition = partition
        self.referred_at = referred_at

    @property
    def arn(self) -> Text:
        return bucket_arn(self.name, self.partition)

    @property
    def facts(self) -> list[BucketFacts]:
        return self._remember("facts", lambda: self.world.bucket_index.sure(self.name))

    @property
    def declared(self) -> bool:
        """Tell whether the bucket itself stands in the input."""
        return any(fact.declared for fact in self.facts)

    def node(self, field: BucketField) -> Node:
        """Return what the input says of a field; raise `Undecided` when it says nothing."""
        return self._remember(field, lambda: self._find(field))

    def _find(self, field: BucketField) -> Node:
        stated = [fact.fields[field] for fact in self.facts if field in fact.fields]
        if stated:
            return _agreeing(stated, f"the {_words(field)} of bucket {self.name}")
        self._ask_possible(field)
        for fact in self.facts:
            if field in fact.otherwise:
                return fact.otherwise[field]
        raise self.not_stated(field)

    def _ask_possible(self, field: BucketField) -> None:
        """Raise when facts of an unnamed bucket state the field: they may be of this one."""
        for fact in self.world.bucket_index.possible(self.name):
            if field in fact.fields and not fact.declared:
                raise Undecided(
                    "unbound_parameter",
                    f"whether the {_words(field)} of bucket {fact.name} is that of {self.name}",
                    _needs(fact.name),
                )

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
            f"the {_words(field)} of bucket {self.name} is not stated",
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
            facts = self.facts
        except Undecided:
            facts = []
        declared = [fact for fact in facts if fact.declared]
        return (declared or facts)[0].at if facts else self.referred_at

    def __str__(self) -> str:
        return str(self.name)


class Role(_Linked):
    """A role, declared in the input or only referred to by its ARN."""

    __slots__ = ("_facts", "account", "arn", "name", "path", "referred_at")

    def __init__(self, world: World, arn: Text, fields: Arn, referred_at: Location) -> None:
        super().__init__(world)
        self.arn = arn
        self.account = fields.account
        self.path, self.name = _path_and_name(fields.resource)
        self.referred_at = referred_at
        self._facts: list[RoleFacts] | None = None

    @property
    def facts(self) -> list[RoleFacts]:
        return self._remember("facts", self._find_facts)

    def _find_facts(self) -> list[RoleFacts]:
        found = [
            fact
            for fact in self.world.role_index.sure(self.name)
            if _may_be(fact.account, self.account)
        ]
        for fact in found:
            if fact.arn is not None and same(settle(fact.arn), settle(self.arn)) is False:
                # One name, another path: not the role that is meant.
                return [f for f in found if f.arn is None and not f.declared]
        return found

    @property
    def declared(self) -> bool:
        return any(fact.declared for fact in self.facts)

    @property
    def same_name(self) -> list[RoleFacts]:
        """Declared roles of this name whose ARN is another: a path was left out."""
        return [
            fact
            for fact in self.world.role_index.sure(self.name)
            if fact.declared and fact.arn is not None and same(fact.arn, self.arn) is False
        ]

    @property
    def trust(self) -> Node:
        """Return the trust policy; raises `Undecided` when the input does not hold it."""
        for fact in self.facts:
            if fact.trust is not None:
                return fact.trust.settled()
        raise self.not_stated("trust policy")

    @property
    def boundary(self) -> Node | None:
        """Return the boundary's document, None where there is none."""
        for fact in self.facts:
            if fact.boundary is not None:
                boundary = fact.boundary.settled()
                if boundary.value is None:
                    return None
                return self.world.managed_policy(boundary)
        if any(fact.complete for fact in self.facts):
            return None
        raise self.not_stated("permissions boundary")

    @property
    def policies(self) -> list[PolicyFacts]:
        """Return the documents attached to the role, inline and managed."""
        return self._remember("policies", self._find_policies)

    def _find_policies(self) -> list[PolicyFacts]:
        found = [p for fact in self.facts for p in fact.policies if settle(p.exists)]
        for arn in self.attached:
            policy = self.world.policy_by_arn(arn)
            if policy is not None:
                found.append(policy)
        return found

    @property
    def attached(self) -> list[Node]:
        """Return the ARNs of the managed policies attached to the role, as nodes."""
        attached = [n.settled() for fact in self.facts for n in fact.attached]
        return [node for node in attached if node.value is not None]

    @property
    def unseen(self) -> list[tuple[str, str, Location]]:
        """Return what may be attached beyond the documents: text, what it needs, place."""
        return self._remember("unseen", self._find_unseen)

    def _find_unseen(self) -> list[tuple[str, str, Location]]:
        if not any(fact.declared or fact.policies or fact.attached for fact in self.facts):
            gap = self.not_stated("policies")
            return [(gap.what, gap.needs, self.referred_at)]
        unseen = [
            (
                f"managed policy {node.value} is attached to role {self.name}, "
                "but its document is not among the inputs",
                "get-policy-version, or get-account-authorization-details",
                node.at,
            )
            for node in self.attached
            if self.world.policy_by_arn(node) is None
        ]
        if not any(fact.complete for fact in self.facts):
            unseen.append(
                (
                    f"further policies may be attached to role {self.name}",
                    "get-account-authorization-details",
                    self.at(),
                )
            )
        unseen.extend(
            (f"a policy for role {fact.name} may be for {self.name}", _needs(fact.name), fact.at)
            for fact in self.world.role_index.possible(self.name)
            if not fact.declared and _may_be(fact.account, self.account)
        )
        return unseen

    @property
    def unique_id(self) -> Text | None:
        ids = [fact.unique_id for fact in self.facts if fact.unique_id is not None]
        return ids[0] if ids else None

    def not_stated(self, part: str) -> Undecided:
        if not self.facts:
            symbols = self.arn.symbols if isinstance(self.arn, Symbolic) else ()
            needs = symbols[0].needs if symbols and symbols[0].needs else ""
            return Undecided(
                "external_reference",
                f"role {self.arn} is not among the inputs",
                needs or "the file that holds the role, or get-account-authorization-details",
            )
        return Undecided(
            "not_collected", f"the {part} of role {self.name} is not stated", "aws iam get-role"
        )

    def at(self) -> Location:
        try:
            facts = self.facts
        except Undecided:
            facts = []
        declared = [fact for fact in facts if fact.declared]
        return (declared or facts)[0].at if facts else self.referred_at

    def __str__(self) -> str:
        return str(self.name)


class Key(_Linked):
    """A KMS key, declared in the input or only referred to by an ARN, an id or an alias."""

    __slots__ = ("account", "alias", "arn", "id", "referred_at", "region")

    def __init__(
        self,
        world: World,
        arn: Text,
        account: Text,
        region: Text,
        key_id: Text,
        referred_at: Location,
        alias: Text | None = None,
    ) -> None:
        super().__init__(world)
        self.arn = arn
        self.account = account
        self.region = region
        self.id = key_id
        self.referred_at = referred_at
        self.alias = alias

    @property
    def facts(self) -> list[KeyFacts]:
        return self._remember("facts", lambda: self.world.key_facts(self.arn, self.id))

    @property
    def declared(self) -> bool:
        return any(fact.declared for fact in self.facts)

    @property
    def managed_by_aws(self) -> bool:
        return self.alias is not None and str(self.alias).startswith("alias/aws/")

    def node(self, field: str) -> Node:
        for fact in self.facts:
            node: Node | None = getattr(fact, field)
            if node is not None:
                return node.settled()
        where = "its template, or aws kms get-key-policy" if field == "policy" else "describe-key"
        what = (
            f"the {field} of key {self.id} is not stated"
            if self.facts
            else f"key {self.arn} is not among the inputs"
        )
        raise Undecided("not_collected" if self.facts else "external_reference", what, where)

    def at(self) -> Location:
        declared = [fact for fact in self.facts if fact.declared]
        return (declared or self.facts)[0].at if self.facts else self.referred_at

    def __str__(self) -> str:
        return str(self.alias or self.arn)


class World:
    """Everything that the inputs state, looked up by name."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.bucket_index = _Index(model.buckets, lambda f: f.name)
        self.role_index = _Index(model.roles, lambda f: f.name)
        self._policies = _Index(model.policies, lambda f: f.arn)
        self._keys_by_arn = _Index([k for k in model.keys if k.arn is not None], lambda f: f.arn)
        self._keys_by_id = _Index(
            [k for k in model.keys if k.key_id is not None], lambda f: f.key_id
        )
        self.organization_complete = model.organization_complete
        self.parsed: dict[Hashable, tuple[Node, Any]] = {}
        """Policies parsed by the layer above, kept here because the world outlives a route."""
        self._buckets: dict[Parts | None, Bucket] = {}
        self._roles: dict[Parts | None, Role] = {}

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
        region = fact.fields.get("region")
        return "aws" if region is None else partition_of(region.value)

    def bucket(self, name: Text, partition: Text, referred_at: Location) -> Bucket:
        name = settle(name)
        key = key_of(name)
        if key is None:
            return Bucket(self, name, partition, referred_at)
        if key not in self._buckets:
            self._buckets[key] = Bucket(self, name, partition, referred_at)
        return self._buckets[key]

    def role(self, arn: Text, referred_at: Location) -> Role:
        """Return the role of an ARN; raises `Undecided` for a text that is none."""
        arn = settle(arn)
        key = key_of(arn)
        if key is None or key not in self._roles:
            fields = parse_arn(arn)
            if fields is None:
                raise Undecided("unsupported_expression", f"{arn} is not the ARN of a role")
            self._roles[key] = Role(self, arn, fields, referred_at)
        return self._roles[key]

    def policy_by_arn(self, arn: Node) -> PolicyFacts | None:
        found = self._policies.sure(arn.value)
        policy: PolicyFacts | None = found[0] if found else None
        return policy

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

    def key(self, text: Text, account: Text, region: Text, referred_at: Location) -> Key:
        """Return the key that a text names: an ARN, a key id, an alias name or alias ARN.

        `account` and `region` are the caller's, in which a bare id or alias is looked up.
        """
        text = settle(text)
        fields = parse_arn(text) if isinstance(text, str) and text.startswith("arn:") else None
        if isinstance(text, Symbolic):
            fields = _arn_or_none(text)
        resource: Text = text
        if fields is not None:
            account, region, resource = fields.account, fields.region, fields.resource
        if resource.startswith("alias/"):
            return self._key_of_alias(resource, account, region, referred_at)
        if resource.startswith("key/"):
            resource = _drop(resource, len("key/"))
        arn = text if fields is not None else self._key_arn(resource, account, region)
        return Key(self, arn, account, region, resource, referred_at)

    def _key_arn(self, key_id: Text, account: Text, region: Text) -> Text:
        return join("arn:", partition_of(region), ":kms:", region, ":", account, ":key/", key_id)

    def _key_of_alias(self, name: Text, account: Text, region: Text, referred_at: Location) -> Key:
        for alias in self.model.aliases:
            if self._is_alias(alias, name, account, region):
                key = self.key(alias.target.settled().value, account, region, referred_at)
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

    def _is_alias(self, alias: AliasFacts, name: Text, account: Text, region: Text) -> bool:
        pairs = ((alias.name, name), (alias.account, account), (alias.region, region))
        return all(same(settle(a), settle(b)) is True for a, b in pairs)

    def organization_of(self, account: Text) -> Text | None:
        """Return the id of the organization that an account is known to be in."""
        for fact in self.model.accounts:
            if fact.organization is not None and same(settle(fact.id), settle(account)) is True:
                return fact.organization
        return None

    def canonical_id(self, account: Text) -> Text | None:
        for fact in self.model.accounts:
            if fact.canonical_id is not None and same(settle(fact.id), settle(account)) is True:
                return fact.canonical_id
        return None


def _agreeing(nodes: Sequence[Node], what: str) -> Node:
    """Return the one value that all state; raise `Undecided` when they differ."""
    first = nodes[0]
    for other in nodes[1:]:
        if not equal_nodes(first, other):
            raise Undecided(
                "conflict",
                f"{what} is stated twice, differently ({first.at.path} and {other.at.path})",
                "one of the two files only",
            )
    return first


def equal_nodes(a: Node, b: Node) -> bool:
    """Tell whether two nodes hold the same, wherever it was written."""
    return _equal(a.plain(), b.plain())


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return identical(a, b)


def _path_and_name(resource: Text) -> tuple[Text, Text]:
    """Split `role/path/name` into `/path/` and the name."""
    parts = (resource,) if isinstance(resource, str) else getattr(resource, "parts", ())
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if isinstance(part, str) and "/" in part:
            head, tail = part.rsplit("/", 1)
            path = join(*parts[:index], head + "/")
            if isinstance(path, str):
                path = path[len("role") :] if path.startswith("role") else path
            else:
                path = _drop(path, len("role")) if path.startswith("role") else path
            return path, join(tail, *parts[index + 1 :])
    return "/", resource


def _drop(text: Text, count: int) -> Text:
    """Return a text without its first characters, which are literal."""
    if isinstance(text, str):
        return text[count:]
    if isinstance(text, Symbolic) and isinstance(text.parts[0], str):
        return join(text.parts[0][count:], *text.parts[1:])
    return text


def _arn_or_none(text: Symbolic) -> Arn | None:
    try:
        return parse_arn(text) if text.startswith("arn:") else None
    except Undecided:
        return parse_arn(text)


def _may_be(a: Text, b: Text) -> bool:
    """Tell whether two accounts may be one; symbols that differ may be."""
    a, b = settle(a), settle(b)
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return True
    return same(a, b) is not False


def _words(field: str) -> str:
    return field.replace("_", " ")


def _needs(name: Text) -> str:
    if isinstance(name, Unknown):
        return name.needs
    return name.symbols[0].needs if isinstance(name, Symbolic) else ""
