"""Does data conform to a JSON Schema?  Yes or no, without importing a validator.

A configuration nearly always conforms, and importing jsonschema takes as long as
all the rest of a small run.  So it is imported only to say what is wrong.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import crrlint

Schema: TypeAlias = Mapping[str, Any]

_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "null": lambda v: v is None,
}

_SAYS_NOTHING: Final = frozenset({"$schema", "$id", "$defs", "title", "description", "default"})


def read(name: str) -> Schema:
    """Return one of our own schemas by the name of its file."""
    import json

    with open(os.path.join(os.path.dirname(crrlint.__file__), "schemas", name), "rb") as file:
        schema: Schema = json.load(file)
    return schema


def conforms(data: Any, schema: Schema) -> bool | None:
    """Tell whether data conforms; None for a schema that uses more than is known here.

    Known are: type, enum, const, pattern, required, properties, additionalProperties,
    items, allOf, if/then/else, and references to `$defs`.
    """
    try:
        return _Walk(schema).conforms(data, schema)
    except _UnknownKeyword:
        return None


class _UnknownKeyword(Exception):  # noqa: N818 - ends a walk, is no error
    pass


class _Walk:
    def __init__(self, root: Schema) -> None:
        self._root = root

    def conforms(self, data: Any, schema: Schema | bool) -> bool:
        if isinstance(schema, bool):
            return schema
        return all(
            self._keyword(keyword, data, schema)
            for keyword in schema
            if keyword not in _SAYS_NOTHING
        )

    def _keyword(self, keyword: str, data: Any, schema: Schema) -> bool:
        value = schema[keyword]
        match keyword:
            case "$ref":
                return self.conforms(data, self._root["$defs"][value.removeprefix("#/$defs/")])
            case "type":
                return any(_TYPES[t](data) for t in ([value] if isinstance(value, str) else value))
            case "enum":
                return any(_equal(data, one) for one in value)
            case "const":
                return _equal(data, value)
            case "pattern":
                return not isinstance(data, str) or re.search(value, data) is not None
            case "required":
                return not isinstance(data, dict) or all(key in data for key in value)
            case "properties":
                return not isinstance(data, dict) or all(
                    self.conforms(data[key], below) for key, below in value.items() if key in data
                )
            case "additionalProperties":
                known = schema.get("properties", {})
                return not isinstance(data, dict) or all(
                    self.conforms(data[key], value) for key in data if key not in known
                )
            case "items":
                return not isinstance(data, list) or all(self.conforms(i, value) for i in data)
            case "allOf":
                return all(self.conforms(data, one) for one in value)
            case "if":
                branch = "then" if self.conforms(data, value) else "else"
                return self.conforms(data, schema.get(branch, True))
            case "then" | "else":
                return True
        raise _UnknownKeyword(keyword)


def _equal(a: Any, b: Any) -> bool:
    """JSON's equality: true is not 1."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)
