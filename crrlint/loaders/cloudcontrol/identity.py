"""Roles and policies of CloudFormation's types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal

from crrlint.documents.source import Node
from crrlint.loaders.aws.facts import Fact
from crrlint.loaders.cloudcontrol.resource import (
    Resource,
    account_of,
    document_of,
    place_of,
    problem,
)
from crrlint.loaders.cloudformation.buckets import tags_of
from crrlint.loaders.cloudformation.documents import policy_document
from crrlint.loaders.cloudformation.identity import elements
from crrlint.loaders.cloudformation.values import text_of
from crrlint.model import OrganizationPolicy, PolicyFacts, RoleFacts
from crrlint.model.arn import role_arn
from crrlint.values import Unknown, join


def role(resource: Resource) -> Iterator[Fact]:
    at = resource.at
    name = resource.name("role-name", "RoleName", "Id")
    account = account_of(resource, "Arn")
    path = resource.path
    boundary = resource.get("PermissionsBoundary")
    tags = resource.get("Tags")
    yield RoleFacts(
        name,
        account,
        place_of(resource, "RoleName"),
        arn=resource.text("Arn") or role_arn(account, path, name, resource.partition),
        declared=resource.managed,
        exists=resource.exists,
        trust=document_of(resource, "AssumeRolePolicyDocument"),
        policies=tuple(_inline(resource)),
        attached=tuple(node for node, _ in elements(resource.get("ManagedPolicyArns"))),
        boundary=boundary or Node(None, at),
        complete=resource.managed,
        unique_id=resource.text("RoleId"),
        tags=tags_of(tags, at, "role"),
        layer=resource.layer,
    )


def _inline(resource: Resource) -> Iterator[PolicyFacts]:
    for node, exists in elements(resource.get("Policies")):
        members = node.value if isinstance(node.value, dict) else {}
        document = members.get("PolicyDocument")
        if document is None:
            continue
        name = text_of(members.get("PolicyName", Node(None, node.at))) or ""
        yield PolicyFacts(name, policy_document(document), node.at, exists=exists)


def role_policy(resource: Resource) -> Iterator[Fact]:
    document = document_of(resource, "PolicyDocument")
    role = resource.text("RoleName")
    if document is None or role is None:
        missing = "RoleName" if role is None else "PolicyDocument"
        yield problem(resource, resource.at, f"{missing} is not set")
        return
    name = resource.name("policy-name", "PolicyName")
    yield RoleFacts(
        role,
        resource.account,
        resource.at,
        exists=resource.exists,
        policies=(PolicyFacts(name, document, resource.at),),
        layer=resource.layer,
    )


def managed_policy(resource: Resource) -> Iterator[Fact]:
    document = document_of(resource, "PolicyDocument")
    name = resource.name("policy-name", "ManagedPolicyName")
    account = account_of(resource, "PolicyArn", "Id")
    arn = resource.text("PolicyArn")
    if arn is None or isinstance(arn, Unknown):
        path = resource.path
        arn = join("arn:", resource.partition, ":iam::", account, ":policy", path, name)
    if document is None:
        yield problem(resource, resource.at, "PolicyDocument is not set")
        return
    yield PolicyFacts(name, document, resource.at, arn, resource.exists)
    for node, here in elements(resource.get("Roles"), resource.exists):
        role = text_of(node)
        if role is not None:
            attached = (Node(arn, node.at),)
            yield RoleFacts(
                role, account, node.at, exists=here, attached=attached, layer=resource.layer
            )


_POLICY_TYPES: Final[dict[Any, Literal["SCP", "RCP"]]] = {
    "SERVICE_CONTROL_POLICY": "SCP",
    "RESOURCE_CONTROL_POLICY": "RCP",
}


def organization_policy(resource: Resource) -> Iterator[Fact]:
    kind = resource.text("Type")
    document = document_of(resource, "Content")
    found = _POLICY_TYPES.get(kind) if isinstance(kind, str) else None
    if found is not None and document is not None:
        targets = tuple(str(text_of(node)) for node, _ in elements(resource.get("TargetIds")))
        yield OrganizationPolicy(found, document, targets, resource.at)
