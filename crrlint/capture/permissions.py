"""The least that a capture has to be allowed, as a policy for whoever makes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from crrlint.capture.calls import BUCKET, CALLS, LOCATION

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


def document(buckets: Sequence[str], partition: str) -> str:
    """Return the policy as JSON; without buckets, it is about all of them."""
    statements = [
        {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
        for sid, actions, resources in _statements(buckets, partition)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def _statements(buckets: Sequence[str], partition: str) -> Iterator[tuple[str, list[str], Any]]:
    actions = sorted({call.action for call in CALLS if call.action is not None})
    start = f"arn:{partition}"
    named = [f"{start}:s3:::{bucket}" for bucket in buckets] or f"{start}:s3:::*"
    yield "Buckets", [action for action in actions if action in _ON_BUCKETS], named
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
