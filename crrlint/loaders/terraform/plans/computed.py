"""What the AWS provider makes of attributes that a configuration does not give.

Names that AWS will make up are symbols: everything that refers to one is known to mean it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from crrlint.loaders.terraform.instances import arn_of
from crrlint.loaders.terraform.kinds import BUCKETS, CALLER, KEYS
from crrlint.loaders.terraform.plans.configuration import NOTHING
from crrlint.loaders.terraform.plans.resolution import LOST
from crrlint.model.arn import bucket_arn, partition_of, role_arn
from crrlint.values import OneOf, Symbol, Symbolic, Text, Unknown, Value, join, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.terraform.plans.coming import Planned
    from crrlint.loaders.terraform.plans.planned import Plan

_NAMED: Final[dict[str, tuple[str, str]]] = {
    "aws_s3_bucket": ("bucket", "bucket-name"),
    "aws_iam_role": ("name", "role-name"),
    "aws_iam_policy": ("name", "policy-name"),
    "aws_iam_role_policy": ("name", "inline-policy-name"),
    "aws_kms_alias": ("name", "alias-name"),
    "awscc_s3_bucket": ("bucket_name", "bucket-name"),
    "awscc_iam_role": ("role_name", "role-name"),
    "awscc_iam_managed_policy": ("managed_policy_name", "policy-name"),
}
"""The attribute that holds a resource's name, and the kind of thing that bears it."""


class Computed:
    """Answers for the instances of a plan."""

    def __init__(self, plan: Plan, where: str) -> None:
        self._plan = plan
        self._where = where

    def value(self, one: Planned, path: str, *, given: Any) -> Value:
        """Return what an attribute will be; LOST where nothing tells.

        `given` is its expression: `NOTHING` where the configuration has none, None where it
        is not known which one it is.
        """
        kind = one.type
        if kind in _NAMED and path == _NAMED[kind][0]:
            return self._name(one, path)
        always = _ALWAYS.get(kind)
        if always is not None and path in always:
            return always[path](self, one)
        if (path == "id" and "bucket" in one.values) or (
            path == "id" and kind.startswith("aws_s3_")
        ):
            return self._satellite(one)
        if path == "tags_all":
            return self._tags(one)
        # What nobody gave is left to AWS, which takes it for not set.
        return None if given is NOTHING else LOST

    def _name(self, one: Planned, attribute: str) -> Text:
        prefix = one.values.get(f"{attribute}_prefix")
        kind = _NAMED[one.type][1]
        # An alias starts with `alias/`, every other name holds no slash.
        made = self._symbol(one, kind, str(one.address), "name")
        return join(prefix, made) if isinstance(prefix, str) else made

    def _symbol(self, one: Planned, attribute: str, text: str, form: Any) -> Text:
        return symbolic(
            Symbol(
                f"{self._where} {one.address}",
                attribute,
                text,
                form=form,
                unique=True,
                reason="deferred",
                needs=f"the state after the apply, or a literal name for {one.address}",
            )
        )

    def _bucket_arn(self, one: Planned) -> Value:
        name = self._plan.value(one, _NAMED.get(one.type, ("bucket",))[0])
        return _over(name, lambda text: bucket_arn(text, self._partition(one)))

    def _partition(self, one: Planned) -> Text:
        return partition_of(self._plan.provider(one).region)

    def _role_arn(self, one: Planned) -> Value:
        account, partition = self._plan.provider(one).account, self._partition(one)
        path = self._plan.value(one, "path")
        name = self._plan.value(one, _NAMED[one.type][0])
        if isinstance(path, Unknown):
            return path
        return _over(
            name, lambda text: role_arn(account, "/" if path is None else path, text, partition)
        )

    def _policy_arn(self, one: Planned) -> Value:
        account, partition = self._plan.provider(one).account, self._partition(one)
        path = self._plan.value(one, "path")
        if isinstance(path, Unknown):
            return path
        start = join("arn:", partition, ":iam::", account, ":policy", path or "/")
        name = self._plan.value(one, _NAMED[one.type][0])
        return _over(name, lambda text: join(start, text))

    def _unique_id(self, one: Planned) -> Value:
        return self._symbol(one, "role-id", f"{one.address}.unique_id", "name")

    def _key_id(self, one: Planned) -> Value:
        if "replica" in one.type:
            # A replica has the id of its primary.
            primary = self._plan.value(one, "primary_key_arn")
            if isinstance(primary, Unknown):
                return primary
            fields = arn_of(primary)
            resource = None if fields is None else fields.resource
            if isinstance(resource, Symbolic) and str(resource.parts[0]) == "key/":
                return join(*resource.parts[1:])
            if isinstance(resource, str) and resource.startswith("key/"):
                return resource.removeprefix("key/")
            return LOST
        return self._symbol(one, "key-id", str(one.address), "name")

    def _key_arn(self, one: Planned) -> Value:
        return _over(self._plan.value(one, "key_id"), lambda text: self._kms(one, "key/", text))

    def _kms(self, one: Planned, *resource: Text) -> Text:
        provider = self._plan.provider(one)
        region = self._plan.value(one, "region")
        where = region if isinstance(region, str) and region else provider.region
        partition = partition_of(where)
        return join("arn:", partition, ":kms:", where, ":", provider.account, ":", *resource)

    def _alias_arn(self, one: Planned) -> Value:
        return _over(self._plan.value(one, "name"), lambda text: self._kms(one, text))

    def _target(self, one: Planned) -> Value:
        target = self._plan.value(one, "target_key_id")
        if target is None or isinstance(target, Unknown) or str(target).startswith("arn:"):
            return target
        return _over(target, lambda text: self._kms(one, "key/", text))

    def _account(self, one: Planned) -> Value:
        return self._plan.provider(one).account

    def _satellite(self, one: Planned) -> Value:
        """Return the id of what belongs to a bucket: its name, where nothing else is in it."""
        owner = self._plan.value(one, "expected_bucket_owner")
        return LOST if owner else self._plan.value(one, "bucket")

    def _tags(self, one: Planned) -> Value:
        """Return None, which leaves `tags` to be read, unless the provider adds some."""
        own = self._plan.value(one, "tags")
        return LOST if isinstance(own, Unknown) or self._plan.adds_tags(one) else None


