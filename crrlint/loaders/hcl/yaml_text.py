"""YAML in texts, as Terraform reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from crrlint.documents.source import Key, Location, Node, Spot
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.numbers import decimal, number
from crrlint.loaders.hcl.values import source_of
from crrlint.values.symbols import Undecided

MAX_DEPTH: Final = 100
MAX_VALUES: Final = 200_000

_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_STAMP: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(\.[0-9]*)?"
    r"[ \t]*(Z|[-+][0-9]{1,2}(?::?[0-9]{2})?)?)?"
)
_SPECIAL: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(
        ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True
    ),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False
    ),
}


def read(text: str, at: Location) -> Node:
    """Return the value of a YAML document; raises `BadArgument`."""
    import yaml

    loader = getattr(yaml, "CLoader", None) or yaml.Loader
    try:
        return _Reader(yaml.events, yaml.parse(text, Loader=loader), at).read()
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error)
        raise BadArgument(f"is no YAML: {problem}") from None


class _Reader:
    def __init__(self, events: Any, stream: Iterator[Any], at: Location) -> None:
        self._events = events
        self._stream = stream
        self._at = at
        self._offset = source_of(at)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._count = 0

    def read(self) -> Node:
        events = self._events
        made: Node | None = None
        for event in self._stream:
            if type(event) in (
                events.StreamStartEvent, events.DocumentStartEvent,
                events.DocumentEndEvent, events.StreamEndEvent,
            ):  # fmt: skip
                continue
            if made is not None:
                raise BadArgument("has something after the value")
            made = self._value(event, None, None, event, 0)
        if made is None:
            raise BadArgument("is an empty document")
        return made

    def _place(self, parent: Location | None, key: Key | None, start: Any, end: Any) -> Location:
        if parent is None or key is None:
            return self._at
        if self._offset is None:
            return parent / key
        first = self._offset(start.start_mark.index)
        last = self._offset(max(end.end_mark.index - 1, 0)) + 1
        return Spot(self._at.document, parent, key, first, max(first + 1, last))

    def _value(
        self, event: Any, parent: Location | None, key: Key | None, start: Any, depth: int
    ) -> Node:
        events = self._events
        self._count += 1
        if self._count > MAX_VALUES:
            raise Undecided("too_complex", f"a YAML document of more than {MAX_VALUES} values")
        if depth > MAX_DEPTH:
            raise BadArgument("is nested too deeply")
        if isinstance(event, events.AliasEvent):
            known = self._anchors.get(event.anchor)
            if known is None:
                raise BadArgument(f"has no anchor {event.anchor}")
            self._count += known[1]
            return known[0]
        before = self._count
        at = self._place(parent, key, start, event)
        tag = event.tag
        if isinstance(event, events.ScalarEvent):
            node = Node(_scalar(event), at)
        elif isinstance(event, events.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(inner := next(self._stream), events.SequenceEndEvent):
                items.append(self._value(inner, at, len(items), inner, depth + 1))
            node = Node(items, at)
        else:
            node = Node(self._mapping(at, depth), at)
        if not isinstance(event, events.ScalarEvent) and tag not in (
            None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq",
        ):  # fmt: skip
            raise BadArgument(f"has the tag {tag!r}")
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._count - before + 1)
        return node

    def _mapping(self, at: Location, depth: int) -> dict[str, Node]:
        events = self._events
        members: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        while not isinstance(name := next(self._stream), events.MappingEndEvent):
            if isinstance(name, events.AliasEvent):
                key: Any = self._value(name, None, None, name, depth + 1).value
            elif isinstance(name, events.ScalarEvent):
                if name.value == "<<" and name.implicit[0]:
                    inner = self._value(next(self._stream), at, "<<", name, depth + 1)
                    for source in reversed(
                        inner.value if isinstance(inner.value, list) else [inner]
                    ):
                        if not isinstance(source.value, dict):
                            raise BadArgument("merges what is no mapping")
                        merged.update(source.value)
                    continue
                key = _scalar(name)
            else:
                raise BadArgument("has a key that is no text")
            if isinstance(key, bool):
                key = "true" if key else "false"
            elif isinstance(key, (int, float)):
                key = decimal(key)
            if not isinstance(key, str):
                raise BadArgument("has a key that is no text")
            members[key] = self._value(next(self._stream), at, key, name, depth + 1)
        return {**merged, **members}


def _scalar(event: Any) -> Any:
    text: str = event.value
    tag = event.tag
    if tag in ("tag:yaml.org,2002:str", "!", "tag:yaml.org,2002:binary"):
        return text
    if tag is None:
        return _resolved(text) if event.implicit[0] else text
    if tag not in (
        "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool",
        "tag:yaml.org,2002:null", "tag:yaml.org,2002:timestamp",
    ):  # fmt: skip
        raise BadArgument(f"has the tag {tag!r}")
    # A value of that kind, if it can be read as one; Terraform keeps quoted ones as text.
    return _resolved(text) if event.style is None else text


def _resolved(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "-+.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if text[:2] in ("0x", "0o"):
            return int(text, 0)
        return number(text)
    if _FLOAT.fullmatch(text):
        mantissa, exponent, power = text.lower().partition("e")
        whole, _, part = mantissa.partition(".")
        sign = whole[:1] if whole[:1] in ("-", "+") else ""
        return number(f"{sign}{whole[len(sign) :] or '0'}.{part or '0'}{exponent}{power}")
    if _SPECIAL.fullmatch(text):
        raise BadArgument(f"has the number {text}")
    found = _STAMP.fullmatch(text)
    return text if found is None else _timestamp(found, text)


def _timestamp(found: re.Match[str], text: str) -> str:
    """Return a date or a time as Terraform does: in the form of RFC 3339."""
    from datetime import datetime

    year, month, day = (int(found[i]) for i in (1, 2, 3))
    hour, minute, second = (int(found[i] or 0) for i in (4, 5, 6))
    try:
        made = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return text
    fraction = (found[7] or "").rstrip("0").rstrip(".")
    zone = found[8] or "Z"
    if zone != "Z":
        hours, _, minutes = zone[1:].partition(":")
        if not minutes and len(hours) > 2:
            hours, minutes = hours[:-2], hours[-2:]
        zone = f"{zone[0]}{int(hours):02d}:{minutes or '00'}"
    return f"{made.isoformat(timespec='seconds')}{fraction}{zone}"


def write(node: Node) -> str:
    """Return a closed value as YAML, keys and texts in quotes."""
    import yaml

    dumper = getattr(yaml, "CDumper", None) or yaml.Dumper
    events = yaml.events
    stream = [
        events.StreamStartEvent(),
        events.DocumentStartEvent(explicit=False),
        *_events(node, events),
        events.DocumentEndEvent(explicit=False),
        events.StreamEndEvent(),
    ]
    made: str = yaml.emit(stream, Dumper=dumper, allow_unicode=True)
    # Terraform's writer ends a plain scalar alone, and nothing else, with three dots.
    if made.endswith("\n...\n"):
        made = made[: -len("...\n")]
    return made if isinstance(node.value, (dict, list, str)) else made + "...\n"


def _events(node: Node, events: Any) -> Iterator[Any]:
    value = node.value
    if isinstance(value, dict):
        yield events.MappingStartEvent(None, None, True, flow_style=False)
        for key in sorted(value):
            yield events.ScalarEvent(None, None, (True, True), key, style='"')
            yield from _events(value[key], events)
        yield events.MappingEndEvent()
    elif isinstance(value, list):
        yield events.SequenceStartEvent(None, None, True, flow_style=False)
        for item in value:
            yield from _events(item, events)
        yield events.SequenceEndEvent()
    elif isinstance(value, str):
        style = "|" if "\n" in value else '"'
        yield events.ScalarEvent(None, None, (True, True), value, style=style)
    else:
        plain = {None: "null", True: "true", False: "false"}
        text = plain[value] if value is None or isinstance(value, bool) else decimal(value)
        yield events.ScalarEvent(None, None, (True, True), text, style=None)
