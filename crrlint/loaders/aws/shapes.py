"""What a document is, by its content alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from crrlint.loaders.aws.kinds import Kind, Subject

# Members that say something about the call, not about what was asked for.
_ENVELOPE: Final = frozenset({"ResponseMetadata", "RequestCharged", "$schema"})

_BLOCK_MEMBERS: Final = frozenset(
    {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}
)
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]\Z")
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_TIMED: Final = frozenset(
    {
        "Expiration",
        "Transition",
        "Transitions",
        "NoncurrentVersionExpiration",
        "NoncurrentVersionTransition",
        "NoncurrentVersionTransitions",
        "AbortIncompleteMultipartUpload",
    }
)

# The member that holds the body, alone or beside the bucket's name in a request.
_WRAPPERS: Final[dict[str, Kind]] = {
    "ReplicationConfiguration": "bucket-replication",
    "VersioningConfiguration": "bucket-versioning",
    "OwnershipControls": "bucket-ownership",
    "ServerSideEncryptionConfiguration": "bucket-encryption",
    "ObjectLockConfiguration": "bucket-object-lock",
    "LifecycleConfiguration": "bucket-lifecycle",
    "RequestPaymentConfiguration": "bucket-request-payment",
    "PublicAccessBlockConfiguration": "bucket-public-access-block",
    "AccessControlPolicy": "any-acl",
    "CreateBucketConfiguration": "bucket-created",
    "Tagging": "bucket-tagging",
}


class Shape(NamedTuple):
    """`bare`: a body or a document that people write, not the answer to a call."""

    kind: Kind
    subject: Subject = Subject()
    bare: bool = False


def shape_of(data: Any) -> Shape | None:
    """Return what the data is, None when it is nothing that AWS answers or accepts."""
    if not isinstance(data, dict) or not data:
        return None
    members = {key for key in data if key not in _ENVELOPE}
    if not members:
        return None
    return (
        _wrapped(data, members)
        or _bucket_answer(data, members)
        or _iam_answer(data, members)
        or _kms_answer(data, members)
        or _organization_answer(data, members)
        or _bare_body(data, members)
    )


def is_error(data: Any) -> bool:
    """Tell whether the data is AWS's error as boto3 dumps it and S3 writes it in XML."""
    error = data.get("Error") if isinstance(data, dict) else None
    return isinstance(error, dict) and isinstance(error.get("Code"), str)


def is_policy(data: Any) -> bool:
    """Tell whether the data is an IAM policy document."""
    if not isinstance(data, dict) or data.get("Version", _VERSIONS[0]) not in _VERSIONS:
        return False
    statements = data.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    return (
        isinstance(statements, list)
        and bool(statements)
        and all(isinstance(s, dict) and s.get("Effect") in ("Allow", "Deny") for s in statements)
        and set(data) <= {"Version", "Id", "Statement"}
    )


def policy_of_text(text: Any) -> Any:
    """Return the policy document that a string holds, None when it holds none."""
    if not isinstance(text, str) or text.lstrip()[:1] != "{":
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and "Statement" in data else None


def kind_of_policy(data: dict[str, Any]) -> Kind:
    """Tell what a bare policy document is for; `any-policy` where its content fits several."""
    statements = list(_statements(data))
    with_principal = [s for s in statements if "Principal" in s or "NotPrincipal" in s]
    if not with_principal:
        return "identity-policy"
    actions = [a.lower() for s in statements for a in _texts(s.get("Action"))]
    if all("Resource" not in s and "NotResource" not in s for s in statements) and any(
        a.startswith("sts:assumerole") for a in actions
    ):
        return "role-trust"
    if actions and all(a.startswith("kms:") for a in actions):
        return "key-policy"
    resources = [r for s in statements for r in _texts(s.get("Resource"))]
    if all(s.get("Effect") == "Deny" for s in statements) and set(resources) <= {"*"}:
        return "any-policy"  # a resource control policy has the same shape
    if any(a.startswith("s3:") for a in actions) or any(":s3:::" in r for r in resources):
        return "bucket-policy"
    return "any-policy"


def named_buckets(policy: dict[str, Any]) -> set[str]:
    """Return the buckets that a policy's resources name, patterns left out."""
    return {name for statement in _statements(policy) for name in _buckets_of(statement)}


def read_buckets(policy: dict[str, Any]) -> set[str]:
    """Return the buckets that a policy lets its holder replicate from."""
    return {
        name
        for statement in _statements(policy)
        if statement.get("Effect") == "Allow" and any(map(_reads, _texts(statement.get("Action"))))
        for name in _buckets_of(statement)
    }


def _reads(action: str) -> bool:
    action = action.lower()
    return action.startswith(("s3:get", "s3:list", "s3:*")) or action == "*"


