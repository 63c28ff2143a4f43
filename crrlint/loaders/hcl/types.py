"""Types: conversion to them, and one type for several values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl.numbers import Number, OutOfRange, decimal, number
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.sets import set_of
from crrlint.loaders.hcl.values import (
    Failed,
    JsonText,
    ListOf,
    MapOf,
    OpenText,
    OpenValue,
    Sensitive,
    SetOf,
    is_text,
)
from crrlint.values import OneOf, Symbolic, Unknown, Value


class Simple(NamedTuple):
    """`string`, `number`, `bool`, or `any`: what has no type of its own yet."""

    name: str


# The type checker takes minutes for tuples that hold each other: below them a type is Any to it.
_Type: TypeAlias = Any


class Collection(NamedTuple):
    """`list`, `set` or `map` of one type."""

    name: str
    of: _Type


class Member(NamedTuple):
    """An attribute of an object type; `default` is what an optional one has instead of null."""

    type: _Type
    optional: bool = False
    default: Node | None = None


class ObjectType(NamedTuple):
    members: dict[str, Member]


class TupleType(NamedTuple):
    items: tuple[_Type, ...]


Type: TypeAlias = Simple | Collection | ObjectType | TupleType

STRING: Final = Simple("string")
NUMBER: Final = Simple("number")
BOOL: Final = Simple("bool")
ANY: Final = Simple("any")


def convert(node: Node, type: Type) -> Node:
    """Convert a value to a type, as Terraform does; raises `Fault` where that cannot be.

    Null stays null, and what is open stays open.
    """
    value = node.value
    if value is None or type is ANY:
        return node
    if isinstance(value, OneOf):
        return _converted(node, value, type)
    if isinstance(value, Sensitive):
        return Node(Sensitive(convert(value.node, type)), node.at)
    if isinstance(value, Unknown):
        return node
    if isinstance(type, Simple):
        return _simple(node, type)
    if isinstance(value, Symbolic):
        if not is_text(value):
            symbol = value.symbols[0]
            return Node(Unknown(symbol.reason, str(value), symbol.needs), node.at)
        raise _unfit(node, type)
    if isinstance(type, Collection):
        return _collection(node, type)
    if isinstance(type, TupleType):
        if not isinstance(value, list) or len(value) != len(type.items):
            raise _unfit(node, type)
        return Node([convert(v, t) for v, t in zip(value, type.items, strict=True)], node.at)
    return _object(node, type)


def _converted(node: Node, value: OneOf, type: Type) -> Node:
    """Convert each alternative; one that does not fit is a fault under its answer only."""
    options: list[Node] = []
    faults: list[Fault] = []
    for option in value.options:
        try:
            options.append(
                convert(option if isinstance(option, Node) else Node(option, node.at), type)
            )
        except Fault as fault:
            faults.append(fault)
            options.append(Node(Failed(fault.message, fault.at), node.at))
    if len(faults) == len(options):
        raise faults[0]
    return combine(value, tuple(options), node.at)


def combine(value: OneOf, options: tuple[Node, ...], at: Location) -> Node:
    """Return the options of a choice anew, as leaves where all stand at one place."""
    if all(o.at is at and not isinstance(o.value, (dict, list)) for o in options):
        return Node(OneOf(value.choice, tuple([o.value for o in options])), at)
    return Node(OneOf(value.choice, options), at)


def _unfit(node: Node, type: Type) -> Fault:
    return Fault(f"{described(node.value)} where {_shown(type)} is needed", node.at)


def described(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, SetOf):
        return "a set"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return "a text"


def _shown(type: Type) -> str:
    if isinstance(type, Simple):
        return {"string": "a text", "number": "a number", "bool": "a boolean"}[type.name]
    if isinstance(type, Collection):
        return f"a {type.name}"
    return "an object" if isinstance(type, ObjectType) else f"a list of {len(type.items)}"


def _simple(node: Node, type: Simple) -> Node:
    value = node.value
    if isinstance(value, (dict, list)):
        raise _unfit(node, type)
    if isinstance(value, Symbolic):
        return node if type is STRING else Node(_read(value, type), node.at)
    if type is STRING:
        return node if isinstance(value, str) else Node(to_text(value), node.at)
    if type is BOOL:
        if isinstance(value, bool):
            return node
        made = _BOOLEANS.get(value) if isinstance(value, str) else None
        if made is None:
            raise _unfit(node, type)
        return Node(made, node.at)
    if isinstance(value, bool):
        raise _unfit(node, type)
    if isinstance(value, str):
        return Node(to_number(value, node.at), node.at)
    return node


def _read(value: Symbolic, type: Simple) -> Value:
    """Return the boolean or the number that a text is, which has no value yet."""
    if type is BOOL:
        from crrlint.loaders.hcl.choices import open_truth

        return open_truth(value)
    symbol = value.symbols[0]
    return Unknown(symbol.reason, str(value), symbol.needs)


_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}


def to_text(value: Any) -> str:
    """Return the text of a plain boolean, number or text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return decimal(value) if isinstance(value, (int, float)) else str(value)


def to_number(text: str, at: Location) -> Number:
    try:
        return number(text)
    except OutOfRange as error:
        raise Fault(f"the number {error}", at) from None
    except ValueError:
        raise Fault("a text that is no number where a number is needed", at) from None


