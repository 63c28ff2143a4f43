"""From what a template says to values: intrinsic functions, with the places of what they give."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.cloudformation import functions
from crrlint.loaders.cloudformation.loops import EACH, MAX_MADE, NO_SCOPE, Made, Scope, substitute
from crrlint.loaders.cloudformation.templates import MISSING, pieces
from crrlint.loaders.cloudformation.values import (
    OpenList,
    combine,
    identity,
    pin,
    relocate,
    scalar,
    spread,
    text_of,
)
from crrlint.values import OneOf, Symbol, Text, Unknown, Value, join, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Stack

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def evaluate(stack: Stack, data: Any, at: Location, scope: Scope = NO_SCOPE) -> Node:
    """Return the value of template data; a node of None is `AWS::NoValue`."""
    kind = type(data)
    if kind is str:
        return _text(stack, data, at, scope)
    if kind is dict:
        if len(data) == 1:
            (name,) = data
            function = _FUNCTIONS.get(name)
            if function is not None:
                return function(stack, data[name], at, scope)
            if name.startswith("Fn::") and not name.startswith(EACH):
                return Node(_unknown_function(name), at)
        return _mapping(stack, data, at, scope)
    if kind is list:
        document = at.document
        items: list[Node] = []
        for index, item in enumerate(data):
            below = Location(document, at, index)
            # A call for each of the many plain texts would double the time.
            if type(item) is str and not scope and "{{" not in item:
                items.append(Node(item, below))
            else:
                node = evaluate(stack, item, below, scope)
                if node.value is not None:
                    items.append(node)
        return Node(items, at)
    return Node(data, at)


def _text(stack: Stack, text: str, at: Location, scope: Scope) -> Node:
    if scope:
        text = substitute(text, scope)
    if "{{resolve:" in text:
        return Node(functions.dynamic(text, stack.site), at)
    return Node(text, at)


def _mapping(stack: Stack, data: dict[str, Any], at: Location, scope: Scope) -> Node:
    if "Fn::Transform" in data:
        return _transform(stack, data["Fn::Transform"], at, scope)
    document = at.document
    members: dict[str, Node] = {}
    for name, value in data.items():
        below = Location(document, at, name)
        if type(value) is str and not scope and "{{" not in value:
            members[name] = Node(value, below)
            continue
        if name.startswith(EACH):
            loop = expand(stack, name, value, at, scope)
            if loop is None:
                return Node(_unexpanded(name), at)
            for made in loop:
                members[made.name] = evaluate(stack, made.data, made.at, made.scope)
            continue
        node = evaluate(stack, value, below, scope)
        if node.value is not None or value is None:
            members[substitute(name, scope) if scope else name] = node
    return Node(members, at)


def _unknown_function(name: str) -> Unknown:
    return Unknown("unsupported_expression", f"what function {name} gives is not known")


def _unexpanded(name: str) -> Unknown:
    return Unknown("unsupported_expression", f"what {name} gives is not known")


def expand(stack: Stack, name: str, loop: Any, parent: Location, scope: Scope) -> list[Made] | None:
    """Return the members that `Fn::ForEach::...` makes; None when its collection is open."""
    at = parent / name
    if not (isinstance(loop, list) and len(loop) == 3 and isinstance(loop[2], dict)):
        stack.mistake(at, f"{name} is not a list of a name, a collection and a mapping")
        return None
    identifier, collection, body = loop
    made: list[Made] = []
    items = _collection(stack, collection, at / 1, scope)
    if items is None:
        return None
    for item in items:
        inner = {**scope, str(identifier): item}
        for key, data in body.items():
            if key.startswith(EACH):
                below = expand(stack, key, data, at / 2, inner)
                if below is None:
                    return None
                made.extend(below)
            else:
                made.append(Made(substitute(key, inner), data, at / 2 / key, inner))
        if len(made) > MAX_MADE:
            stack.mistake(at, f"{name} makes more than {MAX_MADE:,} members")
            return None
    return made


def _collection(stack: Stack, data: Any, at: Location, scope: Scope) -> list[str] | None:
    if isinstance(data, list):
        items: list[str] = []
        for index, entry in enumerate(data):
            value = evaluate(stack, entry, at / index, scope).value
            for node in value if isinstance(value, list) else [Node(value, at)]:
                text = scalar(node.value)
                if not isinstance(text, str):
                    return None
                items.append(text)
        return items
    node = evaluate(stack, data, at, scope)
    if not isinstance(node.value, list):
        return None
    texts = [scalar(item.value) for item in node.value]
    return [t for t in texts if isinstance(t, str)] if all_plain(texts) else None


def all_plain(texts: list[Text | None]) -> bool:
    return all(isinstance(text, str) for text in texts)


def _pure(name: str, work: Callable[..., Any], arity: int) -> Callable[..., Node]:
    """Return a function of the template whose arguments are evaluated before it."""

    def function(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
        below = at / name
        if arity == 1:
            arguments = [evaluate(stack, argument, below, scope)]
        elif isinstance(argument, list) and len(argument) >= arity:
            arguments = [evaluate(stack, part, below / i, scope) for i, part in enumerate(argument)]
        else:
            return stack.mistake(at, f"{name} needs a list of {arity} arguments")

        def apply(*nodes: Node) -> Node:
            try:
                made = work(nodes, at)
            except functions.Malformed as malformed:
                return stack.mistake(at, str(malformed))
            if isinstance(made, str):
                made = stack.settled_text(made)
            return made if isinstance(made, Node) else functions.as_node(made, at)

        return spread(arguments, apply, at)

    return function


def _join(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    if not (isinstance(argument, list) and len(argument) == 2):
        return stack.mistake(at, "Fn::Join needs a delimiter and a list")
    below = at / "Fn::Join"
    items = evaluate(stack, argument[1], below / 1, scope)
    delimiter = evaluate(stack, argument[0], below / 0, scope)

    def apply(delimiter: Node, items: Node) -> Node:
        if not isinstance(delimiter.value, str):
            return stack.mistake(at, "Fn::Join has a delimiter that is not text")
        try:
            return Node(stack.settled_text(functions.join_list(delimiter.value, items.value)), at)
        except functions.Malformed as malformed:
            return stack.mistake(at, str(malformed))

    return spread((delimiter, items), apply, at)


@lru_cache(maxsize=4096)
def _pieces(template: str) -> tuple[str, ...]:
    """Split at the variables: literals at even places, names at odd ones."""
    pieces = _VARIABLE.split(template)
    merged: list[str] = [pieces[0]]
    for name, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        if name.startswith("!"):
            merged[-1] += "${" + name[1:] + "}" + literal
        else:
            merged += [name.strip(), literal]
    return tuple(merged)


def _sub(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    template, given = argument, {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
        template, given = argument
    if not isinstance(template, str):
        return stack.mistake(at, "Fn::Sub needs a text, or a list of a text and a mapping")
    if scope:
        template = substitute(template, scope)
    pieces = _pieces(template)
    texts: dict[str, Text] = {}
    for name in pieces[1::2]:
        if name in texts:
            continue
        if name in given:
            node = evaluate(stack, given[name], at / "Fn::Sub" / 1 / name, scope)
        else:
            node = stack.named(name, at, scope)
        text = text_of(node)
        if text is None:
            return stack.mistake(at, f"Fn::Sub needs text, and ${{{name}}} is none")
        texts[name] = text.source if isinstance(text, OpenList) else text
    parts = (texts[piece] if index % 2 else piece for index, piece in enumerate(pieces))
    return Node(stack.settled_text(join(*parts)), at)


def _ref(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    name = substitute(argument, scope) if isinstance(argument, str) else argument
    if not isinstance(name, str):
        return stack.mistake(at, "Ref needs the name of a parameter or resource")
    return stack.reference(name, at, scope)


def _get_att(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not (isinstance(argument, list) and len(argument) >= 2):
        return stack.mistake(at, "Fn::GetAtt needs a resource and an attribute")
    if len(argument) == 2 and not scope and type(argument[0]) is type(argument[1]) is str:
        return stack.attribute(argument[0], argument[1], at)
    below = at / "Fn::GetAtt"
    texts = [
        text_of(evaluate(stack, part, below / index, scope)) for index, part in enumerate(argument)
    ]
    if not all_plain(texts):
        what = ".".join(str(text) for text in texts)
        return Node(Unknown("unsupported_expression", f"attribute {what} is not known"), at)
    return stack.attribute(str(texts[0]), ".".join(str(t) for t in texts[1:]), at)


def _if(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    if not (isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str)):
        return stack.mistake(at, "Fn::If needs the name of a condition and two values")
    answer = stack.condition(substitute(argument[0], scope), at)
    below = at / "Fn::If"

    def branch(index: int) -> Node:
        return evaluate(stack, argument[index], below / index, scope)

    if isinstance(answer, bool):
        return branch(1 if answer else 2)
    return _branches(answer, branch(1), branch(2), at)


def _branches(answer: Value, yes: Node, no: Node, at: Location) -> Node:
    if not isinstance(answer, OneOf):
        return yes if answer else no
    choice = answer.choice
    options = tuple(
        _branches(option, pin(yes, choice, index), pin(no, choice, index), at)
        for index, option in enumerate(answer.options)
    )
    return combine(choice, options, at)


def _find_in_map(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    if not (isinstance(argument, list) and len(argument) in (3, 4)):
        return stack.mistake(at, "Fn::FindInMap needs a mapping and two keys")
    below = at / "Fn::FindInMap"
    keys = [evaluate(stack, part, below / i, scope) for i, part in enumerate(argument[:3])]
    default: Node | None = None
    if len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]:
        place = below / 3 / "DefaultValue"
        default = evaluate(stack, argument[3]["DefaultValue"], place, scope)

    def look(*nodes: Node) -> Node:
        texts = [text_of(node) for node in nodes]
        try:
            return functions.look_up(stack.mappings, texts, default, at, stack.id)
        except functions.Malformed as malformed:
            return stack.mistake(at, str(malformed))

    return spread(keys, look, at)


def _import_value(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    name = evaluate(stack, argument, at / "Fn::ImportValue", scope)
    return spread((name,), lambda n: relocate(stack.imported(text_of(n), at), at), at)


def _get_stack_output(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    if not isinstance(argument, dict) or "OutputName" not in argument:
        return stack.mistake(at, "Fn::GetStackOutput needs StackName and OutputName")
    below = at / "Fn::GetStackOutput"
    names = ("StackName", "OutputName", "Region", "RoleArn")
    asked = [evaluate(stack, argument.get(n), below / n, scope) for n in names]

    def look(*nodes: Node) -> Node:
        name, output, region, role = (text_of(node) for node in nodes)
        return relocate(stack.stack_output(name, output, region, role, at), at)

    return spread(asked, look, at)


def _get_azs(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    region = text_of(evaluate(stack, argument, at / "Fn::GetAZs", scope)) or stack.region_text
    symbol = Symbol(
        identity(region),
        f"availability zones of {stack.site}",
        f"the availability zones of {region}",
        reason="external_reference",
    )
    source = symbolic(symbol)
    return Node(OpenList(source, ",", (), source), at)


def _to_json_string(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    node = evaluate(stack, argument, at / "Fn::ToJsonString", scope)
    return spread((node,), lambda n: Node(stack.settled_text(functions.to_json(n)), at), at)


def _transform(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    first = argument[0] if isinstance(argument, list) and argument else argument
    name = first.get("Name") if isinstance(first, dict) else first
    what = f"macro {name} gives"
    if name == "AWS::Include":
        what = "AWS::Include inserts here"
    needs = "the processed template (aws cloudformation get-template --template-stage Processed)"
    return Node(Unknown("unsupported_expression", f"what {what} is not known", needs), at)


def _missing(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
    return Node(join(*pieces(str(argument), stack.known.dummies)), at)


def _misplaced(name: str) -> Callable[..., Node]:
    def function(stack: Stack, argument: Any, at: Location, scope: Scope) -> Node:
        return stack.mistake(at, f"{name} stands outside of Conditions")

    return function


_FUNCTIONS: Final[dict[str, Callable[[Stack, Any, Location, Scope], Node]]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::GetAZs": _get_azs,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Transform": _transform,
    MISSING: _missing,
    "Fn::Split": _pure("Fn::Split", lambda n, at: functions.split_text(n[0].value, n[1].value), 2),
    "Fn::Select": _pure(
        "Fn::Select", lambda n, at: functions.select(n[0].value, n[1].value, at), 2
    ),
    "Fn::Base64": _pure("Fn::Base64", lambda n, at: functions.base64(n[0].value), 1),
    "Fn::Length": _pure("Fn::Length", lambda n, at: functions.length(n[0].value), 1),
    "Fn::Cidr": _pure("Fn::Cidr", lambda n, at: functions.cidr([x.value for x in n]), 2),
    "Fn::And": _misplaced("Fn::And"),
    "Fn::Or": _misplaced("Fn::Or"),
    "Fn::Not": _misplaced("Fn::Not"),
    "Fn::Equals": _misplaced("Fn::Equals"),
}
