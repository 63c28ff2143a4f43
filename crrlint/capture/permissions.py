"""The least that a capture has to be allowed, as a policy for whoever makes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from crrlint.capture.calls import BUCKET, CALLS, LOCATION, OBJECT

_ON_BUCKETS: Final = frozenset(call.action for call in (LOCATION, *BUCKET))
_RESOURCES: Final = {
    "iam:GetRole": "role",
    "iam:ListRolePolicies": "role",
    "iam:GetRolePolicy": "role",
    "iam:ListAttachedRolePolicies": "role",
    "iam:GetPolicy": "policy",
    "iam:GetPolicyVersion": "policy",
}


def listing() -> str:
    """Return every call with what it needs, a line each."""
    width = max(len(str(call)) for call in CALLS)
    return "".join(f"{call!s:{width}}  {call.action or 'needs no permission'}\n" for call in CALLS)


def document(buckets: Sequence[str], objects: Sequence[str], partition: str) -> str:
    """Return the policy as JSON; without buckets, it is about all of them.

    It lets read objects, as `s3://BUCKET/KEY`, where they are named, and no others.
    """
    statements = [
        {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
        for sid, actions, resources in _statements(buckets, objects, partition)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def _statements(
    buckets: Sequence[str], objects: Sequence[str], partition: str
) -> Iterator[tuple[str, list[str], Any]]:
    on_objects = {call.action for call in OBJECT if call.action is not None}
    actions = sorted({c.action for c in CALLS if c.action is not None} - on_objects)
    start = f"arn:{partition}"
    named = [f"{start}:s3:::{bucket}" for bucket in buckets] or f"{start}:s3:::*"
    yield "Buckets", [action for action in actions if action in _ON_BUCKETS], named
    if objects:
        asked = [f"{start}:s3:::{_literal(one.removeprefix('s3://'))}" for one in objects]
        yield "Objects", sorted(on_objects), asked
    for kind in ("role", "policy"):
        about = [action for action in actions if _RESOURCES.get(action) == kind]
        # Policies that AWS manages belong to the account `aws`.
        yield "Roles" if kind == "role" else "Policies", about, f"{start}:iam::*:{kind}/*"
    keys = [action for action in actions if action.startswith("kms:")]
    # Aliases are listed for a whole account.
    keys.remove("kms:ListAliases")
    yield "Keys", keys, f"{start}:kms:*:*:key/*"
    said = {*_ON_BUCKETS, *_RESOURCES, *keys}
    yield "Accounts", [action for action in actions if action not in said], "*"


def _literal(key: str) -> str:
    """Return a key as a policy writes it: some characters stand for others there."""
    return re.sub(r"[*?$]", r"${\g<0>}", key)
