"""Evaluates expressions, and shows their values in a form that is easy to compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crrlint.documents.source import Document, Node
from crrlint.loaders.hcl import (
    Expression,
    Fault,
    JsonText,
    ListOf,
    Locals,
    OpenCollection,
    OpenText,
    OpenValue,
    TextSymbol,
    document_of,
    evaluate,
    parse,
    text_of,
)
from crrlint.loaders.hcl.types import NUMBER, STRING, Collection
from crrlint.values import OneOf, Symbolic, Unknown, symbolic
from crrlint.values.symbols import Choice, Form, Symbol

TEXTS = Collection("list", STRING)
_FILE = Document("names.tf", "", "hcl", None)


def given(value: Any) -> Node:
    return Node(value, _FILE.root)


def text(name: str, nullable: bool = False) -> Node:
    """Return a symbol that is certain to be text."""
    return given(symbolic(TextSymbol(name, "value", f"<{name}>", nullable=nullable)))


def symbol(name: str, form: Form = "any") -> Node:
    return given(symbolic(Symbol(name, "value", f"<{name}>", form=form)))


FLAG = Choice("flag", ("true", "false"), "flag")
ENV = Choice("env", ("dev", "prod"), "env")
NAMES = {
    "name": symbol("name", "name"),
    "account": symbol("account", "account"),
    "region": symbol("region", "region"),
    "open": symbol("open"),
    "text": text("text"),
    "maybe": text("maybe", nullable=True),
    "amount": given(OpenValue(NUMBER, "amount", reason="unbound_parameter")),
    "list": given(OpenCollection("list", lambda key: None, "list", type=TEXTS)),
    "unknown": given(Unknown("deferred", "data.a.b", "a state")),
    "flag": given(OneOf(FLAG, (True, False))),
    "env": given(OneOf(ENV, ("dev", "prod"))),
}


def attribute(text: str, name: str = "v") -> Expression:
    """Return the expression of an argument of the one block in a text."""
    file = parse("main.tf", text)
    if file.problems:
        raise Fault(file.problems[0].message, file.document.root)
    return file.body.blocks("locals")[0].body.attributes[name].value


def value(text: str, names: Mapping[str, Node] | None = None) -> Node:
    """Evaluate an expression that stands in a file."""
    scope = Locals(dict(NAMES if names is None else names), "here")
    return evaluate(attribute(f"locals {{\n  v = {text}\n}}\n"), scope)


def plain(text: str) -> Any:
    """Return the plain value of an expression in which nothing is open, through its JSON."""
    made = text_of(Node(JsonText(value(text, {})), _FILE.root)).value
    assert isinstance(made, str), made
    return json.loads(made)


def shown(node: Node) -> Any:
    """Return a value with texts for what is open: symbols as `<name>`, `a | b`, `?reason`."""
    held = node.value
    if isinstance(held, OneOf):
        options = [o if isinstance(o, Node) else Node(o, node.at) for o in held.options]
        return tuple(shown(option) for option in options)
    if isinstance(held, dict):
        return {key: shown(item) for key, item in held.items()}
    if isinstance(held, list):
        items = [shown(item) for item in held]
        return items if not isinstance(held, ListOf) or held.certain else {"some": items}
    if isinstance(held, JsonText):
        return {"json": shown(held.node)}
    if isinstance(held, OpenText):
        inner = document_of(node)
        return {"text": None if inner is None else shown(inner)}
    if isinstance(held, Unknown):
        return f"?{held.reason}"
    return str(held) if isinstance(held, Symbolic) else held
