"""What AWS makes of the arguments of resources of the `awscc` provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from crrlint.loaders.terraform.naming import arn_of, each, named, partition_here, region_of, suffix
from crrlint.loaders.terraform.texts import unnamed
from crrlint.model.arn import bucket_arn, role_arn
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


def _path(instance: ResourceInstance) -> Text:
    return each(instance.text("path"), lambda text: "/" if text is None else text)


def _role(instance: ResourceInstance, name: str) -> Text | None:
    role = named(instance, "role_name", "role-name")
    match name:
        case "id" | "role_name":
            return role
        case "arn":
            account = instance.provider.account
            return role_arn(account, _path(instance), role, partition_here(instance))
        case "role_id":
            text = f"${{{instance.address}.role_id}}"
            return unnamed(instance.entity, "role-id", text, form="name", unique=True)
    return None


def _policy(instance: ResourceInstance, name: str) -> Text | None:
    policy = named(instance, "managed_policy_name", "policy-name")
    match name:
        case "managed_policy_name":
            return policy
        case "id" | "policy_arn":
            return arn_of(instance, "iam", "", "policy", _path(instance), policy)
    return None


def _key(instance: ResourceInstance, name: str) -> Text | None:
    text = f"${{{instance.address}}}"
    key = unnamed(instance.entity, "key-id", text, form="name", unique=True)
    if name in ("id", "key_id"):
        return key
    return arn_of(instance, "kms", region_of(instance), "key/", key) if name == "arn" else None


def _alias(instance: ResourceInstance, name: str) -> Text | None:
    return instance.text("alias_name") if name in ("id", "alias_name") else None


COMPUTED: Final[dict[str, Callable[[ResourceInstance, str], Text | None]]] = {
    "awscc_s3_bucket": _bucket,
    "awscc_iam_role": _role,
    "awscc_iam_managed_policy": _policy,
    "awscc_kms_key": _key,
    "awscc_kms_alias": _alias,
}

INJECTED: Final[dict[str, tuple[str, ...]]] = {
    "awscc_s3_bucket": ("bucket_name",),
    "awscc_iam_role": ("role_name", "arn", "role_id"),
    "awscc_iam_managed_policy": ("managed_policy_name", "policy_arn"),
    "awscc_kms_key": ("arn", "key_id"),
}
"""What the facts of a type are told by, and is not written in the source."""
