"""What `tfparse` says of a root module, by address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

UNNAMED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""What stands for the id of everything, and for a reference to something without a name."""

_OWN = frozenset(("__tfmeta", "id"))


class Block(NamedTuple):
    """A block with its arguments, at its place; there may be several of one address."""

    values: dict[str, Any]
    path: str
    line: int


NAMELESS = re.compile(r"arn:aws:s3:::(/.*)?", re.DOTALL)
"""The ARN of a bucket of which they do not know the name."""


def statements(root: str, values: list[str]) -> dict[str, list[Block]]:
    import tfparse

    loaded: dict[str, list[dict[str, Any]]] = tfparse.load_from_path(root, vars_paths=values)
    found: dict[str, list[Block]] = {}
    for blocks in loaded.values():
        for block in blocks:
            meta = block["__tfmeta"]
            path = str(Path(root) / meta.get("filename", ""))
            address = meta.get("path") or ""
            found.setdefault(address, []).append(
                Block(members(block), path, meta.get("line_start", 0))
            )
    return found


def members(block: dict[str, Any]) -> dict[str, Any]:
    """Return what is written in a block; every block has an `id`, whether it says so or not."""
    own = "id" not in block or UNNAMED.fullmatch(str(block["id"]))
    return {k: v for k, v in block.items() if k != "__tfmeta" and not (k == "id" and own)}


def is_reference(value: Any) -> bool:
    """Tell whether a value is what stands for an attribute that nobody knows."""
    return isinstance(value, dict) and "__attribute__" in value
