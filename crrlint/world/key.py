"""A KMS key with its policy and state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Location, Node
from crrlint.model import KeyFacts
from crrlint.values import Text, Undecided, identical
from crrlint.world.agreement import Statement, agreed
from crrlint.world.facts import Linked, words

if TYPE_CHECKING:
    from crrlint.world import World


# What the keys of one id have in common: a multi-Region key and its replicas.
_SHARED: Final = frozenset({"spec", "usage"})


class Key(Linked):
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
        return self.remember("facts", lambda: self.world.key_facts(self.arn, self.id))

    @property
    def declared(self) -> bool:
        return any(fact.declared for fact in self.facts)

    @property
    def managed_by_aws(self) -> bool:
        """Tell whether the key is one of AWS's own in the account, as `aws/s3`; else a customer's.

        One of which only an ARN is known is taken for a customer's: what else is asked of it
        (its policy) tells the same.
        """
        if self.alias is not None and str(self.alias).startswith("alias/aws/"):
            return True
        managers = [f.manager.settled().value for f in self.facts if f.manager is not None]
        return any(identical(manager, "AWS") for manager in managers)

    def usable_from(self, account: Text) -> bool:
        """Tell whether an account can be let use the key: AWS shares none that it manages."""
        return not self.managed_by_aws or bool(self.account == account)

    def node(self, field: str) -> Node:
        return self.remember(field, lambda: self._find(field))

    def _find(self, field: str) -> Node:
        shared = self.world.key_facts_of_id(self.id) if field in _SHARED else []
        for facts in (self.facts, shared):
            nodes = [(getattr(fact, field), fact) for fact in facts]
            stated = [Statement(n.settled(), fact.layer) for n, fact in nodes if n is not None]
            if stated:
                return agreed(stated, f"the {words(field)} of key {self.id}")
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
