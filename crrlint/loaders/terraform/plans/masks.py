"""The three trees that a plan gives for the attributes of a resource, as one.

`after` holds what is known, `after_unknown` is true where the apply will tell, and
`after_sensitive` where a value must not be shown.  Lists in them go by the same index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from crrlint.loaders.terraform.plans.configuration import (
    NOTHING,
    is_constant,
    listing,
    mapping,
    references,
    traversals,
)
from crrlint.values import Unknown

Leave = Callable[[str, Any], Any]
"""Returns what stands for a value, by its path (`rule.destination.bucket`) and its expression.

The expression is None where it is not known which one made the value, and `NOTHING`
where the configuration has none."""

_SETS: Final = frozenset(
    {
        "condition",
        "grant",
        "inline_policy",
        "not_principals",
        "principals",
        "rules",
        "transition",
        "noncurrent_version_transition",
    }
)
"""Blocks whose order in a plan is not that of the configuration; in later versions lists."""


_LONG: Final = 10_000
"""A list that is longer is marked as a whole."""


def marked(mask: Any) -> bool:
    """Tell whether a mask is true anywhere."""
    if mask is True:
        return True
    if isinstance(mask, dict):
        return any(marked(below) for below in mask.values() if below is not False)
    if isinstance(mask, list):
        return any(marked(below) for below in mask if below is not False)
    return False


def marks(mask: Any, path: str) -> Iterator[str]:
    """Yield the path of each value that a mask marks; elements of a list bear its own."""
    if mask is True:
        yield path
    elif isinstance(mask, dict):
        for name, below in mask.items():
            yield from marks(below, f"{path}.{name}")
    elif isinstance(mask, list):
        for below in mask:
            yield from marks(below, path)


class Masks:
    """Puts an open value at each place that a mask marks."""

    __slots__ = ("_hidden", "_unknown")

    def __init__(self, unknown: Leave, hidden: Leave) -> None:
        self._unknown = unknown
        self._hidden = hidden

    def apply(self, path: str, known: Any, unknown: Any, hidden: Any, expression: Any) -> Any:
        """Return a value with what is open in it; `path` is its own."""
        if unknown is True:
            return self._unknown(path, expression)
        if hidden is True:
            # Whoever takes secrets out of a plan may leave null in their place.
            return self._hidden(path, expression)
        if isinstance(known, dict) or (known is None and isinstance(unknown, dict)):
            return self._members(path, mapping(known), mapping(unknown), hidden, expression)
        listed = isinstance(known, list) or (known is None and isinstance(unknown, list))
        if listed and (marked(unknown) or marked(hidden)):
            return self._elements(path, listing(known), listing(unknown), hidden, expression)
        return known

    def _members(
        self, path: str, known: Mapping[str, Any], unknown: Mapping[str, Any], hidden: Any, of: Any
    ) -> dict[str, Any]:
        hidden = mapping(hidden)
        found: dict[str, Any] = {}
        for name in dict.fromkeys((*known, *(n for n, mask in unknown.items() if marked(mask)))):
            found[name] = self.apply(
                f"{path}.{name}" if path else name,
                known.get(name),
                unknown.get(name),
                hidden.get(name),
                _below(of, name),
            )
        return found

    def _elements(
        self, path: str, known: Sequence[Any], unknown: Sequence[Any], hidden: Any, of: Any
    ) -> list[Any]:
        hidden = listing(hidden)
        count = max(len(known), len(unknown))
        expressions = _aligned(path, known, unknown, count, of)

        def at(values: Sequence[Any], index: int) -> Any:
            return values[index] if index < len(values) else None

        return [
            self.apply(
                path, at(known, index), at(unknown, index), at(hidden, index), expressions[index]
            )
            for index in range(count)
        ]


def _below(expression: Any, name: str) -> Any:
    """Return the expression of a member; `NOTHING` where its block is there and has none."""
    if expression is None:
        return None
    if is_constant(expression):
        constant = expression["constant_value"]
        return {"constant_value": constant[name]} if name in mapping(constant) else NOTHING
    if isinstance(expression, dict):
        # An attribute that is an object, made of things that are not told apart.
        return None if "references" in expression else expression.get(name, NOTHING)
    return None


def _aligned(
    path: str, known: Sequence[Any], unknown: Sequence[Any], count: int, expression: Any
) -> list[Any]:
    """Return the expression behind each element; None where that is not certain.

    A `dynamic` block has no expressions: of three rules, one may be written down.
    """
    if isinstance(expression, dict):
        if is_constant(expression):
            values = listing(expression["constant_value"])
            return (
                [{"constant_value": v} for v in values] if len(values) == count else [None] * count
            )
        if expression is NOTHING:
            # Blocks without expressions come of a `dynamic` one.
            made = any(isinstance(one, dict) for one in (*known, *unknown))
            return [None if made else NOTHING] * count
        return _among(expression, known, unknown, count)
    blocks = listing(expression)
    if len(blocks) == count and (count == 1 or path.rsplit(".", 1)[-1] not in _SETS):
        return list(blocks)
    found: list[Any] = [None] * count
    for block in blocks:
        fitting = [
            index
            for index in range(count)
            if fits(block, known[index] if index < len(known) else None)
        ]
        # Each block makes one element, so the only one that fits is its own.
        if len(fitting) == 1:
            found[fitting[0]] = block
    return found


def _among(
    expression: Mapping[str, Any], known: Sequence[Any], unknown: Sequence[Any], count: int
) -> list[Any]:
    """Return which of several references each element is, in a list of nothing else.

    The elements of a set are in no order, so the unknown ones are what the known are not.
    """
    apart = traversals(references(expression))
    if len(apart) != count:
        return [None] * count
    found: list[Any] = [None] * count
    open_ = [index for index in range(count) if index < len(unknown) and unknown[index] is True]
    beside = [one for index, one in enumerate(known) if index not in open_]
    for number, index in enumerate(open_):
        found[index] = {"among": apart, "beside": beside, "number": number, "of": len(open_)}
    return found


def fits(block: Any, element: Any) -> bool:
    """Tell whether an element can be made by a block: what is constant in it has to be there."""
    if is_constant(block):
        return element is None or _equal(block["constant_value"], element)
    if isinstance(block, dict):
        if "references" in block:
            return True
        held = mapping(element)
        return all(fits(below, held.get(name)) for name, below in block.items())
    if isinstance(block, list) and isinstance(element, list):
        return len(block) <= len(element) and all(map(fits, block, element))
    return element is None


def _equal(constant: Any, value: Any) -> bool:
    if isinstance(constant, list) and isinstance(value, list):
        return len(constant) == len(value) and all(c in value for c in constant)
    # Numbers and booleans may be written as text.
    return bool(constant == value) or str(constant).lower() == str(value).lower()


def completed(unknown: Any, known: Any, expression: Any) -> Any:
    """Return a mask that is true as well for what was taken out of a plan.

    Terraform writes null for what is not set.  So what the configuration gives, and what is
    neither known nor to be told by the apply, was told once.
    """
    if isinstance(expression, list):
        if not isinstance(known, list) or len(known) != len(expression):
            return unknown
        masks = listing(unknown)
        below = [
            completed(masks[n] if n < len(masks) else None, one, expression[n])
            for n, one in enumerate(known)
        ]
        changed = any(b is not (masks[n] if n < len(masks) else None) for n, b in enumerate(below))
        return below if changed else unknown
    if not isinstance(expression, dict) or not isinstance(known, dict) or unknown is True:
        return unknown
    if is_constant(expression) or "references" in expression:
        return unknown
    mask = mapping(unknown)
    found: dict[str, Any] = {}
    for name, below in expression.items():
        if name not in known:
            if not marked(mask.get(name)):
                found[name] = True
        elif isinstance(below, (dict, list)):
            inner = completed(mask.get(name), known[name], below)
            if inner is not mask.get(name):
                found[name] = inner
    return {**mask, **found} if found else unknown


def secret_of(address: str) -> Leave:
    """Return what stands for a value that is marked as sensitive."""

    def secret(path: str, _: Any) -> Unknown:
        what = f"the {path} of {address}, which is marked as sensitive,"
        return Unknown("sensitive", what, f"nonsensitive(...) for the {path} of {address}")

    return secret


def without_secrets(address: str, values: Mapping[str, Any], hidden: Any) -> Mapping[str, Any]:
    """Return attributes, with unknown ones for those that must not be shown."""
    if not marked(hidden):
        return values
    masks = Masks(secret_of(address), secret_of(address))
    found: dict[str, Any] = masks.apply("", values, NOTHING, hidden, None)
    return found


def mask_of(paths: Any) -> dict[str, Any]:
    """Return the mask that a state's `sensitive_attributes` stand for: paths, in steps.

    What no step can be made of hides all that is above it.
    """
    mask: dict[Any, Any] = {}
    for path in listing(paths):
        held: dict[Any, Any] = mask
        steps = [_step(step) for step in listing(path)]
        if None in steps:
            steps = steps[: steps.index(None)]
        for number, step in enumerate(steps):
            if held.get(step) is True:
                break
            if number + 1 == len(steps):
                held[step] = True
            else:
                held = held.setdefault(step, {})
    return {str(name): _listed(below) for name, below in mask.items()}


def _step(step: Any) -> str | int | None:
    held = mapping(step)
    value = held.get("value")
    if held.get("type") == "index":
        number = mapping(value).get("type") == "number"
        value = mapping(value).get("value")
        if number and isinstance(value, str):
            # Numbers may be written as text.
            value = int(value) if value.isdecimal() else None
    return value if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def _listed(below: Any) -> Any:
    """Return a list for what is numbered, as far as it is marked."""
    if not isinstance(below, dict):
        return below
    if all(isinstance(key, int) and 0 <= key < _LONG for key in below):
        count = max(below, default=-1) + 1
        return [_listed(below.get(index, False)) for index in range(count)]
    if any(isinstance(key, int) for key in below):
        return True
    return {key: _listed(value) for key, value in below.items()}
