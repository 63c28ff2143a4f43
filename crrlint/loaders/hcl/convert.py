"""From the parser's tree to expressions.

Most expressions are a plain text, a reference or a number: those are read from the text
itself, for asking the parser's tree costs more than it cost to make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from crrlint.loaders.hcl.numbers import OutOfRange, number
from crrlint.loaders.hcl.syntax import (
    Access,
    Attr,
    Bad,
    Binary,
    Call,
    Conditional,
    ForObject,
    ForTuple,
    Index,
    Item,
    Literal,
    Name,
    Object,
    Splat,
    Template,
    Tree,
    Tuple,
    Unary,
)
from crrlint.loaders.hcl.templates import Tag, Token, heredoc_tokens, quoted_tokens, structure

MAX_DEPTH: Final = 64

_PLAIN = re.compile(rb'"([^"\\$%\n\r]*)"')
_REFERENCE = re.compile(rb"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
_NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INTERPOLATED = re.compile(rb'"(?:[^"\\$%\n\r]|\$\{[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*\})*"')
_ARGUMENT = re.compile(rb"([A-Za-z_][\w-]*)[ \t]*=[ \t]*")
_MEMBER = re.compile(rb'([A-Za-z_][\w-]*|"[^"\\$%\n\r]*")[ \t]*[=:][ \t]*')
_HEADER = re.compile(rb'([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"\\$%\n\r]+"|[A-Za-z_][\w-]*))*)[ \t]*\{')
_LABEL = re.compile(rb'"([^"]+)"|([A-Za-z_][\w-]*)')
_INTERPOLATION = re.compile(rb"\$\{([^}]*)\}")
_CONSTANTS: Final = {b"true": True, b"false": False, b"null": None}
_STEPS: Final = frozenset(("get_attr", "index", "splat"))


class Converter:
    """Converts the nodes of one parsed text; `offset` maps its bytes to places."""

    __slots__ = ("_data", "_offset", "deepest")

    def __init__(self, data: bytes, offset: Callable[[int], int] | None) -> None:
        self._data = data
        self._offset = offset
        self.deepest: int | None = None
        """Where the nesting first went too deep."""

    def places(self, node: Any) -> tuple[int, int]:
        start, end = node.start_byte, node.end_byte
        offset = self._offset
        return (start, end) if offset is None else (offset(start), offset(end))

    def text(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "replace")

    def breaks(self, start: int, end: int) -> bool:
        """Tell whether a line ends between two places."""
        return self._data.find(b"\n", start, end) >= 0

    def expression(self, node: Any, depth: int = 0) -> Tree:
        """Convert a node of type `expression`."""
        simple = self._simple(node.start_byte, node.end_byte)
        if simple is not None:
            return simple
        if depth > MAX_DEPTH:
            return self._too_deep(node)
        return self._terms(_children(node), node, depth)

    def _simple(self, start: int, end: int) -> Tree | None:
        """Read a plain text, a number or a reference from the text itself."""
        data = self._data
        if start >= end:
            return None
        first = data[start]
        if first == 34:
            plain = _PLAIN.fullmatch(data, start, end)
            if plain is not None:
                offset = self._offset
                if offset is not None:
                    start, end = offset(start), offset(end)
                return Literal(plain[1].decode(), start, end)
            if _INTERPOLATED.fullmatch(data, start, end) is not None:
                return self._interpolated(start, end)
        elif 48 <= first <= 57:
            if _NUMBER.fullmatch(data, start, end) is not None:
                text = self.text(start, end)
                offset = self._offset
                if offset is not None:
                    start, end = offset(start), offset(end)
                return _number(text, start, end)
        elif _REFERENCE.fullmatch(data, start, end) is not None:
            return self._reference(start, end)
        return None

    def argument(self, node: Any) -> tuple[str, Tree, int, int] | None:
        """Return the name and the value of a node of type `attribute`, and where it stands."""
        start, end = node.start_byte, node.end_byte
        name: str | None = None
        value: Tree | None = None
        head = _ARGUMENT.match(self._data, start, end)
        if head is not None and head.end() < end:
            value = self._simple(head.end(), end)
            name = head[1].decode()
        if value is None:
            for child in node.children:
                if child.type == "identifier" and name is None:
                    name = self.text(child.start_byte, child.end_byte)
                elif child.type == "expression":
                    try:
                        value = self.expression(child)
                    except RecursionError:
                        value = Bad("is nested too deeply", *self.places(child))
        offset = self._offset
        if offset is not None:
            start, end = offset(start), offset(end)
        if name is None:
            return None
        return name, Bad("has no value", start, end) if value is None else value, start, end

    def header(self, node: Any) -> tuple[str, tuple[str, ...]]:
        """Return the type and the labels of a node of type `block`."""
        found = _HEADER.match(self._data, node.start_byte, node.end_byte)
        if found is not None:
            labels = found[2]
            if not labels:
                return found[1].decode(), ()
            return found[1].decode(), tuple(
                [(label[0] or label[1]).decode() for label in _LABEL.findall(labels)]
            )
        words = []
        for child in node.children:
            if child.type == "identifier":
                words.append(self.text(child.start_byte, child.end_byte))
            elif child.type == "string_lit":
                words.append(self.text(child.start_byte + 1, child.end_byte - 1))
            elif child.type == "block_start":
                break
        return (words[0], tuple(words[1:])) if words else ("", ())

    def _reference(self, start: int, end: int) -> Tree:
        data = self._data[start:end]
        offset = self._offset
        if data in _CONSTANTS:
            if offset is not None:
                start, end = offset(start), offset(end)
            return Literal(_CONSTANTS[data], start, end)
        first = start if offset is None else offset(start)
        root, *names = data.decode().split(".")
        at = first + len(root)
        value: Tree = Name(root, first, at)
        constant = root.encode()
        if constant in _CONSTANTS:
            value = Literal(_CONSTANTS[constant], first, at)
        if not names:
            return value
        steps = []
        for name in names:
            below = at + 1 + len(name)
            steps.append(Attr(name, at + 1, below))
            at = below
        return Access(value, tuple(steps), first, at)

    def _interpolated(self, start: int, end: int) -> Tree:
        """Read a quoted text of which every interpolation is a plain reference."""
        offset = self._offset
        tokens: list[Token] = []
        at = start + 1
        for found in _INTERPOLATION.finditer(self._data, at, end):
            if found.start() > at:
                tokens.append(self._plain_token(at, found.start()))
            place = found.start() if offset is None else offset(found.start())
            inner = self._reference(found.start(1), found.end(1))
            tokens.append(Tag("interpolation", place, (inner,)))
            at = found.end()
        if at < end - 1:
            tokens.append(self._plain_token(at, end - 1))
        places = (start, end) if offset is None else (offset(start), offset(end))
        return self._template(tokens, *places)

    def _plain_token(self, start: int, end: int) -> Token:
        offset = self._offset
        return [(self.text(start, end), start if offset is None else offset(start))]

    def _too_deep(self, node: Any) -> Tree:
        start, end = self.places(node)
        if self.deepest is None:
            self.deepest = start
        return Bad(f"is nested more than {MAX_DEPTH} levels deep", start, end)

    def _bad(self, node: Any) -> Tree:
        return Bad("is not a valid expression", *self.places(node))

    def _terms(self, children: Sequence[Any], node: Any, depth: int) -> Tree:
        if not children:
            return self._bad(node)
        value, used = self._operand(children, 0, depth)
        return value if used == len(children) else self._bad(node)

    def _operand(self, children: Sequence[Any], at: int, depth: int) -> tuple[Tree, int]:
        """Convert a value and the steps after it; return it with the place of what follows."""
        first = children[at]
        if first.type == "(":
            if at + 2 >= len(children) or children[at + 2].type != ")":
                return self._bad(first), len(children)
            inner = children[at + 1]
            value = self.expression(inner, depth + 1)
            if isinstance(value, (Literal, Name)):
                # The key `(a)` of an object is no bare name.
                value = Access(value, (), *self.places(inner))
            at += 3
        else:
            value = self._primary(first, depth)
            at += 1
        end = at
        while end < len(children) and children[end].type in _STEPS:
            end += 1
        if end == at:
            return value, at
        steps = self._steps(children[at:end], depth)
        places = self.places(first)[0], self.places(children[end - 1])[1]
        return Access(value, tuple(steps), *places), end

    def _steps(self, nodes: Sequence[Any], depth: int) -> list[Tree]:
        """Convert the steps after a value.

        All that follows `[*]` applies to each element; what follows `.*` only up to an index.
        """
        steps: list[Tree] = []
        for position, node in enumerate(nodes):
            if node.type != "splat":
                steps.append(self._step(node, depth))
                continue
            inner = node.children[0]
            own = [c for c in _children(inner) if c.type in _STEPS]
            rest = [*own, *nodes[position + 1 :]]
            each = len(rest)
            if inner.type == "attr_splat":
                each = next((i for i, c in enumerate(rest) if not self._is_attribute(c)), each)
            inside = tuple(self._steps(rest[:each], depth + 1))
            steps.append(Splat(inside, *self.places(node)))
            return [*steps, *self._steps(rest[each:], depth + 1)]
        return steps

    def _is_attribute(self, node: Any) -> bool:
        return bool(self._data[node.start_byte] == 46 and node.type != "splat")

    def _step(self, node: Any, depth: int) -> Tree:
        places = self.places(node)
        kind = node.type
        if kind == "get_attr":
            names = [c for c in node.children if c.type == "identifier"]
            text = self.text(names[0].start_byte, names[0].end_byte) if names else ""
            if not names:
                return Index(self._bad(node), *places)
            return Attr(text, *self.places(names[0]))
        children = node.children
        inner = children[0] if children else node
        if kind == "index":
            if inner.type == "legacy_index":
                digits = self.text(inner.start_byte, inner.end_byte).lstrip(".")
                if not digits.isdigit():
                    return Index(self._bad(node), *places)
                return Index(Literal(int(digits), *places), *places)
            keys = [c for c in inner.children if c.type == "expression"]
            key = self.expression(keys[0], depth + 1) if len(keys) == 1 else self._bad(node)
            return Index(key, *places)
        return Index(self._bad(node), *places)

    def _primary(self, node: Any, depth: int) -> Tree:
        kind = node.type
        if kind == "expression":
            return self.expression(node, depth + 1)
        convert = _PRIMARIES.get(kind)
        return self._bad(node) if convert is None else convert(self, node, depth)

    def _literal(self, node: Any, depth: int) -> Tree:
        inner = node.children[0] if node.children else node
        if inner.type == "string_lit":
            return self._quoted(inner, depth)
        text = self._data[inner.start_byte : inner.end_byte]
        if text in _CONSTANTS:
            return Literal(_CONSTANTS[text], *self.places(node))
        if _NUMBER.fullmatch(text) is None:
            return self._bad(node)
        return _number(text.decode(), *self.places(node))

    def _variable(self, node: Any, depth: int) -> Tree:
        return Name(self.text(node.start_byte, node.end_byte), *self.places(node))

    def _operation(self, node: Any, depth: int) -> Tree:
        # A chain like a + b + … leans to the left and can be longer than Python's stack.
        pending: list[tuple[Any, str, Sequence[Any]]] = []
        inner = node
        while True:
            children = _children(inner)
            inner = children[0] if inner.type == "operation" and children else inner
            children = _children(inner)
            if inner.type == "unary_operation":
                if len(children) < 2:
                    return self._bad(node)
                if depth > MAX_DEPTH:
                    return self._too_deep(node)
                value, _ = self._operand(children, 1, depth + 1)
                left: Tree = Unary(children[0].type, value, *self.places(inner))
                break
            cut = next((i for i, c in enumerate(children) if c.type in _OPERATORS), 0)
            if inner.type != "binary_operation" or not cut or cut + 1 >= len(children):
                left = self._bad(node)
                break
            pending.append((inner, children[cut].type, children[cut + 1 :]))
            if cut == 1 and children[0].type == "operation":
                inner = children[0]
                continue
            if depth > MAX_DEPTH:
                return self._too_deep(node)
            left, _ = self._operand(children[:cut], 0, depth + 1)
            break
        for outer, operator, rest in reversed(pending):
            right, _ = self._operand(rest, 0, depth + 1)
            left = Binary(operator, left, right, *self.places(outer))
        return left

    def _conditional(self, node: Any, depth: int) -> Tree:
        # The grammar takes `a ? b : c ? d : e` for `(a ? b : c) ? d : e`; HCL does not.
        branches: list[tuple[Any, Any]] = []
        inner = node
        while True:
            parts = [c for c in inner.children if c.type == "expression"]
            if len(parts) != 3:
                return self._bad(node)
            branches.append((parts[1], parts[2]))
            below = _children(parts[0])
            if len(below) != 1 or below[0].type != "conditional":
                break
            inner = below[0]
        if depth + len(branches) > MAX_DEPTH:
            return self._too_deep(node)
        condition = self.expression(parts[0], depth + 1)
        end = self.places(node)[1]
        tests = [condition, *[self.expression(e, depth + 1) for _, e in reversed(branches)]]
        tree = tests.pop()
        for (then, _), test in zip(branches, reversed(tests), strict=True):
            tree = Conditional(test, self.expression(then, depth + 1), tree, test.start, end)
        return tree

    def _collection(self, node: Any, depth: int) -> Tree:
        inner = next((c for c in node.children if c.type in ("tuple", "object")), None)
        if inner is None:
            return self._bad(node)
        places = self.places(inner)
        if inner.type == "tuple":
            items = [c for c in inner.children if c.type == "expression"]
            return Tuple(tuple([self.expression(c, depth + 1) for c in items]), *places)
        elements = [c for c in inner.children if c.type == "object_elem"]
        return Object(tuple([self._item(c, depth) for c in elements]), *places)

    def _item(self, node: Any, depth: int) -> Item:
        start, end = node.start_byte, node.end_byte
        head = _MEMBER.match(self._data, start, end)
        if head is not None and head.end() < end:
            value = self._simple(head.end(), end)
            if value is not None:
                offset = self._offset
                last = head.end(1)
                if offset is not None:
                    start, end, last = offset(start), offset(end), offset(last)
                name = Literal(head[1].strip(b'"').decode(), start, last)
                return Item(name, value, start, end)
        parts = [c for c in node.children if c.type == "expression"]
        places = self.places(node)
        if len(parts) != 2:
            return Item(self._bad(node), self._bad(node), *places)
        key, value = (self.expression(part, depth + 1) for part in parts)
        if isinstance(key, Name):
            key = Literal(key.name, key.start, key.end)
        elif isinstance(key, Literal) and not isinstance(key.value, str):
            key = Literal(self.text(parts[0].start_byte, parts[0].end_byte), key.start, key.end)
        return Item(key, value, *places)

    def _for(self, node: Any, depth: int) -> Tree:
        inner = node.children[0]
        intro = next((c for c in inner.children if c.type == "for_intro"), None)
        if intro is None:
            return self._bad(node)
        head = self._intro(intro, depth)
        if head is None:
            return self._bad(node)
        results = [c for c in inner.children if c.type == "expression"]
        values = [self.expression(c, depth + 1) for c in results]
        condition = None
        for found in (c for c in inner.children if c.type == "for_cond"):
            tests = [c for c in found.children if c.type == "expression"]
            condition = self.expression(tests[0], depth + 1) if tests else self._bad(found)
        places = self.places(node)
        if inner.type == "for_tuple_expr" and len(values) == 1:
            return ForTuple(*head, values[0], condition, *places)
        if inner.type == "for_object_expr" and len(values) == 2:
            groups = any(c.type == "ellipsis" for c in inner.children)
            return ForObject(*head, values[0], values[1], groups, condition, *places)
        return self._bad(node)

    def _intro(self, node: Any, depth: int) -> tuple[str | None, str, Tree] | None:
        """Return the key's name, the value's name and the collection of a `for`."""
        names = [
            self.text(c.start_byte, c.end_byte) for c in node.children if c.type == "identifier"
        ]
        found = [c for c in node.children if c.type == "expression"]
        if not 1 <= len(names) <= 2 or len(found) != 1:
            return None
        key = names[0] if len(names) == 2 else None
        return key, names[-1], self.expression(found[0], depth + 1)

    def _call(self, node: Any, depth: int) -> Tree:
        name = ""
        arguments: list[Tree] = []
        expands = False
        for child in node.children:
            if child.type == "identifier":
                name = "".join(self.text(child.start_byte, child.end_byte).split())
            elif child.type == "function_arguments":
                for part in child.children:
                    if part.type == "expression":
                        arguments.append(self.expression(part, depth + 1))
                    elif part.type == "ellipsis":
                        expands = True
        return Call(name, tuple(arguments), expands, *self.places(node))

    def _template_expression(self, node: Any, depth: int) -> Tree:
        inner = node.children[0] if node.children else node
        if inner.type == "heredoc_template":
            return self._heredoc(inner, depth)
        return self._quoted(inner, depth)

    def _quoted(self, node: Any, depth: int) -> Tree:
        start, end = node.start_byte + 1, node.end_byte - 1
        tags = self._tags(node, depth)
        tokens = quoted_tokens(self._slices(start, end, tags), tags)
        return self._template(tokens, *self.places(node))

    def _heredoc(self, node: Any, depth: int) -> Tree:
        marks = [c for c in node.children if c.type == "heredoc_identifier"]
        if len(marks) != 2:
            return self._bad(node)
        flush = self._data[node.start_byte : node.start_byte + 3] == b"<<-"
        start = self._data.find(b"\n", marks[0].end_byte) + 1
        end = self._data.rfind(b"\n", start - 1, marks[1].start_byte) + 1
        tags = self._tags(node, depth)
        tokens = heredoc_tokens(self._slices(start, end, tags), tags, flush)
        places = self.places(node)
        template = self._template(tokens, *places)
        # A heredoc is text, even when it is nothing but one interpolation.
        return template._replace(wraps=False) if isinstance(template, Template) else template

    def bare(self, node: Any, start: int, end: int) -> Tree:
        """Convert what stands in a file or a JSON string: a heredoc's inside is like it."""
        tags = self._tags(node, 0)
        tokens = heredoc_tokens(self._slices(start, end, tags), tags, False, lines=False)
        offset = self._offset
        places = (start, end) if offset is None else (offset(start), offset(end))
        return self._template(tokens, *places)

    def _template(self, tokens: list[Token], start: int, end: int) -> Tree:
        if not any(isinstance(token, Tag) for token in tokens):
            runs = tuple([run for token in tokens if isinstance(token, list) for run in token])
            return Literal("".join([text for text, _ in runs]), start, end, runs)
        pieces_ = structure(tokens)
        if pieces_ is None:
            return Bad("has a template directive without its end", start, end)
        return Template(pieces_, _wraps(tokens), start, end)

    def _tags(self, node: Any, depth: int) -> list[tuple[int, int, Tag]]:
        """Return the interpolations and directives in a template, flat, with their extent."""
        tags: list[tuple[int, int, Tag]] = []
        stack = list(reversed(node.children))
        while stack:
            child = stack.pop()
            kind = child.type
            if kind == "template_interpolation":
                start = child.start_byte
                if self._data[start - 2 : start] == b"$$":
                    continue  # `$$${` is a dollar and an escape, which the grammar does not see
                tags.append(self._tag(child, "interpolation", depth))
            elif kind in _TAGS:
                tags.append(self._tag(child, _TAGS[kind], depth))
            elif kind in _NESTING:
                stack.extend(reversed(child.children))
        return tags

    def _tag(self, node: Any, kind: str, depth: int) -> tuple[int, int, Tag]:
        values: tuple[Any, ...] = ()
        start, end = node.start_byte, node.end_byte
        if kind == "for":
            head = self._intro(node, depth)
            values = head or (None, "", self._bad(node))
        elif kind in ("interpolation", "if"):
            found = [c for c in node.children if c.type == "expression"]
            values = (self.expression(found[0], depth + 1) if len(found) == 1 else self._bad(node),)
        data = self._data
        tag = Tag(kind, self.places(node)[0], values, data[start + 2] == 126, data[end - 2] == 126)
        return start, end, tag

    def _slices(
        self, start: int, end: int, tags: Sequence[tuple[int, int, Tag]]
    ) -> list[tuple[str, int]]:
        """Return the source between the tags: its text and where it starts."""
        slices = []
        for left, right, _ in (*tags, (end, end, None)):
            place = start if self._offset is None else self._offset(start)
            slices.append((self.text(start, max(start, left)), place))
            start = right
        return slices


