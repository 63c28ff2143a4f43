"""The operators of `Condition`, on known, absent and unknown context keys."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from crrlint.iam.context import ABSENT, PRESENT, UNKNOWN, OneOfValues
from crrlint.iam.logic import MAYBE, NO, YES, Bounds, every, inverse, some, tri
from crrlint.iam.policy import Condition
from crrlint.iam.text import match, match_arn_value
from crrlint.values import Unknown

if typing.TYPE_CHECKING:
    from crrlint.iam.question import Question

TEXTUAL: Final = frozenset(("text", "folded", "glob", "arn"))


def holds(test: Condition, value: Any, question: Question) -> Bounds:
    """Return whether the test holds when its key has this value."""
    if not test.kind:
        question.doubt(_not_readable(f"condition {test.written}"))
        return MAYBE
    if test.kind == "null":
        return _null(test, value, question)
    if value is ABSENT:
        return tri(when_missing(test))
    if value is UNKNOWN or value is PRESENT or isinstance(value, OneOfValues):
        question.doubt_key(test.key)
        return MAYBE
    if isinstance(value, tuple):
        if not value:
            return tri(when_missing(test))
        if not test.quantifier:
            question.doubt(_not_readable(f"condition {test.written}, which has no set operator"))
            return MAYBE
        each = [_one(test, v, question) for v in value]
        return every(each) if test.quantifier == "all" else some(each)
    if not test.quantifier and question.is_multivalued(test.key):
        question.doubt(_not_readable(f"condition {test.written}, which has no set operator"))
        return MAYBE
    return _one(test, value, question)


def _not_readable(what: str) -> Unknown:
    return Unknown("unsupported_expression", what)


def when_missing(test: Condition) -> bool:
    if test.quantifier == "all":
        return True
    if test.if_exists:
        return True
    return test.negated and not test.quantifier


def _null(test: Condition, value: Any, question: Question) -> Bounds:
    if value is UNKNOWN or isinstance(value, OneOfValues):
        question.doubt_key(test.key)
        return MAYBE
    missing = value is ABSENT or value == ()
    answer = some(_null_value(p.code, missing) for p in test.values)
    if answer[0] is not answer[1]:
        question.doubt(_not_readable(f"the value of condition {test.written}"))
    return answer


def _null_value(code: str | None, missing: bool) -> Bounds:
    wanted = (code or "").lower()
    if wanted not in ("true", "false"):
        return MAYBE
    return tri((wanted == "true") == missing)


def _one(test: Condition, value: Any, question: Question) -> Bounds:
    """Condition one value of the key against the values of the policy."""
    if test.kind in TEXTUAL:
        matched = _text(test, value, question)
    else:
        matched = _typed(test, value, question)
    return inverse(matched) if test.negated else matched


def _text(test: Condition, value: Any, question: Question) -> Bounds:
    target = question.target(value, fold=test.kind == "folded")
    if target is None:
        return MAYBE
    answers: list[Bounds] = []
    for pattern in test.values:
        code = pattern.code
        if code is None:
            code = question.resolve(pattern)
            if code is None:
                continue  # a variable without value: the text matches nothing
            if test.kind == "folded":
                code = code.lower()
        if test.kind == "arn":
            answer = match_arn_value(code, target, question.alphabet, test.negated)
        else:
            answer = match(code, target, question.alphabet)
        if answer[0] is True:
            return YES
        if answer[0] is not answer[1]:
            question.doubt_code(code, target)
            if test.kind == "arn" and not question.alphabet.symbols:
                question.doubt(_not_readable(f"the value of condition {test.written}"))
        answers.append(answer)
    return some(answers)


def _typed(test: Condition, value: Any, question: Question) -> Bounds:
    kind = test.kind.rstrip("<>=")
    given = _parse(kind, value)
    if given is None:
        question.doubt(value if isinstance(value, Unknown) else _not_readable(test.key))
        return MAYBE
    return some(_compare(test.kind, given, p.code, question, test) for p in test.values)


def _compare(
    kind: str, given: Any, code: str | None, question: Question, test: Condition
) -> Bounds:
    wanted = _parse(kind.rstrip("<>="), code) if code is not None else None
    if wanted is None:
        question.doubt(_not_readable(f"the value of condition {test.written}"))
        return MAYBE
    if kind == "ip":
        return tri(given[0].version == wanted.version and given[0] in wanted)
    return tri(_relation(kind)(given, wanted))


def _relation(kind: str) -> Callable[[Any, Any], bool]:
    if kind.endswith("<="):
        return lambda a, b: bool(a <= b)
    if kind.endswith(">="):
        return lambda a, b: bool(a >= b)
    if kind.endswith("<"):
        return lambda a, b: bool(a < b)
    if kind.endswith(">"):
        return lambda a, b: bool(a > b)
    return lambda a, b: bool(a == b)


def _parse(kind: str, text: Any) -> Any:
    """Return the value that the text is for a kind of operator, or None."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    if kind == "bool":
        return {"true": True, "false": False}.get(text.lower())
    if kind == "number":
        return parse_number(text)
    if kind == "date":
        return parse_date(text)
    return parse_network(text)


def parse_number(text: str) -> Any:
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    from decimal import Decimal, InvalidOperation

    if len(text) > 100 or any(c not in "0123456789+-.eE" for c in text):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    # An exponent of a billion would make a comparison take as many steps.
    return number if abs(number.adjusted()) < 1000 else None


@lru_cache(maxsize=1024)
def parse_date(text: str) -> Any:
    """Return seconds since 1970."""
    number = parse_number(text)
    if number is not None:
        return number
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


@lru_cache(maxsize=1024)
def parse_network(text: str) -> Any:
    from ipaddress import ip_network

    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def all_hold(tests: Iterable[Condition], question: Question) -> Bounds:
    found: list[Bounds] = []
    for test in tests:
        answer = holds(test, question.value(test.key), question)
        if answer[1] is False:
            return NO
        found.append(answer)
    return every(found)
