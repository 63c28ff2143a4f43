"""`crrlint capture` against AWS on the loopback interface, and what its file is then worth."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from crrlint.capture.calls import CALLS, OBJECT
from crrlint.cli import run
from crrlint.model.bindings import Bindings
from crrlint.report import Style, render
from crrlint.run.config import EMPTY
from crrlint.run.lint import Selection, lint, ruleset
from tests.capture.aws import Asked, Aws, of_dump
from tests.capture.conftest import PROFILES, SECRET
from tests.capture.server import Stage

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
KMS = FIXTURES / "valid_setups/good_kms_other_account"
SOURCE, REPLICA = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{SOURCE}:role/replicate"
ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


class Captured(NamedTuple):
    code: int
    path: Path
    records: list[dict[str, Any]]
    told: str

    def of(self, operation: str, **params: str) -> list[dict[str, Any]]:
        return [
            r
            for r in self.records
            if r["operation"] == operation and params.items() <= r["params"].items()
        ]

    def codes(self, operation: str) -> list[str]:
        return [r["error"]["code"] for r in self.of(operation) if "error" in r]


Capture = Callable[..., Captured]


def claim(aws: Aws, account: str) -> None:
    """Let the replication rule say whose the destination is."""
    configuration = aws.buckets["acme-source"].answers["GetBucketReplication"]
    configuration["ReplicationConfiguration"]["Rules"][0]["Destination"]["Account"] = account


@pytest.fixture
def aws(stage: Stage) -> Aws:
    """A set-up that works: encrypted buckets of two accounts."""
    stage.aws = of_dump(KMS)
    return stage.aws


@pytest.fixture
def capture(aws: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Capture:
    def captured(*arguments: str, profiles: tuple[str, ...] = ("source", "replica")) -> Captured:
        path = tmp_path / "capture.jsonl"
        path.unlink(missing_ok=True)
        who = [word for profile in profiles for word in ("--profile", profile)]
        what = arguments or ("--bucket", "acme-source")
        code = run(["capture", *who, *what, "--output", str(path)])
        lines = path.read_text().splitlines() if path.exists() else []
        return Captured(code, path, [json.loads(line) for line in lines], capsys.readouterr().err)

    return captured


RULES = Selection(tuple(ruleset.load([])))


def report(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        render("json", lint([str(path)], EMPTY, Bindings(), RULES), Style())
    )
    return found


def verdicts(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(route["id"], route["verdict"]) for route in found["routes"]]


# What is asked


def test_everything_about_a_route_is_asked(capture: Capture, aws: Aws) -> None:
    found = capture()
    assert 0 == found.code
    asked = {r["operation"] for r in found.records}
    unasked = {
        "HeadBucket",  # the Regions are known
        "GetPolicy",  # no managed policy is attached
        "GetPolicyVersion",
        "GetObjectAcl",  # no object is named
        "HeadObject",
        "ListParents",  # there is no organization
        "ListPoliciesForTarget",
        "DescribePolicy",
    }
    assert {call.operation for call in CALLS} - unasked == asked
    assert {"acme-source", "acme-replica"} == {
        r["params"]["Bucket"] for r in found.records if "Bucket" in r["params"]
    }


def test_a_record_says_call_parameters_answer_account_region_and_time(capture: Capture) -> None:
    found = capture()
    (versioning,) = found.of("GetBucketVersioning", Bucket="acme-replica")
    assert versioning.pop("at").endswith("Z")
    assert {
        "crrlint_capture": 1,
        "service": "s3",
        "operation": "GetBucketVersioning",
        "account": REPLICA,
        "region": "eu-west-1",
        "caller": REPLICA,
        "params": {"Bucket": "acme-replica"},
        "result": {"Status": "Enabled"},
    } == versioning
    (policy,) = found.of("GetBucketPolicy", Bucket="acme-source")
    assert {"code": "NoSuchBucketPolicy"} == policy["error"]


def test_only_calls_that_read_are_made_and_all_are_listed(
    capture: Capture, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    capture()
    assert 0 == run(["capture", "--policy"])
    listed = capsys.readouterr().out
    for asked in aws.requests:
        assert f"{asked.service} {asked.operation} " in listed
        assert asked.operation.startswith(("Get", "List", "Describe", "Head"))


def test_nothing_secret_is_written(capture: Capture, aws: Aws) -> None:
    aws.organization = {
        "Id": "o-acme12345",
        "Arn": "arn:aws:organizations::999999999999:organization/o-acme12345",
        "MasterAccountId": "999999999999",
        "MasterAccountEmail": "owner@acme.example",
    }
    written = capture().path.read_text()
    for secret in (SECRET, "KEYOF", "REQUEST", "HOST", "owner@acme.example", "127.0.0.1"):
        assert secret not in written


def test_a_list_is_asked_for_until_its_end(capture: Capture, aws: Aws) -> None:
    aws.page = 1
    inline = aws.roles[SOURCE, "replicate"]["inline"]
    inline["second"] = inline["third"] = {"Version": "2012-10-17", "Statement": []}
    key = next(arn for arn in aws.keys if "us-east-1" in arn)
    aws.keys[key]["grants"] = [{"GrantId": str(n), "KeyId": key} for n in range(3)]
    found = capture()
    (names,) = found.of("ListRolePolicies")
    assert list(inline) == names["result"]["PolicyNames"]
    assert {"RoleName": "replicate"} == names["params"]
    assert list(inline) == [r["params"]["PolicyName"] for r in found.of("GetRolePolicy")]
    (grants,) = found.of("ListGrants", KeyId=key)
    assert ["0", "1", "2"] == [grant["GrantId"] for grant in grants["result"]["Grants"]]


def test_managed_policies_and_the_boundary_are_read(capture: Capture, aws: Aws) -> None:
    role = aws.roles[SOURCE, "replicate"]
    for name in ("managed", "boundary"):
        aws.policies[f"arn:aws:iam::{SOURCE}:policy/{name}"] = {"Statement": []}
    role["attached"] = [
        {"PolicyName": "managed", "PolicyArn": f"arn:aws:iam::{SOURCE}:policy/managed"}
    ]
    role["role"]["PermissionsBoundary"] = {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": f"arn:aws:iam::{SOURCE}:policy/boundary",
    }
    versions = capture().of("GetPolicyVersion", VersionId="v3")
    assert [f"arn:aws:iam::{SOURCE}:policy/{name}" for name in ("managed", "boundary")] == [
        version["params"]["PolicyArn"] for version in versions
    ]


def test_a_key_is_found_behind_its_alias(capture: Capture, aws: Aws) -> None:
    key = next(arn for arn in aws.keys if "us-east-1" in arn)
    aws.aliases[f"arn:aws:kms:us-east-1:{SOURCE}:alias/logs"] = key
    encryption = aws.buckets["acme-source"].answers["GetBucketEncryption"]
    default = encryption["ServerSideEncryptionConfiguration"]["Rules"][0]
    default["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] = "alias/logs"
    found = capture()
    assert [key] == [
        r["params"]["KeyId"] for r in found.of("GetKeyPolicy") if r["account"] == SOURCE
    ]
    assert [("acme-source/everything", "works")] == verdicts(report(found.path))


# Where buckets are, and whose


@pytest.mark.parametrize(
    ("home", "there"),
    [
        ("us-east-1", "eu-west-1"),  # 301 for all calls but one
        ("eu-central-1", "eu-west-1"),  # 301
        ("ap-south-1", "eu-west-1"),  # 400, with the Region in the body
        ("us-east-1", "me-south-1"),  # 400, for a Region that has to be enabled
    ],
)
def test_a_bucket_is_followed_into_its_region(
    home: str, there: str, capture: Capture, aws: Aws
) -> None:
    aws.refuse = lambda asked: asked.operation == "ListBuckets"
    aws.buckets["acme-replica"].answers["GetBucketLocation"] = {"LocationConstraint": there}
    found = capture("--bucket", "acme-source", "--region", home)
    assert [there] == [r["region"] for r in found.of("GetBucketVersioning", Bucket="acme-replica")]
    assert ["us-east-1"] == [r["region"] for r in found.of("GetBucketAcl", Bucket="acme-source")][
        :1
    ]


def test_the_region_is_known_even_of_a_bucket_that_refuses(capture: Capture, aws: Aws) -> None:
    found = capture(profiles=("source",))
    (head,) = found.of("HeadBucket", Bucket="acme-replica")
    assert ("eu-west-1", {"BucketRegion": "eu-west-1"}) == (head["region"], head["result"])
    (route,) = report(found.path)["routes"]
    assert ("eu-west-1", None) == (route["destination_region"], route["destination_account"])


def test_what_the_first_profile_is_refused_the_second_is_asked(capture: Capture) -> None:
    callers = [r["caller"] for r in capture().of("GetBucketVersioning", Bucket="acme-replica")]
    assert [REPLICA] == callers, "the owner is asked first"

    found = capture("--bucket", "acme-source", profiles=("stranger", "source", "replica"))
    assert "GetBucketReplication acme-source: refused" not in found.told
    assert [SOURCE] == [r["caller"] for r in found.of("GetRole")]


def test_a_bucket_that_another_account_may_read_is_whose_it_claims_to_be(
    capture: Capture, aws: Aws
) -> None:
    aws.buckets["acme-replica"].readers.add(SOURCE)
    claim(aws, REPLICA)
    found = capture(profiles=("source",))
    probe = found.of("GetBucketLocation", ExpectedBucketOwner=REPLICA)
    assert [REPLICA] == [r["account"] for r in probe]
    (route,) = report(found.path)["routes"]
    assert REPLICA == route["destination_account"]


def test_a_wrong_claim_about_the_owner_is_no_owner(capture: Capture, aws: Aws) -> None:
    aws.buckets["acme-replica"].readers.add(SOURCE)
    claim(aws, REPLICA)
    aws.buckets["acme-replica"].account = "333333333333"
    found = capture(profiles=("source",))
    assert not any("account" in r for r in found.of("GetBucketVersioning", Bucket="acme-replica"))
    (route,) = report(found.path)["routes"]
    assert route["destination_account"] is None


def test_who_cannot_be_asked_is_told(capture: Capture) -> None:
    found = capture("--bucket", "acme-source", profiles=("replica",))
    assert 2 == found.code
    assert "the replication of bucket acme-source could not be read: AccessDenied" in found.told

    found = capture("--bucket", "acme-source", profiles=("source",))
    assert 0 == found.code
    assert "s3 GetBucketPolicy acme-replica: refused (AccessDenied)" in found.told


def test_the_replication_of_a_destination_is_followed(capture: Capture, aws: Aws) -> None:
    onward = json.loads(json.dumps(aws.buckets["acme-source"].answers["GetBucketReplication"]))
    onward["ReplicationConfiguration"]["Rules"][0]["Destination"]["Bucket"] = (
        "arn:aws:s3:::acme-third"
    )
    aws.buckets["acme-replica"].answers["GetBucketReplication"] = onward
    found = capture()
    assert {"code": "NoSuchBucket"} == found.of("GetBucketLocation", Bucket="acme-third")[0][
        "error"
    ]


# What is refused


MANAGED = {"GetPolicy", "GetPolicyVersion"}
ORGANIZED = {"ListParents", "ListPoliciesForTarget", "DescribePolicy"}
DECISIVE = {
    "DescribeKey",
    "GetBucketRequestPayment",
    "GetObjectLockConfiguration",
    "GetBucketReplication",
    "GetBucketVersioning",
    "GetBucketPolicy",
    "GetBucketEncryption",
    "GetRole",
    "ListRolePolicies",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "GetKeyPolicy",
}
"""Without any one of these, no route is proved."""
OWNERS = {"ListBuckets"}
NAMED = {call.operation for call in OBJECT}
ELSEWHERE = DECISIVE | MANAGED | ORGANIZED | OWNERS | NAMED
BESIDE = {c.operation for c in CALLS if c.action} - ELSEWHERE
REFUSED = {**{name: {name} for name in sorted(DECISIVE | OWNERS)}, "all others": BESIDE}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_call_is_unknown_and_never_none(name: str, capture: Capture, aws: Aws) -> None:
    refused = REFUSED[name]
    aws.refuse = lambda asked: asked.operation in refused
    found = capture()
    assert (2 if refused == {"GetBucketReplication"} else 0) == found.code
    for operation in refused:
        made = [asked for asked in aws.requests if asked.operation == operation]
        assert {"AccessDenied", "AccessDeniedException"} >= set(found.codes(operation))
        assert len(made) == len(found.codes(operation)) > 0
        assert f"{operation} " in found.told or f"{operation}: refused" in found.told

    result = report(found.path)
    assert 0 == result["summary"]["broken"] + result["summary"]["error"], result["findings"]
    expected = "undecided" if refused <= DECISIVE else "works"
    assert [expected] == [route["verdict"] for route in result["routes"]], [
        o["rule"] for o in result["undecided"] if o["severity"] == "error"
    ]


@pytest.mark.parametrize("operation", sorted(MANAGED))
def test_a_managed_policy_that_is_refused_is_unknown(
    operation: str, capture: Capture, aws: Aws
) -> None:
    arn = f"arn:aws:iam::{SOURCE}:policy/managed"
    role = aws.roles[SOURCE, "replicate"]
    aws.policies[arn] = role["inline"].popitem()[1]
    role["attached"] = [{"PolicyName": "managed", "PolicyArn": arn}]
    assert [("acme-source/everything", "works")] == verdicts(report(capture().path))
    aws.refuse = lambda asked: asked.operation == operation
    assert [("acme-source/everything", "undecided")] == verdicts(report(capture().path))


def test_a_refusal_is_the_reason_that_the_report_gives(capture: Capture, aws: Aws) -> None:
    aws.refuse = lambda asked: (
        (asked.operation, asked.params.get("Bucket"))
        == (
            "GetBucketVersioning",
            "acme-replica",
        )
    )
    opened = report(capture().path)["undecided"]
    (versioning,) = [o for o in opened if o["rule"] == "CRR102"]
    assert "versioning of bucket acme-replica" in versioning["reason"]
    assert "repeat the call with the right to make it" == versioning["needs"]


def test_a_bucket_that_does_not_exist_is_told(capture: Capture) -> None:
    found = capture("--bucket", "acme-typo")
    assert 2 == found.code
    assert "bucket acme-typo does not exist" in found.told


def test_a_bucket_without_replication_is_told_and_no_failure(capture: Capture, aws: Aws) -> None:
    none = "ReplicationConfigurationNotFoundError"
    aws.buckets["acme-replica"].answers["GetBucketReplication"] = none
    found = capture("--bucket", "acme-replica")
    assert 0 == found.code
    assert "bucket acme-replica has no replication configuration" in found.told


def test_a_throttled_call_is_made_again(
    capture: Capture, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    throttled: set[tuple[str, str]] = set()

    def fail(asked: Asked) -> str | None:
        key = asked.operation, json.dumps(asked.params)
        if key in throttled:
            return None
        throttled.add(key)
        return "SlowDown" if asked.service == "s3" else "ThrottlingException"

    aws.fail = fail
    found = capture()
    assert 0 == found.code
    assert [] == [r for r in found.records if "Throttl" in str(r) or "SlowDown" in str(r)]


def test_a_call_that_is_throttled_to_the_end_is_not_answered(
    capture: Capture, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    aws.fail = lambda asked: "Throttling" if asked.operation == "ListRolePolicies" else None
    found = capture()
    assert {"Throttling"} == set(found.codes("ListRolePolicies"))
    assert "iam ListRolePolicies replicate: not answered (Throttling)" in found.told
    assert [("acme-source/everything", "undecided")] == verdicts(report(found.path))


# What the file is worth


def test_a_capture_with_all_rights_proves_without_assumptions(capture: Capture, aws: Aws) -> None:
    aws.blocks = {SOURCE: ALL_BLOCKED}
    found = capture()
    (route,) = report(found.path)["routes"]
    assert ("works", []) == (route["verdict"], route["assumptions"])
    assert 0 == run(["--strict=assumptions", str(found.path)])


@pytest.mark.parametrize(
    ("refused", "assumption"),
    [
        ("ListGrants", "no KMS grants exist beyond those given"),
        ("DescribeOrganization", "no organization policies apply beyond those given"),
        (
            "GetPublicAccessBlock",
            "no account-wide public access block exists beyond those given",
        ),
    ],
)
def test_what_was_refused_is_assumed_as_before(
    refused: str, assumption: str, capture: Capture, aws: Aws
) -> None:
    aws.refuse = lambda asked: asked.operation == refused and asked.service != "s3"
    (route,) = report(capture().path)["routes"]
    assert ("works", [assumption]) == (route["verdict"], route["assumptions"])


DUMPS = [
    "valid_setups/good_kms_key_policy_names_session",
    "valid_setups/good_kms_other_account_root",
    "valid_setups/good_console",
    "valid_setups/good_denies_that_spare_replication",
    "valid_setups/good_two_way",
    "destination_policy_missing/bad_nobody_let_in_cli",
    "role_cannot_read_tags/bad_rule_filters_by_tag",
    "destination_policy_denies_replication/bad_services_exempt",
    "replica_key_not_symmetric/bad_signatures",
    "role_policy_not_attached/good_attached_to_both",
    "boundary_blocks_replication/bad_without_replicate",
    "key_policy_ignores_iam/bad_administrators_only",
]


@pytest.mark.parametrize("folder", DUMPS)
def test_a_capture_says_what_the_files_of_the_aws_cli_say(
    folder: str, stage: Stage, tmp_path: Path
) -> None:
    aws = stage.aws = of_dump(FIXTURES / folder)
    sources = [
        bucket.name
        for bucket in aws.buckets.values()
        if isinstance(bucket.answers.get("GetBucketReplication"), dict)
    ]
    accounts = {bucket.account for bucket in aws.buckets.values()}
    path = tmp_path / "capture.jsonl"
    profiles = [f"--profile={name}" for name, account in PROFILES.items() if account in accounts]
    buckets = [f"--bucket={name}" for name in sources]
    assert 0 == run(["capture", *profiles, *buckets, "--output", str(path)])
    dump, captured = report(FIXTURES / folder), report(path)
    assert dump["routes"]
    for part in ("routes", "findings", "undecided"):
        assert _compared(dump[part]) == _compared(captured[part])


def _compared(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return entries without places, and without what a dump has to assume."""
    aside = {"location", "notes", "fingerprint", "assumptions"}
    kept = [{k: v for k, v in entry.items() if k not in aside} for entry in entries]
    return sorted(kept, key=lambda entry: json.dumps(entry, sort_keys=True))


