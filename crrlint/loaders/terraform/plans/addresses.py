"""Addresses of Terraform: `module.site["eu"].aws_s3_bucket.logs[0].arn`, taken apart.

References in a plan's configuration are spelled the same way.
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple, TypeAlias

Key: TypeAlias = str | int

_STEP: Final = re.compile(r"\.?(?:([^.\[\]\"]+)|\[([0-9]+|\"(?:[^\"\\]|\\.)*\")\])")


class Call(NamedTuple):
    """One instance of a module call."""

    name: str
    key: Key | None = None


Module: TypeAlias = tuple[Call, ...]
"""The way from the root module down; empty for the root itself."""


class Address(NamedTuple):
    """An instance of a resource; `type` is that of a data source with `data.` in front."""

    module: Module
    type: str
    name: str
    key: Key | None = None

    @property
    def resource(self) -> tuple[Module, str, str]:
        return self.module, self.type, self.name

    def __str__(self) -> str:
        return f"{written(self.module)}{self.type}.{self.name}{index(self.key)}"


def written(module: Module) -> str:
    return "".join(f"module.{call.name}{index(call.key)}." for call in module)


def index(key: Key | None) -> str:
    return "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"


def steps(text: str) -> list[Key] | None:
    """Split into names (text), keys (text that starts with a quote) and numbers; None for no path.

    A quote keeps `["id"]` and `.id` apart.
    """
    found: list[Key] = []
    at = 0
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            return None
        name, key = step.groups()
        found.append(name if name is not None else int(key) if key[0] != '"' else key)
        at = step.end()
    return found


def address(text: str) -> Address | None:
    """Return the parts of an instance's address; None for what is none."""
    way = steps(text)
    if way is None:
        return None
    module, at = module_of(way)
    rest = way[at:]
    data = "data." if rest[:1] == ["data"] else ""
    rest = rest[1:] if data else rest
    if not 2 <= len(rest) <= 3 or not all(is_name(step) for step in rest[:2]):
        return None
    return Address(module, f"{data}{rest[0]}", str(rest[1]), key_of(rest[2:]))


def module_of(way: list[Key]) -> tuple[Module, int]:
    """Return the module calls that a path starts with, and where the rest of it begins."""
    calls: list[Call] = []
    at = 0
    while way[at : at + 1] == ["module"] and len(way) > at + 1 and is_name(way[at + 1]):
        key = key_of(way[at + 2 : at + 3])
        calls.append(Call(str(way[at + 1]), key))
        at += 2 if key is None else 3
    return tuple(calls), at


def is_name(step: Key) -> bool:
    return isinstance(step, str) and not step.startswith('"')


def key_of(rest: list[Key]) -> Key | None:
    """Return the key that a path goes on with, None where it goes on with a name or ends."""
    if not rest or is_name(rest[0]):
        return None
    step = rest[0]
    if isinstance(step, int):
        return step
    try:
        return str(json.loads(step))
    except ValueError:
        return step[1:-1]
