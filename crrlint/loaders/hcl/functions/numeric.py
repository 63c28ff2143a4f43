"""Functions over numbers."""

from __future__ import annotations

from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.numbers import Number, fraction, number
from crrlint.loaders.hcl.operators import order
from crrlint.values import Symbolic

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _absolute(value: Number) -> Number:
    return -value if order(value, 0) < 0 else value


def _ceiling(value: Number) -> int:
    numerator, denominator = fraction(value)
    return -(-numerator // denominator)


def _floor(value: Number) -> int:
    numerator, denominator = fraction(value)
    return numerator // denominator


def _logarithm(value: Number, base: Number) -> Number:
    from math import log

    try:
        # Worked out in doubles, as Terraform does.
        made = log(float(value)) / log(float(base))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise BadArgument("has no logarithm") from None
    return _from_double(made)


def _power(value: Number, exponent: Number) -> Number:
    try:
        made = float(value) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        raise BadArgument("is too large a number") from None
    if isinstance(made, complex):
        raise BadArgument("is no real number")
    return _from_double(made)


def _from_double(value: float) -> Number:
    try:
        # Terraform shows a double by the shortest text that means it.
        return int(value) if value.is_integer() else number(repr(value))
    except (ValueError, OverflowError):
        raise BadArgument("is no number") from None


def _sign(value: Number) -> int:
    return order(value, 0)


def _greatest(*values: Number) -> Number:
    if not values:
        raise BadArgument("at least one number is needed")
    best = values[0]
    for value in values[1:]:
        if order(value, best) > 0:
            best = value
    return best


def _least(*values: Number) -> Number:
    if not values:
        raise BadArgument("at least one number is needed")
    best = values[0]
    for value in values[1:]:
        if order(value, best) < 0:
            best = value
    return best


def _parse(node: Node, base: int) -> Any:
    value = node.value
    if isinstance(value, Symbolic):
        raise value.undecided()
    if not isinstance(value, str):
        raise BadArgument("needs a text")
    text = value
    if not 2 <= base <= 62:
        raise BadArgument("the base has to be between 2 and 62")
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or len(digits) > 4000:
        raise BadArgument(f"{text!r} is no whole number in base {base}")
    made = 0
    for digit in digits if base > 36 else digits.lower():
        number = _DIGITS.find(digit)
        if not 0 <= number < base:
            raise BadArgument(f"{text!r} is no whole number in base {base}")
        made = made * base + number
    return -made if text[:1] == "-" else made


FUNCTIONS: Final[dict[str, Function]] = {
    "abs": Function(_absolute, ("number",)),
    "ceil": Function(_ceiling, ("number",)),
    "floor": Function(_floor, ("number",)),
    "log": Function(_logarithm, ("number", "number")),
    "max": Function(_greatest, rest="number"),
    "min": Function(_least, rest="number"),
    "parseint": Function(_parse, ("value", "int")),
    "pow": Function(_power, ("number", "number")),
    "signum": Function(_sign, ("int",)),
}