def test_of_a_capture_that_was_cut_off_the_rest_is_read(capture: Capture) -> None:
    path = capture().path
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:-1], lines[-1][:40]]))
    found = report(path)
    assert [("acme-source/everything", "works")] == verdicts(found)
    assert [len(lines)] == [error["line"] for error in found["errors"]]


# Organizations


@pytest.fixture
def organization(aws: Aws) -> Aws:
    aws.organization = {
        "Id": "o-acme12345",
        "Arn": "arn:aws:organizations::999999999999:organization/o-acme12345",
        "MasterAccountId": "999999999999",
    }
    aws.managers = {"999999999999"}
    aws.parents = {SOURCE: "ou-ab12-11111111", REPLICA: "r-ab12", "ou-ab12-11111111": "r-ab12"}
    aws.documents = {
        "p-FullAWSAccess": ("SERVICE_CONTROL_POLICY", _allow_everything()),
        "p-RCPFullAWSAccess": ("RESOURCE_CONTROL_POLICY", {**_allow_everything(anyone=True)}),
    }
    for target in (SOURCE, REPLICA, "ou-ab12-11111111", "r-ab12"):
        aws.attached[target, "SERVICE_CONTROL_POLICY"] = ["p-FullAWSAccess"]
        aws.attached[target, "RESOURCE_CONTROL_POLICY"] = ["p-RCPFullAWSAccess"]
    return aws


