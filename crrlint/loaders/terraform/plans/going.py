"""What a plan deletes: what is live of it today will be gone, or as AWS leaves it.

A state beside the plan, or an answer of AWS, has it still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from crrlint.documents.source import Location, Node
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block, shape
from crrlint.loaders.terraform.instances import Instance, Provider
from crrlint.loaders.terraform.key_facts import default_policy
from crrlint.loaders.terraform.plans.configuration import listing, mapping
from crrlint.loaders.terraform.plans.masks import without_secrets
from crrlint.loaders.terraform.shown import named
from crrlint.model import BucketFacts, BucketField, KeyFacts, Missing, Model, Removed
from crrlint.values import Choice, OneOf, Symbol, Text, Unknown, Value, identical, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.terraform.plans.planned import Plan

_WITHOUT_EFFECT: Final = frozenset(
    {
        "aws_s3_bucket_acl",
        "aws_iam_role_policies_exclusive",
        "aws_iam_role_policy_attachments_exclusive",
    }
)
"""Resources of which the provider deletes nothing but what the state has."""


class Going(NamedTuple):
    """An instance that is deleted, as it is until then.

    `after` is what the plan makes of it afterwards, in its place.  `versioned` tells whether
    the versions of a bucket are kept all the same, for its objects can be locked; None where
    that is not known.  `choice` is what it hangs on whether it goes (its second answer).
    """

    instance: Instance
    after: Instance | None = None
    versioned: bool | None = None
    choice: Choice | None = None
    renamed: bool = False
    """It goes if the source gives it another name, of which nothing is known."""
    updated: bool = False
    """It is changed where it is: what it said and says no more goes, and nothing else."""

    @property
    def path(self) -> str:
        return self.instance.deployment


def stays(attributes: Mapping[str, Any], kind: str) -> bool:
    """Tell whether the thing stays as it is when its resource is deleted."""
    if kind == "aws_kms_key_policy":
        return attributes.get("bypass_policy_lockout_safety_check") is True
    return kind in _WITHOUT_EFFECT or attributes.get("skip_destroy") is True


def facts(going: list[Going]) -> Model:
    """Return what will be so when the instances are deleted."""
    model = Model()
    for one in going:
        model = model | _facts(one)
    return model


def _facts(one: Going) -> Model:
    before = terraform_resources.facts([one.instance], "planned")
    after = Model()
    if one.after is not None:
        after = terraform_resources.facts([one.after], "planned")
    again = {_signature(removed) for removed in _removed(after, one)}
    removed = [r._replace(again=_signature(r) in again) for r in _removed(before, one)]
    if one.updated:
        removed = [r for r in removed if not r.again]
    if one.renamed:
        return Model(removed=tuple(removed))
    kept = {(str(f.name), field) for f in after.buckets for field in f.fields}
    model = Model(
        buckets=tuple(
            BucketFacts(fact.name, fact.at, {field: _either(one, node, left)}, layer="planned")
            for fact in before.buckets
            if one.updated or not fact.declared
            for field, node in fact.fields.items()
            if (str(fact.name), field) not in kept
            and (left := _left(fact, field, node, one)) is not None
        ),
        keys=() if one.updated or _same_key(before, after) else tuple(_keys(before, one)),
        accounts=()
        if after.accounts
        else tuple(
            f._replace(public_access_block=_either(one, f.public_access_block, Node(None, f.at)))
            for f in before.accounts
            if f.public_access_block is not None
        ),
        removed=tuple(removed),
        missing=tuple(_missing(before, removed, one)) if one.choice is None else (),
    )
    if one.choice is None:
        return model
    there = [one.instance._replace(exists=OneOf(one.choice, (True, False)))]
    staying = terraform_resources.facts(there, "planned")
    declared = tuple(f for f in staying.buckets if f.declared)
    return model | staying._replace(buckets=declared, keys=(), accounts=())


def _either(one: Going, before: Node, after: Node) -> Node:
    if one.choice is None:
        return after
    return Node(OneOf(one.choice, (before, after)), before.at)


def _signature(removed: Removed) -> tuple[str, str, str]:
    return removed.kind, str(removed.name), str(removed.of)


def _removed(model: Model, one: Going) -> Iterator[Removed]:
    plan = one.path
    hangs: dict[str, Any] = {"choice": one.choice}
    for bucket in model.buckets:
        if bucket.declared:
            yield Removed("bucket", bucket.name, bucket.at, plan, **hangs)
    for role in model.roles:
        place: dict[str, Any] = {"account": role.account, **hangs}
        if role.declared:
            yield Removed("role", role.name, role.at, plan, **place)
        for policy in role.policies:
            yield Removed("role policy", policy.name, policy.at, plan, role.name, **place)
        for node in role.attached:
            yield Removed("attachment", node.value, node.at, plan, role.name, **place)
    for managed in model.policies:
        if managed.arn is not None:
            yield Removed("policy", managed.arn, managed.at, plan, **hangs)
    for alias in model.aliases:
        where: dict[str, Any] = {"account": alias.account, "region": alias.region, **hangs}
        yield Removed("alias", alias.name, alias.at, plan, **where)
    for key in model.keys:
        for grant in key.grants.items() if key.grants is not None else ():
            name = grant.leaf("GrantId")
            if isinstance(name, str):
                yield Removed("grant", name, grant.at, plan, key.key_id or "", **hangs)
    for thing in model.objects:
        yield Removed("object", thing.key, thing.at, plan, thing.bucket, **hangs)


def _left(fact: BucketFacts, field: BucketField, node: Node, one: Going) -> Node | None:
    """Return what a bucket is like when the resource of one setting is deleted."""
    at = fact.at
    match field:
        case "versioning":
            return None if node.value is None else Node(_versioning(fact, one), at)
        case "request_payer":
            return Node("BucketOwner", at)
        case "object_lock":
            # Nobody can take the lock off; what it does by default is taken away.
            return shape(at, ObjectLockEnabled=Node("Enabled", at))
        case "policy" | "replication" | "encryption" | "ownership" | "lifecycle":
            return Node(None, at)
        case "public_access_block":
            return Node(None, at)
    return None


def _versioning(fact: BucketFacts, one: Going) -> Value:
    if one.versioned is not None:
        return "Enabled" if one.versioned else "Suspended"
    what = f"the versioning of bucket {fact.name} after {one.instance.address} is deleted"
    needs = "whether the bucket has Object Lock: get-object-lock-configuration"
    return Unknown("deferred", what, needs)


def _same_key(before: Model, after: Model) -> bool:
    """Tell whether what speaks of a key speaks of the same one afterwards."""
    pairs = zip(before.keys, after.keys, strict=False)
    return bool(after.keys) and all(
        not a.declared and identical(a.key_id, b.key_id) for a, b in pairs
    )


def _keys(before: Model, one: Going) -> Iterator[KeyFacts]:
    for key in before.keys:
        if key.declared:
            state = key.state or Node("Enabled", key.at)
            state = _either(one, state, Node("PendingDeletion", key.at))
            yield key._replace(state=state, declared=one.choice is not None)
        elif key.policy is not None and key.account is not None:
            policy = default_policy(key.arn, key.account, key.at)
            yield key._replace(policy=_either(one, key.policy, policy), grants=None)


def _missing(model: Model, removed: list[Removed], one: Going) -> Iterator[Missing]:
    why = f"{one.path} deletes {one.instance.address}"
    for gone in removed:
        if not gone.again and gone.kind == "bucket":
            yield Missing("bucket", gone.name, gone.at, why)
        elif not gone.again and gone.kind == "role":
            for role in model.roles:
                if role.arn is not None:
                    yield Missing("role", role.arn, role.at, why)


# Finding them in a plan.


def going(plan: Plan) -> list[Going]:
    """Return the instances that a plan deletes, those that it replaces among them."""
    found: list[Going] = []
    for number, one in enumerate(listing(plan.document.data.get("resource_changes"))):
        kind, name = named(one)
        change = mapping(mapping(one).get("change"))
        before = change.get("before")
        actions = listing(change.get("actions"))
        updated = "update" in actions
        if name is None or not (updated or "delete" in actions) or not isinstance(before, dict):
            continue
        if kind not in terraform_resources.TYPES or stays(before, kind):
            continue
        at = plan.document.root / "resource_changes" / number / "change" / "before"
        values = without_secrets(name, before, change.get("before_sensitive"))
        # What is created first is of the same name only where AWS lets two of it be.
        follows = updated or (list(actions) == ["delete", "create"] and not one.get("deposed"))
        found.append(
            Going(
                _instance(plan, kind, name, values, at),
                plan.instance(name) if follows else None,
                plan.prior.locked(before.get("bucket")),
                updated=updated,
            )
        )
    return found


def _instance(
    plan: Plan, kind: str, name: str, values: Mapping[str, Any], at: Location
) -> Instance:
    home = plan.home_of(name, values)
    path = plan.document.path
    return Instance(kind, name, Block(values, at), Block({}, at), home, deployment=path)


def nowhere(plan: str, address: str) -> Provider:
    """Return where an instance is of which no provider configuration is known any more."""

    def text(what: Literal["account", "region"]) -> Text:
        return symbolic(Symbol(f"{plan} {address}", what, f"the {what} of {address}", form=what))

    return Provider(text("account"), text("region"))


class Prior:
    """What a plan tells of the things that it was made from."""

    def __init__(self, resources: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        self._accounts: dict[str, set[str]] = {}
        self._locked: dict[str, bool] = {}
        for kind, values in resources:
            name, arn = values.get("name"), values.get("arn")
            if kind == "aws_iam_role" and isinstance(name, str) and isinstance(arn, str):
                self._accounts.setdefault(name, set()).add((arn.split(":") + [""] * 5)[4])
            bucket = values.get("bucket")
            if not isinstance(bucket, str):
                continue
            if kind == "aws_s3_bucket" and "object_lock_enabled" in values:
                locked = values["object_lock_enabled"] is True
                self._locked[bucket] = locked or self._locked.get(bucket, False)
            elif kind == "aws_s3_bucket_object_lock_configuration":
                self._locked[bucket] = True

    def locked(self, bucket: Any) -> bool | None:
        return self._locked.get(bucket) if isinstance(bucket, str) else None

    def account(self, role: Any) -> str | None:
        """Return the account of the role of some name, where there is only one."""
        found = self._accounts.get(role, ()) if isinstance(role, str) else ()
        return next(iter(found)) if len(found) == 1 else None
