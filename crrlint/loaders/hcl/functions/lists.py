"""Functions over lists, or over their arguments as over a list; `length` takes any collection."""

from __future__ import annotations

from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl.compare import equal
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.json_text import known
from crrlint.loaders.hcl.numbers import Number
from crrlint.loaders.hcl.operators import add, order, plain_truth
from crrlint.loaders.hcl.sets import without_repeats
from crrlint.loaders.hcl.types import (
    ANY,
    NUMBER,
    STRING,
    Collection,
    convert,
    described,
    type_of,
    unify,
)
from crrlint.loaders.hcl.values import (
    JsonText,
    ListOf,
    OpenKeys,
    OpenObject,
    OpenText,
    SetOf,
    is_text,
)
from crrlint.values import OneOf, Symbolic, Undecided, Unknown, settle

MAX_ITEMS: Final = 100_000


def _same(one: Node, other: Node) -> bool:
    """Compare two values; raises `Undecided` where the input leaves it open."""
    answer = equal(one, other, ask=True)
    if answer is None:
        from crrlint.loaders.hcl.choices import open_comparison

        open_ = settle(open_comparison(one.settled(), other.settled()))
        if isinstance(open_, Unknown):
            raise open_.undecided()
        return bool(open_)
    return answer


def _certain(items: list[Node]) -> bool:
    return not isinstance(items, ListOf) or items.certain


def _is_true(item: Node) -> bool | Undecided:
    from crrlint.loaders.hcl.conditions import truth

    if item.value is None:
        return False
    if isinstance(item.value, Symbolic):
        # It need not be a boolean.
        return item.value.undecided()
    try:
        return plain_truth(truth(item))
    except Undecided as open_:
        if open_.choice is not None:
            raise
        return open_


def _all_true(items: list[Node]) -> bool:
    answers = [_is_true(item) for item in items]
    return _decided(answers, False)


def _any_true(items: list[Node]) -> bool:
    answers = [_is_true(item) for item in items]
    return _decided(answers, True)


def _decided(answers: list[bool | Undecided], decisive: bool) -> bool:
    if any(answer is decisive for answer in answers):
        return decisive
    for answer in answers:
        if isinstance(answer, Undecided):
            raise answer
    return not decisive


def _chunks(items: ListOf, size: int) -> ListOf:
    if size < 0:
        raise BadArgument("the size has to be positive")
    where = items[0].at if items else None
    if where is None:
        return ListOf(of=_nested(items.of))
    if not items.certain:
        raise Undecided("unsupported_expression", "a list of open order")
    if size == 0:
        return ListOf([Node(items, where)], of=_nested(items.of))
    return ListOf(
        [
            Node(ListOf(items[i : i + size], of=items.of), items[i].at)
            for i in range(0, len(items), size)
        ],
        of=_nested(items.of),
    )


def _nested(of: Any) -> Any:
    return None if of is None else Collection("list", of)


def _coalesce(*values: Node) -> Node:
    if not values:
        raise BadArgument("at least one argument is needed")
    type_ = unify([type_of(value) for value in values])
    if type_ is None:
        raise BadArgument("the arguments have no type in common")
    for value in values:
        inner = known(value)
        if isinstance(inner.value, Symbolic):
            # A name is never empty; what a variable gives may be.
            if not inner.value:
                continue
            return inner
        if inner.value is not None and not (type_ is STRING and inner.value == ""):
            return convert(inner, type_)
    raise BadArgument("all arguments are null or empty")


def _coalescelist(*lists: Node) -> Node:
    settled = [known(node) for node in lists]
    for node in settled:
        if isinstance(node.value, Symbolic):
            raise node.value.undecided()
        if node.value is not None and (
            not isinstance(node.value, list) or isinstance(node.value, SetOf)
        ):
            raise BadArgument("all arguments have to be lists")
    for node in settled:
        if node.value:
            return node
    raise BadArgument("all arguments are null or empty")


def _compact(items: list[Node]) -> ListOf:
    kept = []
    for item in items:
        inner = known(item)
        if inner.value is None:
            continue
        text = convert(inner, STRING)
        if isinstance(text.value, Symbolic):
            if text.value:
                kept.append(text)
        elif text.value != "":
            kept.append(text)
    return ListOf(kept, _certain(items), of=STRING)


