"""`crrlint inputs`: what every file was taken for, what it gave, what it was bound to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.running import EXAMPLES, ROOT, crrlint

SCHEMA = json.loads((ROOT / "crrlint/schemas/inputs.json").read_text(encoding="utf-8"))
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
PARAMETERS = """\
Parameters:
  Name: {Type: String}
  Password: {Type: String, NoEcho: true}
  Other: {Type: String, Default: unset-other}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref Name}
"""


def _told(folder: Path, *options: str, code: int = 0) -> dict[str, dict[str, Any]]:
    run = crrlint("inputs", ".", "--format", "json", *options, cwd=folder)
    assert (code, "") == (run.code, run.err)
    told = json.loads(run.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    return {file["path"]: file for file in told["files"]}


def _bound(file: dict[str, Any]) -> set[tuple[str, str | None, str | None]]:
    return {(one["what"], one["value"], one["by"]) for one in file["bound"]}


def test_a_template_gives_its_things_and_says_where_it_is_deployed() -> None:
    source = _told(EXAMPLES / "works")["source.yaml"]
    assert ("CloudFormation template", "content") == (source["format"], source["recognised_by"])
    assert {
        "buckets": ["acme-orders"],
        "roles": ["orders"],
        "policies": ["replicate"],
        "keys": ["arn:aws:kms:us-east-1:111111111111:key/${OrdersKey}"],
    } == source["gives"]
    assert {
        ("account", "111111111111", "crrlint.yaml"),
        ("region", "us-east-1", "crrlint.yaml"),
    } == _bound(source)


def test_what_the_command_line_says_is_told_from_what_nobody_says(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "works" / "replica.yaml", tmp_path)
    file = _told(tmp_path, "--account", "222222222222")["replica.yaml"]
    assert {
        ("account", "222222222222", "the command line"),
        ("region", None, None),
    } == _bound(file)


def test_parameters_are_named_and_their_values_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(PARAMETERS)
    (tmp_path / "values.json").write_text('["Password=hunter2"]')
    (tmp_path / "crrlint.yaml").write_text(
        "crrlint: 1\ndeployments: [{template: t.yaml, parameters-file: values.json}]\n"
    )
    file = _told(tmp_path, "--param", "Name=acme-logs")["t.yaml"]
    assert {
        ("parameter Name", None, "the command line"),
        ("parameter Password", None, "crrlint.yaml"),
        ("account", None, None),
        ("region", None, None),
    } == _bound(file)
    for format in ("text", "json"):
        run = crrlint("inputs", ".", "-v", "--format", format, cwd=tmp_path)
        assert "hunter2" not in run.out


def test_a_file_beside_a_template_is_named_for_what_it_binds(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(PARAMETERS)
    (tmp_path / "t.parameters.json").write_text('["Name=acme-logs", "Password=hunter2"]')
    told = _told(tmp_path)
    assert {
        ("parameter Name", None, "t.parameters.json"),
        ("parameter Password", None, "t.parameters.json"),
    } <= _bound(told["t.yaml"])
    assert ["acme-logs"] == told["t.yaml"]["gives"]["buckets"]
    assert "hunter2" not in crrlint("inputs", ".", "-v", cwd=tmp_path).out


def test_a_state_tells_where_its_providers_work_and_none_of_its_secrets(tmp_path: Path) -> None:
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    arn = "arn:aws:iam::111111111111:role/crr"
    role = {"arn": arn, "name": "crr", "assume_role_policy": "{}", "description": "hunter2"}
    state = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "x",
        "outputs": {"password": {"value": "hunter2", "type": "string", "sensitive": True}},
        "resources": [
            {
                "mode": "managed",
                "type": "aws_iam_role",
                "name": "crr",
                "provider": provider,
                "instances": [{"attributes": role}],
            }
        ],
    }
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state))
    file = _told(tmp_path)["terraform.tfstate"]
    assert ["crr"] == file["gives"]["roles"]
    assert ("account", "111111111111", "its own content") in _bound(file)
    assert "hunter2" not in crrlint("inputs", ".", "-v", cwd=tmp_path).out


def test_an_ambiguous_file_is_told_with_what_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))
    (hint,) = _told(tmp_path)["policy.json"]["left_out"]
    for kind in ("role-inline-policy", "policy-version", "permissions-boundary", "scp"):
        assert kind in hint
    assert "bind: [{file: policy.json, kind: role-inline-policy" in hint


def test_a_binding_settles_what_an_ambiguous_file_is(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))
    (tmp_path / "crrlint.yaml").write_text(
        "crrlint: 1\nbind: [{file: policy.json, kind: role-inline-policy, role: crr, name: p}]\n"
    )
    file = _told(tmp_path)["policy.json"]
    assert ([], "crrlint.yaml") == (file["left_out"], file["recognised_by"])
    assert {"roles": ["crr"], "policies": ["p"]} == file["gives"]
    assert ("role", "crr", "crrlint.yaml") in _bound(file)


def test_a_source_gives_its_files_an_account_and_a_region(tmp_path: Path) -> None:
    for folder in ("one", "two/deep"):
        (tmp_path / folder).mkdir(parents=True)
        answer = {"Bucket": f"acme-{folder[:3]}", "VersioningConfiguration": {"Status": "Enabled"}}
        (tmp_path / folder / "put.json").write_text(json.dumps(answer))
    (tmp_path / "crrlint.yaml").write_text(
        "crrlint: 1\nsources:\n"
        "  - {path: ., account: '111111111111'}\n"
        "  - {path: two/, account: '222222222222', region: eu-west-1}\n"
    )
    told = _told(tmp_path)
    assert ("account", "111111111111", "crrlint.yaml") in _bound(told["one/put.json"])
    assert {
        ("account", "222222222222", "crrlint.yaml"),
        ("region", "eu-west-1", "crrlint.yaml"),
    } <= _bound(told["two/deep/put.json"])


def test_a_folder_tells_whose_answers_it_holds(tmp_path: Path) -> None:
    folder = tmp_path / "accounts" / "111122223333" / "s3" / "acme-logs"
    folder.mkdir(parents=True)
    (folder / "versioning.json").write_text('{"Status": "Enabled"}')
    (folder / "location.json").write_text("")
    told = _told(tmp_path)
    file = told["accounts/111122223333/s3/acme-logs/versioning.json"]
    assert {
        ("account", "111122223333", "the folder that it lies in"),
        ("bucket", "acme-logs", "the folder that it lies in"),
    } == _bound(file)


def test_every_file_that_was_looked_at_is_told(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("a: 1")
    inside = tmp_path / "inside"
    inside.mkdir()
    shutil.copy(EXAMPLES / "works" / "replica.yaml", inside)
    (inside / "package.json").write_text('{"name": "x"}')
    (inside / "broken.json").write_text('{\n"AWSTemplateFormatVersion": ')
    (inside / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    told = _told(inside, code=2)
    assert {"broken.json", "link.yaml", "package.json", "replica.yaml"} == set(told)
    assert [2] == [error["line"] for error in told["broken.json"]["errors"]]
    assert ["is a link that leads out of the given paths"] == told["link.yaml"]["remarks"]
    assert (None, False) == (told["package.json"]["format"], told["package.json"]["read"])


def test_a_path_that_is_not_there_is_an_error() -> None:
    run = crrlint("inputs", "nowhere", "examples/works", "--format", "json")
    told = json.loads(run.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    assert (2, ["nowhere"]) == (run.code, [error["path"] for error in told["errors"]])
    assert "error nowhere: cannot be read" in crrlint("inputs", "nowhere").out


def test_nothing_to_read_is_a_failure_unless_allowed(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    assert 2 == crrlint("inputs", ".", cwd=tmp_path).code
    assert 0 == crrlint("inputs", ".", "--allow-empty", cwd=tmp_path).code
    assert 2 == crrlint("inputs", cwd=tmp_path).code


def test_a_finding_is_no_failure_of_the_inputs() -> None:
    assert 0 == crrlint("inputs", EXAMPLES / "broken").code


@pytest.mark.parametrize("count", [9, 8])
def test_long_lists_of_names_are_cut_unless_more_is_asked_for(count: int, tmp_path: Path) -> None:
    kind = "AWS::S3::Bucket"
    buckets = {
        f"B{n}": {"Type": kind, "Properties": {"BucketName": f"acme-{n}"}} for n in range(count)
    }
    (tmp_path / "t.json").write_text(json.dumps({"Resources": buckets}))
    short, long = (crrlint("inputs", ".", *options, cwd=tmp_path).out for options in ((), ("-v",)))
    assert ("and 1 more" in short) == (count == 9)
    assert f"acme-{count - 1}" in long
    assert "more" not in long


@pytest.mark.parametrize("format", ["text", "json"])
def test_the_same_files_give_the_same_bytes(format: str) -> None:
    runs = {
        crrlint("inputs", "examples", "--format", format, PYTHONHASHSEED=seed)
        for seed in ("1", "2", "3")
    }
    assert 1 == len(runs)


CALLS = """\
module "site" {
  source   = "./site"
  for_each = toset(["eu", "us"])
}
"""
SITE = """\
module "bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 4.0"
}
"""


def test_a_module_whose_source_is_not_there_is_told_once_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "main.tf").write_text(CALLS)
    (tmp_path / "site" / "main.tf").write_text(f"\n{SITE}")
    out = crrlint("inputs", ".", cwd=tmp_path).out
    assert 1 == out.count("is not read")
    assert (
        "  2:1: module.site.module.bucket is not read, its source is not available "
        "(terraform-aws-modules/s3-bucket/aws): run terraform init, or give a saved plan\n"
    ) in out
    told = json.loads(crrlint(".", "--format", "json", cwd=tmp_path).out)
    assert [("module.site.module.bucket", "site/main.tf", 2)] == [
        (one["module"], one["location"]["path"], one["location"]["line"]) for one in told["unread"]
    ]


def test_what_a_saved_plan_holds_is_of_the_plan() -> None:
    file = _told(ROOT / "tests" / "setups" / "same_account" / "saved")["plan.tfplan"]
    assert "saved Terraform plan" == file["format"]
    assert file["gives"]["buckets"]


@pytest.mark.parametrize(
    ("name", "content", "bound"),
    [
        ("names.json", {"PolicyNames": ["copy"]}, "kind: role-inline-names, role: replicate"),
        ("tags.json", {"TagSet": []}, "kind: bucket-tagging, bucket: acme-logs"),
    ],
)
def test_what_is_asked_for_can_be_said(
    name: str, content: dict[str, Any], bound: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(json.dumps(content))
    [asked] = _told(tmp_path)[name]["left_out"]
    kind, owner = bound.split(", ")
    assert f"{kind}, {owner.split(':')[0]}: ..." in asked
    (tmp_path / "crrlint.yaml").write_text(
        f"crrlint: 1\nbind:\n  - {{file: {name}, account: '111111111111', {bound}}}\n"
    )
    assert [] == _told(tmp_path)[name]["left_out"]


CUSTOM = """\
Resources:
  Logs: {Type: AWS::S3::Bucket, Properties: {BucketName: acme-logs}}
  Copies:
    Type: Custom::S3PutBucketReplication
    Properties: {ServiceToken: "arn:aws:lambda:us-east-1:111111111111:function:replicate"}
  Cleaned: {Type: Custom::S3AutoDeleteObjects, Properties: {ServiceToken: x}}
