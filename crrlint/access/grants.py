"""Grants of KMS keys as statements: they allow a role what the key's policy need not mention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from crrlint.documents.source import Node
from crrlint.iam import Policy
from crrlint.values import Undecided, Unknown, same
from crrlint.world import Key, Role, World

_CONSTRAINTS: Final = ("EncryptionContextSubset", "EncryptionContextEquals")

# S3 puts the ARN of the bucket or the object into every encryption context.
_ALWAYS_SENT: Final = "aws:s3:arn"


def granted(key: Key) -> tuple[Policy, ...]:
    """Return a policy for each grant of a key; none where nobody listed them."""
    return tuple(
        policy for grant in _grants(key) if (policy := _policy(key.world, grant)) is not None
    )


def _grants(key: Key) -> Iterator[Node]:
    for fact in key.facts:
        grants = None if fact.grants is None else fact.grants.settled()
        if grants is not None and isinstance(grants.value, list):
            yield from grants.items()


def _policy(world: World, grant: Node) -> Policy | None:
    def parse() -> tuple[Node, Policy | None]:
        # The node is kept with the policy: its identity is what is asked for.
        statement = _statement(grant)
        if statement is None:
            return grant, None
        return grant, Policy.parse({"Statement": [statement]}, origin=grant.at)

    found: Policy | None = world.remember(("grant", id(grant.value)), parse)[1]
    return found


def _statement(grant: Node) -> dict[str, Any] | None:
    """Return what a grant allows; None for one that is never about S3's requests."""
    operations, grantee = grant.get("Operations"), grant.leaf("GranteePrincipal")
    if operations is None or operations.value == [] or grantee is None:
        return None
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": grantee},
        "Action": [f"kms:{operation.value}" for operation in operations.items()],
        "Resource": "*",
    }
    constraints = grant.get("Constraints")
    context: dict[str, Any] = {}
    for name in _CONSTRAINTS if constraints is not None else ():
        pairs = constraints.get(name) if constraints is not None else None
        if pairs is None:
            continue
        plain = pairs.plain()
        if not isinstance(plain, dict):
            context["kms:EncryptionContext:" + _ALWAYS_SENT] = Unknown(
                "unsupported_expression", "the constraints of a grant"
            )
        elif name == "EncryptionContextEquals" and _ALWAYS_SENT not in plain:
            return None
        else:
            context.update({f"kms:EncryptionContext:{k}": v for k, v in plain.items()})
    if context:
        statement["Condition"] = {"StringEquals": context}
    return statement


def possibly_granted(key: Key, role: Role) -> tuple[Policy, ...]:
    """Return what grants may allow a role of another account that its own policies do not.

    That a grant alone is enough there is nowhere said, nor that it is not.
    """
    if not granted(key) or same(key.account, role.account) is True:
        return ()
    what = f"whether a grant of key {key} is enough for a role of another account"
    unknown = Unknown("unsupported_expression", what, "a statement in the role's policy")
    return tuple(
        Policy.parse({"Statement": [{**_allowed(grant), "Condition": unknown}]}, origin=grant.at)
        for grant in _grants(key)
        if _may_be_for(grant, role)
    )


def _allowed(grant: Node) -> dict[str, Any]:
    operations = grant.get("Operations")
    named = [] if operations is None else operations.items()
    actions = [f"kms:{operation.value}" for operation in named]
    return {"Effect": "Allow", "Action": actions or "kms:*", "Resource": "*"}


def _may_be_for(grant: Node, role: Role) -> bool:
    try:
        return same(grant.leaf("GranteePrincipal"), role.arn) is not False
    except Undecided:
        return True
