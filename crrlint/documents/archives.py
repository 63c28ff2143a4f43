"""Compressed inputs within limits: nothing is unpacked to the disk, and nothing grows without end.

A gzip is one file; a zip (a saved plan of Terraform, a CDK assembly) holds several,
which are read one by one by whoever knows what they mean.  Their names are names only:
none leads out of the archive.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Sequence
from typing import Any, Final

from crrlint.documents.parse import MAX_BYTES, Unreadable

MAX_RATIO: Final = 200
"""Text is packed to a tenth or a fiftieth of its size; what shrank further was made to."""

FREE: Final = 4 * 1024 * 1024
"""Up to this size it does not matter how small a thing was packed."""

MAX_ENTRIES: Final = 20_000

_CHUNK: Final = 1024 * 1024
_ENTRY: Final = b"PK\x01\x02"


def is_gzip(raw: bytes) -> bool:
    return raw[:3] == b"\x1f\x8b\x08"


def is_zip(raw: bytes) -> bool:
    return raw[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def gunzip(raw: bytes) -> bytes:
    """Return what a gzip holds; raises `Unreadable`."""
    import zlib

    parts: list[bytes] = []
    size = 0
    rest = raw
    while rest:
        unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        while not unpack.eof:
            try:
                part = unpack.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise Unreadable(f"is not a valid gzip: {error}") from None
            rest = unpack.unconsumed_tail
            if not part and not rest and not unpack.eof:
                raise Unreadable("is a gzip that ends before its end")
            parts.append(part)
            size += len(part)
            _limit(size, len(raw))
        # Another gzip may follow; zeros at the end are padding.
        rest = unpack.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _limit(size: int, packed: int) -> None:
    if size > MAX_BYTES:
        raise Unreadable(f"is larger than {MAX_BYTES // 2**20} MiB when unpacked", limit=True)
    if size > FREE and size > MAX_RATIO * packed:
        raise Unreadable(f"grows to more than {MAX_RATIO} times its size when unpacked", limit=True)


class Archive:
    """A zip: the names of its files, and the content of each."""

    __slots__ = ("_left", "_packed", "_zip", "names")

    def __init__(self, raw: bytes) -> None:
        """Raises `Unreadable`."""
        import zipfile

        # They are counted before anything is made of each of them.
        if raw.count(_ENTRY) > MAX_ENTRIES:
            raise Unreadable(f"is a zip of more than {MAX_ENTRIES:,} files", limit=True)
        try:
            self._zip: Any = zipfile.ZipFile(io.BytesIO(raw))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise Unreadable(f"is not a valid zip: {str(error).lower()}") from None
        entries = self._zip.infolist()
        self.names: Final = tuple(entry.filename for entry in entries if not entry.is_dir())
        self._packed = len(raw)
        self._left = MAX_BYTES

    def read(self, name: str) -> bytes:
        """Return the content of a file; raises `Unreadable`, and `KeyError` for what is not there.

        All that is read of one archive counts together.
        """
        import zipfile
        import zlib

        entry = self._zip.getinfo(name)
        parts: list[bytes] = []
        size = 0
        try:
            with self._zip.open(entry) as file:
                # What the archive says of sizes is not relied on.
                while part := file.read(_CHUNK):
                    parts.append(part)
                    size += len(part)
                    _limit(size + MAX_BYTES - self._left, self._packed)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Unreadable(f"holds {name}, which is damaged: {error}") from None
        except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed in a rare way
            raise Unreadable(f"holds {name}, which cannot be unpacked: {error}") from None
        self._left -= size
        return b"".join(parts)


def assemblies_in(names: Sequence[str]) -> list[str]:
    """Return the folders of a zip that are CDK assemblies, by the two files that each one has."""
    there = {_plain(name) for name in names}
    folders = [posixpath.dirname(name) for name in there if posixpath.basename(name) == "cdk.out"]
    return [folder for folder in folders if posixpath.join(folder, "manifest.json") in there]


def paths_in(archive: Archive) -> Iterator[tuple[str, str]]:
    """Yield each name in a zip with the path that it stands for, by path; raises `Unreadable`."""
    found: dict[str, str] = {}
    for name in archive.names:
        path = posixpath.normpath(_plain(name))
        if path.startswith(("/", "../")) or path == ".." or ":" in path.partition("/")[0]:
            raise Unreadable(f"holds {name}, which leads out of it")
        if path in found:
            raise Unreadable(f"holds {name} twice")
        found[path] = name
    for path in sorted(found):
        yield found[path], path


def _plain(name: str) -> str:
    """Return a name as archives ought to have it: some of Windows have backslashes."""
    return name.replace("\\", "/").removeprefix("./")
