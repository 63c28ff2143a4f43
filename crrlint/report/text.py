"""For people: each finding with its line, the other end, and the fix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from crrlint.documents.addresses import address
from crrlint.documents.places import Places
from crrlint.documents.source import Location, Problem, Span
from crrlint.routes.route import Route
from crrlint.run.engine import Open, Reported, Result
from crrlint.run.lint import Report

if TYPE_CHECKING:
    from crrlint.report import Style

_COLORS = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "works": "1;32",
    "broken": "1;31",
    "undecided": "1;35",
    "disabled": "2",
    "path": "1",
    "frame": "34",
}

_QUESTIONS = 3
"""How many open questions are shown for each thing that would decide them."""

_WIDTH = 160
"""Longer lines of a frame are cut around the place."""


def render(report: Report, style: Style) -> str:
    return "\n".join(Text(report, style).lines()) + "\n"


class Text:
    def __init__(self, report: Report, style: Style) -> None:
        self._report = report
        self._style = style
        self._places: Places = report.places
        self._quiet = style.verbose < 0

    def lines(self) -> Iterable[str]:
        yield from self.findings()
        for crash in self._report.outcome.crashes:
            name = f"{crash.rule.id} {crash.rule.name}"
            yield f"{self._paint('error', 'error')} {name} failed on {crash.subject}: {crash.error}"
            yield "  the other rules went on; please report this as a defect of the rule"
            yield ""
        told = [r.subject for r in self._report.findings if isinstance(r.subject, Problem)]
        yield from self.problems(told)
        if not self._quiet:
            yield from self.routes()
        yield from self._summary()

    def findings(self) -> Iterable[str]:
        """Yield each finding with its places, and an empty line after it."""
        for reported in self._report.findings:
            if self._quiet and reported.severity != "error":
                continue
            yield from self._finding(reported)
            yield ""

    def _finding(self, reported: Reported) -> Iterable[str]:
        finding = reported.finding
        severity = self._paint(reported.severity, f"{reported.severity}[{reported.rule.id}]")
        yield f"{severity} {finding.message}"
        yield from self._frame(finding.at, "")
        construct = finding.at.construct if isinstance(finding.at, Location) else None
        if construct is not None:
            yield f"  = construct: {construct}"
        for note in finding.notes:
            if self._shows_the_same(finding.at, note.at):
                yield f"  = note: {note.message}"
            else:
                yield from self._frame(note.at, note.message)
        example = finding.counterexample
        if example is not None:
            yield f"  = fails: {example.action} on {example.resource}"
        reason = finding.reason or reported.rule.failure
        if reason:
            yield f"  = in production: {reason}"
        if finding.fix:
            first, *rest = finding.fix.splitlines()
            yield f"  = fix: {first}"
            yield from (f"         {line}" for line in rest)

    def _shows_the_same(self, at: Location | Problem, other: Location) -> bool:
        if isinstance(at, Problem):
            return False
        return at.path == other.path and self._places.span(at) == self._places.span(other)

    def _frame(self, at: Location | Problem, message: str) -> Iterable[str]:
        """Yield the place and its line with a caret under it."""
        if isinstance(at, Problem):
            yield f"  --> {self._paint('path', position(at.path, at.line, at.column))}"
            return
        span = self._places.span(at)
        arrow = "-->" if not message else ":::"
        if span is None:
            yield f"  {arrow} {self._paint('path', at.path)}{': ' + message if message else ''}"
            return
        where = self._paint("path", position(at.path, span.line, span.column))
        yield f"  {arrow} {where}{': ' + message if message else ''}"
        if at.document.may_hold_secrets:
            yield f"      {address(at) or at.pointer}"
            return
        line, column, width = _cut(self._places.line(at, span), span)
        number = str(span.line)
        bar = self._paint("frame", "|")
        yield f"  {number} {bar} {line}"
        marks = "^" * width if not message else "-" * width
        pad = "".join("\t" if c == "\t" else " " for c in line[: column - 1])
        kind = "error" if not message else "note"
        yield f"  {' ' * len(number)} {bar} {pad}{self._paint(kind, marks)}"

    def routes(self) -> Iterable[str]:
        """Yield a line per route, and for the undecided what would decide them."""
        results = self._report.outcome.results
        asked: dict[int, list[tuple[int, Open]]] = {}
        for number, open_ in enumerate(self._report.outcome.undecided):
            asked.setdefault(id(open_.subject), []).append((number, open_))
        for result in results:
            yield f"{self._paint(result.verdict, result.verdict.ljust(9))} {route_line(result)}"
            if result.verdict == "undecided":
                route = result.route
                mine = asked.get(id(route), []) + asked.get(id(route.configuration), [])
                yield from self._gaps(gaps([open_ for _, open_ in sorted(mine)], route))
            if result.verdict == "works" and self._style.verbose > 0:
                yield from (f"    assuming that {text}" for text in result.assumptions)
        for module in self._report.unread:
            name = self._paint("undecided", "not read ")
            yield f"{name} {module.name}: its source is not available: {module.source}"
            where = position(module.path, module.line, module.column)
            yield f"    would decide: {module.needs} ({where})"
        if results or self._report.unread:
            yield ""

    def _gaps(self, open_questions: list[tuple[str, dict[str, list[str]]]]) -> Iterable[str]:
        """Yield what would decide a route, and what hangs on it."""
        for needs, questions in open_questions:
            yield f"    would decide: {needs or 'nothing that crrlint can read'}"
            shown = list(questions.items())
            for what, rules in shown[:_QUESTIONS]:
                yield f"      {what} ({', '.join(rules)})"
            if len(shown) > _QUESTIONS:
                yield f"      and {_count(len(shown) - _QUESTIONS, 'more question')}"

    def problems(self, told: Sequence[Problem] = ()) -> Iterable[str]:
        """Yield a line for each input that could not be read and was not told of yet."""
        for problem in self._report.problems:
            if problem in told:
                continue
            where = position(problem.path, problem.line, problem.column)
            yield f"{self._paint('error', 'error')} {where}: {problem.message}"

    def _summary(self) -> Iterable[str]:
        report = self._report
        verdicts = [result.verdict for result in report.outcome.results]
        counts = [
            f"{verdicts.count(verdict)} {self._paint(verdict, verdict)}"
            for verdict in ("works", "broken", "undecided", "disabled")
            if verdict in verdicts
        ]
        severities = [reported.severity for reported in report.findings]
        found = [
            _count(severities.count(s), s) for s in ("error", "warning", "note") if s in severities
        ]
        files = sum(1 for file in report.files if file.read)
        yield "; ".join(
            part
            for part in (
                f"{_count(len(verdicts), 'route')}" + (f": {', '.join(counts)}" if counts else ""),
                ", ".join(found) or "no findings",
                f"{len(report.ignored)} ignored" if report.ignored else "",
                f"{_count(files, 'file')} read",
                f"{_count(len(report.unread), 'module')} not read" if report.unread else "",
                f"{_count(len(report.problems), 'problem')} with the input"
                if report.problems
                else "",
            )
            if part
        )

    def _paint(self, what: str, text: str) -> str:
        return paint(self._style, what, text)


def paint(style: Style, what: str, text: str) -> str:
    """Return text in the colour of a severity, a verdict, or a part of a frame."""
    return f"\x1b[{_COLORS[what]}m{text}\x1b[0m" if style.color else text


def gaps(undecided: Sequence[Open], route: Route) -> list[tuple[str, dict[str, list[str]]]]:
    """Return what keeps a route undecided, by what would decide it: questions and their rules."""
    found: dict[str, dict[str, list[str]]] = {}
    for open_ in undecided:
        mine = open_.subject is route or open_.subject is route.configuration
        if mine and open_.stake == "error":
            questions = found.setdefault(open_.needs, {})
            questions.setdefault(open_.what, []).append(open_.rule.id)
    return list(found.items())


def route_line(result: Result) -> str:
    """Return a route in one line: id, both buckets, Regions, accounts."""
    from crrlint.report.json import describe

    facts = describe(result.route)
    ends = []
    for end in ("source", "destination"):
        inside = [facts[f"{end}_region"], facts[f"{end}_account"]]
        known = ", ".join(text for text in inside if text is not None)
        ends.append(f"{facts[end] or '?'}" + (f" ({known})" if known else ""))
    return f"{facts['id']}: {ends[0]} -> {ends[1]}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def position(path: str, line: int | None, column: int | None) -> str:
    """Return a place as `path:line:column`, as far as it is known."""
    return ":".join([path, *(str(n) for n in (line, column) if n)])


def _cut(line: str, span: Span) -> tuple[str, int, int]:
    """Return the line, the column and the width to mark, a long line cut around them."""
    end = span.end_column if span.end_line == span.line else len(line) + 1
    width = max(1, end - span.column)
    if len(line) <= _WIDTH:
        return line, span.column, min(width, max(1, len(line) - span.column + 1))
    start = max(0, span.column - 1 - _WIDTH // 3)
    text = line[start : start + _WIDTH]
    lead = "…" if start else ""
    tail = "…" if start + _WIDTH < len(line) else ""
    column = span.column - start + len(lead)
    return lead + text + tail, column, min(width, _WIDTH - column + 1 + len(lead))
