"""Conditions, three-valued: true, false, or hanging on a choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.cloudformation.evaluate import evaluate
from crrlint.loaders.cloudformation.loops import NO_SCOPE, Scope
from crrlint.loaders.cloudformation.values import identity, open_choice, spread
from crrlint.values import Choice, OneOf, Symbol, Symbolic, Unknown, Value, same

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Stack

ELSE: Final = "something else"


def condition(stack: Stack, data: Any, at: Location, scope: Scope = NO_SCOPE) -> Value:
    """Return whether a condition holds: a boolean, a choice of booleans, or too much to tell."""
    if isinstance(data, dict) and len(data) == 1:
        ((name, argument),) = data.items()
        function = _FUNCTIONS.get(name)
        if function is not None:
            return function(stack, argument, at / name, scope)
    if isinstance(data, bool):
        return data
    stack.mistake(at, "a condition is made of Fn::Equals, Fn::And, Fn::Or, Fn::Not, Condition")
    return undecidable(f"{stack.id} {at.pointer}", f"what stands at {at.pointer}")


def undecidable(name: str, text: str, needs: str = "") -> OneOf:
    """Return a boolean that nothing in the input decides."""
    return OneOf(Choice(name, ("true", "false"), text, needs), (True, False))


def of_symbol(symbol: Symbol, literals: tuple[str, ...]) -> OneOf:
    """Return a symbol as one of the texts it is compared with, or something else."""
    choice = Choice(
        f"{symbol.entity}|{symbol.attribute}", (*literals, ELSE), symbol.text, symbol.needs
    )
    return OneOf(choice, (*literals, Symbolic((symbol,))))


def both(first: Value, second: Value, at: Location) -> Value:
    """Return whether two conditions hold at once."""
    if first is True or second is False:
        return second
    if second is True or first is False:
        return first
    together = spread((Node(first, at), Node(second, at)), _all_of(at), at).value
    if isinstance(together, Unknown):
        name = f"{identity(first)} and {identity(second)}"
        return undecidable(name, f"whether what stands at {at.pointer} is made", together.needs)
    return together


def _all_of(at: Location) -> Callable[..., Node]:
    return lambda *nodes: Node(all(node.value for node in nodes), at)


def _several(stack: Stack, argument: Any, at: Location, scope: Scope, decisive: bool) -> Value:
    """Return `and` (which a false one decides) or `or` (which a true one decides)."""
    if not isinstance(argument, list) or not argument:
        stack.mistake(at, f"{at.key} needs a list of conditions")
        return undecidable(f"{stack.id} {at.pointer}", f"what stands at {at.pointer}")
    values = [condition(stack, c, at / index, scope) for index, c in enumerate(argument)]
    if any(value is decisive for value in values):
        return decisive
    for value in values:
        if isinstance(value, Unknown):
            return value
    open_ones = [Node(value, at) for value in values if isinstance(value, OneOf)]
    if not open_ones:
        return not decisive

    def combined(*nodes: Node) -> Node:
        found = any(node.value is decisive for node in nodes)
        return Node(decisive if found else not decisive, at)

    return spread(open_ones, combined, at).value


def _and(stack: Stack, argument: Any, at: Location, scope: Scope) -> Value:
    return _several(stack, argument, at, scope, False)


def _or(stack: Stack, argument: Any, at: Location, scope: Scope) -> Value:
    return _several(stack, argument, at, scope, True)


def _not(stack: Stack, argument: Any, at: Location, scope: Scope) -> Value:
    inner = argument[0] if isinstance(argument, list) and len(argument) == 1 else argument
    value = condition(stack, inner, at / 0, scope)
    if isinstance(value, Unknown):
        return value
    return spread((Node(value, at),), lambda n: Node(not n.value, at), at).value


def _named(stack: Stack, argument: Any, at: Location, scope: Scope) -> Value:
    if not isinstance(argument, str):
        stack.mistake(at, "Condition needs the name of a condition")
        return undecidable(f"{stack.id} {at.pointer}", f"what stands at {at.pointer}")
    return stack.condition(argument, at)


def _equals(stack: Stack, argument: Any, at: Location, scope: Scope) -> Value:
    if not isinstance(argument, list) or len(argument) != 2:
        stack.mistake(at, "Fn::Equals needs a list of two values")
        return undecidable(f"{stack.id} {at.pointer}", f"what stands at {at.pointer}")
    left, right = (evaluate(stack, side, at / i, scope) for i, side in enumerate(argument))
    _collect(stack, left.value, right.value)
    _collect(stack, right.value, left.value)
    if _hangs_on_symbol(left, right) or _hangs_on_symbol(right, left):
        return _open_comparison(stack, left.value, right.value)
    answer = spread(
        (left, right), lambda a, b: Node(_compare(stack, a.value, b.value), at), at
    ).value
    return (
        _open_comparison(stack, left.value, right.value) if isinstance(answer, Unknown) else answer
    )


def _collect(stack: Stack, one: Value, other: Value) -> None:
    """Remember a literal that a lone symbol is compared with."""
    if isinstance(one, Symbolic) and len(one.parts) == 1 and isinstance(other, str):
        stack.program.collect(one.symbols[0], other)


def _hangs_on_symbol(one: Node, other: Node) -> bool:
    """Tell whether a symbol is compared with alternatives, which does not decide any of them."""
    return isinstance(one.value, Symbolic) and open_choice(other) is not None


def _compare(stack: Stack, left: Value, right: Value) -> Value:
    a, b = _comparable(left), _comparable(right)
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return _open_comparison(stack, a, b)
    if isinstance(a, Symbolic) or isinstance(b, Symbolic):
        answer = same(a, b)
        if answer is None:
            if _is_else(stack, a, b) or _is_else(stack, b, a):
                return False
            return _open_comparison(stack, a, b)
        return answer
    return bool(a == b)


def _comparable(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, dict)):
        return identity(value)
    return value


def _is_else(stack: Stack, one: Value, other: Value) -> bool:
    """Tell whether a symbol stands for what is none of the literals compared with it."""
    if not (isinstance(one, Symbolic) and len(one.parts) == 1 and isinstance(other, str)):
        return False
    return not stack.program.collecting and other in stack.program.literals.get(one.symbols[0], ())


def _open_comparison(stack: Stack, left: Value, right: Value) -> OneOf:
    first, second = sorted((identity(left), identity(right)))
    needs = next((v.undecided().needs for v in (left, right) if isinstance(v, _OPEN)), "")
    text = f"whether {left} equals {right}"
    if isinstance(left, OneOf) or isinstance(right, OneOf):
        text = stack.asked
    return undecidable(f"{stack.id}: {first} = {second}", text, needs)


_OPEN: Final = (Symbolic, OneOf, Unknown)

_FUNCTIONS: Final[dict[str, Callable[[Stack, Any, Location, Scope], Value]]] = {
    "Fn::And": _and,
    "Fn::Or": _or,
    "Fn::Not": _not,
    "Fn::Equals": _equals,
    "Condition": _named,
}
