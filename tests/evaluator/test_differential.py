"""The evaluator beside an independent one: on all source of the repository, and on mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.evaluator import ours, theirs
from tests.evaluator.differential import Comparison, compare, main

pytest.importorskip("tfparse", reason="tfparse has no wheel for this Python or this machine")

TESTS = Path(__file__).parents[1]
EXPRESSIONS = TESTS / "loaders" / "hcl" / "expressions.json"

FATAL = ("1 / 0", "log(0,10)", 'toset(["a",null])', ".inf")
"""What ends the process that `tfparse` runs in: infinite numbers, and null in a set."""

SOURCE = """
variable "sites" {
  type    = map(number)
  default = { b = 2, a = 1 }
}
locals {
  named = { for site, number in var.sites : site => "acme-${site}-${number}" }
}
resource "aws_s3_bucket" "x" {
  for_each = local.named
  bucket   = each.value
  tags     = { sites = join(",", keys(var.sites)) }
  dynamic "grant" {
    for_each = var.sites
    content { permissions = [upper(grant.key)] }
  }
}
module "m" {
  source = "./m"
  count  = 2
  of     = "m${count.index}"
}
output "of" { value = module.m[*].of }
"""
MODULE = """
variable "of" {}
output "of" { value = jsonencode({ of = var.of }) }
"""


def written(folder: Path, source: str = SOURCE, module: str = MODULE) -> str:
    (folder / "m").mkdir(parents=True)
    (folder / "main.tf").write_text(source)
    (folder / "m" / "main.tf").write_text(module)
    return str(folder)


def test_source_of_the_repository_has_the_same_values() -> None:
    result, modules = compare([str(TESTS), str(TESTS.parent / "examples")])
    assert list(map(str, result.different)) == []
    assert modules > 35
    assert result.counts["equal"] > 1500


def test_everything_in_a_module_is_compared(tmp_path: Path) -> None:
    result, _ = compare([written(tmp_path)])
    assert result.different == []
    known = set(result.counts) - {"equal", "instances"}
    # The module's folder is a root of its own too, and its variable has no value there.
    assert known <= {"as written", "open to us", "null"}
    assert result.counts["equal"] > 20


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("acme-${site}", "acne-${site}", 'aws_s3_bucket.x["a"].bucket'),
        ("acme-${site}", "acne-${site}", "locals.named.a"),
        ("upper(grant.key)", "lower(grant.key)", 'aws_s3_bucket.x["b"].grant[1].permissions[0]'),
        ('join(","', 'join(";"', 'aws_s3_bucket.x["a"].tags.sites'),
        ("count  = 2", "count  = 3", "module.m[2]"),
        ("for_each = local.named", 'for_each = { a = "acme-a-1" }', 'aws_s3_bucket.x["b"]'),
        ("m${count.index}", "n${count.index}", "module.m[1].of"),
    ],
)
def test_a_wrong_value_is_found(
    right: str, wrong: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One evaluator reads the source, the other one a copy with a mistake."""
    copy = written(tmp_path / "copy", SOURCE.replace(right, wrong))
    said = theirs.statements(copy, [])
    monkeypatch.setattr(theirs, "statements", lambda root, values: said)
    result = Comparison()
    folder = written(tmp_path / "right")
    result.module(ours.Tree(Path(folder)), folder)
    found = {d.name: d for d in (*result.different, *result.derived)}
    assert name in found
    assert result.different


def test_a_disagreement_is_printed_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = theirs.statements(written(tmp_path / "copy", SOURCE.replace("acme", "acne")), [])
    folder = written(tmp_path / "right")
    monkeypatch.setattr(theirs, "statements", lambda root, values: said if root == folder else {})
    assert main([folder]) == 1
    out = capsys.readouterr().out
    assert f"{folder}/main.tf:7: locals.named.a" in out
    assert "crrlint  'acme-a-1'" in out
    assert "tfparse  'acne-a-1'" in out


def test_expressions_have_the_same_values(tmp_path: Path) -> None:
    """Each of the expressions whose value Terraform told is a local value."""
    cases = [text for text, _ in json.loads(EXPRESSIONS.read_text())]
    for number, text in enumerate(cases):
        if any(fatal in text for fatal in FATAL):
            continue
        # What is no HCL costs its own file only.
        (tmp_path / f"{number}.tf").write_text(f"locals {{\n  e{number} = {text}\n}}\n")
    result, _ = compare([str(tmp_path)])
    assert list(map(str, result.different)) == []
    assert result.counts["equal"] > len(cases) / 2
