"""Ignore comments in files, and what is said of those that do nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crrlint.documents.ignores import comments
from crrlint.documents.source import Document
from tests.running import crrlint

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: acme-logs
      {above}
      VersioningConfiguration: {{Status: Suspended}}{beside}
      ReplicationConfiguration:
        Role: arn:aws:iam::111111111111:role/replicate
        Rules: [{{Status: Disabled, Destination: {{Bucket: "arn:aws:s3:::acme-replica"}}}}]
"""

MINE = ("--select", "CRR101", "--select", "CRR0")


def report(folder: Path) -> Any:
    return json.loads(crrlint(folder, "--format", "json", *MINE).out)


def found(told: Any, where: str = "findings") -> list[tuple[str, int]]:
    return [(one["rule"], one["location"]["line"]) for one in told[where]]


def write(folder: Path, *, above: str = "#", beside: str = "") -> None:
    (folder / "t.yaml").write_text(TEMPLATE.format(above=above, beside=beside))


COMMENTS = {
    "by id": "# crrlint: ignore[CRR101] why",
    "by name": "# crrlint: ignore[source-not-versioned] why",
    "in small letters": "#crrlint:ignore[crr101] why",
    "among others": "# crrlint: ignore[CRR205, CRR101] why",
    "with a colon": "# crrlint: ignore[CRR101]: why",
}


@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_above_accepts_the_finding(name: str, tmp_path: Path) -> None:
    write(tmp_path, above=COMMENTS[name])
    told = report(tmp_path)
    assert [("CRR101", 8)] == found(told, "ignored")
    assert "why" == told["ignored"][0]["ignored_because"]
    assert not [rule for rule, _ in found(told) if rule == "CRR101"]


@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_beside_accepts_the_finding(name: str, tmp_path: Path) -> None:
    write(tmp_path, beside=f"  {COMMENTS[name]}")
    assert [("CRR101", 8)] == found(report(tmp_path), "ignored")


def test_other_comments_may_stand_between(tmp_path: Path) -> None:
    write(tmp_path, above="# crrlint: ignore[CRR101] why\n\n      # as of old")
    assert [("CRR101", 10)] == found(report(tmp_path), "ignored")


def test_of_several_rules_each_has_to_do_something(tmp_path: Path) -> None:
    write(tmp_path, above="# crrlint: ignore[CRR205, CRR101] why")
    told = report(tmp_path)
    assert [("CRR002", 7)] == found(told)
    assert "ignore of CRR205 suppresses nothing" == told["findings"][0]["message"]


