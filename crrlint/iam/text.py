"""Coded text of one question: symbols as single characters, and how patterns match it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from crrlint.iam.globs import ANY, FIRST_SYMBOL, RESERVED, STAR, Glob, compiled
from crrlint.iam.logic import MAYBE, NO, YES, Bounds, Leaf, every, exact, some, tri
from crrlint.values import Symbol, Symbolic, Text, Unknown, same, settle

KEY: Final = "{key}"
_LAST_SYMBOL: Final = 0x10FF00
_FIELDS: Final = 6


class Alphabet:
    """The symbols of one question, each with the character that stands for it."""

    __slots__ = ("_chars", "_unknown", "symbols")

    def __init__(self) -> None:
        self._chars: dict[Symbol, str] = {}
        self._unknown: dict[int, tuple[object, Symbol]] = {}
        self.symbols: dict[str, Symbol] = {}

    def char(self, symbol: Symbol) -> str:
        c = self._chars.get(symbol)
        if c is None:
            c = chr(min(FIRST_SYMBOL + len(self._chars), _LAST_SYMBOL))
            self._chars[symbol] = c
            self.symbols[c] = symbol
        return c

    def unknown(self, value: object) -> str:
        """Return the character of a text of which nothing is known."""
        if isinstance(value, Symbol):
            return self.char(value)
        known = self._unknown.get(id(value))
        if known is None:
            if isinstance(value, Unknown):
                name = f"unknown {len(self._unknown)}"
                symbol = Symbol(name, "", value.what, reason=value.reason, needs=value.needs)
            else:
                # Text that cannot be coded is still equal to itself.
                text = str(value)
                symbol = Symbol(repr(value), "text", text, reason="unsupported_expression")
            # The value is kept, or its id could come back as another's.
            known = self._unknown[id(value)] = (value, symbol)
        return self.char(known[1])

    def encode(self, text: object) -> str:
        """Return the coded text, without wildcards; raises `Undecided` on an open choice."""
        text = settle(text)
        if isinstance(text, str):
            return text if plain(text) else self.unknown(text)
        if isinstance(text, Symbolic):
            return "".join(
                self.char(p) if isinstance(p, Symbol) else self.encode(p) for p in text.parts
            )
        return self.unknown(text)

    def decode(self, code: str) -> str:
        """Return the text as people write it."""
        if code.isascii():
            return code
        return "".join(_shown(c, self.symbols) for c in code)

    def text(self, code: str) -> Text:
        """Return the value that a code without wildcards stands for."""
        if not self.symbols or code.isascii():
            return code
        parts: list[str | Symbol] = []
        for c in code:
            symbol = self.symbols.get(c)
            if symbol is not None:
                parts.append(symbol)
            elif parts and isinstance(parts[-1], str):
                parts[-1] += c
            else:
                parts.append(c)
        return Symbolic(tuple(parts)) if any(isinstance(p, Symbol) for p in parts) else code

    def symbols_in(self, code: str) -> list[Symbol]:
        if not self.symbols or code.isascii():
            return []
        return [self.symbols[c] for c in code if c in self.symbols]


def _shown(c: str, symbols: dict[str, Symbol]) -> str:
    if c in symbols:
        return symbols[c].text
    return "*" if c == STAR else "?" if c == ANY else c


def plain(text: str) -> bool:
    """Tell whether the text is free of the characters that codes use, and is UTF-8."""
    if text.isascii():
        return True
    return not any("\ud800" <= c <= "\udfff" or c >= RESERVED for c in text)


class Target:
    """Text that patterns are held against; `open` text goes on with any end of a key."""

    __slots__ = ("open", "symbolic", "text")

    def __init__(self, text: str, is_open: bool, symbolic: bool) -> None:
        self.text = text
        self.open = is_open
        self.symbolic = symbolic


def _common(a: str, b: str) -> int:
    n = min(len(a), len(b))
    if a[:n] == b[:n]:
        return n
    for i in range(n):
        if a[i] != b[i]:
            return i
    return n


@lru_cache(maxsize=4096)
def _shape(code: str) -> tuple[bool, bool, int]:
    """Return whether a code has wildcards, symbols, and its fields (0: nobody can tell)."""
    wild = STAR in code or ANY in code
    symbolic = not code.isascii() and any(RESERVED <= c < STAR for c in code)
    if not symbolic:
        fields = min(code.count(":") + 1, _FIELDS)
    else:
        # A symbol inside a spelled-out ARN is a part of one field.
        fields = _FIELDS if code.startswith("arn:") and code.count(":") >= _FIELDS - 1 else 0
    return wild, symbolic, fields


@lru_cache(maxsize=4096)
def _plain_head(code: str) -> bool:
    """Tell whether no wildcard or symbol stands before the sixth field."""
    colons = 0
    for c in code:
        if c >= RESERVED:
            return False
        colons += c == ":"
        if colons == _FIELDS - 1:
            return True
    return False


def match(code: str, target: Target, alphabet: Alphabet) -> Bounds:
    """Match a pattern whose stars cross everything."""
    if code == STAR:
        return YES
    text = target.text
    lead = code.partition(STAR)[0]
    if target.symbolic or not lead.isascii():
        n = _common(code, text)
    elif text.startswith(lead):
        n = len(lead)
    elif target.open and lead.startswith(text):
        n = len(text)
    else:
        return NO
    rest, left = code[n:], text[n:]
    wild, symbolic, _ = _shape(rest)
    if rest == STAR:
        return YES
    if not symbolic and not target.symbolic:
        if left and (not rest or rest[0] < STAR):
            return NO
        if not target.open:
            if not wild:
                return tri(rest == left)
            glob = compiled(rest)
            return tri(bool(glob.read(left) & glob.end))
        return exact(_leaf(compiled(rest), left, alphabet, certain=True))
    if _both_unique(rest, left, target.open, alphabet):
        return NO
    if not wild and not target.open:
        return tri(same(alphabet.text(rest), alphabet.text(left)))
    lower = _leaf_or_answer(rest, left, target, alphabet, certain=True)
    upper = _leaf_or_answer(rest, left, target, alphabet, certain=False)
    return (lower, upper)


def _leaf_or_answer(
    rest: str, left: str, target: Target, alphabet: Alphabet, certain: bool, arn: bool = False
) -> bool | Leaf:
    glob = Glob(rest, alphabet.symbols, certain, arn)
    if target.open:
        return _leaf(glob, left, alphabet, certain)
    return bool(glob.read(left, alphabet.symbols, certain) & glob.end)


def _leaf(glob: Glob, left: str, alphabet: Alphabet, certain: bool) -> bool | Leaf:
    state = glob.read(left, alphabet.symbols, certain)
    if not state:
        return False
    if state & glob.end & glob.loops:
        return True
    return Leaf(glob, state)


def _both_unique(rest: str, left: str, is_open: bool, alphabet: Alphabet) -> bool:
    """Tell whether two names that only one thing can bear stand in the same place."""
    if not rest or not left:
        return False
    x, y = alphabet.symbols.get(left[0]), alphabet.symbols.get(rest[0])
    if x is None or y is None or not (x.unique and y.unique and x.attribute == y.attribute):
        return False
    # Both have to end there too: a longer name may begin with a shorter one.
    one, other = _up_to_separator(left[1:]), _up_to_separator(rest[1:])
    if is_open and one[-1:] not in (":", "/"):
        return False
    return one == other and not any(c >= RESERVED for c in one)


def _up_to_separator(code: str) -> str:
    for i, c in enumerate(code):
        if c in ":/":
            return code[: i + 1]
    return code


def match_fields(code: str, target: Target, alphabet: Alphabet) -> Bounds:
    """Match an ARN pattern: a star does not cross the first five colons."""
    if _plain_head(code) and not target.symbolic:
        return match(code, target, alphabet)
    if _shape(code)[2] == _FIELDS and _shape(target.text)[2] == _FIELDS:
        *head, last = code.split(":", _FIELDS - 1)
        *fields, key = target.text.split(":", _FIELDS - 1)
        answers = []
        for pattern, field in zip(head, fields, strict=True):
            if pattern == field:
                continue
            answer = match(pattern, Target(field, False, target.symbolic), alphabet)
            if answer[1] is False:
                return NO
            answers.append(answer)
        answers.append(match(last, Target(key, target.open, target.symbolic), alphabet))
        return every(answers)
    if _plain_head(code):
        return match(code, target, alphabet)
    return _match_loose(code, target, alphabet)


def _match_loose(code: str, target: Target, alphabet: Alphabet) -> Bounds:
    """Match ARNs of which a symbol hides the fields."""
    n = _common(code, target.text)
    rest = Target(target.text[n:], target.open, target.symbolic)
    if alphabet.symbols_in(code[:n]) and not any(
        ":" in part.split("/", 1)[0] for part in (code[n:], rest.text)
    ):
        # The symbol that both begin with has the first five fields in it.
        return match(code[n:], rest, alphabet)
    if _both_unique(code[n:], rest.text, rest.open, alphabet):
        return NO
    lower = _leaf_or_answer(code[n:], rest.text, rest, alphabet, certain=True, arn=True)
    upper = _leaf_or_answer(code[n:], rest.text, rest, alphabet, certain=False)
    return (lower, upper)


def match_arn_value(code: str, target: Target, alphabet: Alphabet, negated: bool) -> Bounds:
    """Match as `ArnLike` does: both sides have all six fields."""
    if 0 < _shape(code)[2] < _FIELDS:
        # What is no ARN matches none.  Whether a lone star is one, and whether a
        # negated operator then holds, is not documented.
        return MAYBE if negated or code == STAR else NO
    if 0 < _shape(target.text)[2] < _FIELDS:
        return NO
    return match_fields(code, target, alphabet)


def match_resource(
    code: str, target: Target, alphabet: Alphabet, kind: str, negated: bool
) -> Bounds:
    """Match an entry of `Resource`; AWS does not document short patterns well."""
    if code == STAR:
        return YES
    wild, _, fields = _shape(code)
    if fields in (0, _FIELDS):
        return match_fields(code, target, alphabet)
    if negated or kind in ("scp", "rcp"):
        return MAYBE
    flat = match(code, target, alphabet)
    if kind == "resource" and not wild:
        return flat
    fieldwise = match_fields(code + (":" + STAR) * (_FIELDS - fields), target, alphabet)
    # Where the two readings differ, nobody knows which one AWS follows.
    return (every((flat, fieldwise))[0], some((flat, fieldwise))[1])
