"""The text of templates, of pieces that are known, open, or JSON texts of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from crrlint.documents.source import Location, Node, Spot
from crrlint.loaders.hcl.choices import decide, through
from crrlint.loaders.hcl.environment import Environment
from crrlint.loaders.hcl.loops import MAX_WORK, asked, elements, is_ordered
from crrlint.loaders.hcl.pieces import assemble, flat
from crrlint.loaders.hcl.scope import Fault
from crrlint.loaders.hcl.syntax import For, If, Interpolation, Piece, Text, place
from crrlint.loaders.hcl.types import described, to_text
from crrlint.loaders.hcl.values import JsonText, OpenText, Written, is_text
from crrlint.values import OneOf, Symbolic, Unknown, settle
from crrlint.values.symbols import Symbol


class _Part(NamedTuple):
    """A piece of text and, for literal text, where it stands.

    The value can be any leaf of text, or a condition with the parts of its branches.
    """

    value: Any
    start: int | None


class _Branches(NamedTuple):
    condition: Node
    then: list[_Part]
    otherwise: list[_Part]


def render(pieces: Sequence[Piece], at: Location, where: Location, env: Environment) -> Node:
    parts: list[_Part] = []
    _collect(pieces, at, env, parts)
    return decide(lambda: _joined(parts, where), where)


def _collect(pieces: Sequence[Piece], at: Location, env: Environment, parts: list[_Part]) -> None:
    from crrlint.loaders.hcl.conditions import condition_of
    from crrlint.loaders.hcl.evaluate import value_of

    for piece in pieces:
        if type(piece) is Text:
            parts.append(_Part(piece.text, piece.start))
        elif type(piece) is Interpolation:
            node = value_of(piece.value, at, env)
            if _may_be_no_text(node.value):
                env.doubt()
            parts.append(_Part(_as_text(node, place(at, piece.value)), None))
        elif type(piece) is If:
            condition = condition_of(value_of(piece.condition, at, env), env)
            if isinstance(condition.value, bool):
                branch = piece.then if condition.value else piece.otherwise
                _collect(branch, at, env, parts)
            else:
                parts.append(_Part(_branches(piece, condition, at, env), None))
        elif type(piece) is For:
            _loop(piece, at, env, parts)


def _may_be_no_text(value: Any) -> bool:
    if isinstance(value, Node):
        value = value.value
    if isinstance(value, OneOf):
        return any(_may_be_no_text(option) for option in value.options)
    if isinstance(value, Symbolic):
        return not is_text(value)
    return isinstance(value, Unknown) and not isinstance(value, (JsonText, OpenText))


def _branches(piece: If, condition: Node, at: Location, env: Environment) -> _Branches:
    condition = through(condition, lambda node: asked(node, env))
    then: list[_Part] = []
    otherwise: list[_Part] = []
    for branch, into in ((piece.then, then), (piece.otherwise, otherwise)):
        try:
            _collect(branch, at, env, into)
        except Fault as fault:
            if fault.final:
                raise
            into[:] = [_Part(fault, None)]
    return _Branches(condition, then, otherwise)


def _loop(piece: For, at: Location, env: Environment, parts: list[_Part]) -> None:
    from crrlint.loaders.hcl.evaluate import value_of

    collection = value_of(piece.collection, at, env)
    if isinstance(collection.value, OneOf):

        def over(option: Node) -> Node:
            inner: list[_Part] = []
            _rounds(piece, option, at, env, inner)
            return decide(lambda: _joined(inner, at), at)

        parts.append(_Part(through(collection, over).value, None))
        return
    _rounds(piece, collection, at, env, parts)


def _rounds(
    piece: For, collection: Node, at: Location, env: Environment, parts: list[_Part]
) -> None:
    where = place(at, piece.collection)
    if collection.value is None:
        raise Fault("null cannot be gone through", where)
    found = elements(collection, where)
    if not is_ordered(collection.value):
        found = Unknown("unsupported_expression", "the text of a list of open order")
    if isinstance(found, Unknown):
        env.doubt()
        parts.append(_Part(Unknown(found.reason, found.what, found.needs), None))
        return
    if env.worked(len(found)) > MAX_WORK:
        parts.append(_Part(Unknown("too_complex", f"loops of more than {MAX_WORK} rounds"), None))
        return
    for key, value in found:
        names = {piece.name: value} if piece.key is None else {piece.key: key, piece.name: value}
        _collect(piece.pieces, at, env.within(names), parts)


def _as_text(node: Node, at: Location) -> Any:
    """Return a value as the piece of text that it becomes; alternatives stay alternatives."""
    value = node.value
    if isinstance(value, str):
        return value
    if isinstance(value, OneOf):
        options = [
            _text_or_fault(o if isinstance(o, Node) else Node(o, node.at), at)
            for o in value.options
        ]
        if all(isinstance(option, Fault) for option in options):
            raise options[0]
        return OneOf(value.choice, tuple(options))
    if value is None:
        raise Fault("null in a text", at)
    if isinstance(value, (dict, list)):
        raise Fault(f"{described(value)} in a text", at)
    if isinstance(value, (bool, int, float)):
        return to_text(value)
    return value


def _text_or_fault(node: Node, at: Location) -> Any:
    """Return a piece of text, or what is wrong with it, which counts under its answer only."""
    try:
        return _as_text(node, at)
    except Fault as fault:
        return fault


def _joined(parts: Sequence[_Part], at: Location) -> Node:
    """Join the parts; raises `Undecided` for an open choice among them."""
    pieces: list[tuple[Any, int | None]] = []
    _settle(parts, pieces)
    made = assemble([value for value, _ in pieces])
    if isinstance(at, Spot) and _looks_like_json(made):
        return Node(made, Written(at, tuple(pieces)))
    return Node(made, at)


def _settle(parts: Sequence[_Part], pieces: list[tuple[Any, int | None]]) -> None:
    for value, start in parts:
        if isinstance(value, Fault):
            raise value
        if isinstance(value, _Branches):
            chosen = value.condition.settled().value
            _settle(value.then if chosen else value.otherwise, pieces)
            continue
        settled = value
        while isinstance(settled, (OneOf, Node)):
            settled = settled.value if isinstance(settled, Node) else settle(settled)
        if isinstance(settled, Fault):
            raise settled
        if isinstance(settled, JsonText):
            # What can be written down is text; the rest keeps its parts.
            settled = flat(settled)
        if isinstance(settled, OpenText):
            pieces.extend([(_part(part), None) for part in settled.parts])
        else:
            pieces.append((settled, start))


def _part(part: Any) -> Any:
    return Symbolic((part,)) if isinstance(part, Symbol) else part


def _looks_like_json(made: str | Symbolic | OpenText) -> bool:
    lead = made if isinstance(made, str) else made.parts[0]
    return isinstance(lead, str) and lead.lstrip()[:1] in ("{", "[")
