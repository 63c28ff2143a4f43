"""Aliases of KMS keys where a key is meant: IAM grants nothing on a key by its alias.

https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
"""

from __future__ import annotations

from typing import Final

from crrlint.model.arn import Arn, parse_arn
from crrlint.values import Symbolic, Text, Value, same, settle
from crrlint.values.doubt import Doubt
from crrlint.world import Key

_WILDCARDS: Final = frozenset("*?")


def is_alias(resource: Value) -> bool:
    """Tell whether a resource of a statement is certainly the ARN of an alias."""
    with Doubt():
        return _alias(resource) is not None
    return False


def is_alias_of(resource: Value, key: Key) -> bool:
    """Tell whether a resource of a statement is the ARN of an alias that may be a key's."""
    with Doubt():
        fields = _alias(resource)
        if fields is None:
            return False
        if _is_wild(resource):
            return _may_be(fields.region, key.region) and _may_be(fields.account, key.account)
        meant = key.world.key(resource, lambda: (key.account, key.region), key.referred_at)
        return same(settle(meant.arn), settle(key.arn)) is not False
    return False


def _alias(resource: Value) -> Arn | None:
    if not isinstance(resource, str | Symbolic):
        return None
    fields = parse_arn(resource)
    if fields is None or fields.service != "kms" or not fields.resource.startswith("alias/"):
        return None
    return fields


def _may_be(written: Text, known: Text) -> bool:
    return _is_wild(written) or same(settle(written), settle(known)) is not False


def _is_wild(text: Text) -> bool:
    return bool(_WILDCARDS.intersection(str(text)))
