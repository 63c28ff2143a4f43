"""Statements by the names that people know them by: which policy they stand in, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from crrlint.access.grants import granted
from crrlint.access.permissions import place
from crrlint.access.policies import (
    boundary,
    bucket_of,
    identity_policies,
    organization,
    own_key_policy,
    parsed,
    resource_policy,
)
from crrlint.access.requests import KEYS, Need, key_on, request
from crrlint.documents.source import Location
from crrlint.iam import Policy, Statement
from crrlint.routes.route import Route


class Cited(NamedTuple):
    """A statement of a policy; `lacks` is what keeps it from granting.

    `position` counts from 0; it is None where no file holds the policy's document.
    """

    layer: str
    policy: str
    sid: str | None
    position: int | None
    at: Location | None
    lacks: str = ""


class Source(NamedTuple):
    """A policy that has a say, with its layer and name."""

    policy: Policy
    layer: str
    name: str


def sources(route: Route, need: Need) -> list[Source]:
    """Return the policies that have a say in a need."""
    found: list[Source] = []
    role = route.role
    resource = resource_policy(route, need)
    key = key_on(route, need.on) if need.on in KEYS else None
    if key is not None and granted(key):
        resource = own_key_policy(key)
        found += [Source(policy, "resource", f"grant of key {key}") for policy in granted(key)]
    if resource is not None:
        found.append(Source(resource, "resource", _resource_policy(route, need)))
    if need.on == "trust":
        return found
    for facts in role.policies:
        name = f"policy {facts.name} of role {role}"
        found.append(Source(parsed(route.world, facts.document), "identity", name))
    for policy in identity_policies(role):
        if policy.what is not None:
            found.append(Source(policy, "identity", policy.what))
    limit = boundary(role)
    if limit is not None:
        found.append(Source(limit, "boundary", f"permissions boundary of role {role}"))
    owner = request(route, need).resource_account
    found += _levels(
        organization(route.world, "SCP", role.account), "scp", "service control policy"
    )
    if owner is not None:
        found += _levels(organization(route.world, "RCP", owner), "rcp", "resource control policy")
    return found


def _levels(levels: tuple[tuple[Policy, ...], ...] | None, layer: str, name: str) -> list[Source]:
    return [Source(policy, layer, name) for level in levels or () for policy in level]


def name_of_layer(route: Route, need: Need, layer: str) -> str:
    """Return what the policies of a layer are called together."""
    if layer != "resource":
        return _LAYERS[layer]
    name = _resource_policy(route, need)
    return name if resource_policy(route, need) is not None else f"{name} (there is none)"


_LAYERS: Final = {
    "identity": "the role's own policies",
    "boundary": "the role's permissions boundary",
    "scp": "the organization's service control policies",
    "rcp": "the organization's resource control policies",
    "public-access-block": "the public access block",
}


def _resource_policy(route: Route, need: Need) -> str:
    if need.on == "trust":
        return f"trust policy of role {route.role}"
    if need.on == "source key":
        return f"policy of key {route.source_key}"
    if need.on == "replica key":
        return f"policy of key {route.replica_key}"
    return f"policy of bucket {bucket_of(route, need)}"


def cite(statement: Statement, known: Sequence[Source], layer: str, lacks: str = "") -> Cited:
    """Name a statement; `layer` is that of the clause it stands in, which may hold others' too."""
    policy = statement.policy
    source = next((one for one in known if _is_same(one.policy, policy)), None)
    name = source.name if source is not None else policy.what or "FullAWSAccess"
    at = policy.origin if isinstance(policy.origin, Location) else place(statement)
    return Cited(
        source.layer if source is not None else layer,
        name,
        statement.sid,
        None if policy.what is not None or policy.origin is None else statement.index,
        at,
        lacks,
    )


def _is_same(one: Policy, other: Policy) -> bool:
    # A policy without a document is made anew for each question.
    return one is other or (one.what is not None and one.what == other.what)
