"""CDK assemblies that a pipeline zipped: read like the folder, and within limits."""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run, crrlint

FIXTURES = Path(__file__).parent / "fixtures"
APPS = {
    "across Regions": FIXTURES / "destination_not_versioned" / "bad_cdk_across_regions",
    "a stage": FIXTURES / "destination_in_same_region" / "bad_cdk_stage",
    "nested stacks": FIXTURES / "role_cannot_read_objects" / "bad_cdk_nested",
}
APP = APPS["across Regions"]
GOOD = {
    path.name: path.read_bytes() for path in sorted((APP / "cdk.out").iterdir()) if path.is_file()
}
ROUTE = "${MediaSource/Films}/everything"


def _zip(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _packed(app: Path, below: str = "") -> bytes:
    folder = app / "cdk.out"
    return _zip(
        {
            f"{below}{path.relative_to(folder).as_posix()}": path.read_bytes()
            for path in sorted(folder.rglob("*"), reverse=True)
            if path.is_file()
        }
    )


def _report(run: Run) -> Any:
    assert "" == run.err
    return json.loads(run.out)


def _without_paths(report: Any, prefix: str) -> Any:
    """Return what a report says; fingerprints and the number of files go by paths."""
    text = json.dumps([report["routes"], report["findings"], report["undecided"]])
    assert f'"{prefix}' in text
    found = json.loads(text.replace(f'"{prefix}', '"'))
    for finding in found[1]:
        del finding["fingerprint"]
    return found


@pytest.mark.parametrize("below", ["", "cdk.out/", "./", "build\\cdk.out\\"])
@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_a_zip_says_what_its_folder_says(app: Path, below: str, tmp_path: Path) -> None:
    (tmp_path / "app.zip").write_bytes(_packed(app, below))
    inner = below.replace("\\", "/").removeprefix("./")
    zipped = crrlint("app.zip", "--format", "json", cwd=tmp_path)
    folder = crrlint("cdk.out", "--format", "json", cwd=app)
    assert (1, 1) == (zipped.code, folder.code)
    assert _without_paths(_report(folder), "cdk.out/") == _without_paths(
        _report(zipped), f"app.zip/{inner}"
    )


def test_a_zip_is_met_in_a_folder_and_on_the_standard_input(tmp_path: Path) -> None:
    packed = _packed(APP)
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "app.zip").write_bytes(packed)
    met = _report(crrlint(".", "--format", "json", cwd=tmp_path))
    piped = _report(crrlint("-", "--format", "json", cwd=tmp_path, stdin=packed))
    assert [ROUTE] == [route["id"] for route in met["routes"]]
    assert [ROUTE] == [route["id"] for route in piped["routes"]]


def test_every_file_of_a_zip_is_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "app.zip").write_bytes(_packed(APP))
    told = json.loads(crrlint("inputs", "--format", "json", ".", cwd=tmp_path).out)
    formats = {file["path"]: file["format"] for file in told["files"]}
    assert "zipped CDK assembly" == formats.pop("app.zip")
    assert {f"app.zip/{name}" for name in GOOD if name.endswith(".json")} == formats.keys()
    assert "CDK assembly" == formats["app.zip/manifest.json"]


@pytest.mark.parametrize(
    "content",
    [_zip({"lambda.py": "pass"}), b"PK\x03\x04 and nothing else", b"PK\x03\x04 tfplans"],
    ids=["another's", "damaged", "a word like ours"],
)
def test_a_zip_of_others_is_left_alone_where_it_is_only_met(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "good.zip").write_bytes(_packed(APP))
    (tmp_path / "app" / "lambda.zip").write_bytes(content)
    report = _report(crrlint(".", "--format", "json", cwd=tmp_path))
    expected = ["is not a valid zip"] if b"tfplan" in content else []
    assert [ROUTE] == [route["id"] for route in report["routes"]]
    assert expected == [error["message"][:18] for error in report["errors"]]


def _with(name: str, content: bytes | str) -> bytes:
    return _zip({**GOOD, name: content})


def _many() -> bytes:
    """Return a zip that says that it holds a million files."""
    entry = b"PK\x01\x02" + bytes(42)
    listed = entry * 30_000
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 30_000, 30_000, len(listed), 0, 0)
    return b"PK\x03\x04cdk.out" + listed + end


HOSTILE = {
    "a bomb": (_with("bomb.json", bytes(2**26)), "grows to more than 200 times"),
    "a name above": (_with("../../out.json", "{}"), "holds ../../out.json, which leads out"),
    "a name above on windows": (_with("..\\out.json", "{}"), "which leads out of it"),
    "a hidden name above": (_with("a/../../out.json", "{}"), "which leads out of it"),
    "an absolute name": (_with("/etc/crrlint.json", "{}"), "holds /etc/crrlint.json, which"),
    "a drive": (_with("C:/out.json", "{}"), "holds C:/out.json, which leads out"),
    "a name twice": (_with("./manifest.json", "{}"), "manifest.json twice"),
    "too many files": (_many(), "is a zip of more than 20,000 files"),
    "half of it": (_packed(APP)[:-30], "is not a valid zip"),
    "one in another": (_with("inner.json", _packed(APP)), "holds an archive that holds others"),
}


@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_zip_is_an_error_and_the_rest_is_checked(
    content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.zip").write_bytes(content)
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "app.zip").write_bytes(_packed(APP))
    run = crrlint("bad.zip", "good", "--format", "json", cwd=tmp_path, timeout=20)
    report = _report(run)
    assert 2 == run.code
    assert f"{ROUTE}" in [route["id"] for route in report["routes"]]
    assert [message in error["message"] for error in report["errors"]] == [True]
    assert report["errors"][0]["path"].startswith("bad.zip")
    assert ["bad.zip", "good"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_file_of_a_zip_that_is_broken_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(_with("Broken.template.json", '{"Resources":\n {"AWS::'))
    run = crrlint("bad.zip", "--format", "json", cwd=tmp_path)
    report = _report(run)
    assert (2, [ROUTE]) == (run.code, [route["id"] for route in report["routes"]])
    [error] = report["errors"]
    assert ("bad.zip/Broken.template.json", 2) == (error["path"], error["line"])


def test_a_link_in_a_zip_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}))
    out = io.BytesIO(_packed(APP))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("linked.template.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
    (tmp_path / "app.zip").write_bytes(out.getvalue())
    told = json.loads(crrlint("inputs", "app.zip", "--format", "json", cwd=tmp_path).out)
    [linked] = [file for file in told["files"] if file["path"].endswith("linked.template.json")]
    assert (None, {}) == (linked["format"], linked["gives"])
