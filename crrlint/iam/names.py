"""Names of actions: some that exist, and some that people take for them.

IAM accepts any name in a role's policy; one that is no action grants nothing.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

from typing import Final

from crrlint.values.spelling import slip

_SERVICES: Final = {"s3": "S3", "kms": "KMS"}

# No complete list: the actions around replication, and those whose names are near to theirs.
_NAMES: Final = """
    s3:BypassGovernanceRetention s3:CreateJob s3:DeleteObject s3:DeleteObjectVersion
    s3:GetBucketVersioning s3:GetInventoryConfiguration s3:GetObject s3:GetObjectLegalHold
    s3:GetObjectRetention s3:GetObjectVersion s3:GetObjectVersionAcl
    s3:GetObjectVersionAnnotationForReplication s3:GetObjectVersionForReplication
    s3:GetObjectVersionTagging s3:GetReplicationConfiguration s3:InitiateReplication
    s3:ListBucket s3:ObjectOwnerOverrideToBucketOwner s3:PauseReplication s3:PutBucketPolicy
    s3:PutBucketVersioning s3:PutInventoryConfiguration s3:PutObject s3:PutObjectAcl
    s3:PutObjectLegalHold s3:PutObjectRetention s3:PutObjectVersionAcl
    s3:PutObjectVersionTagging s3:PutReplicationConfiguration s3:ReplicateDelete
    s3:ReplicateObject s3:ReplicateObjectAnnotation s3:ReplicateTags
    kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey
    kms:ReEncryptFrom kms:ReEncryptTo
"""
_ACTIONS: Final = frozenset(_NAMES.lower().split())

# Names met in policies, most of them of API operations.
_MISTAKES: Final = {
    "s3:deletereplicationconfiguration": "s3:PutReplicationConfiguration",
    "s3:getbucketinventoryconfiguration": "s3:GetInventoryConfiguration",
    "s3:getbucketreplication": "s3:GetReplicationConfiguration",
    "s3:headobject": "s3:GetObject",
    "s3:putbucketreplication": "s3:PutReplicationConfiguration",
    "s3:replicateobjecttagging": "s3:ReplicateTags",
    "s3:replicatetag": "s3:ReplicateTags",
    "s3:replicationtags": "s3:ReplicateTags",
}


def is_meant(written: str, needed: str) -> bool:
    """Tell whether a name is no action, and was meant to be the one that is needed."""
    name = written.lower()
    if name in _MISTAKES:
        return _MISTAKES[name] == needed
    if name in _ACTIONS or "*" in name or "?" in name:
        return False
    return service_of(name) is not None and slip(name, [needed.lower()]) is not None


def service_of(action: str) -> str | None:
    """Return what people call the service of an action; None for services without names here."""
    return _SERVICES.get(action.partition(":")[0].lower())
