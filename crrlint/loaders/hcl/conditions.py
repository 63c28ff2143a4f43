"""Conditions, and what is chosen by them: one of two values, made one type."""

from __future__ import annotations

from collections.abc import Callable

from crrlint.documents.source import Location, Node, Spot
from crrlint.loaders.hcl.choices import alternatives, has_failed, open_truth, through
from crrlint.loaders.hcl.environment import Environment
from crrlint.loaders.hcl.loops import asked
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.syntax import Conditional, Template, Tree, place
from crrlint.loaders.hcl.types import ANY, BOOL, STRING, Type, convert, type_of, unify
from crrlint.loaders.hcl.values import OpenValue
from crrlint.values import OneOf, Symbolic, Unknown

ValueOf = Callable[[Tree, Location, Environment], Node]


def truth(node: Node) -> Node:
    """Read a condition: a boolean, a `OneOf` of booleans or an `Unknown`."""
    return through(node, _truth)


def _truth(node: Node) -> Node:
    value = node.value
    if value is None:
        raise Fault("null where a boolean is needed", node.at)
    if isinstance(value, Symbolic):
        return Node(open_truth(value), node.at)
    if isinstance(value, OpenValue) and value.type not in (None, ANY, BOOL, STRING):
        raise Fault(f"{value.what} where a boolean is needed", node.at)
    if isinstance(value, Unknown):
        return node
    return convert(node, BOOL)


def condition_of(node: Node, env: Environment) -> Node:
    """Read a condition, which need not be a boolean for all that is known."""
    read_text(node, env)
    return truth(node)


def read_text(node: Node, env: Environment) -> None:
    """Note that a text that nobody knows is read as a number or a boolean, which may fail."""
    value = node.value
    if isinstance(value, Symbolic):
        env.doubt()
    elif isinstance(value, OneOf):
        for option in value.options:
            read_text(option if isinstance(option, Node) else Node(option, node.at), env)


def conditional(tree: Conditional, at: Location, env: Environment, value_of: ValueOf) -> Node:
    condition = condition_of(value_of(tree.condition, at, env), env)
    value = condition.value
    if isinstance(value, bool):
        branch, other = (tree.then, tree.otherwise) if value else (tree.otherwise, tree.then)
        node = value_of(branch, at, env)
        if node.value is None or (isinstance(node.value, str) and type(other) is Template):
            return node
        return _alike(node, other, at, env, value_of)
    text = same_everywhere(tree.condition, at, env)
    condition = through(condition, lambda node: asked(node, env, text))
    before = env.doubts
    then, otherwise = (
        attempt(tree.then, at, env, value_of),
        attempt(tree.otherwise, at, env, value_of),
    )
    faults = [branch for branch in (then, otherwise) if isinstance(branch, Fault)]
    if len(faults) == 2:
        raise faults[0]
    if isinstance(then, Node) and isinstance(otherwise, Node):
        type_ = _common(then, otherwise, env.doubts > before, place(at, tree), env)
        then, otherwise = _converted(then, type_), _converted(otherwise, type_)
    return _chosen(condition, then, otherwise, place(at, tree))


def same_everywhere(tree: Tree, at: Location, env: Environment) -> str | None:
    """Return the text of an expression that has one value wherever it stands in the scope."""
    if env.names or not isinstance(at, Spot):
        return None
    text = at.document.text[tree.start : tree.end]
    from crrlint.loaders.hcl.functions import IMPURE

    return None if any(name in text for name in IMPURE) else text


def _chosen(condition: Node, then: Node | Fault, otherwise: Node | Fault, at: Location) -> Node:
    value = condition.value
    if isinstance(value, OneOf):
        options = tuple(
            _chosen(o if isinstance(o, Node) else Node(o, condition.at), then, otherwise, at)
            for o in value.options
        )
        return alternatives(value.choice, options, at)
    branch = then if value is True else otherwise
    if isinstance(branch, Fault):
        from crrlint.loaders.hcl.values import Failed

        return Node(Failed(branch.message, branch.at), at)
    return branch


def attempt(tree: Tree, at: Location, env: Environment, value_of: ValueOf) -> Node | Fault:
    """Evaluate what may not be chosen, and then needs no value."""
    try:
        return value_of(tree, at, env)
    except Fault as fault:
        if fault.final:
            raise
        return fault


def _alike(node: Node, other: Tree, at: Location, env: Environment, value_of: ValueOf) -> Node:
    """Convert the branch that is taken to the one type that both can have."""
    with env.aside():
        before = env.doubts
        branch = attempt(other, at, env, value_of)
        doubtful = env.doubts > before
    if isinstance(branch, Fault):
        return node
    return _converted(node, _common(node, branch, doubtful, at, env))


def _common(one: Node, other: Node, doubtful: bool, at: Location, env: Environment) -> Type:
    """Return the type that both can have; what may have no value may have another type."""
    one_type, other_type = type_of(one), type_of(other)
    type_ = unify([one_type, other_type])
    if type_ is ANY and one_type is not ANY and other_type is not ANY:
        # Null is of any type here, and may be of one that does not fit.
        env.doubt()
    if type_ is None and (doubtful or has_failed(one) or has_failed(other)):
        return ANY
    if type_ is None:
        raise Fault("what is chosen from has no type in common", at)
    return type_


def _converted(node: Node, type_: Type) -> Node:
    try:
        return convert(node, type_)
    except Fault:
        return node
