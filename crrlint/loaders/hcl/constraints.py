"""Type constraints as they are written."""

from __future__ import annotations

from typing import Final

from crrlint.documents.source import Location
from crrlint.loaders.hcl.scope import Fault, Locals
from crrlint.loaders.hcl.syntax import Access, Call, Expression, Literal, Name, Object, Tree
from crrlint.loaders.hcl.syntax import Tuple as TupleTree
from crrlint.loaders.hcl.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Collection,
    Member,
    ObjectType,
    TupleType,
    Type,
    convert,
)

_SIMPLE: Final = {t.name: t for t in (STRING, NUMBER, BOOL, ANY)}
_COLLECTIONS: Final = ("list", "set", "map")


def parse_type(expression: Expression) -> Type:
    """Read a type constraint; raises `Fault` for what is none."""
    try:
        return _type(expression.tree, expression.at)
    except RecursionError:
        raise Fault("the type is nested too deeply", expression.at) from None


def _type(tree: Tree, at: Location) -> Type:
    if isinstance(tree, Access) and not tree.steps:
        tree = tree.value
    if isinstance(tree, Literal) and isinstance(tree.value, str):
        # As Terraform 0.11 and the JSON syntax have it.
        if tree.value in _SIMPLE or tree.value in _COLLECTIONS:
            return _named(tree.value, at)
        from crrlint.loaders.hcl.parse import parse_expression

        inner = parse_expression(tree.value)
        if not isinstance(inner, Literal):
            return _type(inner, at)
    if isinstance(tree, Name):
        return _named(tree.name, at)
    if isinstance(tree, Call):
        return _constructed(tree, at)
    raise Fault("is not a type", at)


def _named(name: str, at: Location) -> Type:
    if name in _SIMPLE:
        return _SIMPLE[name]
    if name in _COLLECTIONS:
        return Collection(name, ANY)
    raise Fault(f"there is no type {name}", at)


def _constructed(call: Call, at: Location) -> Type:
    arguments = call.arguments
    if len(arguments) == 1 and call.name in _COLLECTIONS:
        return Collection(call.name, _type(arguments[0], at))
    if len(arguments) == 1 and call.name == "tuple" and isinstance(arguments[0], TupleTree):
        return TupleType(tuple([_type(item, at) for item in arguments[0].items]))
    if len(arguments) == 1 and call.name == "object" and isinstance(arguments[0], Object):
        members = {}
        for item in arguments[0].items:
            if not isinstance(item.key, Literal):
                raise Fault("the attributes of an object type need plain names", at)
            members[str(item.key.value)] = _member(item.value, at)
        return ObjectType(members)
    raise Fault(f"there is no type {call.name}(…) of that form", at)


def _member(tree: Tree, at: Location) -> Member:
    if not (isinstance(tree, Call) and tree.name == "optional"):
        return Member(_type(tree, at))
    if not 1 <= len(tree.arguments) <= 2:
        raise Fault("optional(…) needs a type and may have a default", at)
    type_ = _type(tree.arguments[0], at)
    if len(tree.arguments) == 1:
        return Member(type_, True)
    from crrlint.loaders.hcl.evaluate import evaluate

    default = evaluate(Expression(tree.arguments[1], at), Locals({}))
    return Member(type_, True, convert(default, type_))
