"""Routes beside a route: those that start where it ends, and those that end where it does.

A rule asks for candidates, which are cheap and too many, and lets `certain` check them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from crrlint.documents.source import Node
from crrlint.routes.route import Route
from crrlint.values import OneOf, Text, Undecided, same, settle
from crrlint.values.doubt import Doubt
from crrlint.values.prefixes import covers, decided, share
from crrlint.world import Bucket, key_of

_OPEN_QUESTIONS: Final = 8
"""How many candidates may be open before a proof is not looked for any further."""


def certain(candidates: Iterable[Route], check: Callable[[Route], bool]) -> Iterator[Route]:
    """Yield the routes of which a check holds; what is open counts where it holds of none."""
    gap: Undecided | None = None
    found = False
    left = _OPEN_QUESTIONS
    for candidate in candidates:
        try:
            holds = check(candidate)
        except Undecided as question:
            if question.choice is not None:
                raise
            gap = gap or question
            left -= 1
            if not left:
                break
            continue
        if holds:
            found = True
            yield candidate
    if gap is not None and not found:
        raise gap


def onward(route: Route) -> Iterator[Route]:
    """Yield what may replicate on from the route's destination."""
    return route.graph.leaving.near((route.destination.name,), route.rule.prefix)


def leaving(route: Route, prefix: Text) -> Iterator[Route]:
    """Yield what may replicate such keys from the route's source, the route included."""
    return route.graph.leaving.near((route.source.name,), prefix)


def arriving(route: Route, prefix: Text) -> Iterator[Route]:
    """Yield what may replicate such keys into the route's destination, the route included."""
    return route.graph.arriving.near((route.destination.name,), prefix)


def between(
    route: Route, source: Bucket, destination: Bucket, prefix: Text = ""
) -> Iterator[Route]:
    """Yield what may replicate such keys from one bucket to another, in the route's graph."""
    return route.graph.joining.near((source.name, destination.name), prefix)


def joins(route: Route, source: Bucket, destination: Bucket) -> bool:
    """Tell whether a route replicates from one bucket to another."""
    return (
        replicates(route)
        and is_bucket(route.source, source)
        and is_bucket(route.destination, destination)
    )


def replicates(route: Route) -> bool:
    """Tell whether a route is there, under the answers that hold, and enabled."""
    for choice, answer in route.given.items():
        if settle(OneOf(choice, tuple(range(len(choice.answers))))) != answer:
            return False
    return route.enabled


def comes_first(route: Route, others: Iterable[Route], alike: Callable[[Route], bool]) -> bool:
    """Tell whether no enabled route before it is alike: what concerns several is told of one."""
    for other in others:
        with Doubt():
            if other.position < route.position and replicates(other) and alike(other):
                return False
    return True


def is_bucket(bucket: Bucket, other: Bucket) -> bool:
    """Tell whether two buckets are one.

    Two that templates declare are two, whatever their names turn out to be.  A name that a
    template leaves to AWS may be the one that a dump tells.
    """
    if bucket is other:
        return True
    name, other_name = settle(bucket.name), settle(other.name)
    key, other_key = key_of(name), key_of(other_name)
    if key is not None and other_key is not None:
        if key == other_key:
            return True
        answer = same(name, other_name)
        if answer is not None:
            return answer
        if _is_of_template(bucket) and _is_of_template(other):
            return False
    for text in (name, other_name):
        if not isinstance(text, str):
            raise text.undecided()
    raise AssertionError("names that are given leave nothing open")


def _is_of_template(bucket: Bucket) -> bool:
    return any(fact.declared and fact.layer == "template" for fact in bucket.facts)


def share_keys(route: Route, other: Route) -> bool:
    """Tell whether the prefixes of two routes can select one key."""
    return share(route.rule.prefix, other.rule.prefix)


def share_objects(route: Route, other: Route) -> bool:
    """Tell whether two routes can select one object, and the replica of it."""
    if not share_keys(route, other):
        return False
    tags = _tags(other)
    return not any(
        wanted.leaf("Key") == tag.leaf("Key") and wanted.leaf("Value") != tag.leaf("Value")
        for wanted in _tags(route)
        for tag in tags
    )


def selects_all(route: Route, first: Route, second: Route) -> bool:
    """Tell whether a route selects every object that two others both select."""
    prefixes = [selecting.rule.prefix for selecting in (route, first, second)]
    answers = [covers(prefixes[0], narrow) for narrow in prefixes[1:]]
    if not decided(True if True in answers else None if None in answers else False, *prefixes):
        return False
    required = [*_tags(first), *_tags(second)]
    return all(any(_same_tag(tag, other) for other in required) for tag in _tags(route))


def _tags(route: Route) -> list[Node]:
    return route.rule.tags


def _same_tag(tag: Node, other: Node) -> bool:
    return bool(tag.leaf("Key") == other.leaf("Key") and tag.leaf("Value") == other.leaf("Value"))
