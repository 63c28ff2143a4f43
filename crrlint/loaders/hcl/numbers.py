"""Numbers as Terraform has them: binary floating point of 512 bits.

Whole numbers are `int`; the others `Real`, a `float` for whoever does not know better.
"""

from __future__ import annotations

from math import ldexp
from typing import Final, TypeAlias

PRECISION: Final = 512
_MAX_EXPONENT: Final = 100_000
"""Powers of two beyond this are not worked out."""


class Real(float):
    """A number that is not whole: `mantissa` times two to the `exponent`, exactly."""

    __slots__ = ("exponent", "mantissa")

    mantissa: int
    exponent: int

    def __new__(cls, mantissa: int, exponent: int) -> Real:
        try:
            value = _double(mantissa, exponent)
        except OverflowError:
            value = float("inf") if mantissa > 0 else float("-inf")
        self = super().__new__(cls, value)
        self.mantissa = mantissa
        self.exponent = exponent
        return self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Real):
            return self.mantissa == other.mantissa and self.exponent == other.exponent
        return False if isinstance(other, int) else float.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = float.__hash__

    def __neg__(self) -> Real:
        return Real(-self.mantissa, self.exponent)

    def __str__(self) -> str:
        return decimal(self)

    def __repr__(self) -> str:
        return f"Real({self.mantissa}, {self.exponent})"


Number: TypeAlias = int | float


class OutOfRange(ValueError):  # noqa: N818 - the input's, not ours
    """A number too large or too small to work with."""


def _double(mantissa: int, exponent: int) -> float:
    if exponent >= 0:
        return float(mantissa << exponent)
    if exponent < -1200:
        extra = max(0, mantissa.bit_length() - 1100)
        return ldexp(float(mantissa >> extra), exponent + extra)
    return mantissa / (1 << -exponent)


def rounded(numerator: int, denominator: int = 1) -> Number:
    """Return a fraction as the nearest number, halves to even."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    negative = numerator < 0
    numerator = abs(numerator)
    if numerator == 0:
        return 0
    shift = PRECISION - (numerator.bit_length() - denominator.bit_length())
    # One or two bits too many: the mantissa is cut to size below.
    scaled = numerator << shift if shift >= 0 else numerator
    divisor = denominator if shift >= 0 else denominator << -shift
    quotient, rest = divmod(scaled, divisor)
    excess = quotient.bit_length() - PRECISION
    exponent = -shift
    if excess > 0:
        low = quotient & ((1 << excess) - 1)
        half = 1 << (excess - 1)
        quotient >>= excess
        exponent += excess
        if low > half or (low == half and (rest or quotient & 1)):
            quotient += 1
    elif rest * 2 > divisor or (rest * 2 == divisor and quotient & 1):
        quotient += 1
    return _normal(-quotient if negative else quotient, exponent)


def _normal(mantissa: int, exponent: int) -> Number:
    if exponent >= 0:
        if exponent > _MAX_EXPONENT:
            raise OutOfRange("is too large a number")
        return mantissa << exponent
    zeros = (mantissa & -mantissa).bit_length() - 1
    cut = min(zeros, -exponent)
    mantissa >>= cut
    exponent += cut
    return mantissa if exponent == 0 else Real(mantissa, exponent)


def fraction(value: Number) -> tuple[int, int]:
    """Return a number as numerator and denominator."""
    if isinstance(value, Real):
        return value.mantissa, 1 << -value.exponent
    if isinstance(value, float):
        return value.as_integer_ratio()
    return int(value), 1


def number(text: str) -> Number:
    """Read a number as it is written in decimal; raises `ValueError` for what is none."""
    digits, _, power = text.lower().partition("e")
    whole, _, part = digits.partition(".")
    if power == "" and "e" in text.lower():
        raise ValueError(text)
    if not (whole.lstrip("+-") + part).isdigit() or not (whole + part).isascii():
        raise ValueError(text)
    if len(whole) + len(part) > 4000:
        raise OutOfRange("is too long a number")
    exponent = int(power or "0") - len(part)
    if abs(exponent) > 30_000:
        raise OutOfRange("is too large a number")
    mantissa = int(whole + part)
    if exponent >= 0:
        return rounded(mantissa * 10**exponent)
    return rounded(mantissa, 10**-exponent)


def decimal(value: Number) -> str:
    """Return the shortest decimal that reads back as the number, without an exponent."""
    if isinstance(value, int):
        return _whole(value)
    if not isinstance(value, Real):
        made = rounded(*value.as_integer_ratio())
        if not isinstance(made, Real):
            return _whole(int(made))
        value = made
    sign = "-" if value.mantissa < 0 else ""
    digits, point = shortest(abs(value.mantissa), value.exponent)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _whole(value: int) -> str:
    if value.bit_length() <= PRECISION:
        return str(value)
    exponent = value.bit_length() - PRECISION
    digits, point = shortest(abs(value) >> exponent, exponent)
    return f"{'-' if value < 0 else ''}{digits}{'0' * (point - len(digits))}"


def shortest(mantissa: int, exponent: int) -> tuple[str, int]:
    """Return the fewest digits that read back as the number, and where the point stands in them."""
    # One bit more than the number has: the bounds are half a unit of its last place away.
    width = PRECISION + 1 - mantissa.bit_length()
    mantissa <<= width
    exponent -= width
    scale = 5**-exponent if exponent < 0 else 1 << exponent
    digits = str(mantissa * scale)
    # The bounds are compared digit by digit from their first one on, as Go does it, even where
    # one of them has a digit more or less.
    low = str((mantissa - 1) * scale).ljust(len(digits), "0")
    high = str((mantissa + 1) * scale).ljust(len(digits), "0")
    point = len(digits) + min(exponent, 0)
    inclusive = mantissa & 2 == 0
    for index, digit in enumerate(digits):
        last = index + 1
        down = low[index] != digit or (inclusive and not low[last:].strip("0"))
        up = high[index] != digit and (
            inclusive or int(digit) + 1 < int(high[index]) or bool(high[last:].strip("0"))
        )
        if down or up:
            made = int(digits[:last])
            if up and not (down and _nearer_down(digits, last)):
                made += 1
            text = str(made)
            return text.rstrip("0") or "0", point + len(text) - last
    return digits.rstrip("0"), point


def _nearer_down(digits: str, cut: int) -> bool:
    rest = digits[cut:].rstrip("0")
    if rest == "5":
        return int(digits[cut - 1]) % 2 == 0
    return rest < "5"


def general(value: Number, digits: int | None = None) -> str:
    """Return a number as Go's `%g` does, with so many digits, or with the fewest."""
    numerator, denominator = fraction(value)
    if not numerator:
        return "0"
    sign = "-" if numerator < 0 else ""
    if digits is None:
        text, point = _fewest(value)
        limit = 6
        power = point - 1
    else:
        limit = digits = max(digits, 1)
        made, power = _scaled(abs(numerator), denominator, digits)
        text = str(made).rstrip("0") or "0"
        if limit > len(text) and len(text) >= power + 1:
            limit = len(text)
    if power < -4 or power >= limit:
        shown = text[0] + ("." + text[1:] if len(text) > 1 else "")
        return f"{sign}{shown}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{text}"
    whole = text[: power + 1].ljust(power + 1, "0")
    rest = text[power + 1 :]
    return sign + whole + ("." + rest if rest else "")


