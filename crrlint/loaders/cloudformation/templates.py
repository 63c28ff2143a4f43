"""Templates as documents: out of the answer that holds them, and with what the CDK says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crrlint.loaders import is_template
from crrlint.parse import Unreadable, parse
from crrlint.source import Document, Location, Problem
from crrlint.values import Symbol

MISSING: Final = "Fn::MissingContext"
"""Ours: a text in which something stands for what the CDK has not looked up."""


class _Body(Document):
    """A template that is a member of its document."""

    __slots__ = ()

    @property
    def root(self) -> Location:
        return Location(self, Location(self), "TemplateBody")


def unwrapped(document: Document, problems: list[Problem]) -> Document | None:
    """Return the template that the answer of get-template holds, or the document itself."""
    if "TemplateBody" not in document.data or is_template(document.data):
        return document
    body = document.data["TemplateBody"]
    if isinstance(body, dict):
        return _Body(document.path, document.text, document.syntax, body, part=document.part)
    try:
        inner = parse(document.path, body)[0]
    except Unreadable as error:
        problems.append(Problem(document.path, f"TemplateBody {error.message}"))
        return None
    if len(inner) != 1 or not isinstance(inner[0].data, dict) or not is_template(inner[0].data):
        problems.append(Problem(document.path, "TemplateBody is no template"))
        return None
    within = document.root / "TemplateBody"
    return Document(document.path, body, inner[0].syntax, inner[0].data, within=within)


def of_app(
    document: Document, constructs: Mapping[str, str], dummies: Mapping[str, Symbol]
) -> Document:
    """Return a template of the CDK with its constructs, and its dummies marked as such."""
    data = document.data
    if any(dummy in document.text for dummy in dummies):
        data = _marked(data, tuple(dummies))
    return Document(
        document.path,
        document.text,
        document.syntax,
        data,
        part=document.part,
        within=document.within,
        constructs=constructs,
    )


def _marked(data: Any, dummies: tuple[str, ...]) -> Any:
    if isinstance(data, str):
        return {MISSING: data} if any(dummy in data for dummy in dummies) else data
    if isinstance(data, list):
        return [_marked(item, dummies) for item in data]
    if isinstance(data, dict):
        return {key: _marked(value, dummies) for key, value in data.items()}
    return data


def pieces(text: str, dummies: Mapping[str, Symbol]) -> Iterator[str | Symbol]:
    """Yield a text with symbols in the place of what stands for a missing value."""
    found = [(text.find(dummy), -len(dummy), dummy) for dummy in dummies if dummy in text]
    if not found:
        yield text
        return
    start, _, dummy = min(found)
    yield text[:start]
    yield dummies[dummy]
    yield from pieces(text[start + len(dummy) :], dummies)
