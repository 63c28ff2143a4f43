"""Functions over points in time that are given."""

from __future__ import annotations

import re
from typing import Any, Final

from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function

_STAMP: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
_DURATION: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_UNITS: Final = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9,
    "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


class _Time:
    """A point in time, with the offset that it was written with."""

    __slots__ = ("local", "nanoseconds", "offset")

    def __init__(self, local: Any, nanoseconds: int, offset: int) -> None:
        self.local = local
        self.nanoseconds = nanoseconds
        self.offset = offset

    @property
    def instant(self) -> tuple[Any, int]:
        from datetime import timedelta

        return self.local - timedelta(minutes=self.offset), self.nanoseconds


def _time(text: str) -> _Time:
    from datetime import datetime

    found = _STAMP.fullmatch(text)
    if found is None:
        raise BadArgument(f"{text!r} is no timestamp as RFC 3339 has it")
    offset = 0
    if found[8]:
        if int(found[9]) > 23 or int(found[10]) > 59:
            raise BadArgument(f"{text!r} has an offset that there is not")
        offset = (int(found[9]) * 60 + int(found[10])) * (-1 if found[8] == "-" else 1)
    try:
        local = datetime(*[int(found[i]) for i in range(1, 7)])  # type: ignore[arg-type]
    except ValueError:
        raise BadArgument(f"{text!r} is no day or time that there is") from None
    return _Time(local, int((found[7] or "0").ljust(9, "0")[:9]), offset)


def _zone(time: _Time, colon: str, utc: str) -> str:
    if not time.offset and utc:
        return utc
    hours, minutes = divmod(abs(time.offset), 60)
    return f"{'-' if time.offset < 0 else '+'}{hours:02d}{colon}{minutes:02d}"


def _formatdate(layout: str, stamp: str) -> str:
    time = _time(stamp)
    made = []
    for token in _tokens(layout):
        if token[0] == "'":
            made.append(token[1:-1].replace("''", "'"))
        elif token[0].isascii() and token[0].isalpha():
            made.append(_part(token, time))
        else:
            made.append(token)
    return "".join(made)


def _tokens(layout: str) -> list[str]:
    """Split a layout into runs of one letter, quoted texts, and the rest."""
    tokens: list[str] = []
    at = 0
    while at < len(layout):
        end = at + 1
        if layout[at] == "'":
            while True:
                end = layout.find("'", end)
                if end < 0:
                    raise BadArgument("the format has a quote that is not closed")
                end += 1
                if layout[end : end + 1] != "'":
                    break
                end += 1
        else:
            while layout[end : end + 1] == layout[at]:
                end += 1
        tokens.append(layout[at:end])
        at = end
    return tokens


def _part(token: str, time: _Time) -> str:
    local = time.local
    hour = local.hour % 12 or 12
    half = "AM" if local.hour < 12 else "PM"
    month, day = _MONTHS[local.month - 1], _DAYS[local.weekday()]
    parts = {
        "YY": f"{local.year % 100:02d}", "YYYY": f"{local.year:04d}",
        "M": str(local.month), "MM": f"{local.month:02d}", "MMM": month[:3], "MMMM": month,
        "D": str(local.day), "DD": f"{local.day:02d}", "EEE": day[:3], "EEEE": day,
        "h": str(local.hour), "hh": f"{local.hour:02d}", "H": str(hour), "HH": f"{hour:02d}",
        "AA": half, "aa": half.lower(), "m": str(local.minute), "mm": f"{local.minute:02d}",
        "s": str(local.second), "ss": f"{local.second:02d}", "Z": _zone(time, ":", "Z"),
        "ZZZ": _zone(time, "", "UTC"), "ZZZZ": _zone(time, "", ""), "ZZZZZ": _zone(time, ":", ""),
    }  # fmt: skip
    part = parts.get(token)
    if part is None:
        raise BadArgument(f"the format has no {token!r}")
    return part


def _timeadd(stamp: str, duration: str) -> str:
    from datetime import timedelta

    time = _time(stamp)
    total = time.nanoseconds + _nanoseconds(duration)
    try:
        local = time.local + timedelta(seconds=total // 10**9)
    except OverflowError:
        raise BadArgument("is beyond the years that there are") from None
    return f"{local.isoformat(timespec='seconds')}{_zone(time, ':', 'Z')}"


def _nanoseconds(text: str) -> int:
    sign = -1 if text[:1] == "-" else 1
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    total = at = 0
    while at < len(rest):
        found = _DURATION.match(rest, at)
        if found is None or not (found[1] or found[2]) or len(found[0]) > 40:
            raise BadArgument(f"{text!r} is no duration")
        unit = _UNITS[found[3]]
        total += int(found[1] or "0") * unit
        fraction = found[2] or ""
        total += int(fraction or "0") * unit // 10 ** len(fraction)
        at = found.end()
    if not rest:
        raise BadArgument("the duration is empty")
    return sign * total


def _timecmp(one: str, other: str) -> int:
    a, b = _time(one).instant, _time(other).instant
    return (a > b) - (a < b)


FUNCTIONS: Final[dict[str, Function]] = {
    "formatdate": Function(_formatdate, ("str", "str"), text=True),
    "timeadd": Function(_timeadd, ("str", "str"), text=True),
    "timecmp": Function(_timecmp, ("str", "str")),
}
