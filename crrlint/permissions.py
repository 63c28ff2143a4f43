"""May S3 do what a route needs?  The world's policies put before the permission engine.

A rule asks for the refusals of one need in one layer; each fault is then reported
by the one rule that owns it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from crrlint.graph import Route
from crrlint.iam import CALLER, OWNER, Clause, Decision, Policy, Request, Statement, World, decide
from crrlint.model import PolicyFacts
from crrlint.requests import Need, Side, for_key, request
from crrlint.source import Location, Node
from crrlint.values import Text, Undecided, Unknown, assumed, same, settle
from crrlint.world import Bucket, Key, Role

Layer: TypeAlias = Literal["identity", "boundary", "resource", "scp", "rcp", "public-access-block"]
Kind: TypeAlias = Literal["deny", "grant"]


_POLICIES: dict[Layer, str] = {
    "identity": "the role's own policies",
    "boundary": "the role's permissions boundary",
    "resource": "the policy of the resource",
    "scp": "a service control policy",
    "rcp": "a resource control policy",
    "public-access-block": "the public access block",
}


class Refusal(NamedTuple):
    """Why one request fails: the need, the clause of the decision, and where it stands."""

    need: Need
    clause: Clause
    resource: Text

    @property
    def statement(self) -> Statement | None:
        """The statement that denies; None for a missing grant."""
        return self.clause.statements[0] if self.clause.statements else None

    @property
    def at(self) -> Location | None:
        return None if self.statement is None else place(self.statement)

    @property
    def failing_resource(self) -> str:
        """The ARN of the request that fails, with a concrete key."""
        key = self.clause.counterexample
        return str(self.resource).replace("{key}", key if key is not None else "")


def place(statement: Statement) -> Location | None:
    """Return where a statement was written; None for one that crrlint supplied itself."""
    origin = statement.policy.origin
    if not isinstance(origin, Node):
        return None
    try:
        statements = origin.get("Statement")
        items = statements.items() if statements is not None else []
    except Undecided:
        return origin.at
    return items[statement.index].at if statement.index < len(items) else origin.at


def decision(route: Route, need: Need, *, conditions: bool = True) -> Decision:
    """Decide one need for every key that the route's rule selects.

    Without `conditions`, an Allow holds whatever its conditions say; for a key, those on
    KMS's own context keys.  Raises `Undecided` when not even the question can be asked.
    """
    what = ("decision", need, conditions)
    answer: Decision = route.remember(what, lambda: _decide(route, need, conditions=conditions))
    return answer


def refusals(
    route: Route,
    need: Need,
    *,
    layer: Layer,
    kind: Kind | None = None,
    conditions: bool = True,
) -> Iterator[Refusal]:
    """Yield what refuses a need in one layer; raise `Undecided` where that is open."""
    verdict = decision(route, need, conditions=conditions)
    resource = request(route, need).resource
    gap: Clause | None = None
    for clause in verdict.clauses:
        if clause.layer != layer or (kind is not None and clause.kind != kind):
            continue
        if clause.outcome == "fails":
            yield Refusal(need, clause, resource)
        elif clause.outcome == "unknown":
            gap = clause
    if gap is not None:
        done = "denied" if gap.kind == "deny" else "allowed"
        asked = str(resource).replace("{key}", "*")
        what = f"whether {need.action} on {asked} is {done} by {_POLICIES[layer]}"
        raise Undecided("external_reference", what, _remedies(route, gap.needs))


def _remedies(route: Route, needs: Iterable[str]) -> str:
    """Return what would decide a clause, each remedy once.

    The engine writes `thing: remedy`, or the thing alone where nothing is known of it.
    """
    found: dict[str, None] = {}
    for text in needs:
        thing, _, remedy = text.partition(": ")
        if thing == CALLER:
            account = route.role.account
            remedy = "; ".join(symbol.needs for symbol in getattr(account, "symbols", ()))
        found[remedy or thing] = None
    if len(found) > 1:
        # Whose bucket it is is open as long as the bucket is: its remedy is the other one.
        found.pop(OWNER, None)
    return "; ".join(found)


def granted(route: Route, need: Need) -> bool:
    """Tell whether a need is met; raise `Undecided` where that is open."""
    verdict = decision(route, need)
    if verdict.verdict == "unknown":
        needs = next((c.needs for c in verdict.clauses if c.outcome == "unknown"), ())
        raise Undecided("external_reference", verdict.reason, _remedies(route, needs))
    return verdict.verdict == "allowed"


def refuses_key(route: Route, need: Need, refusal: Refusal) -> bool:
    """Tell whether a need is certainly refused for the very key of another refusal."""
    key = refusal.clause.counterexample
    if key is None:
        return True
    return _decide(route, need, for_key(request(route, need), key)).verdict == "denied"


def names_role(route: Route, need: Need) -> bool:
    """Tell whether some Allow of the resource policy on the need's side names the role.

    Actions, resources and conditions are left aside.  Raises `Undecided` where that is open.
    """
    policy = _bucket(route, need).node("policy").settled()
    statements = policy.get("Statement")
    named = [
        {"Effect": "Allow", **principal, "Action": "*", "Resource": "*"}
        for statement in (statements.items() if statements is not None else [])
        if statement.leaf("Effect") == "Allow"
        for principal in [_principal_of(statement)]
        if principal
    ]
    if not named:
        return False
    anything = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    world = World(identity=(anything,), resource_policy=Policy.parse({"Statement": named}))
    verdict = decide(request(route, need), world)
    if verdict.verdict == "unknown":
        needs = next((c.needs for c in verdict.clauses if c.outcome == "unknown"), ())
        raise Undecided("external_reference", verdict.reason, _remedies(route, needs))
    return verdict.verdict == "allowed"


def _principal_of(statement: Node) -> dict[str, Any]:
    written = {name: statement.get(name) for name in ("Principal", "NotPrincipal")}
    return {name: node.plain() for name, node in written.items() if node is not None}


def _decide(
    route: Route, need: Need, asked: Request | None = None, *, conditions: bool = True
) -> Decision:
    asked = asked or request(route, need)
    world = _world(route, need, asked)
    if not conditions:
        world = _without_conditions(world, need)
    verdict = decide(asked, world)
    if need.on == "trust" or world.resource_policy is None:
        return verdict
    if _resource_restricted(route, need) is None:
        other = decide(asked, world._replace(restrict_public_buckets=True))
        if other.verdict != verdict.verdict:
            raise Undecided(
                "not_collected",
                "the destination's policy is public, and whether its public access block "
                "restricts public buckets is not stated",
                "get-public-access-block",
            )
    return verdict


def _world(route: Route, need: Need, asked: Request) -> World:
    role = route.role
    if need.on == "trust":
        return World(resource_policy=_resource_policy(route, need))
    account = asked.resource_account
    return World(
        identity=identity_policies(route, role),
        boundary=_boundary(route, role),
        scps=_organization(route, "SCP", role.account),
        rcps=None if account is None else _organization(route, "RCP", account),
        resource_policy=_resource_policy(route, need),
        restrict_public_buckets=bool(_resource_restricted(route, need)),
    )


def _without_conditions(world: World, need: Need) -> World:
    # Of key policies only what is particular to KMS is left aside: the caller's identity counts.
    prefix = "kms:" if need.on in ("source key", "replica key") else ""
    resource = world.resource_policy
    return world._replace(
        identity=tuple(policy.without_conditions(prefix) for policy in world.identity),
        resource_policy=None if resource is None else resource.without_conditions(prefix),
    )


def unattached_grant(route: Route, need: Need) -> PolicyFacts | None:
    """Return a managed policy that no role has, and with which the role would have a grant."""
    for policy in route.world.unattached_policies:
        asked = request(route, need)
        world = _world(route, need, asked)
        identity = (*world.identity, _parse(route, policy.document))
        verdict = decide(asked, world._replace(identity=identity))
        grants = [c for c in verdict.clauses if c.layer == "identity" and c.kind == "grant"]
        if all(clause.outcome == "holds" for clause in grants):
            return policy
    return None


def may_deny(route: Route, layer: Layer, side: Side) -> bool:
    """Tell whether a layer holds any statement that is, or may be, a Deny."""
    if layer == "identity":
        policies: Iterable[Policy] = identity_policies(route, route.role)
    else:
        policy = _resource_policy(route, Need("", side))
        policies = () if policy is None else (policy,)
    return any(s.effect != "Allow" for policy in policies for s in policy.statements)


def _parse(route: Route, document: Node) -> Policy:
    """Parse a document once for each set of assumed choices."""
    key = (id(document.value), frozenset(assumed().items()))
    memory = route.world.parsed
    if key not in memory:
        # The node is kept with the policy: its identity is the key.
        memory[key] = (document, Policy.parse(document.plain(), origin=document.settled()))
    policy: Policy = memory[key][1]
    return policy


def identity_policies(route: Route, role: Role) -> tuple[Policy, ...]:
    """Return the role's documents, and an opaque one for each that the input lacks."""
    documents = [_parse(route, policy.document) for policy in role.policies]
    unseen = [Policy.opaque(what, needs, origin=at) for what, needs, at in role.unseen]
    return (*documents, *unseen)


