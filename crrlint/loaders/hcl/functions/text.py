"""Functions over texts.  Of texts with symbols in them they say what is certain."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.formats import format_text
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.graphemes import clusters
from crrlint.loaders.hcl.pieces import assemble, excludes
from crrlint.loaders.hcl.templates import SPACES
from crrlint.loaders.hcl.types import STRING, convert, described
from crrlint.loaders.hcl.values import MAX_TEXT, JsonText, ListOf, OpenText, TextSymbol, is_text
from crrlint.values import Symbolic, Unknown
from crrlint.values.symbols import Symbol, Undecided

Text = str | Symbolic

_NEWLINES: Final = re.compile(r"(?:\r\n?|\n)*\Z")


def _parts(text: Text) -> list[str | Symbol]:
    return list(text.parts) if isinstance(text, Symbolic) else [text]


def _cased(change: Callable[[str], str], name: str) -> Callable[[Text], Any]:
    def cased(text: Text) -> Any:
        if isinstance(text, str):
            return change(text)
        return assemble([_cased_part(part, change, name) for part in text.parts])

    return cased


def _cased_part(part: str | Symbol, change: Callable[[str], str], name: str) -> str | Symbol:
    if isinstance(part, str):
        return change(part)
    if part.form == "account" or (name == "lower" and part.form in ("region", "partition")):
        return part
    return TextSymbol(
        f"{name}<{part.entity}|{part.attribute}>", "result", f"{name}({part.text})",
        form=part.form, reason=part.reason, needs=part.needs,
    )  # fmt: skip


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join([c.lower()[0] for c in text])


def _upper(text: str) -> str:
    if text.isascii():
        return text.upper()
    return "".join([c.upper() if len(c.upper()) == 1 else c for c in text])


def _title(text: str) -> str:
    made = []
    before = " "
    for character in text:
        word = before.isalnum() or before == "_" or (ord(before) > 127 and not before.isspace())
        made.append(character if word else _upper(character))
        before = character
    return "".join(made)


def _chomp(text: Text) -> Any:
    parts = _parts(text)
    last = parts[-1]
    if not isinstance(last, str):
        if excludes(last, "\r\n"):
            return text
        raise _open(text)
    kept = _NEWLINES.sub("", last)
    if not kept and len(parts) > 1 and not all(_no_edge(p, "\r\n") for p in parts[:-1]):
        raise _open(text)
    return assemble([*parts[:-1], kept])


def _no_edge(part: str | Symbol, characters: str) -> bool:
    return isinstance(part, Symbol) and excludes(part, characters)


def _open(text: Text) -> Undecided:
    assert isinstance(text, Symbolic)
    return text.undecided()


def _trim(text: Text, characters: str, start: bool = True, end: bool = True) -> Any:
    parts = _parts(text)
    if start:
        parts = _trimmed(parts, characters, text, 0)
    if end:
        parts = _trimmed(parts, characters, text, -1)
    return assemble(parts)


def _trimmed(
    parts: list[str | Symbol], characters: str, text: Text, side: int
) -> list[str | Symbol]:
    while parts:
        part = parts[side]
        if isinstance(part, Symbol):
            if excludes(part, characters):
                return parts
            raise _open(text)
        kept = part.lstrip(characters) if side == 0 else part.rstrip(characters)
        if kept:
            parts[side] = kept
            return parts
        del parts[side]
    return parts


def _trim_space(text: Text) -> Any:
    return _trim(text, SPACES)


def _trim_set(text: Text, characters: str) -> Any:
    return _trim(text, characters) if characters else text


def _trim_prefix(text: Text, prefix: str) -> Any:
    if not prefix or not text.startswith(prefix):
        return text
    parts = _parts(text)
    assert isinstance(parts[0], str)
    return assemble([parts[0][len(prefix) :], *parts[1:]])


def _trim_suffix(text: Text, suffix: str) -> Any:
    if not suffix or not text.endswith(suffix):
        return text
    parts = _parts(text)
    assert isinstance(parts[-1], str)
    return assemble([*parts[:-1], parts[-1][: -len(suffix)]])


def _starts(text: Text, prefix: Text) -> bool:
    if isinstance(prefix, str):
        return text.startswith(prefix)
    if isinstance(text, Symbolic):
        from crrlint.values.comparison import strip_common

        left, right = list(text.parts), list(prefix.parts)
        if not strip_common(left, right):
            return False
        if not right:
            return True
    raise _open(prefix)


def _ends(text: Text, suffix: str) -> bool:
    return text.endswith(suffix)


def _contains(text: Text, wanted: str) -> bool:
    if isinstance(text, str):
        return wanted in text
    if any(isinstance(part, str) and wanted in part for part in text.parts):
        return True
    if all(isinstance(part, str) or excludes(part, wanted) for part in text.parts):
        return False
    raise text.undecided()


def _indent(spaces: int, text: Text) -> Any:
    if spaces < 0:
        raise BadArgument("cannot indent by less than nothing")
    if spaces > 10_000:
        raise BadArgument("indents too far")
    return _replaced(text, "\n", "\n" + " " * spaces)


def _replaced(text: Text, old: str, new: Text) -> Any:
    """Replace a literal, as far as no symbol can hold it or a part of it."""
    parts = _parts(text)
    if any(isinstance(part, Symbol) and not (old and excludes(part, old)) for part in parts):
        raise _open(text)
    made: list[Any] = []
    for part in parts:
        if isinstance(part, Symbol):
            made.append(part)
        elif not isinstance(new, str):
            if not old:
                raise new.undecided()
            for position, piece in enumerate(part.split(old)):
                made += [new, piece] if position else [piece]
        else:
            if part.count(old) * len(new) > MAX_TEXT:
                raise Undecided("too_complex", f"a text of more than {MAX_TEXT} characters")
            made.append(part.replace(old, new))
    return assemble(made)


def _replace(text: Text, old: str, new: Text) -> Any:
    if len(old) > 1 and old[0] == "/" and old[-1] == "/":
        if isinstance(text, Symbolic):
            raise text.undecided()
        if isinstance(new, Symbolic):
            raise new.undecided()
        from crrlint.loaders.hcl.functions.regexes import replace_matches

        return replace_matches(text, old[1:-1], new)
    return _replaced(text, old, new)


def _split(separator: str, text: Text) -> Any:
    if isinstance(text, str):
        pieces = text.split(separator) if separator else list(text)
        return ListOf(pieces, of=STRING)  # type: ignore[arg-type]
    if not separator:
        raise text.undecided()
    found: list[list[str | Symbol]] = [[]]
    for part in text.parts:
        if isinstance(part, Symbol):
            if not excludes(part, separator):
                raise text.undecided()
            found[-1].append(part)
            continue
        first, *others = part.split(separator)
        found[-1].append(first)
        found.extend([other] for other in others)
    return ListOf([assemble(piece) for piece in found], of=STRING)  # type: ignore[misc]


def _join(separator: Node, *lists: list[Node]) -> Any:
    pieces: list[Any] = []
    between = _piece(separator)
    for items in lists:
        if isinstance(items, ListOf) and not items.certain:
            raise Undecided("unsupported_expression", "a list of open order")
        for item in items:
            if pieces:
                pieces.append(between)
            pieces.append(_piece(item))
    return assemble(pieces)


def _piece(node: Node) -> Any:
    node = node.settled()
    value = node.value
    if value is None:
        raise BadArgument("null in a text")
    if isinstance(value, (dict, list)):
        raise BadArgument(f"{described(value)} where a text is needed")
    return value if isinstance(value, Unknown) else convert(node, STRING).value


def _strrev(text: str) -> str:
    return "".join(reversed(clusters(text)))


def _substr(text: Text, offset: int, length: int) -> Any:
    if isinstance(text, Symbolic):
        return _substr_of_symbols(text, offset, length)
    characters = clusters(text)
    if offset < 0:
        offset = max(0, offset + len(characters))
    elif length == 0:
        return ""
    # Counted from the end, no length means all the rest too.
    end = offset + length if length > 0 else len(characters)
    return "".join(characters[offset:end])


def _substr_of_symbols(text: Symbolic, offset: int, length: int) -> Any:
    if length == 0 and offset >= 0:
        return ""
    lead = text.parts[0]
    if offset == 0 and length < 0:
        return text
    if isinstance(lead, str) and lead.isascii() and offset >= 0:
        if 0 < length and offset + length <= len(lead):
            return lead[offset : offset + length]
        if length < 0 and offset <= len(lead):
            return assemble([lead[offset:], *text.parts[1:]])
    raise text.undecided()


def _format(template: str, *arguments: Node) -> Any:
    return assemble(format_text(template, [argument.settled() for argument in arguments]))


def _formatlist(template: str, *arguments: Node) -> Any:
    lists: list[list[Node] | Node] = []
    length: int | None = None
    for argument in arguments:
        inner = argument.settled()
        value = inner.value
        if isinstance(value, Unknown) and not isinstance(value, (JsonText, OpenText)):
            raise value.undecided()
        if isinstance(value, Symbolic) and not is_text(value):
            raise value.undecided()
        if isinstance(value, list):
            if isinstance(value, ListOf) and not value.certain:
                raise Undecided("unsupported_expression", "a list of open order")
            if length is not None and length != len(value):
                raise BadArgument(f"lists of {length} and of {len(value)} elements")
            length = len(value)
            lists.append(value)
        else:
            lists.append(inner)
    rows = 1 if length is None else length
    return ListOf(
        [
            _format(template, *[item[row] if isinstance(item, list) else item for item in lists])
            for row in range(rows)
        ],
        of=STRING,
    )


def _whole(change: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of a plain text one that asks for it."""

    def changed(text: Text, *rest: Any) -> Any:
        if isinstance(text, Symbolic):
            raise text.undecided()
        return change(text, *rest)

    return changed


