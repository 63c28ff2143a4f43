"""Questions as JSON lines, and their answers."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from typing import Any
from unittest.mock import patch

import pytest

from crrlint.iam.__main__ import main

ROLE = "arn:aws:iam::111111111111:role/crr"
QUESTION: dict[str, Any] = {
    "id": "q1",
    "principal": {
        "role": ROLE,
        "session": "s3-replication",
        "unique_id": None,
        "canonical_id": None,
    },
    "action": "s3:ReplicateObject",
    "resource": "arn:aws:s3:::dest/{key}",
    "prefix": "logs/",
    "resource_account": "222222222222",
    "identity": [
        {
            "Version": "2012-10-17",
            "Statement": {
                "Sid": "Write",
                "Effect": "Allow",
                "Action": "s3:Replicate*",
                "Resource": "arn:aws:s3:::dest/*",
            },
        }
    ],
    "boundary": None,
    "scps": None,
    "rcps": None,
    "resource_policy": {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ROLE},
            "Action": "s3:ReplicateObject",
            "Resource": "arn:aws:s3:::dest/*",
            "Condition": {"IpAddressIfExists": {"aws:SourceIp": "54.0.0.0/8"}},
        }
    },
    "restrict_public_buckets": False,
    "context": {
        "aws:SecureTransport": "true",
        "aws:SourceVpce": None,
        "aws:SourceIp": {"one_of": [None, "54.231.0.10"]},
        "aws:userid": {"present": True},
        "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::src/{key}",
    },
    "multivalued": ["aws:PrincipalOrgPaths"],
}


STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
OPEN = {"Statement": [{**STATEMENT, "Principal": "*"}]}
CLOSED = {"Statement": [{**STATEMENT, "Effect": "Deny"}]}
NOBODY = {"Statement": [{**STATEMENT, "Effect": "Deny", "Principal": "*"}]}


def answers(*lines: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    with patch("sys.stdin", io.StringIO("\n".join(lines) + "\n")), redirect_stdout(out):
        assert main() == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def ask(**changes: Any) -> dict[str, Any]:
    return answers(json.dumps({**QUESTION, **changes}))[0]


def test_a_process_answers_until_its_input_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crrlint.iam"],
        input=f"{json.dumps(QUESTION)}\n\n[]\n",
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["id"], first["verdict"]) == ("q1", "allowed")
    assert second == {"id": None, "error": "a question is an object"}


def test_a_bad_line_is_answered_and_the_next_one_too() -> None:
    denied = {**QUESTION, "id": 2, "identity": []}
    strange = [
        {**QUESTION, "id": 3, "principal": "someone"},
        {**QUESTION, "id": 4, "action": None},
        {**QUESTION, "id": 5, "context": {"k": {"one_of": []}}},
        {**QUESTION, "id": 6, "surprise": 1},
        {**QUESTION, "id": 7, "identity": {}},
    ]
    found = answers(
        json.dumps(QUESTION),
        "no json",
        "[" * 100_000,
        "",
        "[]",
        *(json.dumps(s) for s in strange),
        json.dumps(denied),
    )
    assert found[0] == {
        "id": "q1",
        "verdict": "allowed",
        "layer": None,
        "statements": ["Write", "resource_policy.Statement[0]"],
        "key": None,
        "reason": "",
    }
    assert [a["id"] for a in found[1:-1]] == [None, None, None, 3, 4, 5, 6, 7]
    assert all("error" in a for a in found[1:-1])
    assert found[-1] == {
        "id": 2,
        "verdict": "denied",
        "layer": "identity",
        "statements": [],
        "key": "logs/",
        "reason": "no Allow in layer identity covers key logs/",
    }


def test_a_service_asks_for_a_role() -> None:
    trust = {"Effect": "Allow", "Action": "sts:*", "Principal": {"Service": "s3.amazonaws.com"}}
    question = {
        "id": None,
        "principal": {"service": "s3.amazonaws.com"},
        "action": "sts:AssumeRole",
        "resource": ROLE,
        "resource_policy": {"Version": "2012-10-17", "Statement": [trust]},
    }
    assert answers(json.dumps(question))[0]["verdict"] == "allowed"


NO_VALUE = "context key k is neither a value, present nor one_of"


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ("a question has no field surprise", {"surprise": 1}),
        ("principal is not an object", {"principal": "someone"}),
        ("a principal has no field arn", {"principal": {"arn": ROLE}}),
        ("a principal is a role or a service", {"principal": {"session": "x"}}),
        ("role is not text", {"principal": {"role": 1}}),
        ("action and resource are text", {"action": None}),
        ("action and resource are text", {"resource": None}),
        ("action is not text", {"action": ["s3:*"]}),
        ("prefix is not text", {"prefix": 1}),
        ("resource_account is not text", {"resource_account": 222222222222}),
        ("context is not an object", {"context": [1]}),
        (NO_VALUE, {"context": {"k": {"one_of": []}}}),
        (NO_VALUE, {"context": {"k": {"one_of": "ab"}}}),
        (NO_VALUE, {"context": {"k": {"one_of": ["a"], "present": True}}}),
        (NO_VALUE, {"context": {"k": {"present": False}}}),
        ("context key k has a value that is not text", {"context": {"k": ["a", ["b"]]}}),
        ("context key k has a value that is not text", {"context": {"k": {"one_of": [[]]}}}),
        ("multivalued is not a list of keys", {"multivalued": "k"}),
        ("multivalued is not a list of keys", {"multivalued": ["k", 1]}),
        ("identity is not a list of policies", {"identity": {"Statement": []}}),
        ("scps is not a list of levels", {"scps": {}}),
        ("rcps is not a list of levels", {"rcps": {}}),
        ("scps[1] is not a list of policies", {"scps": [[], {}]}),
    ],
)
def test_what_is_wrong_with_a_question_is_said(error: str, changes: dict[str, Any]) -> None:
    assert ask(**changes) == {"id": "q1", "error": error}


@pytest.mark.parametrize(
    ("verdict", "operator", "wanted", "context"),
    [
        ("allowed", "Null", "true", {"k": None}),
        ("unknown", "Null", "true", {}),
        ("unknown", "Null", "true", None),
        ("denied", "Null", "true", {"k": {"present": True}}),
        ("unknown", "StringEquals", "a", {"k": {"present": True}}),
        ("allowed", "StringLike", "?", {"k": {"one_of": ["a", "b"]}}),
        ("unknown", "StringLike", "?", {"k": {"one_of": ["a", None]}}),
        ("allowed", "StringLikeIfExists", "?", {"k": {"one_of": ["a", None]}}),
        ("allowed", "NumericLessThan", "7", {"k": {"one_of": [5, 6.5]}}),
        ("allowed", "Bool", "true", {"k": True}),
        ("allowed", "NumericEquals", "5", {"k": 5}),
        ("allowed", "NumericEquals", "0.5", {"k": 0.5}),
        ("allowed", "StringEquals", "5", {"k": 5.0}),
        ("allowed", "ForAllValues:StringEquals", ["a", "b"], {"K": ["b", "a"]}),
    ],
)
def test_context_comes_as_a_value_several_none_or_what_is_known_of_it(
    verdict: str, operator: str, wanted: Any, context: Any
) -> None:
    statement = {**STATEMENT, "Condition": {operator: {"k": wanted}}}
    given = ask(identity=[{"Statement": statement}], resource_policy=OPEN, context=context)
    assert verdict == given["verdict"], given


def test_a_key_that_may_have_several_values_is_named() -> None:
    statement = {**STATEMENT, "Condition": {"StringEquals": {"k": "a"}}}
    identity = [{"Statement": statement}]
    for verdict, multivalued in (("allowed", None), ("allowed", []), ("unknown", ["K"])):
        given = ask(
            identity=identity, resource_policy=OPEN, context={"k": "a"}, multivalued=multivalued
        )
        assert verdict == given["verdict"]


@pytest.mark.parametrize(
    ("layer", "statements", "changes"),
    [
        (None, ["Write", "resource_policy.Statement[0]"], {}),
        ("identity", [], {"identity": None}),
        ("identity", ["identity[1].Statement[0]"], {"identity": [*QUESTION["identity"], CLOSED]}),
        ("boundary", ["boundary.Statement[0]"], {"boundary": CLOSED}),
        ("scp", ["scps[1][0].Statement[0]"], {"scps": [[], [CLOSED]]}),
        ("scp", [], {"scps": [[]]}),
        ("rcp", ["rcps[0][0].Statement[0]"], {"rcps": [[NOBODY]]}),
        ("resource", ["resource_policy.Statement[0]"], {"resource_policy": NOBODY}),
        ("resource", [], {"resource_policy": None}),
        (
            "public-access-block",
            ["resource_policy.Statement[0]"],
            {"resource_policy": OPEN, "restrict_public_buckets": True},
        ),
    ],
)
def test_every_layer_comes_with_the_question(
    layer: str | None, statements: list[str], changes: dict[str, Any]
) -> None:
    given = ask(**changes)
    assert layer == given["layer"]
    assert statements == given["statements"]


@pytest.mark.parametrize(
    ("verdict", "named", "principal"),
    [
        ("allowed", {"AWS": "AROAX"}, {"unique_id": "AROAX"}),
        ("allowed", {"CanonicalUser": "79a59df9"}, {"canonical_id": "79a59df9"}),
        ("unknown", {"CanonicalUser": "79a59df9"}, {}),
        (
            "allowed",
            {"AWS": "arn:aws:sts::111111111111:assumed-role/crr/other"},
            {"session": "other"},
        ),
    ],
)
def test_the_caller_is_known_by_all_its_names(
    verdict: str, named: Any, principal: dict[str, str]
) -> None:
    policy = {"Statement": {**STATEMENT, "Principal": named}}
    assert verdict == ask(resource_policy=policy, principal={"role": ROLE, **principal})["verdict"]


def test_importing_the_engine_imports_nothing_slow() -> None:
    slow = ["dataclasses", "enum", "inspect", "datetime", "decimal", "ipaddress", "json"]
    slow += ["networkx", "yaml", "jsonschema"]
    code = "import typing, sys; before = set(sys.modules); import crrlint.iam; "
    code += f"print(sorted((set(sys.modules) - before) & set({slow})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
