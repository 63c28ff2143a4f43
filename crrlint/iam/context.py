"""What is known of a request's context keys."""

from __future__ import annotations

from typing import Any, Final, TypeAlias


class _Sentinel:
    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ABSENT: Final = _Sentinel("ABSENT")
"""The request does not have the key."""

UNKNOWN: Final = _Sentinel("UNKNOWN")
"""Nobody knows whether the request has the key, nor its value."""

PRESENT: Final = _Sentinel("PRESENT")
"""The request has the key; nobody knows its value."""


class OneOfValues:
    """The key has one of these values; None stands for its absence."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"OneOfValues({self.values!r})"


ContextValue: TypeAlias = Any
"""Text, a boolean, a number, a tuple of texts, a sentinel above, or `OneOfValues`."""


def as_text(value: object) -> object:
    """Return JSON's booleans and numbers as the text that IAM compares."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value
