"""Files that source reads with `file` and `templatefile`: those under the given paths only."""

from __future__ import annotations

from crrlint.documents.parse import Unreadable as NotText
from crrlint.documents.parse import decode
from crrlint.documents.source import Document
from crrlint.loaders.hcl import Unreadable
from crrlint.model.bindings import Files


class Near:
    """Reads files for expressions, each once."""

    def __init__(self, files: Files | None) -> None:
        self._files = files
        self._documents: dict[str, Document | Unreadable] = {}

    def read(self, path: str, shown: str) -> Document | Unreadable:
        if path not in self._documents:
            self._documents[path] = self._read(path, shown)
        return self._documents[path]

    def _read(self, path: str, shown: str) -> Document | Unreadable:
        raw = self.read_bytes(path, shown)
        if isinstance(raw, Unreadable):
            return raw
        try:
            return Document(path, decode(raw), "hcl", None)
        except NotText as error:
            return Unreadable(f"the file {shown} {error.message}")

    def read_bytes(self, path: str, shown: str) -> bytes | Unreadable:
        if self._files is None:
            return Unreadable(f"the file {shown} is not at hand")
        found = self._files.read(path)
        if isinstance(found, bytes):
            return found
        return Unreadable(f"the file {shown} {found}", self._files.misses(path))

    def exists(self, path: str, shown: str) -> bool | Unreadable:
        if self._files is None:
            return Unreadable(f"the file {shown} is not at hand")
        if isinstance(self._files.read(path), bytes):
            return True
        return False if self._files.misses(path) else Unreadable(f"the file {shown} is not at hand")

    def files(self, path: str, shown: str) -> list[str] | Unreadable:
        found = None if self._files is None else self._files.below(path)
        return Unreadable(f"the folder {shown} is not at hand") if found is None else found
