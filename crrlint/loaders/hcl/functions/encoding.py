"""Encodings: base64, URL, CSV, JSON, YAML, character sets, variables files."""

from __future__ import annotations

import re
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.json_decoder import NotJson, decode
from crrlint.loaders.hcl.json_text import closed_text, plain, quoted
from crrlint.loaders.hcl.sets import is_closed
from crrlint.loaders.hcl.values import JsonText, ListOf, OpenText
from crrlint.values import Symbolic, Undecided, Unknown

MAX_UNPACKED: Final = 16 * 1024 * 1024


def _base64decode(text: str) -> str:
    return _utf8(_from_base64(text))


def _from_base64(text: str) -> bytes:
    import base64
    import binascii

    cleaned = text.replace("\n", "").replace("\r", "")
    try:
        if len(cleaned) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", cleaned):
            raise ValueError
        return base64.b64decode(cleaned, validate=True)
    except (ValueError, binascii.Error):
        raise BadArgument("is no base64") from None


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadArgument("what comes out is not UTF-8") from None


def to_base64(raw: bytes) -> str:
    import base64

    return base64.b64encode(raw).decode("ascii")


def _base64encode(text: str) -> str:
    return to_base64(text.encode("utf-8", "surrogatepass"))


def _gunzip(text: str) -> str:
    import zlib

    unpack = zlib.decompressobj(31)
    try:
        raw = unpack.decompress(_from_base64(text), MAX_UNPACKED)
    except zlib.error:
        raise BadArgument("is no gzip") from None
    if unpack.unconsumed_tail:
        raise Undecided("too_complex", f"a text of more than {MAX_UNPACKED // 2**20} MiB")
    return _utf8(raw)


def _gzip(text: str) -> Node:
    raise Undecided("unsupported_expression", "base64gzip() is not evaluated here")


def _csvdecode(text: str) -> Any:
    import csv
    import io

    try:
        # Lines are counted as they are read, so that a missing field can be told.
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise BadArgument(f"is no CSV: {error}") from None
    if not rows:
        raise BadArgument("has no header")
    header = rows[0]
    if len(set(header)) != len(header):
        raise BadArgument("has two columns of one name")
    for row in rows[1:]:
        if len(row) != len(header):
            raise BadArgument("has a row with another number of fields than the header")
    return ListOf([dict(zip(header, row, strict=True)) for row in rows[1:]])  # type: ignore[misc]


def _jsonencode(node: Node) -> Any:
    return JsonText(node)


def _jsondecode(node: Node) -> Any:
    node = node.settled()
    value = node.value
    if isinstance(value, JsonText):
        return plain(value.node)
    if value is None:
        raise BadArgument("the argument must not be null")
    if isinstance(value, (str, Symbolic, OpenText)):
        try:
            return plain(decode(node))
        except NotJson as error:
            if isinstance(value, str):
                raise BadArgument(f"the text {error}") from None
            raise value.undecided() from None
    if isinstance(value, Unknown):
        raise value.undecided()
    raise BadArgument("needs a text")


def _text_decoded(text: str, encoding: str) -> str:
    raw = _from_base64(text)
    try:
        if encoding.lower() == "utf-16" and raw[:2] in (b"\xfe\xff", b"\xff\xfe"):
            return raw.decode("utf-16")
        return raw.decode(_codec(encoding))
    except UnicodeDecodeError:
        raise BadArgument(f"what comes out is not {encoding}") from None


def _text_encoded(text: str, encoding: str) -> str:
    try:
        mark = b"\xfe\xff" if encoding.lower() == "utf-16" else b""
        return to_base64(mark + text.encode(_codec(encoding)))
    except UnicodeEncodeError:
        raise BadArgument(f"has characters that {encoding} has not") from None


_CODECS: Final = {"utf-16": "utf-16-be", "utf-32": "utf-32-be", "unicode": "utf-16-le"}


def _codec(name: str) -> str:
    import codecs

    lower = name.lower()
    try:
        found = codecs.lookup(_CODECS.get(lower, lower))
    except LookupError:
        raise BadArgument(f"there is no encoding {name}") from None
    if not found._is_text_encoding:
        raise BadArgument(f"there is no encoding {name}")
    return found.name


_UNRESERVED: Final = re.compile(rb"[A-Za-z0-9_.~-]")


def _urlencode(text: str) -> str:
    pieces = []
    for byte in text.encode("utf-8", "surrogatepass"):
        raw = bytes((byte,))
        if _UNRESERVED.match(raw):
            pieces.append(raw.decode())
        else:
            pieces.append("+" if byte == 32 else f"%{byte:02X}")
    return "".join(pieces)