def _wraps(tokens: Sequence[Token]) -> bool:
    return len(tokens) == 1 and isinstance(tokens[0], Tag) and tokens[0].kind == "interpolation"


def _number(text: str, start: int, end: int) -> Tree:
    try:
        return Literal(number(text), start, end)
    except OutOfRange as error:
        return Bad(f"the number {error}", start, end)


def _children(node: Any) -> list[Any]:
    children: list[Any] = node.children
    if any(c.type == "comment" for c in children):
        return [c for c in children if c.type != "comment"]
    return children


_TAGS: Final = {
    "template_if_intro": "if",
    "template_else_intro": "else",
    "template_if_end": "endif",
    "template_for_start": "for",
    "template_for_end": "endfor",
}
_NESTING: Final = frozenset(("template_directive", "template_if", "template_for"))
_OPERATORS: Final = frozenset(
    ("||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%")
)
_PRIMARIES: Final[dict[str, Callable[[Converter, Any, int], Tree]]] = {
    "literal_value": Converter._literal,
    "template_expr": Converter._template_expression,
    "variable_expr": Converter._variable,
    "operation": Converter._operation,
    "conditional": Converter._conditional,
    "collection_value": Converter._collection,
    "for_expr": Converter._for,
    "function_call": Converter._call,
}
