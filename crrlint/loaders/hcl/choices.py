"""Values that hang on choices, and names for questions that the input leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.values import Failed, JsonText, ListOf, TextSymbol
from crrlint.values import MAX_OPTIONS, OneOf, Symbolic, Unknown, Value, identical
from crrlint.values.answers import assuming
from crrlint.values.symbols import Choice, Reason, Symbol, Undecided

MAX_IDENTITY: Final = 2000
"""A question whose name would be longer is not recognised when it is asked again."""


class _TooMany(Exception):  # noqa: N818 - what was found on the way
    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice


def decide(make: Callable[[], Node], at: Location) -> Node:
    """Make a value under each answer to the choices that `make` asks.

    `make` must not evaluate expressions: names stand for the same under every answer.
    """
    try:
        return _decide(make, at, MAX_OPTIONS)
    except _TooMany as too_many:
        choice = too_many.choice
        what = f"too much hangs on {choice.text}"
        return Node(Unknown("too_complex", what, choice.needs), at)


def _decide(make: Callable[[], Node], at: Location, room: int) -> Node:
    try:
        return make()
    except Undecided as open_:
        if open_.choice is None:
            return Node(unknown(open_), at)
        choice = open_.choice
    room //= len(choice.answers)
    if room < 1:
        raise _TooMany(choice)
    options: list[Node] = []
    faults: list[Fault] = []
    for answer in range(len(choice.answers)):
        with assuming({choice: answer}):
            try:
                options.append(_decide(make, at, room))
            except Fault as fault:
                if fault.final:
                    raise
                faults.append(fault)
                options.append(Node(Failed(fault.message, fault.at), at))
    if len(faults) == len(options):
        raise faults[0]
    return alternatives(choice, tuple(options), at)


def unknown(open_: Undecided) -> Unknown:
    return Unknown(open_.reason, open_.what, open_.needs)


def through(node: Node, change: Callable[[Node], Node]) -> Node:
    """Change a value, or each of its alternatives; a change may evaluate expressions."""
    value = node.value
    if not isinstance(value, OneOf):
        return change(node)
    options: list[Node] = []
    faults: list[Fault] = []
    for option in value.options:
        try:
            inner = option if isinstance(option, Node) else Node(option, node.at)
            options.append(through(inner, change))
        except Fault as fault:
            if fault.final:
                raise
            faults.append(fault)
            options.append(Node(Failed(fault.message, fault.at), node.at))
    if len(faults) == len(options):
        raise faults[0]
    return alternatives(value.choice, tuple(options), node.at)


def alternatives(choice: Choice, nodes: tuple[Node, ...], at: Location) -> Node:
    """Return alternatives as one node; leaves that are the same become one leaf."""
    first = nodes[0].value
    if all(node is nodes[0] for node in nodes[1:]):
        return nodes[0]
    if not isinstance(first, (dict, list)) and all(
        not isinstance(n.value, (dict, list)) and _identical(first, n.value) for n in nodes[1:]
    ):
        return nodes[0]
    if all(node.at is at and not isinstance(node.value, (dict, list)) for node in nodes):
        return Node(OneOf(choice, tuple([node.value for node in nodes])), at)
    return Node(OneOf(choice, nodes), at)


def _identical(one: Any, other: Any) -> bool:
    """Tell whether two leaves are the same as written; options may be nodes."""
    if isinstance(one, Node) and isinstance(other, Node):
        if one is other:
            return True
        one, other = one.value, other.value
        if isinstance(one, (dict, list)):
            return one is other
    if isinstance(one, OneOf) and isinstance(other, OneOf):
        return one.choice == other.choice and all(
            _identical(a, b) for a, b in zip(one.options, other.options, strict=True)
        )
    if isinstance(one, (OneOf, Node)) or isinstance(other, (OneOf, Node)):
        return False
    return identical(one, other)


def has_failed(node: Node) -> bool:
    """Tell whether there is no value, or a part of it is missing, under some answer."""
    return any(isinstance(below.value, Failed) for below in _options(node))


def _options(node: Node) -> list[Node]:
    """Return the node, or all that it may be, with what is in it."""
    found = []
    stack = [node]
    while stack:
        below = stack.pop()
        found.append(below)
        value = below.value
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, OneOf):
            stack.extend([o if isinstance(o, Node) else Node(o, below.at) for o in value.options])
    return found


def fails(node: Node) -> bool:
    """Tell whether there is no value; raises `Undecided` on the choice that it hangs on."""
    value = node.value
    if isinstance(value, Failed):
        return True
    if isinstance(value, OneOf):
        return has_failed(node) and fails(node.settled())
    if isinstance(value, dict):
        return any(fails(item) for item in value.values())
    return isinstance(value, list) and any(fails(item) for item in value)


def identity(value: Any) -> str | None:
    """Return a key that equal values share and different ones do not; None for unknowns."""
    pieces: list[str] = []
    size = 0
    for piece in _identity(value):
        size += len(piece)
        if size > MAX_IDENTITY:
            return None
        pieces.append(piece)
    return None if "\0" in pieces else "".join(pieces)


def _identity(value: Any) -> Iterator[str]:
    if isinstance(value, Node):
        value = value.value
    if isinstance(value, Symbolic):
        for part in value.parts:
            yield repr(part) if isinstance(part, str) else f"<{part.entity}|{part.attribute}>"
    elif isinstance(value, OneOf):
        yield f"<{value.choice.name}: "
        for option in value.options:
            yield from _identity(option)
            yield "; "
        yield ">"
    elif isinstance(value, JsonText):
        yield "json "
        yield from _identity(value.node)
    elif isinstance(value, Unknown) or (isinstance(value, ListOf) and not value.certain):
        yield "\0"
    elif isinstance(value, dict):
        yield "{"
        for key in sorted(value):
            yield repr(key) + ":"
            yield from _identity(value[key])
            yield ","
        yield "}"
    elif isinstance(value, list):
        yield "["
        for item in value:
            yield from _identity(item)
            yield ","
        yield "]"
    else:
        yield f"{type(value).__name__[0]}{value!r}"


def symbols_in(value: Any) -> Iterator[Symbol]:
    """Yield the symbols in a value, at any depth."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, Node):
            value = value.value
        if isinstance(value, Symbolic):
            yield from value.symbols
        elif isinstance(value, JsonText):
            stack.append(value.node)
        elif isinstance(value, OneOf):
            stack.extend(value.options)
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)


