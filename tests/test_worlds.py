"""Files of several times, and of one thing: what counts, what is a conflict, what hangs on it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from tests.running import EXAMPLES, ROOT, crrlint

WORLDS = ROOT / "tests" / "worlds"
SCHEMA = json.loads((ROOT / "crrlint/schemas/inputs.json").read_text(encoding="utf-8"))


class Expected(NamedTuple):
    """The verdict of each route, and each conflict with both of its places."""

    verdicts: Mapping[str, str] = {}
    conflicts: tuple[str, ...] = ()
    over: str = ""
    """The example whose files the case is laid over."""


ORDERS = "acme-orders/everything"
TWICE = "is stated twice, differently: "
CASES = {
    "live_agrees": Expected({ORDERS: "works"}, over="works"),
    "live_fills": Expected({ORDERS: "broken"}, over="works"),
    "live_differs": Expected(
        {ORDERS: "undecided"},
        (
            f"the versioning of bucket acme-orders-replica {TWICE}"
            "live.json:2 (live) and replica.yaml:9 (template)",
        ),
        "works",
    ),
    "live_role_agrees": Expected({ORDERS: "works"}, over="works"),
    "live_role_differs": Expected(
        {ORDERS: "undecided"},
        (
            f"which policies role orders has {TWICE}"
            "source.yaml:65 (template) and details.json:23 (live)",
        ),
        "works",
    ),
    "live_trust_differs": Expected(
        {ORDERS: "undecided"},
        (
            f"the trust policy of role orders {TWICE}"
            "details.json:8 (live) and source.yaml:57 (template)",
        ),
        "works",
    ),
    "policy_of_any_bucket": Expected({ORDERS: "works"}, over="works"),
    "denial_of_any_bucket": Expected({ORDERS: "undecided"}, over="works"),
    "planned_counts": Expected({ORDERS: "works"}, over="works"),
    "planned_differs": Expected(
        {ORDERS: "undecided"},
        (
            f"the versioning of bucket acme-orders-replica {TWICE}"
            "put.json:1 (planned) and replica.yaml:9 (template)",
        ),
        "works",
    ),
    "two_dumps": Expected(
        {}, (f"the versioning of bucket acme-other {TWICE}one.json:2 and two.json:1",)
    ),
    "rules_agree": Expected({"acme-src/same": "works"}),
    "rules_differ": Expected(
        {
            "acme-src/same": "works",
            "acme-src/other": "undecided",
            "acme-src/mine": "undecided",
            "acme-src/theirs": "undecided",
        },
        (f"the replication of bucket acme-src {TWICE}one.json:3 and two.json:3",),
    ),
    "policies_differ": Expected(
        {},
        (f"managed policy arn:aws:iam::111111111111:policy/crr {TWICE}one.json:1 and two.json:1",),
    ),
    "accounts_differ": Expected(
        {},
        (f"the canonical id of account 111111111111 {TWICE}crrlint.yaml:3 and buckets.json:1",),
    ),
    "one_template_twice": Expected(
        {},
        (
            f"the account of bucket acme-twice {TWICE}template.yaml:2 (as template.yaml) "
            "and template.yaml:2 (as template.yaml (2))",
        ),
    ),
    "states_of_one_lineage": Expected(),
    "states_of_one_serial": Expected(
        {},
        (f"the versioning of bucket acme-state {TWICE}one.tfstate:38 and two.tfstate:38",),
    ),
}


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a folder with the files of a case, over those of its example."""
    expected = CASES[request.param]
    if expected.over:
        shutil.copytree(EXAMPLES / expected.over, tmp_path, dirs_exist_ok=True)
    shutil.copytree(WORLDS / request.param, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _report(folder: Path, *options: str) -> dict[str, Any]:
    run = crrlint(".", "--format", "json", *options, cwd=folder)
    assert "" == run.err
    report: dict[str, Any] = json.loads(run.out)
    return report


def _inputs(folder: Path) -> dict[str, Any]:
    run = crrlint("inputs", ".", "--format", "json", cwd=folder)
    assert (0, "") == (run.code, run.err)
    told: dict[str, Any] = json.loads(run.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    return told


def test_every_case_is_expected() -> None:
    assert set(CASES) == {path.name for path in WORLDS.iterdir()}


@pytest.mark.parametrize(("folder", "name"), [(n, n) for n in CASES], indirect=["folder"])
def test_a_route_hangs_on_a_conflict_and_others_are_decided(folder: Path, name: str) -> None:
    report = _report(folder)
    found = {route["id"]: route["verdict"] for route in report["routes"]}
    assert CASES[name].verdicts == found


@pytest.mark.parametrize(("folder", "name"), [(n, n) for n in CASES], indirect=["folder"])
def test_a_conflict_is_shown_with_both_places(folder: Path, name: str) -> None:
    expected = CASES[name].conflicts
    conflicts = _inputs(folder)["conflicts"]
    assert set(expected) == {one["what"] for one in conflicts}
    assert all(one["needs"] for one in conflicts)
    # Whatever is undecided says the same.
    undecided = [one for one in _report(folder)["undecided"] if TWICE in one["reason"]]
    for one in undecided:
        assert any(what in one["reason"] for what in expected)
    if expected and "undecided" in CASES[name].verdicts.values():
        assert undecided


@pytest.mark.parametrize("folder", ["states_of_one_lineage"], indirect=True)
def test_the_newest_state_of_a_lineage_counts(folder: Path) -> None:
    told = {file["path"]: file for file in _inputs(folder)["files"]}
    assert ["is serial 5 of the state that copy.tfstate has serial 7 of"] == (
        told["old.tfstate"]["left_out"]
    )
    assert ["is a copy of copy.tfstate"] == told["terraform.tfstate"]["left_out"]
    assert {} == told["old.tfstate"]["gives"]


@pytest.mark.parametrize("folder", ["live_agrees"], indirect=True)
def test_a_proof_that_joins_two_times_says_so(folder: Path) -> None:
    (route,) = _report(folder)["routes"]
    assert "what is live stays as live.json shows it" in route["assumptions"]


def test_a_proof_of_one_time_says_nothing_of_times() -> None:
    (route,) = _report(EXAMPLES / "works")["routes"]
    assert not any("live" in assumption for assumption in route["assumptions"])


def test_a_copy_of_the_files_changes_nothing(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "works", tmp_path, dirs_exist_ok=True)
    before = _report(tmp_path)["routes"]
    shutil.copytree(EXAMPLES / "works", tmp_path / "a-backup", ignore=lambda *_: ["crrlint.yaml"])
    after = _report(tmp_path)["routes"]
    assert [ORDERS] == [route["id"] for route in after]
    assert [r["verdict"] for r in before] == [r["verdict"] for r in after]
