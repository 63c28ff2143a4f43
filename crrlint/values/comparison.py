"""When are two texts of literals and symbols the same?  Three answers: yes, no, open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from crrlint.values.symbols import Symbol

Part: TypeAlias = str | Symbol

# What text of each form can never contain.  Names, accounts, Regions and
# partitions are single fields of an ARN.
SEPARATORS: Final = ":/*?"


def same_parts(a: Iterable[Part], b: Iterable[Part]) -> bool | None:
    """Compare two texts by their parts; None when symbols leave it open."""
    left, right = list(a), list(b)
    if not strip_common(left, right):
        return False
    if not _strip_common_end(left, right):
        return False
    return _compare_rest(left, right)


def strip_common(left: list[Part], right: list[Part]) -> bool:
    """Drop the common start of both; False when the texts differ there for certain."""
    while left and right:
        x, y = left[0], right[0]
        if isinstance(x, Symbol) and x == y:
            del left[0], right[0]
        elif isinstance(x, str) and isinstance(y, str):
            n = min(len(x), len(y))
            if x[:n] != y[:n]:
                return False
            left[:1] = [x[n:]] if len(x) > n else []
            right[:1] = [y[n:]] if len(y) > n else []
        else:
            break
    return True


def _strip_common_end(left: list[Part], right: list[Part]) -> bool:
    while left and right:
        x, y = left[-1], right[-1]
        if isinstance(x, Symbol) and x == y:
            del left[-1], right[-1]
        elif isinstance(x, str) and isinstance(y, str):
            n = min(len(x), len(y))
            if x[-n:] != y[-n:]:
                return False
            left[-1:] = [x[:-n]] if len(x) > n else []
            right[-1:] = [y[:-n]] if len(y) > n else []
        else:
            break
    return True


def _compare_rest(left: list[Part], right: list[Part]) -> bool | None:
    if not left and not right:
        return True
    if not left or not right:
        rest = left or right
        # What remains has to be empty; a literal or a name never is.
        return False if any(isinstance(p, str) or p.form != "any" for p in rest) else None
    if len(left) == 1 and len(right) == 1:
        x, y = left[0], right[0]
        if isinstance(x, Symbol) and isinstance(y, Symbol):
            different = x.unique and y.unique and x.attribute == y.attribute
            return False if different else None
    for one, other in ((left, right), (right, left)):
        if _bounded(one) and any(
            isinstance(p, str) and any(c in SEPARATORS for c in p) for p in other
        ):
            return False
        if len(one) == 1 and len(other) == 1 and not _fits(one[0], other[0]):
            return False
    return None


def can_start_with(parts: Sequence[Part], prefix: str) -> bool:
    """Tell whether text may start so; a name alone never starts with `alias/` or `arn:`."""
    return not (_bounded(parts) and any(c in SEPARATORS for c in prefix))


def _bounded(parts: Sequence[Part]) -> bool:
    """Tell whether the text is certain to hold no separator."""
    return all(
        p.form != "any" if isinstance(p, Symbol) else not any(c in SEPARATORS for c in p)
        for p in parts
    )


def _fits(part: Part, other: Part) -> bool:
    """Tell whether literal text could be what a symbol of this form stands for."""
    if not isinstance(part, Symbol) or not isinstance(other, str):
        return True
    if part.form == "account":
        return len(other) == 12 and other.isdigit()
    if part.form == "region":
        return other.count("-") >= 2
    return True
