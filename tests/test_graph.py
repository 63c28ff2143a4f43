"""Chains and loops of routes, and that networkx is imported for them only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from crrlint import loaders
from crrlint.documents.parse import parse
from crrlint.model.bindings import Bindings
from crrlint.routes.graph import Graph

BUCKET = """
  {id}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: {name}
      ReplicationConfiguration:
        Role: arn:aws:iam::111111111111:role/replicate
        Rules:
"""
RULE = "          - {{Status: Enabled, Destination: {{Bucket: 'arn:aws:s3:::{to}'}}}}\n"


def graph(*arrows: str) -> Graph:
    """Build a graph of arrows such as `a>b`."""
    ends = [arrow.split(">") for arrow in arrows]
    text = "Resources:"
    for name in dict.fromkeys(start for start, _ in ends):
        text += BUCKET.format(id=name.upper(), name=name)
        text += "".join(RULE.format(to=to) for start, to in ends if start == name)
    documents, _ = parse("stack.yaml", text)
    recognised = loaders.recognise(documents[0], Bindings())
    assert recognised is not None
    return Graph(loaders.load([(documents[0], recognised)], Bindings()))


def chains(found: Graph) -> Iterator[str]:
    for first, second in found.chains():
        yield f"{first.source}>{first.destination}>{second.destination}"


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        (("a>b",), []),
        (("a>b", "c>d"), []),
        (("a>b", "b>c"), ["a>b>c"]),
        (("a>b", "b>a"), ["a>b>a", "b>a>b"]),
        (("a>b", "a>c", "c>d", "c>e"), ["a>c>d", "a>c>e"]),
    ],
)
def test_a_chain_is_two_routes_in_a_row(arrows: tuple[str, ...], expected: list[str]) -> None:
    assert expected == sorted(chains(graph(*arrows)))


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        (("a>b", "b>c"), []),
        (("a>b", "b>a"), [["a", "b"]]),
        (("a>a",), [["a"]]),
        (("a>b", "b>c", "c>a", "c>d"), [["a", "b", "c"]]),
        (("a>b", "b>a", "c>d", "d>c"), [["a", "b"], ["c", "d"]]),
    ],
)
def test_a_loop_is_a_group_that_comes_round(
    arrows: tuple[str, ...], expected: list[list[str]]
) -> None:
    assert expected == graph(*arrows).loops()


def test_many_buckets_that_all_replicate_to_each_other_are_one_loop() -> None:
    names = [f"b{n}" for n in range(25)]
    everyone = [f"{a}>{b}" for a in names for b in names if a != b]
    assert [sorted(names)] == [sorted(group) for group in graph(*everyone).loops()]


def test_networkx_is_imported_for_relays_only() -> None:
    code = (
        "import sys; from tests.test_graph import graph;"
        "graph('a>b').loops(); print('networkx' in sys.modules);"
        "graph('a>b', 'b>a').loops(); print('networkx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ["False", "True"] == done.stdout.split()
