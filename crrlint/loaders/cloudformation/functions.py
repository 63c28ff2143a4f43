"""CloudFormation's pure functions, over values without open choices."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.cloudformation.values import (
    OpenList,
    combine,
    derived,
    element,
    identity,
    present,
    scalar,
    split,
)
from crrlint.values import Choice, Symbol, Symbolic, Text, Unknown, join, symbolic

_MARK: Final = re.compile("\ue000(\\d+)\ue001")
_DYNAMIC: Final = "{{resolve:"
_MAX_TEXT: Final = 1_000_000


class Malformed(Exception):  # noqa: N818 - a state of the template
    """A function with an argument of a wrong kind, or without a needed one."""


def join_list(delimiter: str, items: Any) -> Text:
    """Join the elements of a list node's value."""
    if isinstance(items, OpenList):
        if items.delimiter == delimiter:
            return items.source
        joined = f"{items.source} joined by {delimiter!r}"
        return derived(items, f"joined by {delimiter}", joined)
    if isinstance(items, Unknown):
        return items
    if not isinstance(items, list):
        raise Malformed("Fn::Join joins something that is not a list")
    pieces: list[Text] = []
    for node in present(items):
        text = scalar(node.value)
        if text is None and isinstance(node.value, list):
            text = join_list(delimiter, node.value)
        if isinstance(text, OpenList):
            text = join_list(delimiter, text)
        if text is None:
            raise Malformed("Fn::Join joins something that is not text")
        if pieces and delimiter:
            pieces.append(delimiter)
        pieces.append(text)
    return join(*pieces)


def split_text(delimiter: Any, source: Any) -> Any:
    """Return a list of texts, an open list, or the unknown that was to be split."""
    if not isinstance(delimiter, str) or not delimiter:
        raise Malformed("Fn::Split has no delimiter")
    text = scalar(source)
    if text is None:
        raise Malformed("Fn::Split splits something that is not text")
    return text if isinstance(text, Unknown) else split(text, delimiter)


def select(index: Any, items: Any, at: Location) -> Node:
    """Return the chosen element of a list node's value."""
    number = _index(index)
    if isinstance(items, OpenList):
        return Node(element(items, number), at)
    if isinstance(items, Unknown):
        return Node(items, at)
    if not isinstance(items, list):
        raise Malformed("Fn::Select selects from something that is not a list")
    elements = present(items)
    if number >= len(elements):
        raise Malformed(f"Fn::Select selects element {number} of a list of {len(elements)}")
    chosen = elements[number]
    if isinstance(chosen.value, OpenList) and len(elements) == 1:
        return select(index, chosen.value, at)
    return chosen


def _index(index: Any) -> int:
    text = scalar(index)
    if isinstance(text, str) and text.isdecimal() and len(text) < 10:
        return int(text)
    raise Malformed("Fn::Select has an index that is not a number")


def look_up(
    mapping: Any,
    keys: Sequence[Text | None],
    default: Node | None,
    at: Location,
    whose: str,
    above: tuple[str, ...] = (),
) -> Node:
    """Return what a mapping holds for keys; for an open key, one of what it holds for all."""
    if not keys:
        return as_node(mapping, at)
    key, *others = keys
    if isinstance(key, str):
        if isinstance(mapping, dict) and key in mapping:
            return look_up(mapping[key], others, default, at, whose, (*above, key))
        if default is not None:
            return default
        what = f"mapping {'.'.join((*above, key))} does not exist"
        return Node(Unknown("unsupported_expression", what), at)
    if isinstance(key, Symbolic) and isinstance(mapping, dict) and mapping:
        names = tuple(mapping)
        name = f"{whose} mapping {'.'.join(above)} at {identity(key)}"
        found = [look_up(mapping[n], others, default, at, whose, (*above, n)) for n in names]
        if default is not None:
            # Only then may the key be none of those in the mapping.
            found.append(default)
            names = (*names, "something else")
        choice = Choice(name, names, str(key), key.symbols[0].needs)
        return combine(choice, tuple(found), at)
    if isinstance(key, Unknown):
        return Node(key, at)
    raise Malformed("Fn::FindInMap has a key that is not text")


def as_node(value: Any, at: Location) -> Node:
    """Return plain data as a value that stands here."""
    if isinstance(value, list):
        return Node([as_node(item, at) for item in value], at)
    if isinstance(value, dict):
        return Node({str(key): as_node(item, at) for key, item in value.items()}, at)
    return Node(value, at)


def base64(source: Any) -> Text:
    text = scalar(source)
    if text is None:
        raise Malformed("Fn::Base64 encodes something that is not text")
    if isinstance(text, str):
        from base64 import b64encode

        return b64encode(text.encode()).decode()
    return text if isinstance(text, Unknown) else derived(text, "base64", f"base64 of {text}")


