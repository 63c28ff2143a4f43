"""XML as plain data: elements are mappings, repeated ones lists, leaves are text.

Namespaces are dropped.  A document type or an entity is refused, so that no text
can grow or lead elsewhere.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from crrlint.documents.parse import MAX_DEPTH, Unreadable

NAMESPACE_SEPARATOR = "\n"


def parse_xml(text: str) -> dict[str, Any]:
    """Return the root's name with its content; raises `Unreadable`."""
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", NAMESPACE_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    builder.parser = parser
    try:
        # The text is decoded already, whatever encoding it declares.
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        message = f"is not valid XML: {expat.ErrorString(error.code)}"
        raise Unreadable(message, error.lineno, error.offset + 1) from None
    return builder.root


def _local(name: str) -> str:
    return name.rsplit(NAMESPACE_SEPARATOR, 1)[-1]


class _Builder:
    """Builds the data while the parser walks through the text."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.parser: Any = None
        # Each open element: its name, its children, and its text.
        self._open: list[tuple[str, dict[str, Any], list[str]]] = [("", self.root, [])]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
            message = f"is nested more than {MAX_DEPTH} levels deep"
            raise Unreadable(message, line, column, limit=True)
        content: dict[str, Any] = {_local(key): value for key, value in attributes.items()}
        self._open.append((_local(name), content, []))

    def text(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, _: str) -> None:
        name, content, texts = self._open.pop()
        value: Any = content or "".join(texts).strip()
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    def refuse(self, *_: Any) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise Unreadable("declares a document type, which is not read", line, column)
