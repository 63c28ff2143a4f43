"""What reports say of a CDK app, and of files that say something of others only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import crrlint

APP = Path(__file__).parent / "fixtures" / "destination_not_versioned" / "bad_cdk_across_regions"


def test_a_finding_names_the_construct() -> None:
    out = crrlint("cdk.out", cwd=APP).out
    assert (
        "error[CRR102] versioning of destination bucket ${MediaReplica/Copy} is never turned on"
        in out
    )
    assert "  = construct: MediaReplica/Copy/Resource\n" in out


def test_places_in_json_name_the_construct() -> None:
    report = json.loads(crrlint("cdk.out", "--format", "json", cwd=APP).out)
    (finding,) = (f for f in report["findings"] if f["rule"] == "CRR102")
    (route,) = report["routes"]
    assert "MediaReplica/Copy/Resource" == finding["location"]["construct"]
    assert "MediaSource/Films/Resource" == route["location"]["construct"]
    assert ("111111111111", "us-east-1", "eu-west-1") == (
        route["source_account"],
        route["source_region"],
        route["destination_region"],
    )


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("manifest.json", (APP / "cdk.out" / "manifest.json").read_text(), "CDK assembly"),
        ("t.params.json", '{"Parameters": {"Env": "prod"}}', "CloudFormation parameters"),
        ("samconfig.toml", '[default.deploy.parameters]\nregion = "eu-west-1"\n', "SAM configur"),
    ],
)
def test_what_says_something_of_others_is_nothing_to_check(
    name: str, text: str, what: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    run = crrlint(".", cwd=tmp_path)
    assert 2 == run.code
    assert "nothing to check" in run.err
    assert f"{name} is {what}" in run.err
    assert "it says how templates are deployed: give them too" in run.err


def test_a_mistake_in_samconfig_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text("version = 0.1\n[default.deploy.parameters\n")
    (tmp_path / "template.yaml").write_text("Resources: {A: {Type: AWS::S3::Bucket}}\n")
    run = crrlint("samconfig.toml", "template.yaml", cwd=tmp_path)
    assert 2 == run.code
    assert "samconfig.toml is not valid TOML" in run.out
    assert "--> samconfig.toml:2:" in run.out
