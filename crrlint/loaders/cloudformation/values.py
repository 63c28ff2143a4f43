"""Values on their way through a template: choices inside arguments, lists of unknown length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.model.arn import parse_arn
from crrlint.values import (
    MAX_OPTIONS,
    Choice,
    OneOf,
    Symbol,
    Symbolic,
    Text,
    Unknown,
    Value,
    identical,
    join,
    symbolic,
)

_DIGITS: Final = frozenset("0123456789")
_SEPARATORS: Final = frozenset(":/*?")


class OpenList(Unknown):
    """A list of unknown length: `source` split at `delimiter`.

    `known` are the elements that stand before the first place where the length is
    open, `rest` is the text from there on.
    """

    __slots__ = ("delimiter", "known", "rest", "source")

    def __init__(
        self, source: Symbolic, delimiter: str, known: tuple[Text, ...], rest: Text
    ) -> None:
        symbol = source.symbols[0]
        super().__init__(symbol.reason, f"{source} is not known", symbol.needs)
        self.source = source
        self.delimiter = delimiter
        self.known = known
        self.rest = rest


class Part(Symbol):
    """An element of a text that was split; `whole` is that text."""

    __slots__ = ("whole",)

    def __init__(self, whole: Symbolic, attribute: str, text: str) -> None:
        first = whole.symbols[0]
        super().__init__(identity(whole), attribute, text, reason=first.reason, needs=first.needs)
        self.whole = whole


def identity(value: Value) -> str:
    """Return a key that equal values share and different ones do not."""
    if isinstance(value, Node):
        value = value.value
    if isinstance(value, Symbolic):
        return "".join(
            p if isinstance(p, str) else f"<{p.entity}|{p.attribute}>" for p in value.parts
        )
    if isinstance(value, OneOf):
        return f"<{value.choice.name}: {', '.join(identity(o) for o in value.options)}>"
    if isinstance(value, OpenList):
        return f"<{identity(value.source)} at {value.delimiter}>"
    if isinstance(value, Unknown):
        return f"<{value.what}>"
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{identity(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(identity(v) for v in value) + "]"
    return str(value)


def derived(value: Value, how: str, text: str) -> Text:
    """Return the text that a function makes of an open one: the same for the same arguments."""
    symbols = tuple(_symbols(value))
    reason = symbols[0].reason if symbols else "external_reference"
    needs = symbols[0].needs if symbols else ""
    return symbolic(Symbol(identity(value), how, text, reason=reason, needs=needs))


def _symbols(value: Value) -> Iterator[Symbol]:
    if isinstance(value, Node):
        value = value.value
    if isinstance(value, Symbolic):
        yield from value.symbols
    elif isinstance(value, OpenList):
        yield from value.source.symbols
    elif isinstance(value, dict):
        for item in value.values():
            yield from _symbols(item)
    elif isinstance(value, list):
        for item in value:
            yield from _symbols(item)


def scalar(value: Any) -> Text | None:
    """Return a leaf as the text that CloudFormation makes of it; None for what is no text."""
    if isinstance(value, (str, Symbolic, Unknown)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return None


def text_of(value: Value) -> Text | None:
    """Return the text of a node or leaf, alternatives included; None for what is no text."""
    if isinstance(value, Node):
        value = value.value
    if not isinstance(value, OneOf):
        return scalar(value)
    options = []
    for option in value.options:
        text = text_of(option)
        if text is None:
            return None
        options.append(text)
    return _alternatives(value.choice, tuple(options))


def text_or(value: Value, otherwise: Text) -> Text:
    """Return the text of a node, `otherwise` where it is not set."""
    if isinstance(value, Node):
        value = value.value
    if value is None:
        return otherwise
    if isinstance(value, OneOf):
        options = tuple(text_or(option, otherwise) for option in value.options)
        return _alternatives(value.choice, options)
    text = scalar(value)
    return (
        Unknown("unsupported_expression", "a list stands where a text belongs")
        if text is None
        else text
    )


def _alternatives(choice: Choice, options: tuple[Text, ...]) -> Text:
    first = options[0]
    if all(identical(first, option) for option in options[1:]):
        return first
    return OneOf(choice, options)


def through(node: Node, change: Callable[[Node], Node]) -> Node:
    """Apply a change to a node, or to each of its alternatives."""
    value = node.value
    if not isinstance(value, OneOf):
        return change(node)
    options = tuple(
        through(o if isinstance(o, Node) else Node(o, node.at), change) for o in value.options
    )
    return combine(value.choice, options, node.at)


def combine(choice: Choice, nodes: tuple[Node, ...], at: Location) -> Node:
    """Return alternatives as one node; leaves that are the same become one leaf."""
    first = nodes[0].value
    if not isinstance(first, (dict, list)) and all(
        not isinstance(n.value, (dict, list)) and identical(first, n.value) for n in nodes[1:]
    ):
        return nodes[0]
    if all(node.at is at and not isinstance(node.value, (dict, list)) for node in nodes):
        return Node(OneOf(choice, tuple(node.value for node in nodes)), at)
    return Node(OneOf(choice, nodes), at)


def relocate(node: Node, at: Location) -> Node:
    """Return a value that was written elsewhere as one that stands here."""
    value = node.value
    if isinstance(value, list):
        return Node([relocate(item, at) for item in value], at)
    if isinstance(value, dict):
        return Node({key: relocate(item, at) for key, item in value.items()}, at)
    if isinstance(value, OneOf):
        nodes = tuple(
            relocate(o, at) if isinstance(o, Node) else Node(o, at) for o in value.options
        )
        return combine(value.choice, nodes, at)
    return Node(value, at)


def open_choice(node: Node) -> Choice | None:
    """Return the first choice that a value hangs on, at any depth."""
    value = node.value
    if isinstance(value, OneOf):
        return value.choice
    if isinstance(value, list):
        items: Sequence[Node] = value
    elif isinstance(value, dict):
        items = tuple(value.values())
    else:
        return None
    for item in items:
        choice = open_choice(item)
        if choice is not None:
            return choice
    return None


def pin(node: Node, choice: Choice, answer: int) -> Node:
    """Return the value under one answer."""
    if open_choice(node) is None:
        return node
    value = node.value
    while isinstance(value, OneOf) and value.choice == choice:
        chosen = value.options[answer]
        node = chosen if isinstance(chosen, Node) else Node(chosen, node.at)
        value = node.value
    if isinstance(value, OneOf):
        options = tuple(
            pin(o if isinstance(o, Node) else Node(o, node.at), choice, answer)
            for o in value.options
        )
        return Node(OneOf(value.choice, options), node.at)
    if isinstance(value, list):
        return Node([pin(item, choice, answer) for item in value], node.at)
    if isinstance(value, dict):
        return Node({k: pin(item, choice, answer) for k, item in value.items()}, node.at)
    return node


class _TooMany(Exception):  # noqa: N818 - what was found on the way
    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice


def spread(arguments: Sequence[Node], function: Callable[..., Node], at: Location) -> Node:
    """Apply a function that knows no choices under each answer to those in its arguments."""
    try:
        return _spread(arguments, function, at, MAX_OPTIONS)
    except _TooMany as too_many:
        choice = too_many.choice
        return Node(Unknown("too_complex", f"too much hangs on {choice.text}", choice.needs), at)


def _spread(
    arguments: Sequence[Node], function: Callable[..., Node], at: Location, room: int
) -> Node:
    for argument in arguments:
        choice = open_choice(argument)
        if choice is None:
            continue
        room //= len(choice.answers)
        if room < 1:
            raise _TooMany(choice)
        options = tuple(
            _spread([pin(a, choice, answer) for a in arguments], function, at, room)
            for answer in range(len(choice.answers))
        )
        return combine(choice, options, at)
    return function(*arguments)


def present(nodes: Sequence[Node]) -> list[Node]:
    """Return the elements of a list without those that `AWS::NoValue` removed."""
    return [node for node in nodes if node.value is not None]


def split(text: Text, delimiter: str) -> list[Text] | OpenList:
    """Split text; where a symbol may hold the delimiter, the list is open from there on."""
    if isinstance(text, str):
        return list(text.split(delimiter))
    if not isinstance(text, Symbolic):
        raise TypeError("only settled text can be split")
    pieces: list[list[str | Symbol]] = [[]]
    for index, part in enumerate(text.parts):
        if isinstance(part, Symbol):
            if not _excludes(part, delimiter):
                known = tuple(join(*piece) for piece in pieces[:-1])
                rest = join(*pieces[-1], *text.parts[index:])
                return OpenList(text, delimiter, known, rest)
            pieces[-1].append(part)
            continue
        first, *others = part.split(delimiter)
        pieces[-1].append(first)
        pieces.extend([other] for other in others)
    return [join(*piece) for piece in pieces]


def _excludes(symbol: Symbol, delimiter: str) -> bool:
    if len(delimiter) != 1 or symbol.form == "any":
        return False
    if symbol.form == "account":
        return delimiter not in _DIGITS
    return delimiter in _SEPARATORS or delimiter == ","


def element(items: OpenList, index: int) -> Text:
    """Return an element of an open list: a text that equals itself."""
    known = items.known
    if index < len(known):
        return known[index]
    if items.delimiter == ":":
        # The ARNs of S3, IAM and KMS hold no colon after the fifth.
        if index == 5 and len(known) == 5:
            return items.rest
        if len(items.source.parts) == 1 and 0 < index < 6:
            arn = parse_arn(items.source)
            if arn is not None:
                return arn[index - 1]
    text = f"element {index} of {items.source} at {items.delimiter!r}"
    return symbolic(Part(items.source, f"element {index} at {items.delimiter}", text))
