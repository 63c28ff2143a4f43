"""A comparison with an independent evaluator of concrete requests.

    python -m tests.iam.differential FOLDER [QUESTIONS] [SEED]

FOLDER holds `oracle.mjs` with its packages installed; without it nothing is
compared.  Questions keep clear of what the evaluator is known to get wrong.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from crrlint.iam.__main__ import answer

HOME, AWAY = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{HOME}:role/crr"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/crr/s3-replication"
ROOT = f"arn:aws:iam::{HOME}:root"
KEY_ARN = "arn:aws:kms:eu-west-1:111111111111:key/1"
ACTIONS = ["s3:ReplicateObject", "s3:Replicate*", "s3:*", "*", "S3:replicate?bject", "s3:PutObject"]
KMS_ACTIONS = ["kms:Encrypt", "kms:*", "*", "kms:Encr*", "kms:Decrypt"]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": ROLE},
    {"AWS": SESSION},
    {"AWS": ROOT},
    {"AWS": HOME},
    {"AWS": AWAY},
    {"AWS": [f"arn:aws:iam::{HOME}:role/other", ROLE]},
    {"Service": "s3.amazonaws.com"},
]
CONTEXT: dict[str, list[Any]] = {
    "aws:PrincipalArn": [ROLE],
    "aws:SecureTransport": ["true", "false"],
    "aws:SourceVpce": [None, None, "vpce-1"],
    "aws:PrincipalOrgID": [None, "o-1", "o-2"],
    "aws:SourceIp": ["10.1.2.3", "54.231.0.10"],
    "s3:signatureAge": ["5", "10", "60000"],
    "aws:CurrentTime": ["2024-05-01T00:00:00Z"],
    "aws:PrincipalOrgPaths": [None, ["o-1/r/a/", "o-1/r/b/"], ["o-2/r/"]],
    "aws:PrincipalTag/team": [None, "a", "logs"],
}
OPERATORS: list[tuple[str, str, list[str]]] = [
    ("String", "aws:PrincipalOrgID", ["o-1", "o-*", "O-1", "?-2", "x", "*"]),
    ("String", "aws:SourceVpce", ["vpce-1", "vpce-*", "x"]),
    ("String", "aws:PrincipalTag/team", ["a", "l*", "A", "${aws:PrincipalTag/team}"]),
    (
        "Arn",
        "aws:PrincipalArn",
        [ROLE, "arn:aws:iam::*:role/c*", "arn:*:iam::1*:role/c?r", SESSION],
    ),
    ("String", "aws:PrincipalArn", [ROLE, "arn:*:role/crr", "arn:*crr", SESSION]),
    ("Bool", "aws:SecureTransport", ["true", "false"]),
    ("Ip", "aws:SourceIp", ["10.0.0.0/8", "54.231.0.10", "54.0.0.0/8", "2001:db8::/32"]),
    ("Numeric", "s3:signatureAge", ["5", "10", "600"]),
    ("Date", "aws:CurrentTime", ["2024-05-01T00:00:00Z", "2025-01-01T00:00:00Z", "2020-01-01"]),
    ("Set", "aws:PrincipalOrgPaths", ["o-1/r/a/", "o-1/*", "o-2/r/", "x"]),
    ("Null", "aws:SourceVpce", ["true", "false"]),
    ("Null", "aws:PrincipalOrgID", ["true", "false"]),
]
NAMES = {
    "String": ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike",
               "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
    "Arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "Bool": ["Bool"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Numeric": ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
                "NumericGreaterThan", "NumericGreaterThanEquals"],
    "Date": ["DateEquals", "DateLessThan", "DateGreaterThanEquals", "DateNotEquals"],
    "Set": ["ForAllValues:StringLike", "ForAnyValue:StringLike", "ForAllValues:StringNotLike",
            "ForAnyValue:StringEquals"],
    "Null": ["Null"],
}  # fmt: skip


class Questions:
    """Random questions that both evaluators understand."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def glob(self) -> str:
        r = self.random
        text = "".join(r.choice(["a", "b", "/", "*", "?", "logs/"]) for _ in range(r.randint(0, 4)))
        bucket = r.choice(["dest"] * 6 + ["d*", "*", "src"])
        known = ["*", "arn:aws:s3:::dest/*", "arn:aws:s3:::dest/*", "arn:aws:s3:::dest/logs/*"]
        known += ["arn:aws:s3:*:*:dest/*", "arn:aws:s3:::dest/${aws:PrincipalTag/team}/*"]
        return r.choice(known) if r.random() < 0.5 else f"arn:aws:s3:::{bucket}/{text}"

    def condition(self) -> dict[str, Any]:
        r = self.random
        block: dict[str, Any] = {}
        for _ in range(r.choice([0, 0, 0, 1, 1, 2])):
            family, key, values = r.choice(OPERATORS)
            operator = r.choice(NAMES[family])
            if family not in ("Null", "Set") and r.random() < 0.2:
                operator += "IfExists"
            chosen = r.sample(values, r.randint(1, min(2, len(values))))
            if "Not" in operator:  # a variable without value: a known difference
                chosen = [v for v in chosen if "$" not in v] or ["x"]
            block.setdefault(operator, {})[key] = chosen
        return block

    def statement(self, layer: str, kms: bool) -> dict[str, Any]:
        r = self.random
        effect = "Deny" if layer == "rcp" or r.random() < 0.25 else "Allow"
        wide = layer in ("scp", "boundary") and r.random() < 0.6 and effect == "Allow"
        negated = r.random() < 0.12
        statement: dict[str, Any] = {
            "Effect": effect,
            "NotAction" if negated else "Action": r.sample(KMS_ACTIONS if kms else ACTIONS, 2)
            if not wide
            else "*",
            "Resource": "*" if wide or kms else [self.glob() for _ in range(r.randint(1, 2))],
            "Condition": {} if wide else self.condition(),
        }
        if not kms and not wide and r.random() < 0.12:
            listed = [g for g in statement.pop("Resource") if "$" not in g]
            statement["NotResource"] = listed or ["arn:aws:s3:::src/*"]
        if layer in ("resource", "rcp"):
            statement["Principal"] = "*" if layer == "rcp" else r.choice(PRINCIPALS)
            if layer == "resource" and effect == "Deny" and r.random() < 0.2:
                del statement["Principal"]
                statement["NotPrincipal"] = {
                    "AWS": [ROOT, ROLE, SESSION] if r.random() < 0.6 else [AWAY]
                }
        return statement

    def policy(self, layer: str, kms: bool) -> dict[str, Any]:
        count = self.random.randint(1, 4)
        statements = [self.statement(layer, kms) for _ in range(count)]
        return {"Version": "2012-10-17", "Statement": statements}

    def question(self, name: int) -> dict[str, Any]:
        r = self.random
        kms = r.random() < 0.25
        context = {k: r.choice(v) for k, v in CONTEXT.items()}
        return {
            "id": name,
            "principal": {"role": ROLE, "session": "s3-replication"},
            "action": "kms:Encrypt" if kms else "s3:ReplicateObject",
            "resource": KEY_ARN if kms else "arn:aws:s3:::dest/{key}",
            "prefix": None if kms else r.choice(["", "a", "logs/", "b/"]),
            "resource_account": r.choice([HOME, AWAY]),
            "identity": [self.policy("identity", kms) for _ in range(r.randint(0, 2))],
            "boundary": self.policy("boundary", kms) if r.random() < 0.3 else None,
            "scps": [[self.policy("scp", kms)]] if r.random() < 0.25 else None,
            "rcps": [[self.policy("rcp", kms)]] if r.random() < 0.15 else None,
            "resource_policy": self.policy("resource", kms) if r.random() < 0.8 else None,
            "context": context,
            "multivalued": ["aws:PrincipalOrgPaths"],
        }


