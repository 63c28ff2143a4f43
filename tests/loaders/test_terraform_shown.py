"""States as `terraform show -json` prints them, and what else Terraform writes as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crrlint.documents.parse import parse
from crrlint.loaders.terraform.shown import load
from crrlint.model import Model
from crrlint.model.bindings import Bindings, Deployment
from crrlint.run.inputs import read
from tests.loaders.terraform.reading import plain

SETUPS = Path(__file__).parents[1] / "setups"


def shown(*resources: dict[str, Any], bindings: Bindings | None = None, **more: Any) -> Model:
    values = {"root_module": {"resources": list(resources)}}
    text = json.dumps({"format_version": "1.0", "terraform_version": "1.11.4", "values": values})
    documents, _ = parse("state.json", text)
    documents[0].data.update(more)
    return load(documents, bindings or Bindings())


def resource(address: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    kind, _, name = address.partition(".")
    which = {"address": address, "mode": "managed", "type": kind, "name": name}
    return {**which, "values": values, **more}


def test_a_bucket_is_where_its_own_attributes_say() -> None:
    one = resource("aws_s3_bucket.b", {"bucket": "b", "region": "eu-west-1"})
    [fact] = shown(one).buckets
    bound = Deployment("state.json", account="111111111111")
    [told] = shown(one, bindings=Bindings(deployments=(bound,))).buckets

    assert "eu-west-1" == plain(fact.fields["region"])
    assert "the account of aws_s3_bucket.b" == plain(fact.otherwise["account"])
    assert "111111111111" == plain(told.fields["account"])


def test_a_role_policy_finds_its_role_by_what_it_depends_on() -> None:
    arn = "arn:aws:iam::111111111111:role/r"
    policy = '{"Version":"2012-10-17","Statement":[]}'
    [role] = shown(
        resource("aws_iam_role.r", {"name": "r", "arn": arn, "assume_role_policy": policy}),
        resource(
            "aws_iam_role_policy.p",
            {"name": "p", "role": "r", "policy": policy},
            depends_on=["aws_iam_role.r"],
        ),
    ).roles

    assert ["p"] == [one.name for one in role.policies]


def test_what_is_sensitive_is_not_shown() -> None:
    [fact] = shown(
        resource(
            "aws_s3_bucket_policy.p",
            {"bucket": "b", "policy": '{"Statement": ["hunter2"]}'},
            sensitive_values={"policy": True},
        )
    ).buckets

    assert "? sensitive" == plain(fact.fields["policy"])
    assert "hunter2" not in repr(fact.fields)


def test_modules_and_tainted_resources_are_read() -> None:
    inner = resource("module.m.aws_s3_bucket.b", {"bucket": "b"}, tainted=True)
    inner.update(type="aws_s3_bucket", name="b")
    values = {"root_module": {"child_modules": [{"resources": [inner]}]}}
    model = shown(values=values)

    assert ["b"] == [fact.name for fact in model.buckets]
    assert any(text.startswith("module.m.aws_s3_bucket.b is tainted") for text in model.assumptions)


def test_addresses_that_stand_twice_are_told() -> None:
    one = resource("aws_s3_bucket.b", {"bucket": "b"})
    model = shown(one, one)

    assert ["b"] == [fact.name for fact in model.buckets]
    assert ["aws_s3_bucket.b stands twice"] == [p.message[:28] for p in model.problems]


_OTHER = {
    "log": ('{"@level":"info","@module":"terraform.ui"}\n' * 3, "log of Terraform"),
    "outputs": (
        '{"role":{"sensitive":false,"type":"string","value":"arn:aws:iam::1:role/r"}}',
        "output of terraform output",
    ),
    "validate": (
        '{"format_version":"1.0","valid":true,"error_count":0,"diagnostics":[]}',
        "output of terraform validate",
    ),
    "schemas": (
        '{"format_version":"1.0","provider_schemas":{}}',
        "schema of Terraform providers",
    ),
    "empty": ('{"format_version":"1.0"}', "empty Terraform state"),
    "old": (
        '{"version":3,"serial":1,"terraform_version":"0.11.14","modules":[{"path":["root"]}]}',
        "Terraform state of an old version",
    ),
    "backend": (
        '{"version":3,"terraform_version":"1.9.0","backend":{"type":"s3","config":{}}}',
        "pointer of Terraform to a state elsewhere",
    ),
    "encrypted": (
        '{"serial":1,"lineage":"l","meta":{},"encrypted_data":"x","encryption_version":"v0"}',
        "encrypted OpenTofu state or plan",
    ),
}


@pytest.mark.parametrize(("text", "format_"), _OTHER.values(), ids=_OTHER)
def test_what_says_nothing_is_recognised_and_no_problem(
    text: str, format_: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    inputs = read([str(path)], Bindings())
    [file] = inputs.files

    assert () == inputs.problems
    assert () == inputs.documents
    assert file.recognised is not None
    assert format_ == file.recognised.format
    assert file.recognised.hint


@pytest.mark.parametrize("format_", ["plan/plan.json", "shown/state.json"])
def test_half_of_what_terraform_printed_is_a_problem_with_its_line(
    format_: str, tmp_path: Path
) -> None:
    text = (SETUPS / "same_account" / format_).read_text()
    path = tmp_path / "half.json"
    path.write_text(text[: len(text) // 2])
    [problem] = read([str(path)], Bindings()).problems

    assert problem.message.startswith("is not valid JSON")
    assert 1 == problem.line


@pytest.mark.parametrize("name", ["planned_values", "values"])
def test_hostile_nesting_is_a_problem(name: str, tmp_path: Path) -> None:
    deep = '{"child_modules":[' * 50_000 + "]}" * 50_000
    path = tmp_path / "deep.json"
    path.write_text(f'{{"format_version":"1.0","{name}":{{"root_module":{deep}}}}}')
    [problem] = read([str(path)], Bindings()).problems

    assert "is nested too deeply to be read" == problem.message
