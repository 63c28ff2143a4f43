"""Whole folders of files, as `crrlint FOLDER` reads them: `tests/fixtures/<rule>/<case>/`.

The first word of a case's name is its outcome.  `expected.txt` holds the findings, a
line for each; those of an undecided case are followed by what its rule leaves open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crrlint.documents.places import Places
from crrlint.documents.source import Location, Problem
from crrlint.run import config, ruleset
from crrlint.run.lint import Report, lint, select
from crrlint.run.rule import Rule

RULES = ruleset.load()
FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(path for path in FIXTURES.glob("*/*") if path.is_dir())
OUTCOMES = ("bad", "good", "undecided")
VALID = "valid_setups"
"""Set-ups that AWS documents or ships: each works, and is told nothing worse than a note."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_fault_is_shown_as_cloudformation_and_in_another_format(rule: Rule) -> None:
    folder = FIXTURES / rule.name.replace("-", "_")
    formats = {name for case in folder.glob("bad*") for name in _formats(case)}

    assert "CloudFormation" in formats
    assert len(formats) > 1


def _formats(case: Path) -> Iterator[str]:
    files = {path for path in case.rglob("*") if path.is_file()}
    if any(path.name == "terraform.tfstate" for path in files):
        yield "Terraform"
    if (case / "accounts").is_dir():
        yield "AWS CLI"
    templates = {".yaml", ".yml", ".json", ".template"}
    outside = [p for p in files if p.parent == case and p.suffix in templates]
    if any(path.stem != "crrlint" and "Resources" in path.read_text() for path in outside):
        yield "CloudFormation"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_folder_gives_what_is_expected(
    case: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(case)
    expected = case / "expected.txt"
    outcome = next(word for word in OUTCOMES if case.name.startswith(word))
    report = _lint()
    lines = _findings(report)
    if outcome == "undecided":
        # What other rules leave open is their business, and changes with every new rule.
        lines += _undecided(report, _rule_of(case))
    if request.config.getoption("--update"):
        expected.unlink(missing_ok=True)
        if lines:
            expected.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    if case.parent.name == VALID:
        _check_works(report)
    else:
        _check_outcome(outcome, _rule_of(case), report)
    assert (expected.read_text(encoding="utf-8").splitlines() if expected.exists() else []) == lines
    for reported in report.findings:
        _check_place(reported.finding.at, report.places)


def _lint() -> Report:
    """Lint the current folder as the command line does."""
    path = config.find(["."])
    settings = config.EMPTY if path is None else config.read(path)
    return lint(["."], settings, settings.bindings, select(RULES, settings, (), ()))


def _rule_of(case: Path) -> str:
    name = case.parent.name.replace("_", "-")
    return next(rule.id for rule in RULES if rule.name == name)


def _check_outcome(outcome: str, rule: str, report: Report) -> None:
    """The folder's name holds whatever expected.txt says."""
    found = {reported.rule.id for reported in report.findings}
    left_open = {undecided.rule.id for undecided in report.outcome.undecided}
    assert not report.outcome.crashes
    match outcome:
        case "bad":
            assert rule in found
        case "good":
            assert set() == found | left_open
        case _:
            assert rule not in found
            assert rule in left_open


def _check_works(report: Report) -> None:
    verdicts = {result.verdict for result in report.outcome.results}
    assert () == report.outcome.crashes
    assert () == report.problems
    assert {"works"} == verdicts - {"disabled"}
    # AWS's walkthroughs of owner overrides and KMS leave tags unread, and so behind.
    told = {reported.rule.id for reported in report.findings if reported.severity != "note"}
    assert told <= {"CRR406"}
    assert () == report.outcome.undecided


def _findings(report: Report) -> list[str]:
    return sorted(
        f"{_position(reported.finding.at, report.places)}: {reported.severity}: "
        f"{reported.finding.message} [{reported.rule.id}]"
        for reported in report.findings
    )


def _undecided(report: Report, rule: str) -> list[str]:
    mine = [o for o in report.outcome.undecided if o.rule.id == rule]
    return sorted(f"undecided: {o.subject}: [{o.rule.id}]" for o in mine)


def _position(at: Location | Problem, places: Places) -> str:
    numbers: tuple[int | None, int | None] = (None, None)
    if isinstance(at, Problem):
        numbers = (at.line, at.column)
    else:
        span = places.span(at)
        if span is not None:
            numbers = (span.line, span.column)
    return ":".join([at.path, *(str(number) for number in numbers if number is not None)])


def _check_place(at: Location | Problem, places: Places) -> None:
    if isinstance(at, Problem):
        assert os.path.exists(at.path)
        return
    span = places.span(at)
    lines = Path(at.path).read_text(encoding="utf-8").splitlines()
    assert span is not None
    assert 1 <= span.line <= len(lines)
    assert 1 <= span.column <= len(lines[span.line - 1]) + 1
