"""Input that is not what it should be: a clear error with its place, and the rest is checked."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crrlint.report import FORMATS, Style, render
from crrlint.run import ruleset
from crrlint.run.config import EMPTY
from crrlint.run.files import CONFIGURATION, EXTENSIONS
from crrlint.run.lint import Selection, lint
from tests.running import EXAMPLES, ROOT, Run, crrlint

GOOD = (EXAMPLES / "undecided" / "source.yaml").read_bytes()
ROUTE = "acme-orders/everything"

SECONDS = 20
"""No input takes longer; this is for a loaded machine."""

DEPTH = 10_000
MARK = "# AWSTemplateFormatVersion\n"
"""Without a mark, a file that is not well-formed is none of our business."""

TEMPLATE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme-other"}}
    },
}
BOMB = (
    MARK
    + "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
)


class Bad(NamedTuple):
    """A bad file: its name and content, and what is to be said of it."""

    name: str
    content: bytes
    message: str
    line: int | None = None


BAD = {
    "empty": Bad("bad.json", b"", "is empty", 1),
    "empty yaml": Bad("bad.yaml", b"\n\n", "is empty", 1),
    "truncated json": Bad(
        "bad.json", json.dumps(TEMPLATE, indent=1).encode()[:-40], "is not valid JSON", 7
    ),
    "truncated yaml": Bad("bad.yaml", MARK.encode() + b"Resources:\n  A: {Type: [", "YAML", 3),
    "yaml with a tab": Bad("bad.yaml", MARK.encode() + b"Resources:\n\tA: 1\n", "YAML", 3),
    "binary": Bad("bad.json", bytes(range(256)), "UTF-8"),
    "a picture called yaml": Bad("bad.yaml", b"\x89PNG\r\n\x1a\n\0\0\0\r", "UTF-8", 1),
    "latin-1": Bad(
        "bad.yaml", MARK.encode() + "Description: Münze\n".encode("latin-1"), "UTF-8", 2
    ),
    "utf-16 in the middle": Bad("bad.json", b'{"Rules": ' + "1}".encode("utf-16-le"), "binary", 1),
    "half a gzip": Bad("bad.json.gz", gzip.compress(GOOD)[:-9], "ends before its end"),
    "no gzip": Bad("bad.json.gz", b"\x1f\x8b\x08" + bytes(40), "not a valid gzip"),
    "gzip bomb": Bad("bad.json.gz", gzip.compress(bytes(2**23)), "grows to more than 200 times"),
    "gzip in gzip": Bad("bad.json.gz", gzip.compress(gzip.compress(GOOD)), "holds others"),
    "damaged zip": Bad("bad.tfplan", b"PK\x03\x04" + bytes(40), "not a valid zip"),
    "broken toml": Bad("samconfig.toml", b"version = 0.1\nAWS::x = [\n", "is not valid TOML", 2),
    "half a utf-16 character": Bad("bad.json", b"\xff\xfe{\0}", "UTF-16"),
    "nul bytes": Bad("bad.yaml", b"Resources:\n  A: x\0y\n", "binary", 2),
    "deep json": Bad("bad.json", b'{"a":' * DEPTH + b"1" + b"}" * DEPTH, "nested too deeply"),
    "deep json list": Bad("bad.json", b"[" * DEPTH + b"]" * DEPTH, "nested too deeply"),
    "deep yaml": Bad("bad.yaml", b"- " * DEPTH + b"x\n", "nested more than", 1),
    "deep flow yaml": Bad("bad.yaml", b"a: " + b"[" * DEPTH + b"]" * DEPTH, "nested", 1),
    "yaml bomb": Bad("bad.yaml", BOMB.encode(), "aliases", 8),
    "cyclic alias": Bad("bad.yaml", MARK.encode() + b"a: &a\n  b: *a\n", "alias *a", 3),
    "alias of nothing": Bad("bad.yaml", MARK.encode() + b"a: *nothing\n", "alias", 2),
    "a key twice in json": Bad(
        "bad.json",
        b'{"AWSTemplateFormatVersion": "2010-09-09",\n "Resources": {},\n "Resources": {"A": {}}}',
        "'Resources' stands twice",
        3,
    ),
    "a key twice in yaml": Bad(
        "bad.yaml",
        b"AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\nResources: {A: {}}\n",
        "'Resources' stands twice",
        3,
    ),
    "huge number": Bad(
        "bad.json",
        b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": ' + b"9" * 10_000 + b"}",
        "is not valid JSON",
    ),
    "a character that yaml forbids": Bad(
        "bad.yaml", MARK.encode() + b"a: \x07\n", "does not allow", 2
    ),
    "an unknown directive": Bad("bad.yaml", b"%YAML 9.9\n---\n" + MARK.encode(), "YAML"),
}


def _report(run: Run) -> dict[str, Any]:
    assert "Traceback" not in run.err, run.err
    report: dict[str, Any] = json.loads(run.out)
    return report


def _check(folder: Path) -> tuple[int, dict[str, Any]]:
    run = crrlint(".", "--format", "json", cwd=folder, timeout=SECONDS)
    return run.code, _report(run)


def _routes(report: dict[str, Any]) -> list[str]:
    return [route["id"] for route in report["routes"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that already holds a good template."""
    (tmp_path / "good.yaml").write_bytes(GOOD)
    return tmp_path


