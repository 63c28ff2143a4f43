"""Placeholders in documents that people write: `${bucket}`, `$BUCKET`, `{{ account }}`, ..."""

from __future__ import annotations

import re
from typing import Any, Final

from crrlint.values import Form, Symbol, Text, join

# IAM's own variables hold a colon (`${aws:username}`) or one of `*`, `?`, `$`.
_PLACEHOLDER: Final = re.compile(
    r"\$\{[A-Za-z_][\w.\-]*\}|\$[A-Z][A-Z0-9_]+|\{\{[^{}]*\}\}"
    r"|__[A-Z][A-Z0-9_]*__|<[A-Za-z][\w .\-]*>"
)
# Which field of an ARN a placeholder stands in, by the colons before it.
_FORMS: Final[dict[int, Form]] = {1: "partition", 3: "region", 4: "account"}


def filled(data: Any, path: str) -> Any:
    """Return plain data in which each placeholder is a symbol of its file."""
    if isinstance(data, dict):
        return {key: filled(value, path) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value, path) for value in data]
    return filled_text(data, path) if isinstance(data, str) else data


def filled_text(text: str, path: str) -> Text:
    pieces: list[str | Symbol] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        before = text[: found.start()]
        pieces.append(text[end : found.start()])
        pieces.append(
            Symbol(
                path,
                f"placeholder {found[0]}",
                found[0],
                form=_form(before, text[found.end() : found.end() + 1]),
                needs=f"give {path} with {found[0]} filled in",
            )
        )
        end = found.end()
    return text if not pieces else join(*pieces, text[end:])


def _form(before: str, following: str) -> Form:
    if not before.startswith("arn:"):
        return "any"
    colons = before.count(":")
    if before.endswith(":") and following == ":" and colons in _FORMS:
        return _FORMS[colons]
    if re.match(r"arn:[^:]*:s3:::[^/:]*\Z", before) and following in ("", "/"):
        return "name"
    return "any"
