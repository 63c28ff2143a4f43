"""What is taken for an answer of AWS, what for a neighbour of it, and what for neither."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crrlint.documents.source import Document
from crrlint.loaders import Recognised, recognise, recognise_foreign
from crrlint.model.bindings import Bindings, OrganizationFile
from tests.loaders.aws_cases import parsed

NOTHING: dict[str, Any] = {
    "package.json": {"name": "x", "version": "1.0.0", "scripts": {"test": "jest"}},
    "tsconfig.json": {"compilerOptions": {"strict": True}, "files": []},
    "docker-compose.yaml": {"version": "3", "services": {"web": {"image": "nginx"}}},
    "values.yaml": {"replicaCount": 1, "service": {"type": "ClusterIP"}},
    "pod.yaml": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}},
    "job.yaml": {"apiVersion": "batch/v1", "kind": "Job", "spec": {}},
    "renovate.json": {"extends": ["config:base"], "rules": [{"name": "x"}]},
    "status.json": {"Status": "Enabled"},
    "feature.json": {"status": "Enabled", "Rules": []},
    "firewall.json": {"Rules": [{"Status": "Enabled", "Port": 22}]},
    "manifest.json": {"name": "extension", "version": "1.0", "manifest_version": 3},
    "web.json": {"version": "1", "artifacts": {"app": {"type": "bundle"}}},
    "role.json": {"Role": "admin", "Rules": "x"},
    "policy.json": {"Policy": "be kind", "Statement": "x"},
    "statement.json": {"Version": "3", "Statement": [{"Effect": "Allow"}]},
    "report.json": {"Statement": [{"Date": "x"}]},
    "grants.json": {"Grants": [], "Owner": "me"},
    "keys.json": {"Keys": []},
    "parameters.json": {"Parameters": {"Env": {"Type": "String"}}},
    "list.json": [1, 2],
    "empty.json": {},
    "text.yaml": "hello",
    "answer.json": {"ResponseMetadata": {"RequestId": "x"}},
    "buckets.json": {"Buckets": [{"Name": "x"}]},
    "workflow.yaml": {"on": "push", "jobs": {"test": {"steps": []}}},
    "outputs.json": {"a": {"value": 1}},
    "cdk.json": {"app": "npx ts-node bin/app.ts", "context": {}},
    "steps.json": {"steps": [], "config": {}},
}


@pytest.mark.parametrize("path", NOTHING)
def test_what_a_repository_holds_besides_is_nothing(path: str) -> None:
    assert recognise(document(path, NOTHING[path]), Bindings()) is None


NEAR: dict[str, tuple[Any, str]] = {
    "valid.json": (
        {"format_version": "1.0", "valid": True, "diagnostics": []},
        "output of terraform validate",
    ),
    "schema.json": (
        {"format_version": "1.0", "provider_schemas": {}},
        "schema of Terraform providers",
    ),
    "log.json": ({"@level": "info", "@module": "terraform.ui", "type": "x"}, "log of Terraform"),
    "output.json": (
        {"bucket": {"sensitive": False, "type": "string", "value": "x"}},
        "output of terraform output",
    ),
    "v3.json": (
        {"version": 3, "serial": 1, "modules": []},
        "Terraform state of an old version",
    ),
    "backend.json": (
        {"version": 3, "backend": {"type": "s3"}},
        "pointer of Terraform to a state elsewhere",
    ),
    "tree.json": ({"version": "tree-0.1", "tree": {}}, "construct tree of the CDK"),
    "x.assets.json": (
        {"version": "55.0.0", "files": {}, "dockerImages": {}},
        "list of assets of the CDK",
    ),
    "serverless.yml": (
        {"service": "x", "provider": {"name": "aws"}, "functions": {}},
        "Serverless Framework file",
    ),
    "tables.json": (
        {"configuration": {"role": "r", "rules": [{"destinations": []}]}, "versionToken": "x"},
        "replication of S3 Tables",
    ),
    "ecr.json": ({"rules": [{"destinations": [{"region": "x"}]}]}, "replication of ECR"),
    "outposts.json": (
        {"Role": "r", "Rules": [{"Bucket": "b", "Destination": {"Bucket": "c"}}]},
        "replication of S3 on Outposts",
    ),
    "outposts-get.json": (
        {"ReplicationConfiguration": {"Rules": [{"Bucket": "b", "Destination": {}}]}},
        "replication of S3 on Outposts",
    ),
}


@pytest.mark.parametrize("path", NEAR)
def test_a_neighbour_is_named_and_gets_a_hint(path: str) -> None:
    data, name = NEAR[path]
    assert recognise(document(path, data), Bindings()) is None
    found = recognise_foreign(document(path, data))
    assert found is not None
    assert (found.format, found.loader) == (name, None)
    assert found.hint


KNOWN: dict[str, Any] = {
    "a.json": {"ReplicationConfiguration": {"Role": "r", "Rules": []}},
    "b.json": {"LocationConstraint": None},
    "c.json": {"Payer": "BucketOwner"},
    "bucket-versioning.json": {"Status": "Enabled"},
    "mfa.json": {"Status": "Enabled", "MFADelete": "Disabled"},
    "d.json": {"UserId": "x", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:root"},
    "e.json": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*"}},
    "f.json": {"Error": {"Code": "NoSuchBucketPolicy", "Message": "x"}},
    "g.json": {"crrlint_capture": 1, "operation": "GetBucketPolicy"},
    "h.json": {"ETag": "x", "ContentLength": 3, "ContentType": "text/plain"},
    "i.json": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
    "j.json": {"ObjectLockEnabled": "Enabled"},
}


@pytest.mark.parametrize("path", KNOWN)
def test_an_answer_is_read_by_the_loader_of_aws(path: str) -> None:
    found = recognise(document(path, KNOWN[path]), Bindings())
    assert found is not None
    assert found.loader == "aws"


def test_an_empty_file_where_the_convention_expects_an_answer_is_one() -> None:
    path = "accounts/111122223333/s3/logs/versioning.json"
    found = recognise(Document(path, "", "text", None), Bindings())
    assert found == Recognised("empty answer of the AWS CLI", "aws")


def test_an_empty_file_elsewhere_is_nothing() -> None:
    assert recognise(Document("versioning.json", "", "text", None), Bindings()) is None


def test_an_organization_policy_is_what_the_configuration_calls_one() -> None:
    bindings = Bindings(organization_files=(OrganizationFile("scp.yaml", "SCP", ("r-ab12",)),))
    found = recognise(document("scp.yaml", {"anything": 1}), bindings)
    assert found == Recognised("organization policy", "aws")


def document(path: str, data: Any) -> Document:
    return parsed(path, json.dumps(data, indent=1))[0]
