"""What the proof of a route rests on that nobody stated, and hardly anybody ever states.

An answer of a live account removes what it answers: grants that were listed, blocks that
were read, organization policies that were all read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from crrlint.access.requests import KEYS, key_on
from crrlint.routes.route import Route
from crrlint.values import Text, Undecided, Unknown
from crrlint.values.answers import assuming
from crrlint.world import Key

_ORGANIZATION: Final = "no organization policies apply beyond those given"
_GRANTS: Final = "no KMS grants exist beyond those given"
_BLOCK: Final = "no account-wide public access block exists beyond those given"


def assumptions(route: Route) -> tuple[str, ...]:
    """Return what is taken for granted about one route, beside what the loaders assumed."""
    with assuming(route.given):
        answered = {
            _ORGANIZATION: _sure(lambda: _organizations_are_known(route)),
            _GRANTS: _sure(lambda: all(map(_grants_are_known, _keys(route)))),
            _BLOCK: _sure(lambda: all(_block_is_known(route, a) for a in _bucket_owners(route))),
        }
    return tuple(text for text, is_answered in answered.items() if not is_answered)


def _sure(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Undecided:
        return False


def _bucket_owners(route: Route) -> tuple[Text, Text]:
    return route.source.account, route.destination.account


def _keys(route: Route) -> Iterator[Key]:
    for side in KEYS:
        key = key_on(route, side)
        # Those that AWS manages in an account take no grants from customers.
        if key is not None and not key.managed_by_aws:
            yield key


def _organizations_are_known(route: Route) -> bool:
    world = route.world
    if world.organization_complete:
        return True
    owners = [*_bucket_owners(route), *(key.account for key in _keys(route))]
    return world.knows_policies(route.role.account, "SCP") and all(
        world.knows_policies(account, "RCP") for account in (route.role.account, *owners)
    )


def _grants_are_known(key: Key) -> bool:
    return any(fact.all_grants for fact in key.facts)


def _block_is_known(route: Route, account: Text) -> bool:
    block = route.world.public_access_block_of(account)
    return block is not None and not isinstance(block.value, Unknown)
