"""Finds the files under the given paths, and reads them.

Nothing outside the given paths is read: links that lead out of them are left
alone.  What cannot be read is a problem with its path; all the others are still read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crrlint.documents.parse import MAX_BYTES
from crrlint.documents.source import Problem
from crrlint.loaders import recognise_source

EXTENSIONS = (
    ".json", ".yaml", ".yml", ".template", ".jsonl", ".tfstate", ".cfn", ".xml", ".tfplan",
    ".err", ".stderr",
)  # fmt: skip

NAMES = ("plan.out", "tfplan", "tfplan.out")
"""Files that are looked at although their extension says nothing."""

CONFIGURATION = ("crrlint.yaml", "crrlint.yml")

_PACKED = (b"cdk.out", b"tfplan")
"""Names of which one is in every zip that is read; a zip ends with the names in it."""

_NAMES_END = 4 * 1024 * 1024
"""So much of a zip's end is looked at for them."""

_NOT_WALKED = frozenset({"node_modules", "__pycache__", "venv"})


class File(NamedTuple):
    """A file to look at; `given` when the user named it, and it was not only met in a folder.

    `outside` when it is a link that leads out of the given paths, and is not read.
    """

    path: str
    given: bool
    outside: bool = False


def find(paths: Sequence[str], problems: list[Problem]) -> Iterator[File]:
    """Yield the files to look at, each once, in a stable order."""
    seen: set[str] = set()
    roots = [os.path.realpath(path) for path in paths if path != "-"]
    for path in paths:
        if path == "-":
            yield File("-", True)
            continue
        shown = as_shown(path)
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)
        except OSError as error:
            problems.append(Problem(shown, _reason(error)))
            continue
        found = _walk(shown, roots, problems) if is_folder else iter([File(shown, True)])
        for file in found:
            real = os.path.realpath(file.path)
            if real not in seen:
                seen.add(real)
                yield file


def _walk(folder: str, roots: Sequence[str], problems: list[Problem]) -> Iterator[File]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(folder, _reason(error)))
        return
    for entry in entries:
        path = os.path.normpath(os.path.join(folder, entry.name))
        if entry.is_dir(follow_symlinks=False):
            if _is_walked(entry.name):
                yield from _walk(path, roots, problems)
            elif entry.name == ".terraform":
                yield from _installed(folder, path)
        elif _wanted(entry.name) or entry.name.endswith(".zip"):
            if entry.is_symlink():
                inside = _inside(path, roots, problems)
                if inside is False:
                    yield File(path, False, outside=True)
                if not inside:
                    continue
            elif not entry.is_file():
                continue  # a pipe or a socket: reading it might never end
            if entry.name.endswith(".zip") and not _holds_ours(path):
                continue
            yield File(path, False)


def _installed(folder: str, terraform: str) -> Iterator[File]:
    """Yield the source of the modules that `terraform init` brought, and its list of them."""
    import json

    listed = os.path.join(terraform, "modules", "modules.json")
    try:
        with open(listed, "rb") as file:
            modules = json.loads(file.read(MAX_BYTES))["Modules"]
        places = [os.path.normpath(os.path.join(folder, module["Dir"])) for module in modules]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    yield File(listed, False)
    for place in dict.fromkeys(places):
        try:
            # What lies elsewhere is met by itself, or is not under the given paths.
            if os.path.realpath(place).startswith(os.path.realpath(terraform) + os.sep):
                names = sorted(os.listdir(place))
                yield from (
                    File(os.path.join(place, name), False)
                    for name in names
                    if recognise_source(name) is not None
                )
        except (OSError, ValueError):
            continue


class Files:
    """Files under the given paths that source refers to by name, and that are read then."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._roots = [os.path.realpath(path) for path in paths if path != "-"]

    def _may_read(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(_below(real, root) for root in self._roots)

    def read(self, path: str) -> bytes | str:
        """Return what a file holds, or why it cannot be read."""
        if not self._may_read(path):
            return "is not under the given paths"
        if not os.path.isfile(path):
            return "does not exist"
        problems: list[Problem] = []
        raw = content_of(path, problems)
        return problems[0].message if raw is None else raw

    def misses(self, path: str) -> bool:
        """Tell whether it is certain that there is no such file."""
        return self._may_read(path) and not os.path.lexists(path)

    def below(self, folder: str) -> list[str] | None:
        """Return the files below a folder, relative to it; None where they cannot be listed."""
        if not self._may_read(folder):
            return None
        if not os.path.isdir(folder):
            return None if os.path.islink(folder) else []
        return sorted(
            os.path.relpath(os.path.join(above, name), folder).replace(os.sep, "/")
            for above, _, names in os.walk(folder)
            for name in names
        )


def _below(real: str, root: str) -> bool:
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _is_walked(folder: str) -> bool:
    return folder[0] != "." and folder not in _NOT_WALKED


def would_be_met(path: str) -> bool:
    """Tell whether a file is one to look at where it lies in a folder, by its path below it."""
    *folders, name = path.split("/")
    return all(map(_is_walked, folders)) and _wanted(name)


def _wanted(name: str) -> bool:
    if name in CONFIGURATION:
        return False
    if recognise_source(name) is not None:
        return True
    name = name.removesuffix(".gz")
    if name.endswith(".toml"):
        return name.startswith("samconfig")
    return name.endswith(EXTENSIONS) or name in NAMES


def _holds_ours(path: str) -> bool:
    """Tell whether a zip may hold what is read: there are many that are none of our business."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _NAMES_END))
            end = file.read(_NAMES_END)
    except OSError:
        return False
    return any(name in end for name in _PACKED)


def _inside(path: str, roots: Sequence[str], problems: list[Problem]) -> bool | None:
    """Tell whether a link leads to a file under the given paths; None for what is no file."""
    try:
        os.stat(path)
    except OSError as error:
        problems.append(Problem(path, _reason(error)))
        return None
    real = os.path.realpath(path)
    if not os.path.isfile(real):
        return None
    return any(_below(real, root) for root in roots)


def content_of(path: str, problems: list[Problem]) -> bytes | None:
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        problems.append(Problem(path, _reason(error)))
        return None
    if len(raw) > MAX_BYTES:
        problems.append(Problem(path, f"is larger than {MAX_BYTES // 2**20} MiB"))
        return None
    return raw


def _reason(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or str(error)).lower()}"


def as_shown(path: str) -> str:
    """Return the path as people see it: relative where it lies below the current folder."""
    relative = os.path.relpath(path)
    return os.path.normpath(path) if relative.startswith("..") else relative
