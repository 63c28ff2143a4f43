"""What AWS makes of a resource's arguments: names, ARNs, ids; and what data sources read.

None leaves an attribute to what is written, or to a symbol of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Node
from crrlint.loaders.terraform.computed_keys import (
    alias_attribute,
    existing_alias_attribute,
    existing_key_attribute,
    key_attribute,
)
from crrlint.loaders.terraform.credentials import account_in
from crrlint.loaders.terraform.naming import arn_of, each, named, partition_here, region_of, suffix
from crrlint.loaders.terraform.policy_documents import document
from crrlint.loaders.terraform.texts import unnamed
from crrlint.model.arn import bucket_arn, role_arn
from crrlint.values import (
    Symbol,
    Text,
    Unknown,
    identical,
    join,
)

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import ResourceInstance

_Computed = Callable[["ResourceInstance", str], "Node | Text | None"]


def computed(instance: ResourceInstance, name: str) -> Node | Text | None:
    """Return an attribute that follows from others; None for one that does not."""
    known = _COMPUTED.get(instance.type)
    if known is None and instance.type.startswith("awscc_"):
        from crrlint.loaders.terraform import computed_awscc

        known = computed_awscc.COMPUTED.get(instance.type)
    return None if known is None else known(instance, name)


def injected(type: str) -> tuple[str, ...]:
    """Return what the facts of a type are told by, and is not written in the source."""
    if type.startswith("awscc_"):
        from crrlint.loaders.terraform import computed_awscc

        return computed_awscc.INJECTED.get(type, ())
    return _INJECTED.get(type, ())


def bucket_name(instance: ResourceInstance) -> Text:
    return named(instance, "bucket", "bucket-name")


def _bucket(instance: ResourceInstance, name: str) -> Text | None:
    match name:
        case "id" | "bucket":
            return bucket_name(instance)
        case "arn":
            return bucket_arn(bucket_name(instance), partition_here(instance))
        case "bucket_domain_name":
            return join(bucket_name(instance), ".s3.amazonaws.com")
        case "bucket_regional_domain_name":
            region = _bucket_region(instance)
            return join(bucket_name(instance), ".s3.", region, suffix(partition_here(instance)))
        case "region" | "bucket_region":
            return _bucket_region(instance)
    return None


def _bucket_region(instance: ResourceInstance) -> Text:
    if instance.type == "aws_s3_bucket":
        return region_of(instance)
    return unnamed(
        instance.entity, "region", f"${{{instance.address}.region}}", form="region",
        needs="--region, or get-bucket-location of the bucket",
    )  # fmt: skip


def _of_bucket(instance: ResourceInstance, name: str) -> Text | None:
    """Resources that hold a setting of a bucket bear its name."""
    if name not in ("id", "bucket"):
        return None
    bucket = instance.text("bucket")
    if name == "bucket" or bucket is None:
        return bucket
    owner = instance.text("expected_bucket_owner")
    return bucket if owner is None else join(bucket, ",", owner)


def role_name(instance: ResourceInstance) -> Text:
    return named(instance, "name", "role-name")


def _path(instance: ResourceInstance) -> Text:
    return each(instance.text("path"), lambda text: "/" if text is None else text)


def role_attribute(
    instance: ResourceInstance, name: str, named_by: str = "name", unique: str = "unique_id"
) -> Text | None:
    """Return an attribute of a role; providers call its name and its unique id differently."""
    role = named(instance, named_by, "role-name")
    if name in ("id", named_by):
        return role
    if name == "arn":
        account = instance.provider.account
        return role_arn(account, _path(instance), role, partition_here(instance))
    if name == unique:
        text = f"${{{instance.address}.{unique}}}"
        return unnamed(instance.entity, "role-id", text, form="name", unique=True)
    return None


def _existing_role(instance: ResourceInstance, name: str) -> Text | None:
    role = role_name(instance)
    match name:
        case "id" | "name":
            return role
        case "arn":
            # Whatever its path is.
            path = Symbol(
                instance.entity, "path", f"/${{{instance.address}.path}}", reason="deferred",
                needs="aws iam get-role",
            )  # fmt: skip
            account = instance.provider.account
            return join("arn:", partition_here(instance), ":iam::", account, ":role", path, role)
    return None


def policy_attribute(
    instance: ResourceInstance, name: str, named_by: str = "name", arn: str = "arn"
) -> Text | None:
    """Return an attribute of a managed policy; providers call its name and ARN differently."""
    policy = named(instance, named_by, "policy-name")
    if name == named_by:
        return policy
    if name in ("id", arn):
        return arn_of(instance, "iam", "", "policy", _path(instance), policy)
    return None


def _existing_policy(instance: ResourceInstance, name: str) -> Text | None:
    arn = instance.text("arn")
    return arn if name in ("id", "arn") else None


def _role_policy(instance: ResourceInstance, name: str) -> Text | None:
    policy = named(instance, "name", "policy-name")
    if name == "name":
        return policy
    role = instance.text("role")
    return join(role, ":", policy) if name == "id" and role is not None else None


def _user(instance: ResourceInstance, name: str) -> Text | None:
    user = named(instance, "name", "user-name")
    if name in ("id", "name"):
        return user
    return arn_of(instance, "iam", "", "user", _path(instance), user) if name == "arn" else None


def _caller(instance: ResourceInstance, name: str) -> Text | None:
    account = instance.provider.account
    if name in ("id", "account_id"):
        return account
    if name == "arn":
        text = f"${{{instance.address}.arn}}"
        caller = Symbol(instance.entity, "caller", text, reason="deferred")
        return join("arn:", partition_here(instance), ":", caller)
    return None


def _current_region(instance: ResourceInstance, name: str) -> Text | None:
    if name not in ("id", "name", "region"):
        return None
    for argument in ("region", "name"):
        given = instance.text(argument)
        if given is not None and not isinstance(given, Unknown):
            return given
    return instance.provider.region


def _current_partition(instance: ResourceInstance, name: str) -> Text | None:
    partition = partition_here(instance)
    match name:
        case "id" | "partition":
            return partition
        case "dns_suffix":
            return suffix(partition)[1:]
        case "reverse_dns_prefix":
            return "cn.com.amazonaws" if identical(partition, "aws-cn") else "com.amazonaws"
    return None


def _canonical_user(instance: ResourceInstance, name: str) -> Text | None:
    if name != "id":
        return None
    account = instance.provider.account
    text = f"${{{instance.address}.id}}"
    return unnamed(f"account {account}", "canonical-id", text, form="name", unique=True)


def _access_point(instance: ResourceInstance, name: str) -> Text | None:
    if name == "arn":
        return arn_of(
            instance, "s3", region_of(instance), "accesspoint/", named(instance, "name", "ap")
        )
    return None


def _directory_bucket(instance: ResourceInstance, name: str) -> Text | None:
    bucket = bucket_name(instance)
    if name in ("id", "bucket"):
        return bucket
    if name == "arn":
        return arn_of(instance, "s3express", region_of(instance), "bucket/", bucket)
    return None


def _table_bucket(instance: ResourceInstance, name: str) -> Text | None:
    if name == "arn":
        bucket = named(instance, "name", "bucket-name")
        return arn_of(instance, "s3tables", region_of(instance), "bucket/", bucket)
    return None


def _policy_document(instance: ResourceInstance, name: str) -> Node | None:
    return document(instance) if name in ("json", "minified_json") else None


def _organization_policy(instance: ResourceInstance, name: str) -> Text | None:
    if name != "id":
        return None
    return unnamed(instance.entity, "policy-id", f"${{{instance.address}}}", unique=True)


_COMPUTED: Final[dict[str, _Computed]] = {
    "aws_s3_bucket": _bucket,
    "data.aws_s3_bucket": _bucket,
    "aws_s3_bucket_versioning": _of_bucket,
    "aws_s3_bucket_acl": _of_bucket,
    "aws_s3_bucket_policy": _of_bucket,
    "aws_s3_bucket_ownership_controls": _of_bucket,
    "aws_s3_bucket_public_access_block": _of_bucket,
    "aws_s3_bucket_replication_configuration": _of_bucket,
    "aws_s3_bucket_lifecycle_configuration": _of_bucket,
    "aws_s3_bucket_object_lock_configuration": _of_bucket,
    "aws_s3_bucket_request_payment_configuration": _of_bucket,
    "aws_s3_bucket_server_side_encryption_configuration": _of_bucket,
    "aws_s3_directory_bucket": _directory_bucket,
    "aws_s3tables_table_bucket": _table_bucket,
    "aws_s3_access_point": _access_point,
    "aws_iam_role": role_attribute,
    "data.aws_iam_role": _existing_role,
    "aws_iam_policy": policy_attribute,
    "data.aws_iam_policy": _existing_policy,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_user": _user,
    "aws_kms_key": key_attribute,
    "aws_kms_external_key": key_attribute,
    "aws_kms_replica_key": key_attribute,
    "aws_kms_replica_external_key": key_attribute,
    "data.aws_kms_key": existing_key_attribute,
    "aws_kms_alias": alias_attribute,
    "data.aws_kms_alias": existing_alias_attribute,
    "data.aws_caller_identity": _caller,
    "data.aws_region": _current_region,
    "data.aws_partition": _current_partition,
    "data.aws_canonical_user_id": _canonical_user,
    "data.aws_iam_policy_document": _policy_document,
    "aws_organizations_policy": _organization_policy,
}

_INJECTED: Final[dict[str, tuple[str, ...]]] = {
    "aws_s3_bucket": ("bucket",),
    "data.aws_s3_bucket": ("bucket",),
    "aws_s3_directory_bucket": ("bucket", "arn"),
    "aws_s3tables_table_bucket": ("arn",),
    "aws_iam_role": ("name", "arn", "unique_id"),
    "data.aws_iam_role": ("name", "arn"),
    "aws_iam_policy": ("name", "arn"),
    "data.aws_iam_policy": ("arn",),
    "aws_iam_role_policy": ("name",),
    "aws_kms_key": ("arn", "key_id"),
    "aws_kms_external_key": ("arn", "key_id"),
    "aws_kms_replica_key": ("arn", "key_id"),
    "aws_kms_replica_external_key": ("arn", "key_id"),
    "data.aws_kms_key": ("arn",),
    "aws_kms_alias": ("name",),
    "data.aws_caller_identity": ("account_id",),
    "data.aws_canonical_user_id": ("id",),
    "aws_organizations_policy": ("id",),
}
__all__ = ["account_in", "computed", "injected"]
