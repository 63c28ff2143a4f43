"""What AWS makes of the arguments of resources of the `awscc` provider."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from crrlint.loaders.terraform.computed import policy_attribute, role_attribute
from crrlint.loaders.terraform.computed_keys import key_attribute
from crrlint.loaders.terraform.naming import named, partition_here, region_of, suffix
from crrlint.model.arn import bucket_arn
from crrlint.values import Text, join

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import ResourceInstance


def _bucket(instance: ResourceInstance, name: str) -> Text | None:
    bucket = named(instance, "bucket_name", "bucket-name")
    match name:
        case "id" | "bucket_name":
            return bucket
        case "arn":
            return bucket_arn(bucket, partition_here(instance))
        case "domain_name":
            return join(bucket, ".s3.amazonaws.com")
        case "regional_domain_name":
            return join(bucket, ".s3.", region_of(instance), suffix(partition_here(instance)))
    return None


def _alias(instance: ResourceInstance, name: str) -> Text | None:
    return instance.text("alias_name") if name in ("id", "alias_name") else None


COMPUTED: Final[dict[str, Callable[[ResourceInstance, str], Text | None]]] = {
    "awscc_s3_bucket": _bucket,
    "awscc_iam_role": partial(role_attribute, named_by="role_name", unique="role_id"),
    "awscc_iam_managed_policy": partial(
        policy_attribute, named_by="managed_policy_name", arn="policy_arn"
    ),
    "awscc_kms_key": key_attribute,
    "awscc_kms_alias": _alias,
}

INJECTED: Final[dict[str, tuple[str, ...]]] = {
    "awscc_s3_bucket": ("bucket_name",),
    "awscc_iam_role": ("role_name", "arn", "role_id"),
    "awscc_iam_managed_policy": ("managed_policy_name", "policy_arn"),
    "awscc_kms_key": ("arn", "key_id"),
}
"""What the facts of a type are told by, and is not written in the source."""
