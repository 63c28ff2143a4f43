"""Functions over files, which only the scope can read, and over the names of files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Final

from crrlint.documents.source import Document, Location, Node, Spot
from crrlint.loaders.hcl.environment import Environment
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.functions.encoding import to_base64
from crrlint.loaders.hcl.functions.hashing import digest
from crrlint.loaders.hcl.scope import Unreadable
from crrlint.loaders.hcl.syntax import Literal, Template
from crrlint.loaders.hcl.values import SetOf, Written
from crrlint.values.symbols import Undecided

_ABOVE: Final = re.compile(r"(?:\.\./)+")


class Files:
    """The files at hand for one call."""

    __slots__ = ("at", "env", "name")

    def __init__(self, env: Environment, name: str, at: Location) -> None:
        self.env = env
        self.name = name
        self.at = at

    def text(self, path: str) -> Document:
        found = self.env.scope.read(path, self.at)
        if isinstance(found, Unreadable):
            raise _not_read(found)
        return found

    def raw(self, path: str) -> bytes:
        found = self.env.scope.read_bytes(path, self.at)
        if isinstance(found, Unreadable):
            raise _not_read(found)
        return found


def _not_read(found: Unreadable) -> Exception:
    if found.missing:
        return BadArgument(found.why)
    return Undecided("external_reference", found.why)


def _file(files: Files, path: str) -> Node:
    document = files.text(path)
    text = document.text
    at = Spot(document, None, None, 0, len(text))
    return Node(text, Written(at, ((text, 0),)))


def _template_file(files: Files, path: str, names: dict[str, Node]) -> Node:
    document = files.text(path)
    return _rendered(files, document.text, Spot(document, None, None, 0, len(document.text)), names)


def _template_string(files: Files, template: Node, names: dict[str, Node]) -> Node:
    if not isinstance(template.value, str):
        template = template.settled()
        if not isinstance(template.value, str):
            raise template.value.undecided()
    return _rendered(files, template.value, files.at.document.root, names)


def _rendered(files: Files, text: str, at: Location, names: dict[str, Node]) -> Node:
    from crrlint.loaders.hcl.evaluate import value_of
    from crrlint.loaders.hcl.parse import parse_template

    if files.env.is_alone:
        raise BadArgument("cannot be called from a template")
    for name in names:
        if not re.fullmatch(r"[^\W\d][\w-]*", name):
            raise BadArgument(f"{name!r} is no name")
    tree = parse_template(text)
    if isinstance(tree, Literal):
        tree = tree._replace(runs=tree.runs or ((text, 0),))
    node = value_of(tree, at, files.env.alone(names))
    if isinstance(tree, Template) and tree.wraps:
        return node
    return node if isinstance(at, Spot) else Node(node.value, files.at)


def _exists(files: Files, path: str) -> bool:
    found = files.env.scope.exists(path, files.at)
    if isinstance(found, Unreadable):
        raise _not_read(found)
    return found


def _fileset(files: Files, folder: str, pattern: str) -> SetOf:
    pattern = posixpath.normpath(pattern)
    above = _ABOVE.match(pattern)
    up = above[0] if above is not None else ""
    found = files.env.scope.files(posixpath.join(folder, up), files.at)
    if isinstance(found, Unreadable):
        raise _not_read(found)
    wanted = _glob(pattern[len(up) :])
    names = (name for name in found if wanted.fullmatch(name))
    if up:
        # Whatever leads out of the folder may come back into it.
        here = posixpath.join("/", "_/" * f"{folder}/{up}".count(".."), folder)
        names = (posixpath.relpath(posixpath.join(here, up, name), here) for name in names)
    return SetOf([Node(name, files.at) for name in sorted(names)])


def _glob(pattern: str) -> re.Pattern[str]:
    """Compile a pattern with `*`, `**`, `?`, `[…]` and `{a,b}`."""
    made: list[str] = []
    braces = at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            if pattern[at : at + 1] == "*":
                at += 1
                if pattern[at : at + 1] == "/":
                    at += 1
                    made.append("(?:[^/]+/)*+")
                else:
                    made.append(".*+" if at == len(pattern) else ".*")
            else:
                made.append("[^/]*")
        elif character == "?":
            made.append("[^/]")
        elif character == "[" and "]" in pattern[at + 1 :]:
            end = pattern.index("]", at + 1)
            inner = pattern[at:end].replace("\\", "\\\\").replace("[", "\\[")
            made.append(f"[{'^' + inner[1:] if inner[:1] in ('^', '!') else inner}]")
            at = end + 1
        elif character == "{":
            braces += 1
            made.append("(?:")
        elif character == "}" and braces:
            braces -= 1
            made.append(")")
        elif character == "," and braces:
            made.append("|")
        else:
            if character == "\\" and at < len(pattern):
                character = pattern[at]
                at += 1
            made.append(re.escape(character))
    # A pattern of many stars over a long name takes too long to try.
    if pattern.count("*") > 8:
        raise Undecided("too_complex", "a pattern of files with many stars")
    try:
        return re.compile("".join(made), re.DOTALL)
    except re.error:
        raise BadArgument(f"{pattern!r} is no pattern of files") from None


def _hashed(kind: str, base64: bool = False) -> Callable[[Files, str], str]:
    def hashed(files: Files, path: str) -> str:
        made = digest(kind, files.raw(path))
        return to_base64(made) if base64 else made.hex()

    return hashed


def _file_base64(files: Files, path: str) -> str:
    return to_base64(files.raw(path))


def _basename(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _dirname(path: str) -> str:
    folder = path.rpartition("/")[0]
    if not folder:
        return "/" if path[:1] == "/" else "."
    return _clean(folder)


def _clean(path: str) -> str:
    made = posixpath.normpath(path)
    return made[1:] if made.startswith("//") else made


def _abspath(path: str) -> str:
    if path[:1] != "/":
        raise Undecided("unsupported_expression", "abspath() hangs on where Terraform is run")
    return _clean(path)


def _pathexpand(path: str) -> str:
    if path[:1] == "~":
        raise Undecided("unsupported_expression", "pathexpand() hangs on who runs Terraform")
    return path


FUNCTIONS: Final[dict[str, Function]] = {
    "abspath": Function(_abspath, ("str",), text=True),
    "basename": Function(_basename, ("str",), text=True),
    "dirname": Function(_dirname, ("str",), text=True),
    "file": Function(_file, ("str",), files=True),
    "filebase64": Function(_file_base64, ("str",), files=True),
    "filebase64sha256": Function(_hashed("sha256", True), ("str",), files=True),
    "filebase64sha512": Function(_hashed("sha512", True), ("str",), files=True),
    "fileexists": Function(_exists, ("str",), files=True),
    "filemd5": Function(_hashed("md5"), ("str",), files=True),
    "fileset": Function(_fileset, ("str", "str"), files=True),
    "filesha1": Function(_hashed("sha1"), ("str",), files=True),
    "filesha256": Function(_hashed("sha256"), ("str",), files=True),
    "filesha512": Function(_hashed("sha512"), ("str",), files=True),
    "pathexpand": Function(_pathexpand, ("str",), text=True),
    "templatefile": Function(_template_file, ("str", "map"), files=True),
    "templatestring": Function(_template_string, ("value", "map"), files=True),
}