def open_comparison(one: Node, other: Node) -> Value:
    """Return the answer to a comparison that symbols leave open: the same whoever asks."""
    first, second = identity(one), identity(other)
    if first is None or second is None:
        cause = next((v for v in (one.value, other.value) if isinstance(v, Unknown)), None)
        if cause is not None:
            return Unknown(cause.reason, cause.what, cause.needs)
        return _unknown_inside(one, other)
    first, second = sorted((first, second))
    symbol = next(symbols_in([one, other]), None)
    needs = symbol.needs if symbol is not None else ""
    text = f"whether {_shown(one)} equals {_shown(other)}"
    choice = Choice(f"{first} = {second}", ("true", "false"), text, needs)
    return OneOf(choice, (True, False))


def _unknown_inside(*nodes: Node) -> Unknown:
    for node in nodes:
        for below in node.walk():
            if isinstance(below.value, Unknown):
                return Unknown(below.value.reason, below.value.what, below.value.needs)
    return Unknown("unsupported_expression", "a comparison of values that are not known")


def open_truth(value: Symbolic) -> OneOf:
    """Return the answer to whether a symbol that stands for a boolean is true."""
    symbol = value.symbols[0]
    choice = Choice(f"{identity(value)} is true", ("true", "false"), str(value), symbol.needs)
    return OneOf(choice, (True, False))


def _shown(node: Node) -> str:
    value = node.value
    if isinstance(value, (dict, list)):
        return "a value"
    return repr(value) if isinstance(value, str) else str(value)


def derived(
    name: str, arguments: list[Node], reason: Reason = "unbound_parameter"
) -> Symbol | None:
    """Return the symbol for what a function makes of open arguments: the same for the same."""
    key = identity(arguments and Node(list(arguments), arguments[0].at))
    if key is None:
        return None
    symbol = next(symbols_in(arguments), None)
    if symbol is None:
        return None
    shown = ", ".join(_shown(argument) for argument in arguments)
    text = f"{name}({shown})"
    return TextSymbol(
        f"{name}{key}", "result", text if len(text) < 200 else f"{name}(…)",
        reason=symbol.reason, needs=symbol.needs,
    )  # fmt: skip
