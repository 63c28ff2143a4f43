"""Instances of source with what a plan knows of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from crrlint.documents.parse import embedded
from crrlint.documents.source import Node, wrap
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.instances import Instance
from crrlint.loaders.terraform.plans.addresses import Module
from crrlint.loaders.terraform.plans.coming import Planned
from crrlint.loaders.terraform.plans.planned import Plan
from crrlint.values import OPEN, Symbolic, Text, Unknown


def overlaid(
    written: Sequence[Instance], plan: Plan, absent: Collection[str]
) -> list[Instance] | None:
    """Return the instances that there will be, in the words of the source where it has them.

    `absent` are the module calls, without keys, whose source is not at hand: of what they
    make there is the plan only.  None where the source lacks something else: then it is not
    what the plan was made of.
    """
    by_address = {instance.address: instance for instance in written}
    found: list[Instance] = []
    for one in plan.all():
        if one.type not in terraform_resources.TYPES:
            continue
        instance = by_address.get(str(one.address))
        if one.stays or (instance is None and _made_by(one.address.module, absent)):
            found.append(plan.instance_of(one))
        elif instance is not None:
            found.append(_overlaid(instance, one, plan))
        elif not one.type.startswith("data."):
            return None
    return found


def _made_by(module: Module, absent: Collection[str]) -> bool:
    names = [f"module.{call.name}" for call in module]
    return any(".".join(names[:count]) in absent for count in range(1, len(names) + 1))


def _overlaid(instance: Instance, one: Planned, plan: Plan) -> Instance:
    known = {
        name: wrap(held.value, held.at)
        for name in one.values
        if (held := plan.known(str(one.address), name)) is not None and not held.secret
    }

    def fill(name: str, node: Node) -> Node:
        if name in known:
            return _filled(node, known[name])
        if any(_is_foreign(below.value) for below in node.walk()):
            # What a module gives whose source is not at hand: the plan may tell which thing.
            told = wrap(plan.value(one, name), one.at / name)
            if not any(isinstance(below.value, Unknown) for below in told.walk()):
                return told
        return node

    home = plan.provider(one)
    attributes = instance.attributes.filled(fill)
    if "region" in known and "region" not in attributes:
        # Since version 6 of the provider everything has its own.
        attributes = attributes.having("region", known["region"])
    return instance._replace(
        attributes=attributes,
        identity=Block(one.identity, one.at),
        provider=instance.provider._replace(
            account=_told(home.account, instance.provider.account),
            region=_told(home.region, instance.provider.region),
        ),
        exists=True,
        gap=instance.gap or plan.incomplete,
    )


def _is_foreign(value: Any) -> bool:
    if isinstance(value, Symbolic):
        return any(symbol.reason == "external_reference" for symbol in value.symbols)
    return isinstance(value, Unknown) and value.reason == "external_reference"


def _told(planned: Text, written: Text) -> Text:
    return written if isinstance(planned, OPEN) else planned


def _filled(node: Node, known: Node) -> Node:
    """Return what will be: what the source says where the plan does not say otherwise.

    A plan that says otherwise was made of an earlier source.
    """
    value: Any = node.value
    if isinstance(value, Unknown) or _is_foreign(value):
        return node if known.value is None else known
    if isinstance(value, dict) and isinstance(known.value, str):
        # A policy, which a plan has as text.
        if any(isinstance(n.value, Unknown) or _is_foreign(n.value) for n in node.walk()):
            return known
        inner = embedded(known.value, known.at)
        return node if inner is None or _same(node, inner.data) else known
    if isinstance(value, dict) and isinstance(known.value, dict):
        members = {
            name: _filled(n, known.value[name]) if name in known.value else n
            for name, n in value.items()
        }
        return Node(members, node.at)
    if isinstance(value, dict) and isinstance(known.value, list) and len(known.value) == 1:
        return _filled(node, known.value[0])
    if isinstance(value, list) and isinstance(known.value, list):
        if all(not isinstance(n.value, (dict, list)) for n in (*value, *known.value)):
            # Of texts, many are a set.
            return node if _same(node, known.plain()) else known
        if len(value) == len(known.value):
            pairs = zip(value, known.value, strict=True)
            return Node([_filled(mine, other) for mine, other in pairs], node.at)
        return known
    return node if _same(node, known.plain()) else known


def _same(node: Node, planned: Any) -> bool:
    """Tell whether the source says what the plan has, or may do so."""
    if any(isinstance(below.value, OPEN) for below in node.walk()):
        return True
    return bool(_normal(node.plain()) == _normal(planned))


def _normal(value: Any) -> Any:
    """Return a value as it may be written as well: without an order, or as text."""
    if isinstance(value, dict):
        members = {name: _normal(below) for name, below in value.items()}
        return {n: m for n, m in members.items() if m is not None and m != ""}
    if isinstance(value, list):
        items = [_normal(item) for item in value]
        return items[0] if len(items) == 1 else sorted(items, key=str)
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, (bool, int, float)) else value
