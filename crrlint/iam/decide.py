"""The verdict on a request, from the clauses of every layer."""

from __future__ import annotations

from typing import Final

from crrlint.iam.judge import OWNER, Clause, Part, judge, refuse
from crrlint.iam.layers import Layers, World
from crrlint.iam.policy import Statement
from crrlint.iam.question import Question, Request
from crrlint.iam.search import TooComplex

# Of refusals with keys of one length, an explicit Deny is reported first, then the outermost layer.
_LAYERS: Final = ("rcp", "scp", "public-access-block", "resource", "identity", "boundary")


class Decision:
    """The verdict, what decided it, and every clause with an outcome of its own."""

    __slots__ = ("clauses", "counterexample", "layer", "reason", "statements", "verdict")

    def __init__(
        self,
        verdict: str,
        layer: str | None,
        statements: tuple[Statement, ...],
        counterexample: str | None,
        reason: str,
        clauses: tuple[Clause, ...],
    ) -> None:
        self.verdict = verdict
        self.layer = layer
        self.statements = statements
        self.counterexample = counterexample
        self.reason = reason
        self.clauses = clauses

    def __repr__(self) -> str:
        return f"Decision({self.verdict!r}, {self.layer!r}, {self.reason!r})"

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for c in self.clauses for n in c.needs))


def decide(request: Request, world: World) -> Decision:
    """Decide a request on every key it is about; raises only `Undecided`, on an open choice."""
    question = Question(request)
    layers = Layers(question, world)
    relation = layers.relation()
    denies = [_Judged(judge(part, question), part) for part in layers.denies()]
    if relation is not None:
        return _verdict(denies + _grants(layers, relation, question), question)
    both = [_grants(layers, same_account, question) for same_account in (True, False)]
    one, other = (_verdict(denies + grants, question) for grants in both)
    merged = _merge(*([judged.clause for judged in grants] for grants in both))
    clauses = tuple(judged.clause for judged in denies) + tuple(merged)
    if one.verdict == other.verdict != "unknown":
        return Decision(
            other.verdict,
            other.layer,
            other.statements,
            other.counterexample,
            other.reason,
            clauses,
        )
    return _open_verdict(clauses)


class _Judged:
    __slots__ = ("clause", "part")

    def __init__(self, clause: Clause, part: Part | None) -> None:
        self.clause = clause
        self.part = part


def _grants(layers: Layers, same_account: bool, question: Question) -> list[_Judged]:
    judged = [_Judged(judge(part, question), part) for part in layers.grants(same_account)]
    return judged + [_Judged(clause, None) for clause in layers.public_access(same_account)]


def _merge(one: list[Clause], other: list[Clause]) -> list[Clause]:
    """Return the clauses when nobody knows which of two sets has to hold."""
    merged: list[Clause] = []
    place: dict[tuple[str, int | None], list[Clause]] = {}
    for clause in one + other:
        place.setdefault((clause.layer, clause.level), []).append(clause)
    for clauses in place.values():
        outcomes = {c.outcome for c in clauses}
        worst = max(clauses, key=lambda c: ("holds", "unknown", "fails").index(c.outcome))
        if outcomes == {"holds"} or (outcomes == {"fails"} and len(clauses) == 2):
            merged.append(worst)
        else:
            needs = (OWNER, *worst.needs)
            reason = worst.reason or f"{OWNER} is not known"
            merged.append(
                Clause(
                    worst.layer,
                    worst.kind,
                    "unknown",
                    worst.statements,
                    worst.counterexample,
                    reason,
                    tuple(dict.fromkeys(needs)),
                    worst.level,
                    lambda near=worst: near.nearest,  # type: ignore[misc]
                )
            )
    return merged


def _verdict(judged: list[_Judged], question: Question) -> Decision:
    clauses = tuple(one.clause for one in judged)
    failing = [c for c in clauses if c.outcome == "fails"]
    if failing:
        return _decision("denied", min(failing, key=_rank), clauses)
    if all(c.outcome == "holds" for c in clauses):
        grants = [s for c in clauses if c.kind == "grant" for s in c.statements]
        return Decision("allowed", None, tuple(dict.fromkeys(grants)), None, "", clauses)
    return _together(judged, question) or _open_verdict(clauses)


def _together(judged: list[_Judged], question: Question) -> Decision | None:
    """Return a refusal by clauses that are each open, but of which some fails in every world."""
    open_ones = [one for one in judged if one.clause.outcome == "unknown" and one.part is not None]
    if len(open_ones) < 2:
        return None
    try:
        refusal = refuse([one.part for one in open_ones if one.part is not None], question)
    except TooComplex:
        return None
    if refusal is None or not refusal.certain:
        return None
    first = min((one.clause for one in open_ones), key=_rank)
    statements = tuple(dict.fromkeys(s for one in open_ones for s in one.clause.statements))
    what = "the request" if refusal.key is None else f"key {refusal.key}"
    reason = f"whatever the context, one layer or another refuses {what}"
    clauses = tuple(one.clause for one in judged)
    return Decision("denied", first.layer, statements, refusal.key, reason, clauses)


def _open_verdict(clauses: tuple[Clause, ...]) -> Decision:
    return _decision(
        "unknown", min((c for c in clauses if c.outcome != "holds"), key=_rank), clauses
    )


def _decision(verdict: str, first: Clause, clauses: tuple[Clause, ...]) -> Decision:
    return Decision(
        verdict, first.layer, first.statements, first.counterexample, first.reason, clauses
    )


def _rank(clause: Clause) -> tuple[int, bool, int]:
    key = clause.counterexample or ""
    return (len(key), clause.kind != "deny", _LAYERS.index(clause.layer))
