"""Policy documents, written as mappings or as JSON text."""

from __future__ import annotations

from typing import Any

from crrlint.documents.parse import embedded
from crrlint.documents.source import Node, wrap
from crrlint.loaders.cloudformation.functions import from_json
from crrlint.loaders.cloudformation.values import through
from crrlint.values import Symbolic, Unknown


def policy_document(node: Node) -> Node:
    """Return a document as a mapping with places, each alternative for itself."""
    return through(node, _document)


def _document(node: Node) -> Node:
    value = node.value
    if isinstance(value, str):
        document = embedded(value, node.at)
        if document is None:
            return Node(Unknown("unsupported_expression", "the policy is not JSON"), node.at)
        return wrap(document.data, document.root)
    if isinstance(value, Symbolic):
        data = from_json(value)
        symbol = value.symbols[0]
        if isinstance(data, dict):
            return _spotted(data, node)
        return Node(Unknown(symbol.reason, "the policy is not known", symbol.needs), node.at)
    return node


def _spotted(data: Any, at: Node) -> Node:
    """Give every part of a text that was put together the place of the whole."""
    if isinstance(data, dict):
        return Node({key: _spotted(value, at) for key, value in data.items()}, at.at)
    if isinstance(data, list):
        return Node([_spotted(value, at) for value in data], at.at)
    return Node(data, at.at)
