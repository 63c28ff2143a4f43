"""One clause: whether it holds for every key, in every world that the input leaves open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from crrlint.iam.context import ABSENT
from crrlint.iam.logic import Bounds, Formula, conj, disj, every, inverse, negate, signature, some
from crrlint.iam.policy import Policy, Statement
from crrlint.iam.question import Hit, Question
from crrlint.iam.search import TooComplex, find
from crrlint.values import Symbol, Symbolic, Unknown

if TYPE_CHECKING:
    from crrlint.iam.nearest import Near

KEY_BYTES: Final = 1024


CALLER: Final = "the identity of the caller"
OWNER: Final = "the account that owns the resource"
"""Two things that a clause may need, and that only whoever asks can name better."""


class Clause:
    """One independent part of the verdict: one Deny, or one Allow that is needed."""

    __slots__ = (
        "_nearest",
        "counterexample",
        "kind",
        "layer",
        "level",
        "needs",
        "outcome",
        "reason",
        "statements",
    )

    def __init__(
        self,
        layer: str,
        kind: str,
        outcome: str,
        statements: tuple[Statement, ...] = (),
        counterexample: str | None = None,
        reason: str = "",
        needs: tuple[str, ...] = (),
        level: int | None = None,
        nearest: Callable[[], list[Near]] | None = None,
    ) -> None:
        self.layer = layer
        self.kind = kind
        self.outcome = outcome
        self.statements = statements
        self.counterexample = counterexample
        self.reason = reason
        self.needs = needs
        self.level = level
        self._nearest = nearest

    @property
    def nearest(self) -> list[Near]:
        """The statements that come closest to the missing Allow, and why they do not grant it."""
        return self._nearest() if self._nearest is not None and self.outcome != "holds" else []

    def __repr__(self) -> str:
        return f"Clause({self.layer!r}, {self.kind!r}, {self.outcome!r}, {self.statements!r})"


class Term:
    """A statement in a clause, with how certainly it is of the clause's effect and caller."""

    __slots__ = ("hit", "named")

    def __init__(self, hit: Hit, named: Bounds) -> None:
        self.hit = hit
        self.named = named

    def bounds(self, question: Question) -> Bounds:
        return every((self.named, self.hit.bounds(question)))


class Part:
    """A clause before it is judged; `policies` are where a missing Allow could have stood."""

    __slots__ = ("kind", "layer", "level", "policies", "terms")

    def __init__(
        self,
        layer: str,
        kind: str,
        terms: tuple[Term, ...],
        level: int | None = None,
        policies: tuple[tuple[Policy, str], ...] = (),
    ) -> None:
        self.layer = layer
        self.kind = kind
        self.terms = terms
        self.level = level
        self.policies = policies

    def bounds(self, question: Question) -> Bounds:
        applies = some(t.bounds(question) for t in self.terms)
        return inverse(applies) if self.kind == "deny" else applies


class Refusal:
    """A refused key, in every world when `certain`, or in the world given."""

    __slots__ = ("certain", "key", "world")

    def __init__(self, certain: bool, key: str | None, world: Mapping[str, Any]) -> None:
        self.certain = certain
        self.key = key
        self.world = world


def judge(part: Part, question: Question) -> Clause:
    """Find out whether a clause holds for every key in every world."""
    try:
        refusal = refuse([part], question)
    except TooComplex:
        statements = tuple(t.hit.statement for t in part.terms)
        reason = "patterns too complex"
        return Clause(part.layer, part.kind, "unknown", statements, None, reason, level=part.level)
    statements = tuple(dict.fromkeys(t.hit.statement for t in part.terms))
    if refusal is None:
        granting = _granting(part, question) if part.kind == "grant" else ()
        return Clause(part.layer, part.kind, "holds", granting, level=part.level)
    needs: tuple[str, ...] = ()
    if not refusal.certain:
        needs = _needs(part, question)
    if part.kind == "grant":
        statements = () if refusal.certain else statements
    return Clause(
        part.layer,
        part.kind,
        "fails" if refusal.certain else "unknown",
        statements,
        refusal.key,
        _reason(part, refusal, needs),
        needs,
        part.level,
        lambda: _nearest(part, question),
    )


def _nearest(part: Part, question: Question) -> list[Near]:
    from crrlint.iam.nearest import nearest

    return nearest(part.policies, question)


def refuse(parts: list[Part], question: Question) -> Refusal | None:
    """Return the shortest refused key: for certain if some is, None when none can be."""
    certain, possible = every(part.bounds(question) for part in parts)
    if certain is True:
        return None
    possibly_refused = _search(negate(certain), question, least=_least(question, False))
    if possibly_refused is None:
        return None
    if certain is possible:
        return Refusal(True, _render(possibly_refused, question), {})
    surely_refused = _search(negate(possible), question, least=_least(question, True))
    if surely_refused is not None:
        return Refusal(True, _render(surely_refused, question), {})
    from crrlint.iam.worlds import TooManyWorlds, worlds

    statements = [t.hit.statement for part in parts for t in part.terms]
    try:
        each = worlds(statements, question)
    except TooManyWorlds:
        each = []
    if not each:
        return Refusal(False, _render(possibly_refused, question), {})
    return _refuse_in_worlds(parts, each, question)


