"""The calls that a capture makes, each with the permission that it needs.  All of them read."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Call(NamedTuple):
    """One operation of AWS.

    `action` is what IAM has to allow, None where it needs nothing.  Of what a call returns
    `members` are kept; without them, everything.
    """

    service: str
    operation: str
    action: str | None
    members: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """The operation as boto3 calls it."""
        return _HUMP.sub("_", self.operation).lower()

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"


IDENTITY: Final = Call("sts", "GetCallerIdentity", None, ("Account", "Arn"))

LIST_BUCKETS: Final = Call("s3", "ListBuckets", "s3:ListAllMyBuckets", ("Buckets", "Owner"))
ACCOUNT_BLOCK: Final = Call("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock")

LOCATION: Final = Call("s3", "GetBucketLocation", "s3:GetBucketLocation")
# S3 names the Region of a bucket to whoever asks for its head, even as it refuses; what would
# be allowed, listing the keys of objects, is none of ours.
HEAD: Final = Call("s3", "HeadBucket", None)
REPLICATION: Final = Call("s3", "GetBucketReplication", "s3:GetReplicationConfiguration")
ENCRYPTION: Final = Call("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration")

BUCKET: Final = (
    REPLICATION,
    Call("s3", "GetBucketVersioning", "s3:GetBucketVersioning"),
    Call("s3", "GetBucketPolicy", "s3:GetBucketPolicy"),
    Call("s3", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
    Call("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    Call("s3", "GetBucketAcl", "s3:GetBucketAcl"),
    Call("s3", "GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"),
    ENCRYPTION,
    Call("s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    Call("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    Call("s3", "GetBucketRequestPayment", "s3:GetBucketRequestPayment"),
    Call("s3", "GetBucketTagging", "s3:GetBucketTagging"),
)
"""Everything about one bucket, once its Region is known."""

# What people say of an object, its metadata and its tags, is none of ours either.
OBJECT: Final = (
    Call("s3", "GetObjectAcl", "s3:GetObjectAcl", ("Owner.ID", "Grants")),
    Call(
        "s3", "HeadObject", "s3:GetObject",
        ("ServerSideEncryption", "SSEKMSKeyId", "SSECustomerAlgorithm", "BucketKeyEnabled",
         "StorageClass", "ArchiveStatus", "ReplicationStatus", "ContentLength",
         "ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"),
    ),
)  # fmt: skip
"""About one object, where a user names it."""

ROLE: Final = Call("iam", "GetRole", "iam:GetRole")
INLINE_NAMES: Final = Call("iam", "ListRolePolicies", "iam:ListRolePolicies")
INLINE: Final = Call("iam", "GetRolePolicy", "iam:GetRolePolicy")
ATTACHED: Final = Call("iam", "ListAttachedRolePolicies", "iam:ListAttachedRolePolicies")
POLICY: Final = Call("iam", "GetPolicy", "iam:GetPolicy")
POLICY_VERSION: Final = Call("iam", "GetPolicyVersion", "iam:GetPolicyVersion")

KEY: Final = Call("kms", "DescribeKey", "kms:DescribeKey")
KEY_POLICY: Final = Call("kms", "GetKeyPolicy", "kms:GetKeyPolicy")
GRANTS: Final = Call("kms", "ListGrants", "kms:ListGrants")
ALIASES: Final = Call("kms", "ListAliases", "kms:ListAliases")

# The organization's answer holds the address of its owner as well.
ORGANIZATION: Final = Call(
    "organizations", "DescribeOrganization", "organizations:DescribeOrganization",
    ("Organization.Id", "Organization.Arn", "Organization.MasterAccountId"),
)  # fmt: skip
PARENTS: Final = Call("organizations", "ListParents", "organizations:ListParents")
TARGET_POLICIES: Final = Call(
    "organizations", "ListPoliciesForTarget", "organizations:ListPoliciesForTarget"
)
ORGANIZATION_POLICY: Final = Call("organizations", "DescribePolicy", "organizations:DescribePolicy")

CALLS: Final = (
    IDENTITY, LIST_BUCKETS, ACCOUNT_BLOCK, LOCATION, HEAD, *BUCKET, *OBJECT,
    ROLE, INLINE_NAMES, INLINE, ATTACHED, POLICY, POLICY_VERSION,
    KEY, KEY_POLICY, GRANTS, ALIASES,
    ORGANIZATION, PARENTS, TARGET_POLICIES, ORGANIZATION_POLICY,
)  # fmt: skip
