"""From bytes to documents: encodings, JSON, YAML, XML, strings that hold JSON.

YAML keeps the text of scalars: no dates, no octal or sexagesimal numbers, no
yes/no booleans, so a policy's `Version` and an account id with a leading zero
stay what people wrote.  `!Ref x` becomes `{"Ref": x}`, any other `!X` becomes
`{"Fn::X": ...}`, as CloudFormation defines its short forms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from crrlint.documents.source import Document, Key, Location, Problem

MAX_BYTES: Final = 256 * 1024 * 1024
MAX_DEPTH: Final = 200
MAX_ALIASED: Final = 1_000_000
"""How many values the aliases of one YAML file may stand for."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_MARKUP = re.compile(r"\s*<[?!A-Za-z_]")
_CALL_FAILED = r"\s*[^\n#]*\bAn error occurred \([\w.]+\) when calling the "
_MACHINE_WRITTEN = ('"terraform_version"', '"format_version"')
_CONSTANTS: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Unreadable(Exception):  # noqa: N818 - a state of the text
    """Text that is not what it claims to be; `line` and `column` count from 1.

    `limit` tells a limit that was exceeded from a mistake in the text.
    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        column: int | None = None,
        *,
        limit: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.limit = limit


def decode(raw: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif raw[:3] == b"\xef\xbb\xbf":
        encoding = "utf-8-sig"
    else:
        encoding = _unmarked(raw[:16])
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        bad = raw[error.start] if error.start < len(raw) else 0
        raise Unreadable(
            f"is neither UTF-8 nor UTF-16 with a byte order mark (byte 0x{bad:02x})", line
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise Unreadable("is binary, not text", text.count("\n", 0, nul) + 1)
    return text


def _unmarked(start: bytes) -> str:
    """Return the encoding of a text without a mark: what can be read begins with ASCII."""
    even, odd = start[::2], start[1::2]
    if len(start) >= 4 and not any(odd) and all(even):
        return "utf-16-le"
    if len(start) >= 4 and not any(even) and all(odd):
        return "utf-16-be"
    return "utf-8"


def parse(path: str, text: str) -> tuple[list[Document], list[Problem]]:
    """Parse JSON, JSON lines, YAML, TOML or XML; the problems do not keep the documents from use.

    What the AWS CLI says when a call fails is kept as text.  Raises `Unreadable`.
    """
    lead = text.lstrip()[:1]
    if path.endswith(".toml"):
        return [Document(path, text, "toml", _parse_toml(text))], []
    if lead == "<" and _MARKUP.match(text):
        from crrlint.documents.xml import parse_xml

        return [Document(path, text, "xml", parse_xml(text))], []
    if path.endswith((".err", ".stderr")) or (lead in ("A", "a") and re.match(_CALL_FAILED, text)):
        return [Document(path, text, "text", text)], []
    if lead in ("{", "["):
        try:
            return _parse_json(path, text)
        except Unreadable as error:
            # Flow-style YAML looks like JSON at its start.
            if error.limit or path.endswith((".json", ".tfstate", ".template")):
                raise
            try:
                return _parse_yaml(path, text)
            except Unreadable:
                raise error from None
    return _parse_yaml(path, text)


def embedded(text: Any, at: Location) -> Document | None:
    """Return the document that a string holds: JSON, or JSON percent-encoded; else None."""
    if not isinstance(text, str):
        return None
    inner = text
    if inner[:3].upper() == "%7B":
        from urllib.parse import unquote

        inner = unquote(inner)
    if inner.lstrip()[:1] not in ("{", "["):
        return None
    try:
        data = json.loads(inner)
    except (ValueError, RecursionError):
        return None
    return Document(at.path, text, "json", data, within=at)


def _parse_json(path: str, text: str) -> tuple[list[Document], list[Problem]]:
    problems: list[Problem] = []
    duplicates: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(members)
        if len(result) != len(members):
            seen: dict[str, Any] = {}
            for key, value in members:
                if key in seen and seen[key] != value:
                    duplicates.append(key)
                seen[key] = value
        return result

    # Programs do not write a key twice; the hook would double their parse time.
    written_by_program = any(mark in text[:2000] for mark in _MACHINE_WRITTEN)
    decoder = json.JSONDecoder(object_pairs_hook=None if written_by_program else pairs)
    try:
        try:
            data = decoder.decode(text)
        except json.JSONDecodeError as error:
            lines = _json_lines(path, text, decoder, problems)
            if lines is None:
                raise Unreadable(
                    f"is not valid JSON: {_lower(error.msg)}", error.lineno, error.colno
                ) from None
            return lines, problems
    except RecursionError:
        raise Unreadable("is nested too deeply to be read", limit=True) from None
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(f"is not valid JSON: {error}") from None
    for key in duplicates:
        problems.append(Problem(path, _twice(key, "object"), _line_of_duplicate(text, key)))
    return [Document(path, text, "json", data)], problems


def _twice(key: str, container: str) -> str:
    return f"key {key!r} stands twice in one {container} with different values; the last counts"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _json_lines(
    path: str, text: str, decoder: json.JSONDecoder, problems: list[Problem]
) -> list[Document] | None:
    """Return one document per line, when each line is a JSON value of its own.

    Of a capture that was cut off, all the other lines are whole.
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines()) if line.strip()]
    if len(lines) < 2:
        return None
    documents: list[Document] = []
    for number, line in lines:
        try:
            data = decoder.decode(line)
        except json.JSONDecodeError as error:
            if '"crrlint_capture"' not in lines[0][1] or not documents:
                return None
            message = f"is not valid JSON: {_lower(error.msg)}"
            problems.append(Problem(path, message, number + 1, error.colno))
            continue
        except ValueError:
            return None
        documents.append(Document(path, text, "json", data, part=number))
    return documents


