"""Instances of source with what a plan knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.instances import Instance
from crrlint.loaders.terraform.plans.planned import Plan, Planned
from crrlint.source import Node, wrap
from crrlint.values import OPEN, Text, Unknown


def overlaid(written: Sequence[Instance], plan: Plan) -> list[Instance] | None:
    """Return the instances that there will be, in the words of the source where it has them.

    None where the source lacks some: then it is not what the plan was made of.
    """
    by_address = {instance.address: instance for instance in written}
    found: list[Instance] = []
    for one in plan.all():
        if one.type not in terraform_resources.TYPES:
            continue
        instance = by_address.get(str(one.address))
        if one.stays:
            found.append(plan.instance_of(one))
        elif instance is not None:
            found.append(_overlaid(instance, one, plan))
        elif not one.type.startswith("data."):
            return None
    return found


def _overlaid(instance: Instance, one: Planned, plan: Plan) -> Instance:
    known = {
        name: wrap(held.value, held.at)
        for name in one.values
        if (held := plan.known(str(one.address), name)) is not None and not held.secret
    }
    home = plan.provider(one)
    return instance._replace(
        attributes=instance.attributes.filled(lambda name, node: _filled(node, known.get(name))),
        identity=Block(one.identity, one.at),
        provider=instance.provider._replace(
            account=_told(home.account, instance.provider.account),
            region=_told(home.region, instance.provider.region),
        ),
        exists=True,
        gap=instance.gap or plan.incomplete,
    )


def _told(planned: Text, written: Text) -> Text:
    return written if isinstance(planned, OPEN) else planned


def _filled(node: Node, known: Node | None) -> Node:
    """Return a node with what is unknown in it filled in."""
    if known is None or known.value is None:
        return node
    value: Any = node.value
    if isinstance(value, Unknown):
        return known
    if isinstance(value, dict) and isinstance(known.value, str):
        # A policy, which a plan has as text.
        return known if any(isinstance(n.value, Unknown) for n in node.walk()) else node
    if isinstance(value, dict) and isinstance(known.value, dict):
        members = {name: _filled(n, known.value.get(name)) for name, n in value.items()}
        return Node(members, node.at)
    if isinstance(value, dict) and isinstance(known.value, list) and len(known.value) == 1:
        return _filled(node, known.value[0])
    if isinstance(value, list) and isinstance(known.value, list):
        if len(value) == len(known.value):
            pairs = zip(value, known.value, strict=True)
            return Node([_filled(mine, other) for mine, other in pairs], node.at)
        return known
    return node
