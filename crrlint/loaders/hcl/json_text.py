"""JSON in texts, written as Terraform writes it; what is open in the value is open in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.choices import decide, through
from crrlint.loaders.hcl.numbers import decimal
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.values import (
    MAX_TEXT,
    Failed,
    JsonPart,
    JsonText,
    ListOf,
    OpenText,
    Sensitive,
    is_text,
)
from crrlint.values import OneOf, Symbolic, Unknown
from crrlint.values.symbols import Symbol

_ESCAPED: Final = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029]')
_SHORT: Final = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"',
                 "\\": "\\\\"}  # fmt: skip


def quoted(text: str) -> str:
    """Return text as a JSON string, with what Go escapes for HTML."""
    return f'"{_inner(text)}"'


def _inner(text: str) -> str:
    return _ESCAPED.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text)


def text_of(node: Node) -> Node:
    """Return a leaf with the text of what is a JSON text; any other as it is."""
    if isinstance(node.value, OneOf):
        return through(node, text_of)
    value = node.value
    if not isinstance(value, JsonText):
        return node
    return decide(lambda: Node(_text(value.node), node.at), node.at)


def closed_text(value: JsonText) -> str | None:
    """Return the text when nothing in it is open."""
    parts: list[str | Symbol | Unknown] = []
    length = 0
    for part in _encoded(value.node, ask=False):
        if not isinstance(part, str):
            return None
        length += len(part)
        if length > MAX_TEXT:
            return None
        parts.append(part)
    return "".join(parts)  # type: ignore[arg-type]


def _text(node: Node) -> Any:
    parts: list[str | Symbol | Unknown] = []
    literal: list[str] = []
    opened = False
    length = 0
    for part in _encoded(node, ask=True):
        if isinstance(part, str):
            literal.append(part)
            length += len(part)
            if length > MAX_TEXT:
                return Unknown("too_complex", f"a text of more than {MAX_TEXT} characters")
            continue
        opened = opened or isinstance(part, Unknown)
        if literal:
            parts.append("".join(literal))
            literal.clear()
        parts.append(part)
    if literal:
        parts.append("".join(literal))
    if opened:
        return OpenText(tuple(parts))
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else Symbolic(tuple(parts))  # type: ignore[arg-type]


def _encoded(node: Node, ask: bool) -> Iterator[str | Symbol | Unknown]:
    """Yield the parts of the JSON text of a value; raises `Undecided` on a choice, if asked."""
    value = node.value
    if isinstance(value, OneOf):
        if not ask:
            yield Unknown("choice", value.choice.text)
            return
        node = node.settled()
        value = node.value
    if isinstance(value, str):
        yield quoted(value)
    elif isinstance(value, bool) or value is None:
        yield "null" if value is None else "true" if value else "false"
    elif isinstance(value, (int, float)):
        yield decimal(value)
    elif isinstance(value, dict):
        yield "{"
        for position, key in enumerate(sorted(value)):
            yield ("," if position else "") + quoted(key) + ":"
            yield from _encoded(value[key], ask)
        yield "}"
    elif isinstance(value, list):
        if isinstance(value, ListOf) and not value.certain:
            yield Unknown("unsupported_expression", "a list of open order")
            return
        yield "["
        for position, item in enumerate(value):
            if position:
                yield ","
            yield from _encoded(item, ask)
        yield "]"
    elif isinstance(value, Symbolic):
        yield from _encoded_symbols(value, node)
    elif isinstance(value, JsonText):
        yield from _encoded(text_of(node), ask)
    elif isinstance(value, OpenText):
        yield '"'
        for part in value.parts:
            yield _inner(part) if isinstance(part, str) else part
        yield '"'
    else:
        yield value


def _encoded_symbols(value: Symbolic, node: Node) -> Iterator[str | Symbol | Unknown]:
    lone = value.symbols[0]
    if not is_text(value):
        yield JsonPart(node, lone)  # a boolean or an object, for all that is known
        return
    yield '"'
    for part in value.parts:
        yield _inner(part) if isinstance(part, str) else part
    yield '"'


def known(node: Node) -> Node:
    """Return a value that is at hand, JSON texts as text; raises `Undecided` for another."""
    node = node.settled()
    if isinstance(node.value, JsonText):
        node = text_of(node).settled()
    if isinstance(node.value, Failed):
        raise Fault(node.value.message, node.value.at)
    if isinstance(node.value, Unknown):
        raise node.value.undecided()
    return node


def finish(node: Node) -> Node:
    """Return a value with leaves of the model only: JSON texts as text, at any depth."""
    value = node.value
    if isinstance(value, JsonText):
        return text_of(node)
    if isinstance(value, OneOf):
        return through(node, finish)
    if isinstance(value, dict):
        return Node({key: finish(item) for key, item in value.items()}, node.at)
    if isinstance(value, list):
        return Node([finish(item) for item in value], node.at)
    return node


def plain(node: Node) -> Node:
    """Return a value as JSON has it: lists and maps without types of their own."""
    value = node.value
    if isinstance(value, dict):
        return Node({key: plain(value[key]) for key in value}, node.at)
    if isinstance(value, list) and not (isinstance(value, ListOf) and not value.certain):
        return Node([plain(item) for item in value], node.at)
    if isinstance(value, Sensitive):
        return Node(Sensitive(plain(value.node)), node.at)
    return node
