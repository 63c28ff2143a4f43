"""The hook that we offer, run by pre-commit itself in a repository that is not ours."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from crrlint.loaders import SOURCE
from crrlint.run.files import CONFIGURATION, EXTENSIONS, NAMES
from tests.running import EXAMPLES, ROOT, Run, environment

HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]


@pytest.mark.parametrize(
    "name",
    [f"infra/x{end}" for end in (*EXTENSIONS, *SOURCE, ".zip")]
    + [*NAMES, *CONFIGURATION, "x.json.gz", "samconfig.toml"],
)
def test_the_hook_looks_when_a_file_that_is_read_changes(name: str) -> None:
    assert re.search(HOOK["files"], name)


@pytest.mark.parametrize("name", ["README.md", "main.py", "json", "x.yaml.bak"])
def test_the_hook_sleeps_otherwise(name: str) -> None:
    assert not re.search(HOOK["files"], name)


def test_the_hook_sees_the_whole_repository_at_once() -> None:
    assert HOOK["pass_filenames"] is False
    assert HOOK["require_serial"] is True


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env=environment(GIT_CONFIG_NOSYSTEM="1"),
    )
    return done.stdout


def _repository(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "-q")
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of its own with the files of this checkout, committed."""
    folder = _repository(tmp_path_factory.mktemp("checkout"))
    listed = _git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        if name.startswith(("crrlint/", "rules/")) or "/" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "all of it")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit")


def _try(consumer: Path, checkout: Path, home: Path) -> Run:
    _git(consumer, "add", "-A")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", checkout, "crrlint", "--all-files"],
        cwd=consumer,
        capture_output=True,
        text=True,
        timeout=300,
        env=environment(PRE_COMMIT_HOME=str(home), GIT_CONFIG_NOSYSTEM="1"),
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
def test_a_commit_is_stopped_until_the_route_works(
    checkout: Path, home: Path, tmp_path: Path
) -> None:
    consumer = _repository(tmp_path / "consumer")
    shutil.copytree(EXAMPLES / "broken", consumer, dirs_exist_ok=True)

    stopped = _try(consumer, checkout, home)
    assert 1 == stopped.code, stopped.out + stopped.err
    assert "error[CRR408]" in stopped.out
    assert "--> source.yaml:" in stopped.out
    assert "exit code: 1" in stopped.out

    shutil.copytree(EXAMPLES / "works", consumer, dirs_exist_ok=True)
    passed = _try(consumer, checkout, home)
    assert 0 == passed.code, passed.out + passed.err
    assert "Passed" in passed.out


@pytest.mark.slow
def test_a_repository_without_files_of_interest_is_left_alone(
    checkout: Path, home: Path, tmp_path: Path
) -> None:
    consumer = _repository(tmp_path / "consumer")
    (consumer / "README.md").write_text("nothing here\n")
    run = _try(consumer, checkout, home)
    assert 0 == run.code, run.out + run.err
    assert "Skipped" in run.out
