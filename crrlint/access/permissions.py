"""May S3 do what a route needs?  The world's policies put before the permission engine.

A rule asks for the refusals of one need in one layer; each fault is then reported
by the one rule that owns it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from crrlint.access.aliases import is_alias, is_alias_of
from crrlint.access.grants import possibly_granted
from crrlint.access.partitions import Stray, home_of, righted, strays
from crrlint.access.policies import (
    blocks_public,
    boundary,
    bucket_of,
    identity_policies,
    organization,
    parsed,
    resource_policy,
    restricted,
)
from crrlint.access.requests import KEYS, Need, Side, for_key, key_on, request
from crrlint.documents.source import Location, Node
from crrlint.iam import (
    CALLER,
    OWNER,
    Clause,
    ContextValue,
    Decision,
    Policy,
    Request,
    Statement,
    World,
    decide,
)
from crrlint.iam.public import public_statements
from crrlint.model import PolicyFacts
from crrlint.routes.route import Route
from crrlint.values import Text, Undecided
from crrlint.world import Key

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
    context: Mapping[str, ContextValue] | None = None,
) -> Iterator[Refusal]:
    """Yield what refuses a need in one layer; raise `Undecided` where that is open.

    `context` are keys of a request that differ from one object to another.
    """
    resource = request(route, need).resource
    if context is None:
        verdict = decision(route, need, conditions=conditions)
    else:
        usual = request(route, need)
        asked_for = usual._replace(context={**usual.context, **context})
        verdict = _decide(route, need, asked_for, conditions=conditions)
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
        raise Undecided("external_reference", what, remedies(route, gap.needs))


def remedies(route: Route, needs: Iterable[str]) -> str:
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
        raise Undecided("external_reference", verdict.reason, remedies(route, needs))
    return verdict.verdict == "allowed"


def refused(route: Route, need: Need) -> Refusal | None:
    """Return what refuses a need, in whatever layer; raise `Undecided` where it may be met."""
    if granted(route, need):
        return None
    failing = (c for c in decision(route, need).clauses if c.outcome == "fails")
    resource = request(route, need).resource
    return next((Refusal(need, clause, resource) for clause in failing), None)


def refusals_with(route: Route, need: Need, context: Mapping[str, Any]) -> Iterator[Refusal]:
    """Yield what refuses a need when its requests have these values in their context.

    Raises `Undecided` where nothing does for certain and something may.
    """
    asked = request(route, need)
    verdict = _decide(route, need, asked._replace(context={**asked.context, **context}))
    failing = [clause for clause in verdict.clauses if clause.outcome == "fails"]
    yield from (Refusal(need, clause, asked.resource) for clause in failing)
    if not failing and verdict.verdict == "unknown":
        needs = next((c.needs for c in verdict.clauses if c.outcome == "unknown"), ())
        raise Undecided("external_reference", verdict.reason, remedies(route, needs))


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
    policy = bucket_of(route, need).node("policy").settled()
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
        raise Undecided("external_reference", verdict.reason, remedies(route, needs))
    return verdict.verdict == "allowed"


def rejected_as_public(route: Route, need: Need) -> Statement | None:
    """Return the statement for which S3 rejects the bucket policy on the need's side.

    `BlockPublicPolicy` is asked when a policy is written: one that was read from S3 stands.
    """
    bucket = bucket_of(route, need)
    policy = resource_policy(route, need)
    written = [fact for fact in bucket.facts if "policy" in fact.fields]
    if policy is None or not written or any(fact.layer == "live" for fact in written):
        return None
    public, statements = public_statements(policy)
    blocks = public is not False and blocks_public(bucket, "BlockPublicPolicy")
    if blocks is False:
        return None
    if blocks is None or not public:
        what = f"whether S3 rejects the policy of bucket {bucket} as public"
        raise Undecided("external_reference", what, "get-public-access-block")
    return statements[0]


def _principal_of(statement: Node) -> dict[str, Any]:
    written = {name: statement.get(name) for name in ("Principal", "NotPrincipal")}
    return {name: node.plain() for name, node in written.items() if node is not None}


def _decide(
    route: Route, need: Need, asked: Request | None = None, *, conditions: bool = True
) -> Decision:
    world = _world(route, need)
    if not conditions:
        lenient = _without_conditions(world, need)
        if lenient == world and asked is None:
            return decision(route, need)
        world = lenient
    asked = asked or request(route, need)
    verdict = decide(asked, world)
    if need.on == "trust" or world.resource_policy is None or restricted(route, need) is not None:
        return verdict
    if public_statements(world.resource_policy)[0] is False:
        return verdict
    return _if_restricted(verdict, decide(asked, world._replace(restrict_public_buckets=True)))


def _if_restricted(verdict: Decision, otherwise: Decision) -> Decision:
    """Return the verdict with what would be refused if public buckets were restricted, as open."""
    if otherwise.verdict == verdict.verdict:
        return verdict
    reason = "the bucket's policy is public, and whether its access is restricted is not stated"
    needs = ("get-public-access-block",)
    open_ones = tuple(
        Clause(c.layer, c.kind, "unknown", c.statements, c.counterexample, reason, needs)
        for c in otherwise.clauses
        if c.layer == "public-access-block" and c.outcome != "holds"
    )
    clauses = (*verdict.clauses, *open_ones)
    return Decision("unknown", "public-access-block", (), None, reason, clauses)


def _world(route: Route, need: Need) -> World:
    """Return the policies around everything that a route asks for on one side."""
    world: World = route.remember(("world", need.on), lambda: _find_world(route, need))
    return world


def _find_world(route: Route, need: Need) -> World:
    role = route.role
    if need.on == "trust":
        return World(resource_policy=resource_policy(route, need))
    account = request(route, need).resource_account
    return World(
        identity=_identity(route, need),
        boundary=boundary(role),
        scps=organization(route.world, "SCP", role.account),
        rcps=None if account is None else organization(route.world, "RCP", account),
        resource_policy=resource_policy(route, need),
        restrict_public_buckets=bool(restricted(route, need)),
    )


def _identity(route: Route, need: Need) -> tuple[Policy, ...]:
    key = key_on(route, need.on) if need.on in KEYS else None
    more = () if key is None else possibly_granted(key, route.role)
    return (*identity_policies(route.role), *more)


def _without_conditions(world: World, need: Need) -> World:
    # Of key policies only what is particular to KMS is left aside: the caller's identity counts.
    prefix = "kms:" if need.on in KEYS else ""
    resource = world.resource_policy
    return world._replace(
        identity=tuple(policy.without_conditions(prefix) for policy in world.identity),
        resource_policy=None if resource is None else resource.without_conditions(prefix),
    )


def unattached_grant(route: Route, need: Need) -> PolicyFacts | None:
    """Return a managed policy that no role has, and with which the role would have a grant."""
    for policy in route.world.unattached_policies:
        asked = request(route, need)
        world = _world(route, need)
        identity = (*world.identity, parsed(route.world, policy.document))
        verdict = decide(asked, world._replace(identity=identity))
        grants = [c for c in verdict.clauses if c.layer == "identity" and c.kind == "grant"]
        if all(clause.outcome == "holds" for clause in grants):
            return policy
    return None


def names_alias(route: Route) -> bool:
    """Tell whether a policy of the role certainly names an alias of a key as a resource."""
    return any(
        is_alias(pattern.source)
        for policy in identity_policies(route.role)
        for statement in policy.statements
        for pattern in statement.resources or ()
    )


def aliased_grants(route: Route, need: Need) -> Iterator[Statement]:
    """Yield the role's statements that name a key by an alias, and would grant a need on the key.

    Conditions on KMS's own context keys are left aside, as they are for a missing grant.
    """
    key = key_on(route, need.on) if names_alias(route) else None
    if key is None:
        return
    world = _without_conditions(_world(route, need), need)
    for index, policy in enumerate(world.identity):
        for statement in policy.statements:
            if not _names_alias_of(statement, key):
                continue
            changed = policy.with_everything_in(statement)
            identity = (*world.identity[:index], changed, *world.identity[index + 1 :])
            verdict = decide(request(route, need), world._replace(identity=identity))
            grants = [c for c in verdict.clauses if c.layer == "identity" and c.kind == "grant"]
            if all(clause.outcome == "holds" for clause in grants):
                yield statement


def _names_alias_of(statement: Statement, key: Key) -> bool:
    return statement.effect == "Allow" and any(
        is_alias_of(pattern.source, key) for pattern in statement.resources or ()
    )


def misplaced_grant(route: Route, need: Need, layer: Layer) -> tuple[tuple[Statement, Stray], ...]:
    """Return the statements that would grant a need, were their ARNs of its own partition.

    Each with the first of its ARNs at fault; none where that is not why a grant is missing.
    """
    asked, world = request(route, need), _world(route, need)
    home = home_of(asked)
    if home is None:
        return ()
    resource = world.resource_policy
    mended = world._replace(
        identity=tuple(righted(policy, home) for policy in world.identity),
        resource_policy=None if resource is None else righted(resource, home),
    )
    if mended == world:
        return ()
    if layer == "resource" or need.on in KEYS:
        # A condition that fails is the fault of another rule.
        mended = _without_conditions(mended, need)
    clauses = [
        clause
        for clause in decide(asked, mended).clauses
        if clause.layer == layer and clause.kind == "grant"
    ]
    if any(clause.outcome != "holds" for clause in clauses):
        return ()
    granting = [statement for clause in clauses for statement in clause.statements]
    found = [(statement, strays(statement, home)) for statement in granting]
    return tuple((statement, arns[0]) for statement, arns in found if arns)


def may_deny(route: Route, layer: Layer, side: Side) -> bool:
    """Tell whether a layer holds any statement that is, or may be, a Deny."""
    if layer == "identity":
        policies: Iterable[Policy] = identity_policies(route.role)
    else:
        policy = resource_policy(route, Need("", side))
        policies = () if policy is None else (policy,)
    return any(s.effect != "Allow" for policy in policies for s in policy.statements)
