"""Expressions of which parts are open: what is certain of them, and what they hang on."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.documents.source import Document, Key, Location, Node
from crrlint.loaders.hcl import (
    Expression,
    Fault,
    Found,
    JsonText,
    Locals,
    NoFiles,
    OpenObject,
    convert,
    document_of,
    evaluate,
    finish,
    parse,
    parse_type,
    text_of,
    truth,
)
from crrlint.loaders.hcl.parse import parse_expression
from crrlint.values import OneOf, Symbolic, Unknown
from crrlint.values.answers import assuming
from tests.loaders.hcl.reading import ENV, FLAG, given, shown, symbol, value

MEANT = [
    # Symbols stay in texts.
    ('"arn:aws:s3:::${name}/*"', "arn:aws:s3:::<name>/*"),
    ('format("arn:aws:iam::%s:role/%s", account, "x")', "arn:aws:iam::<account>:role/x"),
    ('join("-", [name, "x"])', "<name>-x"),
    ("name == name", True),
    ('name == "a:b"', False),
    ('name == "a"', (True, False)),
    ('name != "a"', (False, True)),
    ('account == "12"', False),
    ("name == null", False),
    ('lower("ABC-${region}")', "abc-<region>"),
    ("lower(open) == lower(open)", True),
    ("lower(open) == upper(open)", (True, False)),
    ('split("/", "a/${name}/b")', ["a", "<name>", "b"]),
    ('split("-", "a-${name}")', "?unbound_parameter"),
    ('split(":", "arn:${open}")', "?unbound_parameter"),
    ('replace("a/${name}/b", "/", "-")', "a-<name>-b"),
    ('replace("a-${name}", "-", "/")', "replace(a-<name>, '-', '/')"),
    ('trimprefix("arn:${name}", "arn:")', "<name>"),
    ('trimsuffix("${name}:*", ":*")', "<name>"),
    ('trimspace("  ${name}\\n")', "<name>"),
    ('startswith("arn:${name}", "arn:")', True),
    ('startswith(name, "arn:")', False),
    ('startswith(name, "a")', "?unbound_parameter"),
    ('endswith("${name}/*", "/*")', True),
    ('strcontains("a:${name}", ":")', True),
    ('strcontains(name, ":")', False),
    ('substr("abc-${name}", 0, 3)', "abc"),
    ('substr("abc-${name}", 4, -1)', "<name>"),
    ("md5(name)", "md5(<name>)"),
    ('regex("a", name)', "?unbound_parameter"),
    ('contains(["a", name], "a")', True),
    ('contains([name], "a:b")', False),
    ('contains([name], "a")', (True, False)),
    ('provider::aws::arn_parse("arn:aws:iam::${account}:role/p/${name}").account_id', "<account>"),
    (
        'provider::aws::trim_iam_role_path("arn:aws:iam::${account}:role/p/${name}")',
        "arn:aws:iam::<account>:role/<name>",
    ),
    ('provider::aws::arn_build("aws", "s3", "", "", name)', "arn:aws:s3:::<name>"),
    # Containers stay structured around what is open.
    ("[unknown, 1][1]", 1),
    ("length([unknown, name])", 2),
    ("merge({a = unknown}, {b = name}).b", "<name>"),
    ("concat([name], [unknown])", ["<name>", "?deferred"]),
    ('{ "a" = unknown }', {"a": "?deferred"}),
    ("{ (name) = 1 }", "?unbound_parameter"),
    ('[for x in [name, "b"] : "${x}/*"]', ["<name>/*", "b/*"]),
    ("[for x in unknown : x]", "?deferred"),
    ("unknown[*].arn", "?deferred"),
    ("open.bucket.arn", "<open>.bucket.arn"),
    ("open.bucket == open.bucket", True),
    ("toset([name, account])", {"some": ["<name>", "<account>"]}),
    ("length(toset([name, account]))", "?unsupported_expression"),
    ("length(toset([name, name]))", 1),
    ('sort([name, "a"])', {"some": ["<name>", "a"]}),
    ('sort([name, "a"])[0]', "?unsupported_expression"),
    ('[for x in sort([name, "a"]) : upper(x)]', {"some": ["upper(<name>)", "A"]}),
    # Choices.
    ('flag ? "a" : "b"', ("a", "b")),
    ("flag ? 1 : 1", 1),
    ('flag ? {a = 1} : {a = "x"}', ({"a": "1"}, {"a": "x"})),
    ("!flag", (False, True)),
    ("flag && false", False),
    ("flag || unknown", (True, "?deferred")),
    ("unknown && false", False),
    ("unknown || true", True),
    ("unknown ? 1 : 2", (1, 2)),
    ("open ? 1 : 2", (1, 2)),
    ('open == "prod" ? 3 : 0', (3, 0)),
    ('env == "dev"', (True, False)),
    ('{dev = "eu-west-1", prod = "us-east-1"}[env]', ("eu-west-1", "us-east-1")),
    ('{dev = "eu-west-1", prod = "us-east-1"}[open]', ("eu-west-1", "us-east-1")),
    ('lookup({dev = "x"}, env, "z")', ("x", "z")),
    ('[for x in ["a", "b"] : x if flag]', (["a", "b"], [])),
    ('[for x in (flag ? ["a"] : []) : upper(x)]', (["A"], [])),
    ('[for x in ["dev", "prod"] : x if x == env]', (["dev"], ["prod"])),
    ("{ (env) = 1 }", ({"dev": 1}, {"prod": 1})),
    ('"${env}-${env}"', ("dev-dev", "prod-prod")),
    ('"%{ if flag }a%{ else }b%{ endif }c"', ("ac", "bc")),
    ('env == "dev" ? (env == "dev" ? 1 : 2) : 3', ((1, 2), 3)),
    # What may have no value.
    ('try(unknown.a, "d")', "?deferred"),
    ('try({a = 1}.b, "d")', "d"),
    ('try(name, "d")', "<name>"),
    ("try([{id = name, role = unknown}], [])", [{"id": "<name>", "role": "?deferred"}]),
    ("try({a = open.b}, {})", ({"a": "<open>.b"}, {})),
    ('try(flag ? "x" : {}.a, "q")', ("x", "q")),
    ("can(unknown.a)", "?deferred"),
    ("can(name)", True),
    ("can(flag ? 1 : {}.a)", (True, False)),
    ("flag ? 1 : {}.a", (1, "?unsupported_expression")),
    ("can(tonumber(text))", "?unbound_parameter"),
    ("can(tobool(text))", "?unbound_parameter"),
    ("can(text + 1)", "?unbound_parameter"),
    ("can(!text)", "?unsupported_expression"),
    ("can(text ? 1 : 2)", "?unsupported_expression"),
    ('can([for x in ["a"] : x if text])', "?unsupported_expression"),
    ("can(alltrue([text]))", "?unbound_parameter"),
    ('can("${open}-x")', "?unbound_parameter"),
    ("can(upper(open))", "?unbound_parameter"),
    ("can(upper(text))", True),
    ("can(contains([open], 1))", True),
    ('can(toset(["a", open]))', "?unbound_parameter"),
    ("can(text.a)", False),
    ("try(true.a, 1)", 1),
    ("can(null.a)", False),
    ('try([false.a.b], "d")', "d"),
    ("try(tonumber(text), 5)", "?unbound_parameter"),
    ("try(tomap({a = open}), {})", ({"a": "<open>"}, {})),
    (
        'try({(flag ? "k" : null) = text}, {}.a)',
        ({"k": "<text>"}, "?unsupported_expression"),
    ),
    ('try(flag ? open.a : {}.b, "d")', (("<open>.a", "d"), "d")),
    # Since Terraform 1.12 one side may decide alone, though the other has no value.
    ("true || {}.a", True),
    ('try(true || {}.a, "d")', (True, "d")),
    ("flag || {}.a", (True, "?unsupported_expression")),
    ("flag && {}.a", ("?unsupported_expression", False)),
    # What has no value can be null, and what is text is no object.
    ("maybe == null", (True, False)),
    ("maybe != null", (False, True)),
    ("text == null", False),
    ("maybe[*]", ([], ["<maybe>"])),
    ("text[*]", ["<text>"]),
    ("length(maybe[*])", (0, 1)),
    ("jsonencode({a = text})", {"json": {"a": "<text>"}}),
    # What only the type is known of makes others that type.
    ("tolist([1, text])", ["1", "<text>"]),
    ("tolist([1, amount])", [1, "?unbound_parameter"]),
    ("flag ? [1] : list", (["1"], "?deferred")),
    ("flag ? sort(list) : []", ("?deferred", [])),
    ('flag ? "a" : length(list)', ("a", "?deferred")),
    ('flatten([open, "a"])', "?unbound_parameter"),
    ('flatten([text, ["a"]])', ["<text>", "a"]),
    ("pow(flag ? text : 1, 2)", ("?unbound_parameter", 1)),
    ('split("", "a${text}")', "?unbound_parameter"),
    ('"%{ for x in toset([text, name]) }c%{ endfor }"', {"text": "?unsupported_expression"}),
    # What is not known before Terraform runs, or never shown.
    ("timestamp()", "?unsupported_expression"),
    ("uuid()", "?unsupported_expression"),
    ("provider::other::thing(1)", "?unsupported_expression"),
    ('abspath("x")', "?unsupported_expression"),
    ('file("x")', "?external_reference"),
    ('sensitive("x")', "?sensitive"),
    ('"a${sensitive("x")}"', {"text": None}),
    ('nonsensitive(sensitive("x"))', "x"),
    ("issensitive(sensitive(1))", True),
]


@pytest.mark.parametrize(("text", "meant"), MEANT, ids=[text for text, _ in MEANT])
def test_an_open_expression_says_what_is_certain(text: str, meant: Any) -> None:
    assert meant == shown(value(text))


def test_a_choice_is_the_same_wherever_it_is_asked() -> None:
    node = value('[flag ? "a" : "b", flag ? "c" : "d", env]')
    with assuming({FLAG: 1, ENV: 0}):
        assert ["b", "d", "dev"] == node.plain()


def test_what_is_tried_is_one_question_where_it_is_the_same_expression() -> None:
    apart = value("[try(tobool(open) || true, 1), try(tobool(maybe) || true, 2)]")
    assert [(True, 1), (True, 2)] == shown(apart)
    assert apart.value[0].value.choice != apart.value[1].value.choice
    alike = value("[try(open.a, 1), try(open.a, 2)]")
    assert alike.value[0].value.choice == alike.value[1].value.choice


def test_a_comparison_is_one_question_whichever_way_it_is_written() -> None:
    a, b = value('open == "x"').value, value('"x" == open').value
    assert a.choice == b.choice


def test_questions_that_nothing_names_are_told_apart_by_the_scope() -> None:
    tree = parse_expression("unknown ? 1 : 2")
    at = Document("main.tf", "", "hcl", None).root / "a"
    names = {"unknown": given(Unknown("deferred", "x"))}
    one, other = (evaluate(Expression(tree, at), Locals(names, id)) for id in ("a", "b"))
    assert one.value.choice != other.value.choice
    assert one.value.choice == evaluate(Expression(tree, at), Locals(names, "a")).value.choice


def test_json_keeps_its_structure_around_what_is_open() -> None:
    node = value('jsonencode({Resource = "arn:${name}/*", Other = unknown, On = flag})')
    assert isinstance(node.value, JsonText)
    inner = document_of(node)
    assert inner is not None
    assert {"Resource": "arn:<name>/*", "Other": "?deferred", "On": (True, False)} == shown(inner)
    decoded = value("jsondecode(jsonencode({a = [name, unknown]})).a[0]")
    assert "<name>" == shown(decoded)


def test_json_becomes_text_where_text_is_meant() -> None:
    text = finish(value('jsonencode({b = "arn:${name}", a = [1, true, null, "<"]})')).value
    assert isinstance(text, Symbolic)
    assert '{"a":[1,true,null,"\\u003c"],"b":"arn:<name>"}' == str(text)
    two = finish(value("jsonencode({a = env})"))
    assert ('{"a":"dev"}', '{"a":"prod"}') == shown(two)
    assert '{"a":1}' == text_of(value("jsonencode({a = 1})")).value
    assert 7 == value("length(jsonencode({a = 1}))").value


DOCUMENTS = [
    ("<<EOF\n{\"a\": \"arn:${name}/*\", \"b\": [1, ${jsonencode([name, unknown])}]}\nEOF",
     {"a": "arn:<name>/*", "b": [1, ["<name>", "?deferred"]]}),
    ('<<EOF\n{"a": "${unknown}", "b": ${open}, "c": ${jsonencode(open)}}\nEOF',
     {"a": "?deferred", "b": "?unbound_parameter", "c": "<open>"}),
    ('<<EOF\n{"${name}": 1, "b": 2}\nEOF', "?unbound_parameter"),
    ('<<EOF\n{"a": "${env}"}\nEOF', ({"a": "dev"}, {"a": "prod"})),
    ('<<EOF\n[%{ for x in [name, "b"] ~}"${x}",%{ endfor ~}"c"]\nEOF', ["<name>", "b", "c"]),
    ('"{\\"a\\": 1}"', {"a": 1}),
    ("open", "?unbound_parameter"),
    ("unknown", "?deferred"),
    ("[1]", [1]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), DOCUMENTS)
def test_a_text_of_json_is_read_with_what_is_open_in_it(text: str, meant: Any) -> None:
    inner = document_of(value(text))
    assert inner is not None
    assert meant == shown(inner)


@pytest.mark.parametrize("text", ['"no json"', '"{a}"', "null", "1", '<<EOF\n{"a": 1,}\nEOF'])
def test_what_is_no_json_has_no_document(text: str) -> None:
    assert document_of(value(text)) is None


class Resources(NoFiles):
    """A scope of resources of which each attribute is a symbol."""

    id = "root"

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Key, ...]]] = []

    def resolve(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        self.asked.append((root, steps))
        if root != "aws_s3_bucket":
            raise Fault(f"there is no {root}", at)

        def member(key: str) -> OpenObject:
            return OpenObject(lambda name: symbol(f"{steps[0]}[{key}].{name}"), f"bucket {key}")

        return Found(given({key: given(member(key)) for key in ("a", "b")}), 1)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('aws_s3_bucket.x["a"].arn', "<x[a].arn>"),
        ('"${aws_s3_bucket.x["a"].arn}/*"', "<x[a].arn>/*"),
        ("values(aws_s3_bucket.x)[*].arn", ["<x[a].arn>", "<x[b].arn>"]),
        ("[for k, b in aws_s3_bucket.x : b.id]", ["<x[a].id>", "<x[b].id>"]),
        ("{for k, b in aws_s3_bucket.x : k => b.id}", {"a": "<x[a].id>", "b": "<x[b].id>"}),
        ("keys(aws_s3_bucket.x)", ["a", "b"]),
        ('try(aws_s3_bucket.x["c"].arn, "none")', "none"),
        ("jsonencode(aws_s3_bucket.x)", {"json": {"a": "?deferred", "b": "?deferred"}}),
    ],
)
def test_whole_resources_can_be_passed_on(text: str, meant: Any) -> None:
    at = Document("main.tf", text, "hcl", None).root
    assert meant == shown(evaluate(Expression(parse_expression(text), at), Resources()))


def test_the_scope_is_given_the_steps_with_plain_keys() -> None:
    scope = Resources()
    at = Document("main.tf", "", "hcl", None).root
    tree = parse_expression('aws_s3_bucket.x["a"].arn[0]')
    with pytest.raises(Fault):
        evaluate(Expression(parse_expression("nothing.b[1 + 1].c"), at), scope)
    evaluate(Expression(tree, at), scope)
    assert [
        ("nothing", ("b", 2, "c")),
        ("aws_s3_bucket", ("x", "a", "arn", 0)),
    ] == scope.asked


class Folder(NoFiles):
    """A scope with files."""

    id = "root"

    def __init__(self, **files: str) -> None:
        self.given = {name.replace("_", "."): text for name, text in files.items()}

    def resolve(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        return Found(symbol("name", "name"))

    def read(self, path: str, at: Location) -> Document:
        return Document(path, self.given[path], "hcl", None)

    def read_bytes(self, path: str, at: Location) -> bytes:
        return self.given[path].encode()

    def exists(self, path: str, at: Location) -> bool:
        return path in self.given

    def files(self, folder: str, at: Location) -> list[str]:
        return list(self.given)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('file("a.txt")', "hello"),
        ('filebase64("a.txt")', "aGVsbG8="),
        ('filemd5("a.txt")', "5d41402abc4b2a76b9719d911017c592"),
        ('fileexists("b.txt")', False),
        ('fileset(".", "*.t{xt,pl}")', ["a.txt", "p.tpl"]),
        ('fileset(".", "**")', ["a.txt", "p.tpl"]),
        ('templatefile("p.tpl", {b = name, l = [1, 2]})', "<name>:1,2,$${x}\n".replace("$$", "$")),
        ('templatefile("p.tpl", {b = "x", l = []})', "x:${x}\n"),
    ],
)
def test_files_are_read_through_the_scope(text: str, meant: Any) -> None:
    scope = Folder(a_txt="hello", p_tpl="${b}:%{ for x in l }${x},%{ endfor }$${x}\n")
    at = Document("main.tf", text, "hcl", None).root
    assert meant == shown(evaluate(Expression(parse_expression(text), at), scope))


@pytest.mark.parametrize(
    "text", ['templatefile("p.tpl", {})', 'templatefile("q.tpl", {})', 'templatefile("r.tpl", {})']
)
def test_a_template_knows_what_it_is_given_and_nothing_else(text: str) -> None:
    scope = Folder(p_tpl="${b}", q_tpl='${templatefile("q.tpl", {})}', r_tpl="${")
    at = Document("main.tf", text, "hcl", None).root
    with pytest.raises(Fault):
        evaluate(Expression(parse_expression(text), at), scope)


TYPES = [
    ("string", "1.50", "1.5"),
    ("string", "true", "true"),
    ("number", '"1e3"', 1000),
    ("bool", '"true"', True),
    ("list(string)", "[1, true]", ["1", "true"]),
    ("set(string)", '["b", "a", "b"]', ["a", "b"]),
    ("map(string)", "{a = 1}", {"a": "1"}),
    ("list(any)", '[1, "a"]', ["1", "a"]),
    ("any", "[1, true]", [1, True]),
    ("list", "[1]", [1]),
    ("tuple([string, number])", '[1, "2"]', ["1", 2]),
    ("object({a = string})", "{a = 1, b = 2}", {"a": "1"}),
    ("object({a = optional(string)})", "{}", {"a": None}),
    ("object({a = optional(list(string), [])})", "{}", {"a": []}),
    ("object({a = optional(number, 5)})", "{a = null}", {"a": 5}),
    (
        "map(object({r = string, e = optional(bool, true)}))",
        '{x = {r = "eu"}}',
        {"x": {"r": "eu", "e": True}},
    ),
    ("list(string)", "[name, unknown]", ["<name>", "?deferred"]),
    ("string", "env", ("dev", "prod")),
    ("list(string)", "open", "?unbound_parameter"),
    ("number", "null", None),
]


@pytest.mark.parametrize(("type", "text", "meant"), TYPES)
def test_values_are_converted_to_the_types_of_variables(type: str, text: str, meant: Any) -> None:
    at = Document("main.tf", "", "hcl", None).root
    constraint = parse_type(Expression(parse_expression(type), at))
    assert meant == shown(convert(value(text), constraint))


@pytest.mark.parametrize(
    ("type", "text"),
    [
        ("number", '"x"'),
        ("bool", "1"),
        ("list(string)", "{}"),
        ("map(string)", "[]"),
        ("object({a = string})", "{}"),
        ("string", "[]"),
        ("tuple([string])", "[1, 2]"),
    ],
)
def test_what_does_not_fit_a_type_is_a_fault(type: str, text: str) -> None:
    at = Document("main.tf", "", "hcl", None).root
    constraint = parse_type(Expression(parse_expression(type), at))
    with pytest.raises(Fault):
        convert(value(text), constraint)


@pytest.mark.parametrize("type", ["nothing", "list(string, string)", "object([])", "1 + 1", "x.y"])
def test_what_is_no_type_is_a_fault(type: str) -> None:
    at = Document("main.tf", "", "hcl", None).root
    with pytest.raises(Fault):
        parse_type(Expression(parse_expression(type), at))


def test_a_condition_is_true_false_or_open() -> None:
    assert truth(value('"true"')).value is True
    assert isinstance(truth(value("open")).value, OneOf)
    assert isinstance(truth(value("unknown")).value, Unknown)
    with pytest.raises(Fault):
        truth(value("null"))


def test_too_many_choices_are_not_kept_apart() -> None:
    names = {
        f"f{i}": given(OneOf(type(FLAG)(f"f{i}", ("true", "false"), f"f{i}"), ("a", "b")))
        for i in range(12)
    }
    text = '"' + "".join(f"${{f{i}}}" for i in range(12)) + '"'
    assert "?too_complex" == shown(value(text, names))


def test_loops_of_loops_end() -> None:
    text = "[for x in [1, 2] : " * 30 + "1" + "]" * 30
    assert isinstance(value(text), Node)


def test_a_patterns_time_is_bounded() -> None:
    assert plain_length('regexall("(a+)+$", "%s!")' % ("a" * 2000)) == 0


def plain_length(text: str) -> int:
    node = value(f"length({text})")
    assert isinstance(node.value, int)
    return node.value


def test_expressions_in_json_are_templates() -> None:
    file = parse("main.tf.json", '{"locals": {"v": {"a": "${name}/*", "b": ["$${x}", 1.5]}}}')
    expression = file.body.blocks("locals")[0].body.attributes["v"].value
    names = {"name": symbol("name")}
    assert {"a": "<name>/*", "b": ["${x}", 1.5]} == shown(evaluate(expression, Locals(names)))
