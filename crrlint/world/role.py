"""A role with its trust policy and everything that is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crrlint.documents.source import Location, Node
from crrlint.model import PolicyFacts, RoleFacts
from crrlint.model.arn import Arn, without_start
from crrlint.values import Symbolic, Text, Undecided, join, same, settle
from crrlint.world.agreement import Statement, agreed
from crrlint.world.attachments import attached, inline
from crrlint.world.facts import Linked, is_same, may_be, needs_of

if TYPE_CHECKING:
    from crrlint.world import World


class Role(Linked):
    """A role, declared in the input or only referred to by its ARN."""

    __slots__ = ("_facts", "account", "arn", "name", "path", "referred_at")

    def __init__(self, world: World, arn: Text, fields: Arn, referred_at: Location) -> None:
        super().__init__(world)
        self.arn = arn
        self.account = fields.account
        self.path, self.name = path_and_name(fields.resource)
        self.referred_at = referred_at
        self._facts: list[RoleFacts] | None = None

    @property
    def facts(self) -> list[RoleFacts]:
        return self.remember("facts", self._find_facts)

    def _find_facts(self) -> list[RoleFacts]:
        found = [f for f in self._same_name() if is_same(f.account, self.account)]
        for fact in found:
            if fact.arn is not None and same(settle(fact.arn), settle(self.arn)) is False:
                # One name, another path: not the role that is meant.
                return [f for f in found if f.arn is None and not f.declared]
        return found

    def _same_name(self) -> list[RoleFacts]:
        named: list[RoleFacts] = self.world.role_index.sure(self.name)
        return named

    @property
    def elsewhere(self) -> list[RoleFacts]:
        """Facts of this name in accounts that nobody named: they may be this role's.

        A policy beside a role of its own account and name is that one's.
        """
        others = [
            fact
            for fact in self._same_name()
            if may_be(fact.account, self.account) and not is_same(fact.account, self.account)
        ]
        homes = [fact.account for fact in others if fact.declared]
        if any(fact.declared for fact in self.facts):
            return [f for f in others if not any(is_same(f.account, home) for home in homes)]
        return others

    @property
    def declared(self) -> bool:
        return any(fact.declared for fact in self.facts)

    @property
    def same_name(self) -> list[RoleFacts]:
        """Declared roles of this name whose ARN is another: a path was left out."""
        return [
            fact
            for fact in self._same_name()
            if fact.declared and fact.arn is not None and same(fact.arn, self.arn) is False
        ]

    @property
    def trust(self) -> Node:
        """Return the trust policy; raises `Undecided` when the input does not hold it."""
        return self.remember("trust", self._find_trust)

    def _find_trust(self) -> Node:
        stated = [
            Statement(fact.trust.settled(), fact.layer)
            for fact in self.facts
            if fact.trust is not None
        ]
        if not stated:
            raise self.not_stated("trust policy")
        return agreed(stated, f"the trust policy of role {self.name}")

    @property
    def boundary(self) -> Node | None:
        """Return the boundary's document, None where there is none."""
        stated = [
            Statement(fact.boundary.settled(), fact.layer)
            for fact in self.facts
            if fact.boundary is not None
        ]
        if stated:
            boundary = agreed(stated, f"the permissions boundary of role {self.name}")
            return None if boundary.value is None else self.world.managed_policy(boundary)
        if any(fact.complete for fact in self.facts):
            return None
        raise self.not_stated("permissions boundary")

    @property
    def policies(self) -> list[PolicyFacts]:
        """Return the documents attached to the role, inline and managed."""
        return self.remember("policies", self._find_policies)

    def _find_policies(self) -> list[PolicyFacts]:
        found = inline(self.facts, f"role {self.name}")
        for arn in self.attached:
            policy = self.world.policy_by_arn(arn)
            if policy is not None:
                found.append(policy)
        return found

    @property
    def attached(self) -> list[Node]:
        """Return the ARNs of the managed policies attached to the role, as nodes."""
        return attached(self.facts, f"role {self.name}")

    @property
    def unseen(self) -> list[tuple[str, str, Location]]:
        """Return what may be attached beyond the documents: text, what it needs, place."""
        return self.remember("unseen", self._find_unseen)

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
            (
                f"a policy for role {fact.name} may be for the one of account {self.account}",
                needs_of(fact.account) or needs_of(self.account),
                fact.at,
            )
            for fact in self.elsewhere
            if not fact.declared
        )
        unseen.extend(
            (f"a policy for role {fact.name} may be for {self.name}", needs_of(fact.name), fact.at)
            for fact in self.world.role_index.possible(self.name)
            if not fact.declared and may_be(fact.account, self.account)
        )
        return unseen

    @property
    def unique_id(self) -> Text | None:
        ids = [fact.unique_id for fact in self.facts if fact.unique_id is not None]
        return ids[0] if ids else None

    def not_stated(self, part: str) -> Undecided:
        if not self.facts:
            elsewhere = self.elsewhere
            if elsewhere:
                return Undecided(
                    "unbound_parameter",
                    f"whether role {self.arn} is the one in {elsewhere[0].at.path} is not known",
                    needs_of(elsewhere[0].account) or needs_of(self.account),
                )
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


def path_and_name(resource: Text) -> tuple[Text, Text]:
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
                path = without_start(path, len("role")) if path.startswith("role") else path
            return path, join(tail, *parts[index + 1 :])
    return "/", resource
