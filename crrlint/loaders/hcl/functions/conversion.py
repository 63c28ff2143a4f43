"""Conversions between types, and marks on values that are not to be shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.json_text import known
from crrlint.loaders.hcl.types import ANY, BOOL, NUMBER, STRING, Collection, Type, convert
from crrlint.loaders.hcl.values import JsonText, Sensitive, is_text
from crrlint.values import OneOf, Symbolic, Unknown


def _to(type: Type) -> Callable[[Node], Node]:
    def converted(node: Node) -> Node:
        if type is STRING and isinstance(node.value, JsonText):
            return node
        node = node.settled()
        if isinstance(node.value, JsonText):
            node = known(node)
        if _may_not_fit(node, type):
            raise node.value.undecided()
        return convert(node, type)

    return converted


def _may_not_fit(node: Node, type: Type) -> bool:
    """Tell whether it is open if the conversion succeeds."""
    value = node.value
    if isinstance(value, Symbolic):
        return type is not STRING and (type in (BOOL, NUMBER) or not is_text(value))
    return isinstance(value, Unknown) and not isinstance(value, Sensitive)


def _sensitive(node: Node) -> Node:
    return node if isinstance(node.value, Sensitive) else Node(Sensitive(node), node.at)


def _nonsensitive(node: Node) -> Node:
    return node.value.node if isinstance(node.value, Sensitive) else node


def _is_sensitive(node: Node) -> bool:
    return isinstance(node.value, Sensitive)


def _same(node: Node) -> Any:
    return node


def _settling(change: Callable[[Node], Any]) -> Callable[[Node], Any]:
    def changed(node: Node) -> Any:
        return change(node.settled() if isinstance(node.value, OneOf) else node)

    return changed


FUNCTIONS: Final[dict[str, Function]] = {
    "ephemeralasnull": Function(_same, ("any",)),
    "issensitive": Function(_settling(_is_sensitive), ("any",)),
    "nonsensitive": Function(_settling(_nonsensitive), ("any",)),
    "sensitive": Function(_sensitive, ("any",)),
    "tobool": Function(_to(BOOL), ("any",)),
    "tolist": Function(_to(Collection("list", ANY)), ("any",)),
    "tomap": Function(_to(Collection("map", ANY)), ("any",)),
    "tonumber": Function(_to(NUMBER), ("any",)),
    "toset": Function(_to(Collection("set", ANY)), ("any",)),
    "tostring": Function(_to(STRING), ("any",)),
}
