"""From the text of a file to its blocks and attributes; tree-sitter does the syntax.

A file with mistakes is read again block by block, so that one of them costs its own block only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final, TypeAlias

from crrlint.documents.source import Document, Key, Location, Problem, Spot
from crrlint.loaders.hcl.convert import MAX_DEPTH, Converter
from crrlint.loaders.hcl.syntax import Attribute, Bad, Block, Expression, File, Tree

MAX_BYTES: Final = 4 * 1024 * 1024
"""Terraform source is written by hand: a file larger than this is none."""

Wanted: TypeAlias = Callable[[str, tuple[str, ...]], bool]

_HEADER: Final = re.compile(
    rb'^([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"\n]*"|[A-Za-z_][\w-]*))*)[ \t]*\{', re.MULTILINE
)
_ARGUMENT: Final = re.compile(rb"^[A-Za-z_][\w-]*[ \t]*=(?!=)", re.MULTILINE)
_LABEL: Final = re.compile(rb'"([^"\n]*)"|([A-Za-z_][\w-]*)')
_NEXT_MEMBER: Final = re.compile(rb"(?<=[\w-])([ \t]*)\n(?=[ \t\n]*\()")
_EXPONENT: Final = re.compile(rb"(?<![\w.-])[0-9]+[eE][+-]?[0-9]+(?![\w.])")


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
    root = _again(_parser().parse(whole).root_node, whole)
    items = root.children[0].children if root.children else []
    nodes = [c for c in items[0].children if c.type == "expression"] if len(items) == 1 else []
    if root.has_error or len(nodes) != 1:
        start, message = _mistake(root, whole)
        at = max(0, len(data[:start].decode("utf-8", "replace")) - len(lead))
        return Bad(f"is not a valid expression: {message}", min(at, len(text)), len(text))
    return convert(Converter(whole, _offsets(whole, len(lead))), nodes[0], len(data))


@cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _again(root: Any, data: bytes) -> Any:
    """Parse again what the grammar takes for mistakes, with something of the same length instead.

    It knows no line ends, and takes a member `(key) = …` after a name for a call; nor does
    it know numbers like 1e5.  What was written is read from the text, not from the tree.
    """
    if not root.has_error:
        return root
    patched = _EXPONENT.sub(lambda found: b"1" * len(found[0]), _NEXT_MEMBER.sub(rb"\1,", data))
    return root if patched == data else _parser().parse(patched).root_node


def _offsets(data: bytes, skip: int = 0) -> Callable[[int], int] | None:
    """Return what maps offsets in the bytes to offsets in the text; None when they are the same."""
    if data.isascii():
        return None if not skip else lambda offset: offset - skip
    # Continuation bytes add nothing to the text.
    extra = [i for i, byte in enumerate(data) if byte & 0xC0 == 0x80]
    return lambda offset: offset - bisect_right(extra, offset - 1) - skip


def _shifted(offset: Callable[[int], int] | None, shift: int) -> Callable[[int], int]:
    """Return what maps offsets in bytes that start at `shift` in the file."""
    if offset is None:
        return lambda at: at + shift
    return lambda at: offset(at + shift)


class _Body:
    """A body whose parts have been converted."""

    __slots__ = ("_at", "_attributes", "_blocks")

    def __init__(
        self, at: Location, attributes: dict[str, Attribute], blocks: Sequence[_Block]
    ) -> None:
        self._at = at
        self._attributes = attributes
        self._blocks = blocks

    @property
    def at(self) -> Location:
        return self._at

    @property
    def attributes(self) -> dict[str, Attribute]:
        return self._attributes

    def blocks(self, type: str, labels: int = 0) -> Sequence[Block]:
        return [block for block in self._blocks if block.type == type]

    @property
    def block_types(self) -> Sequence[str]:
        return list(dict.fromkeys([block.type for block in self._blocks]))


class _Block:
    """A block; its body is made when it is asked for, by `make`."""

    __slots__ = ("_at", "_body", "_broken", "_labels", "_make", "_type")

    def __init__(
        self,
        type: str,
        labels: tuple[str, ...],
        at: Location,
        make: Callable[[_Block], _Body],
        broken: bool,
    ) -> None:
        self._type = type
        self._labels = labels
        self._at = at
        self._make: Callable[[_Block], _Body] | None = make
        self._body: _Body | None = None
        self._broken = broken

    @property
    def type(self) -> str:
        return self._type

    @property
    def labels(self) -> tuple[str, ...]:
        return self._labels

    @property
    def at(self) -> Location:
        return self._at

    @property
    def broken(self) -> bool:
        return self._broken

    @property
    def body(self) -> _Body:
        if self._body is None:
            assert self._make is not None
            self._body = self._make(self)
            self._make = None
        return self._body

    def mark_broken(self) -> None:
        self._broken = True


class _File:
    """Reads one file."""

    def __init__(self, path: str, text: str, wanted: Wanted | None) -> None:
        self._path = path
        self._wanted = wanted
        self._problems: list[Problem] = []
        self._document = Document(path, text, "hcl", None)
        self._attributes: dict[str, Attribute] = {}
        self._blocks: list[_Block] = []
        self._seen: dict[tuple[str, ...], int] = {}
        self._data = text.encode("utf-8", "replace")
        self._offset = _offsets(self._data)
        if len(self._data) > MAX_BYTES:
            self._problems.append(Problem(path, f"is larger than {MAX_BYTES // 2**20} MiB"))
        else:
            self._read()
        body = _Body(self._document.root, self._attributes, self._blocks)
        self.file = File(self._document, body, self._problems)

    def _read(self) -> None:
        data = self._data
        root = _parser().parse(data).root_node
        if root.has_error:
            root = _again(root, data)
            if root.has_error:
                self._recover()
                return
        self._take(root, 0)

    def _take(self, root: Any, shift: int) -> None:
        """Take the attributes and blocks of a tree; its bytes start at `shift` in the file."""
        converter = Converter(self._data, self._offset)
        if shift:
            offset = self._offset
            converter = Converter(self._data[shift:], _shifted(offset, shift))
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
        attribute = _attribute(node, converter, self._document, None)
        if attribute is None:
            return
        if attribute.name in self._attributes:
            self._problem(f"sets {attribute.name} a second time", converter.places(node)[0], True)
        else:
            self._attributes[attribute.name] = attribute
        self._deep(converter)

    def _block(self, node: Any, converter: Converter, shift: int) -> None:
        type, labels = converter.header(node)
        at = self._spot((type, *labels), node, converter)
        make = self._later(node, converter)
        if self._wanted is not None:
            start, end = node.start_byte + shift, node.end_byte + shift
            make = make if self._wanted(type, labels) else self._reparse(start, end)
        block = _Block(type, labels, at, make, node.has_error)
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

    def _later(self, node: Any, converter: Converter) -> Callable[[_Block], _Body]:
        def make(block: _Block) -> _Body:
            inner = _body_of(node, converter, self._document, block.at, self._nested_problem)
            self._deep(converter)
            return inner

        return make

    def _reparse(self, start: int, end: int) -> Callable[[_Block], _Body]:
        def make(block: _Block) -> _Body:
            data = self._data[start:end]
            root = _parser().parse(data).root_node
            converter = Converter(data, _shifted(self._offset, start))
            for body in root.children:
                for node in body.children:
                    if node.type == "block":
                        return _body_of(node, converter, self._document, block.at, None)
            return _Body(block.at, {}, ())

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
            root = _again(_parser().parse(piece).root_node, piece)
            if root.has_error:
                at, message = _mistake(root, piece)
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
            open_ = index + 1 < len(cuts) and _parser().parse(whole).root_node.has_error
            if open_ and self._closes(start, cuts, index):
                continue
            yield start, cut
            start = cut

    def _closes(self, start: int, cuts: Sequence[int], index: int) -> bool:
        """Tell whether one of the next few cuts ends a piece without mistakes."""
        for cut in cuts[index + 1 : index + 9]:
            if not _parser().parse(self._data[start:cut]).root_node.has_error:
                return True
        return False

    def _broken(self, start: int, end: int, root: Any) -> None:
        """Keep what a block with a mistake is: somebody may refer to it."""
        header = _HEADER.match(self._data, start)
        if header is None:
            return
        type = header[1].decode()
        labels = tuple(
            (found[1] or found[2] or b"").decode("utf-8", "replace")
            for found in _LABEL.finditer(header[2])
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
            spot = Spot(self._document, at, keys[-1], offset(start), offset(header.end()))
            self._blocks.append(
                _Block(type, labels, spot, lambda block: _Body(block.at, {}, ()), True)
            )


def _attribute(
    node: Any, converter: Converter, document: Document, parent: Location | None
) -> Attribute | None:
    found = converter.argument(node)
    if found is None:
        return None
    name, value, start, end = found
    at = Spot(document, document.root if parent is None else parent, name, start, end)
    return Attribute(name, Expression(value, at), at)


def _body_of(
    node: Any,
    converter: Converter,
    document: Document,
    at: Location,
    report: Callable[[str, int], None] | None,
    depth: int = 0,
) -> _Body:
    attributes: dict[str, Attribute] = {}
    blocks: list[_Block] = []
    seen: dict[tuple[str, ...], int] = {}
    body = next((c for c in node.children if c.type == "body"), None)
    last = None
    for child in () if body is None else body.children:
        kind = child.type
        if kind == "attribute":
            attribute = _attribute(child, converter, document, at)
            if attribute is None:
                continue
            if attribute.name not in attributes:
                attributes[attribute.name] = attribute
            elif report is not None:
                report(f"sets {attribute.name} a second time", converter.places(child)[0])
        elif kind == "block":
            if depth > MAX_DEPTH // 2:
                converter.deepest = converter.places(child)[0]
                continue
            blocks.append(_nested(child, converter, document, at, seen, report, depth))
        else:
            continue
        if last is not None and report is not None:  # noqa: SIM102
            if not converter.breaks(last.end_byte, child.start_byte):
                report("needs a new line before this", converter.places(child)[0])
        last = child
    return _Body(at, attributes, blocks)


def _nested(
    node: Any,
    converter: Converter,
    document: Document,
    parent: Location,
    seen: dict[tuple[str, ...], int],
    report: Callable[[str, int], None] | None,
    depth: int,
) -> _Block:
    type, labels = converter.header(node)
    keys: tuple[str, ...] = (type, *labels)
    number = seen.get(keys, 0)
    seen[keys] = number + 1
    above = parent
    for key in keys[:-1]:
        above = above / key
    last: Key = keys[-1]
    if number:
        above, last = above / last, number
    at = Spot(document, above, last, *converter.places(node))

    def make(block: _Block) -> _Body:
        return _body_of(node, converter, document, block.at, report, depth + 1)

    block = _Block(type, labels, at, make, node.has_error)
    block.body  # noqa: B018 - the parser's tree is not kept for the blocks in a block
    return block


def _mistake(root: Any, data: bytes) -> tuple[int, str]:
    """Return the offset of the first mistake in a tree, and what it is."""
    stack = [root]
    found = root
    while stack:
        node = stack.pop()
        if node.is_missing:
            return node.start_byte, f"{_named(node.type)} is missing"
        if node.is_error:
            found = node
            inner = [c for c in node.children if c.has_error or c.is_missing]
            if not inner:
                break
            stack = list(reversed(inner))
            continue
        stack.extend(reversed([c for c in node.children if c.has_error or c.is_missing]))
    text = data[found.start_byte : found.end_byte].decode("utf-8", "replace").strip()
    first = text.split("\n", 1)[0].strip()
    shown = first if len(first) <= 40 else first[:40] + "…"
    return found.start_byte, f"{shown!r} is not understood" if shown else "it ends too early"


def _named(kind: str) -> str:
    return _KINDS.get(kind, f"`{kind}`")


_KINDS: Final = {
    "block_end": "the `}` of a block",
    "object_end": "the `}` of an object",
    "tuple_end": "the `]` of a list",
    "quoted_template_end": "the closing quote",
    "template_interpolation_end": "the `}` of an interpolation",
    "template_directive_end": "the `}` of a directive",
    "heredoc_identifier": "the end of a heredoc",
    "identifier": "a name",
    "expression": "a value",
}
