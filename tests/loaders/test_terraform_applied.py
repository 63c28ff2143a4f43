"""Plans beside the source that they were made of: one set-up, in the words of the source."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from crrlint.loaders import load
from crrlint.model import Model
from crrlint.model.bindings import Bindings
from crrlint.run.inputs import read
from crrlint.values import identical
from tests.loaders.terraform.planning import PLANS, change, plan, references
from tests.loaders.terraform.reading import plain

UNNAMED = "${aws_s3_bucket.unnamed}"


def together(folder: Path) -> Model:
    inputs = read([str(folder)], Bindings())
    assert not inputs.problems
    return load(inputs.documents, Bindings())


def recipe(tmp_path: Path) -> Model:
    shutil.copytree(PLANS / "recipe", tmp_path, dirs_exist_ok=True)
    return together(tmp_path)


def of(model: Model, name: str, field: Any) -> list[Any]:
    facts = [f for f in model.buckets if plain(f.name) == name and field in f.fields]
    return [plain(fact.fields[field]) for fact in facts]


def test_the_source_has_what_a_plan_has_lost(tmp_path: Path) -> None:
    model = recipe(tmp_path)
    [configuration] = of(model, UNNAMED, "replication")
    [joined] = [p for p in model.policies if p.name == "joined"]

    assert {
        "written": "arn:aws:s3:::${aws_s3_bucket.prefixed}",
        "ap": 'arn:aws:s3:::${aws_s3_bucket.each["ap"]}',
        "eu": 'arn:aws:s3:::${aws_s3_bucket.each["eu"]}',
    } == {rule["ID"]: rule["Destination"]["Bucket"] for rule in configuration["Rules"]}
    assert (
        "arn:aws:s3:::acme-${aws_kms_key.k}" == plain(joined.document)["Statement"][0]["Resource"]
    )
    assert () == model.left_out


def test_everything_is_planned_and_stands_in_the_source(tmp_path: Path) -> None:
    model = recipe(tmp_path)

    assert {"planned"} == {fact.layer for fact in model.buckets}
    assert {"main.tf", "site/main.tf"} == {
        str(Path(fact.at.path).relative_to(tmp_path)) for fact in model.buckets
    }


def test_what_is_sensitive_is_nowhere(tmp_path: Path) -> None:
    model = recipe(tmp_path)

    assert ["? sensitive"] == of(model, UNNAMED, "policy")
    assert "hunter2" not in repr(model)


def test_values_of_variables_are_those_of_the_plan(tmp_path: Path) -> None:
    bucket = change("aws_s3_bucket.b", {"bucket": "planned"}, expressions={"bucket": {}})
    (tmp_path / "plan.json").write_text(plan(bucket, variables={"name": {"value": "planned"}}))
    (tmp_path / "main.tf").write_text(
        'variable "name" {\n  default = "written"\n}\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = "${var.name}"\n}\n'
    )
    [fact] = together(tmp_path).buckets

    assert "planned" == plain(fact.name)


def test_what_the_source_leaves_unknown_is_taken_from_the_plan(tmp_path: Path) -> None:
    versioning = change(
        "aws_s3_bucket_versioning.v",
        {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
        expressions={"bucket": {}, "versioning_configuration": [{"status": {}}]},
    )
    (tmp_path / "plan.json").write_text(plan(versioning))
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket_versioning" "v" {\n'
        "  bucket = provider::acme::name()\n"
        "  versioning_configuration {\n    status = provider::acme::status()\n  }\n}\n"
    )
    [fact] = together(tmp_path).buckets

    assert ("b", "Enabled") == (plain(fact.name), plain(fact.fields["versioning"]))


def test_a_source_that_makes_less_is_not_that_of_the_plan(tmp_path: Path) -> None:
    bucket = change("aws_s3_bucket.b[0]", {"bucket": "b"}, expressions={"bucket": {}})
    (tmp_path / "plan.json").write_text(plan(bucket))
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "b" {\n  count  = 0\n  bucket = "b"\n}\n'
    )
    model = together(tmp_path)

    assert [("b", "plan.json")] == [(f.name, Path(f.at.path).name) for f in model.buckets]
    assert any("is not what" in told.message for told in model.left_out)


def test_two_roots_have_each_its_plan(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        bucket = change(f"aws_s3_bucket.{name}", {"bucket": name}, expressions={"bucket": {}})
        (folder / "plan.json").write_text(plan(bucket))
        (folder / "main.tf").write_text(
            f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "{name}"\n}}\n'
        )
    model = together(tmp_path)

    assert [("one", "planned"), ("two", "planned")] == sorted(
        (str(f.name), f.layer) for f in model.buckets
    )
    assert {"main.tf"} == {Path(f.at.path).name for f in model.buckets}


def test_a_plan_that_says_otherwise_than_its_source_counts(tmp_path: Path) -> None:
    versioning = change(
        "aws_s3_bucket_versioning.v",
        {"bucket": "b", "versioning_configuration": [{"status": "Suspended"}]},
        expressions={"bucket": {}, "versioning_configuration": [{"status": {}}]},
    )
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["s3:*"]}]}'
    policy = change("aws_s3_bucket_policy.p", {"bucket": "b", "policy": text})
    (tmp_path / "plan.json").write_text(plan(versioning, policy))
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket_versioning" "v" {\n  bucket = "b"\n'
        '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = "b"\n  policy = jsonencode({\n'
        '    Version = "2012-10-17"\n'
        '    Statement = { Effect = "Deny", Action = "s3:*" }\n  })\n}\n'
    )
    model = together(tmp_path)
    [policy_node] = [f.fields["policy"] for f in model.buckets if "policy" in f.fields]

    assert ["Suspended"] == of(model, "b", "versioning")
    # However it is spelled, what the source says alike is shown there.
    assert "main.tf" == Path(policy_node.at.path).name


def test_of_modules_without_source_there_is_the_plan(tmp_path: Path) -> None:
    bucket = change("aws_s3_bucket.b", {"bucket": "b"}, expressions={"bucket": {}})
    versioning = change(
        "aws_s3_bucket_versioning.v",
        {"versioning_configuration": [{"status": "Enabled"}]},
        {"bucket": True},
        expressions={"bucket": references("module.copy.name", "module.copy")},
    )
    inner = change("aws_s3_bucket.c", {}, {"bucket": True}, expressions={})
    data = json.loads(plan(bucket, versioning, inner))
    one = data["resource_changes"][2]
    one |= {"address": "module.copy.aws_s3_bucket.c", "module_address": "module.copy"}
    blocks = data["configuration"]["root_module"]["resources"]
    name = {"expression": references("aws_s3_bucket.c.bucket", "aws_s3_bucket.c")}
    data["configuration"]["root_module"] = {
        "resources": blocks[:2],
        "module_calls": {
            "copy": {"source": "acme/copy/aws", "module": {"resources": blocks[2:]}},
        },
    }
    data["configuration"]["root_module"]["module_calls"]["copy"]["module"]["outputs"] = {
        "name": name
    }
    (tmp_path / "plan.json").write_text(json.dumps(data))
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
        'module "copy" {\n  source = "acme/copy/aws"\n}\n'
        'resource "aws_s3_bucket_versioning" "v" {\n  bucket = module.copy.name\n'
        '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
    )
    model = together(tmp_path)
    declared = {Path(f.at.path).name: f.name for f in model.buckets if f.declared}
    [named] = [f for f in model.buckets if "versioning" in f.fields]

    assert {"main.tf", "plan.json"} == set(declared)
    assert "b" == declared["main.tf"]
    assert identical(named.name, declared["plan.json"])
    assert "main.tf" == Path(named.fields["versioning"].at.path).name
