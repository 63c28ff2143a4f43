"""What was written: the facts that loaders read out of files, before they are linked.

A fact says something about one bucket, role, key or account, known by its name
or ARN.  Several facts may speak of the same one: a bucket in one template, its
policy in another.  `crrlint.world` brings them together.

Whatever the format, the parts of a bucket have the shapes of the S3 API
(`get-bucket-replication`, `get-bucket-encryption`, ...) and policies are IAM's
JSON, as nodes with places.  A field that is `None` is known to be not set; a
field that is missing was not stated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from crrlint.documents.source import Location, Node, Problem
from crrlint.values import Choice, Text, Value

T = TypeVar("T")

BucketField: TypeAlias = Literal[
    "account",
    "region",
    "kind",
    "versioning",
    "replication",
    "policy",
    "encryption",
    "ownership",
    "object_lock",
    "acl",
    "public_access_block",
    "request_payer",
    "lifecycle",
    "tags",
    "created",
]
"""Texts: `account`, `region`, `kind` (general, directory, table, outposts), `versioning`
(`Enabled`, `Suspended`, None for never), `ownership`, `request_payer` (the payer), `created`
(a time in ISO 8601).
Documents: `replication` (`Role`, `Rules`), `policy`, `encryption` (`Rules`), `object_lock`
(`ObjectLockEnabled`, `Rule`), `acl` (`Owner`, `Grants`, or `Canned`), `public_access_block`
(four booleans), `lifecycle` (`Rules`), `tags` (a mapping)."""

Layer: TypeAlias = Literal["template", "planned", "live"]


def by_identity(kind: type[T]) -> type[T]:
    """Compare entities by identity: a comparison of fields would ask the unknown ones."""
    kind.__eq__ = object.__eq__  # type: ignore[method-assign]
    kind.__hash__ = object.__hash__  # type: ignore[method-assign]
    return kind


class Made(NamedTuple):
    """The resource of a deployment (a stack, a state) that makes what a fact says.

    `waits_for` tells whether the resource of an address is there before this one is made;
    None where nothing records it.
    """

    deployment: str
    address: str
    waits_for: Callable[[str], bool] | None = None


@by_identity
class BucketFacts(NamedTuple):
    """What one place says of a bucket.

    `declared` when the bucket itself stands here (and is not only spoken of);
    `exists` is true, or hangs on a condition.  `otherwise` holds what is so when no
    fact states the field: a template that creates a bucket and gives it no policy.
    `made` is None for what no resource makes: the answer of a call.
    """

    name: Text
    at: Location
    fields: Mapping[BucketField, Node] = {}
    otherwise: Mapping[BucketField, Node] = {}
    declared: bool = False
    exists: Value = True
    layer: Layer = "template"
    made: Made | None = None


@by_identity
class RoleFacts(NamedTuple):
    """What one place says of a role.

    `account` and `name` tell which role is meant; `arn` is set where it is declared.
    `policies` are documents (inline ones, or managed ones given in place), `attached`
    the ARNs of managed policies.  `complete`: nothing else can be attached to it.
    `boundary` is missing (None) where it was not stated, and a node whose value is
    None where there is none.
    """

    name: Text
    account: Text
    at: Location
    arn: Text | None = None
    declared: bool = False
    exists: Value = True
    trust: Node | None = None
    policies: tuple[PolicyFacts, ...] = ()
    attached: tuple[Node, ...] = ()
    boundary: Node | None = None
    complete: bool = False
    unique_id: Text | None = None
    tags: Node | None = None
    layer: Layer = "template"


@by_identity
class PolicyFacts(NamedTuple):
    """A policy document with its name; `arn` for a managed policy.

    `arn` is None for an inline policy, whose layer is that of the role's facts.
    """

    name: Text
    document: Node
    at: Location
    arn: Text | None = None
    exists: Value = True
    layer: Layer = "template"


@by_identity
class KeyFacts(NamedTuple):
    """What one place says of a KMS key, known by `arn` or, within an account, by `key_id`.

    `policy` is None where it was not stated; `state` is KMS's word (`Enabled`,
    `Disabled`, `PendingDeletion`, ...).  `all_grants`: the key has no others than these.
    """

    at: Location
    arn: Text | None = None
    key_id: Text | None = None
    account: Text | None = None
    region: Text | None = None
    declared: bool = False
    exists: Value = True
    policy: Node | None = None
    state: Node | None = None
    spec: Node | None = None
    usage: Node | None = None
    manager: Node | None = None
    multi_region: Node | None = None
    grants: Node | None = None
    all_grants: bool = False
    layer: Layer = "template"


@by_identity
class AliasFacts(NamedTuple):
    """A KMS alias; `target` is a key id or a key ARN."""

    name: Text
    account: Text
    region: Text
    target: Node
    at: Location
    exists: Value = True
    layer: Layer = "template"


@by_identity
class ObjectFacts(NamedTuple):
    """One object: `acl` has the shape of `get-object-acl`, or `Canned`; `head` of `head-object`."""

    bucket: Text
    key: Text
    at: Location
    acl: Node | None = None
    head: Node | None = None
    owner_account: Text | None = None
    layer: Layer = "live"


@by_identity
class AccountFacts(NamedTuple):
    """What is known of an account as a whole.

    `path` is the root and the units of the organization above it, from the root down.
    `complete` are the types of organization policies of which all that bind it were read;
    none bind one that is `exempt`: it manages its organization, or is in none.
    """

    id: Text
    at: Location
    canonical_id: Text | None = None
    public_access_block: Node | None = None
    organization: Text | None = None
    path: tuple[str, ...] | None = None
    layer: Layer = "live"
    complete: frozenset[Literal["SCP", "RCP"]] = frozenset()
    exempt: bool = False


@by_identity
class OrganizationPolicy(NamedTuple):
    """A service or resource control policy; targets are accounts, units or the root."""

    type: Literal["SCP", "RCP"]
    document: Node
    targets: tuple[str, ...]
    at: Location


@by_identity
class Inventory(NamedTuple):
    """A list known to be complete: all buckets, roles or keys of an account."""

    kind: Literal["buckets", "roles", "keys"]
    account: Text
    at: Location
    region: Text | None = None


@by_identity
class Missing(NamedTuple):
    """A thing that was asked for and found not to exist (`NoSuchBucket`), or that a plan deletes.

    `why` tells which, in words.
    """

    kind: Literal["bucket", "role", "key"]
    name: Text
    at: Location
    why: str = ""


@by_identity
class Removed(NamedTuple):
    """What a plan takes away: what is live of it will be there no more.

    `of` is what it belongs to: the role of a policy, the bucket of an object, the key of a
    grant.  `again` when the plan makes it anew afterwards; `choice` is what it hangs on
    whether it goes (its second answer), None for what certainly does.
    """

    kind: Literal[
        "bucket", "object", "role", "role policy", "attachment", "policy", "alias", "grant"
    ]
    name: Text
    at: Location
    plan: str
    of: Text = ""
    account: Text = ""
    region: Text = ""
    again: bool = False
    choice: Choice | None = None


@by_identity
class Unread(NamedTuple):
    """A module that is called, and of which the source is not among the inputs.

    It `may_replicate` when its name, its source or an argument speaks of buckets or of
    replication; `problem` says so, and what would supply the source.
    """

    name: str
    source: str
    needs: str
    may_replicate: bool
    at: Location
    problem: Problem

    @property
    def path(self) -> str:
        return self.problem.path

    @property
    def message(self) -> str:
        return self.problem.message

    @property
    def line(self) -> int | None:
        return self.problem.line

    @property
    def column(self) -> int | None:
        return self.problem.column


@by_identity
class Bound(NamedTuple):
    """What a file does not say of itself, and who said it.

    `what` is an account, a Region, a parameter, or the thing that the file is about.
    A parameter's value may be a secret and is left out; None stands for what nobody
    said, too.  `by` is the command line, `crrlint.yaml`, a file, or what it was
    inferred from; empty for what nobody said.  `of` tells the stacks or providers of
    one file apart.
    """

    path: str
    what: str
    value: Text | None
    by: str
    of: str = ""


class Model(NamedTuple):
    """Everything that loaders read, in the order of the files; nothing is linked yet.

    `left_out` names what is known and says nothing: documents for want of a binding,
    modules for want of their source.
    """

    buckets: tuple[BucketFacts, ...] = ()
    roles: tuple[RoleFacts, ...] = ()
    policies: tuple[PolicyFacts, ...] = ()
    keys: tuple[KeyFacts, ...] = ()
    aliases: tuple[AliasFacts, ...] = ()
    objects: tuple[ObjectFacts, ...] = ()
    accounts: tuple[AccountFacts, ...] = ()
    organization: tuple[OrganizationPolicy, ...] = ()
    inventories: tuple[Inventory, ...] = ()
    missing: tuple[Missing, ...] = ()
    removed: tuple[Removed, ...] = ()
    problems: tuple[Problem, ...] = ()
    assumptions: tuple[str, ...] = ()
    organization_complete: bool = False
    left_out: tuple[Problem | Unread, ...] = ()
    bound: tuple[Bound, ...] = ()

    def __or__(self, other: tuple[Value, ...]) -> Model:
        """Return the facts of both."""
        pairs = zip(self, other, strict=True)
        both: list[Value] = [a or b if isinstance(a, bool) else a + b for a, b in pairs]
        return Model(*both)
