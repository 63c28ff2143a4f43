"""Questions about permissions as JSON lines, and their answers."""

from __future__ import annotations

import json
import sys
from typing import Any

from crrlint.iam.context import ABSENT, PRESENT, OneOfValues
from crrlint.iam.decide import decide
from crrlint.iam.layers import World
from crrlint.iam.policy import Policy, Statement
from crrlint.iam.principals import Principal
from crrlint.iam.question import Request

_FIELDS = {
    "id", "principal", "action", "resource", "prefix", "resource_account", "identity",
    "boundary", "scps", "rcps", "resource_policy", "restrict_public_buckets", "context",
    "multivalued",
}  # fmt: skip


def answer(line: str) -> dict[str, Any]:
    """Answer one line; what is wrong with it is an answer too."""
    given: Any = None
    try:
        given = json.loads(line)
        return _answer(given)
    except (ValueError, RecursionError) as error:
        name = given.get("id") if isinstance(given, dict) else None
        return {"id": name, "error": str(error)}


def _answer(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("a question is an object")
    strange = sorted(given.keys() - _FIELDS)
    if strange:
        raise ValueError(f"a question has no field {strange[0]}")
    decision = decide(_request(given), _world(given))
    return {
        "id": given.get("id"),
        "verdict": decision.verdict,
        "layer": decision.layer,
        "statements": [_name(s) for s in decision.statements],
        "key": decision.counterexample,
        "reason": decision.reason,
    }


def _name(statement: Statement) -> str:
    return statement.sid or f"{statement.policy.origin}.Statement[{statement.index}]"


def _request(given: dict[str, Any]) -> Request:
    principal = given.get("principal")
    if not isinstance(principal, dict):
        raise ValueError("principal is not an object")
    strange = sorted(principal.keys() - set(Principal._fields))
    if strange:
        raise ValueError(f"a principal has no field {strange[0]}")
    caller = Principal(**{f: _text(principal, f) for f in principal})
    if caller.role is None and caller.service is None:
        raise ValueError("a principal is a role or a service")
    action, resource = _text(given, "action"), _text(given, "resource")
    if action is None or resource is None:
        raise ValueError("action and resource are text")
    context = _given(given, "context", {})
    if not isinstance(context, dict):
        raise ValueError("context is not an object")
    multivalued = _given(given, "multivalued", [])
    if not isinstance(multivalued, list) or not all(isinstance(k, str) for k in multivalued):
        raise ValueError("multivalued is not a list of keys")
    return Request(
        principal=caller,
        action=action,
        resource=resource,
        prefix=_text(given, "prefix"),
        resource_account=_text(given, "resource_account"),
        context={key: _value(key, value) for key, value in context.items()},
        multivalued=frozenset(multivalued),
    )


def _given(given: dict[str, Any], field: str, default: Any) -> Any:
    value = given.get(field)
    return default if value is None else value


def _text(given: dict[str, Any], field: str) -> Any:
    value = given.get(field)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{field} is not text")
    return value


def _value(key: str, value: Any) -> Any:
    if value is None:
        return ABSENT
    if isinstance(value, dict):
        if value == {"present": True}:
            return PRESENT
        options = value.get("one_of")
        if len(value) == 1 and isinstance(options, list) and options:
            return OneOfValues(tuple(None if o is None else _scalar(key, o) for o in options))
        raise ValueError(f"context key {key} is neither a value, present nor one_of")
    if isinstance(value, list):
        return tuple(_scalar(key, v) for v in value)
    return _scalar(key, value)


def _scalar(key: str, value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise ValueError(f"context key {key} has a value that is not text")
    return value


def _world(given: dict[str, Any]) -> World:
    return World(
        identity=_policies(_given(given, "identity", []), "identity"),
        boundary=_policy(given, "boundary"),
        scps=_levels(given, "scps"),
        rcps=_levels(given, "rcps"),
        resource_policy=_policy(given, "resource_policy"),
        restrict_public_buckets=given.get("restrict_public_buckets") is True,
    )


def _policy(given: dict[str, Any], field: str) -> Policy | None:
    value = given.get(field)
    return None if value is None else Policy.parse(value, field)


def _policies(value: Any, field: str) -> tuple[Policy, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{field} is not a list of policies")
    return tuple(Policy.parse(p, f"{field}[{i}]") for i, p in enumerate(value))


def _levels(given: dict[str, Any], field: str) -> tuple[tuple[Policy, ...], ...] | None:
    value = given.get(field)
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError(f"{field} is not a list of levels")
    return tuple(_policies(level, f"{field}[{i}]") for i, level in enumerate(value))


def main() -> int:
    for line in sys.stdin:
        if line.strip():
            sys.stdout.write(json.dumps(answer(line), ensure_ascii=True) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
