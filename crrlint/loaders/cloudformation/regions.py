"""What the CDK's custom resources carry from stacks of one Region to those of another.

A writer puts values into the parameter store of the Region that reads them, a reader
takes them from there by the same keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Location

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Stack

READER: Final = "Custom::CrossRegionExportReader"
_WRITER: Final = "Custom::CrossRegionExportWriter"


def _members(stack: Stack, kind: str, member: str) -> Iterator[tuple[dict[str, Any], Location]]:
    if kind in stack.document.text:
        for resource in stack.resources.values():
            found = resource.properties.get(member)
            if resource.type == kind and isinstance(found, dict):
                yield found, resource.at / "Properties" / member


def read_keys(stack: Stack) -> Iterator[str]:
    for reader, _ in _members(stack, READER, "ReaderProps"):
        imports = reader.get("imports")
        yield from imports if isinstance(imports, dict) else ()


def read_regions(stack: Stack) -> Iterator[str]:
    """Yield the Regions that readers read from: always their own."""
    for reader, _ in _members(stack, READER, "ReaderProps"):
        if isinstance(reader.get("region"), str):
            yield reader["region"]


def written(stack: Stack) -> Iterator[tuple[str, str | None, Any, Location]]:
    """Yield the keys that writers write, the Region they write to, and the values."""
    for writer, at in _members(stack, _WRITER, "WriterProps"):
        exports, region = writer.get("exports"), writer.get("region")
        for key, data in exports.items() if isinstance(exports, dict) else ():
            yield key, region if isinstance(region, str) else None, data, at / "exports" / key