MET = {name: bad for name, bad in BAD.items() if not name.startswith("empty")}


def test_an_empty_file_is_no_mistake_where_nobody_names_it(folder: Path) -> None:
    (folder / "values.yaml").write_bytes(b" \n")
    code, report = _check(folder)
    assert (0, [ROUTE], []) == (code, _routes(report), report["errors"])
    told = crrlint("inputs", ".", cwd=folder).out
    assert "values.yaml: nothing that crrlint reads\n  1: is empty\n" in told


@pytest.mark.parametrize("bad", MET.values(), ids=MET)
def test_a_bad_file_is_named_and_the_good_one_is_checked(bad: Bad, folder: Path) -> None:
    (folder / bad.name).write_bytes(bad.content)
    code, report = _check(folder)
    assert 2 == code
    assert [ROUTE] == _routes(report)
    assert [bad.name] == sorted({error["path"] for error in report["errors"]})
    assert bad.message in report["errors"][0]["message"]
    if bad.line is not None:
        assert bad.line == report["errors"][0]["line"]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_file_is_named_when_it_is_given_alone(bad: Bad, tmp_path: Path) -> None:
    (tmp_path / bad.name).write_bytes(bad.content)
    run = crrlint(bad.name, cwd=tmp_path, timeout=SECONDS)
    assert 2 == run.code
    assert f"{bad.name}" in run.out
    assert "Traceback" not in run.err


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        b"\xfe\xff" + GOOD.decode().encode("utf-16-be"),
        GOOD.replace(b"\n", b"\r\n"),
        b"---\n" + GOOD + b"...\n",
        b"%YAML 1.1\n---\n" + GOOD,
        GOOD.decode().encode("utf-16-le"),
        GOOD.decode().encode("utf-16-be"),
        gzip.compress(GOOD),
        gzip.compress(GOOD[:99]) + gzip.compress(GOOD[99:]) + bytes(9),
        gzip.compress(b"\xff\xfe" + GOOD.decode().encode("utf-16-le")),
    ],
    ids=[
        "utf-8",
        "with a mark",
        "utf-16",
        "big-endian",
        "windows",
        "with markers",
        "directive",
        "utf-16 without a mark",
        "big-endian without a mark",
        "gzip",
        "two gzips",
        "utf-16 in gzip",
    ],
)
def test_other_ways_to_write_text_are_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_bytes(content)
    code, report = _check(tmp_path)
    assert ([], [ROUTE], 0) == (report["errors"], _routes(report), code)


@pytest.mark.parametrize(
    "text",
    [
        '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}, "Resources": {}}',
        "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\nResources: {}\n",
    ],
    ids=["json", "yaml"],
)
def test_a_key_twice_with_the_same_value_is_no_matter(text: str, folder: Path) -> None:
    (folder / "same.yaml").write_text(text)
    code, report = _check(folder)
    assert (0, []) == (code, report["errors"])


@pytest.mark.parametrize("name", ["values.yaml", "tsconfig.json"])
def test_what_is_not_meant_for_us_may_be_as_it_likes(name: str, folder: Path) -> None:
    (folder / name).write_text("{{- if .Values.x }}\na: 1 // a comment\n")
    code, report = _check(folder)
    assert (0, []) == (code, report["errors"])


def test_a_folder_called_like_a_file_is_a_folder(folder: Path) -> None:
    (folder / "x.json").mkdir()
    (folder / "x.json" / "template.json").write_text(json.dumps(TEMPLATE))
    code, report = _check(folder)
    assert (0, 2) == (code, report["summary"]["files"])


def _dangling(folder: Path) -> None:
    (folder / "bad.json").symlink_to(folder / "nowhere.json")


def _loop(folder: Path) -> None:
    (folder / "bad.json").symlink_to(folder / "bad.json")


@pytest.mark.parametrize("make", [_dangling, _loop])
def test_a_link_to_nothing_is_named(make: Callable[[Path], None], folder: Path) -> None:
    make(folder)
    code, report = _check(folder)
    assert 2 == code
    assert [ROUTE] == _routes(report)
    assert ["bad.json"] == [error["path"] for error in report["errors"]]
    assert report["errors"][0]["message"].startswith("cannot be read: ")


def test_a_link_to_the_folder_above_is_not_followed(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "up").symlink_to(folder, target_is_directory=True)
    code, report = _check(folder)
    assert (0, [ROUTE]) == (code, _routes(report))


def test_a_link_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_bytes(GOOD)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (inside / "template.json").write_text(json.dumps(TEMPLATE))
    code, report = _check(inside)
    assert (0, []) == (code, _routes(report))


