"""From the text of a file to its blocks and attributes; tree-sitter does the syntax.

A file with mistakes is read again block by block, so that one of them costs its own block only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

from crrlint.documents.source import Document, Location, Problem, Spot
from crrlint.loaders.hcl.blocks import ParsedBlock, ParsedBody, attribute_of, body_of, header
from crrlint.loaders.hcl.convert import MAX_DEPTH, Converter
from crrlint.loaders.hcl.grammar import first_mistake, offsets, raw_tree, shifted, tree_of
from crrlint.loaders.hcl.syntax import Attribute, Bad, File, Tree

MAX_BYTES: Final = 4 * 1024 * 1024
"""Terraform source is written by hand: a file larger than this is none."""

Wanted: TypeAlias = Callable[[str, tuple[str, ...]], bool]

_HEADER: Final = re.compile(
    rb'^([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"\n]*"|[A-Za-z_][\w-]*))*)[ \t]*\{', re.MULTILINE
)
_ARGUMENT: Final = re.compile(rb"^[A-Za-z_][\w-]*[ \t]*=(?!=)", re.MULTILINE)
_LABEL: Final = re.compile(rb'"([^"\n]*)"|([A-Za-z_][\w-]*)')


def parse(path: str, text: str, wanted: Wanted | None = None) -> File:
    """Parse a file, in the JSON syntax when its name ends in `.json`.

    With `wanted`, the blocks whose type and labels it wants are converted at once and the
    parser's tree is given up; otherwise each block is converted when its body is asked for.
    """
    if path.endswith(".json"):
        from crrlint.loaders.hcl.json_syntax import parse_text

        return parse_text(path, text)
    return _File(path, text, wanted).file


def parse_json(document: Document) -> File:
    """Return the file that a JSON document is."""
    from crrlint.loaders.hcl.json_syntax import file_of

    return file_of(document)


def parse_expression(text: str) -> Tree:
    """Parse text that is an expression; its offsets are those in the text."""
    return _alone(text, "x = ", "\n", lambda converter, node, end: converter.expression(node))


def parse_template(text: str) -> Tree:
    """Parse text that is a template, as in a file or in a JSON string."""
    mark = "EOT"
    while mark in text:
        mark += "T"
    lead = f"x = <<{mark}\n"

    def convert(converter: Converter, node: Any, end: int) -> Tree:
        inner = node
        while inner.type != "heredoc_template" and inner.children:
            inner = inner.children[0]
        return converter.bare(inner, len(lead), end)

    return _alone(text, lead, f"\n{mark}\n", convert)


def _alone(text: str, lead: str, tail: str, convert: Callable[[Converter, Any, int], Tree]) -> Tree:
    if len(text) > MAX_BYTES:
        return Bad(f"is longer than {MAX_BYTES // 2**20} MiB", 0, len(text))
    data = (lead + text).encode("utf-8", "replace")
    whole = data + tail.encode()
    root = tree_of(whole)
    items = root.children[0].children if root.children else []
    nodes = [c for c in items[0].children if c.type == "expression"] if len(items) == 1 else []
    if root.has_error or len(nodes) != 1:
        start, message = first_mistake(root, whole)
        at = max(0, len(data[:start].decode("utf-8", "replace")) - len(lead))
        return Bad(f"is not a valid expression: {message}", min(at, len(text)), len(text))
    return convert(Converter(whole, offsets(whole, len(lead))), nodes[0], len(data))


class _File:
    """Reads one file."""

    def __init__(self, path: str, text: str, wanted: Wanted | None) -> None:
        self._path = path
        self._wanted = wanted
        self._problems: list[Problem] = []
        self._document = Document(path, text, "hcl", None)
        self._attributes: dict[str, Attribute] = {}
        self._blocks: list[ParsedBlock] = []
        self._seen: dict[tuple[str, ...], int] = {}
        self._data = text.encode("utf-8", "replace")
        self._offset = offsets(self._data)
        if len(self._data) > MAX_BYTES:
            self._problems.append(Problem(path, f"is larger than {MAX_BYTES // 2**20} MiB"))
        else:
            self._read()
        body = ParsedBody(self._document.root, self._attributes, self._blocks)
        self.file = File(self._document, body, self._problems)

    def _read(self) -> None:
        root = tree_of(self._data)
        if root.has_error:
            self._recover()
        else:
            self._take(root, 0)

    def _take(self, root: Any, shift: int) -> None:
        """Take the attributes and blocks of a tree; its bytes start at `shift` in the file."""
        converter = Converter(self._data, self._offset)
        if shift:
            offset = self._offset
            converter = Converter(self._data[shift:], shifted(offset, shift))
        bodies = [child for child in root.children if child.type == "body"]
        for node in (child for body in bodies for child in body.children):
            if node.type == "attribute":
                self._argument(node, converter)
            elif node.type == "block":
                self._block(node, converter, shift)
        self._lines(bodies, shift)

    def _lines(self, bodies: Sequence[Any], shift: int) -> None:
        items = [child for body in bodies for child in body.children if child.type != "comment"]
        for one, other in pairwise(items):
            start, end = one.end_byte + shift, other.start_byte + shift
            if self._data.find(b"\n", start, end) < 0:
                self._problem("needs a new line before this", end)

    def _argument(self, node: Any, converter: Converter) -> None:
        attribute = attribute_of(node, converter, self._document, None)
        if attribute is None:
            return
        if attribute.name in self._attributes:
            self._problem(f"sets {attribute.name} a second time", converter.places(node)[0], True)
        else:
            self._attributes[attribute.name] = attribute
        self._deep(converter)

    def _block(self, node: Any, converter: Converter, shift: int) -> None:
        type, labels = header(node, converter)
        at = self._spot((type, *labels), node, converter)
        make = self._later(node, converter)
        if self._wanted is not None:
            start, end = node.start_byte + shift, node.end_byte + shift
            make = make if self._wanted(type, labels) else self._reparse(start, end)
        block = ParsedBlock(type, labels, at, make, node.has_error)
        self._blocks.append(block)
        if self._wanted is not None and self._wanted(type, labels):
            block.body  # noqa: B018 - makes it

    def _spot(self, keys: tuple[str, ...], node: Any, converter: Converter) -> Spot:
        at: Location = self._document.root
        for key in keys[:-1]:
            at = at / key
        start, end = converter.places(node)
        number = self._seen.get(keys, 0)
        self._seen[keys] = number + 1
        if number:
            return Spot(self._document, at / keys[-1], number, start, end)
        return Spot(self._document, at, keys[-1], start, end)

    def _later(self, node: Any, converter: Converter) -> Callable[[ParsedBlock], ParsedBody]:
        def make(block: ParsedBlock) -> ParsedBody:
            inner = body_of(node, converter, self._document, block.at, self._nested_problem)
            self._deep(converter)
            return inner

        return make

    def _reparse(self, start: int, end: int) -> Callable[[ParsedBlock], ParsedBody]:
        def make(block: ParsedBlock) -> ParsedBody:
            data = self._data[start:end]
            root = tree_of(data)
            converter = Converter(data, shifted(self._offset, start))
            for body in root.children:
                for node in body.children:
                    if node.type == "block":
                        return body_of(node, converter, self._document, block.at, None)
            return ParsedBody(block.at, {}, ())

        return make

    def _nested_problem(self, message: str, at: int) -> None:
        self._problem(message, at, True)

    def _deep(self, converter: Converter) -> None:
        if converter.deepest is not None:
            message = f"is nested more than {MAX_DEPTH} levels deep"
            self._problem(message, converter.deepest, True)
            converter.deepest = None

    def _problem(self, message: str, at: int, in_text: bool = False) -> None:
        """Note a mistake at an offset in the bytes, or in the text."""
        text = self._document.text
        if not in_text and self._offset is not None:
            at = self._offset(at)
        line = text.count("\n", 0, at) + 1
        self._problems.append(Problem(self._path, message, line, at - text.rfind("\n", 0, at)))

    def _recover(self) -> None:
        """Read the file piece by piece: what starts a line could start a block or an argument."""
        data = self._data
        for start, end in self._pieces():
            piece = data[start:end]
            root = tree_of(piece)
            if root.has_error:
                at, message = first_mistake(root, piece)
                self._problem(f"is not valid HCL: {message}", start + at)
                self._broken(start, end, root)
            else:
                self._take(root, start)

    def _pieces(self) -> Iterator[tuple[int, int]]:
        data = self._data
        starts = {found.start() for found in _HEADER.finditer(data)}
        starts.update(found.start() for found in _ARGUMENT.finditer(data))
        # What follows a piece that is not closed belongs to it, when both together are.
        cuts = sorted({0, *starts, len(data)})
        start = cuts[0]
        for index, cut in enumerate(cuts[1:], 1):
            whole = data[start:cut]
            open_ = index + 1 < len(cuts) and raw_tree(whole).has_error
            if open_ and self._closes(start, cuts, index):
                continue
            yield start, cut
            start = cut

    def _closes(self, start: int, cuts: Sequence[int], index: int) -> bool:
        """Tell whether one of the next few cuts ends a piece without mistakes."""
        for cut in cuts[index + 1 : index + 9]:
            if not raw_tree(self._data[start:cut]).has_error:
                return True
        return False

    def _broken(self, start: int, end: int, root: Any) -> None:
        """Keep what a block with a mistake is: somebody may refer to it."""
        head = _HEADER.match(self._data, start)
        if head is None:
            return
        type = head[1].decode()
        labels = tuple(
            (found[1] or found[2] or b"").decode("utf-8", "replace")
            for found in _LABEL.finditer(head[2])
        )
        before = len(self._blocks)
        self._take(root, start)
        for block in self._blocks[before:]:
            block.mark_broken()
        kept = [block for block in self._blocks[before:] if block.type == type]
        if not kept:
            del self._blocks[before:]
            keys = (type, *labels)
            at: Location = self._document.root
            for key in keys[:-1]:
                at = at / key
            offset = self._offset or (lambda o: o)
            spot = Spot(self._document, at, keys[-1], offset(start), offset(head.end()))
            self._blocks.append(
                ParsedBlock(type, labels, spot, lambda block: ParsedBody(block.at, {}, ()), True)
            )
