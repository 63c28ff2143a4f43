"""Writes plans as `terraform show -json` prints them, of any size, always the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_AWS = "registry.terraform.io/hashicorp/aws"
_ACCOUNT = "111111111111"


class _Plan:
    def __init__(self) -> None:
        self.values: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.blocks: list[dict[str, Any]] = []

    def add(
        self,
        kind: str,
        name: str,
        known: dict[str, Any],
        unknown: dict[str, Any],
        expressions: dict[str, Any],
        provider: str = "aws",
        depends_on: tuple[str, ...] = (),
    ) -> None:
        address = f"{kind}.{name}"
        which = {"address": address, "mode": "managed", "type": kind, "name": name}
        values = {"schema_version": 0, "values": known, "sensitive_values": {}}
        self.values.append({**which, "provider_name": _AWS, **values})
        change = {
            "actions": ["create"],
            "before": None,
            "after": known,
            "after_unknown": unknown,
            "before_sensitive": False,
            "after_sensitive": {},
        }
        self.changes.append({**which, "provider_name": _AWS, "change": change})
        block = {"provider_config_key": provider, "expressions": expressions, "schema_version": 0}
        self.blocks.append({**which, **block, "depends_on": list(depends_on)})

    def text(self) -> str:
        providers = {
            "aws": _provider("us-east-1"),
            "aws.replica": {"alias": "replica", **_provider("eu-west-1")},
        }
        return json.dumps(
            {
                "format_version": "1.2",
                "terraform_version": "1.11.4",
                "planned_values": {"root_module": {"resources": self.values}},
                "resource_changes": self.changes,
                "configuration": {
                    "provider_config": providers,
                    "root_module": {"resources": self.blocks},
                },
                "complete": True,
                "errored": False,
            },
            separators=(",", ":"),
        )


def _provider(region: str) -> dict[str, Any]:
    expressions = {"region": _constant(region), "allowed_account_ids": _constant([_ACCOUNT])}
    return {"name": "aws", "full_name": _AWS, "expressions": expressions}


def _constant(value: Any) -> dict[str, Any]:
    return {"constant_value": value}


def _reference(whole: str) -> dict[str, Any]:
    return {"references": [whole, whole.rpartition(".")[0]]}


def plan(folder: Path, resources: int, routes: int) -> Path:
    """Write a plan of this many resources, whose routes refer to what it will make."""
    folder.mkdir()
    made = _Plan()
    for number in range(routes):
        _route(made, number)
    for number in range(resources - len(made.values)):
        _other(made, number)
    (folder / "plan.json").write_text(made.text())
    return folder


def _route(made: _Plan, number: int) -> None:
    source, replica, role = f"source-{number}", f"replica-{number}", f"replicate-{number}"
    for name, provider in ((source, "aws"), (replica, "aws.replica")):
        _bucket(made, name, provider)
    rights = _policy(["s3:Get*", "s3:ListBucket", "s3:Replicate*"], Resource="*")
    trust = _policy("sts:AssumeRole", Principal={"Service": "s3.amazonaws.com"})
    made.add(
        "aws_iam_role",
        role,
        {"name": role, "path": "/", "assume_role_policy": trust},
        {"arn": True, "id": True, "unique_id": True, "inline_policy": True},
        {"name": _constant(role), "assume_role_policy": {}},
    )
    made.add(
        "aws_iam_role_policy",
        role,
        {"name": role, "policy": rights},
        {"id": True, "role": True},
        {"name": _constant(role), "policy": {}, "role": _reference(f"aws_iam_role.{role}.name")},
    )
    rule = {
        "id": "everything",
        "status": "Enabled",
        "priority": 1,
        "prefix": None,
        "filter": [{"and": [], "prefix": "", "tag": []}],
        "delete_marker_replication": [{"status": "Disabled"}],
        "destination": [{"account": None, "metrics": [{"status": "Enabled"}]}],
    }
    made.add(
        "aws_s3_bucket_replication_configuration",
        source,
        {"rule": [rule], "token": None},
        {"bucket": True, "id": True, "role": True, "rule": [{"destination": [{"bucket": True}]}]},
        {
            "bucket": _reference(f"aws_s3_bucket.{source}.id"),
            "role": _reference(f"aws_iam_role.{role}.arn"),
            "rule": [{"destination": [{"bucket": _reference(f"aws_s3_bucket.{replica}.arn")}]}],
        },
        depends_on=tuple(f"aws_s3_bucket_versioning.{name}" for name in (source, replica)),
    )


def _bucket(made: _Plan, name: str, provider: str) -> None:
    unknown = ("arn", "id", "acl", "grant", "policy", "request_payer", "versioning", "region")
    made.add(
        "aws_s3_bucket",
        name,
        {"bucket": name, "force_destroy": False, "tags": None},
        dict.fromkeys(unknown, True),
        {"bucket": _constant(name)},
        provider,
    )
    made.add(
        "aws_s3_bucket_versioning",
        name,
        {"versioning_configuration": [{"status": "Enabled"}]},
        {"bucket": True, "id": True, "versioning_configuration": [{"mfa_delete": True}]},
        {
            "bucket": _reference(f"aws_s3_bucket.{name}.id"),
            "versioning_configuration": [{"status": _constant("Enabled")}],
        },
        provider,
    )


def _policy(action: str | list[str], **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _other(made: _Plan, number: int) -> None:
    """Add a resource of a type that means nothing to replication, as long as most are."""
    known = {f"attribute_{n}": f"value {n} of queue {number}" for n in range(12)}
    known["policy"] = _policy("sqs:SendMessage", Resource=f"arn:aws:sqs:*:*:queue-{number}")
    made.add(
        "aws_sqs_queue",
        f"queue-{number}",
        {**known, "tags": {"team": "logs"}, "redrive": [{"max": 3, "target": None}]},
        {"arn": True, "id": True, "url": True, "redrive": [{"target": True}]},
        {
            "attribute_0": _constant("value 0"),
            "redrive": [{"target": _reference(f"aws_sqs_queue.queue-{number // 2}.arn")}],
        },
    )