def _line_of_duplicate(text: str, key: str) -> int | None:
    places = [m.start() for m in re.finditer(re.escape(json.dumps(key)) + r"\s*:", text)]
    return text.count("\n", 0, places[-1]) + 1 if places else None


def _parse_toml(text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, at, place = str(error).partition(" (at line ")
        line, _, column = place.rstrip(")").partition(", column ")
        where = (int(line), int(column)) if at and column.isdigit() else (None, None)
        raise Unreadable(f"is not valid TOML: {_lower(said)}", *where) from None
    except RecursionError:
        raise Unreadable("is nested too deeply to be read", limit=True) from None


def _parse_yaml(path: str, text: str) -> tuple[list[Document], list[Problem]]:
    import yaml

    problems: list[Problem] = []
    try:
        builder = _Builder(path, text, problems)
        documents = [
            Document(path, text, "yaml", data, part=part)
            for part, data in enumerate(builder.build())
        ]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (None, None) if mark is None else _within(text, mark.line, mark.column)
        # Newer releases of libyaml stop at a depth of their own.
        if "nesting depth" in (error.problem or ""):
            raise Unreadable("is nested too deeply to be read", line, column, limit=True) from None
        raise Unreadable(
            f"is not valid YAML: {error.problem or error.context}", line, column
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(
            f"holds the character {error.character!r}, which YAML does not allow", line
        ) from None
    except yaml.YAMLError as error:
        raise Unreadable(f"is not valid YAML: {error}") from None
    return documents, problems


def _within(text: str, line: int, column: int) -> tuple[int, int]:
    """Count from 1, and place what is missing at the end of the text on its last line."""
    written = text.rstrip("\n")
    last = written.count("\n")
    if line > last:
        return last + 1, len(written) - written.rfind("\n")
    return line + 1, column + 1


class _Builder:
    """Builds plain data from libyaml's events, several times faster than its constructors."""

    def __init__(self, path: str, text: str, problems: list[Problem]) -> None:
        import yaml

        loader = getattr(yaml, "CLoader", None) or yaml.Loader
        self._path = path
        self._problems = problems
        self._loader = loader(text)
        self._next = self._loader.get_event
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._aliased = 0
        self._events = yaml.events

    def build(self) -> Iterator[Any]:
        events = self._events
        while True:
            event = self._next()
            kind = type(event)
            if kind is events.StreamEndEvent:
                return
            if kind is events.DocumentStartEvent:
                self._anchors = {}
                yield self._value(self._next(), 0)

    def _value(self, event: Any, depth: int) -> Any:
        events = self._events
        kind = type(event)
        self._nodes += 1
        if kind is events.AliasEvent:
            return self._alias(event)
        if depth > MAX_DEPTH:
            raise self._error(f"is nested more than {MAX_DEPTH} levels deep", event, limit=True)
        before = self._nodes
        value: Any
        if kind is events.ScalarEvent:
            value = self._scalar(event)
        elif kind is events.MappingStartEvent:
            value = self._mapping(event, depth)
        else:
            value = []
            while type(item := self._next()) is not events.SequenceEndEvent:
                value.append(self._value(item, depth + 1))
        tag = event.tag
        if tag is not None and tag[0] == "!" and len(tag) > 1 and tag[1] != "!":
            name = tag[1:]
            value = {name if name in ("Ref", "Condition") else f"Fn::{name}": value}
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._nodes - before + 1)
        return value

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if not event.implicit[0] or event.tag is not None:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] in "-0123456789" and len(text) < 19 and _INTEGER.match(text):
            return int(text)
        return text

    def _mapping(self, event: Any, depth: int) -> dict[str, Any]:
        events = self._events
        result: dict[str, Any] = {}
        merged: list[Any] = []
        while type(name := self._next()) is not events.MappingEndEvent:
            if type(name) is events.ScalarEvent:
                key = name.value
            elif type(name) is events.AliasEvent:
                key = str(self._alias(name))
            else:
                raise self._error("has a key that is not a plain text", name)
            value = self._value(self._next(), depth + 1)
            if key == "<<" and name.implicit[0]:
                merged.extend(value if isinstance(value, list) else [value])
            elif key in result and result[key] != value:
                mark = name.start_mark
                self._problems.append(
                    Problem(self._path, _twice(key, "mapping"), mark.line + 1, mark.column + 1)
                )
                result[key] = value
            else:
                result[key] = value
        for mapping in merged:
            if isinstance(mapping, dict):
                for key, value in mapping.items():
                    result.setdefault(key, value)
        return result

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise self._error(f"has an alias *{event.anchor} without an anchor before it", event)
        value, size = self._anchors[event.anchor]
        self._nodes += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise self._error(
                f"has aliases that stand for more than {MAX_ALIASED:,} values", event, limit=True
            )
        return value

    def _error(self, message: str, event: Any, *, limit: bool = False) -> Unreadable:
        mark = event.start_mark
        return Unreadable(message, mark.line + 1, mark.column + 1, limit=limit)


def dig(data: Any, *keys: Key) -> Any:
    """Return what lies below in plain data, None when anything on the way is missing."""
    for key in keys:
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data
