"""What holds of any text and of any expression."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crrlint.documents.places import Places
from crrlint.documents.source import Document, Node
from crrlint.loaders.hcl import (
    Expression,
    Fault,
    JsonText,
    ListOf,
    Locals,
    document_of,
    evaluate,
    finish,
    parse,
    text_of,
)
from crrlint.loaders.hcl.parse import parse_expression, parse_template
from crrlint.loaders.hcl.regexes import compiled
from crrlint.values import OneOf, Symbolic, Unknown
from crrlint.values.symbols import Symbol
from tests.loaders.hcl.reading import ENV, FLAG, NAMES
from tests.loaders.hcl.reading import given as node_of

_AT = Document("main.tf", "", "hcl", None).root

PIECES = [
    "a", "b1", " ", "\n", "=", "==", "{", "}", "[", "]", "(", ")", '"', "${", "%{", "~}", "if ",
    "for ", " in ", "endif", "endfor", "<<EOF\n", "EOF\n", "<<-X", ",", ":", "?", "=>", "...", ".",
    "*", "[*]", "1", "1.5e3", "-", "!", "&&", "#x", "//", "/*", "*/", "é", "\\", "$${", "null",
    'resource "a" "b" {\n', "}\n", "x = 1\n", "\0", "\r\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_a_crash(text: str) -> None:
    for path in ("x.tf", "x.tf.json"):
        file = parse(path, text)
        for type in file.body.block_types:
            for block in file.body.blocks(type, 1):
                assert block.body.at is not None
                Places().span(block.at)
        for attribute in file.body.attributes.values():
            with suppress(Fault):
                node = evaluate(attribute.value, Locals(NAMES))
                Places().span(node.at)
                finish(node)
                document_of(node)
        assert all(problem.path == path for problem in file.problems)


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_template_is_read_without_a_crash(text: str) -> None:
    with suppress(Fault):
        evaluate(Expression(parse_template(text), _AT), Locals(NAMES))


@given(st.text("ab(|)*+?[]^$\\{}12,.:<>PimsU-dwsQE", max_size=12), st.text("ab1\n -", max_size=8))
@settings(max_examples=500, deadline=None)
def test_any_pattern_matches_or_is_refused(pattern: str, text: str) -> None:
    from crrlint.loaders.hcl.errors import BadArgument
    from crrlint.values.symbols import Undecided

    try:
        regex = compiled(pattern)
    except (BadArgument, Undecided):
        return
    ends = [-1]
    for match in regex.find_all(text):
        assert 0 <= match.start <= match.end <= len(text)
        assert ends[-1] <= match.start
        ends.append(match.end)


# Texts, and what is made of them.  A number or a boolean that is made one type with an open value
# is taken to stay what it is, so those two do not meet here where types are made one.
_TEXT_LEAVES = st.sampled_from(
    ['"a"', '"dev"', '"a-b"', '"x/${name}"', '"${open}-${env}"', "name", "open", "env", '""']
)


def _texts(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda p: f"(({p[0]} == {p[1]}) ? {p[0]} : {p[1]})"),
        two.map(lambda p: f"(flag ? {p[0]} : {p[1]})"),
        two.map(lambda p: f"(unknown == null ? {p[0]} : {p[1]})"),
        two.map(lambda p: f"try({p[0]}.a, {p[1]})"),
        two.map(lambda p: f"try(unknown.a, {p[0]})"),
        two.map(lambda p: f"coalesce({p[0]}, {p[1]})"),
        two.map(lambda p: f"{{dev = {p[0]}, prod = {p[1]}}}[env]"),
        two.map(lambda p: f"distinct([{p[0]}, {p[1]}])[0]"),
        two.map(lambda p: f'join("-", [{p[0]}, {p[1]}])'),
        two.map(lambda p: f'format("%s/%s", {p[0]}, {p[1]})'),
        two.map(lambda p: f"trimprefix({p[0]}, {p[1]})"),
        two.map(lambda p: f'"%{{ if {p[0]} == {p[1]} }}y%{{ else }}${{{p[0]}}}%{{ endif }}"'),
        two.map(lambda p: f'"%{{ for x in [{p[0]}, {p[1]}] }}${{x}},%{{ endfor }}"'),
        two.map(lambda p: f'replace({p[0]}, "/", {p[1]})'),
        inner.map(lambda p: f'"t-${{{p}}}"'),
        inner.map(lambda p: f"upper({p})"),
        inner.map(lambda p: f"trimspace({p})"),
        inner.map(lambda p: f"substr({p}, 0, 2)"),
        inner.map(lambda p: f'split("/", {p})[0]'),
        inner.map(lambda p: f"jsonencode({{a = {p}}})"),
        inner.map(lambda p: f"jsondecode(jsonencode({{a = {p}}})).a"),
    )


TEXTS = st.recursive(_TEXT_LEAVES, _texts, max_leaves=5)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    texts = st.tuples(TEXTS, TEXTS)
    return st.one_of(
        two.map(lambda p: f"[{p[0]}, {p[1]}]"),
        two.map(lambda p: f"{{a = {p[0]}, b = {p[1]}}}"),
        two.map(lambda p: f"({p[0]} == {p[1]})"),
        two.map(lambda p: f"({p[0]} != {p[1]})"),
        two.map(lambda p: f"(flag && {p[0]} == {p[1]})"),
        two.map(lambda p: f"(!flag || {p[0]} == {p[1]})"),
        two.map(lambda p: f"concat([{p[0]}], [{p[1]}])"),
        two.map(lambda p: f"merge({{a = {p[0]}}}, {{b = {p[1]}}})"),
        two.map(lambda p: f"[for x in [{p[0]}, {p[1]}] : x if x != null]"),
        two.map(lambda p: f"flatten([[{p[0]}], [{p[1]}]])"),
        two.map(lambda p: f"length([{p[0]}, {p[1]}])"),
        inner.map(lambda p: f"[{p}][*]"),
        inner.map(lambda p: f"can({p}.a)"),
        inner.map(lambda p: f"jsonencode({p})"),
        inner.map(lambda p: f"jsondecode(jsonencode({p}))"),
        texts.map(lambda p: f"distinct([{p[0]}, {p[1]}])"),
        texts.map(lambda p: f"toset([{p[0]}, {p[1]}])"),
        texts.map(lambda p: f"sort([{p[0]}, {p[1]}])"),
        texts.map(lambda p: f"length(toset([{p[0]}, {p[1]}]))"),
        texts.map(lambda p: f"compact([{p[0]}, {p[1]}])"),
        texts.map(lambda p: f"contains([{p[0]}, {p[1]}], env)"),
        texts.map(lambda p: f"index([{p[0]}, {p[1]}], {p[1]})"),
        texts.map(lambda p: f"startswith({p[0]}, {p[1]})"),
        texts.map(lambda p: f'endswith({p[0]}, "b")'),
        texts.map(lambda p: f'strcontains({p[0]}, "-")'),
        texts.map(lambda p: f'split("/", {p[0]})'),
        texts.map(lambda p: f'{{for x in [{p[0]}, "k"] : x => {p[1]}...}}'),
    )


_LEAVES = TEXTS | st.sampled_from(
    ["1", "true", "null", "flag", "unknown", "[]", "{}", "[unknown]", "unknown.a", "open.a"]
)
EXPRESSIONS = st.recursive(_LEAVES, _grown, max_leaves=4)


def _value(text: str, names: Mapping[str, Node]) -> Node | None:
    try:
        return evaluate(Expression(parse_expression(text), _AT), Locals(dict(names), "here"))
    except Fault:
        return None


@given(EXPRESSIONS)
@settings(max_examples=200, deadline=None)
def test_an_expression_has_the_same_value_every_time(text: str) -> None:
    assert repr(_value(text, NAMES)) == repr(_value(text, NAMES))


@given(
    EXPRESSIONS,
    st.sampled_from(["a", "dev", "name-1"]),
    st.sampled_from(["", "a", "dev", "x/y", "a-b"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["a", 1, True, [], {}, None]),
)
@settings(max_examples=600, deadline=None)
def test_what_is_said_of_open_values_holds_of_every_value(
    text: str, name: str, open_: str, flag: bool, dev: bool, unknown: Any
) -> None:
    names = {
        **NAMES,
        "name": node_of(name),
        "open": node_of(open_),
        "flag": node_of(flag),
        "env": node_of("dev" if dev else "prod"),
        "unknown": node_of(unknown),
    }
    meant = _value(text, NAMES)
    got = _value(text, names)
    if got is None:
        return
    assert meant is not None, f"{text} has no value when open, and {got} when known"
    symbols = {("name", "value"): name, ("open", "value"): open_}
    answers = {FLAG: 0 if flag else 1, ENV: 0 if dev else 1}
    assert _covers(meant, got, symbols, answers), f"{text}: {meant} does not cover {got}"


def _covers(
    meant: Node, got: Node, symbols: dict[tuple[str, str], str], answers: dict[Any, int]
) -> bool:
    """Tell whether a value may be what an open one turns out to be."""
    held, known = meant.value, got.value
    if isinstance(held, OneOf):
        options = [o if isinstance(o, Node) else Node(o, meant.at) for o in held.options]
        if held.choice in answers:
            return _covers(options[answers[held.choice]], got, symbols, answers)
        return any(_covers(option, got, symbols, answers) for option in options)
    if isinstance(held, JsonText):
        if isinstance(known, JsonText):
            return _covers(held.node, known.node, symbols, answers)
        return _covers(text_of(meant), text_of(got), symbols, answers)
    if isinstance(held, Unknown):
        return True
    if isinstance(held, str) and isinstance(known, JsonText):
        return bool(held == text_of(got).value)
    if isinstance(held, Symbolic):
        return _covers_text(held, text_of(got).value, symbols)
    if isinstance(held, dict):
        return (
            isinstance(known, dict)
            and held.keys() == known.keys()
            and all(_covers(held[key], known[key], symbols, answers) for key in held)
        )
    if isinstance(held, list):
        return isinstance(known, list) and _covers_list(held, known, symbols, answers)
    return type(held) is type(known) and bool(held == known)


def _covers_list(
    held: list[Node],
    known: list[Node],
    symbols: dict[tuple[str, str], str],
    answers: dict[Any, int],
) -> bool:
    if isinstance(held, ListOf) and not held.certain:
        return all(
            any(_covers(one, other, symbols, answers) for one in held) for other in known
        ) and all(any(_covers(one, other, symbols, answers) for other in known) for one in held)
    return len(held) == len(known) and all(
        _covers(one, other, symbols, answers) for one, other in zip(held, known, strict=True)
    )


def _covers_text(held: Symbolic, known: Any, symbols: dict[tuple[str, str], str]) -> bool:
    import re

    pattern = ""
    lone = len(held.parts) == 1
    for part in held.parts:
        if isinstance(part, str):
            pattern += re.escape(part)
        else:
            assert isinstance(part, Symbol)
            text = symbols.get((part.entity, part.attribute))
            # What a function makes of a symbol is known by its name only.
            pattern += ".*" if text is None else re.escape(text)
    if lone and (held.symbols[0].entity, held.symbols[0].attribute) not in symbols:
        return True
    return isinstance(known, str) and re.fullmatch(pattern, known, re.DOTALL) is not None
