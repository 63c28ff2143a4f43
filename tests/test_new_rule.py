"""A rule made on the spot: it works, it is tested, and no file that was there is touched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from crrlint.authoring import examples
from crrlint.run import ruleset
from tests.running import ROOT, crrlint, environment

NAME = "replica-is-cheap"
FUNCTION = "replica_is_cheap"


def contents(folder: Path) -> dict[str, str]:
    """Map every file of a folder, by its path in it, to a digest."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".pytest_cache"}.intersection(path.parts)
    }


def test_a_new_rule_works_as_it_is_written(tmp_path: Path) -> None:
    made = crrlint("new-rule", NAME, cwd=tmp_path)
    assert 0 == made.code, made.err
    assert sorted(made.out.splitlines()) == sorted(contents(tmp_path))

    rules = ruleset.load([str(tmp_path / "rules")])
    (mine,) = (rule for rule in rules if rule.name == NAME)
    assert "LOCAL001" == mine.id
    assert [] == examples.faults(mine, rules)


@pytest.mark.parametrize("case", ["bad", "bad_terraform", "good"])
def test_the_fixtures_of_a_new_rule_show_it(case: str, tmp_path: Path) -> None:
    crrlint("new-rule", NAME, "--id", "ACME007", cwd=tmp_path)
    folder = tmp_path / "tests" / "fixtures" / FUNCTION / case
    run = crrlint(".", "--rules", tmp_path / "rules", "--color", "never", cwd=folder)
    assert (case != "good") == ("warning[ACME007] replicas in bucket acme-replica" in run.out)
    assert 0 == run.code


def test_a_rule_costs_no_change_of_what_was_there(tmp_path: Path) -> None:
    for name in ("crrlint", "rules", "tests"):
        shutil.copytree(
            ROOT / name,
            tmp_path / name,
            ignore=shutil.ignore_patterns("__pycache__", "valid_setups"),
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    before = contents(tmp_path)
    program = [sys.executable, "-m", "crrlint"]
    made = crrlint("new-rule", NAME, "--id", "CRR999", cwd=tmp_path, program=program)
    assert 0 == made.code, made.err

    after = contents(tmp_path)
    assert before == {path: digest for path, digest in after.items() if path in before}
    assert set(made.out.splitlines()) == set(after) - set(before)
    tests = [f"tests/test_{name}.py" for name in ("rules", "fixtures", "layers")]
    wanted = f"{NAME} or {FUNCTION}"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests, "-k", wanted],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert 0 == run.returncode, run.stdout + run.stderr
    assert "passed" in run.stdout


TAKEN = {
    "a name of ours": (("source-not-versioned",), "source-not-versioned is taken by"),
    "an id of ours": ((NAME, "--id", "CRR101"), "CRR101 is taken by"),
    "no id": ((NAME, "--id", "acme 1"), "acme 1 is no id for a rule"),
    "one word": (("cheap",), "cheap is no name for a rule"),
    "a path": (("../cheap-one",), "../cheap-one is no name for a rule"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_cannot_be_a_rule_is_told_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    arguments, told = TAKEN[name]
    run = crrlint("new-rule", *arguments, cwd=tmp_path)
    assert 2 == run.code
    assert told in run.err
    assert {} == contents(tmp_path)


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    crrlint("new-rule", NAME, cwd=tmp_path)
    (tmp_path / "rules" / f"{FUNCTION}.py").unlink()
    before = contents(tmp_path)
    run = crrlint("new-rule", NAME, cwd=tmp_path)
    assert (2, True) == (run.code, "is there already" in run.err)
    assert before == contents(tmp_path)


def test_ids_are_counted_up(tmp_path: Path) -> None:
    crrlint("new-rule", NAME, cwd=tmp_path)
    crrlint("new-rule", "replica-is-dear", cwd=tmp_path)
    assert '"LOCAL002"' in (tmp_path / "rules" / "replica_is_dear.py").read_text()