"""


def test_what_a_function_may_replicate_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(CUSTOM)
    [told] = _told(tmp_path)["t.yaml"]["left_out"]
    assert told.startswith("Copies is a Custom::S3PutBucketReplication, and what its function does")
    assert "  3:3: Copies is a" in crrlint("inputs", ".", cwd=tmp_path).out


STACK_SET = """\
Resources:
  Everywhere:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters: [{ParameterKey: Status, ParameterValue: Enabled}]
      StackInstancesGroup:
        - DeploymentTargets: {Accounts: ["111111111111"]}
          Regions: [us-east-1]
        - DeploymentTargets: {Accounts: ["222222222222"]}
          Regions: [eu-west-1]
          ParameterOverrides: [{ParameterKey: Status, ParameterValue: Suspended}]
      TemplateBody: |
        Parameters: {Status: {Type: String}}
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties:
              BucketName: !Sub "acme-${AWS::AccountId}"
              VersioningConfiguration: {Status: !Ref Status}
"""


def test_the_instances_of_a_stack_set_are_bound_by_it(tmp_path: Path) -> None:
    (tmp_path / "set.yaml").write_text(STACK_SET)
    file = _told(tmp_path)["set.yaml"]
    assert ["acme-111111111111", "acme-222222222222"] == file["gives"]["buckets"]
    by = "Everywhere of set.yaml"
    assert {
        ("account", None, None),
        ("region", None, None),
        ("account", "111111111111", by),
        ("region", "us-east-1", by),
        ("account", "222222222222", by),
        ("region", "eu-west-1", by),
        ("parameter Status", None, by),
    } == _bound(file)
