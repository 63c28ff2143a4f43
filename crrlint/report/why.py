"""The proof of a route, for people: each requirement with the statements that decide it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from crrlint.access.citations import Cited
from crrlint.documents.places import Places
from crrlint.documents.source import Location, Problem
from crrlint.report.proof import Answer, Check, Proof, Step
from crrlint.report.text import gaps, paint, position, route_line
from crrlint.run.lint import Report

if TYPE_CHECKING:
    from crrlint.report import Style

_COLORS: Final = {"granted": "works", "refused": "broken", "open": "undecided"}

_MOST: Final = 3
"""How many statements are named for one thing."""


def render(proofs: Sequence[Proof], report: Report, style: Style) -> str:
    why = Why(report.places, style)
    lines = [line for proof in proofs for line in (*why.lines(proof), "")]
    return "\n".join(lines[:-1]) + "\n"


class Why:
    def __init__(self, places: Places, style: Style) -> None:
        self._places = places
        self._style = style

    def lines(self, proof: Proof) -> Iterator[str]:
        result = proof.result
        verdict = paint(self._style, result.verdict, result.verdict)
        yield f"{route_line(result)}{self._at(result.route.rule.at())}"
        yield from (f"  where {condition}" for condition in proof.given)
        yield ""
        for step in proof.steps:
            yield from self._step(step)
        yield from self._unneeded(proof)
        yield ""
        yield f"{verdict}: {self._why(proof)}"
        for reported in proof.faults:
            at = self._at(reported.finding.at)
            yield f"  {reported.rule.id} {reported.finding.message}{at}"
        if result.verdict == "undecided":
            for needs, questions in gaps(proof.undecided, result.route):
                yield f"  would decide: {needs or 'nothing that crrlint can read'}"
                yield from (f"    {what} ({', '.join(ids)})" for what, ids in questions.items())
        if result.verdict == "works":
            yield from (f"  assuming that {text}" for text in result.assumptions)

    def _why(self, proof: Proof) -> str:
        match proof.result.verdict:
            case "works":
                return "every requirement is granted, and no rule finds a fault"
            case "broken":
                return "these are errors"
            case "disabled":
                return "S3 does nothing for this replication rule"
            case _:
                return "these are open"

    def _step(self, step: Step) -> Iterator[str]:
        answer = step.answer
        on = f" on {answer.resource}" if answer.resource is not None else ""
        verdict = paint(self._style, _COLORS[answer.verdict], answer.verdict.ljust(7))
        yield f"{verdict} S3 {step.purpose}: {answer.action}{on}"
        if step.loss:
            yield f"    {step.loss}"
        if not step.cases:
            yield from self._answer(answer, "    ")
        for case in step.cases:
            said = "not needed" if case.answer is None else case.answer.verdict
            yield f"    {said}, if {case.condition}"
            if case.answer is not None:
                yield from self._answer(case.answer, "      ")
        if step.cases and not any(case.answer and case.answer.needs for case in step.cases):
            yield from self._remedy(answer, "    ")

    def _answer(self, answer: Answer, pad: str) -> Iterator[str]:
        if answer.failing is not None:
            yield f"{pad}fails on {answer.failing}"
        # A bucket policy that names the role may satisfy two layers with one statement.
        lines = [line for check in answer.checks for line in self._check(check)]
        yield from (pad + line for line in dict.fromkeys(lines))
        if answer.reason and not any(c.outcome == "unknown" for c in answer.checks):
            yield f"{pad}{answer.reason}"
        yield from self._remedy(answer, pad)

    def _remedy(self, answer: Answer, pad: str) -> Iterator[str]:
        if answer.needs:
            yield f"{pad}would decide: {answer.needs}"

    def _check(self, check: Check) -> Iterator[str]:
        denies = check.kind == "deny"
        match check.outcome:
            case "holds" if denies:
                return
            case "holds":
                yield from self._cited("granted by", check.statements)
            case "fails" if check.layer == "public-access-block":
                yield f"denied by {check.where}, which restricts public buckets"
                yield from ("  " + line for line in self._cited("public by", check.statements))
            case "fails" if denies:
                yield from self._cited("denied by", check.statements)
            case "fails":
                yield f"not granted by {check.where}"
                yield from ("  " + line for line in self._cited("nearest is", check.nearest))
            case _ if denies:
                yield from self._cited("possibly denied by", check.statements)
            case _:
                yield f"not certainly granted by {check.where}"
                yield from ("  " + line for line in self._cited("perhaps by", check.statements))

    def _cited(self, how: str, statements: Sequence[Cited]) -> Iterator[str]:
        for cited in statements[:_MOST]:
            lacks = f": {cited.lacks}" if cited.lacks else ""
            yield f"{how} {_named(cited)}{self._at(cited.at)}{lacks}"
        if len(statements) > _MOST:
            yield f"{how} {len(statements) - _MOST} more"

    def _unneeded(self, proof: Proof) -> Iterator[str]:
        by_reason: dict[str, list[str]] = {}
        for one in proof.unneeded:
            by_reason.setdefault(one.why, []).append(one.need.action)
        for why, actions in by_reason.items():
            yield f"not needed: {', '.join(actions)}: {why}"

    def _at(self, at: Location | Problem | None) -> str:
        if at is None:
            return ""
        if isinstance(at, Problem):
            return f", {position(at.path, at.line, at.column)}"
        span = self._places.span(at)
        return f", {position(at.path, span.line if span else None, None)}"


def _named(cited: Cited) -> str:
    if cited.position is None:
        return cited.policy
    sid = cited.sid and (f'"{cited.sid}"' if " " in cited.sid else cited.sid)
    return f"{sid or f'statement {cited.position + 1}'} of {cited.policy}"
