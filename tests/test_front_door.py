"""What the program makes of bytes: encodings, archives, noise, what only resembles ours."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crrlint.documents import archives
from crrlint.documents.archives import Archive, gunzip
from crrlint.documents.noise import silence
from crrlint.documents.parse import Unreadable
from tests.running import EXAMPLES, Run, crrlint

GOOD = (EXAMPLES / "undecided" / "source.yaml").read_bytes()
ROUTE = "acme-orders/everything"
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Source": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "acme-orders",
                "ReplicationConfiguration": {
                    "Role": "arn:aws:iam::111111111111:role/crr",
                    "Rules": [
                        {
                            "Id": "everything",
                            "Status": "Enabled",
                            "Destination": {"Bucket": "arn:aws:s3:::acme-replica/x"},
                        }
                    ],
                },
            },
        }
    }
}
JSON = json.dumps(TEMPLATE, indent=1)


def _report(run: Run) -> dict[str, Any]:
    assert "" == run.err
    report: dict[str, Any] = json.loads(run.out)
    return report


def _routes(path: str, folder: Path) -> list[str]:
    report = _report(crrlint(path, "--format", "json", "--fail-on", "never", cwd=folder))
    assert [] == report["errors"]
    return [route["id"] for route in report["routes"]]


NOISE = {
    "the command": "[command]/usr/bin/terraform show -json plan\n" + JSON,
    "lines of a log": "Refreshing state...\n\x1b[32mDone.\x1b[0m\n\n" + JSON + "\n",
    "workflow commands behind": JSON
    + "\n::debug::Terraform exited with code 0.\n::set-output::x\n",
    "both": "##[command]terraform show\r\n" + JSON + "\n##[section]Finishing: show\n",
    "what looks like JSON": "{not json}\n[neither\n" + JSON,
}


@pytest.mark.parametrize("text", NOISE.values(), ids=NOISE)
@pytest.mark.parametrize("name", ["plan.json", "plan.template", "-"])
def test_lines_that_a_wrapper_wrote_around_the_json_are_left_out(
    name: str, text: str, tmp_path: Path
) -> None:
    if name == "-":
        run = crrlint("-", "--format", "json", "--fail-on", "never", stdin=text.encode())
        assert [ROUTE] == [route["id"] for route in _report(run)["routes"]]
    else:
        (tmp_path / name).write_bytes(text.encode())
        assert [ROUTE] == _routes(".", tmp_path)


def test_places_are_those_of_the_file_with_its_noise(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text("Refreshing...\nand more\n" + JSON)
    run = crrlint("t.json", "--select", "CRR110", "--format", "json", cwd=tmp_path)
    (line,) = {finding["location"]["line"] for finding in _report(run)["findings"]}
    assert "acme-replica/x" in ("\n\n" + JSON).splitlines()[line - 1]


def test_noise_that_is_left_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(NOISE["both"])
    run = crrlint("inputs", "t.json", cwd=tmp_path)
    assert "1 line before and 1 line behind its JSON left out" in run.out


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n" + JSON,
        "---\n" + JSON,
        "a: 1\n---\n" + JSON,
        "a: 1\n...\n" + JSON,
        "hello\n{broken\n",
        "hello\n[1] and more\n",
        "",
        "\n\n",
    ],
)
def test_what_yaml_has_before_a_document_is_no_noise(text: str) -> None:
    assert silence(text) is None


@given(
    st.lists(st.text(st.characters(exclude_characters="{[\n\r-.", exclude_categories=["Cs"]))),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_json_behind_any_lines_is_found_in_its_place(lines: list[str], data: Any) -> None:
    written = json.dumps({"data": data}, indent=1)
    text = "\n".join(["x", *lines, written])
    found = silence(text)
    assert found is not None
    assert {"data": data} == json.loads(found.text)
    assert len(text) == len(found.text)
    assert text.count("\n") == found.text.count("\n")


@pytest.mark.parametrize("as_text", [False, True])
def test_the_answer_to_get_template_is_the_template(as_text: bool, tmp_path: Path) -> None:
    body: Any = GOOD.decode() if as_text else TEMPLATE
    answer = {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}
    (tmp_path / "answer.json").write_text(json.dumps(answer, indent=1))
    assert [ROUTE] == _routes("answer.json", tmp_path)


def test_a_place_in_a_template_that_is_wrapped_is_one_in_the_file(tmp_path: Path) -> None:
    text = json.dumps({"TemplateBody": TEMPLATE}, indent=1)
    (tmp_path / "answer.json").write_text(text)
    run = crrlint("answer.json", "--select", "CRR110", "--format", "json", cwd=tmp_path)
    (at,) = [finding["location"] for finding in _report(run)["findings"]]
    assert "acme-replica/x" in text.splitlines()[at["line"] - 1]
    assert at["pointer"].startswith("/TemplateBody/Resources/Source")


@pytest.mark.parametrize("name", ["t.yaml.gz", "t.json.gz"])
def test_a_gzip_in_a_folder_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(gzip.compress(GOOD))
    assert [ROUTE] == _routes(".", tmp_path)


@pytest.mark.parametrize(
    "content",
    [GOOD, gzip.compress(GOOD), JSON.encode("utf-16"), json.dumps(TEMPLATE).encode()],
    ids=["yaml", "gzip", "utf-16", "json"],
)
def test_standard_input_may_be_in_any_format(content: bytes) -> None:
    run = crrlint("-", "--format", "json", "--fail-on", "never", stdin=content)
    assert [ROUTE] == [route["id"] for route in _report(run)["routes"]]


def _zip(**files: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("files", "format"),
    [
        ({"tfplan": b"x", "tfstate": b"{}"}, "saved Terraform plan"),
        ({"manifest__json": b"{}", "cdk__out": b"{}"}, "zipped CDK assembly"),
        ({"index__js": b""}, "zip archive"),
    ],
)
def test_a_zip_is_told_by_what_it_holds(
    files: dict[str, bytes], format: str, tmp_path: Path
) -> None:
    (tmp_path / "some.zip").write_bytes(_zip(**files))
    run = crrlint("inputs", "some.zip", "--format", "json", cwd=tmp_path)
    file, *_ = json.loads(run.out)["files"]
    assert format == file["format"]


def test_an_archive_gives_its_files_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive(_zip(a=b"x" * 1000, b=b"y"))
    assert ("a", "b") == archive.names
    assert b"y" == archive.read("b")
    with pytest.raises(KeyError):
        archive.read("c")
    monkeypatch.setattr(archives, "FREE", 100)
    monkeypatch.setattr(archives, "MAX_RATIO", 2)
    with pytest.raises(Unreadable, match="grows to more than 2 times"):
        archive.read("a")
    monkeypatch.setattr(archives, "MAX_ENTRIES", 1)
    with pytest.raises(Unreadable, match="more than 1 files"):
        Archive(_zip(a=b"", b=b""))


def test_files_of_an_archive_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1500)
    archive = Archive(_zip(a=b"x" * 1000, b=b"y" * 1000))
    archive.read("a")
    with pytest.raises(Unreadable, match="larger than"):
        archive.read("b")


def test_a_damaged_file_in_an_archive_is_named() -> None:
    raw = bytearray(_zip(a=b"x" * 100))
    raw[35] ^= 255
    with pytest.raises(Unreadable, match="holds a, which"):
        Archive(bytes(raw)).read("a")


@given(st.binary(max_size=2000))
def test_what_was_packed_is_unpacked(content: bytes) -> None:
    assert content == gunzip(gzip.compress(content))


@given(st.binary(max_size=300))
def test_no_bytes_crash_what_unpacks(content: bytes) -> None:
    for unpack, start in ((gunzip, b"\x1f\x8b\x08"), (Archive, b"PK\x03\x04")):
        with pytest.raises(Unreadable):
            unpack(start + content)


STATE: dict[str, Any] = {"version": 3, "serial": 1, "lineage": "x"}
FRIENDS: dict[str, tuple[Any, str, str]] = {
    "old.tfstate": (STATE | {"modules": []}, "Terraform state of an old version", "state pull"),
    "terraform.tfstate": (
        STATE | {"backend": {"type": "s3"}},
        "pointer of Terraform to a state elsewhere",
        "state pull",
    ),
    "encrypted.tfstate": (
        {"encrypted_data": "x", "encryption_version": "v0"},
        "encrypted OpenTofu state or plan",
        "decrypted",
    ),
    "validate.json": (
        {"format_version": "1.0", "valid": True, "diagnostics": []},
        "output of terraform validate",
        "show -json",
    ),
    "schema.json": (
        {"format_version": "1.0", "provider_schemas": {}},
        "schema of Terraform providers",
        "show -json",
    ),
    "output.json": (
        {"bucket": {"sensitive": False, "type": "string", "value": "x"}},
        "output of terraform output",
        "show -json",
    ),
    "serverless.yml": (
        {"service": "x", "provider": {"name": "aws"}, "resources": {"Resources": {}}},
        "Serverless Framework file",
        "serverless package",
    ),
    "azure.json": (
        {"$schema": "https://schema.management.azure.com/schemas/x#", "resources": []},
        "template of Azure Resource Manager",
        "",
    ),
    "google.yaml": (
        {"resources": [{"name": "x", "type": "storage.v1.bucket"}]},
        "template of Google Cloud",
        "",
    ),
    "manifest.json": (
        {"name": "x", "manifest_version": 3},
        "manifest of a browser extension",
        "",
    ),
    "tree.json": (
        {"version": "tree-0.1", "tree": {}},
        "construct tree of the CDK",
        "manifest.json",
    ),
    "x.assets.json": (
        {"version": "1", "files": {}, "dockerImages": {}},
        "list of assets of the CDK",
        "manifest.json",
    ),
    "cdk.json": ({"app": "npx x"}, "configuration of the CDK", "cdk synth"),
    "cdk.context.json": ({"x:y": []}, "context of the CDK", "cdk synth"),
    "fragment.yaml": (
        {"Parameters": {"Env": {"Type": "String"}}},
        "fragment of a CloudFormation template",
        "whole template",
    ),
    "compose.yaml": (
        {"version": "3", "services": {"web": {"image": "nginx"}}},
        "Docker Compose file",
        "",
    ),
    "tables.json": (
        {"configuration": {"role": "r", "rules": [{"destinations": []}]}, "versionToken": "x"},
        "replication of S3 Tables",
        "buckets",
    ),
    "ecr.json": ({"rules": [{"destinations": [{"region": "x"}]}]}, "replication of ECR", "buckets"),
    "outposts.json": (
        {"Role": "r", "Rules": [{"Bucket": "b", "Destination": {"Bucket": "c"}}]},
        "replication of S3 on Outposts",
        "Regions",
    ),
    "pod.yaml": ({"apiVersion": "v1", "kind": "Pod"}, "Kubernetes manifest", "Crossplane"),
    "rows.json": (
        [{"account_id": "1", "region": "x", "versioning_enabled": True}],
        "rows of Steampipe",
        "aws s3api",
    ),
    "log.json": ({"@level": "info", "@module": "terraform.ui"}, "log of Terraform", "show -json"),
    "athena.json": ({"Results": [{"a": 1}]}, "", ""),
    "values.yaml": ({"replicaCount": 1, "service": {"type": "ClusterIP"}}, "", ""),
    "web.json": ({"version": "1", "artifacts": {"app": {"type": "bundle"}}}, "", "CDK"),
    "policy.json": ({"Policy": {"Arn": "x"}}, "", ""),
}


@pytest.mark.parametrize("name", FRIENDS)
def test_what_only_resembles_a_format_is_named_and_no_error(name: str, tmp_path: Path) -> None:
    data, format, hint = FRIENDS[name]
    (tmp_path / "good.yaml").write_bytes(GOOD)
    (tmp_path / name).write_text(json.dumps(data, indent=1))
    assert [ROUTE] == _routes(".", tmp_path)

    run = crrlint("inputs", ".", "--format", "json", cwd=tmp_path)
    assert (0, "") == (run.code, run.err)
    file = next(f for f in json.loads(run.out)["files"] if f["path"] == name)
    assert (format or None, False) == (file["format"], file["read"])
    assert hint in f"{file['hint']} {file['nearest']}"


@pytest.mark.parametrize("name", [name for name, (_, format, _) in FRIENDS.items() if format])
def test_a_false_friend_that_is_given_by_name_is_no_error_either(name: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_bytes(GOOD)
    (tmp_path / name).write_text(json.dumps(FRIENDS[name][0]))
    run = crrlint("good.yaml", name, "--format", "json", cwd=tmp_path)
    assert (0, []) == (run.code, _report(run)["errors"])


def test_what_is_given_and_nothing_gets_told_what_it_comes_closest_to(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text('{"Status": "Enabled"}')
    run = crrlint("status.json", cwd=tmp_path)
    assert 2 == run.code
    assert "comes closest to the versioning of a bucket or its transfer acceleration" in run.out
    assert "bucket-versioning" in run.out