def concrete(question: dict[str, Any], key: str) -> dict[str, Any]:
    return {
        "principal": SESSION,
        "action": question["action"],
        "resource": question["resource"].replace("{key}", key),
        "resourceAccount": question["resource_account"],
        "context": {k: v for k, v in question["context"].items() if v is not None},
        "identityPolicies": question["identity"],
        "boundary": None if question["boundary"] is None else [question["boundary"]],
        "sessionPolicy": None,
        "scps": question["scps"] or [],
        "rcps": question["rcps"] or [],
        "resourcePolicy": question["resource_policy"],
        "endpointPolicies": None,
        "blockPublicAccess": False,
    }


def keys(question: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return keys on which the evaluator can contradict the answer."""
    if question["prefix"] is None:
        return [""]
    if found["verdict"] == "denied":
        return [found["key"]]
    ends = [
        "",
        "x",
        "xx",
        "a",
        "b",
        "a/",
        "b/",
        "ab",
        "logs/",
        "logs/x",
        "a/b/c",
        "xxxxx",
        "a/logs/",
    ]
    return [question["prefix"] + end for end in ends if question["prefix"] + end]


def main(folder: str, count: int = 2000, seed: int = 1) -> int:
    if not (Path(folder) / "node_modules").is_dir():
        print("no evaluator to compare with")
        return 0
    questions = [Questions(seed * 1_000_003 + n).question(n) for n in range(count)]
    answers = [answer(json.dumps(q)) for q in questions]
    asked = [(q, a, k) for q, a in zip(questions, answers, strict=True) for k in keys(q, a)]
    lines = [json.dumps({"id": i, **concrete(q, k)}) for i, (q, _, k) in enumerate(asked)]
    done = subprocess.run(
        ["node", "oracle.mjs"], cwd=folder, input="\n".join(lines), capture_output=True, text=True
    )
    verdicts: dict[str, int] = {}
    for a in answers:
        verdicts[a.get("verdict", "error")] = verdicts.get(a.get("verdict", "error"), 0) + 1
    print(verdicts)
    different = 0
    for (q, a, k), line in zip(asked, done.stdout.splitlines(), strict=True):
        theirs = json.loads(line)
        allowed = theirs.get("result") == "Allowed"
        if a.get("verdict") not in ("allowed", "denied") or allowed != (a["verdict"] == "allowed"):
            different += 1
            if different <= 5:
                print(json.dumps({"key": k, "ours": a, "theirs": theirs, "question": q}))
    print(f"{len(asked)} requests compared, {different} differences")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
