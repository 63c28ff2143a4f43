"""What is live, without what a plan takes away.

A plan was made from what is live, so what it deletes is in the answers of AWS and in
states beside it still.  None of that counts: what will be is what is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from crrlint.documents.source import Node
from crrlint.model import KeyFacts, Layer, Model, PolicyFacts, Removed, RoleFacts
from crrlint.values import Choice, OneOf, Text, Unknown, Value, same
from crrlint.world.facts import key_of

F = TypeVar("F")

_Goes = Callable[[Any, Removed], bool | None]
"""Tells whether a fact speaks of what is removed; None where that is not known."""


def remaining(model: Model) -> Model:
    """Leave out what a plan removes; what it may remove hangs on a choice."""
    if not model.removed:
        return model

    def of(kind: str) -> list[Removed]:
        return [removed for removed in model.removed if removed.kind == kind]

    buckets = of("bucket")
    return model._replace(
        buckets=tuple(_kept(model.buckets, buckets, lambda f, r: _alike(f.name, r.name))),
        roles=tuple(
            _without_parts(role, of("role policy"), of("attachment"))
            for role in _kept(model.roles, of("role"), _is_role)
        ),
        policies=tuple(_kept(model.policies, of("policy"), lambda f, r: _alike(f.arn, r.name))),
        keys=tuple(_without_grants(key, of("grant")) for key in model.keys),
        aliases=tuple(_kept(model.aliases, of("alias"), _is_alias)),
        objects=tuple(
            o
            for o in model.objects
            if o.layer != "live"
            or (
                not any(_alike(o.bucket, r.name) for r in buckets)
                and not any(_alike(o.bucket, r.of) and _alike(o.key, r.name) for r in of("object"))
            )
        ),
    )


def _kept(facts: Iterable[F], removed: list[Removed], goes: _Goes) -> Iterator[F]:
    for fact in facts:
        held: Any = fact
        exists = _left(held, held.layer, held.exists, removed, goes)
        if exists is held.exists:
            yield fact
        elif exists is not False:
            yield held._replace(exists=exists)


def _left(fact: Any, layer: Layer, exists: Value, removed: list[Removed], goes: _Goes) -> Value:
    """Return whether a fact is there with some things removed: false, or hanging on a choice."""
    for one in removed:
        coming = layer == "planned" and not one.again
        if layer != "live" and not coming:
            continue
        if isinstance(exists, OneOf) and exists.choice == one.choice:
            # That is what is removed, told by the plan itself.
            continue
        answer = goes(fact, one)
        if answer is False:
            continue
        if answer and one.choice is None and not coming:
            return False
        exists = OneOf(one.choice or _choice(one, coming=coming), (exists, False))
    return exists


def _choice(one: Removed, *, coming: bool) -> Choice:
    of = f" of {one.of}" if one.of else ""
    what = f"{one.kind} {one.name}{of}"
    if coming:
        # Nothing puts the two in an order, unless they are one resource.
        text = f"what is left of {what}, which {one.plan} deletes and is made as well,"
        needs = "a moved block, so that it stays"
        return Choice(f"{one.plan} removes {what}", ("the new one", "nothing"), text, needs)
    text = f"what {one.plan} does with {what}"
    needs = "the account of each of the two: --account, or `deployments` in crrlint.yaml"
    return Choice(f"{one.plan} removes {what}", ("to leave it", "to delete it"), text, needs)


def _alike(a: Text | None, b: Text | None) -> bool:
    return key_of(a) is not None and key_of(a) == key_of(b)


def _is_role(fact: RoleFacts, removed: Removed) -> bool | None:
    return _within(fact.account, removed.account) if _alike(fact.name, removed.name) else False


def _is_alias(fact: Any, removed: Removed) -> bool | None:
    if not _alike(fact.name, removed.name):
        return False
    places = _within(fact.account, removed.account), _within(fact.region, removed.region)
    return False if False in places else None if None in places else True


def _within(a: Text, b: Text) -> bool | None:
    """Tell whether two accounts or Regions are one; None where that is not known."""
    if isinstance(a, (Unknown, OneOf)) or isinstance(b, (Unknown, OneOf)):
        return None
    return same(a, b)


def _without_parts(
    role: RoleFacts, policies: list[Removed], attachments: list[Removed]
) -> RoleFacts:
    def goes(name: Callable[[Any], Text | None]) -> _Goes:
        def answer(part: Any, removed: Removed) -> bool | None:
            if not _alike(role.name, removed.of) or not _alike(name(part), removed.name):
                return False
            return _within(role.account, removed.account)

        return answer

    inline: list[PolicyFacts] = []
    for policy in role.policies:
        exists = _left(policy, role.layer, policy.exists, policies, goes(lambda p: p.name))
        if exists is not False:
            inline.append(policy if exists is policy.exists else policy._replace(exists=exists))
    attached: list[Node] = []
    for node in role.attached:
        exists = _left(node, role.layer, True, attachments, goes(lambda n: n.value))
        if exists is True:
            attached.append(node)
        elif exists is not False:
            attached.append(_where(exists, node))
    if len(inline) == len(role.policies) and len(attached) == len(role.attached):
        same_ = zip((*inline, *attached), (*role.policies, *role.attached), strict=True)
        if all(a is b for a, b in same_):
            return role
    return role._replace(policies=tuple(inline), attached=tuple(attached))


def _where(exists: Value, node: Node) -> Node:
    if isinstance(exists, OneOf):
        options = tuple(_where(option, node) for option in exists.options)
        return Node(OneOf(exists.choice, options), node.at)
    return node if exists else Node(None, node.at)


def _without_grants(key: KeyFacts, removed: list[Removed]) -> KeyFacts:
    if not removed or key.layer != "live" or key.grants is None:
        return key
    grants = key.grants.value
    if not isinstance(grants, list):
        return key
    gone = {one.name for one in removed if isinstance(one.name, str)}

    def stays(grant: Node) -> bool:
        held = grant.value.get("GrantId") if isinstance(grant.value, dict) else None
        return held is None or not isinstance(held.value, str) or held.value not in gone

    return key._replace(grants=Node([g for g in grants if stays(g)], key.grants.at))
