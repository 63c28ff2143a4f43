"""Representative values of context keys that nobody knows.

Two values that satisfy the same tests are one world.  So it is enough to try,
for each key, its absence and one value for every combination of its tests.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from typing import Any, Final

from crrlint.iam.conditions import TEXTUAL, parse_date, parse_network, parse_number
from crrlint.iam.context import ABSENT, PRESENT, UNKNOWN, OneOfValues, as_text
from crrlint.iam.globs import RESERVED, STAR, Glob
from crrlint.iam.policy import Condition, Statement
from crrlint.iam.search import TooComplex, classes
from crrlint.values import settle

if typing.TYPE_CHECKING:
    from crrlint.iam.question import Question

WORLDS: Final = 400
_ATOMS: Final = 5


class TooManyWorlds(Exception):  # noqa: N818 - an answer, not an error
    """The unknown keys have more combinations of values than the budget."""


def worlds(statements: list[Statement], question: Question) -> list[Mapping[str, Any]]:
    """Return the worlds that these statements tell apart; none when no key is open.

    A key whose values cannot be listed stays unknown in every world.
    """
    tests: dict[str, list[Condition]] = {}
    names: dict[str, None] = {}
    for statement in statements:
        for test in statement.conditions:
            tests.setdefault(test.key, []).append(test)
            names[test.key] = None
            for pattern in test.values:
                names.update(dict.fromkeys(v.name for v in pattern.variables))
        for pattern in statement.resources or ():
            names.update(dict.fromkeys(v.name for v in pattern.variables))
    axes: dict[str, list[Any]] = {}
    size = 1
    for name in names:
        values = _values(name, tests.get(name, []), question)
        if values is not None:
            axes[name] = values
            size *= len(values)
            if size > WORLDS:
                raise TooManyWorlds
    if not axes:
        return []
    return [dict(zip(axes, chosen, strict=True)) for chosen in product(*axes.values())]


def _values(name: str, tests: list[Condition], question: Question) -> list[Any] | None:
    value = question.value(name)
    if isinstance(value, OneOfValues):
        return [ABSENT if v is None else as_text(settle(v)) for v in value.values] or None
    if value is not UNKNOWN and value is not PRESENT:
        return None
    try:
        present = _representatives(tests, question)
    except TooComplex:
        return None
    if present is None:
        return None
    if question.is_multivalued(name):
        if len(present) > _ATOMS:
            return None
        present = list(_subsets(present))
    return present if value is PRESENT else [ABSENT, *present]


def _subsets(values: list[Any]) -> Iterator[tuple[Any, ...]]:
    for chosen in range(1, 1 << len(values)):
        yield tuple(v for i, v in enumerate(values) if chosen >> i & 1)


def _representatives(tests: list[Condition], question: Question) -> list[Any] | None:
    kinds = {"text" if t.kind in TEXTUAL else t.kind.rstrip("<>=") for t in tests}
    kinds.discard("null")
    if not tests or "" in kinds:
        return None
    if not kinds:
        return ["x"]
    if "bool" in kinds and kinds <= {"bool", "text"}:
        return ["true", "false"]
    if len(kinds) > 1:
        return None
    if "text" in kinds:
        return _texts(tests, question)
    codes = [p.code for t in tests if t.kind != "null" for p in t.values]
    if "ip" in kinds:
        return _addresses(codes)
    return _numbers([_number(c, "date" in kinds) for c in codes])


def _texts(tests: list[Condition], question: Question) -> list[Any] | None:
    literal: dict[str, None] = {}
    globs: list[Glob] = []
    for test in tests:
        for pattern in test.values if test.kind != "null" else ():
            code = question.resolve(pattern)
            if code is None:
                continue
            if any(RESERVED <= c < STAR for c in code) if not code.isascii() else False:
                return None
            if test.kind == "text":
                literal[code] = None
            globs.append(_glob(code, test.kind))
    if len(literal) == len(globs):
        fresh = "x"
        while fresh in literal:
            fresh += "x"
        return [*literal, fresh]
    return list(classes(globs, WORLDS, question.budget))


def _glob(code: str, kind: str) -> Glob:
    glob = Glob(code.lower() if kind == "folded" else code, {}, True, kind == "arn")
    if kind == "folded":
        for c, mask in list(glob.edges.items()):
            if len(c.upper()) == 1:
                glob.edges[c.upper()] = glob.edges.get(c.upper(), 0) | mask
    return glob


def _number(code: str | None, is_date: bool) -> Any:
    if code is None:
        return None
    return parse_date(code) if is_date else parse_number(code)


def _numbers(points: list[Any]) -> list[Any] | None:
    from decimal import Decimal

    if any(p is None for p in points):
        return None
    # `str` first: the digits that people wrote, not those of the binary fraction.
    ordered = sorted({Decimal(str(p)) for p in points})
    chosen = [ordered[0] - 1, ordered[-1] + 1, *ordered]
    chosen += [(a + b) / 2 for a, b in pairwise(ordered)]
    return [str(c) for c in chosen]


def _addresses(codes: list[str | None]) -> list[Any] | None:
    from ipaddress import IPv4Address, IPv6Address

    points: dict[str, None] = {"0.0.0.0": None, "::": None}
    for code in codes:
        network = parse_network(code) if code is not None else None
        if network is None:
            return None
        points[str(network[0])] = None
        # Membership changes only where a block begins and right after its end.
        after = int(network[-1]) + 1
        if network.version == 4 and after < 1 << 32:
            points[str(IPv4Address(after))] = None
        elif network.version == 6 and after < 1 << 128:
            points[str(IPv6Address(after))] = None
    return list(points)
