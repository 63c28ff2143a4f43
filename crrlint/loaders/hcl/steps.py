"""Steps into values: attributes and indices."""

from __future__ import annotations

from typing import Any

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl.choices import identity, through
from crrlint.loaders.hcl.environment import Environment
from crrlint.loaders.hcl.numbers import Real
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.types import Collection, described, to_text
from crrlint.loaders.hcl.values import (
    Failed,
    JsonText,
    ListOf,
    OpenCollection,
    OpenKeys,
    OpenObject,
    Sensitive,
    SetOf,
    is_text,
)
from crrlint.values import MAX_OPTIONS, OneOf, Symbolic, Unknown, symbolic
from crrlint.values.symbols import Choice, Symbol


def attribute(node: Node, name: str, at: Location, env: Environment) -> Node:
    """Return the attribute of an object, or of each of its alternatives."""
    value = node.value
    if isinstance(value, dict):
        found: Node | None = value.get(name)
        if found is None:
            raise Fault(f"there is no attribute {name} here", at)
        return found
    if isinstance(value, OneOf):
        return through(node, lambda option: attribute(option, name, at, env))
    if isinstance(value, OpenObject):
        found = value.member(name)
        if found is None:
            raise Fault(f"{value.what} has no attribute {name}", at)
        return found
    return _open(node, at, env, lambda inner: attribute(inner, name, at, env), f".{name}")


def index(node: Node, key: Node, at: Location, env: Environment) -> Node:
    """Return an element by its key, under each alternative of both."""
    if isinstance(key.value, OneOf):
        return through(key, lambda option: index(node, option, at, env))
    if isinstance(node.value, OneOf):
        return through(node, lambda option: index(option, key, at, env))
    value = node.value
    if isinstance(value, OpenCollection):
        if isinstance(value.type, Collection) and value.type.name == "set":
            raise Fault("a set has no elements by index", at)
        # Whether there is such an element is not known.
        env.doubt()
        found = value.element(key)
        if found is not None:
            return found
    if isinstance(value, OpenKeys):
        return _among(value, key, at, env)
    if isinstance(key.value, (Symbolic, Unknown)):
        return _open_key(node, key, at, env)
    if key.value is None:
        raise Fault("null as an index", at)
    if isinstance(value, OpenObject) and isinstance(key.value, str):
        return attribute(node, key.value, at, env)
    if isinstance(value, dict):
        return _member(value, key, at)
    if isinstance(value, SetOf):
        raise Fault("a set has no elements by index", at)
    if isinstance(value, list):
        return _element(value, key, at, env)
    return _open(node, at, env, lambda inner: index(inner, key, at, env), f"[{key.value!r}]")


def _among(value: OpenKeys, key: Node, at: Location, env: Environment) -> Node:
    """Return the element under a key that is one of those there are, by its name."""
    name = identity(key)
    for known, node in value.members:
        if name is not None and identity(known) == name:
            return node
    env.doubt()
    return Node(Unknown(value.reason, value.what, value.needs), at)


def _member(value: dict[str, Node], key: Node, at: Location) -> Node:
    if isinstance(key.value, (dict, list)):
        raise Fault(f"{described(key.value)} as an index", at)
    name = to_text(key.value)
    found = value.get(name)
    if found is None:
        raise Fault(f"there is no element {name!r} here", at)
    return found


def position(key: Node, at: Location) -> int:
    """Return a plain key as the position in a list."""
    value = key.value
    if isinstance(value, str):
        from crrlint.loaders.hcl.types import to_number

        value = to_number(value, at)
    if isinstance(value, bool) or not isinstance(value, int) or isinstance(value, Real):
        raise Fault(f"{described(key.value)} as the index of a list", at)
    return value


def _element(value: list[Node], key: Node, at: Location, env: Environment) -> Node:
    number = position(key, at)
    if isinstance(value, ListOf) and not value.certain:
        env.doubt()
        return Node(Unknown("unsupported_expression", "an element of a list of open order"), at)
    if not 0 <= number < len(value):
        raise Fault(f"the index {number} is outside a list of {len(value)}", at)
    return value[number]


def _open_key(node: Node, key: Node, at: Location, env: Environment) -> Node:
    """An element by a key that is not known: one of them, by a choice that the key is."""
    env.doubt()
    value = node.value
    name = identity(key)
    items: list[tuple[str, Node]] = []
    if isinstance(value, dict):
        items = [(k, value[k]) for k in sorted(value)]
    elif isinstance(value, list) and not isinstance(value, ListOf):
        items = [(str(number), item) for number, item in enumerate(value)]
    opened = key.value
    if isinstance(opened, Symbolic):
        cause = opened.symbols[0]
        if 1 < len(items) <= MAX_OPTIONS and name is not None:
            answers = tuple([text for text, _ in items])
            choice = Choice(f"{name} of {answers}", answers, str(opened), cause.needs)
            return Node(OneOf(choice, tuple([item for _, item in items])), at)
        return Node(Unknown(cause.reason, str(opened), cause.needs), at)
    return Node(Unknown(opened.reason, opened.what, opened.needs), at)


def _open(node: Node, at: Location, env: Environment, inside: Any, step: str) -> Node:
    """Take a step into what is no container, as far as that is known."""
    value = node.value
    if isinstance(value, Sensitive):
        return Node(Sensitive(inside(value.node)), node.at)
    if isinstance(value, Failed):
        return node
    if isinstance(value, Unknown) and not isinstance(value, JsonText):
        env.doubt()
        return Node(Unknown(value.reason, value.what, value.needs), node.at)
    if isinstance(value, Symbolic) and not is_text(value):
        # A variable without a value may be an object; then its attribute equals itself.
        env.doubt()
        whole = value.symbols[0]
        part = Symbol(
            f"{whole.entity}|{whole.attribute}", step, f"{whole.text}{step}",
            reason=whole.reason, needs=whole.needs,
        )  # fmt: skip
        return Node(symbolic(part), node.at)
    raise Fault(f"{described(value)} has no {'attributes' if step[0] == '.' else 'elements'}", at)
