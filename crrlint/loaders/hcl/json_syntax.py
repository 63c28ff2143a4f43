"""HCL in JSON: the same bodies and expressions, made of objects, lists and strings.

Every string is a template.  Whether a member is an attribute or blocks is up to whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.hcl.convert import MAX_DEPTH
from crrlint.loaders.hcl.numbers import number
from crrlint.loaders.hcl.parse import parse_template
from crrlint.loaders.hcl.syntax import (
    Attribute,
    Bad,
    Block,
    Expression,
    File,
    Item,
    Literal,
    Object,
    Tree,
    Tuple,
)

_COMMENT: Final = "//"


def parse_text(path: str, text: str) -> File:
    from crrlint.documents.parse import Unreadable
    from crrlint.documents.parse import parse as parse_document

    try:
        documents, problems = parse_document(path, text)
    except Unreadable as error:
        document = Document(path, text, "json", {})
        problem = Problem(path, error.message, error.line, error.column)
        return File(document, _Body({}, document.root), (problem,))
    if not documents:
        document = Document(path, text, "json", {})
        problem = Problem(path, "is empty", 1)
        return File(document, _Body({}, document.root), (problem,))
    file = file_of(documents[0])
    return file._replace(problems=(*problems, *file.problems))


def file_of(document: Document) -> File:
    data = document.data
    problems: tuple[Problem, ...] = ()
    if not isinstance(data, dict) and not (
        isinstance(data, list) and all(isinstance(part, dict) for part in data)
    ):
        problems = (Problem(document.path, "is no object, as configuration in JSON has to be", 1),)
        data = {}
    return File(document, _Body(data, document.root), problems)


class _Body:
    """An object, or a list of objects that are one body together."""

    __slots__ = ("_at", "_attributes", "_data")

    def __init__(self, data: Any, at: Location) -> None:
        self._data = data
        self._at = at
        self._attributes: dict[str, Attribute] | None = None

    @property
    def at(self) -> Location:
        return self._at

    @property
    def attributes(self) -> dict[str, Attribute]:
        if self._attributes is None:
            self._attributes = {
                name: Attribute(name, Expression(_expression(value, 0), at / name), at / name)
                for part, at in _parts(self._data, self._at)
                for name, value in part.items()
                if name != _COMMENT
            }
        return self._attributes

    def blocks(self, type: str, labels: int = 0) -> Sequence[Block]:
        return [
            block
            for part, at in _parts(self._data, self._at)
            if type in part
            for block in _blocks(type, (), labels, part[type], at / type)
        ]

    @property
    def block_types(self) -> Sequence[str]:
        names = (name for part, _ in _parts(self._data, self._at) for name in part)
        return [name for name in dict.fromkeys(names) if name != _COMMENT]


class _Block:
    __slots__ = ("_at", "_body", "_labels", "_type")

    broken: Final = False

    def __init__(self, type: str, labels: tuple[str, ...], data: Any, at: Location) -> None:
        self._type = type
        self._labels = labels
        self._at = at
        self._body = _Body(data, at)

    @property
    def type(self) -> str:
        return self._type

    @property
    def labels(self) -> tuple[str, ...]:
        return self._labels

    @property
    def at(self) -> Location:
        return self._at

    @property
    def body(self) -> _Body:
        return self._body


def _parts(data: Any, at: Location) -> Iterator[tuple[dict[str, Any], Location]]:
    if isinstance(data, dict):
        yield data, at
    elif isinstance(data, list):
        for index, part in enumerate(data):
            if isinstance(part, dict):
                yield part, at / index


def _blocks(
    type: str, labels: tuple[str, ...], more: int, data: Any, at: Location
) -> Iterator[_Block]:
    for part, place in _parts(data, at):
        if not more:
            yield _Block(type, labels, part, place)
            continue
        for label, inner in part.items():
            if label != _COMMENT:
                yield from _blocks(type, (*labels, label), more - 1, inner, place / label)


def _expression(data: Any, depth: int) -> Tree:
    if depth > MAX_DEPTH:
        return Bad(f"is nested more than {MAX_DEPTH} levels deep", 0, 0)
    if isinstance(data, str):
        return _template(data)
    if isinstance(data, dict):
        items = [
            Item(_template(key), _expression(value, depth + 1), 0, 0)
            for key, value in data.items()
            if key != _COMMENT
        ]
        return Object(tuple(items), 0, 0)
    if isinstance(data, list):
        return Tuple(tuple([_expression(value, depth + 1) for value in data]), 0, 0)
    if isinstance(data, float):
        return _real(data)
    return Literal(data, 0, 0)


def _real(data: float) -> Tree:
    try:
        return Literal(number(repr(data)), 0, 0)
    except ValueError:  # NaN, or out of all bounds
        return Bad("is no number that can be worked with", 0, 0)


def _template(text: str) -> Tree:
    if "${" not in text and "%{" not in text:
        return Literal(text, 0, len(text))
    return parse_template(text)
