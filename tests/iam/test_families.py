"""Names in the context that stand for a family of keys."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.iam import ABSENT, PRESENT, UNKNOWN
from tests.iam.asking import allow, ask


def verdict(context: dict[str, Any], **condition: Any) -> str:
    return ask(allow(Condition=condition), context=context).verdict


def test_a_family_speaks_for_every_key_that_begins_so() -> None:
    tagged = {"StringEquals": {"aws:RequestTag/team": "a"}}
    untagged = {"Null": {"aws:RequestTag/team": "true"}}
    assert verdict({"aws:RequestTag/*": ABSENT}, **tagged) == "denied"
    assert verdict({"aws:RequestTag/*": ABSENT}, **untagged) == "allowed"
    assert verdict({"aws:RequestTag/*": PRESENT}, **untagged) == "denied"


def test_a_family_is_found_whatever_its_case() -> None:
    assert verdict({"AWS:requesttag/*": ABSENT}, Null={"aws:RequestTag/Team": "true"}) == "allowed"


def test_a_key_with_a_name_of_its_own_is_not_of_the_family() -> None:
    context = {"aws:PrincipalTag/*": ABSENT, "aws:PrincipalTag/team": "a"}
    assert verdict(context, StringEquals={"aws:PrincipalTag/team": "a"}) == "allowed"
    assert verdict(context, StringEquals={"aws:PrincipalTag/other": "a"}) == "denied"


def test_of_two_families_the_narrower_one_speaks() -> None:
    context = {"kms:*": ABSENT, "kms:EncryptionContext:*": UNKNOWN}
    assert verdict(context, StringEquals={"kms:EncryptionContext:a": "b"}) == "unknown"
    assert verdict(context, StringEquals={"kms:ViaService": "b"}) == "denied"


@pytest.mark.parametrize("key", ["aws:RequestTags", "aws:PrincipalTag/team"])
def test_a_key_outside_every_family_is_unknown(key: str) -> None:
    assert verdict({"aws:RequestTag/*": ABSENT}, StringEquals={key: "a"}) == "unknown"


def test_a_variable_of_an_absent_family_has_no_value() -> None:
    mine = allow(resource="arn:aws:s3:::dest/${aws:PrincipalTag/team}/*")
    assert ask(mine, prefix="a/", context={"aws:PrincipalTag/*": ABSENT}).verdict == "denied"
    assert ask(mine, prefix="a/").verdict == "unknown"