def _refuse_in_worlds(
    parts: list[Part], each: list[Mapping[str, Any]], question: Question
) -> Refusal | None:
    found: list[Bounds] = []
    tests = [c for part in parts for t in part.terms for c in t.hit.statement.conditions]
    size = sum(4 + len(test.values) for test in tests)
    for world in each:
        question.budget.spend(size)
        question.world = world
        try:
            found.append(every(part.bounds(question) for part in parts))
        finally:
            question.world = {}
    least = _least(question, False)
    certainly = {signature(certain): certain for certain, _ in found}
    example = _search(disj(negate(f) for f in certainly.values()), question, least)
    if example is None:
        return None
    least = _least(question, True)
    possibly = {signature(possible): possible for _, possible in found}
    surely = _search(conj(negate(f) for f in possibly.values()), question, least)
    if surely is not None:
        return Refusal(True, _render(surely, question), {})
    refused = None
    for world, (_, possible) in zip(each, found, strict=True):
        key = _search(negate(possible), question, least)
        if key is None:
            break
        refused = refused or Refusal(True, _render(key, question), world)
    else:
        return refused
    for world, (certain, _) in zip(each, found, strict=True):
        key = _search(negate(certain), question, _least(question, False))
        if key is not None:
            return Refusal(False, _render(key, question), world)
    return Refusal(False, _render(example, question), {})


def _search(goal: Formula, question: Question, least: int) -> str | None:
    if isinstance(goal, bool) and question.prefix is None:
        return "" if goal else None
    prefix = question.prefix or ""
    most = KEY_BYTES - len(prefix.encode("utf-8", "surrogatepass"))
    try:
        return find(goal, least, most, question.budget)
    except TooComplex:
        if not question.budget.solver:
            raise
    question.budget.solver -= 1
    from crrlint.iam import smt

    return smt.find(goal, least, most)


def _least(question: Question, certain: bool) -> int:
    """Return how many characters a key has at least beyond the prefix: no key is empty."""
    prefix = question.prefix
    if prefix is None:
        return 0
    if not prefix:
        return 1
    symbols = question.alphabet.symbols
    if certain and all(c in symbols and symbols[c].form == "any" for c in prefix):
        return 1
    return 0


def _render(key: str, question: Question) -> str | None:
    if question.prefix is None:
        return None
    return question.alphabet.decode(question.prefix) + key


def some_key(question: Question) -> str | None:
    return _render("x" * _least(question, True), question)


def _granting(part: Part, question: Question) -> tuple[Statement, ...]:
    """Return the statements that grant: one alone if one is enough."""
    alone: list[Statement] = []
    for term in part.terms:
        certain, possible = term.bounds(question)
        if certain is True:
            return (term.hit.statement,)
        if possible is not False:
            alone.append(term.hit.statement)
    return tuple(dict.fromkeys(alone))


def _needs(part: Part, question: Question) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for term in part.terms:
        certain, possible = term.bounds(question)
        if certain is possible:
            continue
        for doubt in term.hit.doubts:
            found[_described(doubt)] = None
        if term.named[0] is not term.named[1]:
            principals = term.hit.statement.principals
            for _, value in (principals.entries or ()) if principals else ():
                if isinstance(value, Symbolic | Unknown):
                    found[_described(value)] = None
    if not found:
        found[CALLER] = None
    return tuple(found)


def _described(doubt: object) -> str:
    if isinstance(doubt, Symbolic):
        doubt = doubt.symbols[0]
    if isinstance(doubt, Symbol):
        return f"{doubt.text}: {doubt.needs}" if doubt.needs else doubt.text
    if isinstance(doubt, Unknown):
        return f"{doubt.what}: {doubt.needs}" if doubt.needs else doubt.what
    return str(doubt)


def _reason(part: Part, refusal: Refusal, needs: tuple[str, ...]) -> str:
    where = part.layer if part.level is None else f"{part.layer} level {part.level}"
    if refusal.certain:
        if part.kind == "deny":
            statement = part.terms[0].hit.statement
            said = f"statement {statement.sid or statement.index} in layer {where} denies"
        else:
            said = f"no Allow in layer {where} covers"
        if refusal.key is None:
            return f"{said} the request"
        depends = ", but which key depends on the context" if refusal.world else ""
        return f"{said} key {refusal.key}{depends}"
    open_ones = ", ".join(needs[:3]) + (" …" if len(needs) > 3 else "")
    doubt = f"a Deny in layer {where}" if part.kind == "deny" else f"an Allow in layer {where}"
    example = ""
    if refusal.world:
        values = ", ".join(
            f"{k} {'absent' if v is ABSENT else '= ' + str(v)}" for k, v in refusal.world.items()
        )
        example = f"; refused when {values}"
    return f"whether {doubt} applies depends on {open_ones}{example}"