def _boundary(route: Route, role: Role) -> Policy | None:
    try:
        boundary = role.boundary
    except Undecided as gap:
        return _opaque(gap)
    return None if boundary is None else _parse(route, boundary)


def _opaque(gap: Undecided) -> Policy:
    """Return a policy of which nothing is known; an open choice is for the engine to answer."""
    if gap.choice is not None:
        raise gap
    return Policy.opaque(gap.what, gap.needs)


def _resource_policy(route: Route, need: Need) -> Policy | None:
    """Return the policy of the bucket or the key, the trust policy for the role itself."""
    if need.on == "trust":
        return _parse(route, route.role.trust)
    if need.on == "source key" or need.on == "replica key":
        key = route.source_key if need.on == "source key" else route.replica_key
        return None if key is None else key_policy(route, key)
    return bucket_policy(route, _bucket(route, need))


def _resource_restricted(route: Route, need: Need) -> bool | None:
    """Tell whether a public bucket policy is restricted; None where no file states it."""
    if need.on in ("source key", "replica key", "trust"):
        return False
    return _restricts(_bucket(route, need))


def _bucket(route: Route, need: Need) -> Bucket:
    return route.destination if need.on == "destination objects" else route.source


def bucket_policy(route: Route, bucket: Bucket) -> Policy | None:
    try:
        document = bucket.node("policy").settled()
    except Undecided as gap:
        return _opaque(gap)
    if document.value is None:
        return None
    if isinstance(document.value, Unknown):
        return _opaque(document.value.undecided())
    return _parse(route, document)