def test_a_file_that_is_linked_to_twice_is_read_once(folder: Path) -> None:
    (folder / "same.yaml").symlink_to(folder / "good.yaml")
    code, report = _check(folder)
    assert (0, [ROUTE]) == (code, _routes(report))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_tree_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    code, report = _check(folder)
    assert [ROUTE] == _routes(report)
    assert code in (0, 2)


def test_a_path_that_is_not_there_is_named(folder: Path) -> None:
    run = crrlint("nowhere", ".", "--format", "json", cwd=folder)
    report = _report(run)
    assert (2, [ROUTE]) == (run.code, _routes(report))
    assert ["nowhere"] == [error["path"] for error in report["errors"]]


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    for name in ("with space.yaml", "-x.yaml", "ünï.yaml", "a'b\"c.yaml"):
        (tmp_path / name).write_bytes(GOOD)
    run = crrlint(".", "--format", "json", cwd=tmp_path)
    assert (0, 4) == (run.code, _report(run)["summary"]["files"])


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_file_name_may_be_no_text(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")).write_bytes(GOOD)
    except OSError:
        pytest.skip("this file system wants text")
    for format in FORMATS:
        run = crrlint(".", "--format", format, cwd=tmp_path)
        assert (0, "") == (run.code, run.err)


@pytest.mark.parametrize("format", FORMATS)
def test_half_a_character_in_a_name_can_be_reported(format: str, tmp_path: Path) -> None:
    source = json.dumps(
        {
            "Resources": {
                "Source": {
                    "Type": "AWS::S3::Bucket",
                    "Properties": {
                        "BucketName": "acme-\ud800",
                        "ReplicationConfiguration": {
                            "Role": "arn:aws:iam::111111111111:role/\udfff",
                            "Rules": [
                                {
                                    "Id": "\ud83d",
                                    "Status": "Enabled",
                                    "Destination": {"Bucket": "arn:aws:s3:::acme-\udc00"},
                                }
                            ],
                        },
                    },
                }
            }
        }
    )
    (tmp_path / "template.json").write_text(source)
    run = crrlint(".", "--format", format, cwd=tmp_path)
    assert run.code in (0, 1)
    assert "" == run.err


FIXTURES = ROOT / "tests" / "fixtures"
CASES = sorted(
    path
    for root in (EXAMPLES, FIXTURES)
    for path in root.rglob("*")
    if path.suffix in EXTENSIONS and path.name not in CONFIGURATION
)
RULES = ruleset.load()


class Mutant(NamedTuple):
    """One file of a set-up, damaged; the others are as they were."""

    case: Path
    content: bytes


@st.composite
def _mutants(draw: st.DrawFn) -> Mutant:
    """Return a file that has been truncated, or lost, doubled or flipped parts."""
    case = draw(st.sampled_from(CASES))
    raw = case.read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(raw) - 1)))
        length = draw(st.integers(1, 40))
        part = raw[start : start + length]
        how = draw(st.sampled_from(["truncate", "delete", "double", "flip", "swap"]))
        if how == "truncate":
            raw = raw[:start]
        elif how == "delete":
            raw = raw[:start] + raw[start + length :]
        elif how == "double":
            raw = raw[:start] + part + part + raw[start + length :]
        elif how == "flip":
            flipped = bytes(byte ^ draw(st.sampled_from([1, 2, 32, 128])) for byte in part[:3])
            raw = raw[:start] + flipped + raw[start + len(flipped) :]
        else:
            other = draw(st.sampled_from([b"null", b"[]", b"{}", b"1", b"true", b'""', b"!Ref x"]))
            end = raw.find(b"\n", start)
            colon = raw.rfind(b":", 0, end if end >= 0 else len(raw))
            raw = raw[: colon + 1] + b" " + other + (raw[end:] if end >= 0 else b"")
    return Mutant(case, raw)


def _folder_of(case: Path) -> Path:
    """Return the folder of the whole set-up that a file belongs to."""
    depth = 2 if case.is_relative_to(FIXTURES) else 1
    root = FIXTURES if case.is_relative_to(FIXTURES) else EXAMPLES
    return root.joinpath(*case.relative_to(root).parts[:depth])


@settings(max_examples=300, deadline=SECONDS * 1000, suppress_health_check=[HealthCheck.too_slow])
@given(mutant=_mutants())
def test_no_damage_to_a_file_crashes_the_program(mutant: Mutant) -> None:
    whole = _folder_of(mutant.case)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "set-up")
        shutil.copytree(whole, folder)
        (folder / mutant.case.relative_to(whole)).write_bytes(mutant.content)
        report = lint([str(folder)], EMPTY, EMPTY.bindings, Selection(tuple(RULES)))
        for format in FORMATS:
            render(format, report, Style(verbose=1))
    assert () == report.outcome.crashes
    assert [] == [p for p in report.problems if "could not be read: " in p.message]