def _collection(node: Node, type: Collection) -> Node:
    value = node.value
    if type.name == "map":
        if not isinstance(value, dict):
            raise _unfit(node, type)
        of = _element_type(node, list(value.values()), type.of)
        members = {key: convert(item, of) for key, item in value.items()}
        return Node(MapOf(members, bare(of)), node.at)
    if not isinstance(value, list):
        raise _unfit(node, type)
    of = _element_type(node, value, type.of)
    items = [convert(item, of) for item in value]
    certain, counted = True, True
    if isinstance(value, ListOf):
        certain, counted = value.certain, value.counted
    if type.name == "set":
        return Node(set_of(items, counted, bare(of)), node.at)
    return Node(ListOf(items, certain, counted, bare(of)), node.at)


def _element_type(node: Node, items: Sequence[Node], type: Type) -> Type:
    """Return the one type of the elements, where they are only asked to have one."""
    if type is not ANY:
        return type
    value = node.value
    if not items and isinstance(value, (ListOf, MapOf)):
        return value.of or ANY
    found = unify([type_of(item) for item in items])
    if found is None:
        raise Fault(f"the elements of {described(value)} have no type in common", node.at)
    return found


def _object(node: Node, type: ObjectType) -> Node:
    value = node.value
    if not isinstance(value, dict):
        raise _unfit(node, type)
    made = {}
    for name, member in type.members.items():
        item = value.get(name)
        if item is None and not member.optional:
            raise Fault(f"the attribute {name} is needed here", node.at)
        if item is None or (item.value is None and member.default is not None):
            made[name] = member.default or Node(None, node.at if item is None else item.at)
        else:
            made[name] = convert(item, member.type)
    return Node(made, node.at)


def bare(type: Type) -> Type:
    """Return the type of what was converted to a type: all attributes are there."""
    if isinstance(type, Collection):
        return Collection(type.name, bare(type.of))
    if isinstance(type, ObjectType):
        return ObjectType({name: Member(bare(m.type)) for name, m in type.members.items()})
    if isinstance(type, TupleType):
        return TupleType(tuple([bare(item) for item in type.items]))
    return type


def type_of(node: Node) -> Type:
    """Return the type of a value, `any` for what has none that is certain."""
    value = node.value
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, (str, JsonText, OpenText)):
        return STRING
    if isinstance(value, (int, float)):
        return NUMBER
    if isinstance(value, Symbolic):
        return STRING if is_text(value) else ANY
    if isinstance(value, OneOf):
        options = [type_of(o if isinstance(o, Node) else Node(o, node.at)) for o in value.options]
        found = unify(options) or ANY
        # One of which nothing is known leaves open what the others become.
        return ANY if ANY in options and not isinstance(found, Simple) else found
    if isinstance(value, OpenValue):
        return value.type or ANY
    if isinstance(value, MapOf):
        of = value.of or unify([type_of(item) for item in value.values()])
        return Collection("map", of or ANY)
    if isinstance(value, dict):
        return ObjectType({name: Member(type_of(item)) for name, item in value.items()})
    if isinstance(value, ListOf):
        name = "set" if isinstance(value, SetOf) else "list"
        of = value.of or unify([type_of(item) for item in value])
        return Collection(name, of or ANY)
    if isinstance(value, list):
        return TupleType(tuple([type_of(item) for item in value]))
    return ANY


def unify(types: Iterable[Type]) -> Type | None:
    """Return the one type that values of all these can be converted to; None without one.

    Beside a value of no certain type, as null is, any may be.
    """
    known: list[Type] = []
    certain = True
    for type in types:
        if type is ANY:
            certain = False
        elif type not in known:
            known.append(type)
    if len(known) < 2:
        return known[0] if known else ANY
    return _unified(known) or (None if certain else ANY)


def _unified(known: list[Type]) -> Type | None:
    kinds = {_kind(type) for type in known}
    if kinds == {"simple"}:
        return STRING if STRING in known else None
    if kinds == {"object"}:
        return _unified_objects(known)
    if kinds == {"tuple"}:
        return _unified_tuples(known)
    if kinds <= {"map", "object"}:
        return _collected("map", known)
    if kinds <= {"list", "set", "tuple"}:
        return _collected("list" if "list" in kinds else "set", known)
    return None


def _kind(type: Type) -> str:
    if isinstance(type, Collection):
        return type.name
    if isinstance(type, Simple):
        return "simple"
    return "object" if isinstance(type, ObjectType) else "tuple"


def _collected(name: str, types: Iterable[Type]) -> Type | None:
    inner: list[Type] = []
    for type in types:
        if isinstance(type, Collection):
            inner.append(type.of)
        elif isinstance(type, ObjectType):
            inner += [member.type for member in type.members.values()]
        elif isinstance(type, TupleType):
            inner += type.items
    of = unify(inner)
    return None if of is None else Collection(name, of)


def _unified_objects(types: list[Any]) -> Type | None:
    names = types[0].members.keys()
    if any(type.members.keys() != names for type in types):
        return _collected("map", types)
    members = {}
    for name in names:
        made = unify([type.members[name].type for type in types])
        if made is None:
            return None
        members[name] = Member(made)
    return ObjectType(members)


def _unified_tuples(types: list[Any]) -> Type | None:
    if any(len(type.items) != len(types[0].items) for type in types):
        return _collected("list", types)
    items = []
    for row in zip(*[type.items for type in types], strict=True):
        made = unify(row)
        if made is None:
            return None
        items.append(made)
    return TupleType(tuple(items))
