"""What people accept: ignore comments in the files, and the `ignore` entries of crrlint.yaml.

A comment is `# crrlint: ignore[CRR102] reason`, with rules by id or name and commas between
them; in HCL it may start with `//` too.  It speaks for the line that it stands on; alone on a
line, for the next line that is no comment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crrlint.source import Document, Location

_MARK = "crrlint:"
# Most files hold no such comment: what finds them is compiled for those that do.
_COMMENT = (
    r"(?P<before>^|[ \t])(?P<comment>(?P<lead>#|//)[ \t]*crrlint:[ \t]*ignore\b"
    r"(?:\[(?P<rules>[^\]\n]*)\])?[ \t]*:?[ \t]*(?P<reason>[^\n]*))"
)
_IDLE = {"yaml": r"[ \t]*(?:#.*)?\r?\Z", "hcl": r"[ \t]*(?:(?:#|//).*)?\r?\Z"}


class Ignore(NamedTuple):
    """Findings that are accepted.

    `rule` is an id or a name.  An entry's `resource` and `path` may hold `*`, and `expires`
    is the last day on which it holds, as YYYY-MM-DD.  A comment has a `line`, counted from 1:
    findings are looked for there.  `used` once the run is over: it suppresses something, or
    whether it would cannot be told.
    """

    rule: str
    reason: str
    at: Location
    resource: str | None = None
    path: str | None = None
    expires: str | None = None
    line: int | None = None
    used: bool = False

    def names(self, id: str, name: str) -> bool:
        """Tell whether it speaks of the rule of this id and name."""
        return self.rule == name or self.rule.upper() == id

    def covers(self, resources: Iterable[str], path: str, line: int | None = None) -> bool:
        """Tell whether it speaks of a place in a file, and of a thing by one of its names."""
        from fnmatch import fnmatchcase

        if self.expired:
            return False
        if self.line is not None:
            return path == self.path and line == self.line
        if self.path is not None and not fnmatchcase(path.replace(os.sep, "/"), self.path):
            return False
        pattern = self.resource
        return pattern is None or any(fnmatchcase(name, pattern) for name in resources)

    @property
    def expired(self) -> bool:
        if self.expires is None:
            return False
        from datetime import date

        return date.fromisoformat(self.expires) < date.today()

    def __str__(self) -> str:
        return f"ignore of {self.rule or 'no rule'}"


def comments(documents: Iterable[Document]) -> Iterator[Ignore]:
    """Yield the ignore comments of the files that can hold comments, one for each rule named."""
    seen: set[str] = set()
    for document in documents:
        # A stream of YAML is one text in several documents.
        if document.syntax in _IDLE and _MARK in document.text and document.path not in seen:
            seen.add(document.path)
            yield from _comments(document.path, document.text, document.syntax)


def _comments(path: str, text: str, syntax: str) -> Iterator[Ignore]:
    lines = text.split("\n")
    file = Document(path, text, "text", None)
    for found in re.finditer(_COMMENT, text, re.MULTILINE):
        if found["lead"] == "//" and syntax != "hcl":
            continue
        start = found.start("comment")
        written = found["comment"].rstrip()
        at = file.root / written / text.count(written, 0, start)
        line = text.count("\n", 0, start) + 1
        if not text[text.rfind("\n", 0, start) + 1 : start].strip():
            line = _next(lines, line, _IDLE[syntax])
        for rule in (found["rules"] or "").split(","):
            yield Ignore(rule.strip(), found["reason"].strip(), at, path=path, line=line)


def _next(lines: list[str], line: int, idle: str) -> int:
    """Return the number of the next line that is neither empty nor a comment."""
    for number in range(line, len(lines)):
        if not re.match(idle, lines[number]):
            return number + 1
    return line
