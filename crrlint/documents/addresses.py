"""Addresses of Terraform resources in states and plans, for places in them.

`terraform show -json` prints one line, in which a line and a column lead nobody anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crrlint.documents.source import Key, Location

_BETWEEN = frozenset({"after", "attributes", "change", "expressions", "values"})
"""Members between a resource and its attributes."""


def address(at: Location) -> str | None:
    """Return the address of the resource that a place is in, with the way down from it.

    None where the document has no addresses.
    """
    while at.document.within is not None:
        at = at.document.within
    data: Any = at.document.data
    if not isinstance(data, dict) or not ("terraform_version" in data or "format_version" in data):
        return None
    found: str | None = None
    way: list[Key] = []
    resource: Mapping[str, Any] = {}
    for key in at.keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            data = None
        way.append(key)
        if not isinstance(data, dict):
            continue
        if isinstance(data.get("address"), str):
            found, way = data["address"], []
        elif isinstance(data.get("instances"), list) and "type" in data:
            resource = data
        elif resource and way[-2:-1] == ["instances"]:
            found, way, resource = instance_address(resource, data), [], {}
    return None if found is None else found + _below(way)


def _below(way: list[Key]) -> str:
    start = 0
    while start < len(way) and way[start] in _BETWEEN:
        start += 1
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in way[start:])


def instance_address(resource: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    """Return the address of an instance in a raw state."""
    module = resource.get("module")
    prefix = f"{module}." if isinstance(module, str) and module else ""
    mode = "data." if resource.get("mode") == "data" else ""
    key = instance.get("index_key")
    index = f"[{json.dumps(key)}]" if isinstance(key, (str, int)) else ""
    return f"{prefix}{mode}{resource.get('type')}.{resource.get('name')}{index}"
