"""What a leaf of the model can be: plain, symbolic text, one of a few, or unknown.

Rules are written as if everything were known.  A question that the input does
not decide raises `Undecided`; the engine catches it per rule and subject.

A `OneOf` hangs on a `Choice` (an unset parameter, an undecided condition).  The
engine answers choices one way at a time (`answers.assuming`) and runs the question once
for each answer, so that everything that hangs on one choice is decided together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn, TypeAlias

from crrlint.values.answers import answer_of, open_choice
from crrlint.values.comparison import can_start_with, same_parts
from crrlint.values.symbols import Choice, Form, Reason, Symbol, Undecided

__all__ = [
    "MAX_OPTIONS",
    "OPEN",
    "Choice",
    "Form",
    "OneOf",
    "Reason",
    "Symbol",
    "Symbolic",
    "Text",
    "Undecided",
    "Unknown",
    "Value",
    "count_options",
    "identical",
    "join",
    "one_of",
    "parts_of",
    "same",
    "settle",
    "symbolic",
]

# A product of choices larger than this is not kept apart any more.
MAX_OPTIONS: Final = 64


class _Open:
    """What symbolic text, alternatives and unknowns share: most questions raise."""

    __slots__ = ()

    def _ask(self, *_: object) -> NoReturn:
        raise self.undecided()

    def undecided(self) -> Undecided:
        raise NotImplementedError

    def __bool__(self) -> bool:
        self._ask()

    def __hash__(self) -> int:
        self._ask()

    def __lt__(self, other: object) -> bool:
        self._ask()

    __le__ = __gt__ = __ge__ = __lt__

    def __iter__(self) -> Iterator[Any]:
        self._ask()

    def __len__(self) -> int:
        self._ask()

    def __contains__(self, item: object) -> bool:
        self._ask()

    def __getitem__(self, key: object) -> Any:
        self._ask()

    def __int__(self) -> int:
        self._ask()

    def __getattr__(self, name: str) -> Any:
        # Dunder look-ups come from the interpreter (copy, pickle) and have to
        # fail in the way it expects.
        if name.startswith("__"):
            raise AttributeError(name)
        raise self.undecided()


class Unknown(_Open):
    """A value the files do not decide; it can be printed and passed on."""

    __slots__ = ("needs", "reason", "what")

    def __init__(self, reason: Reason, what: str, needs: str = "") -> None:
        self.reason: Reason = reason
        self.what = what
        self.needs = needs

    def undecided(self) -> Undecided:
        return Undecided(self.reason, self.what, self.needs)

    def __eq__(self, other: object) -> bool:
        self._ask()

    def __ne__(self, other: object) -> bool:
        self._ask()

    __hash__ = _Open.__hash__

    def __str__(self) -> str:
        return self.what

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r}, {self.what!r})"


class Symbolic(_Open):
    """Text made of literals and symbols.  `parts` never holds two literals in a row."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str | Symbol, ...]) -> None:
        self.parts = parts

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        return tuple(p for p in self.parts if isinstance(p, Symbol))

    def undecided(self) -> Undecided:
        symbol = self.symbols[0]
        return Undecided(symbol.reason, f"{self} is not known", symbol.needs)

    def __bool__(self) -> bool:
        # A name, an account or any literal character makes the text non-empty.
        if any(isinstance(p, str) or p.form != "any" for p in self.parts):
            return True
        raise self.undecided()

    def __eq__(self, other: object) -> bool:
        answer = same(self, other)
        if answer is None:
            raise self.undecided()
        return answer

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = _Open.__hash__

    def startswith(self, prefix: str) -> bool:
        lead = self.parts[0] if isinstance(self.parts[0], str) else ""
        if lead.startswith(prefix):
            return True
        if lead and not prefix.startswith(lead):
            return False
        if not can_start_with(self.parts[1:] if lead else self.parts, prefix[len(lead) :]):
            return False
        raise self.undecided()

    def endswith(self, suffix: str) -> bool:
        tail = self.parts[-1] if isinstance(self.parts[-1], str) else ""
        if tail.endswith(suffix):
            return True
        if tail and not suffix.endswith(tail):
            return False
        raise self.undecided()

    def __str__(self) -> str:
        if len(self.parts) == 1:
            return str(self.parts[0])
        return "".join(p if isinstance(p, str) else _placeholder(p) for p in self.parts)

    def __repr__(self) -> str:
        return f"Symbolic({self.parts!r})"


def _placeholder(symbol: Symbol) -> str:
    """Show a symbol within a text, so that it is seen where it ends."""
    text = symbol.text
    bare = " " in text and text[0] not in "${<["
    return f"${{{text}}}" if bare else text


