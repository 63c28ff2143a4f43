"""`for` expressions, and the elements that they go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl.choices import decide, through
from crrlint.loaders.hcl.environment import Environment
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.syntax import ForObject, ForTuple, Tree, place
from crrlint.loaders.hcl.types import described, to_text
from crrlint.loaders.hcl.values import ListOf, OpenKeys, Sensitive, SetOf
from crrlint.values import OneOf, Symbolic, Unknown
from crrlint.values.symbols import Choice

ValueOf = Callable[[Tree, Location, Environment], Node]
Truth = Callable[[Node], Node]

MAX_WORK: Final = 50_000
"""How many rounds the loops of one expression may make together."""


class _Round(NamedTuple):
    """What one element gives: whether it stays, its key in an object, its value."""

    stays: Node | None
    key: Node | None
    value: Node | Fault


def elements(node: Node, at: Location) -> list[tuple[Node, Node]] | Unknown:
    """Return keys and values in Terraform's order, or why they are not known."""
    value = node.value
    if isinstance(value, dict):
        return [(Node(key, value[key].at), value[key]) for key in sorted(value)]
    if isinstance(value, SetOf):
        return [(item, item) for item in value]
    if isinstance(value, OpenKeys):
        return list(value.members)
    if isinstance(value, ListOf) and not value.certain:
        open_ = Unknown("unsupported_expression", "an index into a list of open order")
        return [(Node(open_, at), item) for item in value]
    if isinstance(value, list):
        return [(Node(number, item.at), item) for number, item in enumerate(value)]
    if isinstance(value, Sensitive):
        return Unknown(value.reason, value.what, value.needs)
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Symbolic):
        symbol = value.symbols[0]
        return Unknown(symbol.reason, str(value), symbol.needs)
    raise Fault(f"{described(value)} cannot be gone through", at)


def is_ordered(value: Any) -> bool:
    """Tell whether the order of the elements is certain."""
    return not isinstance(value, (ListOf, OpenKeys)) or value.certain


def for_tuple(
    tree: ForTuple, at: Location, env: Environment, value_of: ValueOf, truth: Truth
) -> Node:
    where = place(at, tree)

    def over(collection: Node) -> Node:
        rounds = _rounds(tree, collection, at, env, value_of, truth)
        if isinstance(rounds, Unknown):
            return Node(rounds, where)
        certain = is_ordered(collection.value)

        def made() -> Node:
            items = [_value(r) for r in rounds if _stays(r)]
            return Node(items if certain else ListOf(items, False), where)

        return decide(made, where)

    return through(value_of(tree.collection, at, env), over)


def for_object(
    tree: ForObject, at: Location, env: Environment, value_of: ValueOf, truth: Truth
) -> Node:
    where = place(at, tree)

    def over(collection: Node) -> Node:
        rounds = _rounds(tree, collection, at, env, value_of, truth)
        if isinstance(rounds, Unknown):
            return Node(rounds, where)
        certain = is_ordered(collection.value)

        def made() -> Node:
            members = [(r.key or r_fault(r), _value(r)) for r in rounds if _stays(r)]
            if not tree.groups:
                return object_of(members, where, repeats=not certain)
            groups: dict[str, list[Node]] = {}
            for key, value in members:
                groups.setdefault(_name(key, where), []).append(value)
            return Node(
                {
                    name: Node(items if certain else ListOf(items, False), where)
                    for name, items in groups.items()
                },
                where,
            )

        return decide(made, where)

    return through(value_of(tree.collection, at, env), over)


def r_fault(round_: _Round) -> Node:
    """Raise what keeps a round from having a key."""
    if isinstance(round_.value, Fault):
        raise round_.value
    raise TypeError("a round of an object has a key")


def _rounds(
    tree: ForTuple | ForObject,
    collection: Node,
    at: Location,
    env: Environment,
    value_of: ValueOf,
    truth: Truth,
) -> list[_Round] | Unknown:
    if collection.value is None:
        raise Fault("null cannot be gone through", place(at, tree.collection))
    found = elements(collection, place(at, tree.collection))
    if isinstance(found, Unknown):
        env.doubt()
        return Unknown(found.reason, found.what, found.needs)
    if env.worked(len(found)) > MAX_WORK:
        return Unknown("too_complex", f"loops of more than {MAX_WORK} rounds")
    rounds: list[_Round] = []
    for key, value in found:
        names = {tree.name: value} if tree.key is None else {tree.key: key, tree.name: value}
        inner = env.within(names)
        stays = None
        if tree.condition is not None:
            stays = truth(value_of(tree.condition, at, inner))
            if stays.value is False:
                continue
            if stays.value is True:
                stays = None
            else:
                stays = through(stays, lambda node: asked(node, env))
        rounds.append(_round(tree, stays, at, inner, value_of))
    return rounds


def asked(condition: Node, env: Environment, text: str | None = None) -> Node:
    """Return a condition of which nothing is known as the answer to a question of its own.

    With its text it is the same question wherever it is asked in the scope.
    """
    value = condition.value
    if not isinstance(value, Unknown):
        return condition
    name = env.question(condition.at)
    if text is not None:
        # One condition can hold several unknowns, by what it hangs on.
        name = f"{env.scope.id} whether {text} {value.what}"
    choice = Choice(name, ("true", "false"), f"whether {value.what}", value.needs)
    return Node(OneOf(choice, (True, False)), condition.at)


def _round(
    tree: ForTuple | ForObject,
    stays: Node | None,
    at: Location,
    env: Environment,
    value_of: ValueOf,
) -> _Round:
    try:
        key = value_of(tree.member, at, env) if isinstance(tree, ForObject) else None
        return _Round(stays, key, value_of(tree.value, at, env))
    except Fault as fault:
        # What may be left out need not have a value.
        if stays is None or fault.final:
            raise
        return _Round(stays, None, fault)


def _stays(round_: _Round) -> bool:
    return round_.stays is None or round_.stays.settled().value is True


def _value(round_: _Round) -> Node:
    if isinstance(round_.value, Fault):
        raise round_.value
    return round_.value


def _name(key: Node, at: Location) -> str:
    key = key.settled()
    value: Any = key.value
    if isinstance(value, (Symbolic, Unknown)):
        raise value.undecided()
    if value is None:
        raise Fault("null as the key of an object", at)
    if isinstance(value, (dict, list)):
        raise Fault(f"{described(value)} as the key of an object", at)
    return to_text(value)


def object_of(members: Iterable[tuple[Node, Node]], at: Location, repeats: bool = True) -> Node:
    """Return the object of keys and values; raises `Undecided` for a key that is not known."""
    made: dict[str, Node] = {}
    for key, value in members:
        name = _name(key, at)
        if name in made and not repeats:
            raise Fault(f"the key {name!r} stands for two elements", at)
        made[name] = value
    return Node(made, at)
