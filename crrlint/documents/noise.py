"""Lines that something around a program wrote into the JSON that it printed.

Wrappers in CI put the command before the output of `terraform show -json`, and
workflow commands behind it.
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

_OPENING: Final = re.compile(r"^[{\[]", re.MULTILINE)
_ANYTHING: Final = re.compile(r"[^\n]")
_ASIDE: Final = re.compile(r"(?:---|\.\.\.|%|\s*#|\s*$)")
"""Lines that YAML has before a document, or between two."""

_TRIES: Final = 20
"""So many lines that look like the start of the JSON are tried."""


class Silenced(NamedTuple):
    """The text with blanks for the noise, so that all places stay what they are.

    `before` and `behind` count the lines that were left out.
    """

    text: str
    before: int
    behind: int


def silence(text: str) -> Silenced | None:
    """Return the JSON of a text that begins with other lines; None where there is none."""
    end = _end(text)
    decoder = json.JSONDecoder()
    tries = 0
    for opening in _OPENING.finditer(text):
        if opening.start() >= end or tries == _TRIES:
            return None
        tries += 1
        if not _is_json(text[opening.start() : end], decoder):
            continue
        before, behind = text[: opening.start()], text[end:]
        lines = before.splitlines()
        if not behind and all(map(_ASIDE.match, lines)):
            return None
        if any(line.startswith(("---", "...")) for line in lines):
            return None  # the documents before it count as well
        quiet = _ANYTHING.sub(" ", before) + text[opening.start() : end]
        return Silenced(quiet, sum(bool(line.strip()) for line in lines), len(behind.splitlines()))
    return None


def _end(text: str) -> int:
    """Return where the workflow commands behind the JSON begin."""
    end = len(text)
    while end:
        start = text.rfind("\n", 0, len(text[:end].rstrip()) or 1) + 1
        if not text.startswith(("::", "##["), start):
            return end
        end = start
    return len(text)


def _is_json(text: str, decoder: json.JSONDecoder) -> bool:
    """Tell whether the text is JSON to its end, or JSON lines."""
    try:
        value, end = decoder.raw_decode(text)
        if not isinstance(value, dict | list):
            return False
        rest = text[end:].strip()
        if not rest:
            return True
        return all(
            isinstance(decoder.decode(line), dict) for line in text.splitlines() if line.strip()
        )
    except (ValueError, RecursionError):
        return False
