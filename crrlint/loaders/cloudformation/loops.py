"""What `Fn::ForEach` makes, and the texts that it puts into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from crrlint.documents.source import Location

Scope: TypeAlias = Mapping[str, str]
"""What the loops around a value stand at."""

NO_SCOPE: Final[Scope] = {}
EACH: Final = "Fn::ForEach::"
MAX_MADE: Final = 10_000
"""How many members one loop may make; CloudFormation allows 500 resources."""


class Made(NamedTuple):
    """One member that a loop made, or that stands in the template as it is."""

    name: str
    data: Any
    at: Location
    scope: Scope


def substitute(text: str, scope: Scope) -> str:
    """Put the loops' values in the place of `${Name}` and `&{Name}`."""
    if "{" in text:
        for name, value in scope.items():
            text = text.replace(f"${{{name}}}", value)
            text = text.replace(f"&{{{name}}}", re.sub("[^A-Za-z0-9]", "", value))
    return text
