"""`crrlint why`: each requirement of a route with the statements that grant or refuse it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from crrlint.report import Style, proof, render_proofs
from crrlint.run import config, ruleset
from crrlint.run.lint import Report, lint, select
from tests.running import EXAMPLES, ROOT, Run, crrlint

FIXTURES = ROOT / "tests" / "fixtures"
CASES = sorted(path for path in FIXTURES.glob("*/*") if path.is_dir())
KMS = "valid_setups/good_kms_other_account"
STATE = "kms_condition_fails/good_terraform"
RULES = ruleset.load()

SCHEMAS = [
    json.loads((ROOT / "crrlint" / "schemas" / name).read_text(encoding="utf-8"))
    for name in ("report.json", "why.json")
]
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMAS[1],
    registry=Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in SCHEMAS]),
)

SOURCE = """\
Parameters:
  Env: {Type: String, AllowedValues: [prod, test]}
Conditions:
  Prod: !Equals [!Ref Env, prod]
Resources:
  Replica:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: acme-replica
      VersioningConfiguration: {Status: Enabled}
  Orders:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: acme-orders
      VersioningConfiguration: {Status: Enabled}
      ReplicationConfiguration:
        Role: !GetAtt Role.Arn
        Rules:
          - Id: everything
            Status: Enabled
            Priority: 1
            Filter: {Prefix: ""}
            DeleteMarkerReplication: {Status: !If [Prod, Enabled, Disabled]}
            Destination: {Bucket: !GetAtt Replica.Arn}
          - !If
            - Prod
            - Id: logs
              Status: Enabled
              Priority: 2
              Filter: {Prefix: logs/}
              DeleteMarkerReplication: {Status: Disabled}
              Destination: {Bucket: !GetAtt Replica.Arn}
            - !Ref AWS::NoValue
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: replicate
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: replicate
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: ReadBucket
                Effect: Allow
                Action: [s3:GetReplicationConfiguration, s3:ListBucket]
                Resource: arn:aws:s3:::acme-orders
              - Sid: ReadObjects
                Effect: Allow
                Action: s3:GetObjectVersion*
                Resource: arn:aws:s3:::acme-orders/*
              - Sid: Write
                Effect: Allow
                Action: s3:ReplicateObject
                Resource: arn:aws:s3:::acme-replica/*
              - Sid: PassDeletesOn
                Effect: Allow
                Action: s3:ReplicateDelete
                Resource: arn:aws:s3:::acme-replica/*
"""
BOUND = ("--account", "111111111111", "--region", "us-east-1")


def why(*arguments: str | Path) -> dict[str, Any]:
    """Return the proof of one route, which has to conform to the schema."""
    run = crrlint("why", *arguments, "--format", "json")
    assert 0 == run.code, run.err
    data: dict[str, Any] = json.loads(run.out)
    VALIDATOR.validate(data)
    found: dict[str, Any] = data["proofs"][0]
    return found


def template(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the template with some of its text replaced."""
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "orders.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def requirement(found: dict[str, Any], action: str) -> dict[str, Any]:
    requirements: list[dict[str, Any]] = found["requirements"]
    return next(one for one in requirements if one["action"] == action)


def granting(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return the policies and Sids that grant."""
    return [
        (statement["policy"], statement["sid"])
        for check in answer["checks"]
        if check["kind"] == "grant" and check["outcome"] == "holds"
        for statement in check["statements"]
    ]


def statements(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in found["requirements"]:
        for answer in (one, *(case["answer"] for case in one["cases"] if case["answer"])):
            for check in answer["checks"]:
                yield from check["statements"]
                yield from check["nearest"]


def text_at(location: dict[str, Any]) -> str:
    lines = (ROOT / str(location["path"])).read_text(encoding="utf-8").split("\n")
    line, column = int(location["line"]), int(location["column"])
    return lines[line - 1][column - 1 :]


def test_a_route_that_works_is_granted_everything_by_name() -> None:
    found = why(EXAMPLES / "works")

    assert "works" == found["route"]["verdict"]
    assert {"granted"} == {one["verdict"] for one in found["requirements"]}
    assert found["route"]["assumptions"]
    assert [
        ("policy replicate of role orders", "WriteReplicas"),
        ("policy of bucket acme-orders-replica", "Replicate"),
    ] == granting(requirement(found, "s3:ReplicateObject"))


def test_requirements_come_in_the_order_in_which_s3_needs_them() -> None:
    actions = [one["action"] for one in why(EXAMPLES / "works")["requirements"]]

    assert [
        "sts:AssumeRole",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "kms:Decrypt",
        "s3:ReplicateObject",
        "s3:ReplicateDelete",
        "kms:Encrypt",
    ] == actions


def test_what_a_route_does_not_need_is_named_with_the_reason() -> None:
    unneeded = {one["action"]: one["reason"] for one in why(EXAMPLES / "works")["not_required"]}

    assert "the source bucket has no Object Lock" == unneeded["s3:GetObjectRetention"]
    assert "anyway" in unneeded["s3:ObjectOwnerOverrideToBucketOwner"]


def test_a_refusal_shows_the_key_and_what_the_nearest_statements_lack() -> None:
    found = why(EXAMPLES / "broken")
    refused = requirement(found, "s3:ReplicateObject")
    role, bucket = (check for check in refused["checks"] if check["outcome"] == "fails")

    assert "refused" == refused["verdict"]
    assert "arn:aws:s3:::acme-orders-replica/x" == refused["counterexample"]["resource"]
    assert "WriteReplicas" == role["nearest"][0]["sid"]
    assert "is the bucket, and the action is on its objects" in role["nearest"][0]["lacks"]
    assert "the path of the role differs" in bucket["nearest"][0]["lacks"]


def test_what_breaks_a_route_beside_permissions_is_told_at_the_end() -> None:
    found = why(EXAMPLES / "broken")

    assert {"CRR408", "CRR502", "CRR705"} == {finding["rule"] for finding in found["findings"]}
    assert "granted" == requirement(found, "kms:Encrypt")["verdict"]


def test_an_open_requirement_says_what_would_decide_it() -> None:
    found = why(EXAMPLES / "undecided")
    left_open = requirement(found, "s3:ReplicateObject")

    assert "open" == left_open["verdict"]
    assert "--param DestinationBucketArn=..." in left_open["needs"]
    assert "granted" == requirement(found, "s3:ListBucket")["verdict"]


def test_the_use_of_a_key_is_granted_by_the_role_and_by_the_key() -> None:
    found = why(FIXTURES / KMS)
    key = "arn:aws:kms:eu-west-1:222222222222:key/0987dcba-09fe-87dc-65ba-ab0987654321"

    assert [
        ("policy replicate of role replicate", None),
        (f"policy of key {key}", "Let the source account replicate"),
    ] == granting(requirement(found, "kms:Encrypt"))


@pytest.mark.parametrize(
    ("case", "verdict"),
    [("bad_same_account", "refused"), ("good_decrypt_on_both_sides", "granted")],
)
def test_a_bucket_key_has_to_be_decrypted(case: str, verdict: str) -> None:
    requirements = why(FIXTURES / "bucket_key_needs_decrypt" / case)["requirements"]

    assert [("kms:Encrypt", "granted"), ("kms:Decrypt", verdict)] == [
        (one["action"], one["verdict"]) for one in requirements[-2:]
    ]


@pytest.mark.parametrize(
    "case", ["works", "broken", "undecided", KMS, STATE], ids=lambda case: case.rpartition("/")[2]
)
def test_each_statement_is_where_it_is_said_to_be(case: str) -> None:
    folder = FIXTURES / case if "/" in case else EXAMPLES / case
    cited = [s for s in statements(why(folder)) if s["index"] is not None]

    assert cited
    for statement in cited:
        at, sid = statement["location"], statement["sid"]
        text = text_at(at)
        assert at["pointer"].endswith(f"/Statement/{statement['index']}")
        assert text.lstrip().startswith("{") or re.match(f"Sid: {sid}$|Effect: Allow$", text), text
        assert sid is None or at["path"].endswith(".json") or sid in text


def test_statements_of_a_policy_in_a_string_have_columns_of_their_own() -> None:
    found = why(FIXTURES / STATE)
    read, encrypt = (
        requirement(found, action)["checks"][0]["statements"][0]["location"]
        for action in ("s3:ListBucket", "kms:Encrypt")
    )

    assert " » /Statement/3" in encrypt["pointer"]
    assert read["line"] == encrypt["line"]
    assert read["column"] < encrypt["column"]
    assert "kms:Encrypt" in text_at(encrypt).partition("}")[0]


def test_an_answer_that_hangs_on_a_condition_is_given_for_each_side(tmp_path: Path) -> None:
    elsewhere = "!If [Prod, 'arn:aws:s3:::acme-replica/*', 'arn:aws:s3:::acme-other/*']"
    write = "Action: s3:ReplicateObject\n                Resource: "
    path = template(tmp_path, (f"{write}arn:aws:s3:::acme-replica/*", write + elsewhere))
    left_open = requirement(why(path, *BOUND, "--route", "acme-orders/e"), "s3:ReplicateObject")

    assert "open" == left_open["verdict"]
    assert "refused, if parameter Env of orders.yaml is test" == left_open["reason"]
    assert "--param Env=..." in left_open["needs"]
    assert [
        ("parameter Env of orders.yaml is prod", "granted"),
        ("parameter Env of orders.yaml is test", "refused"),
    ] == [(case["condition"], case["answer"]["verdict"]) for case in left_open["cases"]]


def test_what_is_needed_under_a_condition_only_is_granted(tmp_path: Path) -> None:
    found = why(template(tmp_path), *BOUND, "--route", "acme-orders/everything")
    deletes = requirement(found, "s3:ReplicateDelete")

    assert "granted" == deletes["verdict"]
    assert [False, True] == [case["answer"] is None for case in deletes["cases"]]


def test_a_route_that_is_there_under_a_condition_says_so(tmp_path: Path) -> None:
    found = why(template(tmp_path), *BOUND, "--route", "acme-orders/logs")

    assert ["parameter Env of orders.yaml is prod"] == found["given"]
    assert (
        "arn:aws:s3:::acme-replica/logs/*" == requirement(found, "s3:ReplicateObject")["resource"]
    )


def test_a_name_that_is_no_action_is_a_note_on_what_it_was_meant_to_grant(tmp_path: Path) -> None:
    path = template(
        tmp_path,
        ("[s3:GetReplicationConfiguration,", "[s3:GetBucketReplication,"),
        ("s3:ReplicateObject\n", "[s3:ReplicateObjects, s3:ReplicationTags]\n"),
    )
    found = why(path, *BOUND, "--route", "acme-orders/everything")
    read, write = (
        requirement(found, action)["checks"][0]["nearest"][0]["lacks"]
        for action in ("s3:GetReplicationConfiguration", "s3:ReplicateObject")
    )
    checked = crrlint(path, *BOUND)

    assert (
        "it allows s3:GetBucketReplication, which is no action of S3: "
        "s3:GetReplicationConfiguration was meant"
    ) == read
    assert (
        "it allows s3:ReplicateObjects, which is no action of S3: s3:ReplicateObject was meant"
        == write
    )
    assert f"= note: {read}" in checked.out
    assert f"= note: {write}" in checked.out
    assert "s3:ReplicationTags" not in checked.out


@pytest.mark.parametrize("action", ["s3:PutObjectVersionAcl", "s3:GetObject*", "s3:HeadObject"])
def test_an_action_that_exists_or_was_not_meant_is_not_called_none(
    action: str, tmp_path: Path
) -> None:
    path = template(tmp_path, ("Action: s3:GetObjectVersion*", f'Action: "{action}"'))
    run = crrlint("why", path, *BOUND, "--route", "acme-orders/everything")

    assert "no action" not in run.out


def test_a_name_that_is_no_action_is_nothing_where_nothing_is_missing(tmp_path: Path) -> None:
    path = template(
        tmp_path, ("[s3:GetRep", "[s3:ReplicationTags, s3:GetBucketReplication, s3:GetRep")
    )

    found = why(path, *BOUND, "--route", "acme-orders/everything")

    assert {"granted"} == {one["verdict"] for one in found["requirements"]}
    assert "no action" not in crrlint(path, *BOUND).out


@pytest.mark.parametrize(
    "name", ["acme-orders/everything", "acme-orders/", "acme-orders", "acme-o"]
)
def test_a_route_is_named_by_its_id_a_start_of_it_or_its_bucket(name: str) -> None:
    assert "acme-orders/everything" == why(EXAMPLES / "works", "--route", name)["route"]["id"]


def _refused(run: Run, *parts: str) -> None:
    assert 2 == run.code
    assert "" == run.out
    for part in parts:
        assert part in run.err


def test_an_unknown_route_lists_those_that_there_are(tmp_path: Path) -> None:
    path = template(tmp_path)
    ids = ("acme-orders/everything", "acme-orders/logs")

    _refused(crrlint("why", path, "--route", "nothing"), "no route is called nothing", *ids)
    _refused(crrlint("why", path, "--route", "acme-orders"), "several routes", *ids)
    _refused(crrlint("why", path), "--route", *ids)


def test_without_a_route_there_is_nothing_to_prove(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("Resources: {B: {Type: 'AWS::S3::Bucket'}}\n")

    _refused(crrlint("why", tmp_path), "there is no route")
    _refused(crrlint("why"), "give a file or a folder")


def test_the_text_names_statement_policy_file_and_line() -> None:
    run = crrlint("why", "examples/broken")

    assert 0 == run.code
    assert (
        "granted S3 reads their ACLs: s3:GetObjectVersionAcl on arn:aws:s3:::acme-orders/*\n"
        "    granted by ReadObjects of policy replicate of role orders, "
        "examples/broken/source.yaml:68\n"
    ) in run.out
    assert "    fails on arn:aws:s3:::acme-orders-replica/x\n" in run.out
    assert "\nbroken: these are errors\n  CRR408 " in run.out


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "boundary_blocks_replication/bad_without_replicate",
            "not granted by the role's permissions boundary\n      nearest is statement 1 of "
            "permissions boundary of role replicate, ",
        ),
        (
            "organization_policy_blocks_replication/bad_region_of_the_replica",
            "denied by statement 1 of service control policy, ",
        ),
        (
            "organization_policy_blocks_replication/bad_destination_keeps_others_out",
            "denied by statement 1 of resource control policy, ",
        ),
        (
            "destination_policy_denies_replication/bad_only_from_endpoint",
            "denied by OnlyFromOurNetwork of policy of bucket acme-replica, ",
        ),
        (
            "destination_policy_blocked_as_public/bad_website_beside",
            "denied by the public access block, which restricts public buckets\n"
            "      public by Website of policy of bucket acme-replica, ",
        ),
        (
            "role_policy_not_attached/bad_attachment_forgotten",
            ": it would grant this, and is attached to no role",
        ),
        (
            "destination_policy_missing/bad_nobody_let_in",
            "not granted by policy of bucket acme-replica (there is none)",
        ),
    ],
    ids=lambda text: text.partition("/")[0] if "/" in text else "",
)
def test_each_layer_that_refuses_is_named(case: str, said: str) -> None:
    run = crrlint("why", FIXTURES / case)

    assert 0 == run.code
    assert said in run.out


def test_the_text_ends_with_the_assumptions_of_a_proof() -> None:
    last = crrlint("why", "examples/works").out.splitlines()[-1]

    assert last.startswith("  assuming that ")


def test_colours_are_those_of_the_report() -> None:
    assert "\x1b" not in crrlint("why", "examples/broken").out
    colored = crrlint("why", "examples/broken", "--color", "always").out
    assert "\x1b[1;31mrefused\x1b[0m" in colored
    assert "\x1b[1;32mgranted\x1b[0m" in colored


def test_an_input_that_cannot_be_read_is_told_beside_the_proof(tmp_path: Path) -> None:
    template(tmp_path)
    (tmp_path / "torn.json").write_text('{"AWSTemplateFormatVersion": "2010-09-09", ')
    run = crrlint("why", tmp_path, *BOUND, "--route", "acme-orders/logs")

    assert 0 == run.code
    assert "torn.json" in run.err


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = template(tmp_path, ("Prod: !Equals [!Ref Env, prod]", "Prod: !Equals [!Ref Other, x]"))
    path.write_text(path.read_text().replace("  Env:", "  Other: {Type: String}\n  Env:"))
    runs = {
        crrlint("why", path, "--route", "acme-orders/everything", PYTHONHASHSEED=seed).out
        for seed in ("1", "2", "3")
    }

    assert 1 == len(runs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_the_proof_agrees_with_verdict_and_schema(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case)
    report = _lint()
    # A thousand routes are proved alike.
    for id in sorted({result.route.id for result in report.outcome.results})[:20]:
        proofs = proof.proofs(report.outcome, id)
        VALIDATOR.validate(json.loads(render_proofs("json", proofs, report, Style())))
        for found in proofs:
            verdicts = {step.answer.verdict for step in found.steps if not step.loss}
            match found.result.verdict:
                case "works":
                    assert {"granted"} == verdicts
                case "broken":
                    assert found.faults
                case "undecided":
                    assert "refused" not in verdicts
                    assert found.undecided


def _lint() -> Report:
    path = config.find(["."])
    settings = config.EMPTY if path is None else config.read(path)
    return lint(["."], settings, settings.bindings, select(RULES, settings, (), ()))
