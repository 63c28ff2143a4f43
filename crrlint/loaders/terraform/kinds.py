"""What the attributes of Terraform resources name: a bucket by its name, a role by its ARN.

A plan tells what an expression refers to and not what it makes of that.  Where an
attribute can only be the whole of what is referred to, and that is of the kind which the
attribute takes, the two are the same.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "account",
    "alias arn",
    "alias name",
    "bucket arn",
    "bucket name",
    "document",
    "key",
    "key arn",
    "key id",
    "policy arn",
    "role arn",
    "role name",
]

BUCKETS: Final = frozenset({"aws_s3_bucket", "data.aws_s3_bucket"})
KEYS: Final = frozenset(
    {
        "aws_kms_key",
        "aws_kms_external_key",
        "aws_kms_replica_key",
        "aws_kms_replica_external_key",
        "data.aws_kms_key",
    }
)
DOCUMENT: Final = "data.aws_iam_policy_document"
CALLER: Final = "data.aws_caller_identity"

_ROLE: Final[dict[str, Kind]] = {"name": "role name", "id": "role name", "arn": "role arn"}
_POLICY: Final[dict[str, Kind]] = {"arn": "policy arn", "id": "policy arn", "policy": "document"}
_KEY: Final[dict[str, Kind]] = {"arn": "key arn", "key_id": "key id", "id": "key id"}
_ALIAS: Final[dict[str, Kind]] = {
    "target_key_arn": "key arn",
    "target_key_id": "key id",
    "arn": "alias arn",
    "name": "alias name",
    "id": "alias name",
}
_SATELLITE: Final[dict[str, Kind]] = {"bucket": "bucket name", "id": "bucket name"}

GIVES: Final[dict[str, dict[str, Kind]]] = {
    **{
        bucket: {"bucket": "bucket name", "id": "bucket name", "arn": "bucket arn"}
        for bucket in BUCKETS
    },
    **dict.fromkeys(KEYS, _KEY),
    "aws_iam_role": _ROLE,
    "data.aws_iam_role": _ROLE,
    "aws_iam_policy": _POLICY,
    "data.aws_iam_policy": _POLICY,
    "aws_kms_alias": _ALIAS,
    "data.aws_kms_alias": _ALIAS,
    **dict.fromkeys(("awscc_kms_key", "awscc_kms_replica_key", "data.awscc_kms_key"), _KEY),
    "awscc_s3_bucket": {"bucket_name": "bucket name", "id": "bucket name", "arn": "bucket arn"},
    "awscc_iam_role": {"role_name": "role name", "id": "role name", "arn": "role arn"},
    "awscc_iam_managed_policy": {"policy_arn": "policy arn", "id": "policy arn"},
    "awscc_kms_alias": {"alias_name": "alias name", "id": "alias name"},
    DOCUMENT: {"json": "document", "minified_json": "document"},
    CALLER: {"account_id": "account", "id": "account"},
}
"""What each attribute of a resource is, the one that names it best first."""

_ACCEPTS: Final[dict[Kind, frozenset[Kind]]] = {
    "key": frozenset({"key arn", "key id", "alias arn", "alias name"}),
    "key arn": frozenset({"key arn", "alias arn"}),
}

_DESTINATION: Final[dict[str, Kind]] = {
    "destination.bucket": "bucket arn",
    "destination.account": "account",
    "destination.account_id": "account",
    "destination.replica_kms_key_id": "key arn",
    "destination.encryption_configuration.replica_kms_key_id": "key arn",
}
_ENCRYPTION: Final = "apply_server_side_encryption_by_default.kms_master_key_id"

_TAKES: Final[dict[str, dict[str, Kind]]] = {
    "aws_s3_bucket": {
        "policy": "document",
        "replication_configuration.role": "role arn",
        **{f"replication_configuration.rules.{path}": k for path, k in _DESTINATION.items()},
        f"server_side_encryption_configuration.rule.{_ENCRYPTION}": "key",
    },
    "aws_s3_bucket_replication_configuration": {
        "role": "role arn",
        **{f"rule.{path}": kind for path, kind in _DESTINATION.items()},
    },
    "aws_s3_bucket_server_side_encryption_configuration": {f"rule.{_ENCRYPTION}": "key"},
    "aws_s3_bucket_policy": {"policy": "document"},
    "aws_iam_role": {
        "assume_role_policy": "document",
        "permissions_boundary": "policy arn",
        "managed_policy_arns": "policy arn",
        "inline_policy.policy": "document",
    },
    "aws_iam_policy": {"policy": "document"},
    "aws_iam_role_policy": {"role": "role name", "policy": "document"},
    "aws_iam_role_policy_attachment": {"role": "role name", "policy_arn": "policy arn"},
    "aws_iam_policy_attachment": {"roles": "role name", "policy_arn": "policy arn"},
    "aws_iam_role_policies_exclusive": {"role_name": "role name"},
    "aws_iam_role_policy_attachments_exclusive": {
        "role_name": "role name",
        "policy_arns": "policy arn",
    },
    "aws_kms_key": {"policy": "document"},
    "aws_kms_external_key": {"policy": "document"},
    "aws_kms_replica_key": {"policy": "document", "primary_key_arn": "key arn"},
    "aws_kms_replica_external_key": {"policy": "document", "primary_key_arn": "key arn"},
    "aws_kms_key_policy": {"policy": "document", "key_id": "key"},
    "aws_kms_alias": {"target_key_id": "key"},
    "aws_kms_grant": {"key_id": "key", "grantee_principal": "role arn"},
    "aws_organizations_policy": {"content": "document"},
    "awscc_s3_bucket": {
        "replication_configuration.role": "role arn",
        **{f"replication_configuration.rules.{path}": kind for path, kind in _DESTINATION.items()},
        "bucket_encryption.server_side_encryption_configuration"
        ".server_side_encryption_by_default.kms_master_key_id": "key",
    },
    "awscc_s3_bucket_policy": {"bucket": "bucket name", "policy_document": "document"},
    "awscc_iam_role": {
        "assume_role_policy_document": "document",
        "permissions_boundary": "policy arn",
        "managed_policy_arns": "policy arn",
    },
    "awscc_iam_role_policy": {"role_name": "role name", "policy_document": "document"},
    "awscc_iam_managed_policy": {"policy_document": "document", "roles": "role name"},
    "awscc_kms_key": {"key_policy": "document"},
    "awscc_kms_replica_key": {"key_policy": "document", "primary_key_arn": "key arn"},
    "awscc_kms_alias": {"target_key_id": "key"},
    "awscc_organizations_policy": {"content": "document"},
}


def takes(resource: str, path: str) -> Kind | None:
    """Return what an attribute has to be as a whole; None where it may be made of pieces."""
    known = _TAKES.get(resource, {}).get(path)
    if known is not None:
        return known
    if path == "bucket" and resource != "aws_s3_bucket" and "aws_s3" in resource:
        return "bucket name"
    return "account" if path == "expected_bucket_owner" else None


def gives(resource: str, attribute: str) -> Kind | None:
    """Return what an attribute of a resource is, for whoever refers to it."""
    known = GIVES.get(resource)
    if known is None and resource.startswith("aws_s3_bucket_"):
        known = _SATELLITE
    return None if known is None else known.get(attribute)


def names(resource: str, kind: Kind) -> str | None:
    """Return the attribute of a resource that is of a kind, None where it has none."""
    for attribute, given in GIVES.get(resource, {}).items():
        if accepts(kind, given):
            return attribute
    return None


def accepts(wanted: Kind, given: Kind | None) -> bool:
    return given is not None and (wanted == given or given in _ACCEPTS.get(wanted, ()))