def _urldecode(text: str) -> str:
    raw = text.replace("+", " ").encode("utf-8", "surrogatepass")
    if re.search(rb"%(?![0-9A-Fa-f]{2})", raw):
        raise BadArgument("has a % that is no escape")
    return _utf8(re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes((int(found[1], 16),)), raw))


def _yamldecode(node: Node) -> Any:
    from crrlint.loaders.hcl.yaml_text import read

    node = node.settled()
    value = node.value
    if isinstance(value, JsonText):
        # JSON is YAML.
        return plain(value.node)
    if isinstance(value, (Symbolic, Unknown)):
        raise value.undecided()
    if not isinstance(value, str):
        raise BadArgument("needs a text")
    return read(value, node.at)


def _yamlencode(node: Node) -> Any:
    from crrlint.loaders.hcl.yaml_text import write

    if not is_closed(node):
        for below in node.walk():
            if isinstance(below.value, (Symbolic, Unknown)):
                raise below.value.undecided()
            below.settled()
    return write(node)


def _decode_tfvars(node: Node) -> Any:
    from crrlint.loaders.hcl.evaluate import evaluate
    from crrlint.loaders.hcl.parse import parse
    from crrlint.loaders.hcl.scope import Locals

    value = node.value
    if isinstance(value, Symbolic):
        raise value.undecided()
    if not isinstance(value, str):
        raise BadArgument("needs a text")
    file = parse("text.tfvars", value)
    if file.problems or file.body.block_types:
        raise BadArgument("is no variables file")
    names = file.body.attributes
    # What was written in a text has its place there.
    return {name: _moved(evaluate(names[name].value, Locals({})), node) for name in sorted(names)}


def _moved(made: Node, to: Node) -> Node:
    value = made.value
    if isinstance(value, dict):
        return Node({key: _moved(item, to) for key, item in value.items()}, to.at)
    if isinstance(value, list):
        return Node([_moved(item, to) for item in value], to.at)
    return Node(value, to.at)


def _encode_expr(node: Node) -> Any:
    return _written(_closed(node), 0)


def _encode_tfvars(node: Node) -> Any:
    value = _closed(node).value
    if not isinstance(value, dict):
        raise BadArgument("needs an object")
    for name in value:
        if not re.fullmatch(r"[A-Za-z_][\w-]*", name):
            raise BadArgument(f"{name!r} is no name of a variable")
    width = max((len(name) for name in value), default=0)
    return "".join(f"{name:<{width}} = {_written(value[name], 0)}\n" for name in sorted(value))


def _closed(node: Node) -> Node:
    if not is_closed(node):
        raise Undecided("unsupported_expression", "an expression of values that are not known")
    return node


def _written(node: Node, depth: int) -> str:
    """Write a value as `terraform fmt` would."""
    value = node.value
    inside, outside = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        if not value:
            return "{}"
        shown = {
            name: name if re.fullmatch(r"[A-Za-z_][\w-]*", name) else _hcl(name) for name in value
        }
        width = max(len(text) for text in shown.values())
        lines = [
            f"{inside}{shown[name]:<{width}} = {_written(value[name], depth + 1)}\n"
            for name in sorted(value)
        ]
        return "{\n" + "".join(lines) + outside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(item, depth) for item in value) + "]"
    if isinstance(value, str):
        return _hcl(value)
    text = closed_text(JsonText(node))
    assert text is not None
    return text


def _hcl(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    escaped = escaped.replace("\r", "\\r").replace("\t", "\\t")
    return '"' + re.sub(r"([$%])\{", r"\1\1{", escaped) + '"'


FUNCTIONS: Final[dict[str, Function]] = {
    "base64decode": Function(_base64decode, ("str",), text=True),
    "base64encode": Function(_base64encode, ("str",), text=True),
    "base64gunzip": Function(_gunzip, ("str",), text=True),
    "base64gzip": Function(_gzip, ("str",), text=True),
    "csvdecode": Function(_csvdecode, ("str",)),
    "jsondecode": Function(_jsondecode, ("any",)),
    "jsonencode": Function(_jsonencode, ("any",)),
    "textdecodebase64": Function(_text_decoded, ("str", "str"), text=True),
    "textencodebase64": Function(_text_encoded, ("str", "str"), text=True),
    "urldecode": Function(_urldecode, ("str",), text=True),
    "urlencode": Function(_urlencode, ("str",), text=True),
    "yamldecode": Function(_yamldecode, ("any",)),
    "yamlencode": Function(_yamlencode, ("any",), text=True),
    "provider::terraform::decode_tfvars": Function(_decode_tfvars, ("value",)),
    "provider::terraform::encode_expr": Function(_encode_expr, ("any",)),
    "provider::terraform::encode_tfvars": Function(_encode_tfvars, ("value",)),
}
__all__ = ["FUNCTIONS", "quoted", "to_base64"]
