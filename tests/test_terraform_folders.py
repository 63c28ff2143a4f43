"""Terraform source in folders, as `crrlint FOLDER` finds and reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from crrlint import cli, loaders
from crrlint.model.bindings import Bindings
from crrlint.run import inputs
from crrlint.run.files import Files
from tests.running import crrlint

MODULE = """
variable "name" {}
resource "aws_s3_bucket" "this" {
  bucket = var.name
}
output "arn" {
  value = aws_s3_bucket.this.arn
}
"""

REPLICATED = """
provider "aws" {
  region              = var.region
  allowed_account_ids = ["111122223333"]
}

variable "region" {}

resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = file("${path.module}/trust.json")
}

resource "aws_s3_bucket" "a" {
  bucket = "a"
  # crrlint: ignore[CRR953] for the test
}

resource "aws_s3_bucket" "b" {
  bucket = "b"
  region = "eu-west-1"
}

resource "aws_s3_bucket_replication_configuration" "a" {
  bucket = aws_s3_bucket.a.id
  role   = aws_iam_role.r.arn
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.b.arn
    }
  }
}
"""

TRUST = {
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(folder: Path) -> list[str]:
    read = inputs.read([str(folder)], Bindings())
    return [os.path.relpath(document.path, folder) for document, _ in read.documents]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.run(arguments)
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_source_is_found_by_its_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": "",
            "a.tf.json": "{}",
            "b.tofu": "",
            "c.tofu.json": "{}",
            "terraform.tfvars": "",
            "d.auto.tfvars.json": "{}",
            "prod.tfvars.example": "x",
            ".hidden/main.tf": "",
            "unit.tftest.hcl": "",
        },
    )
    assert found(tmp_path) == [
        "a.tf.json",
        "b.tofu",
        "c.tofu.json",
        "d.auto.tfvars.json",
        "main.tf",
        "terraform.tfvars",
    ]


def test_installed_modules_are_read_and_nothing_else_of_terraforms_folder(tmp_path: Path) -> None:
    modules = {
        "Modules": [
            {"Key": "", "Source": "", "Dir": "."},
            {"Key": "b", "Source": "acme/bucket/aws", "Dir": ".terraform/modules/b"},
            {"Key": "out", "Source": "x", "Dir": "../outside"},
            {"Key": "far", "Source": "x", "Dir": "/etc"},
        ]
    }
    write(
        tmp_path,
        {
            "outside/main.tf": MODULE,
            "root/main.tf": 'module "b" {\n  source = "acme/bucket/aws"\n  name   = "x"\n}\n',
            "root/.terraform/modules/modules.json": json.dumps(modules),
            "root/.terraform/modules/b/main.tf": MODULE,
            "root/.terraform/modules/b/README.json": "{}",
            "root/.terraform/modules/b/examples/main.tf": MODULE,
            "root/.terraform/modules/unlisted/main.tf": MODULE,
            "root/.terraform/terraform.tfstate": "{}",
        },
    )
    assert found(tmp_path / "root") == [
        ".terraform/modules/modules.json",
        ".terraform/modules/b/main.tf",
        "main.tf",
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Modules": 3}', '{"Modules": [{"Dir": 3}]}'])
def test_a_list_of_modules_that_is_none_is_left_alone(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"main.tf": "", ".terraform/modules/modules.json": text})
    assert "main.tf" in found(tmp_path)


def test_files_outside_the_given_paths_are_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"root/main.tf": REPLICATED, "secret.json": json.dumps(TRUST)})
    (tmp_path / "root" / "trust.json").symlink_to(tmp_path / "secret.json")
    given = ("--var", "region=us-east-1", "--format", "json")
    _, out = run(capsys, str(tmp_path / "root"), *given)
    left = [one for one in json.loads(out)["undecided"] if one["rule"] == "CRR302"]
    assert ["not under the given paths" in one["needs"] for one in left] == [True]


def test_the_command_line_gives_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"main.tf": REPLICATED, "trust.json": json.dumps(TRUST)})
    write(tmp_path, {"prod.tfvars": 'region = "eu-west-1"'})
    _, out = run(capsys, str(tmp_path), "--select", "CRR104", "--var", "region=us-east-1")
    assert "CRR104" not in out
    given = ("--var-file", str(tmp_path / "prod.tfvars"))
    code, out = run(capsys, str(tmp_path), "--select", "CRR104", *given)
    assert "error[CRR104]" in out
    assert code == 1
    _, out = run(capsys, str(tmp_path), "--select", "CRR104", *given, "--var", "region=us-east-1")
    assert "error[CRR104]" not in out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--var", "region"), "--var takes NAME=VALUE"),
        (("--var-file", "no-such.tfvars"), "--var-file no-such.tfvars: no such file"),
        (("--var", "nobody=1"), "--var nobody: is a variable of no root module"),
    ],
)
def test_what_is_given_wrongly_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], words: str
) -> None:
    write(tmp_path, {"main.tf": REPLICATED, "trust.json": json.dumps(TRUST)})
    code, out = run(capsys, str(tmp_path), *given)
    assert code == 2
    assert words in out.replace(" is a variable", ": is a variable").replace("::", ":")


def test_crrlint_yaml_tells_how_a_folder_is_applied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        {
            "infra/main.tf": REPLICATED,
            "infra/trust.json": json.dumps(TRUST),
            "values/prod.tfvars": 'region = "us-east-1"',
            "crrlint.yaml": (
                "crrlint: 1\n"
                "deployments:\n"
                "  - {terraform: infra/, variables-file: values/prod.tfvars}\n"
                "  - {terraform: infra, variables: {region: eu-west-1}}\n"
            ),
        },
    )
    monkeypatch.chdir(tmp_path)
    _, out = run(capsys, "routes", "infra")
    assert "us-east-1" in out
    assert "eu-west-1" in out


def test_comments_of_source_accept_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted = REPLICATED.replace(
        "      bucket = aws_s3_bucket.b.arn",
        "      bucket = aws_s3_bucket.b.arn // crrlint: ignore[CRR104] for the test",
    )
    write(tmp_path, {"main.tf": accepted, "trust.json": json.dumps(TRUST)})
    _, out = run(capsys, str(tmp_path), "--select", "CRR104", "--var", "region=eu-west-1")
    assert "error[CRR104]" not in out


def test_secrets_of_variables_are_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path,
        {
            "main.tf": """
            variable "status" {}
            variable "hidden" { sensitive = true }
            provider "aws" { region = "us-east-1" }
            resource "aws_s3_bucket" "a" { bucket = "a-${var.hidden}" }
            resource "aws_s3_bucket_versioning" "a" {
              bucket = aws_s3_bucket.a.id
              versioning_configuration { status = var.status }
            }
            resource "aws_s3_bucket_replication_configuration" "a" {
              bucket = aws_s3_bucket.a.id
              role   = "arn:aws:iam::111122223333:role/r"
              rule {
                status = "Enabled"
                destination { bucket = "arn:aws:s3:::b" }
              }
            }
            """,
            "terraform.tfvars": 'status = "Suspended" # pass-word-1\nhidden = "pass-word-2"\n',
        },
    )
    _, out = run(capsys, str(tmp_path), "-v")
    assert "pass-word" not in out
    assert "pass-word" not in run(capsys, str(tmp_path), "--format", "json")[1]


def test_a_syntax_error_is_told_once_and_what_it_swallowed_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "a" { bucket = local.name }\n'
        'resource "aws_s3_bucket" "b" { bucket = var.name }\n'
        "output role { value = aws_iam_role.r.arn }\n"
    )
    (tmp_path / "locals.tf").write_text('locals {\n  "name" = "a"\n}\n')
    run = crrlint(str(tmp_path))

    assert 2 == run.code
    assert 1 == run.out.count("error[")
    assert "locals.tf is not valid HCL" in run.out


@pytest.mark.parametrize(
    ("folder", "pattern", "found"),
    [
        ("inner", "../shared/*.tf", ["../shared/1.tf"]),
        ("inner", "./../shared/*", ["../shared/1.tf", "../shared/2.md"]),
        ("inner", "../inner/*", ["f.txt"]),
        ("inner", "../*/f*", ["f.txt"]),
        ("${path.module}", "inner/../shared/*.md", ["shared/2.md"]),
        ("nowhere", "*", []),
        ("main.tf", "*", []),
        ("inner", "../../b/*", ["../../b/f.txt"]),
        (".", "../b/*", ["../b/f.txt"]),
        ("inner", "../../../*", None),
    ],
)
def test_a_pattern_of_files_may_lead_out_of_its_folder(
    folder: str, pattern: str, found: list[str] | None, tmp_path: Path
) -> None:
    for name in ("a/inner/f.txt", "a/shared/1.tf", "a/shared/2.md", "b/f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    listed = f'join(" ", concat([":"], tolist(fileset("{folder}", "{pattern}"))))'
    (tmp_path / "a" / "main.tf").write_text(f'resource "aws_s3_bucket" "x" {{ bucket = {listed} }}')
    bindings = Bindings(files=Files([str(tmp_path)]))
    read = inputs.read([str(tmp_path / "a")], bindings)
    bucket = loaders.load(read.documents, bindings).buckets[0]
    if found is None:
        assert not isinstance(bucket.name, str)
    else:
        assert bucket.name == " ".join([":", *found])


CALLED = """
module "m" {{
  source = "{source}"
  {argument}
}}
"""


@pytest.mark.parametrize(
    ("source", "argument", "told"),
    [
        ("terraform-aws-modules/s3-bucket/aws", 'bucket = "acme-orders"', True),
        ("git::https://example.com/storage.git", "replication_configuration = {}", True),
        ("../s3_bucket", "", True),
        ("terraform-aws-modules/vpc/aws", 'cidr = "10.0.0.0/16"', False),
        ("./inner", "replicate = true", False),
    ],
)
def test_a_module_that_may_replicate_and_is_not_there_is_told(
    source: str, argument: str, told: bool, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (root / "inner" / "main.tf").write_text('variable "replicate" {}\n')
    (root / "main.tf").write_text(CALLED.format(source=source, argument=argument))
    run = crrlint("root", cwd=tmp_path)
    strict = crrlint("root", "--strict", cwd=tmp_path)

    assert told == ("not read  module.m: its source is not available" in run.out)
    assert told == ("1 module not read" in run.out)
    assert 0 == run.code
    assert int(told) == strict.code
