"""Tags as condition keys: those of the role, and those that a rule's objects carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crrlint.documents.source import Node
from crrlint.iam import ABSENT, UNKNOWN
from crrlint.routes.route import Route
from crrlint.values import settle
from crrlint.values.doubt import Doubt
from crrlint.world import Role


def tags_of_role(role: Role, family: str) -> dict[str, Any]:
    """Return the keys of a family (`aws:PrincipalTag/`) for the tags of a role.

    A template does not tell them all: stacks and providers add tags of their own.
    """
    for fact in role.facts:
        if fact.tags is not None:
            node = fact.tags.settled()
            complete = fact.layer != "template" and isinstance(node.value, dict)
            return _keys(family, _pairs(node), ABSENT if complete else UNKNOWN)
    return {}


def tags_of_objects(route: Route) -> dict[str, Any]:
    """Return the keys for the tags of the objects that a rule selects; others may be there."""
    pairs: list[tuple[Any, Any]] = []
    with Doubt():
        pairs = [(node.leaf("Key"), node.leaf("Value")) for node in route.rule.tags]
    return _keys("s3:ExistingObjectTag/", pairs, UNKNOWN)


def _pairs(tags: Node) -> list[tuple[Any, Any]]:
    """Return names and values of tags, written as a mapping or as a list of `Key` and `Value`."""
    if isinstance(tags.value, dict):
        return [(name, node.settled().value) for name, node in tags.value.items()]
    if not isinstance(tags.value, list):
        return [(None, None)]
    return [_pair(item) for item in tags.items()]


def _pair(tag: Node) -> tuple[Any, Any]:
    if not isinstance(tag.value, dict):
        return None, None
    return tag.leaf("Key"), tag.leaf("Value")


def _keys(family: str, pairs: Iterable[tuple[Any, Any]], others: Any) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for name, value in pairs:
        name, value = settle(name), settle(value)
        if not isinstance(name, str):
            # A tag whose name is open may be any.
            others = UNKNOWN
            continue
        key = (family + name).lower()
        # Names of keys are compared whatever their case; names of tags are not.
        keys[key] = UNKNOWN if key in keys or value is None else value
    return {family + "*": others, **keys}
