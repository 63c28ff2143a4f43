"""Files of HCL: blocks and arguments, mistakes, places."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.documents.ignores import comments
from crrlint.documents.parse import parse as parse_document
from crrlint.documents.places import Places
from crrlint.documents.source import Document, Location, Node
from crrlint.loaders.hcl import Expression, Fault, Locals, document_of, evaluate, parse, parse_json
from crrlint.loaders.hcl.parse import parse_expression
from tests.loaders.hcl.reading import NAMES, shown

BUCKETS = """\
# Buckets.
resource "aws_s3_bucket" "src" {
  bucket = "acme-src" # the source
  tags = {
    Name  = "x"
    Other = var.other
  }

  rule { id = "one" }
  rule {
    id = "two"
  }
}

resource aws_s3_bucket dst {
  bucket = upper("acme-dst")
}

variable "other" {}
"""


def where(at: Location) -> tuple[int, ...] | None:
    span = Places().span(at)
    return None if span is None else tuple(span)


def marked(text: str, at: Location) -> str:
    """Return what a place shows of the text."""
    span = Places().span(at)
    assert span is not None
    lines = text.split("\n")
    assert span.line == span.end_line
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]


def test_blocks_are_found_by_type_with_their_labels() -> None:
    file = parse("main.tf", BUCKETS)
    assert () == tuple(file.problems)
    assert ["resource", "variable"] == list(file.body.block_types)
    src, dst = file.body.blocks("resource", labels=2)
    assert ("aws_s3_bucket", "src") == src.labels
    assert ("aws_s3_bucket", "dst") == dst.labels
    assert "/resource/aws_s3_bucket/src" == src.at.pointer
    assert ["one", "two"] == [
        evaluate(rule.body.attributes["id"].value, Locals({})).value
        for rule in src.body.blocks("rule")
    ]
    assert [] == list(src.body.blocks("nothing"))


@pytest.mark.parametrize("wanted", [True, False, None])
def test_a_block_reads_the_same_however_it_was_asked_for(wanted: bool | None) -> None:
    file = parse("main.tf", BUCKETS, None if wanted is None else lambda type, labels: wanted)
    src, dst = file.body.blocks("resource")
    rule = src.body.blocks("rule")[1]
    assert "/resource/aws_s3_bucket/src/rule/1" == rule.at.pointer
    assert (10, 3, 10, 7) == where(rule.at)
    assert (11, 5, 11, 15) == where(rule.body.attributes["id"].at)
    assert (16, 3, 16, 29) == where(dst.body.attributes["bucket"].at)


@pytest.mark.parametrize("wanted", [True, False, None])
def test_what_the_grammar_does_not_know_is_read_however_a_block_was_asked_for(
    wanted: bool | None,
) -> None:
    members = "{\n    a = local.b\n    (local.c) = 2\n  }"
    text = f'resource "x" "y" {{\n  size = 1e5\n  tags = {members}\n}}\n'
    file = parse("main.tf", text, None if wanted is None else lambda type, labels: wanted)
    assert () == tuple(file.problems)
    (block,) = file.body.blocks("resource")
    attributes = block.body.attributes
    names = Locals({"local": Node({"b": Node(1, block.at), "c": Node("d", block.at)}, block.at)})
    assert ["size", "tags"] == list(attributes)
    assert 100_000 == evaluate(attributes["size"].value, names).value
    tags = evaluate(attributes["tags"].value, names).value
    assert {"a": 1, "d": 2} == {key: node.value for key, node in tags.items()}


def test_a_place_is_an_address_and_knows_its_line() -> None:
    file = parse("main.tf", BUCKETS)
    tags = file.body.blocks("resource")[0].body.attributes["tags"]
    other = Node("seen", file.document.root)
    node = evaluate(tags.value, Locals({"var": Node({"other": other}, file.document.root)}))
    assert "tags" == marked(BUCKETS, node.at)
    name = node.value["Name"]
    assert "/resource/aws_s3_bucket/src/tags/Name" == name.at.pointer
    assert 'Name  = "x"' == marked(BUCKETS, name.at)
    # What is referred to was written elsewhere.
    assert node.value["Other"] is other


def test_places_count_characters_in_any_text() -> None:
    text = 'a = "日本" # é\nb = [ "ü", "x${name}" ]\n'
    file = parse("x.tf", text)
    node = evaluate(file.body.attributes["b"].value, Locals(NAMES))
    assert (2, 7, 2, 10) == where(node.value[0].at)
    assert (2, 12, 2, 22) == where(node.value[1].at)


POLICY = """\
resource "aws_iam_policy" "p" {
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Resource": ["arn:${name}/*", "${name}"]},
        ${jsonencode({ Effect = "Deny" })}
      ]
    }
  EOF
}
"""


def test_a_policy_in_a_heredoc_has_its_places_there() -> None:
    file = parse("main.tf", POLICY)
    expression = file.body.blocks("resource")[0].body.attributes["policy"].value
    inner = document_of(evaluate(expression, Locals(NAMES)))
    assert inner is not None
    allow, deny = inner.value["Statement"].value
    assert '"Effect": "Allow"' == marked(POLICY, allow.value["Effect"].at)
    assert (
        "/resource/aws_iam_policy/p/policy/Statement/0/Resource/1"
        == allow.value["Resource"].value[1].at.pointer
    )
    assert {"Effect": "Deny"} == shown(deny)
    first, second = allow.value["Resource"].value
    assert (6, 42) == (where(first.at) or ())[:2]
    assert (6, 59) == (where(second.at) or ())[:2]


def test_a_policy_in_quotes_has_its_places_there() -> None:
    text = 'policy = "{\\"Statement\\": [{\\"Effect\\": \\"Allow\\"}]}"\n'
    file = parse("main.tf", text)
    inner = document_of(evaluate(file.body.attributes["policy"].value, Locals({})))
    assert inner is not None
    effect = inner.value["Statement"].value[0].value["Effect"]
    assert '\\"Effect\\": \\"Allow\\"'.startswith(marked(text, effect.at)[:10])
    assert "/policy/Statement/0/Effect" == effect.at.pointer


def test_a_policy_in_a_json_string_has_its_places_there() -> None:
    text = '{"locals": {\n  "p": "{\\"Statement\\": [\\"x\\"]}"}}'
    file = parse("main.tf.json", text)
    expression = file.body.blocks("locals")[0].body.attributes["p"].value
    inner = document_of(evaluate(expression, Locals({})))
    assert inner is not None
    assert (2, 26) == (where(inner.value["Statement"].value[0].at) or ())[:2]


MISTAKES = [
    ('a = \nb = 1\n', 1, {"b": 1}),
    ("a = [1,\n\nb = 2\n", 1, {}),
    ('a = "x\nb = 1\n', 1, {"b": 1}),
    ("a = 1 b = 2\n", 1, {"a": 1, "b": 2}),
    ("a = 1\na = 2\n", 2, {"a": 1}),
    ("a = f(\n", 1, {}),
    ("}\na = 1\n", 1, {"a": 1}),
    ("a = <<EOF\nx\n", 1, {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "left"), MISTAKES)
def test_a_mistake_has_its_line_and_the_rest_is_read(
    text: str, line: int, left: dict[str, Any]
) -> None:
    file = parse("x.tf", text)
    assert 1 == len(file.problems)
    assert line <= (file.problems[0].line or 0) <= line + 2
    got = {}
    for name, attribute in file.body.attributes.items():
        try:
            got[name] = evaluate(attribute.value, Locals({})).value
        except Fault:
            continue
    assert left.items() <= got.items()


def test_a_broken_block_costs_nothing_but_itself() -> None:
    text = (
        'resource "a" "one" {\n  x = 1\n}\n\n'
        'resource "a" "two" {\n  x = [1,\n  y = 2\n}\n\n'
        'resource "a" "three" {\n  x = 3\n}\n'
    )
    file = parse("main.tf", text)
    blocks = file.body.blocks("resource")
    assert [("one", False), ("two", True), ("three", False)] == [
        (block.labels[1], block.broken) for block in blocks
    ]
    (problem,) = file.problems
    assert problem.line is not None
    assert 5 <= problem.line <= 8
    assert 3 == evaluate(blocks[2].body.attributes["x"].value, Locals({})).value
    assert (10, 1) == (where(blocks[2].at) or ())[:2]


def test_a_block_without_its_end_costs_nothing_but_itself() -> None:
    text = 'resource "a" "one" {\n  x = 1\n\nresource "a" "two" {\n  x = 2\n}\n'
    file = parse("main.tf", text)
    assert [("one", True), ("two", False)] == [
        (block.labels[1], block.broken) for block in file.body.blocks("resource")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * 200 + "]" * 200 + "\n", "nested more than"),
        ("a {\n" * 200 + "}\n" * 200, "nested more than"),
        ("a {\n  b = 1\n  b = 2\n}\n", "b a second time"),
        ("a {\n  b = 1 c = 2\n}\n", "new line"),
    ],
)
def test_what_is_wrong_in_a_block_is_told_when_it_is_read(text: str, message: str) -> None:
    file = parse("main.tf", text)
    for type in file.body.block_types:
        for block in file.body.blocks(type):
            assert block.body.at is block.at
    assert message in file.problems[0].message
    assert file.problems[0].line


def test_a_file_that_is_too_large_is_not_read() -> None:
    file = parse("main.tf", "# " + "x" * (17 * 1024 * 1024))
    assert "larger than" in file.problems[0].message


CONFIGURATION = """\
{
  "//": "a comment",
  "resource": {
    "aws_s3_bucket": {
      "src": {"bucket": "${name}-x", "rule": [{"id": "one"}, {"id": "two"}], "versioning": {}},
      "many": [{"bucket": "a"}, {"bucket": "b"}]
    }
  },
  "provider": [{"aws": {"region": "eu-west-1"}}, {"aws": [{"alias": "x"}, {"alias": "y"}]}],
  "locals": {"//": "no local", "list": ["a", 1, true, null, {"k": "${1 + 1}"}]}
}
"""


def test_json_has_the_same_blocks() -> None:
    file = parse("main.tf.json", CONFIGURATION)
    assert () == tuple(file.problems)
    assert ["resource", "provider", "locals"] == list(file.body.block_types)
    src, *many = file.body.blocks("resource", labels=2)
    assert ("aws_s3_bucket", "src") == src.labels
    assert [("aws_s3_bucket", "many")] * 2 == [block.labels for block in many]
    assert ["one", "two"] == [
        evaluate(rule.body.attributes["id"].value, Locals({})).value
        for rule in src.body.blocks("rule")
    ]
    assert 1 == len(src.body.blocks("versioning"))
    # The same member as an attribute.
    assert [{"id": "one"}, {"id": "two"}] == shown(
        evaluate(src.body.attributes["rule"].value, Locals({}))
    )
    assert [("aws",)] * 3 == [block.labels for block in file.body.blocks("provider", labels=1)]
    bucket = evaluate(src.body.attributes["bucket"].value, Locals(NAMES))
    assert "<name>-x" == shown(bucket)
    assert '"bucket": "${name}-x"' == marked(CONFIGURATION, bucket.at)
    local = file.body.blocks("locals")[0].body
    assert ["list"] == list(local.attributes)
    assert ["a", 1, True, None, {"k": 2}] == shown(
        evaluate(local.attributes["list"].value, Locals({}))
    )


def test_a_json_document_that_was_read_already_is_a_file_too() -> None:
    (document,), _ = parse_document("cdk.tf.json", CONFIGURATION)
    assert 3 == len(parse_json(document).body.blocks("resource", labels=2))
    (other,), _ = parse_document("x.tf.json", "[1]")
    assert "no object" in parse_json(other).problems[0].message


def test_json_that_is_none_is_a_problem_with_its_line() -> None:
    file = parse("main.tf.json", '{\n  "a": ,\n}')
    assert 2 == file.problems[0].line
    assert [] == list(file.body.block_types)


def test_variables_files_are_bodies_of_arguments() -> None:
    text = 'name = "x"\nlist = [\n  "a",\n]\n'
    file = parse("prod.tfvars", text)
    assert {"name": "x", "list": ["a"]} == {
        name: shown(evaluate(attribute.value, Locals({})))
        for name, attribute in file.body.attributes.items()
    }
    assert file.document.may_hold_secrets
    inner = parse("prod.tfvars.json", '{"name": "x"}')
    assert "x" == evaluate(inner.body.attributes["name"].value, Locals({})).value
    assert inner.document.may_hold_secrets
    assert not parse("main.tf", text).document.may_hold_secrets


def test_a_fault_has_its_line() -> None:
    text = "a = 1\nb = {\n  c = upper([])\n}\n"
    file = parse("main.tf", text)
    with pytest.raises(Fault) as caught:
        evaluate(file.body.attributes["b"].value, Locals({}))
    problem = caught.value.problem()
    assert ("main.tf", 3, 7) == (problem.path, problem.line, problem.column)


@pytest.mark.parametrize("mark", ["#", "//"])
def test_comments_ignore_findings_in_hcl(mark: str) -> None:
    text = (
        f"a = 1 {mark} crrlint: ignore[CRR102] for now\n"
        f"{mark} crrlint: ignore[CRR104]\n{mark} more\n\nb = 2\n"
    )
    document = parse("main.tf", text).document
    assert [("CRR102", 1), ("CRR104", 5)] == [(i.rule, i.line) for i in comments([document])]
    yaml = Document("x.yaml", "a: 1 // crrlint: ignore[CRR102]\n", "yaml", {})
    assert [] == list(comments([yaml]))


def test_a_chain_of_operators_can_be_long() -> None:
    at = Document("main.tf", "", "hcl", None).root
    tree = parse_expression(" + ".join(["1"] * 5000))
    assert 5000 == evaluate(Expression(tree, at), Locals({})).value
