"""`count` and `for_each`: which instances there are, or may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document, Key, Location, Node, Spot
from crrlint.loaders.hcl import (
    Body,
    Expression,
    Fault,
    Found,
    OpenCollection,
    OpenKeys,
    Scope,
    SetOf,
    TextSymbol,
    Unreadable,
    evaluate,
    text_of,
)
from crrlint.loaders.hcl.choices import decide, through
from crrlint.loaders.hcl.sets import set_of
from crrlint.loaders.hcl.values import Sensitive
from crrlint.values import Choice, OneOf, Symbolic, Unknown, Value, identical, one_of, symbolic

MAX_INSTANCES: Final = 10_000


class Entry(NamedTuple):
    """One instance: its key, shown and as a value, what `each.value` is, and whether it is there.

    The only instance of a block without `count` and `for_each` has no key.  One may stand for
    `many`: what is not known of their number.
    """

    key: str | int | None = None
    name: Node | None = None
    value: Node | None = None
    exists: Value = True
    many: Unknown | None = None

    @property
    def suffix(self) -> str:
        """What the instance adds to the address of its block."""
        if self.key is None:
            return ""
        return f"[{self.key}]" if isinstance(self.key, int) else f'["{self.key}"]'


class Expansion(NamedTuple):
    """The instances of a block; `shape` is their number or keys, as far as they are known.

    `same` is shared by what has the same number or keys, where these are not known.
    """

    entries: tuple[Entry, ...]
    shape: Node | None = None
    counted: bool = False
    same: str = ""

    def collection(self, member: Callable[[Entry], Node], at: Location) -> Node:
        """Return what the name of the block stands for: an instance, a list, a map of them."""
        if self.shape is None:
            return member(self.entries[0])
        nodes = {entry.key: member(entry) for entry in self.entries}
        names = {entry.key: entry.name for entry in self.entries}

        def of(value: Value) -> Value:
            if isinstance(value, Unknown):
                return self._open(value, nodes)
            if self.counted:
                return [nodes[index] for index in range(value)]
            return _keyed(value, names, nodes)

        return Node(_over(self.shape.value, of, at), at)

    def _open(self, value: Unknown, nodes: Mapping[str | int | None, Node]) -> Unknown:
        """Return the collection of instances of which only one is known, that stands for all."""
        one = self.entries[-1]

        def element(key: Node) -> Node | None:
            known = one.name is not None and identical(key.value, one.name.value)
            return nodes[one.key] if known else None

        return OpenCollection(
            self.same, element, value.what, reason=value.reason, needs=value.needs
        )


def _keyed(
    keys: list[str | int],
    names: Mapping[str | int | None, Node | None],
    nodes: Mapping[str | int | None, Node],
) -> Value:
    """Return the map of instances, of which the keys may be symbols."""
    members: list[tuple[Node, Node]] = []
    opened: Symbolic | Unknown | None = None
    for key in keys:
        name = names[key]
        assert name is not None
        members.append((name, nodes[key]))
        if isinstance(name.value, (Symbolic, Unknown)):
            opened = name.value
    if opened is None:
        return {str(key): nodes[key] for key in keys}
    return OpenKeys(members, str(opened), needs=opened.undecided().needs)


def _over(value: Value, change: Callable[[Value], Value], at: Location) -> Value:
    if isinstance(value, OneOf):
        return OneOf(value.choice, tuple(Node(_over(o, change, at), at) for o in value.options))
    return change(value)


class Inner:
    """A scope with further names: `each`, `count`, the iterator of a dynamic block."""

    __slots__ = ("_names", "_outer", "id")

    def __init__(self, outer: Scope, names: Mapping[str, Node], id: str) -> None:
        self._outer = outer
        self._names = names
        self.id = id

    def resolve(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        node = self._names.get(root)
        return Found(node) if node is not None else self._outer.resolve(root, steps, at)

    def read(self, path: str, at: Location) -> Document | Unreadable:
        return self._outer.read(path, at)

    def read_bytes(self, path: str, at: Location) -> bytes | Unreadable:
        return self._outer.read_bytes(path, at)

    def exists(self, path: str, at: Location) -> bool | Unreadable:
        return self._outer.exists(path, at)

    def files(self, folder: str, at: Location) -> list[str] | Unreadable:
        return self._outer.files(folder, at)


def instance_scope(outer: Scope, entry: Entry, address: str) -> Scope:
    """Return the scope of one instance of a block."""
    if entry.key is None or entry.name is None:
        return outer
    at = entry.name.at
    if entry.value is None:
        names = {"count": Node({"index": entry.name}, at)}
    else:
        names = {"each": Node({"key": entry.name, "value": entry.value}, at)}
    return Inner(outer, names, f"{outer.id} {address}{entry.suffix}")


def expand(body: Body, scope: Scope, address: str) -> Expansion:
    """Return the instances of a block; raises `Fault` for what Terraform would refuse."""
    count = body.attributes.get("count")
    if count is not None:
        same = same_text(count.value, scope)
        return _counted(evaluate(count.value, scope), address, same)
    for_each = body.attributes.get("for_each")
    if for_each is not None:
        same = same_text(for_each.value, scope)
        return over_keys(evaluate(for_each.value, scope), address, same)
    return Expansion((Entry(),))


def same_text(expression: Expression, scope: Scope) -> str:
    """Return what is the same for expressions of one value: those of one text in one scope."""
    tree, at = expression
    if isinstance(at, Spot):
        return f"{scope.id} {at.document.text[tree.start : tree.end]}"
    return f"{scope.id} {at.path}{at.pointer}"


def _counted(node: Node, address: str, same: str) -> Expansion:
    at = node.at

    def number(value: Value) -> Value:
        value = _bare(value)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, Symbolic):
            value = Unknown(value.symbols[0].reason, str(value), value.symbols[0].needs)
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Fault("count is not a whole number", at)
        if value > MAX_INSTANCES:
            raise Fault(f"count is more than {MAX_INSTANCES}", at)
        return value

    value = _leaves(node.value, number)
    most = max((n for n in all_of(value) if isinstance(n, int)), default=0)
    unknown = next((n for n in all_of(value) if isinstance(n, Unknown)), None)
    if unknown is not None:
        most = max(most, 1)
    perhaps = _perhaps(unknown, address, same)

    def exists(index: int) -> Value:
        return _leaves(value, lambda n: perhaps if isinstance(n, Unknown) else index < n)

    last = most - 1
    entries = tuple(
        [
            Entry(i, Node(i, at), None, exists(i), unknown if i == last else None)
            for i in range(most)
        ]
    )
    return Expansion(entries, Node(value, at), True, same)


def over_keys(node: Node, address: str, same: str, *, lists: bool = False) -> Expansion:
    """Return an instance for each key of a map, or element of a set; `lists` where they will do.

    `same` is shared by collections that are certainly the same.
    """
    at = node.at
    node = through(node, _settled)
    members: dict[str | int, list[tuple[Node, Node]]] = {}
    unknowns: list[Unknown] = []
    # What may be a set makes one of the list that is there instead.
    mixed = any(isinstance(leaf, (Symbolic, Unknown)) for leaf in all_of(node.value))

    def keys(value: Value) -> Value:
        value = _bare(value)
        if isinstance(value, Symbolic):
            value = Unknown(value.symbols[0].reason, str(value), value.symbols[0].needs)
        if isinstance(value, Unknown) and not isinstance(value, OpenKeys):
            unknowns.append(value)
            return value
        pairs: list[tuple[str | int, Node, Node]]
        if isinstance(value, OpenKeys):
            pairs = [(_shown(key), key, item) for key, item in value.members]
        elif isinstance(value, dict):
            pairs = [(key, Node(key, value[key].at), value[key]) for key in sorted(value)]
        elif isinstance(value, SetOf) or (isinstance(value, list) and not lists and mixed):
            pairs = [(_shown(item), item, item) for item in value]
        elif isinstance(value, list) and lists:
            pairs = [(index, Node(index, item.at), item) for index, item in enumerate(value)]
        elif value == []:
            pairs = []  # of a condition between that and a set of which nothing is known
        elif value is None:
            raise Fault("for_each is null", at)
        else:
            raise Fault("for_each is neither a map nor a set of texts", at)
        if len(pairs) > MAX_INSTANCES:
            raise Fault(f"for_each has more than {MAX_INSTANCES} elements", at)
        for key, name, item in pairs:
            members.setdefault(key, []).append((name, item))
        return [key for key, _, _ in pairs]

    value = _leaves(node.value, keys)

    def exists(key: str | int) -> Value:
        return _leaves(value, lambda found: not isinstance(found, Unknown) and key in found)

    entries = [
        Entry(key, known[0][0], _member(node.value, key, known[0][1]), exists(key))
        for key, known in members.items()
    ]
    if unknowns:
        unknown = unknowns[0]
        if isinstance(unknown, OpenCollection):
            same = unknown.key
        entries.append(_representative(unknown, value, address, same, at))
    return Expansion(tuple(entries), Node(value, at), same=same)


def _settled(node: Node) -> Node:
    """Return a set under each answer to what its elements hang on."""
    value = node.value
    if not isinstance(value, SetOf) or not any(isinstance(i.value, OneOf) for i in value):
        return node
    return decide(
        lambda: Node(set_of([i.settled() for i in value], value.counted, value.of), node.at),
        node.at,
    )


def _member(value: Value, key: str | int, otherwise: Node) -> Node:
    """Return the element of a key, by the answer to what the collection hangs on."""
    if not isinstance(value, OneOf):
        return _find(_bare(value), key) or otherwise
    options = tuple(
        [
            _member(option.value if isinstance(option, Node) else option, key, otherwise)
            for option in value.options
        ]
    )
    if all(option is options[0] for option in options):
        return options[0]
    return Node(OneOf(value.choice, options), otherwise.at)


def _find(value: Value, key: str | int) -> Node | None:
    if isinstance(value, dict):
        found: Node | None = value.get(str(key))
        return found
    if isinstance(value, OpenKeys):
        return next((item for name, item in value.members if _shown(name) == key), None)
    if isinstance(value, list) and isinstance(key, str):
        return next((item for item in value if _shown(item) == key), None)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        element: Node = value[key]
        return element
    return None


def _representative(unknown: Unknown, shape: Value, address: str, same: str, at: Location) -> Entry:
    """Return one instance that stands for all those of a collection that is not known.

    Two blocks that go through the same collection have the same keys.
    """
    symbol = TextSymbol(
        f"keys of {same}",
        "key",
        f"${{key of {unknown.what}}}",
        reason=unknown.reason,
        needs=unknown.needs,
    )
    name = Node(symbolic(symbol), at)
    value = unknown.element(name) if isinstance(unknown, OpenCollection) else None
    if value is None:
        value = Node(Unknown(unknown.reason, f"an element of {unknown.what}", unknown.needs), at)
    perhaps = _perhaps(unknown, address, same)
    return Entry(
        str(symbol),
        name,
        value,
        _leaves(shape, lambda found: perhaps if isinstance(found, Unknown) else False),
        many=unknown,
    )


def _perhaps(unknown: Unknown | None, address: str, same: str) -> Value:
    if unknown is None:
        return True
    text = f"the number of instances of {address}"
    choice = Choice(f"instances of {same}", ("some", "none"), text, unknown.needs)
    return OneOf(choice, (True, False))


def _leaves(value: Value, change: Callable[[Value], Value]) -> Value:
    """Change every alternative of a value; those that become the same are one."""
    if isinstance(value, Node):
        return _leaves(value.value, change)
    if isinstance(value, OneOf):
        return one_of(value.choice, tuple(_leaves(o, change) for o in value.options))
    return change(value)


def all_of(value: Value) -> list[Any]:
    """Return every alternative of a value."""
    if isinstance(value, Node):
        return all_of(value.value)
    if isinstance(value, OneOf):
        return [leaf for option in value.options for leaf in all_of(option)]
    return [value]


def _bare(value: Value) -> Value:
    while isinstance(value, Sensitive):
        value = value.node.value
    return value


def _shown(item: Node) -> str:
    return str(text_of(item).value)


def together(*claims: object) -> Value:
    """Return whether all of several claims hold."""
    value: Value = True
    for claim in claims:
        value = _both(value, claim)
    return value


def _both(one: Value, other: Value) -> Value:
    if isinstance(one, OneOf):
        return one_of(one.choice, tuple(_both(option, other) for option in one.options))
    return other if one is True else one
