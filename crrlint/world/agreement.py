"""One thing stated in several places: whether they agree, and which of them counts.

Layers are different times: what a template or a plan says will be, what is live is
now.  A plan was made from what is live, so what it states counts; for all other
pairs, a difference is a conflict that nobody here can settle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Location, Node
from crrlint.model import Layer
from crrlint.values import OPEN, Symbolic, Undecided, Unknown, identical, same

_LISTS: Final = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_PRINCIPALS: Final = frozenset({"Principal", "NotPrincipal"})

_TAGS_OF_AWS: Final = ("aws:cloudformation:", "aws:servicecatalog:")
"""How tags begin that AWS adds to those that people give."""

_LEFT_OUT: Final[dict[str, Any]] = {"Prefix": "", "BucketKeyEnabled": False}
"""What AWS takes for a member that is left out, where it is not none."""

_MANY: Final = 100

_RANKS: Final[dict[Layer, int]] = {"planned": 0, "template": 1, "live": 2}


class Statement(NamedTuple):
    """What one fact says; `of` is the deployment that makes it, as far as one does."""

    node: Node
    layer: Layer
    of: str = ""


def agreed(statements: Sequence[Statement], what: str, *, lasting: bool = False) -> Node:
    """Return what all statements say; raises `Undecided` where two of them differ.

    Of several that may be the same, what will be counts before what is, except for what
    never changes (`lasting`: whose the thing is, and where), of which the best known one counts.
    """
    if len(statements) == 1:
        return statements[0].node
    counting = in_force(statements)
    first = counting[0]
    for other in counting[1:]:
        if agree(first.node, other.node) is False:
            raise conflict(what, first, other)
    if lasting:
        counting = sorted(counting, key=lambda s: openness(s.node))
        return counting[0].node
    return min(counting, key=lambda s: (_RANKS[s.layer], openness(s.node))).node


def in_force(statements: Sequence[Statement]) -> Sequence[Statement]:
    """Leave out what is live where a plan says what it will be."""
    if any(s.layer == "planned" for s in statements):
        return [s for s in statements if s.layer != "live"]
    return statements


def conflict(what: str, one: Statement, other: Statement) -> Undecided:
    places = " and ".join(_described(s, one, other) for s in (one, other))
    needs = "one of the two files only"
    if one.layer != other.layer:
        needs = "either what will be deployed or what is live, not both"
        if "live" not in (one.layer, other.layer):
            needs = "either the template or the plan, not both"
    elif one.node.at.path == other.node.at.path:
        needs = "one of the two only"
    return Undecided("conflict", f"{what} is stated twice, differently: {places}", needs)


def _described(statement: Statement, one: Statement, other: Statement) -> str:
    text = place(statement.node.at)
    if one.layer != other.layer:
        return f"{text} ({statement.layer})"
    if text == place(other.node.at if statement is one else one.node.at) and statement.of:
        return f"{text} (as {statement.of})"
    return text


def place(at: Location) -> str:
    """Return a place as a file and a line; worked out for what is told only."""
    from crrlint.documents.places import Places

    span = Places().span(at)
    return f"{at.path}:{span.line}" if span else at.path


def equal_nodes(a: Node, b: Node) -> bool:
    """Tell whether two nodes hold the same, wherever it was written."""
    return _equal(a.plain(), b.plain())


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return identical(a, b)


_UNORDERED: Final = frozenset(("Statement", "Rules"))


def agree(a: Node, b: Node) -> bool | None:
    """Tell whether two nodes say the same; None where symbols or unknowns leave it open."""
    if a.value is b.value:
        return True
    return _agree(_normal(a.plain()), _normal(b.plain()))


def _agree(a: Any, b: Any) -> bool | None:
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return True if a is b else None
    if isinstance(a, Symbolic) or isinstance(b, Symbolic):
        return True if identical(a, b) else same(a, b)
    if isinstance(a, dict) and isinstance(b, dict):
        # What one of them leaves out is as if it were not set, or set to what AWS does then.
        names = a.keys() | b.keys()
        pairs = ((n, a.get(n, _LEFT_OUT.get(n)), b.get(n, _LEFT_OUT.get(n))) for n in names)
        return _all(_matched(x, y) if n in _UNORDERED else _agree(x, y) for n, x, y in pairs)
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return False
        return _all(_agree(x, y) for x, y in zip(a, b, strict=True))
    return _equal(a, b)


def _matched(a: Any, b: Any) -> bool | None:
    """Compare statements or rules, which have no order; too many of them in theirs."""
    if not isinstance(a, list) or not isinstance(b, list) or len(a) != len(b) or len(a) > _MANY:
        return _agree(a, b)
    found: bool | None = True
    rest = list(b)
    unsure = []
    for one in a:
        same_one = next((i for i, other in enumerate(rest) if _agree(one, other)), None)
        if same_one is None:
            unsure.append(one)
        else:
            del rest[same_one]
    for one in unsure:
        maybe = next((i for i, o in enumerate(rest) if _agree(one, o) is not False), None)
        if maybe is None:
            return False
        found = None
        del rest[maybe]
    return found


def _all(answers: Iterable[bool | None]) -> bool | None:
    found: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def _normal(value: Any) -> Any:
    """Return what means the same in one spelling, of those that AWS and people have for it."""
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Statement" not in value:
        return {n: _normal(v) for n, v in value.items() if not n.startswith(_TAGS_OF_AWS)}
    written = value["Statement"]
    statements = written if isinstance(written, list) else [written]
    normal = [_normal_statement(s) if isinstance(s, dict) else s for s in statements]
    return {
        "Version": value.get("Version", "2008-10-17"),
        "Statement": normal,
    }


def _normal_statement(statement: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _members(name, value)
        for name, value in statement.items()
        if name != "Sid"  # a name, without a meaning
    }


def _members(name: str, value: Any) -> Any:
    if name in _LISTS:
        return _sorted(value if isinstance(value, list) else [value])
    if name in _PRINCIPALS and isinstance(value, dict):
        return {
            kind: _sorted(who if isinstance(who, list) else [who]) for kind, who in value.items()
        }
    return value


def _sorted(items: list[Any]) -> list[Any]:
    """Sort what has no order, where all of it is known."""
    try:
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    except (TypeError, Undecided):
        return items


def openness(node: Node) -> int:
    """Count what is open in a node: its symbols, choices and unknowns."""
    return sum(
        len(below.value.symbols) if isinstance(below.value, Symbolic) else 1
        for below in node.walk()
        if isinstance(below.value, OPEN)
    )
