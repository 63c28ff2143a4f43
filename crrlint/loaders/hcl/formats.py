"""`format` and its verbs, as Terraform has them: Go's, over values of its own kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Node
from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.graphemes import clusters
from crrlint.loaders.hcl.json_text import quoted
from crrlint.loaders.hcl.numbers import Number, fixed, fraction, general, scientific
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.types import BOOL, NUMBER, STRING, convert
from crrlint.loaders.hcl.values import Failed, JsonText, OpenText
from crrlint.values import Symbolic, Unknown

_VERB: Final = re.compile(
    r"%(?P<flags>[ 0#+-]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<number>[0-9]+)\])?(?P<mode>.)?",
    re.DOTALL,
)


class _Verb(NamedTuple):
    text: str
    mode: str
    flags: str
    width: int | None
    precision: int | None

    @property
    def bare(self) -> bool:
        return self.width is None and self.precision is None and "#" not in self.flags


def format_text(template: str, arguments: Sequence[Node]) -> Iterator[Any]:
    """Yield the pieces of the text."""
    at = used = next_ = 0
    for found in _verbs(template):
        yield template[at : found.start()]
        at = found.end()
        mode = found["mode"]
        if mode is None:
            raise BadArgument("the format ends in the middle of a verb")
        if mode == "%":
            yield "%"
            continue
        number = found["number"]
        position = next_ if number is None else int(number) - 1
        if not 0 <= position < len(arguments):
            raise BadArgument(f"there is no argument for the verb {found[0]!r}")
        next_ = position + 1
        used = max(used, next_)
        width, precision = found["width"], found["precision"]
        verb = _Verb(
            found[0],
            mode,
            found["flags"],
            None if width is None else _small(width),
            None if precision is None else _small(precision or "0"),
        )
        yield _formatted(verb, arguments[position])
    yield template[at:]
    if used < len(arguments):
        raise BadArgument(f"has {len(arguments)} arguments, and verbs for {used}")


def _verbs(template: str) -> Iterator[re.Match[str]]:
    return _VERB.finditer(template)


def _small(digits: str) -> int:
    if len(digits) > 4:
        raise BadArgument("has a width that is too large")
    return int(digits)


def _formatted(verb: _Verb, node: Node) -> Any:
    value = node.value
    if isinstance(value, Failed):
        raise Fault(value.message, value.at)
    if isinstance(value, (Symbolic, Unknown)):
        return _open(verb, value)
    try:
        if verb.mode == "v":
            return _padded(verb, _as_is(verb, node))
        if value is None:
            raise BadArgument(f"null for the verb {verb.text!r}")
        if verb.mode == "t":
            return "true" if convert(node, BOOL).value else "false"
        if verb.mode in "bdoxX":
            return _integer(verb, convert(node, NUMBER).value)
        if verb.mode in "eEfgG":
            return _real(verb, convert(node, NUMBER).value)
        if verb.mode in "sq":
            return _string(verb, convert(node, STRING).value)
    except Fault as fault:
        raise BadArgument(f"{fault.message} for the verb {verb.text!r}") from None
    raise BadArgument(f"there is no verb {verb.text!r}")


def _open(verb: _Verb, value: Any) -> Any:
    """Return the piece for what is not known; a number is formatted as nobody knows."""
    certain = isinstance(value, (JsonText, OpenText))
    if verb.bare and verb.mode in "sv" and (isinstance(value, Symbolic) or certain):
        return value
    cause = value.undecided()
    return Unknown(cause.reason, cause.what, cause.needs)


def _as_is(verb: _Verb, node: Node) -> Any:
    value = node.value
    if "#" not in verb.flags and value is not None and not isinstance(value, bool):
        if isinstance(value, str):
            return value
        if isinstance(value, (int, float)):
            return general(value)
    from crrlint.loaders.hcl.json_text import closed_text

    made = JsonText(node)
    text = closed_text(made)
    return made if text is None else text


def _padded(verb: _Verb, text: Any) -> Any:
    if verb.width is None:
        return text
    if not isinstance(text, str):
        return Unknown("unsupported_expression", "the width of a text that is not known")
    missing = verb.width - len(clusters(text))
    if missing <= 0:
        return text
    pads = ("0" if "0" in verb.flags else " ") * missing
    return text + pads if "-" in verb.flags else pads + text


def _string(verb: _Verb, text: str) -> Any:
    if verb.precision is not None:
        text = "".join(clusters(text)[: verb.precision])
    return _padded(verb, quoted(text) if verb.mode == "q" else text)


def _integer(verb: _Verb, value: Number) -> str:
    numerator, denominator = fraction(value)
    if denominator != 1:
        raise BadArgument(f"needs a whole number for the verb {verb.text!r}")
    whole = abs(numerator)
    negative = numerator < 0 and whole != 0
    mode = verb.mode
    digits = f"{whole:{mode}}"
    if verb.precision is not None:
        digits = "" if verb.precision == 0 and not whole else digits.rjust(verb.precision, "0")
    prefix = ""
    if "#" in verb.flags:
        prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(mode, "")
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    return _filled(verb, sign + prefix, digits, verb.precision is None)


def _filled(verb: _Verb, lead: str, digits: str, zeros: bool = True) -> str:
    missing = (verb.width or 0) - len(lead) - len(digits)
    if missing <= 0:
        return lead + digits
    if "-" in verb.flags:
        return lead + digits + " " * missing
    if "0" in verb.flags and zeros:
        return lead + "0" * missing + digits
    return " " * missing + lead + digits


def _real(verb: _Verb, value: Number) -> str:
    mode, precision = verb.mode, verb.precision
    if mode in "eE":
        text = scientific(value, 6 if precision is None else precision)
    elif mode == "f":
        text = fixed(value, 6 if precision is None else precision)
    else:
        text = general(value, precision)
    if mode in "EG":
        text = text.upper()
    negative = text.startswith("-")
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    return _filled(verb, sign, text.lstrip("-"))
