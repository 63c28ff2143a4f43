"""Templates of the CDK: with their constructs, and with what it has not looked up marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from crrlint.documents.source import Document
from crrlint.values import Symbol

MISSING: Final = "Fn::MissingContext"
"""Ours: a text in which something stands for what the CDK has not looked up."""


_EVALUATED: Final = ("Conditions", "Resources", "Outputs")


def of_app(
    document: Document, constructs: Mapping[str, str], dummies: Mapping[str, Symbol]
) -> Document:
    """Return a template of the CDK with its constructs, and its dummies marked as such."""
    data = document.data
    if any(dummy in document.text for dummy in dummies):
        marked = {name: _marked(data[name], tuple(dummies)) for name in _EVALUATED if name in data}
        data = {**data, **marked}
    return Document(
        document.path,
        document.text,
        document.syntax,
        data,
        part=document.part,
        within=document.within,
        above=document.above,
        constructs=constructs,
    )


def _marked(data: Any, dummies: tuple[str, ...]) -> Any:
    if isinstance(data, str):
        return {MISSING: data} if any(dummy in data for dummy in dummies) else data
    if isinstance(data, list):
        return [_marked(item, dummies) for item in data]
    if isinstance(data, dict):
        sub = data.get("Fn::Sub")
        if isinstance(sub, str) and any(dummy in sub for dummy in dummies):
            return {
                "Fn::Join": [
                    "",
                    [{MISSING: p} if p in dummies else {"Fn::Sub": p} for p in _cut(sub, dummies)],
                ]
            }
        return {key: _marked(value, dummies) for key, value in data.items()}
    return data


def _cut(text: str, dummies: tuple[str, ...]) -> list[str]:
    longest_first = sorted(dummies, key=len, reverse=True)
    return re.split(f"({'|'.join(map(re.escape, longest_first))})", text)


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
