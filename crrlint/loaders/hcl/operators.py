"""Operators, over what is known and what is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl.choices import decide, open_comparison
from crrlint.loaders.hcl.compare import equal
from crrlint.loaders.hcl.numbers import Number, OutOfRange, fraction, rounded
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.types import NUMBER, convert
from crrlint.values import OneOf, Symbolic, Undecided, Unknown

Truth = Callable[[Node], Node]


def unary(operator: str, node: Node, at: Location) -> Node:
    if operator == "-":
        return decide(lambda: Node(-plain_number(node, at), at), at)
    from crrlint.loaders.hcl.conditions import truth

    return decide(lambda: Node(not plain_truth(truth(node)), at), at)


def binary(operator: str, left: Node, right: Node, at: Location, truth: Truth) -> Node:
    if operator in ("==", "!="):
        return decide(lambda: _equality(operator == "==", left, right, at), at)
    if operator in ("&&", "||"):
        one, other = truth(left), truth(right)
        return decide(lambda: _logical(operator == "||", one, other, at), at)
    apply = _COMPARISONS.get(operator) or _ARITHMETIC[operator]
    return decide(lambda: _numeric(apply, left, right, at), at)


def _equality(wanted: bool, left: Node, right: Node, at: Location) -> Node:
    answer = equal(left, right, ask=True)
    if answer is not None:
        return Node(answer is wanted, at)
    open_ = open_comparison(left.settled(), right.settled())
    if isinstance(open_, OneOf):
        if not wanted:
            return Node(OneOf(open_.choice, (False, True)), at)
        return Node(open_, at)
    return Node(open_, at)


def _logical(decisive: bool, left: Node, right: Node, at: Location) -> Node:
    # One side may decide alone, whatever the other one is.
    if left.value is decisive or right.value is decisive:
        return Node(decisive, at)
    sides = [left.settled(), right.settled()]
    for side in sides:
        if side.value is decisive:
            return Node(decisive, at)
    for side in sides:
        if isinstance(side.value, Unknown):
            return Node(side.value, at)
    return Node(not decisive, at)


def plain_truth(node: Node) -> bool:
    value = node.settled().value
    if isinstance(value, Unknown):
        raise value.undecided()
    return bool(value)


def plain_number(node: Node, at: Location) -> Number:
    """Return a number; raises `Undecided` for an open one."""
    node = node.settled()
    value = node.value
    if isinstance(value, (Symbolic, Unknown)):
        raise value.undecided()
    if value is None:
        raise Fault("null where a number is needed", at)
    made: Number = convert(Node(value, at), NUMBER).value
    return made


def _numeric(apply: Callable[[Any, Any], Any], left: Node, right: Node, at: Location) -> Node:
    faults: list[Fault] = []
    numbers: list[Number] = []
    opened: Undecided | None = None
    for side in (left, right):
        try:
            numbers.append(plain_number(side, at))
        except Undecided as undecided:
            if undecided.choice is not None:
                raise
            opened = undecided
        except Fault as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    if opened is not None:
        raise opened
    try:
        return Node(apply(*numbers), at)
    except OutOfRange as error:
        raise Fault(f"the result {error}", at) from None
    except ZeroDivisionError:
        raise Fault("a division by zero", at) from None


def add(a: Number, b: Number) -> Number:
    if type(a) is int and type(b) is int:
        return a + b
    (p, q), (r, s) = fraction(a), fraction(b)
    return rounded(p * s + r * q, q * s)


def _subtract(a: Number, b: Number) -> Number:
    (p, q), (r, s) = fraction(a), fraction(b)
    return rounded(p * s - r * q, q * s)


def _multiply(a: Number, b: Number) -> Number:
    (p, q), (r, s) = fraction(a), fraction(b)
    return rounded(p * r, q * s)


def _divide(a: Number, b: Number) -> Number:
    (p, q), (r, s) = fraction(a), fraction(b)
    if r == 0 and p == 0:
        raise ZeroDivisionError
    if r == 0:
        raise Undecided("unsupported_expression", "an infinite number")
    return rounded(p * s, q * r)


def _modulo(a: Number, b: Number) -> Number:
    # The rest has the sign of the dividend.
    (p, q), (r, s) = fraction(a), fraction(b)
    if r == 0:
        return a
    whole = abs(p * s) // abs(q * r)
    if (p < 0) != (r < 0):
        whole = -whole
    return rounded(p * s - whole * r * q, q * s)


def order(a: Number, b: Number) -> int:
    """Compare two numbers exactly: below zero when the first is smaller."""
    (p, q), (r, s) = fraction(a), fraction(b)
    return (p * s > r * q) - (p * s < r * q)


_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _modulo,
}
_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": lambda a, b: order(a, b) < 0,
    ">": lambda a, b: order(a, b) > 0,
    "<=": lambda a, b: order(a, b) <= 0,
    ">=": lambda a, b: order(a, b) >= 0,
}
