"""What may stand where in a replication configuration, asked of values that are partly open.

The grammar is a JSON Schema, `schemas/replication.json`.  It is walked here and not
by a validator, because a leaf may be a symbol or unknown: such a leaf is a gap where
the grammar allows only some values, and fine where any text will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

from crrlint.documents.schema import Schema, read
from crrlint.documents.source import Key, Location, Node
from crrlint.values import OPEN, Value

Way: TypeAlias = tuple[Key, ...]

_ALIKE = 0.6
"""How alike (0 to 1) a name must be to a known one of its level to be taken for it."""

_ALIKE_ELSEWHERE = 0.85


class Flaw(NamedTuple):
    """One place that departs from the grammar.

    `way` leads to the place from the root of what was checked; for `missing` the last
    key is the member that is not there, and `at` the mapping that lacks it.  `gap` is
    no flaw, but an open value on which it hangs whether there is one; `allowed` is then
    empty where even the members below are open.
    """

    kind: Literal["missing", "type", "value", "empty", "unknown", "gap"]
    at: Location
    way: Way
    value: Value = None
    allowed: tuple[str, ...] = ()


def flaws(node: Node, part: str = "") -> Iterator[Flaw]:
    """Yield the flaws of a configuration, or of a part of one (`Rule`)."""
    schema = _whole()
    yield from _check(node, schema["$defs"][part] if part else schema, ())


def meant(flaw: Flaw, part: str = "") -> Way | None:
    """Return the way to the known member that an unknown one was meant to be; None for no guess.

    A name that is known at one other level, or at one below its own, is at the wrong level;
    else it is misspelt.
    """
    parent = flaw.way[:-1]
    name = str(flaw.way[-1])
    homes = _homes(part)
    level = _names_only(parent)
    exact = [home for home in homes if home[-1] == name]
    below = [home for home in exact if home[: len(level)] == level]
    for found in (exact, below):
        if len(found) == 1:
            return _within(found[0], parent)
    near = _closest(name, [home for home in homes if home[:-1] == level], _ALIKE)
    near = near or _closest(name, homes, _ALIKE_ELSEWHERE)
    return None if near is None else _within(near, parent)


def dotted(way: Way) -> str:
    """Return a way as people write it: `Rules[0].Destination`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in way)
    return text.removeprefix(".")


def shown(value: Value) -> Value:
    """Return a value as messages show it: what is no leaf by its kind."""
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else value


@cache
def _whole() -> Schema:
    return read("replication.json")


def _resolve(schema: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    definition: Schema = _whole()["$defs"][reference.rpartition("/")[2]]
    return definition


def _check(node: Node, schema: Schema, way: Way) -> Iterator[Flaw]:
    schema = _resolve(schema)
    node = node.settled()
    value = node.value
    kind = schema.get("type")
    allowed = schema.get("enum")
    if isinstance(value, OPEN):
        if allowed or kind in ("object", "array"):
            yield Flaw("gap", node.at, way, value, tuple(allowed or ()))
    elif allowed:
        if value not in allowed:
            yield Flaw("value", node.at, way, value, tuple(allowed))
    elif kind == "object":
        yield from _check_members(node, schema, way)
    elif kind == "array":
        yield from _check_elements(node, schema, way)
    elif kind == "string":
        if not isinstance(value, str):
            yield Flaw("type", node.at, way, value, ("text",))
        elif len(value) < schema.get("minLength", 0):
            yield Flaw("empty", node.at, way, value)


def _check_members(node: Node, schema: Schema, way: Way) -> Iterator[Flaw]:
    if not isinstance(node.value, dict):
        yield Flaw("type", node.at, way, node.value, ("a mapping",))
        return
    known: Schema = schema["properties"]
    members = {
        name: member for name, member in node.value.items() if member.settled().value is not None
    }
    for name in schema.get("required", ()):
        if name not in members:
            yield Flaw("missing", node.at, (*way, name))
    for name, member in members.items():
        if name in known:
            yield from _check(member, known[name], (*way, name))
        else:
            yield Flaw("unknown", member.at, (*way, name))


def _check_elements(node: Node, schema: Schema, way: Way) -> Iterator[Flaw]:
    if not isinstance(node.value, list):
        yield Flaw("type", node.at, way, node.value, ("a list",))
        return
    elements = node.items()
    if len(elements) < schema.get("minItems", 0):
        yield Flaw("empty", node.at, way, node.value)
    for index, element in enumerate(elements):
        yield from _check(element, schema["items"], (*way, index))


@cache
def _homes(part: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to all members that the grammar knows, without indexes."""
    whole = _whole()
    return tuple(_members(whole["$defs"][part] if part else whole, ()))


def _members(schema: Schema, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    schema = _resolve(schema)
    if "items" in schema:
        yield from _members(schema["items"], way)
    for name, below in schema.get("properties", {}).items():
        yield (*way, name)
        yield from _members(below, (*way, name))


def _names_only(way: Way) -> tuple[str, ...]:
    return tuple(key for key in way if isinstance(key, str))


def _closest(
    name: str, homes: list[tuple[str, ...]] | tuple[tuple[str, ...], ...], alike: float
) -> tuple[str, ...] | None:
    from difflib import get_close_matches

    by_name = {home[-1].lower(): home for home in reversed(homes)}
    found = get_close_matches(name.lower(), list(by_name), 1, alike)
    return by_name[found[0]] if found else None


def _within(home: tuple[str, ...], parent: Way) -> Way:
    """Put the indexes of the way that was gone into the one that was meant."""
    indexes = {
        _names_only(parent[:position]): key
        for position, key in enumerate(parent)
        if isinstance(key, int)
    }
    way: list[Key] = []
    for position, name in enumerate(home):
        way.append(name)
        index = indexes.get(home[: position + 1])
        if index is not None and position + 1 < len(home):
            way.append(index)
    return tuple(way)
