"""HCL as Terraform and OpenTofu write it: syntax, expressions, functions.

A library of its own that knows nothing of resources, providers or AWS.

`parse(path, text)` gives a `File`; `parse(path, text, wanted)` converts at once the blocks
whose type and labels it wants, and drops the parser's tree.  A `File` has `problems` and a `body`:

    for block in file.body.blocks("resource", labels=2):
        block.type, block.labels, block.at, block.broken
        block.body.attributes["bucket"].value         # an Expression
        block.body.blocks("versioning")

`evaluate(expression, scope)` gives a `Node`, whose place is where the value was written.  It raises
`Fault`, and nothing else, for what has no value.  The `Scope` is the consumer's: it tells
what names stand for (`resolve`), and reads files.  What an expression cannot decide is
an `Unknown`, a `Symbolic` or a `OneOf` (crrlint.values), or one of the leaves of
`crrlint.loaders.hcl.values`, all of them kinds of `Unknown`:

    JsonText     what `jsonencode` gave; `document_of(node)` has the value that it is the text of
    OpenText     text with unknown parts
    OpenObject   a resource or a module, whose attributes the consumer gives one by one
    Sensitive    a marked value

`finish(node)` makes leaves of the model of them where no document is meant (a JsonText becomes
its text).  `document_of(node)` gives the value of JSON text however it was made (jsonencode, a
heredoc with interpolations, a file), each part at its place; None when it is no JSON.

`parse_type(expression)` reads a type constraint, `convert(node, type)` applies it.
`truth(node)` reads a condition: a boolean, a `OneOf` of booleans or an `Unknown`.
"""

from __future__ import annotations

from crrlint.loaders.hcl.conditions import truth
from crrlint.loaders.hcl.constraints import parse_type
from crrlint.loaders.hcl.evaluate import evaluate
from crrlint.loaders.hcl.json_decoder import document_of
from crrlint.loaders.hcl.json_text import finish, text_of
from crrlint.loaders.hcl.parse import parse, parse_json
from crrlint.loaders.hcl.scope import Fault, Found, Locals, NoFiles, Scope, Unreadable
from crrlint.loaders.hcl.syntax import Attribute, Block, Body, Expression, File
from crrlint.loaders.hcl.types import Type, convert
from crrlint.loaders.hcl.values import (
    JsonText,
    ListOf,
    MapOf,
    OpenCollection,
    OpenKeys,
    OpenMembers,
    OpenObject,
    OpenText,
    OpenValue,
    Sensitive,
    SetOf,
    TextSymbol,
    Unwritten,
    bounded,
)

__all__ = [
    "Attribute",
    "Block",
    "Body",
    "Expression",
    "Fault",
    "File",
    "Found",
    "JsonText",
    "ListOf",
    "Locals",
    "MapOf",
    "NoFiles",
    "OpenCollection",
    "OpenKeys",
    "OpenMembers",
    "OpenObject",
    "OpenText",
    "OpenValue",
    "Scope",
    "Sensitive",
    "SetOf",
    "TextSymbol",
    "Type",
    "Unreadable",
    "Unwritten",
    "bounded",
    "convert",
    "document_of",
    "evaluate",
    "finish",
    "parse",
    "parse_json",
    "parse_type",
    "text_of",
    "truth",
]
