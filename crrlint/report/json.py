"""For scripts: the contract of `schemas/report.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crrlint import __version__
from crrlint.documents.addresses import address
from crrlint.documents.places import Places
from crrlint.documents.source import Location, Problem
from crrlint.routes.route import Route
from crrlint.run.engine import Open, Reported, Result
from crrlint.run.lint import Report
from crrlint.values import Undecided
from crrlint.values.answers import assuming

if TYPE_CHECKING:
    from crrlint.report import Style

_LINES = ("line", "column", "end_line", "end_column")

URL = "https://github.com/crrlint/crrlint/blob/main/docs/rules/{}.md"


def render(report: Report, style: Style) -> str:
    return json.dumps(as_data(report), indent=1, ensure_ascii=False) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data; the same input gives the same."""
    places = report.places
    return {
        "version": 1,
        "tool": {"name": "crrlint", "version": __version__},
        "summary": _summary(report),
        "routes": [as_route(result, places) for result in report.outcome.results],
        "findings": [as_finding(reported, places) for reported in report.findings],
        "undecided": [as_open(open_, places) for open_ in report.outcome.undecided],
        "unread": [
            {
                "module": module.name,
                "source": module.source,
                "needs": module.needs,
                "location": place(module.at, places),
            }
            for module in report.unread
        ],
        "ignored": [
            {**as_finding(ignored.reported, places), "ignored_because": ignored.reason}
            for ignored in report.ignored
        ],
        "errors": [
            *(
                {"path": p.path, "message": p.message, "line": p.line, "column": p.column}
                for p in report.problems
            ),
            *(
                {
                    "path": crash.rule.path.rsplit("/", 1)[-1],
                    "message": f"{crash.rule.id} failed on {crash.subject}: {crash.error}",
                    "line": None,
                    "column": None,
                }
                for crash in report.outcome.crashes
            ),
        ],
    }


def _summary(report: Report) -> dict[str, int]:
    verdicts = [result.verdict for result in report.outcome.results]
    severities = [reported.severity for reported in report.findings]
    return {
        "files": sum(1 for file in report.files if file.read),
        "routes": len(verdicts),
        "works": verdicts.count("works"),
        "broken": verdicts.count("broken"),
        "undecided": verdicts.count("undecided"),
        "disabled": verdicts.count("disabled"),
        "error": severities.count("error"),
        "warning": severities.count("warning"),
        "note": severities.count("note"),
        "ignored": len(report.ignored),
    }


def as_route(result: Result, places: Places) -> dict[str, Any]:
    return {
        **describe(result.route),
        "verdict": result.verdict,
        "assumptions": list(result.assumptions) if result.verdict == "works" else [],
        "location": place(result.route.rule.at(), places),
    }


def describe(route: Route) -> dict[str, str | None]:
    """Return what is known of a route as text; None for what the input leaves open."""
    asks: dict[str, Callable[[], object]] = {
        "source": lambda: route.source.name,
        "destination": lambda: route.destination.name,
        "role": lambda: route.role.arn,
        "rule": lambda: route.rule.id,
        "source_region": lambda: route.source.region,
        "destination_region": lambda: route.destination.region,
        "source_account": lambda: route.source.account,
        "destination_account": lambda: route.destination.account,
    }
    described: dict[str, str | None] = {"id": route.id}
    with assuming(route.given):
        for name, ask in asks.items():
            try:
                value = ask()
            except Undecided:
                value = None
            described[name] = None if value is None else str(value)
    return described


def as_finding(reported: Reported, places: Places) -> dict[str, Any]:
    finding = reported.finding
    example = finding.counterexample
    return {
        "rule": reported.rule.id,
        "name": reported.rule.name,
        "severity": reported.severity,
        "message": finding.message,
        "route": None if reported.route is None else reported.route.id,
        "location": place(finding.at, places),
        "notes": [
            {"message": note.message, "location": place(note.at, places)} for note in finding.notes
        ],
        "counterexample": (
            None if example is None else {"action": example.action, "resource": example.resource}
        ),
        "failure_reason": finding.reason or reported.rule.failure or None,
        "fix": finding.fix or None,
        "url": URL.format(reported.rule.id),
        "fingerprint": fingerprint(reported),
    }


def fingerprint(reported: Reported) -> str:
    """Identify a finding by rule, subject and pointer: never by line numbers."""
    from hashlib import sha256

    at = reported.finding.at
    pointer = at.pointer if isinstance(at, Location) else ""
    text = "\n".join((reported.rule.id, str(reported.subject), at.path, pointer))
    return sha256(text.encode(errors="backslashreplace")).hexdigest()[:16]


def as_open(open_: Open, places: Places) -> dict[str, Any]:
    subject = open_.subject
    return {
        "rule": open_.rule.id,
        "name": open_.rule.name,
        "severity": open_.severity,
        "route": subject.id if isinstance(subject, Route) else None,
        "reason": open_.what,
        "needs": open_.needs or None,
        "location": place(subject.rule.at(), places) if isinstance(subject, Route) else None,
    }


def place(at: Location | Problem, places: Places) -> dict[str, Any]:
    """Return a location; lines and columns are null where the text has none."""
    pointer: str | None = None
    named: str | None = None
    lines: tuple[int | None, ...] = (None, None, None, None)
    if isinstance(at, Problem):
        lines = (at.line, at.column, None, None)
    else:
        lines = places.span(at) or lines
        pointer, named = at.pointer, address(at)
    written = dict(zip(_LINES, lines, strict=True))
    found = {"path": at.path, **written, "pointer": pointer, "address": named}
    construct = at.construct if isinstance(at, Location) else None
    return found if construct is None else {**found, "construct": construct}
