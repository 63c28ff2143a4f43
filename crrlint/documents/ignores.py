"""What people accept: ignore comments in the files, and the `ignore` entries of crrlint.yaml.

A comment is `# crrlint: ignore[CRR102] reason`, with rules by id or name and commas between
them; in HCL it may be one that starts with `//` or stands between `/*` and `*/` too.  It
speaks for the line that it stands on; alone on a line, for the next line that is no comment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from crrlint.documents.source import Document, Location

# Most files hold no such comment: what finds them is compiled for those that do.
_MARK: Final = "crrlint:"
_SAID: Final = r"crrlint:[ \t]*ignore\b(?:\[(?P<rules>[^\]\n]*)\])?[ \t]*:?[ \t]*(?P<reason>[^\n]*)"
_START: Final = r"(?m)(?:^|(?<=[ \t]))(?:#|//)[ \t]*(?=crrlint:)"
"""How a comment begins that ends with its line; there may be another one before it."""

_YAML: Final = r"(?m)(?:^|(?<=[ \t]))#[^\n]*"
# What is no comment although it looks like one is a text: `"arn:aws:s3:::acme/*"`, a heredoc.
# What does not end runs to the end of the file, and texts in texts are short: every character
# is looked at a few times only.
_HCL: Final = (
    r'(?m)"(?:[^"\\$\n]|\\.|\$\{[^}"\n]{0,99}(?:"[^"\n]{0,99}"[^}"\n]{0,99}){0,9}\}|\$)*(?:"|\\?$)'
    r"|<<-?(?P<end>\w+)[ \t\r]*\n(?s:.*?)(?:\n[ \t]*(?P=end)\b|\Z)"
    r"|(?P<comment>/\*(?s:.*?)(?:\*/|\Z)|(?:#|//)[^\n]*)"
)


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
        if document.syntax not in ("yaml", "hcl") or document.path in seen:
            continue
        if _MARK in document.text:
            seen.add(document.path)
            yield from _ignores(document.path, document.text, document.syntax == "hcl")


def _ignores(path: str, text: str, is_hcl: bool) -> Iterator[Ignore]:
    spans = list(_comments(text, is_hcl))
    bare = _without(text, spans)
    lines = bare.split("\n")
    file = Document(path, text, "text", None)
    for start, end in spans:
        said = _said(text[start:end])
        if said is None:
            continue
        place, rules, reason = said
        written = text[start + place : end].partition("\n")[0].rstrip()
        at = file.root / written / text.count(written, 0, start + place)
        first, last = text.count("\n", 0, start), text.count("\n", 0, end)
        line = first if lines[first].strip() else _next(lines, last)
        for rule in rules.split(","):
            yield Ignore(rule.strip(), reason, at, path=path, line=line + 1)


def _comments(text: str, is_hcl: bool) -> Iterator[tuple[int, int]]:
    """Yield where each comment begins and ends."""
    if not is_hcl:
        yield from (found.span() for found in re.finditer(_YAML, text))
    else:
        yield from (found.span() for found in re.finditer(_HCL, text) if found["comment"])


def _said(comment: str) -> tuple[int, str, str] | None:
    """Return where in a comment an ignore begins, its rules and its reason."""
    is_block = comment.startswith("/*")
    if is_block:
        comment = comment.removesuffix("*/")
        start = re.match(r"/\*[\s*]*", comment)
    else:
        start = re.search(_START, comment)
    found = None if start is None else re.compile(_SAID).match(comment, start.end())
    if start is None or found is None:
        return None
    place = start.end() if is_block else start.start()
    return place, found["rules"] or "", found["reason"].strip()


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text without its comments, with all its lines."""
    parts: list[str] = []
    behind = 0
    for start, end in spans:
        parts.append(text[behind:start])
        parts.append("\n" * text.count("\n", start, end))
        behind = end
    return "".join([*parts, text[behind:]])


def _next(lines: list[str], last: int) -> int:
    """Return the first line from the last of a comment on that holds more than comments."""
    return next((n for n in range(last, len(lines)) if lines[n].strip()), last)
