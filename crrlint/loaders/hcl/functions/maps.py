"""Functions over maps and objects."""

from __future__ import annotations

from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.json_text import known
from crrlint.loaders.hcl.types import ANY, STRING, Collection, convert, described, type_of, unify
from crrlint.loaders.hcl.values import ListOf, MapOf, OpenKeys, SetOf
from crrlint.values import OneOf, Symbolic, Undecided, Unknown


def _undecided(node: Node) -> Undecided:
    value = node.value
    if isinstance(value, (Symbolic, Unknown, OneOf)):
        return value.undecided()
    return Undecided("unsupported_expression", "a value that is not known")


def _keys(node: Node) -> Any:
    if isinstance(node.value, OpenKeys):
        return ListOf([key for key, _ in node.value.members], node.value.certain, of=STRING)
    members = _members(node)
    names = [Node(name, members[name].at) for name in sorted(members)]
    return ListOf(names, of=STRING) if isinstance(members, MapOf) else names


def _values(node: Node) -> Any:
    if isinstance(node.value, OpenKeys):
        made = [value for _, value in node.value.members]
        return ListOf(made, node.value.certain)
    members = _members(node)
    made = [members[name] for name in sorted(members)]
    return ListOf(made, of=members.of) if isinstance(members, MapOf) else made


def _members(node: Node) -> dict[str, Node]:
    value = node.value
    if isinstance(value, Symbolic):
        raise value.undecided()
    if not isinstance(value, dict):
        raise BadArgument(f"{described(value)} where a map is needed")
    return value


def _lookup(node: Node, name: str, *default: Node) -> Node:
    if isinstance(node.value, Symbolic):
        raise node.value.undecided()
    members = _members(node)
    if default and isinstance(members, MapOf):
        of = members.of or unify([type_of(item) for item in members.values()]) or ANY
        default = (convert(default[0], of),)
    if name in members:
        return members[name]
    if not default:
        raise BadArgument(f"there is no element {name!r}, and no default")
    return default[0]


def _map(*items: Node) -> MapOf:
    if len(items) % 2:
        raise BadArgument("keys and values come in pairs")
    made = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        name = convert(known(key), STRING).value
        if not isinstance(name, str):
            raise _undecided(key)
        made[name] = value
    return MapOf(made)


def _merge(*maps: Node) -> Any:
    made: dict[str, Node] = {}
    types = []
    typed = True
    for node in maps:
        value = known(node).value
        if value is None:
            continue
        if isinstance(value, Symbolic):
            raise value.undecided()
        if not isinstance(value, dict):
            raise BadArgument(f"{described(value)} where a map or an object is needed")
        typed = typed and isinstance(value, MapOf)
        types.append(type_of(node))
        made.update(value)
    if typed and types:
        known_types = [t.of for t in types if isinstance(t, Collection) and t.of is not ANY]
        if all(type_ == known_types[0] for type_ in known_types):
            return MapOf(made, known_types[0] if known_types else None)
    return made


def _transpose(members: dict[str, Node]) -> MapOf:
    made: dict[str, list[Node]] = {}
    for key in sorted(members):
        items = known(members[key])
        if not isinstance(items.value, list):
            raise _undecided(items)
        for item in items.value:
            text = convert(known(item), STRING).value
            if not isinstance(text, str):
                raise _undecided(item)
            made.setdefault(text, []).append(Node(key, item.at))
    lists = {
        key: Node(ListOf(items, of=STRING), items[0].at) for key, items in sorted(made.items())
    }
    return MapOf(lists, Collection("list", STRING))


def _zipmap(keys: list[Any], values: list[Node]) -> Any:
    if isinstance(values, SetOf):
        raise BadArgument("a set has no order in which its elements get keys")
    if len(keys) != len(values):
        raise BadArgument(f"{len(keys)} keys for {len(values)} values")
    made: dict[str, Node] = {}
    for key, value in zip(keys, values, strict=True):
        if isinstance(key, Symbolic):
            raise key.undecided()
        if key is None:
            raise BadArgument("null as a key")
        made[key] = value
    return MapOf(made, values.of) if isinstance(values, ListOf) else made


FUNCTIONS: Final[dict[str, Function]] = {
    "keys": Function(_keys, ("keyed",)),
    "lookup": Function(_lookup, ("value", "str", "any"), optional=1),
    "map": Function(_map, rest="any"),
    "merge": Function(_merge, rest="any"),
    "transpose": Function(_transpose, ("map",)),
    "values": Function(_values, ("keyed",)),
    "zipmap": Function(_zipmap, ("texts", "bag")),
}
