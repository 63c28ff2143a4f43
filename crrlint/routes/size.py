"""How long texts and how large configurations are at least, whatever open values stand for."""

from __future__ import annotations

from crrlint.documents.source import Node
from crrlint.values import OneOf, Symbolic, Unknown, Value


def literals(text: Value) -> tuple[str, ...]:
    """Return what is written of a text, without the symbols in it."""
    if isinstance(text, str):
        return (text,)
    parts = text.parts if isinstance(text, Symbolic) else ()
    return tuple(part for part in parts if isinstance(part, str))


def least_size(node: Node, name: str) -> int:
    """Return how many bytes a node takes at least as an element of the API's XML.

    Nothing is counted for space between elements, namespaces, and what has to be
    escaped; of an open choice the shortest answer counts.
    """
    value = node.value
    if isinstance(value, OneOf):
        options = (o if isinstance(o, Node) else Node(o, node.at) for o in value.options)
        return min(least_size(option, name) for option in options)
    if value is None or isinstance(value, Unknown):
        return 0
    if isinstance(value, list):
        # The API repeats the element, and its name is then in the singular.
        return sum(least_size(item, name.removesuffix("s")) for item in value)
    if isinstance(value, dict):
        content = sum(least_size(below, str(key)) for key, below in value.items())
    elif isinstance(value, int):
        content = len(str(value))
    else:
        content = sum(len(part.encode("utf-8", "replace")) for part in literals(value))
    return content + (2 * len(name) + len("<></>") if content else len(name) + len("</>"))
