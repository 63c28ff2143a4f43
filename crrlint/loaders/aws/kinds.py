"""What an answer of AWS is about: kinds, subjects, and the calls and file names that tell them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from crrlint.documents.source import Location
from crrlint.model import Layer

Kind: TypeAlias = Literal[
    "bucket-replication",
    "bucket-versioning",
    "bucket-location",
    "bucket-head",
    "bucket-policy",
    "bucket-acl",
    "bucket-ownership",
    "bucket-encryption",
    "bucket-object-lock",
    "bucket-lifecycle",
    "bucket-request-payment",
    "bucket-public-access-block",
    "bucket-tagging",
    "bucket-created",
    "buckets",
    "object-acl",
    "object-head",
    "role",
    "roles",
    "role-trust",
    "role-inline-policy",
    "role-inline-names",
    "role-attached",
    "policy",
    "policy-version",
    "permissions-boundary",
    "authorization-details",
    "key",
    "keys",
    "key-policy",
    "key-grants",
    "aliases",
    "caller-identity",
    "account-public-access-block",
    "scp",
    "rcp",
    "organization-policy",
    "policy-targets",
    "target-policies",
    "parents",
    "children",
    "accounts",
    "organization",
    "identity-policy",
    "any-policy",
    "any-acl",
    "any-status",
    "error",
    "irrelevant",
]
"""`any-…` and `identity-policy` are what content alone cannot tell apart."""


class Subject(NamedTuple):
    """Whose answer it is, as far as that is known.

    `name` is a policy's name, `policy` its ARN or its id in the organization,
    `kms_key` an id, an ARN or an alias, `target` a member of the organization, `type` the
    type of the organization's policies that were asked for.
    """

    account: str | None = None
    region: str | None = None
    bucket: str | None = None
    key: str | None = None
    version: str | None = None
    role: str | None = None
    name: str | None = None
    policy: str | None = None
    kms_key: str | None = None
    target: str | None = None
    type: str | None = None

    def over(self, other: Subject) -> Subject:
        """Return this subject with what it leaves open taken from the other."""
        return Subject(
            *(theirs if mine is None else mine for mine, theirs in zip(self, other, strict=True))
        )


By: TypeAlias = Literal["capture", "binding", "layout", "content"]


class Answer(NamedTuple):
    """One answer of AWS, or the body of one request to it.

    `error` is AWS's code where the call failed.  `bare` tells a document that people
    write (a body, a policy) from what a program printed; `by` what named its subject;
    `partial` one page of a list; `when` the time of a capture; `account_by` and
    `region_by` what told the account and the Region.
    """

    kind: Kind
    data: Any
    at: Location
    subject: Subject = Subject()
    error: str | None = None
    layer: Layer = "live"
    bare: bool = False
    by: By = "content"
    partial: bool = False
    when: str = ""
    account_by: str = ""
    region_by: str = ""


OPERATIONS: Final[dict[str, Kind]] = {
    "GetBucketReplication": "bucket-replication",
    "PutBucketReplication": "bucket-replication",
    "GetBucketVersioning": "bucket-versioning",
    "PutBucketVersioning": "bucket-versioning",
    "GetBucketLocation": "bucket-location",
    "HeadBucket": "bucket-head",
    "CreateBucket": "bucket-created",
    "GetBucketPolicy": "bucket-policy",
    "PutBucketPolicy": "bucket-policy",
    "GetBucketAcl": "bucket-acl",
    "PutBucketAcl": "bucket-acl",
    "GetBucketOwnershipControls": "bucket-ownership",
    "PutBucketOwnershipControls": "bucket-ownership",
    "GetBucketEncryption": "bucket-encryption",
    "PutBucketEncryption": "bucket-encryption",
    "GetObjectLockConfiguration": "bucket-object-lock",
    "PutObjectLockConfiguration": "bucket-object-lock",
    "GetBucketLifecycleConfiguration": "bucket-lifecycle",
    "PutBucketLifecycleConfiguration": "bucket-lifecycle",
    "GetBucketRequestPayment": "bucket-request-payment",
    "PutBucketRequestPayment": "bucket-request-payment",
    "GetPublicAccessBlock": "bucket-public-access-block",
    "PutPublicAccessBlock": "bucket-public-access-block",
    "GetBucketTagging": "bucket-tagging",
    "PutBucketTagging": "bucket-tagging",
    "GetBucketAccelerateConfiguration": "irrelevant",
    "GetBucketAbac": "irrelevant",
    "GetBucketLogging": "irrelevant",
    "GetBucketNotificationConfiguration": "irrelevant",
    "GetBucketPolicyStatus": "irrelevant",
    "GetBucketCors": "irrelevant",
    "GetBucketWebsite": "irrelevant",
    "ListBuckets": "buckets",
    "GetObjectAcl": "object-acl",
    "PutObjectAcl": "object-acl",
    "HeadObject": "object-head",
    "GetObjectAttributes": "object-head",
    "GetRole": "role",
    "CreateRole": "role",
    "ListRoles": "roles",
    "UpdateAssumeRolePolicy": "role-trust",
    "GetRolePolicy": "role-inline-policy",
    "PutRolePolicy": "role-inline-policy",
    "ListRolePolicies": "role-inline-names",
    "ListAttachedRolePolicies": "role-attached",
    "GetPolicy": "policy",
    "GetPolicyVersion": "policy-version",
    "GetAccountAuthorizationDetails": "authorization-details",
    "GetCallerIdentity": "caller-identity",
    "DescribeKey": "key",
    "ListKeys": "keys",
    "GetKeyPolicy": "key-policy",
    "PutKeyPolicy": "key-policy",
    "ListGrants": "key-grants",
    "ListAliases": "aliases",
    "DescribePolicy": "organization-policy",
    "ListTargetsForPolicy": "policy-targets",
    "ListPoliciesForTarget": "target-policies",
    "ListParents": "parents",
    "ListChildren": "children",
    "ListAccountsForParent": "children",
    "ListOrganizationalUnitsForParent": "children",
    "ListAccounts": "accounts",
    "DescribeOrganization": "organization",
}

_ASIDE: Final = re.compile(r"\.(?:err|error|stderr)\Z", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\.(?:json|ya?ml|xml|txt)\Z", re.IGNORECASE)
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VERB: Final = re.compile(r"\A(?:get|list|describe|put|update)-")

_SHORT_STEMS: Final[dict[str, Kind]] = {
    "bucket-replication-configuration": "bucket-replication",
    "bucket-ownership": "bucket-ownership",
    "bucket-object-lock": "bucket-object-lock",
    "bucket-object-lock-configuration": "bucket-object-lock",
    "bucket-lifecycle": "bucket-lifecycle",
    "bucket-public-access-block": "bucket-public-access-block",
    "bucket-tags": "bucket-tagging",
    "grants": "key-grants",
    "key-grants": "key-grants",
    "role-trust": "role-trust",
    "trust-policy": "role-trust",
    "trust": "role-trust",
}
# Their names say too little without their services.
_AMBIGUOUS: Final = frozenset({"GetPolicy", "DescribePolicy", "GetRolePolicy", "PutRolePolicy"})


@cache
def _stems() -> dict[str, Kind]:
    """Return kinds by the names of calls without their verbs, and by short names."""
    calls = {stem_of(call): kind for call, kind in OPERATIONS.items() if call not in _AMBIGUOUS}
    return {**calls, **_SHORT_STEMS}


def path_parts(path: str) -> list[str]:
    return path.replace("\\", "/").split("/")


def bare_path(path: str) -> str:
    """Return the path without what only tells syntaxes and error texts apart."""
    path = path.replace("\\", "/")
    return _EXTENSION.sub("", _ASIDE.sub("", path))


def is_aside(path: str) -> bool:
    """Tell whether the file holds the error text of the call that its neighbour belongs to."""
    return _ASIDE.search(path) is not None


def stem_of(name: str) -> str:
    """Return a file's name as words without extension and verb: `GetBucketAcl` is `bucket-acl`."""
    words = _HUMP.sub("-", bare_path(name)).lower().replace("_", "-")
    return _VERB.sub("", words)


def kind_of_stem(stem: str, *, within: str = "") -> Kind | None:
    """Return what a file of that name holds; `within` supplies the word left out (`bucket`)."""
    if within and not stem.startswith(within + "-"):
        return _stems().get(f"{within}-{stem}") or _stems().get(stem)
    return _stems().get(stem)
