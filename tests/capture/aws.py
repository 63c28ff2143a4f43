"""Accounts with their buckets, roles and keys, as the read calls of AWS show them.

Made from the folders of AWS CLI output that the fixtures hold; a question that such a folder
does not answer is refused, for whoever made it was refused as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

_STEMS = {
    "GetBucketReplication": "replication",
    "GetBucketVersioning": "versioning",
    "GetBucketLocation": "location",
    "GetBucketPolicy": "policy",
    "GetPublicAccessBlock": "public-access-block",
    "GetBucketAcl": "acl",
    "GetBucketOwnershipControls": "ownership-controls",
    "GetBucketEncryption": "encryption",
    "GetObjectLockConfiguration": "object-lock-configuration",
    "GetBucketLifecycleConfiguration": "lifecycle",
    "GetBucketRequestPayment": "request-payment",
    "GetBucketTagging": "tagging",
}
_CODE = re.compile(r"An error occurred \((\w+)\)")
_OPT_IN = ("me-", "af-", "ap-east-")


class Failure(Exception):  # noqa: N818 - what AWS says
    """An error of AWS, with its HTTP status and what else its answer holds."""

    def __init__(self, code: str, status: int = 400, **more: str) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.more = more


class Asked(NamedTuple):
    """One request: who asked, where, for what."""

    account: str
    service: str
    region: str
    operation: str
    params: dict[str, Any]


def denied() -> Failure:
    return Failure("AccessDenied", 403)


class Bucket:
    def __init__(self, name: str, account: str, answers: dict[str, Any]) -> None:
        self.name = name
        self.account = account
        self.answers = answers
        self.objects: dict[str, dict[str, Any]] = {}
        self.readers: set[str] = set()
        """Further accounts that its policy lets read everything."""

    @property
    def region(self) -> str:
        location = self.answers.get("GetBucketLocation", {})
        return (
            "us-east-1"
            if isinstance(location, str)
            else (location.get("LocationConstraint") or "us-east-1")
        )


class Aws:
    """Everything that there is; `requests` are those that were made, in their order."""

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}
        self.roles: dict[tuple[str, str], dict[str, Any]] = {}
        self.policies: dict[str, Any] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.aliases: dict[str, str] = {}
        self.blocks: dict[str, Any] = {}
        self.organization: dict[str, Any] | None = None
        self.managers: set[str] = set()
        self.parents: dict[str, str] = {}
        self.attached: dict[tuple[str, str], list[str]] = {}
        self.documents: dict[str, Any] = {}
        self.refuse: Callable[[Asked], bool] = lambda asked: False
        self.fail: Callable[[Asked], str | None] = lambda asked: None
        self.page = 1000
        self.requests: list[Asked] = []

    def answer(self, asked: Asked) -> dict[str, Any]:
        self.requests.append(asked)
        code = self.fail(asked)
        if code is not None:
            raise Failure(code, 503 if code == "SlowDown" else 400)
        if self.refuse(asked):
            raise Failure(
                "AccessDenied" if asked.service in ("s3", "iam") else "AccessDeniedException",
                403 if asked.service != "kms" else 400,
            )
        result: dict[str, Any] = getattr(self, "_" + asked.service)(asked)
        return result

    # STS, S3 and its account-wide part

    def _sts(self, asked: Asked) -> dict[str, Any]:
        user = f"arn:aws:iam::{asked.account}:user/reader"
        return {"UserId": "AIDAEXAMPLE", "Account": asked.account, "Arn": user}

    def _s3control(self, asked: Asked) -> dict[str, Any]:
        block = self.blocks.get(asked.params["AccountId"], "NoSuchPublicAccessBlockConfiguration")
        if asked.params["AccountId"] != asked.account:
            raise denied()
        if isinstance(block, str):
            raise Failure(block, 404)
        return {"PublicAccessBlockConfiguration": block}

    def _s3(self, asked: Asked) -> dict[str, Any]:
        if asked.operation == "ListBuckets":
            return self._list_buckets(asked)
        bucket = self.buckets.get(asked.params["Bucket"])
        if bucket is None:
            head = asked.operation == "HeadBucket"
            raise Failure("404" if head else "NoSuchBucket", 404)
        if asked.region != bucket.region:
            if bucket.region.startswith(_OPT_IN):
                raise Failure("IllegalLocationConstraintException", 400)
            told = {"x-amz-bucket-region": bucket.region}
            if asked.operation == "GetBucketLocation" and asked.region == "us-east-1":
                pass
            elif asked.region.startswith("ap-"):
                raise Failure("AuthorizationHeaderMalformed", 400, Region=bucket.region)
            else:
                raise Failure("PermanentRedirect", 301, **told)
        expected = asked.params.get("ExpectedBucketOwner")
        if expected not in (None, bucket.account):
            raise denied()
        if asked.operation == "HeadBucket":
            return {"BucketRegion": bucket.region}
        if asked.account != bucket.account and asked.account not in bucket.readers:
            raise denied()
        found = bucket.answers.get(asked.operation)
        if "Key" in asked.params:
            found = self._of_object(bucket, asked)
        if found is None:
            raise denied()
        if isinstance(found, str):
            raise Failure(found, 403 if found == "AccessDenied" else 404)
        return dict(found)

    def _of_object(self, bucket: Bucket, asked: Asked) -> Any:
        found = bucket.objects.get(asked.params["Key"])
        if found is None:
            raise Failure("404" if asked.operation == "HeadObject" else "NoSuchKey", 404)
        return found.get(asked.operation)

    def _list_buckets(self, asked: Asked) -> dict[str, Any]:
        mine = [b for b in self.buckets.values() if b.account == asked.account]
        listed = [
            {"Name": b.name, "CreationDate": "2024-05-01T10:00:00Z", "BucketRegion": b.region}
            for b in mine
        ]
        page, token = self._page(listed, asked.params.get("ContinuationToken"))
        more = {} if token is None else {"ContinuationToken": token}
        return {"Buckets": page, "Owner": {"ID": canonical_id(asked.account)}, **more}

    def _page(self, items: list[Any], token: str | None) -> tuple[list[Any], str | None]:
        start = int(token or 0)
        end = start + self.page
        return items[start:end], str(end) if end < len(items) else None

    # IAM

    def _iam(self, asked: Asked) -> dict[str, Any]:
        arn = asked.params.get("PolicyArn")
        if arn is not None:
            if arn not in self.policies:
                raise Failure("NoSuchEntity", 404)
            if asked.operation == "GetPolicy":
                return {"Policy": {"Arn": arn, "DefaultVersionId": "v3"}}
            assert asked.params["VersionId"] == "v3"
            version = {"Document": self.policies[arn], "VersionId": "v3", "IsDefaultVersion": True}
            return {"PolicyVersion": version}
        role = self.roles.get((asked.account, asked.params["RoleName"]))
        if role is None:
            raise Failure("NoSuchEntity", 404)
        if asked.operation == "GetRole":
            return {"Role": role["role"]}
        if asked.operation == "GetRolePolicy":
            name = asked.params["PolicyName"]
            return {
                "RoleName": asked.params["RoleName"],
                "PolicyName": name,
                "PolicyDocument": role["inline"][name],
            }
        if asked.operation == "ListRolePolicies":
            member, items = "PolicyNames", list(role["inline"])
        else:
            member, items = "AttachedPolicies", role["attached"]
        page, token = self._page(items, asked.params.get("Marker"))
        more = {} if token is None else {"Marker": token}
        return {member: page, "IsTruncated": token is not None, **more}

    # KMS

    def _kms(self, asked: Asked) -> dict[str, Any]:
        name = asked.params["KeyId"]
        alias = (
            name
            if name.startswith("arn:")
            else (f"arn:aws:kms:{asked.region}:{asked.account}:{name}")
        )
        arn = self.aliases.get(alias, name)
        if not arn.startswith("arn:"):
            arn = f"arn:aws:kms:{asked.region}:{asked.account}:key/{arn}"
        key = self.keys.get(arn)
        if key is None or arn.split(":")[3] != asked.region:
            raise Failure("NotFoundException", 400)
        if arn.split(":")[4] != asked.account:
            raise Failure("AccessDeniedException", 400)
        if asked.operation == "DescribeKey":
            return self._of_key(key, "metadata")
        if asked.operation == "GetKeyPolicy":
            return self._of_key(key, "policy")
        if asked.operation == "ListAliases":
            mine = [a for a, target in self.aliases.items() if target == arn]
            told = [
                {"AliasArn": a, "AliasName": a.split(":")[5], "TargetKeyId": arn.rsplit("/")[-1]}
                for a in mine
            ]
            return {"Aliases": told, "Truncated": False}
        page, token = self._page(key.get("grants", []), asked.params.get("Marker"))
        more = {} if token is None else {"NextMarker": token}
        return {"Grants": page, "Truncated": token is not None, **more}

    def _of_key(self, key: dict[str, Any], part: str) -> dict[str, Any]:
        if key.get(part) is None:
            raise Failure("AccessDeniedException", 400)
        return dict(key[part])

    # Organizations

    def _organizations(self, asked: Asked) -> dict[str, Any]:
        if self.organization is None:
            raise Failure("AWSOrganizationsNotInUseException", 400)
        if asked.operation == "DescribeOrganization":
            return {"Organization": self.organization}
        if asked.account not in self.managers:
            raise Failure("AccessDeniedException", 400)
        if asked.operation == "ListParents":
            parent = self.parents[asked.params["ChildId"]]
            kind = "ROOT" if parent.startswith("r-") else "ORGANIZATIONAL_UNIT"
            return {"Parents": [{"Id": parent, "Type": kind}]}
        if asked.operation == "DescribePolicy":
            kind, content = self.documents[asked.params["PolicyId"]]
            summary = {"Id": asked.params["PolicyId"], "Type": kind, "AwsManaged": False}
            return {"Policy": {"PolicySummary": summary, "Content": json.dumps(content)}}
        ids = self.attached.get((asked.params["TargetId"], asked.params["Filter"]), [])
        page, token = self._page(ids, asked.params.get("NextToken"))
        policies = [{"Id": i, "Type": asked.params["Filter"]} for i in page]
        return {"Policies": policies, **({} if token is None else {"NextToken": token})}


def canonical_id(account: str) -> str:
    return account * 5 + "abcd"


def of_dump(folder: Path) -> Aws:
    """Return the accounts that a folder of AWS CLI output was made from."""
    aws = Aws()
    for account in sorted((folder / "accounts").iterdir()):
        for bucket in sorted((account / "s3").iterdir()) if (account / "s3").is_dir() else ():
            if bucket.is_dir():
                aws.buckets[bucket.name] = _bucket(bucket, account.name)
        for key in sorted(account.glob("kms/*/*")):
            if key.is_dir():
                _key(aws, key, account.name)
        for role in sorted(account.glob("iam/roles/*")):
            if role.is_dir():
                aws.roles[account.name, role.name] = {
                    "role": _json(role / "role.json")["Role"],
                    "inline": {
                        path.stem: _json(path)["PolicyDocument"]
                        for path in sorted(role.glob("inline/*.json"))
                    },
                    "attached": _json(role / "attached.json")["AttachedPolicies"],
                }
        for policy in sorted(account.glob("iam/policies/*")):
            arn = _json(policy / "policy.json")["Policy"]["Arn"]
            aws.policies[arn] = _json(policy / "version.json")["PolicyVersion"]["Document"]
        details = account / "account-authorization-details.json"
        if details.exists():
            _details(aws, _json(details), account.name)
    return aws


def _bucket(folder: Path, account: str) -> Bucket:
    answers: dict[str, Any] = {}
    for operation, stem in _STEMS.items():
        if (folder / f"{stem}.json").exists():
            answers[operation] = _wrapped(_json(folder / f"{stem}.json"))
        elif (folder / f"{stem}.err").exists():
            found = _CODE.search((folder / f"{stem}.err").read_text())
            answers[operation] = found[1] if found else "AccessDenied"
    answers.setdefault("GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": False}})
    return Bucket(folder.name, account, answers)


def _wrapped(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as AWS gives it, where only the policy itself was saved."""
    return {"Policy": json.dumps(answer)} if "Statement" in answer else answer