def _restricts(bucket: Bucket) -> bool | None:
    """Tell whether `RestrictPublicBuckets` is on; None where no file states it."""
    try:
        block = bucket.node("public_access_block")
        return bool(block.leaf("RestrictPublicBuckets") == True)  # noqa: E712 - may be unknown
    except Undecided as gap:
        if gap.choice is not None:
            raise
        return None


def key_policy(route: Route, key: Key) -> Policy | None:
    if key.managed_by_aws:
        return _aws_managed_key(key)
    try:
        document = key.node("policy")
    except Undecided as gap:
        return _opaque(gap)
    if document.value is None or isinstance(document.value, Unknown):
        return _opaque(Undecided("not_collected", f"the policy of key {key} is not stated"))
    return _parse(route, document)


def _aws_managed_key(key: Key) -> Policy:
    """The policy of `aws/s3`, which nobody can edit: principals of the account, through S3."""
    return Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [
                        "kms:Encrypt",
                        "kms:Decrypt",
                        "kms:ReEncrypt*",
                        "kms:GenerateDataKey*",
                        "kms:DescribeKey",
                    ],
                    "Resource": "*",
                    "Condition": {"StringEquals": {"kms:CallerAccount": key.account}},
                }
            ],
        }
    )


def _organization(
    route: Route, type: Literal["SCP", "RCP"], account: Text
) -> tuple[tuple[Policy, ...], ...] | None:
    """Return the levels of policies that apply to an account; None when none were given."""
    account = settle(account)
    model = route.world.model
    levels: dict[str, list[Policy]] = {}
    for policy in model.organization:
        if policy.type != type:
            continue
        for target in policy.targets:
            parsed = _parse(route, policy.document)
            if target.startswith("r-") or target == "root":
                levels.setdefault("root", []).append(parsed)
            elif target.startswith("ou-"):
                what = f"whether account {account} is in unit {target} is not known"
                needs = "the organization's structure in crrlint.yaml"
                levels.setdefault(target, []).append(Policy.opaque(what, needs))
            elif same(target, account) is not False:
                levels.setdefault("account", []).append(parsed)
    if not levels:
        return None
    if type == "SCP" and not route.world.organization_complete:
        # AWS attaches FullAWSAccess everywhere; those who list only their Denies mean it.
        full = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
        return tuple((*policies, full) for policies in levels.values())
    return tuple(tuple(policies) for policies in levels.values())


def first_places(statements: Iterable[Statement]) -> list[Location]:
    """Return the places of statements that stand in a file."""
    return [at for at in map(place, statements) if at is not None]


__all__: list[Any] = [
    "Refusal",
    "bucket_policy",
    "decision",
    "first_places",
    "granted",
    "identity_policies",
    "key_policy",
    "may_deny",
    "names_role",
    "place",
    "refusals",
    "unattached_grant",
]
