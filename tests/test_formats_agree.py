"""One set-up in every format: the same routes, verdicts and errors where the facts are held.

`tests/setups/<name>/<format>/` are files as people have them; the plans and states in them
were written by Terraform.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from crrlint.documents.source import Location
from crrlint.report.contents import contents
from crrlint.report.json import describe
from crrlint.run import config, ruleset
from crrlint.run.lint import Report, lint, select

RULES = ruleset.load()
FOLDER = Path(__file__).parent / "setups"
FORMATS = ("cloudformation", "cli", "terraform", "state", "shown", "plan", "saved")
TOGETHER = (("plan", "terraform"), ("saved", "terraform"), ("plan", "saved"))
"""Formats of one set-up that are read as one: source, and what Terraform makes of it."""


class Truth(NamedTuple):
    """What is to be said of a set-up: of all its routes one verdict, with these errors."""

    verdict: str
    errors: tuple[str, ...] = ()
    routes: tuple[str, ...] = ("acme-logs/all-logs",)


TRUTH = {
    "cross_account": Truth("works"),
    "decrypt_missing": Truth("broken", ("CRR702",)),
    "delete_markers_not_allowed": Truth("broken", ("CRR409",)),
    "destination_policy_missing": Truth("broken", ("CRR501",)),
    "destination_unversioned": Truth("broken", ("CRR102",)),
    "fan_out": Truth("works", (), ("acme-logs/to-ap-south-1", "acme-logs/to-eu-west-1")),
    "key_in_wrong_region": Truth("broken", ("CRR705",)),
    "missing_permission": Truth("broken", ("CRR403",)),
    "owner_override_not_allowed": Truth("broken", ("CRR410",)),
    "prefix_too_narrow": Truth("broken", ("CRR403",)),
    "same_account": Truth("works"),
    "trust_wrong": Truth("broken", ("CRR302",)),
    "two_way": Truth("works", (), ("acme-logs-copy/all-logs", "acme-logs/all-logs")),
    "with_kms": Truth("works"),
    "wrong_region": Truth("broken", ("CRR104",)),
}

_UNNAMED = "the account of"
"""A state as `show -json` prints it names no provider configurations, so no accounts either."""
_DEFERRED = "the saved plan (terraform plan -out)"
"""A plan has lost the text of policies that name what the apply will make."""

_GIVEN = "the plan as JSON beside it (terraform show -json)"
"""A saved plan tells only to Terraform what its variables were given."""

UNDECIDED = {
    ("cross_account", "shown"): _UNNAMED,
    ("delete_markers_not_allowed", "shown"): _UNNAMED,
    ("destination_policy_missing", "shown"): _UNNAMED,
    ("fan_out", "shown"): _UNNAMED,
    ("owner_override_not_allowed", "shown"): _UNNAMED,
    ("same_account", "shown"): _UNNAMED,
    ("two_way", "shown"): _UNNAMED,
    ("with_kms", "shown"): _UNNAMED,
    ("cross_account", "plan"): _DEFERRED,
    ("fan_out", "plan"): _DEFERRED,
    ("with_kms", "plan"): _DEFERRED,
    ("fan_out", "saved"): _GIVEN,
}
"""Where a format does not hold the facts, and the words in which that is told."""

NAMED = {
    "fan_out": ("acme-logs/rule-1",),
    "missing_permission": ("${var.name}/all-logs",),
    "prefix_too_narrow": ("${var.name}/all-logs",),
    "same_account": ("${var.name}/all-logs",),
    "two_way": ("${var.name}-copy/all-logs", "${var.name}/all-logs"),
}
"""The routes of saved plans whose names are those of variables."""

CASES = [(name, format_) for name in TRUTH for format_ in FORMATS]


def test_every_setup_is_there_in_every_format() -> None:
    there = {(path.parent.name, path.name) for path in FOLDER.glob("*/*")}

    assert set() == set(CASES) - there
    assert set(TRUTH) == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("formats", TOGETHER, ids="+".join)
@pytest.mark.parametrize("name", TRUTH)
def test_a_plan_and_its_source_are_one_setup(
    name: str, formats: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = TRUTH[name]
    if "saved" in formats and "plan" not in formats:
        verdict = "undecided" if (name, "saved") in UNDECIDED else truth.verdict
        truth = truth._replace(verdict=verdict, routes=NAMED.get(name, truth.routes))
    for format_ in formats:
        shutil.copytree(FOLDER / name / format_, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    report = _lint()
    verdicts = [(str(describe(r.route)["id"]), r.verdict) for r in report.outcome.results]
    errors = [found for found in report.findings if found.severity == "error"]

    assert () == report.problems
    assert sorted((route, truth.verdict) for route in truth.routes) == sorted(verdicts)
    assert set(truth.errors) == {found.rule.id for found in errors}
    if "terraform" in formats:
        # Everything that is found is shown in the source, and on its line.
        places = [reported.finding.at for reported in report.findings]
        assert all(at.path.endswith(".tf") for at in places)
        assert all(isinstance(at, Location) and report.places.span(at) for at in places)


OTHER_KEYS = ("decrypt_missing", "key_in_wrong_region", "with_kms")
OTHER_POLICIES = ("fan_out",)
"""Set-ups whose keys got other ids in each format, or whose role has its policies otherwise."""
ALIKE = [name for name in TRUTH if name not in (*OTHER_KEYS, *OTHER_POLICIES)]


@pytest.mark.parametrize("format_", ["cloudformation", "terraform", "plan", "state"])
@pytest.mark.parametrize("name", ALIKE)
def test_what_is_live_contradicts_no_format_of_the_same_setup(
    name: str, format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = TRUTH[name]
    for one in (format_, "cli"):
        shutil.copytree(FOLDER / name / one, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    report = _lint()
    verdicts = {str(describe(r.route)["id"]): r.verdict for r in report.outcome.results}
    path = config.find(["."])
    settings = config.EMPTY if path is None else config.read(path)

    assert () == contents(["."], settings.bindings).conflicts
    assert set(truth.routes) == set(verdicts)
    expected = "undecided" if (name, format_) in UNDECIDED else truth.verdict
    assert {expected} == set(verdicts.values())


@pytest.mark.parametrize(("name", "format_"), CASES)
def test_a_format_tells_the_truth_of_a_setup(
    name: str, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = TRUTH[name]
    monkeypatch.chdir(FOLDER / name / format_)
    report = _lint()
    verdicts = {str(describe(r.route)["id"]): r.verdict for r in report.outcome.results}
    errors = {found.rule.id for found in report.findings if found.severity == "error"}

    assert () == report.problems
    assert () == report.outcome.crashes
    routes = NAMED.get(name, truth.routes) if format_ == "saved" else truth.routes
    assert set(routes) == set(verdicts)
    missing = UNDECIDED.get((name, format_))
    if missing is not None:
        assert {"undecided"} == set(verdicts.values())
        assert set() == errors
        told = [f"{o.what} {o.needs}" for o in report.outcome.undecided if o.stake == "error"]
        assert any(missing in words for words in told)
    else:
        assert {truth.verdict} == set(verdicts.values())
        assert set(truth.errors) == errors


def _lint() -> Report:
    """Lint the current folder as the command line does."""
    path = config.find(["."])
    settings = config.EMPTY if path is None else config.read(path)
    return lint(["."], settings, settings.bindings, select(RULES, settings, (), ()))
