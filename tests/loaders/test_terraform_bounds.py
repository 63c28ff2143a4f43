"""A few lines of source that stand for more than any memory holds: left open, and soon."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.loaders.terraform.deployment import MAX_MODULES
from tests.loaders.hcl.reading import value
from tests.loaders.terraform.reading import plain
from tests.loaders.terraform.sources import clean, source

TOO_COMPLEX = "? too_complex"


def _chain(first: str, next_: str, length: int = 60) -> str:
    lines = [f"  a0 = {first}"]
    lines += [f"  a{n + 1} = {next_.replace('@', f'local.a{n}')}" for n in range(length)]
    return "locals {\n" + "\n".join(lines) + "\n}\n"


@pytest.mark.parametrize(
    ("first", "next_", "name"),
    [
        ('["acme-x"]', "concat(@, @)", "local.a60[0]"),
        ('"acme-x"', '"${@}${@}"', "local.a60"),
        ('"acme-x"', 'join("", [@, @])', "local.a60"),
        ('"acme-xx"', 'replace(@, "x", "xx")', "local.a60"),
        (r'"\""', "jsonencode(@)", "local.a60"),
        ('{ x = "y" }', "{ l = @, r = @ }", "jsonencode(local.a60)"),
        ('{ x = "y" }', "[@, @]", "jsonencode(local.a60)"),
        ("var.name", '"${@}${@}"', "local.a60"),
        ("[var.name]", '[join("", @), join("", @)]', "local.a60[0]"),
    ],
)
def test_what_doubles_in_every_line_is_not_worked_out(first: str, next_: str, name: str) -> None:
    model = clean(
        _chain(first, next_)
        + f'variable "name" {{}}\nresource "aws_s3_bucket" "b" {{\n  bucket = {name}\n}}\n'
        + 'resource "aws_s3_bucket" "c" {\n  bucket = "acme-c"\n}\n'
    )

    assert ["${aws_s3_bucket.b}", "acme-c"] == sorted(str(plain(f.name)) for f in model.buckets)


def test_a_short_chain_has_its_value() -> None:
    bucket = 'resource "aws_s3_bucket" "b" {\n  bucket = local.a3\n}\n'
    [fact] = clean(_chain('"x"', '"${@}${@}"', 3) + bucket).buckets

    assert "x" * 8 == fact.name


def test_policy_documents_that_double_are_not_worked_out() -> None:
    documents = (
        'data "aws_iam_policy_document" "d0" {\n  statement {\n    actions = ["s3:*"]\n  }\n}\n'
    )
    for n in range(40):
        one = f"data.aws_iam_policy_document.d{n}.json"
        documents += f'data "aws_iam_policy_document" "d{n + 1}" {{\n'
        documents += f"  source_policy_documents = [{one}, {one}]\n}}\n"
    role = (
        'resource "aws_iam_role" "r" {\n  name = "r"\n'
        "  assume_role_policy = data.aws_iam_policy_document.d40.json\n}\n"
    )
    [fact] = clean(documents + role).roles
    assert fact.trust is not None
    trust = plain(fact.trust)

    assert TOO_COMPLEX in (trust, *([] if isinstance(trust, str) else trust["Statement"]))


def test_modules_that_call_the_next_twice_are_counted() -> None:
    files = {
        f"m{n}/main.tf": "".join(
            f'module "{name}" {{\n  source = "../m{n + 1}"\n}}\n' for name in "ab"
        )
        for n in range(20)
    }
    files["m20/main.tf"] = 'resource "aws_s3_bucket" "b" {}\n'
    files["main.tf"] = (
        'module "m" {\n  source = "./m0"\n}\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = "acme-b"\n}\n'
    )
    model = source(files)

    assert [f"more than {MAX_MODULES:,} modules" in p.message for p in model.problems] == [True]
    assert "acme-b" in [fact.name for fact in model.buckets]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("length(@)", 1),
        ("strrev(@) == @", True),
        ("length(substr(@, 0, 1))", 1),
    ],
)
def test_a_letter_with_very_many_marks_is_read(expression: str, expected: Any) -> None:
    marks = "e" + "\u0316\u0301" * 100_000

    assert expected == value(expression.replace("@", f'"{marks}"')).value
