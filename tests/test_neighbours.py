"""Routes beside a route: looked up by their ends, and checked until one is certain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crrlint import loaders
from crrlint.documents.parse import parse
from crrlint.documents.source import Document
from crrlint.model import BucketFacts, Model
from crrlint.model.bindings import Bindings
from crrlint.routes.graph import Graph
from crrlint.routes.neighbours import arriving, between, certain, is_bucket, onward
from crrlint.routes.route import Route
from crrlint.run import engine, ruleset
from crrlint.values import Choice, Symbol, Symbolic, Text, Undecided, Unknown
from crrlint.world import World

PARAMETERS = """
Parameters:
  Unset: {Type: String}
  One: {Type: String}
  Other: {Type: String}
Conditions:
  Perhaps: !Equals [!Ref Unset, "yes"]
Resources:"""
BUCKET = """
  {id}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: {name}
      ReplicationConfiguration:
        Role: arn:aws:iam::111111111111:role/replicate
        Rules:
"""
RULE = """\
          - {{Status: Enabled, Priority: {n}, Filter: {{Prefix: {prefix}}},
             Destination: {{Bucket: {to}}}}}
"""


def graph(**buckets: list[tuple[str, str]]) -> Graph:
    """Build a graph of buckets with destinations and prefixes, both as YAML."""
    text = PARAMETERS
    for name, rules in buckets.items():
        text += BUCKET.format(id=name.upper(), name=name)
        for n, (to, prefix) in enumerate(rules):
            to = to if to.startswith("!") else f"'arn:aws:s3:::{to}'"
            text += RULE.format(n=n, to=to, prefix=prefix or "''")
    documents, _ = parse("stack.yaml", text)
    recognised = loaders.recognise(documents[0], Bindings())
    assert recognised is not None
    return Graph(loaders.load([(documents[0], recognised)], Bindings()))


def told(found: Graph, rule_id: str) -> tuple[list[str], list[str]]:
    """Run one rule; return the routes with findings, and those that are undecided."""
    rules = [rule for rule in ruleset.load() if rule.id == rule_id]
    outcome = engine.run(found, rules, {})
    assert not outcome.crashes
    return [str(f.subject) for f in outcome.findings], [str(o.subject) for o in outcome.undecided]


def test_routes_are_found_by_their_ends_and_prefixes() -> None:
    found = graph(a=[("b", "logs/"), ("b", "data/")], b=[("c", "logs/app/")], d=[("b", "")])
    first, second, third, fourth = found.routes
    assert [third] == list(onward(first))
    assert [] == list(onward(second))
    assert [fourth, first] == list(arriving(first, "logs/"))
    assert {first, second} == set(between(third, first.source, first.destination))


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ({"a": [("b", "")], "b": [("c", "")]}, ["a/rule-1"]),
        ({"a": [("b", ""), ("c", "")], "b": [("c", "")]}, []),
        ({"a": [("b", "logs/")], "b": [("c", "data/")]}, []),
        ({"a": [("b", "")], "b": [("a", "")]}, []),
        ({"a": [("b", "")], "b": [("c", "")], "c": [("a", "")]}, [f"{n}/rule-1" for n in "abc"]),
        ({"a": [("b", "")], "b": [("c", "x/"), ("c", "y/"), ("d", "")]}, ["a/rule-1"] * 2),
    ],
)  # fmt: skip
def test_a_chain_is_told_once_for_each_bucket_that_lacks_objects(
    buckets: dict[str, list[tuple[str, str]]], expected: list[str]
) -> None:
    assert (expected, []) == told(graph(**buckets), "CRR901")


def test_what_hangs_on_a_choice_is_asked_under_each_answer() -> None:
    chosen = "!If [Perhaps, logs/, logs/app/]"
    certain_chain = graph(a=[("b", chosen)], b=[("c", "")])
    assert (["a/rule-1"], []) == told(certain_chain, "CRR901")
    perhaps = graph(a=[("b", "logs/app/")], b=[("c", "!If [Perhaps, logs/, data/]")])
    assert ([], ["a/rule-1"]) == told(perhaps, "CRR901")
    destination = "!If [Perhaps, 'arn:aws:s3:::b', 'arn:aws:s3:::d']"
    assert ([], ["a/rule-1"]) == told(graph(a=[(destination, "")], b=[("c", "")]), "CRR901")


def test_a_destination_that_may_be_any_is_undecided() -> None:
    found = graph(a=[("!Ref One", "")], b=[("c", "")])
    assert ([], ["a/rule-1"]) == told(found, "CRR901")


def test_sources_that_share_a_destination_nobody_named_collide() -> None:
    shared = graph(a=[("!Ref One", "")], b=[("!Ref One", "")])
    assert (["b/rule-1"], []) == told(shared, "CRR907")
    perhaps = graph(a=[("!Ref One", "")], b=[("!Ref Other", "")])
    assert ([], ["b/rule-1"]) == told(perhaps, "CRR907")


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ({"a": [("c", "")], "b": [("c", "")]}, ["b/rule-1"]),
        ({"a": [("c", "x")], "b": [("c", "xy"), ("c", "y")]}, ["b/rule-1"]),
        ({"a": [("c", "x/")], "b": [("c", "y/")]}, []),
        ({"a": [("c", ""), ("b", "")], "b": [("c", "")]}, []),
        ({"a": [("c", "x"), ("c", "xy")]}, []),
    ],
)
def test_a_collision_is_told_at_the_later_rule(
    buckets: dict[str, list[tuple[str, str]]], expected: list[str]
) -> None:
    assert (expected, []) == told(graph(**buckets), "CRR907")


NAME = Symbolic((Symbol("t/A", "bucket-name", "${A}", form="name", unique=True),))
OTHER_NAME = Symbolic((Symbol("t/B", "bucket-name", "${B}", form="name", unique=True),))
ANY = Symbolic((Symbol("t", "Unset", "${Unset}"),))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (NAME, NAME, True),
        (NAME, OTHER_NAME, False),
        (NAME, "a", None),
        (ANY, ANY, True),
        (ANY, "a", None),
        (ANY, NAME, None),
        (Unknown("deferred", "a name"), "a", None),
    ],
)
def test_buckets_are_told_apart_by_name(a: Text, b: Text, expected: bool | None) -> None:
    at = Document("dump.json", "", "json", {}).root
    world = World(Model())
    one, other = (world.bucket(name, "aws", at) for name in (a, b))
    for bucket, second in ((one, other), (other, one)):
        if expected is None:
            with pytest.raises(Undecided):
                is_bucket(bucket, second)
        else:
            assert is_bucket(bucket, second) is expected


def test_buckets_that_a_template_declares_are_two() -> None:
    at = Document("stack.yaml", "", "yaml", {}).root
    facts = tuple(BucketFacts(name, at, declared=True) for name in (NAME, "a"))
    world = World(Model(buckets=facts))
    generated, named = world.buckets()
    assert not is_bucket(generated, named)


def test_what_is_open_counts_where_nothing_is_certain() -> None:
    routes = graph(a=[("b", ""), ("c", ""), ("d", "")]).routes
    gap = Undecided("deferred", "the destination")

    def open_but(last: bool) -> Iterator[Route]:
        def check(route: Route) -> bool:
            if route is not routes[-1]:
                raise gap
            return last

        return certain(routes, check)

    assert [routes[-1]] == list(open_but(True))
    with pytest.raises(Undecided):
        list(open_but(False))


def test_an_open_choice_is_for_the_engine_to_answer() -> None:
    choice = Choice("c", ("yes", "no"), "whether")

    def check(route: Route) -> bool:
        raise Undecided("choice", "whether", choice=choice)

    with pytest.raises(Undecided) as caught:
        list(certain(graph(a=[("b", "")]).routes, check))
    assert caught.value.choice is choice
