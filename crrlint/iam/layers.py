"""The layers around a request, split into the clauses that all have to hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from crrlint.iam.judge import Clause, Part, Term, some_key
from crrlint.iam.logic import Bounds, every, tri
from crrlint.iam.policy import Policy, Statement
from crrlint.iam.principals import Answer
from crrlint.iam.question import Hit, Question
from crrlint.values import Unknown, same, settle


class World(NamedTuple):
    """The policies around a request; None where a layer does not exist."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] | None = None
    rcps: tuple[tuple[Policy, ...], ...] | None = None
    resource_policy: Policy | None = None
    restrict_public_buckets: bool = False


class Layers:
    """The statements of every layer that may apply, split into clauses."""

    def __init__(self, question: Question, world: World) -> None:
        self.question = question
        self.world = world
        self.is_service = question.caller.service is not None
        bounded = world.boundary is not None
        self.identity = [] if self.is_service else self._hits(world.identity, "identity")
        boundary = (world.boundary,) if world.boundary is not None else ()
        self.boundary = [] if self.is_service else self._hits(boundary, "boundary")
        scps = world.scps if world.scps is not None and not self.is_service else ()
        self.scps = [self._hits(level, "scp") for level in scps]
        self.rcps = [self._hits(level, "rcp") for level in world.rcps or ()]
        policy = (world.resource_policy,) if world.resource_policy is not None else ()
        self.resource = self._hits(policy, "resource")
        self.bounded = bounded and not self.is_service

    def _hits(self, policies: Iterable[Policy], layer: str) -> list[Hit]:
        return [hit for policy in policies for hit in self.question.hits(policy, layer)]

    def relation(self) -> bool | None:
        """Tell whether caller and resource are in one account; a service has none."""
        if self.is_service:
            return True
        owner = settle(self.question.request.resource_account)
        if owner is None or isinstance(owner, Unknown):
            return None
        return same(owner, self.question.caller.account)

    def denies(self) -> list[Part]:
        groups: list[tuple[str, int | None, list[Hit]]] = []
        groups += [("rcp", i, level) for i, level in enumerate(self.rcps)]
        groups += [("scp", i, level) for i, level in enumerate(self.scps)]
        groups += [("resource", None, self.resource)]
        groups += [("identity", None, self.identity), ("boundary", None, self.boundary)]
        parts: list[Part] = []
        for layer, level, hits in groups:
            for hit in hits:
                if "Deny" in hit.effects:
                    named = _certainty(hit)
                    if layer in ("resource", "rcp"):
                        named = every((named, tri(self._denied(hit.statement))))
                    if named[1] is not False:
                        parts.append(Part(layer, "deny", (Term(hit, named),), level))
        return parts

    def _denied(self, statement: Statement) -> Answer:
        if statement.principals is None:
            return None
        return self.question.caller.named(statement.principals, self.bounded)

    def grants(self, same_account: bool) -> list[Part]:
        """Return the conjuncts of the formulas for one or two accounts."""
        direct, role, account = self._resource_grants()
        bucket = _with_layer((self.world.resource_policy,), "resource")
        if self.is_service:
            return [Part("resource", "grant", direct, policies=bucket)]
        own = _with_layer(self.world.identity, "identity")
        parts: list[Part] = []
        # A grant to the role itself is enough within its account.
        beside = (*direct, *role) if same_account else ()
        policies = own + bucket if same_account else own
        parts.append(Part("identity", "grant", (*beside, *_allows(self.identity)), None, policies))
        if self.bounded:
            beside = direct if same_account else ()
            policies = _with_layer((self.world.boundary,), "boundary")
            terms = (*beside, *_allows(self.boundary))
            parts.append(Part("boundary", "grant", terms, None, policies))
        if not same_account or self.question.service in ("kms", "sts"):
            terms = (*direct, *role, *account)
            parts.append(Part("resource", "grant", terms, None, bucket))
        for i, (hits, level) in enumerate(zip(self.scps, self.world.scps or (), strict=False)):
            parts.append(Part("scp", "grant", _allows(hits), i, _with_layer(level, "scp")))
        return parts

    def _resource_grants(self) -> tuple[tuple[Term, ...], tuple[Term, ...], tuple[Term, ...]]:
        found: tuple[list[Term], list[Term], list[Term]] = ([], [], [])
        for hit in self.resource:
            if "Allow" not in hit.effects:
                continue
            principals = hit.statement.principals
            strength: tuple[Answer, ...] = (None, None, None)
            if principals is not None:
                strength = self.question.caller.strength(principals)
            for terms, answer in zip(found, strength, strict=True):
                if answer is not False:
                    terms.append(Term(hit, every((_certainty(hit), tri(answer)))))
        return tuple(found[0]), tuple(found[1]), tuple(found[2])

    def public_access(self, same_account: bool) -> list[Clause]:
        """Return the clause of RestrictPublicBuckets, which spares one account and services."""
        policy = self.world.resource_policy
        if not self.world.restrict_public_buckets or same_account or policy is None:
            return []
        from crrlint.iam.public import public_statements

        public, statements = public_statements(policy)
        if public is False:
            return [Clause("public-access-block", "deny", "holds")]
        reason = "the bucket policy is public and RestrictPublicBuckets is on"
        if public:
            key = some_key(self.question)
            return [Clause("public-access-block", "deny", "fails", statements, key, reason)]
        reason = "whether the bucket policy is public is not known"
        needs = tuple(dict.fromkeys(map(_open_part, statements)))
        return [Clause("public-access-block", "deny", "unknown", statements, None, reason, needs)]


def _open_part(statement: Statement) -> str:
    if statement.undecided is not None:
        return str(statement.undecided)
    return statement.broken or "a condition of a statement for everyone"


def _certainty(hit: Hit) -> Bounds:
    """Return whether the effect is the one in question: a missing one may be either."""
    return tri(True if hit.statement.effect is not None else None)


def _allows(hits: Iterable[Hit]) -> tuple[Term, ...]:
    return tuple(Term(h, _certainty(h)) for h in hits if "Allow" in h.effects)


def _with_layer(policies: Iterable[Policy | None], layer: str) -> tuple[tuple[Policy, str], ...]:
    return tuple((policy, layer) for policy in policies if policy is not None)
