"""What AWS Config, Pulumi and controllers of Kubernetes write, and what only looks like it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crrlint.loaders import Recognised, recognise
from crrlint.model.bindings import Bindings
from tests.loaders.aws_cases import parsed

ITEM = {"resourceType": "AWS::S3::Bucket", "resourceId": "logs"}
NOTE = {"messageType": "ConfigurationItemChangeNotification", "configurationItem": ITEM}
RESULT = json.dumps({"resourceId": "logs", "arn": "arn:aws:s3:::logs"})
URN = "urn:pulumi:prod::logs::aws:s3/bucket:Bucket::logs"


def found(data: Any) -> Recognised | None:
    [document] = parsed("x.json", json.dumps(data))
    return recognise(document, Bindings())


READ: dict[str, tuple[Any, str, str]] = {
    "snapshot": ({"fileVersion": "1.0", "configurationItems": []}, "AWS Config snapshot", "config"),
    "history": ({"configurationItems": [ITEM]}, "answer of AWS Config", "config"),
    "batch": ({"baseConfigurationItems": [ITEM]}, "answer of AWS Config", "config"),
    "aggregate": ({"BaseConfigurationItems": [ITEM]}, "answer of AWS Config", "config"),
    "one": ({"ConfigurationItem": ITEM}, "answer of AWS Config", "config"),
    "notification": (NOTE, "notification of AWS Config", "config"),
    "sns": (
        {"Type": "Notification", "Message": json.dumps(NOTE)},
        "notification of AWS Config",
        "config",
    ),
    "rule": ({"invokingEvent": json.dumps(NOTE)}, "notification of AWS Config", "config"),
    "event": ({"detail": NOTE}, "notification of AWS Config", "config"),
    "query": ({"Results": [RESULT]}, "result of an AWS Config query", "config"),
    "empty query": (
        {"Results": [], "QueryInfo": {"SelectFields": []}},
        "result of an AWS Config query",
        "config",
    ),
    "export": ({"version": 3, "deployment": {"resources": []}}, "Pulumi stack export", "pulumi"),
    "empty export": (
        {"version": 3, "deployment": {"manifest": {}}},
        "Pulumi stack export",
        "pulumi",
    ),
    "preview": ({"steps": [{"op": "create", "urn": URN}]}, "Pulumi preview", "pulumi"),
    "no change": ({"steps": [], "config": {}, "changeSummary": {}}, "Pulumi preview", "pulumi"),
    "upbound": (
        {"apiVersion": "s3.aws.upbound.io/v1beta1", "kind": "Bucket"},
        "Kubernetes manifest for AWS",
        "kubernetes",
    ),
    "namespaced": (
        {"apiVersion": "s3.aws.m.upbound.io/v1beta1", "kind": "Bucket"},
        "Kubernetes manifest for AWS",
        "kubernetes",
    ),
    "provider": (
        {"apiVersion": "aws.upbound.io/v1beta1", "kind": "ProviderConfig"},
        "Kubernetes manifest for AWS",
        "kubernetes",
    ),
    "crossplane": (
        {"apiVersion": "s3.aws.crossplane.io/v1beta1", "kind": "Bucket"},
        "Kubernetes manifest for AWS",
        "kubernetes",
    ),
    "ack": (
        {"apiVersion": "s3.services.k8s.aws/v1alpha1", "kind": "Bucket"},
        "Kubernetes manifest for AWS",
        "kubernetes",
    ),
    "list": (
        {
            "apiVersion": "v1",
            "kind": "List",
            "items": [{"apiVersion": "s3.services.k8s.aws/v1alpha1", "kind": "Bucket"}],
        },
        "Kubernetes manifest for AWS",
        "kubernetes",
    ),
    "namespace": (
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"annotations": {"services.k8s.aws/owner-account-id": "1"}},
        },
        "Kubernetes manifest for AWS",
        "kubernetes",
    ),
}


@pytest.mark.parametrize("name", READ)
def test_a_document_is_told_by_its_members(name: str) -> None:
    data, format, loader = READ[name]
    one = found(data)
    assert one is not None
    assert (format, {"config": "awsconfig"}.get(loader, loader)) == (one.format, one.loader)


HINTED: dict[str, tuple[Any, str]] = {
    "composition": (
        {"apiVersion": "apiextensions.crossplane.io/v1", "kind": "Composition", "spec": {}},
        "Crossplane composition",
    ),
    "checkpoint": ({"version": 3, "checkpoint": {"latest": {}}}, "Pulumi checkpoint"),
    "helm": (
        {
            "apiVersion": "s3.services.k8s.aws/v1alpha1",
            "kind": "Bucket",
            "metadata": {"name": "{{ .Release.Name }}"},
        },
        "Helm template",
    ),
}


@pytest.mark.parametrize("name", HINTED)
def test_what_has_to_be_made_into_something_first_gets_a_hint(name: str) -> None:
    data, format = HINTED[name]
    one = found(data)
    assert one is not None
    assert (format, None) == (one.format, one.loader)
    assert one.hint


FRIENDS: dict[str, Any] = {
    "results of Athena": {"Results": [{"Data": 1}]},
    "results of words": {"Results": ["a", "b"]},
    "results of other JSON": {"Results": ['{"score": 1}']},
    "no results": {"Results": []},
    "a message": {"Type": "Notification", "Message": "configurationItem changed"},
    "detail": {"detail": {"messageType": "x"}},
    "items of a cart": {"configurationItems": ["a", "b"]},
    "a deployment": {"deployment": {"resources": []}},
    "a deployment of another version": {"version": "3", "deployment": {"resources": []}},
    "steps of a recipe": {"steps": [{"urn": "bake"}], "config": {}},
    "steps of a workflow": {"steps": [{"run": "make"}]},
    "a pod": {"apiVersion": "v1", "kind": "Pod"},
    "a definition": {"apiVersion": "apiextensions.crossplane.io/v1", "kind": "XRD"},
    "a namespace": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"annotations": {}}},
    "a list of pods": {"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod"}]},
    "a group that ends alike": {"apiVersion": "nots3aws.upbound.io/v1", "kind": "Bucket"},
    "numbers": {"apiVersion": 1, "kind": 2},
}


@pytest.mark.parametrize("name", FRIENDS)
def test_what_only_looks_alike_is_left_alone(name: str) -> None:
    one = found(FRIENDS[name])
    assert one is None or one.loader not in ("awsconfig", "pulumi", "kubernetes")