def _fewest(value: Number) -> tuple[str, int]:
    if isinstance(value, Real):
        return shortest(abs(value.mantissa), value.exponent)
    numerator, denominator = fraction(value)
    if denominator != 1:
        made = rounded(numerator, denominator)
        assert isinstance(made, Real)
        return shortest(abs(made.mantissa), made.exponent)
    text = _whole(abs(numerator))
    return text.rstrip("0"), len(text)


def scientific(value: Number, places: int) -> str:
    """Return a number as Go's `%e` does."""
    numerator, denominator = fraction(value)
    if not numerator:
        return "0" + ("." + "0" * places if places else "") + "e+00"
    made, power = _scaled(abs(numerator), denominator, places + 1)
    text = str(made)
    shown = text[0] + ("." + text[1:] if places else "")
    return f"{'-' if numerator < 0 else ''}{shown}e{'-' if power < 0 else '+'}{abs(power):02d}"


def fixed(value: Number, places: int) -> str:
    """Return a number with so many digits after the point."""
    numerator, denominator = fraction(value)
    made, rest = divmod(abs(numerator) * 10**places, denominator)
    if rest * 2 > denominator or (rest * 2 == denominator and made & 1):
        made += 1
    text = str(made).rjust(places + 1, "0")
    shown = text[:-places] + "." + text[-places:] if places else text
    return f"-{shown}" if numerator < 0 else shown


def _scaled(numerator: int, denominator: int, digits: int) -> tuple[int, int]:
    """Return so many leading digits of a fraction, rounded, and the power of ten of the first."""
    power = len(str(numerator)) - len(str(denominator))
    while True:
        shift = digits - 1 - power
        top = numerator * 10**shift if shift >= 0 else numerator
        bottom = denominator if shift >= 0 else denominator * 10**-shift
        made, rest = divmod(top, bottom)
        if rest * 2 > bottom or (rest * 2 == bottom and made & 1):
            made += 1
        size = len(str(made))
        if size == digits:
            return made, power
        power += 1 if size > digits else -1
