"""Values that are set or not, asked without asking what they are: placeholders may be anything."""

from __future__ import annotations

from typing import Any


def is_given(value: Any) -> bool:
    """Tell whether a value is neither null nor the empty text."""
    return value is not None and not (isinstance(value, str) and value == "")


def first_given(*values: Any) -> Any:
    """Return the first value that is set, None where none is."""
    return next((value for value in values if is_given(value)), None)