def _allow_everything(*, anyone: bool = False) -> dict[str, Any]:
    who = {"Principal": "*"} if anyone else {}
    statement = {"Effect": "Allow", **who, "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_an_organization_that_was_read_is_no_assumption(
    organization: Aws, capture: Capture
) -> None:
    found = capture(profiles=("source", "replica", "manager"))
    (route,) = report(found.path)["routes"]
    assert ("works", []) == (route["verdict"], route["assumptions"])


def test_a_policy_of_the_organization_that_denies_is_found(
    organization: Aws, capture: Capture
) -> None:
    deny = {"Effect": "Deny", "Action": "s3:ReplicateObject", "Resource": "*"}
    organization.documents["p-deny"] = ("SERVICE_CONTROL_POLICY", {"Statement": [deny]})
    organization.attached["ou-ab12-11111111", "SERVICE_CONTROL_POLICY"].append("p-deny")
    found = report(capture(profiles=("source", "replica", "manager")).path)
    assert [("acme-source/everything", "broken")] == verdicts(found)
    assert "CRR413" in {finding["rule"] for finding in found["findings"]}


@pytest.mark.parametrize("operation", sorted(ORGANIZED))
def test_an_organization_that_was_read_in_part_is_assumed(
    operation: str, organization: Aws, capture: Capture
) -> None:
    organization.refuse = lambda asked: asked.operation == operation
    found = capture(profiles=("source", "replica", "manager"))
    (route,) = report(found.path)["routes"]
    assert ["no organization policies apply beyond those given"] == route["assumptions"]
    assert "works" == route["verdict"]


