"""A secret stands in every place where a format keeps one, and no output ever holds it.

`tests/secrets/` are set-ups with faults, so that there is much to be told of them; the plans
and states in them were written by Terraform.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crrlint.report import FORMATS
from tests.running import ROOT, Run, crrlint

SECRETS = ROOT / "tests" / "secrets"
SECRET = "hush7c1e"

TERRAFORM = ("main.tf", "inner/main.tf", "terraform.tfvars")
INPUTS = {
    "source": TERRAFORM,
    "plan": ("plan.json",),
    "saved": ("plan.tfplan",),
    "state": ("terraform.tfstate",),
    "shown": ("state.json",),
    "plan and source": ("plan.json", *TERRAFORM),
    "saved and source": ("plan.tfplan", *TERRAFORM),
    "saved and plan": ("plan.tfplan", "plan.json"),
    "plan and state": ("plan.json", "terraform.tfstate"),
    "all": ("plan.json", "plan.tfplan", "terraform.tfstate", "state.json", *TERRAFORM),
}
OTHERS = ("awsconfig", "cloudformation", "old", "pulumi")
COMMANDS = (
    *(("check", "--verbose", "--format", name) for name in FORMATS),
    ("check", "--quiet"),
    ("check", "--strict=assumptions"),
    ("routes",),
    *(("why", "--format", name) for name in ("text", "json")),
    *(("inputs", "--verbose", "--format", name) for name in ("text", "json")),
)


@pytest.fixture(params=[*INPUTS, *OTHERS])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Lay out one input, in which the secret stands in some file."""
    name: str = request.param
    if name in OTHERS:
        shutil.copytree(SECRETS / name, tmp_path, dirs_exist_ok=True)
    for file in INPUTS.get(name, ()):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(SECRETS / "terraform" / file, tmp_path / file)
    return tmp_path


def test_no_output_holds_a_secret(folder: Path) -> None:
    runs = [crrlint(*command, ".", cwd=folder) for command in COMMANDS]

    assert [] == [run for run in runs if SECRET in run.out + run.err]
    # There is something to be told in each of them.
    assert all(run.out for run in runs if run.code != 2)


def _told(run: Run) -> bool:
    return "error[" in run.out


@pytest.mark.parametrize("name", ["source", "plan and source", "plan", "saved", "state"])
def test_a_fault_beside_a_secret_is_told_all_the_same(name: str, tmp_path: Path) -> None:
    for file in INPUTS[name]:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(SECRETS / "terraform" / file, tmp_path / file)

    assert _told(crrlint(".", cwd=tmp_path))


BROKEN = {
    "a number": 'resource "aws_s3_bucket" "b" {\n  bucket = "b${tonumber(var.secret)}"\n}\n',
    "a key": 'resource "aws_s3_bucket" "b" {\n  bucket = { a = "b" }[var.secret]\n}\n',
    "a file": 'resource "aws_s3_bucket" "b" {\n  bucket = file(var.secret)\n}\n',
    "json": 'resource "aws_s3_bucket" "b" {\n  bucket = jsondecode(var.secret).name\n}\n',
    "a pattern": 'resource "aws_s3_bucket" "b" {\n  bucket = regex("[0-9]{9}", var.secret)\n}\n',
    "base64": 'resource "aws_s3_bucket" "b" {\n  bucket = base64decode("${var.secret}!")\n}\n',
    "keys": (
        'resource "aws_s3_bucket" "b" {\n  for_each = toset([var.secret])\n'
        "  bucket   = each.key\n}\n"
    ),
    "a count": 'resource "aws_s3_bucket" "b" {\n  count  = var.secret\n  bucket = "b"\n}\n',
    "an index": 'resource "aws_s3_bucket" "b" {\n  bucket = ["a"][var.secret]\n}\n',
    "a time": 'resource "aws_s3_bucket" "b" {\n  bucket = timeadd(var.secret, "1h")\n}\n',
    "a role": (
        'provider "aws" {\n  assume_role {\n    role_arn = var.secret\n  }\n}\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    ),
    "a region": (
        'provider "aws" {\n  region = var.secret\n}\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    ),
}


@pytest.mark.parametrize("type", ["string", "number", "list(string)", "map(number)", "any"])
@pytest.mark.parametrize("name", BROKEN)
def test_no_mistake_about_a_secret_quotes_it(name: str, type: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        f'variable "secret" {{\n  type      = {type}\n  sensitive = true\n}}\n{BROKEN[name]}'
    )
    (tmp_path / "terraform.tfvars").write_text(f'secret = "{SECRET}"\n')
    for command in (("check", "-v"), ("check", "--format", "json"), ("inputs",)):
        run = crrlint(*command, ".", cwd=tmp_path)
        assert SECRET not in run.out + run.err
