"""Bad files of AWS Config, Pulumi and Kubernetes: each is named, and the good one is checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.running import EXAMPLES, ROOT, crrlint

FIXTURES = ROOT / "tests" / "fixtures" / "destination_not_versioned"
GOOD = (EXAMPLES / "undecided" / "source.yaml").read_bytes()
ROUTE = "acme-orders/everything"
SECRET = "hunter2-is-no-password"


def fixture(case: str, name: str) -> str:
    return (FIXTURES / case / name).read_text(encoding="utf-8")


class Bad(NamedTuple):
    name: str
    content: str
    message: str
    line: int | None = None


SNAPSHOT = fixture("good_config_snapshot", "AWSConfig/111122223333_Config_ConfigSnapshot.json")
EXPORT = fixture("good_pulumi", "stack.json")
MANIFESTS = fixture("good_upbound", "manifests.yaml")


def changed(text: str, **members: Any) -> str:
    return json.dumps({**json.loads(text), **members}, indent=1)


BAD = {
    "half a snapshot": Bad("bad.json", SNAPSHOT[: len(SNAPSHOT) // 2], "is not valid JSON"),
    "half an export": Bad("bad.json", EXPORT[: len(EXPORT) // 2], "is not valid JSON"),
    "half a manifest": Bad("bad.yaml", MANIFESTS + "  more: [", "is not valid YAML"),
    "items that are none": Bad(
        "bad.json", changed(SNAPSHOT, configurationItems=[1, "x"]), "is no object", 5
    ),
    "an item without an ARN": Bad(
        "bad.json",
        changed(SNAPSHOT, configurationItems=[{"resourceType": "AWS::IAM::Role"}]),
        "has no ARN",
        5,
    ),
    "resources that are none": Bad(
        "bad.json", changed(EXPORT, deployment={"resources": [1]}), "has no URN"
    ),
    "a step without a state": Bad(
        "bad.json",
        json.dumps({"steps": [{"op": "create", "urn": "urn:pulumi:a::b::c::d"}]}),
        "has no newState",
    ),
    "an item of a list that is none": Bad(
        "bad.yaml",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: s3.services.k8s.aws/v1alpha1\n"
        "  kind: Bucket\n  metadata: {name: a}\n- nothing\n",
        "is no object",
    ),
    "a bucket's setting of another type": Bad(
        "bad.yaml",
        "apiVersion: s3.services.k8s.aws/v1alpha1\nkind: Bucket\nmetadata: {name: a}\n"
        "spec:\n  name: a\n  versioning: Enabled\n",
        "versioning is no object",
        6,
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_file_is_named_and_the_good_one_is_checked(bad: Bad, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_bytes(GOOD)
    (tmp_path / bad.name).write_text(bad.content, encoding="utf-8")
    run = crrlint(".", "--format", "json", cwd=tmp_path)
    assert "Traceback" not in run.err
    report = json.loads(run.out)
    assert 2 == run.code
    assert ROUTE in [route["id"] for route in report["routes"]]
    assert {bad.name} == {error["path"] for error in report["errors"]}
    assert bad.message in report["errors"][0]["message"]
    if bad.line is not None:
        assert bad.line == report["errors"][0]["line"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: s3.services.k8s.aws/v1alpha1\nkind: Bucket\n{{- if .Values.x }}\nspec: {}\n",
        "apiVersion: s3.services.k8s.aws/v1alpha1\nkind: Bucket\nspec: {name: '{{ .Values.x }}'}\n",
        "apiVersion: apiextensions.crossplane.io/v1\nkind: Composition\nspec: {resources: []}\n",
    ],
    ids=["that is no YAML", "that is YAML", "a composition"],
)
def test_a_template_is_no_mistake(text: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_bytes(GOOD)
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    run = crrlint(".", "--format", "json", cwd=tmp_path)
    assert (0, []) == (run.code, json.loads(run.out)["errors"])
    alone = crrlint("template.yaml", cwd=tmp_path)
    assert "give what it" in alone.out + alone.err


@pytest.mark.parametrize("indent", [None, 2], ids=["in one line", "in many"])
def test_no_line_of_an_export_is_shown(indent: int | None, tmp_path: Path) -> None:
    export = json.loads(fixture("bad_pulumi", "stack.json"))
    for resource in export["deployment"]["resources"]:
        versioning = resource.get("outputs", {}).get("versioningConfiguration")
        if versioning is not None:
            versioning["mfaDelete"] = SECRET
    (tmp_path / "stack.json").write_text(json.dumps(export, indent=indent), encoding="utf-8")
    run = crrlint("stack.json", cwd=tmp_path)
    assert "versioning of destination bucket acme-logs-copy is Suspended" in run.out
    assert SECRET not in run.out + run.err
    assert '"status"' not in run.out
