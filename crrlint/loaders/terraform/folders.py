"""Folders of Terraform source: one is one module, whatever number of files it is written in.

Nothing is evaluated here.  `*_override.tf` files are merged into the others as Terraform
merges them, and a `.tofu` file stands for the `.tf` file of the same name.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.hcl import Attribute, Block, Body, File, parse
from crrlint.loaders.hcl.syntax import Literal

_LABELS: Final = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
}

Header = tuple[str, ...]
"""The labels of a block, such as the type and the name of a resource."""


class Declared:
    """A block of a module, with what override files change in it; read when it is asked for."""

    __slots__ = ("_blocks", "_body", "at", "labels")

    def __init__(self, labels: Header, blocks: tuple[Block, ...]) -> None:
        self.labels = labels
        self.at = blocks[0].at
        self._blocks = blocks
        self._body: Body | None = None

    @property
    def body(self) -> Body:
        if self._body is None:
            bodies = tuple(block.body for block in self._blocks)
            self._body = bodies[0] if len(bodies) == 1 else Overridden(bodies)
        return self._body

    @property
    def broken(self) -> bool:
        """Whether the syntax in it is wrong, so that parts of it may be missing."""
        # What is wrong further inside is known once it is read.
        return self.body is not None and any(block.broken for block in self._blocks)

    @property
    def is_empty(self) -> bool:
        """Whether a provider is not configured here, but only named."""
        return self.body.attributes.keys() <= {"alias", "version"} and not self.body.block_types

    def overridden(self, block: Block) -> Declared:
        return Declared(self.labels, (*self._blocks, block))


class Overridden:
    """The body of a block with those of its overrides: the last one that says something counts."""

    __slots__ = ("_attributes", "_bodies")

    def __init__(self, bodies: tuple[Body, ...]) -> None:
        self._bodies = bodies
        self._attributes: dict[str, Attribute] | None = None

    @property
    def at(self) -> Location:
        return self._bodies[0].at

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        if self._attributes is None:
            self._attributes = {}
            for body in self._bodies:
                self._attributes.update(body.attributes)
        return self._attributes

    def blocks(self, type: str, labels: int = 0) -> Sequence[Block]:
        found: Sequence[Block] = ()
        for body in self._bodies:
            found = body.blocks(type, labels) or found
        return found

    @property
    def block_types(self) -> Sequence[str]:
        return list(dict.fromkeys(type for body in self._bodies for type in body.block_types))


class Folder:
    """One module as it is written."""

    def __init__(self, path: str, documents: Iterable[Document]) -> None:
        self.path = path
        self.files: list[File] = []
        self.overrides: list[File] = []
        self.values: list[Document] = []
        self.problems: list[Problem] = []
        for document in _unshadowed(documents):
            if is_values(document.path):
                self.values.append(document)
                continue
            file = read(document)
            self.problems.extend(file.problems)
            (self.overrides if _overrides(document.path) else self.files).append(file)
        self._found: dict[str, dict[Header, Declared]] = {}

    def declared(self, type: str) -> dict[Header, Declared]:
        """Return the blocks of a type by their labels, in the order of the files."""
        if type not in self._found:
            self._found[type] = self._collect(type)
        return self._found[type]

    def _collect(self, type: str) -> dict[Header, Declared]:
        labels = _LABELS.get(type, 0)
        found: dict[Header, Declared] = {}
        for file in self.files:
            for block in self._blocks(file, type, labels):
                header = self._header(type, block)
                if header in found:
                    self._twice(type, block)
                else:
                    found[header] = Declared(header, (block,))
        for file in self.overrides:
            for block in self._blocks(file, type, labels):
                header = self._header(type, block)
                known = found.get(header)
                found[header] = (
                    Declared(header, (block,)) if known is None else known.overridden(block)
                )
        return found

    def _blocks(self, file: File, type: str, labels: int) -> Iterator[Block]:
        for block in file.body.blocks(type, labels):
            if len(block.labels) == labels:
                yield block
            else:
                needed = ("no name", "one name", "a type and a name")[labels]
                self.problems.append(problem_at(block.at, f"a {type} block takes {needed}"))

    def _header(self, type: str, block: Block) -> Header:
        if type != "provider":
            return block.labels
        # A provider has a configuration for each alias.
        return (*block.labels, literal(block.body, "alias") or "")

    def _twice(self, type: str, block: Block) -> None:
        name = " ".join(f'"{label}"' for label in block.labels)
        self.problems.append(
            problem_at(block.at, f"{type} {name} is declared twice in {self.path or '.'}")
        )

    def locals(self) -> Iterator[Attribute]:
        """Yield the local values; one of an override file comes after what it replaces."""
        for file in (*self.files, *self.overrides):
            for block in file.body.blocks("locals"):
                yield from block.body.attributes.values()

    def settings(self) -> Iterator[Body]:
        """Yield the bodies of the `terraform` blocks."""
        for file in (*self.files, *self.overrides):
            yield from (block.body for block in file.body.blocks("terraform"))

    @property
    def is_root(self) -> bool:
        """Whether it does what is for a root to do: configure providers, say where its state is."""
        return any(not declared.is_empty for declared in self.declared("provider").values()) or any(
            body.blocks(type, labels)
            for body in self.settings()
            for type, labels in (("backend", 1), ("cloud", 0))
        )

    def local_calls(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the folder of each module call that leads to a folder by its path."""
        for (name,), call in self.declared("module").items():
            source = literal(call.body, "source")
            if source is not None and is_local(source):
                yield name, inside(self.path, source)

    @property
    def is_module(self) -> bool:
        return bool(self.files or self.overrides)


