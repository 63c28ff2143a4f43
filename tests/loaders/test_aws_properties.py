"""Whatever a file holds, the loader answers; it never raises."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crrlint.documents.parse import Unreadable
from crrlint.model.bindings import Binding, Bindings
from tests.loaders.aws_cases import read, told

NAMES = st.sampled_from(
    [
        "Role", "Rules", "Status", "Policy", "Statement", "Version", "Effect", "Principal",
        "Action", "Resource", "Buckets", "Owner", "Grants", "Grantee", "Permission", "Bucket",
        "ReplicationConfiguration", "Destination", "LocationConstraint", "OwnershipControls",
        "ObjectOwnership", "ServerSideEncryptionConfiguration", "ObjectLockConfiguration",
        "ObjectLockEnabled", "TagSet", "Tagging", "Payer", "RoleName", "Arn", "PolicyName",
        "PolicyDocument", "AssumeRolePolicyDocument", "PolicyNames", "AttachedPolicies",
        "PolicyArn", "RoleDetailList", "RolePolicyList", "AttachedManagedPolicies", "Policies",
        "PolicyVersionList", "PolicyVersion", "Document", "VersionId", "IsDefaultVersion",
        "KeyMetadata", "KeyId", "Keys", "KeyArn", "Aliases", "AliasName", "AliasArn",
        "TargetKeyId", "GrantId", "GranteePrincipal", "PolicySummary", "Content", "Targets",
        "TargetId", "Type", "Parents", "Id", "Accounts", "Account", "UserId", "Error", "Code",
        "crrlint_capture", "operation", "params", "result", "error", "account", "region", "at",
        "PublicAccessBlockConfiguration", "PermissionsBoundary", "Parameters", "artifacts",
        "version", "format_version", "values", "deployment", "ACL", "Key", "Name", "Roles",
    ]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.sampled_from(
        [
            "", "x", "Enabled", "2012-10-17", "Allow", "Deny", "arn:aws:s3:::logs/*",
            "arn:aws:iam::111122223333:role/crr", "arn:aws:kms:eu-west-1:111122223333:key/k",
            "arn:aws:kms:eu-west-1:111122223333:alias/a", "sts:AssumeRole", "kms:*", "s3:*", "*",
            '{"Statement": []}', "%7B%22Statement%22%3A%5B%5D%7D", "%7B", "${bucket}", "arn:",
            "GetBucketVersioning", "GetRole", "DescribeKey", "PutBucketReplication", "arn:aws",
            "SERVICE_CONTROL_POLICY", "${a}:role/x", "arn:${p}:iam::${b}:role/crr", "None",
        ]
    ),
)  # fmt: skip
DATA = st.recursive(
    LEAVES,
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(NAMES, below, max_size=6)),
    max_leaves=30,
)
ACCOUNT = "accounts/111122223333"
PATHS = st.sampled_from(
    [
        "x.json", "versioning.json", "acl.json", "dir/replication.json", "dir/p.json",
        f"{ACCOUNT}/x.json", f"{ACCOUNT}/buckets.json", f"{ACCOUNT}/caller-identity.json",
        *(
            f"{ACCOUNT}/s3/logs/{stem}.json"
            for stem in (
                "versioning", "location", "replication", "policy", "acl", "encryption", "tagging",
                "ownership-controls", "object-lock", "lifecycle", "request-payment", "head-bucket",
                "public-access-block",
            )
        ),
        f"{ACCOUNT}/s3/logs/objects/k.acl.json", f"{ACCOUNT}/s3/logs/objects/k.head.json",
        *(
            f"{ACCOUNT}/iam/roles/crr/{stem}.json"
            for stem in ("role", "trust", "attached", "inline-names", "inline/p", "boundary")
        ),
        f"{ACCOUNT}/iam/authorization-details.json", f"{ACCOUNT}/iam/policies/m/policy.json",
        f"{ACCOUNT}/iam/policies/m/version.json", f"{ACCOUNT}/kms/eu-west-1/k/key.json",
        f"{ACCOUNT}/kms/eu-west-1/k/key-policy.json", f"{ACCOUNT}/kms/eu-west-1/k/grants.json",
        f"{ACCOUNT}/kms/eu-west-1/aliases.json", "organization/accounts.json",
        "organization/scp/p-1/policy.json", "organization/scp/p-1/targets.json",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(PATHS, DATA, min_size=1, max_size=4))
def test_no_json_makes_the_loader_raise(files: dict[str, Any]) -> None:
    assert loaded({path: json.dumps(data) for path, data in files.items()}) is not None


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["bucket-policy", "role", "key", "scp", "object-acl"]), DATA)
def test_no_bound_file_makes_the_loader_raise(kind: Any, data: Any) -> None:
    bind = Binding("x.json", kind, "logs", "k", "crr", "p", "111122223333", "eu-west-1")
    assert loaded({"x.json": json.dumps(data)}, Bindings(binds=(bind,))) is not None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/aRuleVersioningConfiguration &;\"'= ", max_size=60), PATHS)
def test_no_markup_makes_the_loader_raise(text: str, path: str) -> None:
    with suppress(Unreadable):
        loaded({path.replace(".json", ".xml"): f"<a>{text}"})


def loaded(files: dict[str, str], bindings: Bindings | None = None) -> list[str]:
    lines = told(read(files, bindings))
    crashes = [line for line in lines if "could not be read" in line]
    assert crashes == []
    return lines
