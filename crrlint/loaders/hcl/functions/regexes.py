"""Functions over regular expressions."""

from __future__ import annotations

import re
from typing import Any, Final

from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.regex_machine import Match, Regex
from crrlint.loaders.hcl.regexes import compiled
from crrlint.loaders.hcl.values import MAX_TEXT, ListOf
from crrlint.values import Undecided

_REFERENCE: Final = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII)


def _regex(pattern: str, text: str) -> Any:
    regex = compiled(pattern)
    found = regex.find(text)
    if found is None:
        raise BadArgument(f"{pattern!r} does not match")
    return _captured(regex, found)


def _regexall(pattern: str, text: str) -> Any:
    regex = compiled(pattern)
    return ListOf([_captured(regex, found) for found in regex.find_all(text)])


def _captured(regex: Regex, match: Match) -> Any:
    if not regex.groups:
        return match.text
    if regex.names:
        if len(regex.names) != regex.groups:
            raise BadArgument("has both named and unnamed groups")
        return {name: match.group(number) for name, number in regex.names.items()}
    return [match.group(number) for number in range(1, regex.groups + 1)]


def replace_matches(text: str, pattern: str, new: str) -> str:
    """Return text with `new`, in which `$1` and `${name}` stand for groups, for each match."""
    made = []
    at = 0
    length = 0
    for match in compiled(pattern).find_all(text):
        piece = _expanded(new, match)
        made += [text[at : match.start], piece]
        at = match.end
        length += len(piece)
        if length > MAX_TEXT:
            raise Undecided("too_complex", f"a text of more than {MAX_TEXT} characters")
    return "".join([*made, text[at:]])


def _expanded(template: str, match: Match) -> str:
    def group(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name is None:
            return "$"
        return match.named(name) or ""

    return _REFERENCE.sub(group, template)


FUNCTIONS: Final[dict[str, Function]] = {
    "regex": Function(_regex, ("str", "str")),
    "regexall": Function(_regexall, ("str", "str")),
}
