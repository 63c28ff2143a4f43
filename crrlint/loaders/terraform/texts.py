"""What nobody named, as symbols: attributes that only AWS, or another program, gives."""

from __future__ import annotations

from typing import Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl import TextSymbol
from crrlint.values import Form, Reason, Symbol, Text, Unknown, symbolic

_TEXTS: Final = frozenset(
    ("id", "arn", "name", "bucket", "unique_id", "key_id", "hex", "result", "dec", "b64_url",
     "account_id", "region", "hosted_zone_id", "domain_name", "secret_string", "url", "email")
)  # fmt: skip
_TEXT_ENDINGS: Final = ("_arn", "_id", "_name", "_domain_name", "_region", "_email")


def unnamed(
    entity: str,
    attribute: str,
    text: str,
    *,
    form: Form = "any",
    unique: bool = False,
    reason: Reason = "deferred",
    needs: str = "",
) -> Text:
    symbol = TextSymbol(
        entity, attribute, text, form=form, unique=unique, reason=reason, needs=needs
    )
    return symbolic(symbol)


def open_member(
    entity: str,
    name: str,
    what: str,
    at: Location,
    *,
    aws: bool = False,
    reason: Reason,
    needs: str = "",
) -> Node:
    """Return an attribute of which only the name is known: a symbol where that means a text.

    It is certain to be text with AWS; elsewhere an id may be a number.
    """
    if name in _TEXTS or name.endswith(_TEXT_ENDINGS):
        kind = TextSymbol if aws else Symbol
        symbol = kind(entity, name, f"${{{what}}}", reason=reason, needs=needs)
        return Node(symbolic(symbol), at)
    return Node(Unknown(reason, what, needs), at)
