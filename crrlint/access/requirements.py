"""What a route needs to be permitted, and when: the list that the rules on permissions share.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from crrlint.access.permissions import Kind, Layer, Refusal, granted, may_deny, refusals
from crrlint.access.requests import (
    DECRYPT_REPLICAS,
    DECRYPT_SOURCE,
    ENCRYPT_REPLICAS,
    GENERATE_DATA_KEY,
    LIST_SOURCE,
    OVERRIDE_OWNER,
    READ_ACLS,
    READ_CONFIGURATION,
    READ_LEGAL_HOLD,
    READ_OBJECTS,
    READ_OBJECTS_LEGACY,
    READ_RETENTION,
    READ_TAGS,
    REPLICATE_DELETES,
    REPLICATE_OBJECTS,
    Need,
    Side,
)
from crrlint.routes.encryption import uses_bucket_key
from crrlint.routes.route import Route, default_encryption
from crrlint.values import Undecided

EVERYWHERE: Final[tuple[Side, ...]] = (
    "source",
    "source objects",
    "destination objects",
    "source key",
    "replica key",
)


class Requirement(NamedTuple):
    """A need with the needs that would do as well, and the routes that have it.

    `when` asks the replication rule; `provided` asks more, and is asked last.
    """

    need: Need
    when: Callable[[Route], bool] = lambda route: True
    instead: Callable[[Route], tuple[Need, ...]] = lambda route: ()
    provided: Callable[[Route], bool] = lambda route: True


def locks_objects(route: Route) -> bool:
    """Tell whether the source bucket has Object Lock."""
    lock = route.source.node("object_lock").settled()
    return lock.value is not None and bool(lock.leaf("ObjectLockEnabled") == "Enabled")


def keeps_foreign_owners(route: Route) -> bool:
    """Tell whether replicas can be owned by anyone but the destination bucket's owner."""
    return bool(route.destination.value("ownership") != "BucketOwnerEnforced")


def uses_source_key(route: Route) -> bool:
    return route.rule.selects_kms_objects and route.source_key is not None


def uses_replica_key(route: Route) -> bool:
    return route.rule.selects_kms_objects and route.replica_key is not None


def encrypts_with_bucket_key(route: Route) -> bool:
    """Tell whether replicas are encrypted with a Bucket Key, which S3 has to decrypt first.

    There is none for objects in two layers, and replicas are encrypted as their objects are.
    """
    if not uses_bucket_key(route.destination):
        return False
    default = default_encryption(route.source)
    return default is None or bool(default.leaf("SSEAlgorithm") != "aws:kms:dsse")


def _plain_reading(route: Route) -> tuple[Need, ...]:
    """Objects that no KMS key encrypts can be read with the older action as well."""
    return () if route.rule.selects_kms_objects else (READ_OBJECTS_LEGACY,)


REQUIREMENTS: Final = (
    Requirement(READ_CONFIGURATION),
    Requirement(LIST_SOURCE),
    Requirement(READ_OBJECTS, instead=_plain_reading),
    Requirement(READ_ACLS),
    Requirement(READ_TAGS),
    Requirement(READ_RETENTION, provided=locks_objects),
    Requirement(READ_LEGAL_HOLD, provided=locks_objects),
    Requirement(REPLICATE_OBJECTS),
    Requirement(REPLICATE_DELETES, lambda route: route.rule.replicates_delete_markers),
    Requirement(
        OVERRIDE_OWNER, lambda route: route.rule.overrides_owner, provided=keeps_foreign_owners
    ),
    Requirement(DECRYPT_SOURCE, uses_source_key),
    Requirement(ENCRYPT_REPLICAS, uses_replica_key, lambda route: (GENERATE_DATA_KEY,)),
    Requirement(DECRYPT_REPLICAS, uses_replica_key, provided=encrypts_with_bucket_key),
)


def requirement_of(need: Need) -> Requirement:
    return next(requirement for requirement in REQUIREMENTS if requirement.need == need)


def is_soft(route: Route, need: Need) -> bool:
    """Tell whether objects replicate without a need: untagged, or with a data key of KMS alone."""
    if need == ENCRYPT_REPLICAS:
        return granted(route, GENERATE_DATA_KEY)
    return _is_about_tags(route, need)


def _is_about_tags(route: Route, need: Need) -> bool:
    return need == READ_TAGS and not route.rule.tags


def used(route: Route, requirement: Requirement) -> tuple[Need, ...]:
    """Return which of the needs that would do the role's own policies grant; the first if none."""
    ways = (requirement.need, *requirement.instead(route))
    if len(ways) == 1:
        return ways
    found = [w for w in ways if not any(refusals(route, w, layer="identity", kind="grant"))]
    return tuple(found) or ways[:1]


def excluded_from_key(route: Route, need: Need) -> Refusal | None:
    """Return why a key policy grants a need in no way that the role's own policies grant.

    Conditions on KMS's own context keys are the fault of another rule.
    """
    requirement = requirement_of(need)
    ways = (need, *requirement.instead(route))
    refused = {
        way: list(refusals(route, way, layer="resource", kind="grant", conditions=False))
        for way in ways
    }
    if not any(refused.values()):
        return None
    needed = ways if all(refused.values()) else used(route, requirement)
    return refused[needed[0]][0] if all(refused[way] for way in needed) else None


def hits(route: Route, layer: Layer, kind: Kind | None, on: Iterable[Side]) -> Iterator[Refusal]:
    """Yield what a layer refuses of all that the route needs on some sides of it.

    Raises `Undecided` at the end when something was open and nothing was refused for certain.
    """
    gaps: list[Undecided] = []
    found = False
    sides = set(on)
    for requirement in REQUIREMENTS:
        if requirement.need.on not in sides:
            continue
        try:
            refused = _refused(route, requirement, layer, kind)
        except Undecided as gap:
            if gap.choice is not None:
                raise
            if _is_about_tags(route, requirement.need):
                gap.stake = "warning"
            gaps.append(gap)
            continue
        found = found or bool(refused)
        yield from refused
    if gaps and not found:
        raise next((gap for gap in gaps if gap.stake is None), gaps[0])


def _refused(
    route: Route, requirement: Requirement, layer: Layer, kind: Kind | None
) -> list[Refusal]:
    denies = kind == "deny"
    side = requirement.need.on
    if denies and layer in ("identity", "resource") and not may_deny(route, layer, side):
        return []
    if not requirement.when(route):
        return []
    ways = (requirement.need, *requirement.instead(route))
    found: list[Refusal] = []
    for way in ways if len(ways) > 1 else ():
        if any(refusals(route, way, layer="identity", kind="grant")):
            continue
        refused = list(refusals(route, way, layer=layer, kind=kind))
        if not refused:
            return []
        found = found or refused
        # A Deny of the way that S3 takes first is one, whatever else is left open.
        if denies:
            break
    found = found or list(refusals(route, ways[0], layer=layer, kind=kind))
    return found if found and requirement.provided(route) else []
