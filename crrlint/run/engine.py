"""Runs rules over the graph and settles what each route's verdict is.

A rule that asks what the input leaves open is recorded as undecided for that
subject.  Where the answer hangs on a choice (a condition, a parameter with a few
values), the rule is run once for each answer: a fault under every answer is
proved, a fault under some is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from crrlint.access.assumptions import assumptions
from crrlint.documents.source import Problem
from crrlint.routes.graph import Graph
from crrlint.routes.route import Configuration, Route
from crrlint.run.rule import Finding, Rule, Severity, Subject
from crrlint.run.times import as_it_is
from crrlint.values import Choice, Undecided
from crrlint.values.answers import assuming
from crrlint.values.symbols import Rivalry
from crrlint.world import Bucket, Role

Verdict: TypeAlias = Literal["works", "broken", "undecided", "disabled"]

MAX_WORLDS = 64
"""How many sets of answers one rule is tried under before the question is called open."""


class Level(NamedTuple):
    """How a rule is run: its severity for this run, and its options."""

    severity: Severity
    options: Mapping[str, Any]


class Reported(NamedTuple):
    """A finding with the rule that made it and the subject that it is about."""

    rule: Rule
    severity: Severity
    finding: Finding
    subject: Subject

    @property
    def route(self) -> Route | None:
        return self.subject if isinstance(self.subject, Route) else None


class Open(NamedTuple):
    """A question that a rule asked and the input does not decide; `stake` is what hangs on it."""

    rule: Rule
    severity: Severity
    subject: Subject
    reason: str
    what: str
    needs: str
    stake: Severity


class Crash(NamedTuple):
    """A rule that failed on one subject: a defect of the rule, not of the input."""

    rule: Rule
    subject: str
    error: str


class Result(NamedTuple):
    """A route with its verdict and the assumptions that a proof rests on."""

    route: Route
    verdict: Verdict
    assumptions: tuple[str, ...]


class Outcome(NamedTuple):
    """Everything that the rules found."""

    results: tuple[Result, ...]
    findings: tuple[Reported, ...]
    undecided: tuple[Open, ...]
    crashes: tuple[Crash, ...]


def run(
    graph: Graph,
    rules: Sequence[Rule],
    levels: Mapping[str, Level],
    problems: Sequence[Problem] = (),
    step: Callable[[str], object] = str,
) -> Outcome:
    """Run every rule on every subject of its kind; `step` is told which rule runs."""
    step("finding the routes")
    findings, undecided, crashes = judge(rules, levels, _subjects(graph, problems), step)
    results = tuple(_results(graph, findings, undecided, crashes))
    return Outcome(results, tuple(findings), tuple(undecided), tuple(crashes))


def judge(
    rules: Sequence[Rule],
    levels: Mapping[str, Level],
    by_kind: Mapping[type[Any], Sequence[Any]],
    step: Callable[[str], object] = str,
) -> tuple[list[Reported], list[Open], list[Crash]]:
    """Run rules on subjects; rules about other kinds of subjects have nothing to say."""
    findings: list[Reported] = []
    undecided: list[Open] = []
    crashes: list[Crash] = []
    for rule in rules:
        step(f"checking {rule.id} {rule.name}")
        level = levels.get(rule.id) or Level(rule.severity, {})
        for subject in by_kind.get(rule.each, ()):
            try:
                _check(rule, level, subject, findings, undecided)
            except Exception as error:
                crashes.append(Crash(rule, str(subject), _describe(error)))
    return findings, undecided, crashes


def _subjects(graph: Graph, problems: Sequence[Problem]) -> dict[type[Any], Sequence[Any]]:
    roles: dict[int, Role] = {}
    for route in graph.routes:
        if _disabled(route):
            continue
        try:
            role = route.role
        except Undecided:
            continue
        roles[id(role)] = role
    return {
        Route: graph.routes,
        Configuration: graph.configurations,
        Bucket: graph.buckets,
        Role: list(roles.values()),
        Graph: [graph],
        Problem: problems,
    }


def _describe(error: Exception) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def _check(
    rule: Rule,
    level: Level,
    subject: Subject,
    findings: list[Reported],
    undecided: list[Open],
) -> None:
    given = getattr(subject, "given", None) or {}
    found, gap = _under(rule, level, subject, given, [0])
    if gap is not None:
        severity, stake = gap.stake or level.severity, gap.stake or rule.severity
        undecided.append(Open(rule, severity, subject, gap.reason, gap.what, gap.needs, stake))
    else:
        findings.extend(
            Reported(rule, finding.severity or level.severity, finding, subject)
            for finding in found
        )


def _under(
    rule: Rule,
    level: Level,
    subject: Subject,
    given: Mapping[Choice, int],
    worlds: list[int],
) -> tuple[list[Finding], Undecided | None]:
    """Return what a rule finds under some answers, or what keeps it from being decided.

    An open choice is answered in every way; only what all answers agree on is found.
    """
    try:
        if not given:
            return list(rule.check(subject, **level.options)), None
        with assuming(given):
            return list(rule.check(subject, **level.options)), None
    except Undecided as gap:
        if gap.choice is None or gap.choice in given:
            return [], gap
        choice, open_question = gap.choice, gap
    worlds[0] += len(choice.answers)
    if worlds[0] > MAX_WORLDS:
        return [], open_question
    found: list[Finding] = []
    faulty: list[int] = []
    for answer in range(len(choice.answers)):
        mine, gap_below = _under(rule, level, subject, {**given, choice: answer}, worlds)
        if gap_below is not None:
            return [], _contradiction(choice) or gap_below
        if mine:
            # The last answer is the most general one: "something else", no literal value.
            found = mine
            faulty.append(answer)
    if not faulty:
        return [], None
    if len(faulty) == len(choice.answers):
        return found, None
    what = f"{found[0].message}, if {choice.describe(faulty[0])}"
    hanging = _contradiction(choice) or Undecided("choice", what, choice.needs, choice=choice)
    hanging.stake = found[0].severity
    return [], hanging


def _contradiction(choice: Choice) -> Undecided | None:
    """Return what to say where two statements contradict each other: that, and no more."""
    if not isinstance(choice, Rivalry):
        return None
    return Undecided("conflict", choice.text, choice.needs, choice=choice)


def _results(
    graph: Graph,
    findings: Iterable[Reported],
    undecided: Iterable[Open],
    crashes: Iterable[Crash],
) -> Iterable[Result]:
    # A finding settles the verdict of its route, or of those of its configuration or source.
    routes: dict[int, list[Route]] = {}
    for route in graph.routes:
        for subject in (route, route.configuration, route.source):
            routes.setdefault(id(subject), []).append(route)
    # A verdict is a fact: the severity that somebody chose to report a fault with is not asked.
    broken = {
        id(s)
        for f in findings
        if (f.finding.severity or f.rule.severity) == "error"
        for s in routes.get(id(f.subject), ())
    }
    opened = {id(s) for o in undecided if o.stake == "error" for s in routes.get(id(o.subject), ())}
    failed = {crash.subject for crash in crashes if crash.rule.severity == "error"}
    assumed = tuple(dict.fromkeys(graph.model.assumptions))
    for route in graph.routes:
        verdict: Verdict
        if _disabled(route):
            verdict = "disabled"
        elif id(route) in broken:
            verdict = "broken"
        elif id(route) in opened or str(route) in failed:
            verdict = "undecided"
        else:
            verdict = "works"
        # Only a proof rests on them.
        mixed = as_it_is(route) if verdict == "works" and graph.world.mixed else ()
        more = assumptions(route) if verdict == "works" else ()
        yield Result(route, verdict, (*mixed, *assumed, *more))


def _disabled(route: Route) -> bool:
    try:
        with assuming(route.given):
            return bool(route.rule.status == "Disabled")
    except Undecided:
        return False
