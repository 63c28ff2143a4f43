"""Function calls: arguments of the kinds that a function asks for, answers as far as certain.

Functions are written as if everything were known.  An argument that is open raises
`Undecided`: on a choice, the call is made under each answer; otherwise its value is a symbol
that equals itself, where the arguments are symbols, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl.choices import alternatives, decide, derived, fails, has_failed, unknown
from crrlint.loaders.hcl.environment import Environment
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import IMPURE, Function, find
from crrlint.loaders.hcl.json_text import known
from crrlint.loaders.hcl.numbers import OutOfRange, Real
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.sets import set_of
from crrlint.loaders.hcl.syntax import Call, Tree, place
from crrlint.loaders.hcl.types import ANY, BOOL, NUMBER, STRING, Collection, convert, described
from crrlint.loaders.hcl.values import (
    MAX_PARTS,
    MAX_TEXT,
    Failed,
    ListOf,
    MapOf,
    OpenKeys,
    OpenValue,
    SetOf,
    is_text,
)
from crrlint.values import OneOf, Symbolic, Undecided, Unknown, settle, symbolic

ValueOf = Callable[[Tree, Location, Environment], Node]


def call(tree: Call, at: Location, env: Environment, value_of: ValueOf) -> Node:
    where = place(at, tree)
    name = tree.name.removeprefix("core::")
    if name == "try":
        return _try(tree, at, env, value_of)
    if name == "can":
        return _can(tree, at, env, value_of)
    arguments = [value_of(argument, at, env) for argument in tree.arguments]
    if tree.expands and arguments:
        last = arguments.pop()
        spread = _expanded(last, where)
        if isinstance(spread, Unknown):
            env.doubt()
            return Node(spread, where)
        arguments += spread
    function = find(name)
    if function is None:
        if name not in IMPURE and "::" not in name:
            raise Fault(f"there is no function {name}", where)
        env.doubt()
        what = IMPURE.get(name, f"the function {name} is not one that can be evaluated here")
        return Node(Unknown("unsupported_expression", what), where)
    if function.files:
        return decide(lambda: _files(function, name, arguments, where, env), where)
    return decide(lambda: apply(function, name, arguments, where, env), where)


def _expanded(last: Node, at: Location) -> list[Node] | Unknown:
    value = last.value
    if isinstance(value, list) and not (isinstance(value, ListOf) and not value.certain):
        return list(value)
    if isinstance(value, ListOf):
        return Unknown(
            "unsupported_expression", "the arguments that a list of open order stands for"
        )
    if isinstance(value, (Symbolic, Unknown, OneOf)):
        cause = value.undecided()
        return Unknown(cause.reason, cause.what, cause.needs)
    raise Fault("what stands before `...` has to be a list", at)


def apply(
    function: Function, name: str, arguments: Sequence[Node], at: Location, env: Environment
) -> Node:
    """Call a function with settled arguments; raises `Undecided` on an open choice."""
    kinds = function.kinds(len(arguments))
    if kinds is None:
        raise Fault(f"{name} does not take {len(arguments)} arguments", at)
    for argument in arguments:
        if isinstance(argument.value, Failed):
            raise Fault(argument.value.message, argument.value.at)
        if name not in _TAKE_ANYTHING and _may_not_fit(argument):
            env.doubt()
    try:
        values = [
            _KINDS[kind](argument, at, name)
            for kind, argument in zip(kinds, arguments, strict=True)
        ]
        made = function.implementation(*values)
        limit = MAX_TEXT if type(made) is str else MAX_PARTS
        if isinstance(made, (str, list, dict)) and len(made) > limit:
            raise Undecided("too_complex", f"more than {limit} of what {name} makes")
    except Undecided as open_:
        if open_.choice is not None:
            raise
        env.doubt()
        return _open(function, name, arguments, at, open_)
    except (BadArgument, OutOfRange) as error:
        raise Fault(f"{name}: {error}", at) from None
    return noded(made, at)


_TAKE_ANYTHING: Final = frozenset(
    ("contains", "issensitive", "jsonencode", "nonsensitive", "sensitive", "yamlencode")
)


def _may_not_fit(argument: Node) -> bool:
    """Tell whether an argument, or an element of it, may be of any type."""
    value = argument.value
    if isinstance(value, Symbolic):
        return not is_text(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(i.value, Symbolic) and not is_text(i.value) for i in items)


def noded(made: Any, at: Location) -> Node:
    """Give what a function made its place: new containers, texts and numbers stand here."""
    if isinstance(made, Node):
        return made
    if isinstance(made, ListOf):
        items = [noded(item, at) for item in made]
        return Node(type(made)(items, made.certain, made.counted, made.of), at)
    if isinstance(made, (list, tuple)):
        return Node([noded(item, at) for item in made], at)
    if isinstance(made, dict):
        members = {key: noded(item, at) for key, item in made.items()}
        return Node(MapOf(members, made.of) if isinstance(made, MapOf) else members, at)
    return Node(made, at)


def _open(
    function: Function, name: str, arguments: Sequence[Node], at: Location, open_: Undecided
) -> Node:
    if function.text:
        symbol = derived(name, list(arguments))
        if symbol is not None:
            symbol.form = function.form
            return Node(symbolic(symbol), at)
    from crrlint.loaders.hcl.functions.results import RESULTS

    type_ = STRING if function.text else RESULTS.get(name)
    if type_ is not None:
        return Node(OpenValue(type_, open_.what, reason=open_.reason, needs=open_.needs), at)
    return Node(unknown(open_), at)


def _files(
    function: Function, name: str, arguments: Sequence[Node], at: Location, env: Environment
) -> Node:
    """Call a function that reads files; a file that cannot be read makes it unknown."""
    from crrlint.loaders.hcl.functions.files import Files

    bound = Function(
        lambda *values: function.implementation(Files(env, name, at), *values),
        function.parameters,
        function.rest,
        function.optional,
    )
    return apply(bound, name, arguments, at, env)


def _try(tree: Call, at: Location, env: Environment, value_of: ValueOf) -> Node:
    where = place(at, tree)
    if not tree.arguments:
        raise Fault("try needs at least one argument", where)
    fault: Fault | None = None
    for position, argument in enumerate(tree.arguments):
        before = env.doubts
        try:
            node = value_of(argument, at, env)
        except Fault as caught:
            if caught.final:
                raise
            fault = caught
            continue
        doubtful = env.doubts > before
        if not doubtful and not has_failed(node):
            return node
        env.reset(before)
        if doubtful and isinstance(node.value, Unknown):
            env.doubt()
            return node
        rest = tree._replace(arguments=tree.arguments[position + 1 :])
        try:
            other = _try(rest, at, env, value_of)
        except Fault as missing:
            if missing.final:
                raise
            # Under some answer there may be no value at all.
            if doubtful:
                env.doubt()
            return node
        if has_failed(node):
            node = _without_failures(node, other, where)
        return _doubtful(node, other, argument, at, env) if doubtful else node
    assert fault is not None
    raise fault


def _doubtful(node: Node, other: Node, tried: Tree, at: Location, env: Environment) -> Node:
    """A value that may turn out not to be there: then the next argument counts."""
    from crrlint.loaders.hcl.conditions import same_everywhere
    from crrlint.values.symbols import Choice

    where = place(at, tried)
    cause = _cause(node)
    text = same_everywhere(tried, at, env)
    # Equal values need not hang on one question: where they come from has to be the same.
    key = env.question(where) if text is None else f"{env.scope.id} try {text}"
    choice = Choice(key, ("true", "false"), f"whether there is {cause.what}", cause.needs)
    return alternatives(choice, (node, other), where)


def _cause(node: Node) -> Unknown:
    for below in node.walk():
        value = below.value
        if isinstance(value, Symbolic):
            symbol = value.symbols[0]
            return Unknown(symbol.reason, str(value), symbol.needs)
        if isinstance(value, Unknown):
            return value
    return Unknown("unsupported_expression", "a value that is not known")


def _without_failures(node: Node, other: Node, at: Location) -> Node:
    """Put the other value where there is none under some answer."""

    def made() -> Node:
        if fails(node):
            return other
        return node.settled() if isinstance(node.value, OneOf) else node

    return decide(made, at)


def _can(tree: Call, at: Location, env: Environment, value_of: ValueOf) -> Node:
    where = place(at, tree)
    if len(tree.arguments) != 1:
        raise Fault("can takes one argument", where)
    before = env.doubts
    try:
        node = value_of(tree.arguments[0], at, env)
    except Fault as fault:
        if fault.final:
            raise
        env.reset(before)
        return Node(False, where)
    doubtful = env.doubts > before
    env.reset(before)
    if doubtful:
        cause = _cause(node)
        return Node(Unknown(cause.reason, cause.what, cause.needs), where)

    return decide(lambda: Node(not fails(node), where), where)


# What a function asks for.  Each takes a node and returns what the function gets.


def _settled(node: Node, at: Location, name: str) -> Node:
    return known(node)


def _value(node: Node, at: Location, name: str) -> Node:
    node = known(node)
    if node.value is None:
        raise Fault(f"{name} needs an argument that is not null", at)
    return node


def _keyed(node: Node, at: Location, name: str) -> Node:
    settled = node.settled()
    return settled if isinstance(settled.value, OpenKeys) else _value(node, at, name)


def _typed(node: Node, type: Any, at: Location, name: str) -> Any:
    node = _value(node, at, name)
    try:
        return convert(node, type).value
    except Fault as fault:
        raise Fault(f"{name}: {fault.message}", at) from None


def _text(node: Node, at: Location, name: str) -> str | Symbolic:
    made: str | Symbolic = _typed(node, STRING, at, name)
    return made


def _plain(node: Node, at: Location, name: str) -> Any:
    value = _text(node, at, name)
    if isinstance(value, Symbolic):
        raise value.undecided()
    return value


def _number(node: Node, at: Location, name: str) -> Any:
    value = _typed(node, NUMBER, at, name)
    if isinstance(value, Unknown):
        raise value.undecided()
    return value


def _whole(node: Node, at: Location, name: str) -> int:
    value = _number(node, at, name)
    if isinstance(value, Real):
        raise Fault(f"{name} needs a whole number", at)
    return int(value)


def _bool(node: Node, at: Location, name: str) -> bool:
    return bool(settle(_typed(node, BOOL, at, name)))


def _bag(node: Node, at: Location, name: str) -> list[Node]:
    node = _value(node, at, name)
    value = node.value
    if isinstance(value, Symbolic):
        raise value.undecided()
    if not isinstance(value, list):
        raise Fault(f"{name}: {described(value)} where a list is needed", at)
    return value


def _list(node: Node, at: Location, name: str) -> list[Node]:
    value = _bag(node, at, name)
    if isinstance(value, ListOf) and not value.certain:
        raise Undecided("unsupported_expression", "a list of open order")
    return value


def _alike(node: Node, at: Location, name: str) -> ListOf:
    """A list of one type, as a parameter `list(any)` makes it."""
    value = _bag(node, at, name)
    if isinstance(value, ListOf) and not isinstance(value, SetOf):
        return value
    made = _typed(Node(value, node.at), Collection("list", ANY), at, name)
    assert isinstance(made, ListOf)
    return made


def _texts(node: Node, at: Location, name: str) -> list[str | Symbolic | None]:
    return [
        None if known(item).value is None else _text(item, at, name)
        for item in _list(node, at, name)
    ]


def _strings(node: Node, at: Location, name: str) -> list[str]:
    return [_plain(item, at, name) for item in _list(node, at, name)]


def _map(node: Node, at: Location, name: str) -> dict[str, Node]:
    node = _value(node, at, name)
    value = node.value
    if isinstance(value, Symbolic):
        raise value.undecided()
    if not isinstance(value, dict):
        raise Fault(f"{name}: {described(value)} where a map is needed", at)
    return value


def _set(node: Node, at: Location, name: str) -> SetOf:
    value = _bag(node, at, name)
    if isinstance(value, SetOf):
        return value
    items = _alike(Node(value, node.at), at, name)
    return set_of(items, items.counted, items.of)


_KINDS: Final[dict[str, Callable[[Node, Location, str], Any]]] = {
    "any": lambda node, at, name: node,
    "nullable": _settled,
    "value": _value,
    "keyed": _keyed,
    "text": _text,
    "str": _plain,
    "number": _number,
    "int": _whole,
    "bool": _bool,
    "bag": _bag,
    "list": _list,
    "alike": _alike,
    "texts": _texts,
    "strings": _strings,
    "map": _map,
    "set": _set,
}
