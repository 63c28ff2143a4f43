"""Short ways to put questions to the permission engine."""

from __future__ import annotations

from typing import Any

from crrlint.iam import Decision, Policy, Principal, Request, World, decide

SOURCE_ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
ROLE = f"arn:aws:iam::{SOURCE_ACCOUNT}:role/service-role/crr"
SESSION = f"arn:aws:sts::{SOURCE_ACCOUNT}:assumed-role/crr/s3-replication"
CALLER = Principal(role=ROLE, session="s3-replication")
WRITE = "s3:ReplicateObject"
OBJECTS = "arn:aws:s3:::dest/*"


def policy(*statements: Any, version: str | None = "2012-10-17") -> Policy:
    body: dict[str, Any] = {"Statement": list(statements)}
    if version is not None:
        body["Version"] = version
    return Policy.parse(body)


def allow(action: Any = WRITE, resource: Any = OBJECTS, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def to(principal: Any, **more: Any) -> dict[str, Any]:
    """A statement of a resource policy: an Allow of everything, unless told otherwise."""
    return {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": principal, **more}


def ask(
    *identity: Any,
    bucket: Any = None,
    boundary: Any = None,
    scps: Any = None,
    rcps: Any = None,
    principal: Principal = CALLER,
    action: str = WRITE,
    resource: Any = "arn:aws:s3:::dest/{key}",
    prefix: Any = "",
    owner: Any = SOURCE_ACCOUNT,
    context: dict[str, Any] | None = None,
    multivalued: frozenset[str] = frozenset(),
    version: str | None = "2012-10-17",
    restrict: bool = False,
) -> Decision:
    """Ask with statements in place of policies; the role's own come first."""
    request = Request(principal, action, resource, prefix, owner, context or {}, multivalued)
    world = World(
        identity=(policy(*identity, version=version),),
        boundary=None if boundary is None else policy(*boundary),
        scps=None if scps is None else tuple((policy(*level),) for level in scps),
        rcps=None if rcps is None else tuple((policy(*level),) for level in rcps),
        resource_policy=None if bucket is None else policy(*bucket, version=version),
        restrict_public_buckets=restrict,
    )
    return decide(request, world)