FUNCTIONS: Final[dict[str, Function]] = {
    "chomp": Function(_chomp, ("text",), text=True),
    "endswith": Function(_ends, ("text", "str")),
    "format": Function(_format, ("str",), rest="any", text=True),
    "formatlist": Function(_formatlist, ("str",), rest="any"),
    "indent": Function(_indent, ("int", "text"), text=True),
    "join": Function(_join, ("any",), rest="bag", text=True),
    "lower": Function(_cased(_lower, "lower"), ("text",), text=True),
    "replace": Function(_replace, ("text", "str", "text"), text=True),
    "split": Function(_split, ("str", "text")),
    "startswith": Function(_starts, ("text", "text")),
    "strcontains": Function(_contains, ("text", "str")),
    "strrev": Function(_whole(_strrev), ("text",), text=True),
    "substr": Function(_substr, ("text", "int", "int"), text=True),
    "title": Function(_whole(_title), ("text",), text=True),
    "trim": Function(_trim_set, ("text", "str"), text=True),
    "trimprefix": Function(_trim_prefix, ("text", "str"), text=True),
    "trimspace": Function(_trim_space, ("text",), text=True),
    "trimsuffix": Function(_trim_suffix, ("text", "str"), text=True),
    "upper": Function(_cased(_upper, "upper"), ("text",), text=True),
}
