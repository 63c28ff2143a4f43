"""What a short run may import: counted in modules, for milliseconds depend on the machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

HEAVY = {
    "networkx", "jsonschema", "dataclasses", "inspect", "importlib.metadata", "email", "logging",
    "asyncio", "concurrent", "difflib", "decimal", "tomllib", "unittest", "subprocess",
    "socket", "ssl", "http", "xml", "urllib", "traceback", "textwrap", "tempfile", "hashlib",
}  # fmt: skip

_RUN = """
import json, sys
before = set(sys.modules)
sys.argv = ["crrlint", *sys.argv[1:]]
from crrlint.__main__ import main
code = main()
print(json.dumps([code, sorted(set(sys.modules) - before)]), file=sys.stderr)
"""

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {"Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme-logs"}}},
}


def _imported(*arguments: str, code: int = 0, home: Path = ROOT) -> set[str]:
    """Run crrlint in a process of its own; return the modules that it imported."""
    run = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    got, modules = json.loads(run.stderr.splitlines()[-1])
    assert code == got, run.stdout + run.stderr
    return set(modules)


def _heavy(modules: set[str]) -> set[str]:
    return {name for name in modules if any(_within(name, heavy) for heavy in HEAVY)}


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def test_the_version_is_told_before_anything_is_imported() -> None:
    assert {"crrlint", "crrlint.__main__"} == _imported("--version")


@pytest.mark.parametrize("example", ["undecided", "works"])
def test_templates_need_nothing_heavy_with_and_without_configuration(example: str) -> None:
    assert set() == _heavy(_imported(f"examples/{example}"))


def test_json_needs_no_yaml(tmp_path: Path) -> None:
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    modules = _imported(str(tmp_path))
    assert set() == _heavy(modules)
    assert "yaml" not in modules


@pytest.mark.parametrize(
    "loader", ["aws", "cloudformation", "hcl", "terraform.source", "terraform.state"]
)
def test_a_loader_is_imported_for_its_format_only(loader: str, tmp_path: Path) -> None:
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    modules = _imported(str(tmp_path))
    assert (loader == "cloudformation") == (f"crrlint.loaders.{loader}" in modules)


@pytest.mark.parametrize("call", ["lower(var.name)", 'regex("[a-z]+", var.name)'])
def test_regular_expressions_are_imported_for_calls_that_have_one(
    call: str, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(
        f'variable "name" {{\n  default = "acme"\n}}\n'
        f'resource "aws_s3_bucket" "logs" {{\n  bucket = {call}\n}}\n'
    )
    modules = _imported(str(tmp_path))
    assert call.startswith("regex") == ("crrlint.loaders.hcl.regexes" in modules)


def test_what_joins_files_beside_templates_is_imported_for_them_only(tmp_path: Path) -> None:
    joining = "crrlint.loaders.cloudformation.setup"
    assert joining not in _imported("examples/works")
    (tmp_path / "t.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "t.params.json").write_text('{"Parameters": {"Env": "prod"}}')
    assert joining in _imported(str(tmp_path))


def test_rules_import_nothing_that_a_run_with_one_rule_does_not(tmp_path: Path) -> None:
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    everything = _imported(str(tmp_path))
    shutil.copytree(ROOT / "crrlint", tmp_path / "one" / "crrlint")
    (tmp_path / "one" / "rules").mkdir()
    shutil.copy(ROOT / "rules" / "unreadable_input.py", tmp_path / "one" / "rules")
    one = _imported(str(tmp_path / "template.json"), home=tmp_path / "one")

    assert set() == everything - one
