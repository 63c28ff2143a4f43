"""Pulumi's types, and the types of Terraform or CloudFormation that they are made from."""

from __future__ import annotations

from typing import Final

_S3: Final = {
    "bucket": "aws_s3_bucket",
    "bucketVersioning": "aws_s3_bucket_versioning",
    "bucketReplicationConfig": "aws_s3_bucket_replication_configuration",
    "bucketPolicy": "aws_s3_bucket_policy",
    "bucketAcl": "aws_s3_bucket_acl",
    "bucketOwnershipControls": "aws_s3_bucket_ownership_controls",
    "bucketServerSideEncryptionConfiguration": "aws_s3_bucket_server_side_encryption_configuration",
    "bucketObjectLockConfiguration": "aws_s3_bucket_object_lock_configuration",
    "bucketLifecycleConfiguration": "aws_s3_bucket_lifecycle_configuration",
    "bucketPublicAccessBlock": "aws_s3_bucket_public_access_block",
    "bucketRequestPaymentConfiguration": "aws_s3_bucket_request_payment_configuration",
    "accountPublicAccessBlock": "aws_s3_account_public_access_block",
    "bucketObject": "aws_s3_bucket_object",
    "bucketObjectv2": "aws_s3_object",
    "objectCopy": "aws_s3_object_copy",
    "directoryBucket": "aws_s3_directory_bucket",
}
_OTHERS: Final = {
    "s3tables/tableBucket": "aws_s3tables_table_bucket",
    "s3control/bucket": "aws_s3control_bucket",
    "iam/role": "aws_iam_role",
    "iam/rolePolicy": "aws_iam_role_policy",
    "iam/policy": "aws_iam_policy",
    "iam/rolePolicyAttachment": "aws_iam_role_policy_attachment",
    "iam/policyAttachment": "aws_iam_policy_attachment",
    "iam/rolePoliciesExclusive": "aws_iam_role_policies_exclusive",
    "iam/rolePolicyAttachmentsExclusive": "aws_iam_role_policy_attachments_exclusive",
    "kms/key": "aws_kms_key",
    "kms/externalKey": "aws_kms_external_key",
    "kms/replicaKey": "aws_kms_replica_key",
    "kms/replicaExternalKey": "aws_kms_replica_external_key",
    "kms/keyPolicy": "aws_kms_key_policy",
    "kms/alias": "aws_kms_alias",
    "kms/grant": "aws_kms_grant",
    "organizations/policy": "aws_organizations_policy",
    "organizations/policyAttachment": "aws_organizations_policy_attachment",
    "organizations/account": "aws_organizations_account",
    "organizations/organizationalUnit": "aws_organizations_organizational_unit",
}
_CLASSIC: Final = {
    **{f"s3/{name}": kind for name, kind in _S3.items()},
    # Version 4 of the provider kept the older shape of a resource beside the newer one.
    **{f"s3/{name}V2": kind for name, kind in _S3.items()},
    **_OTHERS,
}

NATIVE: Final = {
    "aws-native:s3:Bucket": "AWS::S3::Bucket",
    "aws-native:s3:BucketPolicy": "AWS::S3::BucketPolicy",
    "aws-native:s3express:DirectoryBucket": "AWS::S3Express::DirectoryBucket",
    "aws-native:s3tables:TableBucket": "AWS::S3Tables::TableBucket",
    "aws-native:s3outposts:Bucket": "AWS::S3Outposts::Bucket",
    "aws-native:iam:Role": "AWS::IAM::Role",
    "aws-native:iam:RolePolicy": "AWS::IAM::RolePolicy",
    "aws-native:iam:ManagedPolicy": "AWS::IAM::ManagedPolicy",
    "aws-native:kms:Key": "AWS::KMS::Key",
    "aws-native:kms:ReplicaKey": "AWS::KMS::ReplicaKey",
    "aws-native:kms:Alias": "AWS::KMS::Alias",
    "aws-native:organizations:Policy": "AWS::Organizations::Policy",
}

PROVIDERS: Final = ("pulumi:providers:aws", "pulumi:providers:aws-native")


def terraform_type(type: str) -> str | None:
    """Return `aws_s3_bucket` for `aws:s3/bucket:Bucket`; None for what is no such type."""
    package, _, rest = type.partition(":")
    return _CLASSIC.get(rest.partition(":")[0]) if package == "aws" else None