def is_local(source: str) -> bool:
    return source.startswith(("./", "../")) or source in (".", "..")


def inside(folder: str, path: str) -> str:
    """Return the folder that a path leads to from another folder."""
    return posixpath.normpath(posixpath.join(folder or ".", path))


def literal(body: Body, name: str) -> str | None:
    """Return an attribute that is written as plain text; None for any other."""
    attribute = body.attributes.get(name)
    tree = None if attribute is None else attribute.value.tree
    value = tree.value if isinstance(tree, Literal) else None
    return value if isinstance(value, str) else None


def problem_at(at: Location, message: str) -> Problem:
    from crrlint.documents.places import Places

    span = Places().span(at)
    line, column = (None, None) if span is None else (span.line, span.column)
    return Problem(at.path, message, line, column)


def read(document: Document) -> File:
    return parse(document.path, document.text, _wanted)


def _wanted(type: str, labels: Header) -> bool:
    """Tell whether a block is certain to be asked for; any other is read when it is."""
    from crrlint.loaders.terraform.resources import TYPES

    if type == "data":
        return f"data.{labels[0]}" in TYPES if labels else False
    return type != "resource" or (bool(labels) and labels[0] in TYPES)


def is_values(path: str) -> bool:
    """Tell whether a file gives values to variables, and is no part of a module."""
    return path.endswith((".tfvars", ".tfvars.json"))


def _overrides(path: str) -> bool:
    return _stem(path).endswith("_override") or _stem(path) == "override"


def _stem(path: str) -> str:
    name = posixpath.basename(path)
    return name.removesuffix(".json").rsplit(".", 1)[0]


def _unshadowed(documents: Iterable[Document]) -> list[Document]:
    """Leave out the `.tf` files that have a `.tofu` file beside them."""
    documents = sorted(documents, key=lambda document: document.path)
    names = {document.path for document in documents}
    return [document for document in documents if _instead(document.path) not in names]


def _instead(path: str) -> str:
    """Return the name of the file that OpenTofu reads instead of one of Terraform's."""
    if path.endswith(".tf.json"):
        return path.removesuffix(".tf.json") + ".tofu.json"
    return path.removesuffix(".tf") + ".tofu" if path.endswith(".tf") else ""


def folders(documents: Iterable[Document]) -> dict[str, Folder]:
    """Group files by their folder."""
    grouped: dict[str, list[Document]] = {}
    for document in documents:
        folder = posixpath.dirname(document.path.replace("\\", "/")) or "."
        grouped.setdefault(folder, []).append(document)
    return {path: Folder(path, files) for path, files in grouped.items()}
