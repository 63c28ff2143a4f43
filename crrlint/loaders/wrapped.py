"""A template in the answer to get-template: an object where it is JSON, a string where YAML."""

from __future__ import annotations

from typing import Final

from crrlint.documents.parse import Unreadable, parse
from crrlint.documents.source import Document

_BODY: Final = "TemplateBody"


def unwrapped(document: Document) -> Document:
    """Return the template that a document wraps, any other document as it is."""
    data = document.data
    if not isinstance(data, dict) or not data.keys() <= {_BODY, "StagesAvailable"}:
        return document
    body = data.get(_BODY)
    if isinstance(body, dict):
        return Document(
            document.path,
            document.text,
            document.syntax,
            body,
            part=document.part,
            above=(*document.above, _BODY),
        )
    if isinstance(body, str):
        try:
            inner, _ = parse(document.path, body)
        except Unreadable:
            return document
        if len(inner) == 1:
            found = inner[0]
            at = document.root / _BODY
            return Document(document.path, found.text, found.syntax, found.data, within=at)
    return document