def test_no_policy_binds_the_account_that_manages_the_organization(
    organization: Aws, capture: Capture
) -> None:
    deny = {"Effect": "Deny", "Action": "s3:ReplicateObject", "Resource": "*"}
    organization.documents["p-deny"] = ("SERVICE_CONTROL_POLICY", {"Statement": [deny]})
    organization.attached["r-ab12", "SERVICE_CONTROL_POLICY"].append("p-deny")
    organization.managers = {SOURCE}
    assert organization.organization is not None
    organization.organization["MasterAccountId"] = SOURCE
    (route,) = report(capture().path)["routes"]
    assert ("works", []) == (route["verdict"], route["assumptions"])


# How it is called


def test_without_boto3_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert 2 == run(["capture", "--bucket", "acme-source"])
    assert "pip install 'crrlint[capture]'" in capsys.readouterr().err


def test_the_policy_needs_neither_boto3_nor_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    path = tmp_path / "policy.json"
    arguments = ["--bucket", "acme-source", "--bucket", "arn:aws:s3:::acme-replica"]
    assert 0 == run(["capture", "--policy", *arguments, "--output", str(path)])
    assert "s3 GetBucketReplication " in capsys.readouterr().out
    statements = json.loads(path.read_text())["Statement"]
    assert ["arn:aws:s3:::acme-source", "arn:aws:s3:::acme-replica"] == statements[0]["Resource"]
    allowed = [action for statement in statements for action in statement["Action"]]
    read = {call.action for call in OBJECT}
    assert sorted({call.action for call in CALLS if call.action} - read) == sorted(allowed)
    assert all(action.split(":")[1].startswith(("Get", "List", "Describe")) for action in allowed)
    assert "s3:ListBucket" not in allowed, "keys of objects are nobody's business"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give a bucket to ask about"),
        (["--bucket", "acme/source"], "--bucket takes the name or the ARN of a bucket"),
        (["--bucket", "acme--use1-az4--x-s3"], "is a directory bucket"),
        (["--object", "acme-source"], "--object takes s3://BUCKET/KEY, not 'acme-source'"),
        (["--object", "s3://acme-source/"], "--object takes s3://BUCKET/KEY"),
        (["--object", "s3://acme--use1-az4--x-s3/k"], "is a directory bucket"),
        (["--bucket", "acme-source", "--profile", "nobody"], "profile nobody cannot be used"),
        (["--bucket", "acme-source"], "unable to locate credentials"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == run(["capture", *arguments])
    assert told in capsys.readouterr().err


def test_credentials_that_aws_does_not_take_are_told(capture: Capture, aws: Aws) -> None:
    aws.fail = lambda asked: "ExpiredToken"
    found = capture()
    assert (2, []) == (found.code, found.records)
    assert "profile source cannot be used in us-east-1" in found.told
    assert "ExpiredToken" in found.told


def test_the_standard_output_holds_nothing_but_the_capture(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == run(["capture", "--profile", "source", "--bucket", "acme-source"])
    written = capsys.readouterr()
    assert {1} == {json.loads(line)["crrlint_capture"] for line in written.out.splitlines()}
    assert "calls as 111111111111" in written.err


# Grants


def _grant(key: str, *operations: str, **constraints: dict[str, str]) -> dict[str, Any]:
    return {
        "KeyId": key,
        "GrantId": "0c237476b39f8bc44e45212e08498fbe3151305030726c0590dd8d3e9f3d6a60",
        "GranteePrincipal": ROLE,
        "Operations": list(operations),
        "IssuingAccount": f"arn:aws:iam::{SOURCE}:root",
        **({"Constraints": constraints} if constraints else {}),
    }


def _only_by_grant(aws: Aws, region: str, grant: dict[str, Any]) -> None:
    """Leave the role out of the policy of a Region's key, and give it a grant instead."""
    key = next(arn for arn in aws.keys if f":{region}:" in arn)
    nobody = {"Sid": "Nobody", "Effect": "Allow", "Principal": {"AWS": ROLE + "-other"},
              "Action": "kms:*", "Resource": "*"}  # fmt: skip
    aws.keys[key]["policy"] = {"Policy": json.dumps({"Statement": [nobody]})}
    aws.keys[key]["grants"] = [{**grant, "KeyId": key}]


@pytest.mark.parametrize(
    ("operations", "constraints", "verdict"),
    [
        (("Decrypt",), {}, "works"),
        (("Encrypt",), {}, "broken"),
        ((), {}, "broken"),
        (
            ("Decrypt",),
            {"EncryptionContextSubset": {"aws:s3:arn": "arn:aws:s3:::acme-source"}},
            "broken",  # the objects have ARNs of their own
        ),
        (("Decrypt",), {"EncryptionContextSubset": {"team": "logs"}}, "undecided"),
        (("Decrypt",), {"EncryptionContextEquals": {"team": "logs"}}, "broken"),
    ],
)
def test_a_grant_lets_the_role_use_a_key_of_its_account(
    operations: tuple[str, ...],
    constraints: dict[str, dict[str, str]],
    verdict: str,
    capture: Capture,
    aws: Aws,
) -> None:
    _only_by_grant(aws, "us-east-1", _grant("", *operations, **constraints))
    assert [("acme-source/everything", verdict)] == verdicts(report(capture().path))


def test_a_grant_on_the_key_of_another_account_lets_the_role_use_it(
    capture: Capture, aws: Aws
) -> None:
    _only_by_grant(aws, "eu-west-1", _grant("", "Encrypt", "Decrypt", "GenerateDataKey"))
    assert [("acme-source/everything", "works")] == verdicts(report(capture().path))


def test_whether_a_grant_is_enough_in_another_account_is_open(capture: Capture, aws: Aws) -> None:
    _only_by_grant(aws, "eu-west-1", _grant("", "Encrypt", "Decrypt", "GenerateDataKey"))
    inline = aws.roles[SOURCE, "replicate"]["inline"]
    for document in inline.values():
        document["Statement"] = [
            s for s in document["Statement"] if "kms:Encrypt" not in s["Action"]
        ]
    assert [("acme-source/everything", "undecided")] == verdicts(report(capture().path))


def test_the_proof_names_the_grant(
    capture: Capture, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    _only_by_grant(aws, "us-east-1", _grant("", "Decrypt"))
    path = capture().path
    assert 0 == run(["why", str(path), "--route", "acme-source"])
    shown = capsys.readouterr().out
    assert "grant of key arn:aws:kms:us-east-1" in shown


# Objects

TAR = "2019/app & co.tar"
HEAD = {
    "StorageClass": "DEEP_ARCHIVE",
    "ServerSideEncryption": "AES256",
    "ContentLength": 7,
    "ETag": '"b1946ac92492d2347c6235b4d2611184"',
    "ContentType": "text/secret",
}
ACL = {
    "Owner": {"ID": "f" * 64, "DisplayName": "somebody"},
    "Grants": [
        {"Grantee": {"Type": "CanonicalUser", "ID": "f" * 64}, "Permission": "FULL_CONTROL"}
    ],
}


@pytest.fixture
def tar(aws: Aws) -> dict[str, Any]:
    """An archived object that somebody else wrote, in a bucket that lets writers keep theirs."""
    source = aws.buckets["acme-source"]
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    source.answers["GetBucketOwnershipControls"] = {"OwnershipControls": rules}
    source.objects[TAR] = {"HeadObject": dict(HEAD), "GetObjectAcl": ACL}
    return source.objects[TAR]


def rules_of(captured: Captured) -> set[str]:
    return {finding["rule"] for finding in report(captured.path)["findings"]}


def test_an_object_that_is_named_is_asked_about(capture: Capture, tar: dict[str, Any]) -> None:
    found = capture("--object", f"s3://acme-source/{TAR}")
    assert 0 == found.code
    [head] = found.of("HeadObject", Bucket="acme-source", Key=TAR)
    assert (SOURCE, "us-east-1") == (head["account"], head["region"])
    # Nobody but its writer may read it, and it is archived.
    assert {"CRR601", "CRR904"} == rules_of(found) - rules_of(capture())


def test_of_an_object_nothing_is_kept_but_what_is_needed(
    capture: Capture, tar: dict[str, Any]
) -> None:
    found = capture("--object", f"s3://acme-source/{TAR}")
    written = found.path.read_text()
    assert "text/secret" not in written
    assert "b1946ac9" not in written
    assert "somebody" not in written
    [head] = found.of("HeadObject")
    assert {
        "StorageClass": "DEEP_ARCHIVE", "ServerSideEncryption": "AES256", "ContentLength": 7,
    } == head["result"]  # fmt: skip


def test_the_bucket_of_an_object_is_followed_like_one_that_is_named(
    capture: Capture, tar: dict[str, Any]
) -> None:
    alone = capture("--object", f"s3://acme-source/{TAR}")
    both = capture("--bucket", "acme-source", "--object", f"s3://acme-source/{TAR}")
    assert [r["operation"] for r in alone.records] == [r["operation"] for r in both.records]
    assert ["GetObjectAcl", "HeadObject"] == [
        r["operation"] for r in alone.records if "Key" in r["params"]
    ]


@pytest.mark.parametrize("operation", ["HeadObject", "GetObjectAcl"])
def test_what_is_refused_of_an_object_is_unknown(
    operation: str, capture: Capture, aws: Aws, tar: dict[str, Any]
) -> None:
    del tar[operation]
    found = capture("--object", f"s3://acme-source/{TAR}")
    assert 0 == found.code
    assert f"s3 {operation} acme-source {TAR}: " in found.told
    assert found.codes(operation)


def test_an_object_that_does_not_exist_is_told(capture: Capture) -> None:
    found = capture("--object", "s3://acme-source/none")
    assert 0 == found.code
    assert "object s3://acme-source/none does not exist" in found.told
    assert [] == found.of("HeadObject")


def test_the_policy_lets_read_the_objects_that_are_named_and_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.json"
    named = ["--object", "s3://acme-source/a*b", "--output", str(path)]
    assert 0 == run(["capture", "--policy", *named])
    [objects] = [s for s in json.loads(path.read_text())["Statement"] if s["Sid"] == "Objects"]
    assert ["s3:GetObject", "s3:GetObjectAcl"] == objects["Action"]
    assert ["arn:aws:s3:::acme-source/a${*}b"] == objects["Resource"]