class OneOf(_Open):
    """One of a few values, by the answer to a choice."""

    __slots__ = ("choice", "options")

    def __init__(self, choice: Choice, options: tuple[Any, ...]) -> None:
        self.choice = choice
        self.options = options

    def undecided(self) -> Undecided:
        return open_choice(self.choice)

    def _each(self, question: Callable[[Any], bool]) -> bool:
        """Answer for the assumed option, or for all when they agree."""
        assumed = answer_of(self.choice)
        if assumed is not None:
            return question(self.options[assumed])
        answers = {question(option) for option in self.options}
        if len(answers) == 1:
            return answers.pop()
        raise self.undecided()

    def __bool__(self) -> bool:
        return self._each(bool)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OneOf) and other.choice == self.choice:
            # Each answer selects an option of both: often the two agree whatever it is.
            pairs = zip(self.options, other.options, strict=True)
            answers = {same(a, b) for a, b in pairs}
            if len(answers) == 1 and None not in answers:
                return answers == {True}
        return self._each(lambda option: bool(option == other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = _Open.__hash__

    def startswith(self, prefix: str) -> bool:
        return self._each(lambda option: bool(option.startswith(prefix)))

    def endswith(self, suffix: str) -> bool:
        return self._each(lambda option: bool(option.endswith(suffix)))

    def __str__(self) -> str:
        assumed = answer_of(self.choice)
        if assumed is not None:
            return str(self.options[assumed])
        return " or ".join(dict.fromkeys(str(option) for option in self.options))

    def __repr__(self) -> str:
        return f"OneOf({self.choice!r}, {self.options!r})"


Text: TypeAlias = str | Symbolic | OneOf | Unknown
"""Text as the input gives it."""

Value: TypeAlias = Any
"""Any leaf: text, a number, a boolean, None, or one of the open kinds."""

OPEN: Final = (Symbolic, OneOf, Unknown)


def settle(value: Value) -> Value:
    """Return the option that the assumed answers select; raise on an open choice."""
    while isinstance(value, OneOf):
        answer = answer_of(value.choice)
        if answer is None:
            raise value.undecided()
        value = value.options[answer]
    return value


def one_of(choice: Choice, options: tuple[Value, ...]) -> Value:
    """Return the alternatives as one value, or the value when they are all the same one."""
    first = options[0]
    if all(identical(first, option) for option in options[1:]):
        return first
    return OneOf(choice, options)


def identical(a: Value, b: Value) -> bool:
    """Tell whether two values are the same as written; never raises."""
    if isinstance(a, Symbolic) and isinstance(b, Symbolic):
        return a.parts == b.parts
    if isinstance(a, OneOf) and isinstance(b, OneOf):
        return a.choice == b.choice and all(
            identical(x, y) for x, y in zip(a.options, b.options, strict=True)
        )
    if isinstance(a, OPEN) or isinstance(b, OPEN):
        return a is b
    return type(a) is type(b) and bool(a == b)


def symbolic(symbol: Symbol) -> Symbolic:
    return Symbolic((symbol,))


def join(*pieces: Text | Symbol) -> Text:
    """Concatenate text.  One unknown piece makes the whole unknown."""
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)  # type: ignore[arg-type]
    parts: list[str | Symbol] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, str):
            _append(parts, piece)
        elif isinstance(piece, Symbol):
            parts.append(piece)
        elif isinstance(piece, Symbolic):
            for part in piece.parts:
                _append(parts, part)
        elif isinstance(piece, OneOf):
            return _spread(piece, pieces[:index], pieces[index + 1 :])
        else:
            return piece
    if not parts:
        return ""
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return Symbolic(tuple(parts))


def _append(parts: list[str | Symbol], part: str | Symbol) -> None:
    if part == "":
        return
    if isinstance(part, str) and parts and isinstance(parts[-1], str):
        parts[-1] += part
    else:
        parts.append(part)


def _spread(
    piece: OneOf, before: tuple[Text | Symbol, ...], after: tuple[Text | Symbol, ...]
) -> Text:
    options = tuple(
        join(*before, option, *(_under(piece.choice, index, text) for text in after))
        for index, option in enumerate(piece.options)
    )
    whole: Text = one_of(piece.choice, options)
    if count_options(whole) > MAX_OPTIONS:
        return Unknown("too_complex", str(whole)[:80], piece.choice.needs)
    return whole


def _under(choice: Choice, answer: int, text: Text | Symbol) -> Text | Symbol:
    """Return the text when the choice is answered, so that choices stay correlated."""
    while isinstance(text, OneOf) and text.choice == choice:
        text = text.options[answer]
    return text


def count_options(value: Value) -> int:
    if isinstance(value, OneOf):
        return sum(count_options(option) for option in value.options)
    return 1


def parts_of(text: Text) -> tuple[str | Symbol, ...]:
    """Return the literals and symbols of settled text; raise `Undecided` for the unknown."""
    text = settle(text)
    if isinstance(text, str):
        return (text,) if text else ()
    if isinstance(text, Symbolic):
        return text.parts
    if isinstance(text, Unknown):
        raise text.undecided()
    return (str(text),)


def same(a: object, b: object) -> bool | None:
    """Compare settled values: equal, different, or None when symbols leave it open."""
    if not isinstance(a, Symbolic) and not isinstance(b, Symbolic):
        return bool(a == b)
    if isinstance(b, OneOf):
        return bool(b == a)
    if isinstance(b, Unknown):
        return None
    if isinstance(a, (bool, int, float)) or isinstance(b, (bool, int, float)):
        # A parameter that stands for a number or a boolean is text until it has a value.
        return None
    if not isinstance(a, (str, Symbolic)) or not isinstance(b, (str, Symbolic)):
        return False
    return same_parts(parts_of(a), parts_of(b))