ELSEWHERE = {
    "on another line": "BucketName: acme  # crrlint: ignore[CRR101] why",
    "of another rule": "# crrlint: ignore[CRR110] why",
    "of no rule": "# crrlint: ignore why",
    "of a rule that does not exist": "# crrlint: ignore[CRR999] why",
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_comment_that_does_nothing_is_told(name: str, tmp_path: Path) -> None:
    above = ELSEWHERE[name]
    text = TEMPLATE.format(above=above, beside="")
    (tmp_path / "t.yaml").write_text(text.replace("      BucketName: acme-logs\n", "", 1))
    assert {"CRR002", "CRR101"} == {rule for rule, _ in found(report(tmp_path))}


def test_a_comment_without_a_reason_is_told(tmp_path: Path) -> None:
    write(tmp_path, above="# crrlint: ignore[CRR101]")
    assert [("CRR003", 7)] == found(report(tmp_path))


def test_the_same_comment_twice_is_shown_where_each_stands(tmp_path: Path) -> None:
    write(
        tmp_path, above="# crrlint: ignore[CRR101]\n      BucketName: x  # crrlint: ignore[CRR101]"
    )
    text = (tmp_path / "t.yaml").read_text().replace("      BucketName: acme-logs\n", "", 1)
    (tmp_path / "t.yaml").write_text(text)
    lines = [line for rule, line in found(report(tmp_path)) if rule == "CRR002"]
    assert [6, 7] == lines


def test_nothing_is_said_while_the_rule_is_off(tmp_path: Path) -> None:
    write(tmp_path, above="# crrlint: ignore[CRR101] why")
    (tmp_path / "crrlint.yaml").write_text("crrlint: 1\nrules: {CRR101: off}\n")
    assert [] == report(tmp_path)["findings"]


def test_nothing_is_said_while_the_answer_is_open(tmp_path: Path) -> None:
    write(tmp_path, above="# crrlint: ignore[CRR101] why")
    text = (tmp_path / "t.yaml").read_text().replace("Suspended", "!Ref Versioning")
    (tmp_path / "t.yaml").write_text("Parameters: {Versioning: {Type: String}}\n" + text)
    assert [] == report(tmp_path)["findings"]


def test_nothing_is_said_while_some_input_is_unread(tmp_path: Path) -> None:
    write(tmp_path, above="# crrlint: ignore[CRR110] why")
    (tmp_path / "u.yaml").write_text('AWSTemplateFormatVersion: "2010-09-09\n')
    assert {"CRR001", "CRR101"} == {rule for rule, _ in found(report(tmp_path))}


def test_an_entry_that_does_nothing_is_shown_in_the_configuration(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "crrlint.yaml").write_text(
        "crrlint: 1\nignore:\n  - {rule: CRR110, resource: acme-logs, reason: x}\n"
        "  - {rule: CRR101, path: t.yaml, expires: 2020-01-01, reason: x}\n"
    )
    told = report(tmp_path)
    assert [("CRR002", 3), ("CRR002", 4), ("CRR101", 8)] == found(told)
    assert "ended on 2020-01-01" in told["findings"][1]["message"]


SOURCE = """\
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  versioning_configuration {
    <above>
    status = "Suspended" <beside>
  }
}
resource "aws_s3_bucket_replication_configuration" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  role   = "arn:aws:iam::111111111111:role/replicate"
  rule {
    status = "Disabled"
    destination { bucket = "arn:aws:s3:::acme-replica" }
  }
}
"""

IN_SOURCE = {
    "#": "# crrlint: ignore[CRR101] why",
    "//": "// crrlint: ignore[CRR101] why",
    "a block": "/* crrlint: ignore[CRR101] why */",
    "a block of several lines": "/*\n  crrlint: ignore[CRR101] why\n  and so on */",
    "a block with stars": "/**\n   * crrlint: ignore[CRR101] why\n   */",
    "behind another comment": "# as of old # crrlint: ignore[CRR101] why",
}


def source(folder: Path, *, above: str = "#", beside: str = "") -> Any:
    text = SOURCE.replace("<above>", above).replace("<beside>", beside)
    (folder / "main.tf").write_text(text)
    return report(folder)


@pytest.mark.parametrize("between", ["", "\n/* of\n\nold */\n", "\n  // x\n  # y\n"])
@pytest.mark.parametrize("name", IN_SOURCE)
def test_every_comment_of_terraform_serves_above(name: str, between: str, tmp_path: Path) -> None:
    told = source(tmp_path, above=IN_SOURCE[name] + between)
    assert ["CRR101"] == [rule for rule, _ in found(told, "ignored")]
    assert "why" == told["ignored"][0]["ignored_because"]
    assert [] == told["findings"]


@pytest.mark.parametrize("name", IN_SOURCE)
def test_every_comment_of_terraform_serves_beside(name: str, tmp_path: Path) -> None:
    told = source(tmp_path, beside=IN_SOURCE[name])
    assert ["CRR101"] == [rule for rule, _ in found(told, "ignored")]


def test_a_block_may_stand_before_what_it_speaks_for(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        SOURCE.replace("<above>\n    ", "/* crrlint: ignore[CRR101] why */ ").replace(
            "<beside>", ""
        )
    )
    assert [("CRR101", 7)] == found(report(tmp_path), "ignored")


def test_a_block_that_does_nothing_is_shown_where_it_says_so(tmp_path: Path) -> None:
    told = source(tmp_path, above="/*\n  old:\n*/\n/*\n  crrlint: ignore[CRR110] why */")
    assert {("CRR002", 11), ("CRR101", 12)} == set(found(told))


NO_COMMENTS = {
    "in what is commented out": "/*\n  # crrlint: ignore[CRR101] why\n*/",
    "later in a block": "/* see below; crrlint: ignore[CRR101] why */",
    "in a text": 'x = "a # crrlint: ignore[CRR101] why"',
    "in a text in a text": 'x = "${f("# crrlint: ignore[CRR101] why")}"',
    "in a heredoc": "x = <<-EOT\n  # crrlint: ignore[CRR101] why\n  EOT",
}


@pytest.mark.parametrize("name", NO_COMMENTS)
def test_what_is_no_comment_of_terraform_accepts_nothing(name: str, tmp_path: Path) -> None:
    text = f"locals {{\n  {NO_COMMENTS[name]}\n}}\n"
    (tmp_path / "locals.tf").write_text(text)
    assert ["CRR101"] == [rule for rule, _ in found(source(tmp_path))]


NO_BLOCKS = ['"arn:aws:s3:::acme/*"', '"${join("/*", ["a"])}"', "<<EOT\n/*\nEOT\n"]


@pytest.mark.parametrize("text", NO_BLOCKS)
def test_a_star_in_a_text_begins_no_comment(text: str, tmp_path: Path) -> None:
    above = f"{IN_SOURCE['#']}\n#"
    (tmp_path / "a.tf").write_text(
        f"locals {{\n  a = {text}\n}}\n"
        + SOURCE.replace("<above>", above).replace("<beside>", "/* end */")
    )
    assert ["CRR101"] == [rule for rule, _ in found(report(tmp_path), "ignored")]


@pytest.mark.parametrize(
    "part", ["/*", '"${', "<<A\n", '"', "# crrlint:", "\n# crrlint: ", '"$', '"\\']
)
def test_comments_are_looked_for_in_time_that_grows_with_the_text(part: str) -> None:
    text = part * 100_000 + "\n# crrlint: ignore[CRR101] why\n"
    list(comments([Document("main.tf", text, "hcl", None)]))
