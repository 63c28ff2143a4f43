"""The texts of a policy: literals, wildcards, symbols and policy variables."""

from __future__ import annotations

from typing import Any, NamedTuple

from crrlint.iam.context import as_text
from crrlint.iam.globs import ANY, STAR
from crrlint.iam.text import plain
from crrlint.values import Symbol, Symbolic, Unknown, settle


class Variable(NamedTuple):
    """A policy variable; its name is in lower case, as names of keys are compared."""

    name: str
    default: str | None


class Pattern:
    """One text of a policy.  `code` is the whole of it when the policy alone decides it."""

    __slots__ = ("code", "pieces", "source")

    def __init__(self, source: Any, pieces: tuple[Any, ...]) -> None:
        self.source = source
        self.pieces = pieces
        self.code: str | None = None
        if len(pieces) == 1:
            self.code = pieces[0] if isinstance(pieces[0], str) else None
        elif all(isinstance(p, str) for p in pieces):
            self.code = "".join(pieces)

    @property
    def variables(self) -> list[Variable]:
        return [p for p in self.pieces if isinstance(p, Variable)]

    def __str__(self) -> str:
        return str(self.source)

    def __repr__(self) -> str:
        return f"Pattern({self.source!r})"


def parse_pattern(value: Any, variables: bool | None, wild: bool, fold: bool = False) -> Pattern:
    """Parse one text; `variables` is None when the version of the policy is not known."""
    if type(value) is str and "${" not in value and value.isascii():
        # Nearly every text of a policy is of this kind, and policies come by the thousand.
        return Pattern(value, (_literal(value, wild, fold),))
    value = as_text(settle(value))
    if isinstance(value, str):
        if not plain(value):
            return Pattern(value, (Unknown("unsupported_expression", repr(value)),))
        return Pattern(value, tuple(_pieces(value, variables, wild, fold)))
    if not isinstance(value, Symbolic):
        if not isinstance(value, Unknown):
            value = Unknown("unsupported_expression", f"{type(value).__name__} in place of text")
        return Pattern(value, (value,))
    literal = "".join(p for p in value.parts if isinstance(p, str))
    if variables is not False and literal.count("${") != sum(
        p.count("${") for p in value.parts if isinstance(p, str) and _closed(p)
    ):
        return Pattern(value, (value,))
    pieces: list[Any] = []
    for part in value.parts:
        if isinstance(part, Symbol):
            pieces.append(part)
        elif plain(part):
            pieces.extend(_pieces(part, variables, wild, fold))
        else:
            pieces.append(Unknown("unsupported_expression", repr(part)))
    return Pattern(value, tuple(pieces))


def _closed(text: str) -> bool:
    return text.rfind("}") > text.rfind("${")


def _pieces(text: str, variables: bool | None, wild: bool, fold: bool) -> list[Any]:
    if "${" not in text or variables is False:
        return [_literal(text, wild, fold)]
    if variables is None:
        return [Unknown("unsupported_expression", f"{text}, as the policy's Version is not known")]
    pieces: list[Any] = []
    rest = text
    while True:
        before, opening, rest = rest.partition("${")
        if before:
            pieces.append(_literal(before, wild, fold))
        if not opening:
            return pieces
        inside, closing, rest = rest.partition("}")
        if not closing:
            pieces.append(_literal("${" + inside, wild, fold))
            return pieces
        if inside in ("*", "?", "$"):
            pieces.append(inside)
        else:
            pieces.append(_variable(inside))


def _literal(text: str, wild: bool, fold: bool) -> str:
    if wild:
        text = text.replace("*", STAR).replace("?", ANY)
    return text.lower() if fold else text


def _variable(inside: str) -> Any:
    name, comma, default = inside.partition(",")
    name, default = name.strip().lower(), default.strip()
    if not name or (comma and not (len(default) > 1 and default[0] == default[-1] == "'")):
        return Unknown("unsupported_expression", "${" + inside + "}")
    return Variable(name, default[1:-1] if comma else None)
