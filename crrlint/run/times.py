"""What a proof takes for granted where it joins what is live with what will be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from crrlint.routes.route import Route
from crrlint.values import Undecided
from crrlint.values.answers import assuming

_PATHS: Final = 3


def as_it_is(route: Route) -> tuple[str, ...]:
    """Return the assumption that what is live stays so; none for a route of one time."""
    live: dict[str, None] = {}
    coming = False
    with assuming(route.given):
        for fact in _facts(route):
            if fact.layer == "live":
                live[fact.at.path] = None
            else:
                coming = True
    if not coming or not live:
        return ()
    shown = ", ".join(list(live)[:_PATHS])
    more = f" and {len(live) - _PATHS} more" if len(live) > _PATHS else ""
    return (f"what is live stays as {shown}{more} show{'s' if len(live) == 1 else ''} it",)


def _facts(route: Route) -> Iterator[Any]:
    things: tuple[Callable[[], Any], ...] = (
        lambda: route.source,
        lambda: route.destination,
        lambda: route.role,
        lambda: route.source_key,
        lambda: route.replica_key,
        lambda: route.destination_key,
    )
    for thing in things:
        try:
            found = thing()
            yield from () if found is None else found.facts
        except Undecided:
            continue
