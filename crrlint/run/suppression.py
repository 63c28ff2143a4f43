"""Takes out of a run's findings what somebody accepts, and judges what is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crrlint.documents.ignores import Ignore
from crrlint.documents.places import Places
from crrlint.documents.source import Location, Problem
from crrlint.routes.route import Route
from crrlint.run.engine import Level, Outcome, Reported, judge
from crrlint.run.rule import Rule, Subject


class Ignored(NamedTuple):
    """A finding that is accepted, and why."""

    reported: Reported
    reason: str


def suppress(
    outcome: Outcome,
    ignores: Sequence[Ignore],
    rules: Sequence[Rule],
    levels: Mapping[str, Level],
    places: Places,
    *,
    unread: bool,
) -> tuple[Outcome, tuple[Reported, ...], tuple[Ignored, ...]]:
    """Return the outcome with what rules say of the ignores, the findings left, those ignored.

    The outcome keeps them all: what somebody accepts is no less a fact.  `unread` when some
    of the input could not be read: what is ignored may stand there.
    """
    if not ignores:
        return outcome, outcome.findings, ()
    kept: list[Reported] = []
    ignored: list[Ignored] = []
    used: set[int] = set()
    for reported in sorted(outcome.findings, key=lambda reported: order(reported, places)):
        one = next((i for i in ignores if _matches(i, reported, places)), None)
        if one is None:
            kept.append(reported)
        else:
            ignored.append(Ignored(reported, one.reason))
            used.add(id(one))
    judged = [
        i._replace(used=unread or id(i) in used or _is_open(i, outcome, rules)) for i in ignores
    ]
    findings, undecided, crashes = judge(rules, levels, {Ignore: judged})
    told = outcome._replace(
        findings=(*outcome.findings, *findings),
        undecided=(*outcome.undecided, *undecided),
        crashes=(*outcome.crashes, *crashes),
    )
    return told, (*kept, *findings), tuple(ignored)


def _matches(ignore: Ignore, reported: Reported, places: Places) -> bool:
    if not ignore.names(reported.rule.id, reported.rule.name):
        return False
    at = reported.finding.at
    line = line_of(at, places)[0] if ignore.line is not None else None
    return ignore.covers(resource(reported.subject), at.path, line)


def _is_open(ignore: Ignore, outcome: Outcome, rules: Sequence[Rule]) -> bool:
    """Tell whether it cannot be said that there is nothing to ignore.

    Its rule may not have run, or its answer may be open.
    """
    if ignore.expired or not ignore.rule:
        return False
    mine = {rule.id for rule in rules if ignore.names(rule.id, rule.name)}
    if not mine:
        # A comment may name what no rule is called; an entry of that sort is an error.
        return ignore.line is None
    if any(crash.rule.id in mine for crash in outcome.crashes):
        return True
    return any(
        open_.rule.id in mine
        and (ignore.line is not None or ignore.covers(resource(open_.subject), ignore.path or ""))
        for open_ in outcome.undecided
    )


def resource(subject: Subject) -> tuple[str, ...]:
    """Return the names by which an ignore entry may speak of a finding's subject."""
    if not isinstance(subject, Route):
        return (str(subject),)
    names = [subject.id, str(subject.source)]
    try:
        names.append(str(subject.destination))
    except Exception:  # undecided: the other names will do
        return tuple(names)
    return tuple(names)


def order(reported: Reported, places: Places) -> tuple[Any, ...]:
    """Sort by path, line, column, rule, and then by route."""
    at = reported.finding.at
    line, column = line_of(at, places)
    route = reported.route
    return (at.path, line, column, reported.rule.id, "" if route is None else route.id)


def line_of(at: Location | Problem, places: Places) -> tuple[int, int]:
    if isinstance(at, Problem):
        return at.line or 0, at.column or 0
    span = places.span(at)
    return (0, 0) if span is None else (span.line, span.column)
