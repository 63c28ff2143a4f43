"""What there will be once a plan is applied, instance by instance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.kinds import DOCUMENT
from crrlint.loaders.terraform.plans.addresses import Address, address
from crrlint.loaders.terraform.plans.configuration import (
    NOTHING,
    listing,
    mapping,
)
from crrlint.loaders.terraform.plans.going import stays
from crrlint.loaders.terraform.providers import CALLER, REGION, TELLING
from crrlint.loaders.terraform.shown import Shown, named, shown, told


class Planned(NamedTuple):
    """An instance as it will be; `at` is where its known attributes stand."""

    address: Address
    values: Mapping[str, Any]
    unknown: Any
    sensitive: Any
    identity: Mapping[str, Any]
    at: Location
    stays: bool = False
    """The plan does nothing with it: it is as it was, whatever the source says."""

    @property
    def type(self) -> str:
        return self.address.type


_READ: Final = terraform_resources.TYPES | TELLING | {CALLER, DOCUMENT, REGION}


def planned_in(document: Document, problems: list[Problem]) -> list[Planned]:
    """Return what there will be, and the data sources: those that were read, and the others."""
    coming = list(_coming(document, problems))
    return [*coming, *_staying(document, {str(one.address) for one in coming})]


def _coming(document: Document, problems: list[Problem]) -> Iterator[Planned]:
    data = document.data
    changes = _changes(document, problems)
    prior = mapping(data.get("prior_state")).get("values")
    for one in shown(prior, document.root / "prior_state" / "values", [], _READ):
        if one.type.startswith("data.") and one.address not in changes:
            yield from _planned(one, one.data.get("sensitive_values"), NOTHING)
    values = data.get("planned_values")
    if isinstance(values, dict):
        for one in shown(values, document.root / "planned_values", problems, _READ):
            change = changes.pop(one.address, None)
            if change is None:
                yield from _planned(one, one.data.get("sensitive_values"), None)
            elif not _gone(change):
                yield from _changed(change)
    for change in changes.values():
        # Data sources that are read during the apply; everything, in a plan without values.
        reads = change.data.get("mode") == "data"
        if not _gone(change) and (reads or not isinstance(values, dict)):
            yield from _changed(change)


def _staying(document: Document, planned: Collection[str]) -> Iterator[Planned]:
    """Yield what a plan leaves as it is: what it was not to look at, and what it forgets.

    A plan of everything has each thing that there is among its changes.
    """
    changed: set[str] = set()
    at = document.root / "resource_changes"
    for number, one in enumerate(listing(document.data.get("resource_changes"))):
        kind, name = named(one)
        change = mapping(mapping(one).get("change"))
        before, actions = change.get("before"), listing(change.get("actions"))
        if name is None or one.get("mode") == "data":
            continue
        changed.update((name, str(one.get("previous_address"))))
        # What the provider does not delete stays, unless it is made anew in the same place.
        left = "forget" in actions or (list(actions) == ["delete"] and stays(mapping(before), kind))
        if left and kind in _READ and isinstance(before, dict):
            place = at / number / "change" / "before"
            was = Shown(kind, name, before, change, place)
            for found in _planned(was, change.get("before_sensitive"), NOTHING):
                of = found.address
                own = name not in planned
                yield found._replace(
                    stays=True, address=of if own else of._replace(name=f"{of.name} before")
                )
    values = mapping(document.data.get("prior_state")).get("values")
    for was in shown(values, document.root / "prior_state" / "values", [], _READ):
        if not was.type.startswith("data.") and was.address not in changed | set(planned):
            for found in _planned(was, was.data.get("sensitive_values"), NOTHING):
                yield found._replace(stays=True)


def _changes(document: Document, problems: list[Problem]) -> dict[str, Shown]:
    """Return the changes by address; `values` of each is what there is after it."""
    found: dict[str, Shown] = {}
    at = document.root / "resource_changes"
    for number, one in enumerate(listing(document.data.get("resource_changes"))):
        kind, name = named(one)
        if name is None or not isinstance(one.get("change"), dict):
            problems.append(told(at / number, "a change has no type, address and change"))
        elif kind not in _READ or one.get("deposed"):
            continue
        elif name in found:
            problems.append(told(at / number, f"{name} changes twice; the first counts"))
        else:
            after = one["change"].get("after")
            values = after if isinstance(after, dict) else {}
            found[name] = Shown(kind, name, values, one, at / number / "change" / "after")
    return found


def _gone(change: Shown) -> bool:
    actions = mapping(change.data.get("change")).get("actions")
    return (
        isinstance(actions, list)
        and bool(actions)
        and all(action in ("delete", "forget") for action in actions)
    )


def _changed(change: Shown) -> Iterator[Planned]:
    held = mapping(change.data.get("change"))
    # Some services take the values out of the plans that they give.
    told = isinstance(held.get("after"), dict)
    return _planned(
        change, held.get("after_sensitive"), held.get("after_unknown") if told else None
    )


def _planned(one: Shown, sensitive: Any, unknown: Any) -> Iterator[Planned]:
    """Yield an instance; `unknown` is None where nothing tells which values are missing."""
    where = address(one.address)
    if where is not None:
        identity = mapping(one.data.get("identity"))
        yield Planned(where, one.values, unknown, sensitive, identity, one.at)
