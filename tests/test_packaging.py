"""The built wheel, installed where no checkout is near, says what the checkout says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.running import EXAMPLES, ROOT, crrlint, environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *command], check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the programs of an environment that has the wheel."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run(
        [programs / "python", "-m", "pip", "install", "-q", str(wheel)],
        check=True,
        env=environment(),
        timeout=300,
    )
    return programs


def test_the_wheel_carries_every_rule_and_file_of_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {f"crrlint/_rules/{path.name}" for path in (ROOT / "rules").glob("*.py")}
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "crrlint").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set() == (rules | package) - names
    assert not [name for name in names if name.startswith(("rules/", "tests/", "examples/"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.parametrize("example", ["works", "broken", "undecided"])
def test_the_wheel_says_what_the_checkout_says(
    example: str, installed: Path, tmp_path: Path
) -> None:
    path = EXAMPLES / example
    theirs = crrlint(path, "--format", "json", cwd=tmp_path, program=[installed / "crrlint"])
    assert crrlint(path, "--format", "json", cwd=tmp_path) == theirs


def test_the_wheel_explains_every_rule(installed: Path, tmp_path: Path) -> None:
    run = crrlint("explain", cwd=tmp_path, program=[installed / "crrlint"])
    assert crrlint("explain") == run


def test_the_wheel_runs_as_a_module(installed: Path, tmp_path: Path) -> None:
    program: list[str | Path] = [installed / "python", "-m", "crrlint"]
    assert 0 == crrlint("--version", cwd=tmp_path, program=program).code


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of installed packages that has the example plug-in and nothing else."""
    folder = tmp_path_factory.mktemp("plugin")
    source, packages = ROOT / "docs" / "example-plugin", folder / "site-packages"
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run([sys.executable, *build], check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    install = ["-m", "pip", "install", "-q", "--no-deps", "--target", str(packages), str(wheel)]
    subprocess.run([sys.executable, *install], check=True, env=environment(), timeout=120)
    return packages


def test_an_installed_plugin_is_there_like_our_own_rules(plugin: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([str(plugin), str(ROOT)])
    program: list[str | Path] = [sys.executable, "-m", "crrlint"]
    shutil.copytree(EXAMPLES / "works", tmp_path, dirs_exist_ok=True)
    listed = crrlint("explain", cwd=tmp_path, program=program, PYTHONPATH=path)
    assert "ACME001  error    replica-lacks-tag\n" in listed.out

    config = tmp_path / "crrlint.yaml"
    config.write_text(config.read_text() + "\nrules: {replica-lacks-tag: {tags: [cost-centre]}}\n")
    run = crrlint(".", "--color", "never", cwd=tmp_path, program=program, PYTHONPATH=path)
    assert "error[ACME001] destination bucket acme-orders-replica has no tag cost-centre" in run.out
    assert 1 == run.code


def test_the_tests_of_the_example_plugin_pass(plugin: Path, tmp_path: Path) -> None:
    tests = ROOT / "docs" / "example-plugin" / "tests"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tests)],
        cwd=tmp_path,
        env=environment(PYTHONPATH=os.pathsep.join([str(plugin), str(ROOT)])),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert 0 == run.returncode, run.stdout
    assert "1 passed" in run.stdout


def test_a_plugin_in_the_tree_that_is_checked_is_not_loaded(plugin: Path, tmp_path: Path) -> None:
    shutil.copytree(plugin, tmp_path, dirs_exist_ok=True)
    (tmp_path / "yaml.py").write_text("raise SystemExit('run')\n")
    shutil.copytree(EXAMPLES / "works", tmp_path, dirs_exist_ok=True)
    run = crrlint(".", cwd=tmp_path)
    assert (0, "") == (run.code, run.err)
    assert "ACME001" not in crrlint("explain", cwd=tmp_path).out