def _concat(*lists: Node) -> Any:
    if not lists:
        raise BadArgument("at least one argument is needed")
    made: list[Node] = []
    certain = typed = True
    types = []
    for node in lists:
        value = node.value
        if isinstance(value, Symbolic):
            raise value.undecided()
        if not isinstance(value, list) or isinstance(value, SetOf):
            raise BadArgument(f"{described(value)} where a list is needed")
        typed = typed and isinstance(value, ListOf)
        certain = certain and _certain(value)
        types.append(type_of(node))
        made.extend(value)
    # Lists of one type give a list, anything else a tuple.
    if typed:
        type_ = unify(types)
        if isinstance(type_, Collection):
            return ListOf([convert(item, type_.of) for item in made], certain, of=type_.of)
    return made if certain else ListOf(made, False)


def _contains(items: list[Node], wanted: Node) -> bool:
    if wanted.value is None:
        raise BadArgument("needs a value that is not null")
    opened: Undecided | None = None
    for item in items:
        try:
            if _same(item, wanted):
                return True
        except Undecided as open_:
            opened = opened or open_
    if opened is not None:
        raise opened
    return False


def _distinct(items: ListOf) -> ListOf:
    kept, sure = without_repeats(items)
    return ListOf(kept, items.certain and sure, of=items.of)


def _element(items: list[Node], number: int) -> Node:
    if isinstance(items, SetOf):
        raise BadArgument("a set has no elements by index")
    if not items:
        raise BadArgument("an empty list has no elements")
    if number < 0 and -number > len(items):
        number = -(-number % len(items))
    return items[number % len(items)]


def _flatten(items: list[Node]) -> Any:
    made: list[Node] = []
    certain = _certain(items)
    stack = list(reversed(items))
    while stack:
        node = stack.pop()
        value = node.value
        if isinstance(value, OneOf) and _may_hold_list(value):
            node = node.settled()
            value = node.value
        if isinstance(value, list):
            certain = certain and _certain(value)
            stack.extend(reversed(value))
        elif _may_be_list(value):
            raise value.undecided()
        else:
            made.append(node)
        if len(made) > MAX_ITEMS:
            raise Undecided("too_complex", f"a list of more than {MAX_ITEMS} elements")
    return made if certain else ListOf(made, False)


def _may_hold_list(value: OneOf) -> bool:
    stack: list[Any] = list(value.options)
    while stack:
        option = stack.pop()
        inner = option.value if isinstance(option, Node) else option
        if isinstance(inner, OneOf):
            stack.extend(inner.options)
        elif isinstance(inner, list) or _may_be_list(inner):
            return True
    return False


def _may_be_list(value: Any) -> bool:
    if isinstance(value, Symbolic):
        return not is_text(value)
    return isinstance(value, Unknown) and not isinstance(value, (JsonText, OpenObject, OpenText))


def _index(items: list[Node], wanted: Node) -> int:
    if isinstance(items, SetOf):
        raise BadArgument("a set has no indices")
    for number, item in enumerate(items):
        if _same(item, wanted):
            return number
    raise BadArgument("the element is not in the list")


def _length(node: Node) -> int:
    value = node.value
    if isinstance(value, OpenKeys) and value.certain:
        return len(value.members)
    if isinstance(value, ListOf) and not value.counted:
        raise Undecided("unsupported_expression", "the length of a list that may have repeats")
    if isinstance(value, (list, dict)):
        return len(value)
    if isinstance(value, str):
        from crrlint.loaders.hcl.graphemes import clusters

        return len(clusters(value))
    if isinstance(value, (Symbolic, Unknown)):
        raise value.undecided()
    raise BadArgument(f"{described(value)} has no length")


def _list(*items: Node) -> ListOf:
    made = convert(Node(list(items), items[0].at), Collection("list", ANY)).value if items else []
    return ListOf(made)


def _matchkeys(values: ListOf, keys: ListOf, wanted: ListOf) -> ListOf:
    if len(values) != len(keys):
        raise BadArgument("values and keys have to be of one length")
    if unify([type_of(item) for item in (*keys, *wanted)]) is None:
        raise BadArgument("the keys have no type in common")
    kept = [
        value
        for value, key in zip(values, keys, strict=True)
        if any(_same(key, other) for other in wanted)
    ]
    return ListOf(kept, of=values.of)


