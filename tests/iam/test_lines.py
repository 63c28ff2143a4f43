"""Questions as JSON lines, in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

QUESTION: dict[str, Any] = {
    "id": "q1",
    "principal": {
        "role": "arn:aws:iam::111111111111:role/crr",
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
            "Principal": {"AWS": "arn:aws:iam::111111111111:role/crr"},
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


def answers(*lines: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "crrlint.iam"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


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
        "resource": "arn:aws:iam::111111111111:role/crr",
        "resource_policy": {"Version": "2012-10-17", "Statement": [trust]},
    }
    assert answers(json.dumps(question))[0]["verdict"] == "allowed"


def test_importing_the_engine_imports_nothing_slow() -> None:
    slow = ["dataclasses", "enum", "inspect", "datetime", "decimal", "ipaddress", "json"]
    slow += ["networkx", "yaml", "jsonschema"]
    code = "import typing, sys; before = set(sys.modules); import crrlint.iam; "
    code += f"print(sorted((set(sys.modules) - before) & set({slow})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