def _key(aws: Aws, folder: Path, account: str) -> None:
    arn = f"arn:aws:kms:{folder.parent.name}:{account}:key/{folder.name}"
    aws.keys[arn] = {
        "metadata": _json(folder / "key.json") if (folder / "key.json").exists() else None,
        "policy": (
            _wrapped(_json(folder / "policy.json")) if (folder / "policy.json").exists() else None
        ),
    }


def _details(aws: Aws, details: dict[str, Any], account: str) -> None:
    for role in details["RoleDetailList"]:
        inline = {p["PolicyName"]: p["PolicyDocument"] for p in role.get("RolePolicyList", ())}
        attached = role.get("AttachedManagedPolicies", [])
        kept = {k: v for k, v in role.items() if k not in ("RolePolicyList", *_MORE)}
        aws.roles[account, role["RoleName"]] = {
            "role": kept, "inline": inline, "attached": attached,
        }  # fmt: skip
    for policy in details.get("Policies", ()):
        for version in policy["PolicyVersionList"]:
            if version.get("IsDefaultVersion"):
                aws.policies[policy["Arn"]] = version["Document"]


_MORE = ("AttachedManagedPolicies", "InstanceProfileList")


def _json(path: Path) -> Any:
    text = path.read_text()
    return json.loads(text) if text.strip() else {}