def _one(items: list[Node]) -> Any:
    if isinstance(items, ListOf) and not items.counted:
        raise Undecided("unsupported_expression", "the one element of a list of open length")
    if len(items) > 1:
        raise BadArgument("has to have at most one element")
    return items[0] if items else None


def _range(*numbers: Number) -> Any:
    if not 1 <= len(numbers) <= 3:
        raise BadArgument("takes one to three numbers")
    start: Number = 0 if len(numbers) == 1 else numbers[0]
    end = numbers[0] if len(numbers) == 1 else numbers[1]
    step: Number = numbers[2] if len(numbers) == 3 else (1 if order(start, end) <= 0 else -1)
    if order(step, 0) == 0:
        raise BadArgument("the step is zero")
    up = order(step, 0) > 0
    if up is (order(end, start) < 0) and order(end, start) != 0:
        raise BadArgument("the step leads away from the end")
    made: list[Number] = []
    while (order(start, end) < 0) if up else (order(start, end) > 0):
        made.append(start)
        if len(made) > 1024:
            raise BadArgument("gives more than 1024 elements")
        start = add(start, step)
    return ListOf(made, of=NUMBER)  # type: ignore[arg-type]


def _reverse(items: list[Node]) -> Any:
    if isinstance(items, SetOf):
        return ListOf(reversed(items), items.certain, items.counted, items.of)
    made = list(reversed(items))
    if not isinstance(items, ListOf):
        return made
    return ListOf(made, items.certain, items.counted, items.of)


def _slice(items: list[Node], start: int, end: int) -> Any:
    if isinstance(items, SetOf):
        raise BadArgument("a set has no order to cut from")
    if not 0 <= start <= end <= len(items):
        raise BadArgument(f"{start} to {end} is outside a list of {len(items)}")
    made = items[start:end]
    return ListOf(made, of=items.of) if isinstance(items, ListOf) else made


def _sort(items: list[Node]) -> ListOf:
    texts = []
    for item in items:
        inner = known(item)
        if inner.value is None:
            raise BadArgument("null cannot be sorted")
        texts.append(convert(inner, STRING))
    if any(isinstance(text.value, Symbolic) for text in texts):
        # Which ones there are is known, their order is not.
        certain = _certain(items)
        return ListOf(texts, len(texts) < 2 and certain, certain, STRING)
    return ListOf(sorted(texts, key=lambda text: text.value.encode()), _certain(items), of=STRING)


def _sum(items: list[Node]) -> Number:
    if not items:
        raise BadArgument("has nothing to add up")
    total: Number = 0
    for item in items:
        inner = known(item)
        if inner.value is None:
            raise BadArgument("null cannot be added")
        if isinstance(inner.value, Symbolic):
            raise inner.value.undecided()
        total = add(total, convert(inner, NUMBER).value)
    return total


FUNCTIONS: Final[dict[str, Function]] = {
    "alltrue": Function(_all_true, ("bag",)),
    "anytrue": Function(_any_true, ("bag",)),
    "chunklist": Function(_chunks, ("alike", "int")),
    "coalesce": Function(_coalesce, rest="any"),
    "coalescelist": Function(_coalescelist, rest="any"),
    "compact": Function(_compact, ("bag",)),
    "concat": Function(_concat, rest="value"),
    "contains": Function(_contains, ("bag", "any")),
    "distinct": Function(_distinct, ("alike",)),
    "element": Function(_element, ("list", "int")),
    "flatten": Function(_flatten, ("bag",)),
    "index": Function(_index, ("list", "any")),
    "length": Function(_length, ("keyed",)),
    "list": Function(_list, rest="any"),
    "matchkeys": Function(_matchkeys, ("alike", "alike", "alike")),
    "one": Function(_one, ("bag",)),
    "range": Function(_range, rest="number"),
    "reverse": Function(_reverse, ("bag",)),
    "slice": Function(_slice, ("list", "int", "int")),
    "sort": Function(_sort, ("bag",)),
    "sum": Function(_sum, ("list",)),
}
