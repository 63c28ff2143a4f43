"""Saved plans: zips with the source of every module and the results of data sources."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from crrlint.loaders import load
from crrlint.model import Model
from crrlint.model.bindings import Bindings, ProviderPlace, TerraformDeployment
from crrlint.run.inputs import read
from crrlint.values import Symbolic
from tests.loaders.terraform.reading import plain

MAIN = """\
variable "name" {
  default = "acme-logs"
}

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "me" {}

data "aws_ssm_parameter" "owner" {
  name = "/owner"
}

resource "aws_s3_bucket" "logs" {
  bucket = var.name
  tags   = { owner = data.aws_ssm_parameter.owner.value }
}

module "copy" {
  source = "acme/copy/aws"
  of     = aws_s3_bucket.logs.bucket
}
"""
COPY = """\
variable "of" {}

resource "aws_s3_bucket" "this" {
  bucket = "${var.of}-copy"
}
"""


def data(kind: str, name: str, attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    instance = {"attributes": attributes, **more}
    which = {"mode": "data", "type": kind, "name": name, "provider": provider}
    return {**which, "instances": [instance]}


SECRET = [[{"type": "get_attr", "value": "value"}]]
STATE = json.dumps(
    {
        "version": 4,
        "terraform_version": "1.11.4",
        "resources": [
            data("aws_caller_identity", "me", {"account_id": "111122223333"}),
            data("aws_ssm_parameter", "owner", {"value": "hunter2"}, sensitive_attributes=SECRET),
        ],
    }
)
MODULES = json.dumps(
    [
        {"Key": "", "Dir": "."},
        {"Key": "copy", "Source": "acme/copy/aws", "Dir": ".terraform/modules/copy"},
    ]
)
GOOD = {
    "tfplan": "not to be read",
    "tfstate": STATE,
    "tfconfig/modules.json": MODULES,
    "tfconfig/m-/main.tf": MAIN,
    "tfconfig/m-copy/main.tf": COPY,
}


def saved(folder: Path, files: dict[str, str | bytes], bindings: Bindings | None = None) -> Model:
    """Write a saved plan of these files, and load it."""
    path = folder / "plan.tfplan"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return _load(path, bindings or Bindings())


def _load(path: Path, bindings: Bindings) -> Model:
    inputs = read([str(path)], bindings)
    model = load(inputs.documents, bindings)
    return model._replace(problems=(*inputs.problems, *model.problems))


def without(*names: str) -> dict[str, str | bytes]:
    return {name: content for name, content in GOOD.items() if name not in names}


def test_the_source_of_every_module_is_read(tmp_path: Path) -> None:
    model = saved(tmp_path, dict(GOOD))

    assert () == model.problems
    assert {"${var.name}", "${var.name}-copy"} == {plain(f.name) for f in model.buckets}
    assert {"planned"} == {f.layer for f in model.buckets}
    places = {f.at.path.removeprefix(str(tmp_path)) for f in model.buckets}
    assert {"/plan.tfplan/main.tf", "/plan.tfplan/.terraform/modules/copy/main.tf"} == places


def test_what_data_sources_gave_is_known_and_not_shown(tmp_path: Path) -> None:
    model = saved(tmp_path, dict(GOOD))
    [logs] = [f for f in model.buckets if plain(f.name) == "${var.name}"]

    assert {"111122223333"} == {
        plain(f.fields.get("account") or f.otherwise["account"]) for f in model.buckets
    }
    assert {"owner": "? sensitive"} == plain(logs.fields["tags"])


def test_what_variables_were_given_is_not_their_default(tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.tfplan")
    model = saved(tmp_path, dict(GOOD))
    [logs] = [f for f in model.buckets if plain(f.name) == "${var.name}"]

    assert isinstance(logs.name, Symbolic)
    [symbol] = logs.name.symbols
    needs = "the plan as JSON beside it (terraform show -json), or --var name=..."
    assert ("unbound_parameter", needs) == (symbol.reason, symbol.needs)

    bindings = Bindings(
        variables={"name": "other"},
        terraform=(TerraformDeployment(plan, providers={"aws": ProviderPlace("999999999999")}),),
    )
    model = saved(tmp_path, dict(GOOD), bindings)

    assert {"other", "other-copy"} == {plain(f.name) for f in model.buckets}
    assert "999999999999" in {plain(f.fields["account"]) for f in model.buckets}


def test_files_of_variables_beside_it_are_none_of_a_saved_plan(tmp_path: Path) -> None:
    saved(tmp_path, dict(GOOD))
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "terraform.tfvars").write_text('name = "written-later"\n')

    assert "${var.name}" in {plain(f.name) for f in _load(tmp_path, Bindings()).buckets}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (without("tfconfig/modules.json"), "holds no list of its modules"),
        ({**GOOD, "tfconfig/modules.json": "{"}, "holds tfconfig/modules.json, which is not valid"),
        ({**GOOD, "tfconfig/modules.json": "{}"}, "holds tfconfig/modules.json, which is not a li"),
        ({**GOOD, "tfconfig/modules.json": "[1]"}, "of which an entry has no Key and Dir"),
        (without("tfconfig/m-/main.tf"), "holds no source of its root module"),
        ({**GOOD, "tfstate": "{"}, "holds tfstate, which is not valid JSON"),
        ({**GOOD, "tfstate": "[]"}, "holds tfstate, which is no state of Terraform"),
        ({**GOOD, "tfconfig/m-/main.tf": b"\xff\xfe\xfd"}, "UTF-16"),
    ],
)
def test_a_saved_plan_that_lacks_a_part_is_a_problem(
    tmp_path: Path, files: dict[str, str | bytes], message: str
) -> None:
    model = saved(tmp_path, files)

    assert any(message in problem.message for problem in model.problems), model.problems
    assert () == model.buckets


def test_a_bomb_is_a_problem(tmp_path: Path) -> None:
    model = saved(tmp_path, {**GOOD, "tfconfig/m-/bomb.tf": b" " * (30 * 1024 * 1024)})

    [problem] = model.problems
    assert "grows to more than 200 times its size when unpacked" == problem.message
    assert () == model.buckets


def test_a_zip_that_is_cut_off_is_a_problem(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in GOOD.items():
            archive.writestr(name, content)
    path = tmp_path / "plan.tfplan"
    path.write_bytes(buffer.getvalue()[:-100])

    [problem] = _load(path, Bindings()).problems
    assert problem.message.startswith("is not a valid zip")


def test_broken_source_in_a_saved_plan_is_told_with_its_line(tmp_path: Path) -> None:
    model = saved(tmp_path, {**GOOD, "tfconfig/m-/main.tf": MAIN + "resource {{\n"})

    assert any(p.path.endswith("plan.tfplan/main.tf") and p.line for p in model.problems)


def test_folders_that_lead_upwards_stay_below_the_plan(tmp_path: Path) -> None:
    modules = json.dumps([{"Key": "", "Dir": "."}, {"Key": "copy", "Dir": "../../etc"}])
    model = saved(tmp_path, {**GOOD, "tfconfig/modules.json": modules})

    assert "${var.name}-copy" in {plain(f.name) for f in model.buckets}
    assert all("plan.tfplan" in f.at.path and ".." not in f.at.path for f in model.buckets)


def test_a_source_that_is_not_that_of_the_plan_is_read_for_itself(tmp_path: Path) -> None:
    saved(tmp_path, dict(GOOD))
    (tmp_path / "main.tf").write_text(MAIN.replace("acme-logs", "acme-changed"))
    model = _load(tmp_path, Bindings())

    assert {"planned", "template"} == {f.layer for f in model.buckets}


def test_the_very_source_beside_is_the_one_that_is_shown(tmp_path: Path) -> None:
    saved(tmp_path, dict(GOOD))
    (tmp_path / "main.tf").write_text(MAIN)
    model = _load(tmp_path, Bindings())
    [logs] = [f for f in model.buckets if plain(f.name) == "${var.name}"]

    assert "planned" == logs.layer
    assert str(tmp_path / "main.tf") == logs.at.path
    assert "${var.name}-copy" in {plain(f.name) for f in model.buckets}
