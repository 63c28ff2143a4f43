"""The trees that tree-sitter's grammar makes of HCL, and where they are wrong."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from typing import Any, Final

_NEXT_MEMBER: Final = re.compile(rb"(?<=[\w-])([ \t]*)\n(?=[ \t\n]*\()")
_EXPONENT: Final = re.compile(rb"(?<![\w.-])[0-9]+[eE][+-]?[0-9]+(?![\w.])")


@cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def raw_tree(data: bytes) -> Any:
    """Return the tree as the grammar has it."""
    return _parser().parse(data).root_node


def tree_of(data: bytes) -> Any:
    """Return the tree; what the grammar takes for mistakes is parsed again with something else.

    It knows no line ends, and takes a member `(key) = …` after a name for a call; nor does
    it know numbers like 1e5.  What is there instead has the same length: what was written is
    read from the text, not from the tree.
    """
    root = raw_tree(data)
    if not root.has_error:
        return root
    patched = _EXPONENT.sub(lambda found: b"1" * len(found[0]), _NEXT_MEMBER.sub(rb"\1,", data))
    return root if patched == data else raw_tree(patched)


def offsets(data: bytes, skip: int = 0) -> Callable[[int], int] | None:
    """Return what maps offsets in the bytes to offsets in the text; None when they are the same."""
    if data.isascii():
        return None if not skip else lambda offset: offset - skip
    # Continuation bytes add nothing to the text.
    extra = [i for i, byte in enumerate(data) if byte & 0xC0 == 0x80]
    return lambda offset: offset - bisect_right(extra, offset - 1) - skip


def shifted(offset: Callable[[int], int] | None, shift: int) -> Callable[[int], int]:
    """Return what maps offsets in bytes that start at `shift` in the file."""
    if offset is None:
        return lambda at: at + shift
    return lambda at: offset(at + shift)


def first_mistake(root: Any, data: bytes) -> tuple[int, str]:
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