def length(items: Any) -> Any:
    if isinstance(items, OpenList):
        return derived(items, "length", f"length of {items.source}")
    if isinstance(items, Unknown):
        return items
    if not isinstance(items, list):
        raise Malformed("Fn::Length counts something that is not a list")
    return len(present(items))


def cidr(arguments: Sequence[Any]) -> Any:
    block, count, bits = ([scalar(a) for a in arguments] + ["8"])[:3]
    if isinstance(block, str) and isinstance(count, str) and isinstance(bits, str):
        from ipaddress import ip_network
        from itertools import islice

        try:
            network = ip_network(block)
            subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
            return [str(subnet) for subnet in islice(subnets, int(count))]
        except ValueError as error:
            raise Malformed(f"Fn::Cidr cannot be worked out: {error}") from None
    return Unknown("unsupported_expression", f"the addresses of {block} are not known")


def to_json(node: Node) -> Text:
    """Write a value as JSON text, symbols within it kept."""
    symbols: list[Symbol] = []

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(n.value) for k, n in value.items() if n.value is not None}
        if isinstance(value, list):
            return [plain(n.value) for n in present(value)]
        if isinstance(value, Symbolic):
            return "".join(p if isinstance(p, str) else _mark(symbols, p) for p in value.parts)
        if isinstance(value, Unknown):
            raise _Opaque(value)
        return value

    try:
        text = json.dumps(plain(node.value), separators=(",", ":"), ensure_ascii=False)
    except _Opaque as opaque:
        return opaque.value
    return _unmark(text, symbols)


def from_json(text: Symbolic) -> Any:
    """Return the data of JSON text that holds symbols within its strings; None when it is none."""
    symbols: list[Symbol] = []
    marked = "".join(p if isinstance(p, str) else _mark(symbols, p) for p in text.parts)
    try:
        data = json.loads(marked)
    except (ValueError, RecursionError):
        return None

    def restored(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(_unmark(k, symbols)): restored(v) for k, v in value.items()}
        if isinstance(value, list):
            return [restored(v) for v in value]
        return _unmark(value, symbols) if isinstance(value, str) else value

    return restored(data)


class _Opaque(Exception):  # noqa: N818 - carries a value out of a recursion
    def __init__(self, value: Unknown) -> None:
        super().__init__()
        self.value = value


def _mark(symbols: list[Symbol], symbol: Symbol) -> str:
    symbols.append(symbol)
    return f"\ue000{len(symbols) - 1}\ue001"


def _unmark(text: str, symbols: Sequence[Symbol]) -> Text:
    pieces = _MARK.split(text)
    return join(*(symbols[int(p)] if i % 2 else p for i, p in enumerate(pieces)))


def is_too_long(text: Text) -> bool:
    """Tell whether text grew beyond what any policy or name may be."""
    if isinstance(text, str):
        return len(text) > _MAX_TEXT
    return isinstance(text, Symbolic) and (
        len(text.parts) + sum(len(p) for p in text.parts if isinstance(p, str)) > _MAX_TEXT
    )


def is_dynamic(text: Text) -> bool:
    """Tell whether text holds a dynamic reference, such as `{{resolve:ssm:name}}`."""
    if isinstance(text, str):
        return _DYNAMIC in text
    return isinstance(text, Symbolic) and any(
        isinstance(part, str) and _DYNAMIC in part for part in text.parts
    )


def dynamic(text: Text, site: str) -> Text:
    """Replace dynamic references by symbols; `site` is the account and Region they live in."""
    parts: Sequence[str | Symbol] = (text,) if isinstance(text, str) else text.parts
    done: list[Text | Symbol] = []
    inside: list[str | Symbol] | None = None
    for part in parts:
        if isinstance(part, Symbol):
            (done if inside is None else inside).append(part)
            continue
        rest = part
        while rest:
            if inside is None:
                before, found, rest = rest.partition(_DYNAMIC)
                done.append(before)
                inside = [] if found else None
            else:
                before, found, rest = rest.partition("}}")
                inside.append(before)
                if found:
                    done.append(resolved(join(*inside), site))
                    inside = None
    if inside is not None:
        done.append(join(_DYNAMIC, *inside))
    return join(*done)


def resolved(reference: Text, site: str) -> Text:
    """Return the symbol of what a dynamic reference, such as `ssm:name`, stands for."""
    return symbolic(
        Symbol(
            site,
            f"resolve:{identity(reference)}",
            f"{_DYNAMIC}{reference}}}}}",
            reason="external_reference",
            needs=f"the value of {reference}, as a parameter",
        )
    )
