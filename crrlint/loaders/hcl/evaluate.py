"""The value of an expression: as much of it as is certain, each part where it was written.

Names are asked of the scope and nowhere else.  Where something hangs on an open choice, both
sides are evaluated first, and only then put together under each answer (`decide`): what the
scope remembers is true under all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crrlint.documents.source import Key, Location, Node, Spot
from crrlint.loaders.hcl.choices import alternatives, decide, open_comparison, through
from crrlint.loaders.hcl.conditions import attempt, condition_of, conditional, read_text, truth
from crrlint.loaders.hcl.environment import Environment
from crrlint.loaders.hcl.loops import for_object, for_tuple
from crrlint.loaders.hcl.operators import binary, unary
from crrlint.loaders.hcl.scope import Fault, Scope
from crrlint.loaders.hcl.steps import attribute, index
from crrlint.loaders.hcl.syntax import (
    Access,
    Attr,
    Bad,
    Binary,
    Call,
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    Given,
    Index,
    Interpolation,
    Literal,
    Name,
    Object,
    Splat,
    Template,
    Tree,
    Tuple,
    Unary,
    place,
)
from crrlint.loaders.hcl.types import ObjectType
from crrlint.loaders.hcl.values import ListOf, Sensitive, Unwritten, Written
from crrlint.values import OneOf, Symbolic, Unknown


def evaluate(expression: Expression, scope: Scope) -> Node:
    """Return the value of an expression; raises `Fault` for one that has none."""
    tree, at = expression
    try:
        node = value_of(tree, at, Environment(scope))
    except RecursionError:
        raise Fault("is nested or refers too deeply to be evaluated", at) from None
    # What is written here stands at the name too, not at the value alone.
    if isinstance(tree, _WRITTEN) and type(node.at) is Spot and isinstance(at, Spot):
        return Node(node.value, at)
    return node


def value_of(tree: Tree, at: Location, env: Environment) -> Node:
    """Evaluate a part of the expression that stands at a place."""
    return _EVALUATE[type(tree)](tree, at, env)


def _literal(tree: Literal, at: Location, env: Environment) -> Node:
    value = tree.value
    where = place(at, tree)
    if type(value) is str:
        if not value.isascii():
            from crrlint.loaders.hcl.pieces import composed

            value = composed(value)
        if tree.runs and isinstance(where, Spot) and value.lstrip()[:1] in _JSON_STARTS:
            where = Written(where, tree.runs)
    return Node(value, where)


def _given(tree: Given, at: Location, env: Environment) -> Node:
    return tree.node


def _bad(tree: Bad, at: Location, env: Environment) -> Node:
    raise Fault(tree.message, place(at, tree))


def _template(tree: Template, at: Location, env: Environment) -> Node:
    if tree.wraps:
        inner = tree.pieces[0]
        assert type(inner) is Interpolation
        return value_of(inner.value, at, env)
    from crrlint.loaders.hcl.rendering import render

    return render(tree.pieces, at, place(at, tree), env)


def _name(tree: Name, at: Location, env: Environment) -> Node:
    known = env.names.get(tree.name)
    if known is not None:
        return known
    return _taken(tree, (), at, env)


def _access(tree: Access, at: Location, env: Environment) -> Node:
    value = tree.value
    if type(value) is Name:
        known = env.names.get(value.name)
        if known is None:
            return _taken(value, tree.steps, at, env)
        node = known
    else:
        node = _EVALUATE[type(value)](value, at, env)
    return _walk(node, tree.steps, at, env, {})


def _taken(root: Name, steps: tuple[Tree, ...], at: Location, env: Environment) -> Node:
    """Ask the scope for a name, with the steps after it whose keys are plain."""
    keys: list[Key] = []
    evaluated: dict[int, Node] = {}
    for position, step in enumerate(steps):
        if type(step) is Attr:
            keys.append(step.name)
            continue
        if type(step) is not Index:
            break
        key = _EVALUATE[type(step.key)](step.key, at, env)
        evaluated[position] = key
        if type(key.value) is not str and type(key.value) is not int:
            break
        keys.append(key.value)
    found = env.scope.resolve(root.name, tuple(keys), place(at, root))
    if found.used == len(steps):
        return found.node
    left = {position - found.used: key for position, key in evaluated.items()}
    return _walk(found.node, steps[found.used :], at, env, left)


def _walk(
    node: Node,
    steps: tuple[Tree, ...],
    at: Location,
    env: Environment,
    evaluated: dict[int, Node],
) -> Node:
    for position, step in enumerate(steps):
        where = place(at, step)
        if type(step) is Attr:
            node = attribute(node, step.name, where, env)
        elif type(step) is Index:
            key = evaluated.get(position)
            if key is None:
                key = _EVALUATE[type(step.key)](step.key, at, env)
            node = index(node, key, where, env)
        elif type(step) is Splat:
            node = _splat(node, step, at, env)
    return node


def _splat(node: Node, splat: Splat, at: Location, env: Environment) -> Node:
    where = place(at, splat)

    def over(node: Node) -> Node:
        value = node.value
        if value is None:
            return Node([], where)
        if isinstance(value, list):
            items = [_walk(item, splat.steps, at, env, {}) for item in value]
            if isinstance(value, ListOf):
                of = _stepped(value.of, splat.steps)
                return Node(ListOf(items, value.certain, value.counted, of), node.at)
            return Node(items, node.at)
        if isinstance(value, Sensitive):
            return Node(Sensitive(over(value.node)), node.at)
        from crrlint.loaders.hcl.values import OpenObject, is_text, may_be_null

        if isinstance(value, Unknown) and not isinstance(value, OpenObject):
            env.doubt()
            return Node(Unknown(value.reason, value.what, value.needs), node.at)
        if isinstance(value, Symbolic) and not is_text(value):
            env.doubt()
            symbol = value.symbols[0]
            return Node(Unknown(symbol.reason, str(value), symbol.needs), node.at)
        one = Node([_walk(node, splat.steps, at, env, {})], node.at)
        if not may_be_null(value):
            return one
        absent = open_comparison(node, Node(None, node.at))
        if isinstance(absent, OneOf):
            return alternatives(absent.choice, (Node([], where), one), where)
        env.doubt()
        return Node(absent, where)

    return through(node, over)


def _stepped(type: Any, steps: tuple[Tree, ...]) -> Any:
    """Return the type of what attributes lead to; None where it is not known."""
    for step in steps:
        if not isinstance(step, Attr) or not isinstance(type, ObjectType):
            return None
        if step.name not in type.members:
            return None
        type = type.members[step.name].type
    return type


def _unary(tree: Unary, at: Location, env: Environment) -> Node:
    inner = _EVALUATE[type(tree.value)](tree.value, at, env)
    read_text(inner, env)
    return unary(tree.operator, inner, place(at, tree))


def _binary(tree: Binary, at: Location, env: Environment) -> Node:
    # A chain of a + b + … leans to the left.
    chain: list[Binary] = []
    inner: Tree = tree
    while type(inner) is Binary:
        chain.append(inner)
        inner = inner.left
    left = _EVALUATE[type(inner)](inner, at, env)
    for link in reversed(chain):
        if link.operator in ("&&", "||"):
            # What the left side decides, the right side need not have a value for: since
            # Terraform 1.12, so that there may be no value.
            read_text(left, env)
            left = truth(left)
            decisive = link.operator == "||"
            if left.value is decisive:
                left = Node(decisive, place(at, link))
                with env.aside():
                    right = attempt(link.right, at, env, value_of)
                if isinstance(right, Fault):
                    env.doubt()
                continue
            right = attempt(link.right, at, env, value_of)
            if isinstance(right, Fault):
                env.doubt()
                left = _unless(left, decisive, right, place(at, link))
                continue
            read_text(right, env)
        else:
            right = _EVALUATE[type(link.right)](link.right, at, env)
            if link.operator not in ("==", "!="):
                read_text(left, env)
                read_text(right, env)
        left = binary(link.operator, left, right, place(at, link), truth)
    return left


def _unless(left: Node, decisive: bool, fault: Fault, at: Location) -> Node:
    """Return what one side decides where it does; the other side has no value."""

    def decided(side: Node) -> Node:
        if side.value is decisive:
            return Node(decisive, at)
        if isinstance(side.value, Unknown):
            return side
        raise fault

    return through(left, decided)


def _conditional(tree: Conditional, at: Location, env: Environment) -> Node:
    return conditional(tree, at, env, value_of)


def _tuple(tree: Tuple, at: Location, env: Environment) -> Node:
    where = place(at, tree)
    items = []
    for position, item in enumerate(tree.items):
        below = _below(where, position, item)
        node = _EVALUATE[type(item)](item, below, env)
        items.append(Node(node.value, below) if type(node.at) is Unwritten else node)
    return Node(items, where)


def _object(tree: Object, at: Location, env: Environment) -> Node:
    where = place(at, tree)
    members: list[tuple[Node, Node]] = []
    for item in tree.items:
        key = _EVALUATE[type(item.key)](item.key, at, env)
        name = key.value if isinstance(key.value, str) else "?"
        below = _below(where, name, item)
        node = _EVALUATE[type(item.value)](item.value, below, env)
        if isinstance(item.value, _WRITTEN) and type(node.at) is Spot and type(below) is Spot:
            # Shown from its key on, as an attribute is from its name.
            node = Node(node.value, below)
        elif type(node.at) is Unwritten:
            node = Node(node.value, below)
        members.append((key, node))
    if all(type(key.value) is str for key, _ in members):
        return Node({key.value: node for key, node in members}, where)
    from crrlint.loaders.hcl.loops import object_of

    return decide(lambda: object_of(members, where), where)


def _below(at: Location, key: Key, tree: Any) -> Location:
    if isinstance(at, Spot):
        return Spot(at.document, at, key, tree.start, tree.end)
    return at / key


def _for_tuple(tree: ForTuple, at: Location, env: Environment) -> Node:
    return for_tuple(tree, at, env, value_of, lambda node: condition_of(node, env))


def _for_object(tree: ForObject, at: Location, env: Environment) -> Node:
    return for_object(tree, at, env, value_of, lambda node: condition_of(node, env))


def _call(tree: Call, at: Location, env: Environment) -> Node:
    from crrlint.loaders.hcl.calls import call

    return call(tree, at, env, value_of)


_JSON_STARTS: Final = ("{", "[")
_WRITTEN: Final = (Literal, Template, Tuple, Object, Unary, Binary, ForTuple, ForObject, Call)

_EVALUATE: Final[dict[type, Callable[[Any, Location, Environment], Node]]] = {
    Literal: _literal,
    Template: _template,
    Name: _name,
    Access: _access,
    Call: _call,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    Tuple: _tuple,
    Object: _object,
    ForTuple: _for_tuple,
    ForObject: _for_object,
    Bad: _bad,
    Given: _given,
}