def _over(text: Value, make: Callable[[Text], Text]) -> Value:
    """Return what is made of a name; an unknown name makes an unknown text."""
    if text is LOST or text is None:
        return LOST
    if isinstance(text, OneOf):
        return OneOf(text.choice, tuple(_over(option, make) for option in text.options))
    return text if isinstance(text, Unknown) else make(text)


def _same_as(attribute: str) -> Callable[[Computed, Planned], Value]:
    return lambda self, one: self._plan.value(one, attribute)


_Find = Callable[[Computed, "Planned"], Value]

_KEY: Final[dict[str, _Find]] = {
    "arn": Computed._key_arn,
    "key_id": Computed._key_id,
    "id": Computed._key_id,
}
_ALWAYS: Final[dict[str, dict[str, _Find]]] = {
    **{bucket: {"arn": Computed._bucket_arn, "id": _same_as("bucket")} for bucket in BUCKETS},
    **{key: _KEY for key in KEYS if not key.startswith("data.")},
    "aws_iam_role": {
        "arn": Computed._role_arn,
        "id": _same_as("name"),
        "unique_id": Computed._unique_id,
    },
    "aws_iam_policy": {"arn": Computed._policy_arn, "id": Computed._policy_arn},
    "aws_kms_alias": {
        "arn": Computed._alias_arn,
        "id": _same_as("name"),
        "target_key_arn": Computed._target,
    },
    "awscc_s3_bucket": {"arn": Computed._bucket_arn, "id": _same_as("bucket_name")},
    "awscc_iam_role": {
        "arn": Computed._role_arn,
        "id": _same_as("role_name"),
        "role_id": Computed._unique_id,
    },
    "awscc_iam_managed_policy": {"policy_arn": Computed._policy_arn, "id": Computed._policy_arn},
    "awscc_kms_key": _KEY,
    "awscc_kms_replica_key": _KEY,
    "awscc_kms_alias": {"id": _same_as("alias_name")},
    CALLER: {"account_id": Computed._account, "id": Computed._account},
}
"""Attributes that no configuration can give."""