def _statements(policy: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (s for s in _list(policy.get("Statement")) if isinstance(s, dict))


def _buckets_of(statement: dict[str, Any]) -> Iterator[str]:
    names = map(bucket_of_arn, _texts(statement.get("Resource")))
    return (name for name in names if name is not None)


def bucket_of_arn(text: Any) -> str | None:
    """Return the bucket that an ARN of S3 names plainly."""
    fields = text.split(":", 5) if isinstance(text, str) else []
    if len(fields) != 6 or fields[0] != "arn" or fields[2:5] != ["s3", "", ""]:
        return None
    name: str = fields[5].split("/", 1)[0]
    return name if _BUCKET.match(name) and "__" not in name else None


def _wrapped(data: dict[str, Any], members: set[str]) -> Shape | None:
    """Recognise a body under the name of its kind, as get answers and put requests hold it."""
    bucket = data.get("Bucket") if isinstance(data.get("Bucket"), str) else None
    for name in members & _WRAPPERS.keys():
        body = data[name]
        if not isinstance(body, dict) or (name == "Tagging" and "TagSet" not in body):
            continue
        if name == "ReplicationConfiguration" and _is_of_outposts(body.get("Rules")):
            continue
        if bucket is not None:
            return _request(_WRAPPERS[name], data, bucket)
        account = data.get("AccountId")
        if name == "PublicAccessBlockConfiguration" and isinstance(account, str):
            return Shape("account-public-access-block", Subject(account=account), True)
        if len(members) == 1 and name != "CreateBucketConfiguration":
            return Shape(_WRAPPERS[name])
    if bucket is None:
        return None
    if policy_of_text(data.get("Policy")) is not None or is_policy(data.get("Policy")):
        return _request("bucket-policy", data, bucket)
    if isinstance(data.get("ACL"), str) and not members & {"Body", "ServerSideEncryption"}:
        return _request("any-acl", data, bucket)
    return None


def _request(kind: Kind, data: dict[str, Any], bucket: str) -> Shape:
    key = data.get("Key")
    if kind == "any-acl":
        kind = "object-acl" if isinstance(key, str) else "bucket-acl"
    owner = data.get("ExpectedBucketOwner")
    subject = Subject(
        bucket=bucket,
        key=key if isinstance(key, str) else None,
        account=owner if isinstance(owner, str) else None,
    )
    return Shape(kind, subject, True)


def _bucket_answer(data: dict[str, Any], members: set[str]) -> Shape | None:
    if _is_list_of(data.get("Grants"), {"Grantee", "Permission"}) and isinstance(
        data.get("Owner"), dict
    ):
        return Shape("any-acl")
    if members == {"LocationConstraint"} and isinstance(data["LocationConstraint"], str | None):
        return Shape("bucket-location")
    if "BucketRegion" in members and members <= {
        "BucketRegion",
        "BucketArn",
        "BucketLocationType",
        "BucketLocationName",
        "AccessPointAlias",
    }:
        return Shape("bucket-head", Subject(bucket=bucket_of_arn(data.get("BucketArn"))))
    if members == {"Payer"} and data["Payer"] in ("BucketOwner", "Requester"):
        return Shape("bucket-request-payment")
    if members == {"TagSet"} and _is_list_of(data["TagSet"], {"Key", "Value"}):
        return Shape("bucket-tagging")
    if "Buckets" in members and "Owner" in members and _is_list_of(data["Buckets"], {"Name"}):
        return Shape("buckets")
    if _is_versioning(data, members):
        return Shape("any-status" if len(members) == 1 else "bucket-versioning")
    if {"ETag", "ContentLength"} <= members and "ContentType" in members:
        return Shape("object-head")
    return None


def _is_versioning(data: dict[str, Any], members: set[str]) -> bool:
    known = bool(members) and members <= {"Status", "MFADelete", "MfaDelete"}
    return known and data.get("Status") in ("Enabled", "Suspended", None)


def _iam_answer(data: dict[str, Any], members: set[str]) -> Shape | None:
    role = data.get("Role")
    if isinstance(role, dict) and _is_role(role):
        return Shape("role")
    if _is_role(data):
        return Shape("role")
    if {"RoleName", "AssumeRolePolicyDocument"} <= members:
        return Shape("role", bare=True)
    name = data.get("RoleName")
    subject = Subject(role=name if isinstance(name, str) else None)
    if {"RoleName", "PolicyName", "PolicyDocument"} <= members:
        return Shape("role-inline-policy", subject)
    if {"RoleName", "PolicyDocument"} == members:
        return Shape("role-trust", subject, True)
    if _is_list_of(data.get("Roles"), {"RoleName", "Arn"}) and data["Roles"]:
        return Shape("roles")
    if "AttachedPolicies" in members and _is_list_of(data["AttachedPolicies"], {"PolicyArn"}):
        return Shape("role-attached")
    names = data.get("PolicyNames")
    if isinstance(names, list) and members <= {"PolicyNames", "IsTruncated", "Marker"}:
        return Shape("role-inline-names")
    if isinstance(data.get("RoleDetailList"), list) or isinstance(data.get("UserDetailList"), list):
        return Shape("authorization-details")
    version = data.get("PolicyVersion")
    if isinstance(version, dict) and "Document" in version and "VersionId" in version:
        return Shape("policy-version")
    policy = data.get("Policy")
    if isinstance(policy, dict) and {"Arn", "DefaultVersionId"} <= policy.keys():
        return Shape("policy")
    if {"UserId", "Account", "Arn"} <= members:
        return Shape("caller-identity")
    return None


def _is_role(data: dict[str, Any]) -> bool:
    arn = data.get("Arn")
    return isinstance(arn, str) and ":role/" in arn and "RoleName" in data


def _kms_answer(data: dict[str, Any], members: set[str]) -> Shape | None:
    metadata = data.get("KeyMetadata")
    if isinstance(metadata, dict) and "KeyId" in metadata:
        return Shape("key")
    key = data.get("KeyId")
    if isinstance(key, str) and policy_of_text(data.get("Policy")) is not None:
        return Shape("key-policy", Subject(kms_key=key), True)
    policy = policy_of_text(data.get("Policy"))
    if policy is not None and members <= {"Policy", "PolicyName"}:
        if "PolicyName" in members:
            return Shape("key-policy")
        kind = kind_of_policy(policy)
        return Shape(kind if kind in ("key-policy", "bucket-policy") else "any-policy")
    if _is_list_of(data.get("Grants"), {"GrantId", "GranteePrincipal"}) and data["Grants"]:
        return Shape("key-grants")
    if _is_list_of(data.get("Aliases"), {"AliasName", "AliasArn"}) and data["Aliases"]:
        return Shape("aliases")
    if _is_list_of(data.get("Keys"), {"KeyId", "KeyArn"}) and data["Keys"]:
        return Shape("keys")
    return None


def _organization_answer(data: dict[str, Any], members: set[str]) -> Shape | None:
    policy = data.get("Policy")
    if isinstance(policy, dict) and "Content" in policy:
        summary = policy.get("PolicySummary")
        if isinstance(summary, dict):
            return Shape("organization-policy")
    if _is_list_of(data.get("Targets"), {"TargetId", "Type"}) and data["Targets"]:
        return Shape("policy-targets")
    if _is_list_of(data.get("Parents"), {"Id", "Type"}) and data["Parents"]:
        return Shape("parents")
    accounts = data.get("Accounts")
    if _is_list_of(accounts, {"Id", "Arn"}) and accounts and ":organizations:" in str(accounts[0]):
        return Shape("accounts")
    summaries = data.get("Policies")
    if _is_list_of(summaries, {"Id", "Type", "AwsManaged"}) and summaries:
        return Shape("target-policies")
    organization = data.get("Organization")
    if isinstance(organization, dict) and "FeatureSet" in organization:
        return Shape("organization")
    return None


def _bare_body(data: dict[str, Any], members: set[str]) -> Shape | None:
    if is_policy(data):
        return Shape(kind_of_policy(data), bare=True)
    rules = data.get("Rules")
    if _is_replication(data):
        return Shape("bucket-replication", bare=True)
    if members <= _BLOCK_MEMBERS and all(isinstance(data[name], bool) for name in members):
        return Shape("bucket-public-access-block", bare=True)
    if "ObjectLockEnabled" in members and members <= {"ObjectLockEnabled", "Rule"}:
        return Shape("bucket-object-lock", bare=True)
    if not isinstance(rules, list) or not rules or not all(isinstance(r, dict) for r in rules):
        return None
    if all("Status" in r and r.keys() & _TIMED for r in rules):
        return Shape("bucket-lifecycle", bare="TransitionDefaultMinimumObjectSize" not in members)
    if members == {"Rules"} and all("ApplyServerSideEncryptionByDefault" in r for r in rules):
        return Shape("bucket-encryption", bare=True)
    if members == {"Rules"} and all(r.keys() == {"ObjectOwnership"} for r in rules):
        return Shape("bucket-ownership", bare=True)
    return None


def _is_replication(data: dict[str, Any]) -> bool:
    """Tell a replication body, faulty ones included: by its role, or by its destinations."""
    rules = data.get("Rules")
    if rules is None or _is_of_outposts(rules):
        return False
    role = data.get("Role")
    if isinstance(role, str) and role.startswith("arn:") and ":role/" in role:
        return True
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return False
    destinations = [rule.get("Destination") for rule in rules]
    named = all(isinstance(d, dict) and "Bucket" in d for d in destinations)
    return named and (bool(rules) or data.keys() == {"Role", "Rules"})


def _is_of_outposts(rules: Any) -> bool:
    """Rules of S3 on Outposts have a bucket of their own."""
    return isinstance(rules, list) and any(isinstance(r, dict) and "Bucket" in r for r in rules)


def _is_list_of(value: Any, members: set[str]) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and members <= item.keys() for item in value
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> Iterator[str]:
    return (item for item in _list(value) if isinstance(item, str))


def texts(value: Any) -> list[str]:
    """Return the strings of a value that may be one string or a list of them."""
    return list(_texts(value))
