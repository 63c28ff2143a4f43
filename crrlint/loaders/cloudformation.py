"""CloudFormation templates, SAM and CDK output included: stacks and what they make."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from crrlint.bindings import Bindings, Deployment
from crrlint.loaders import cfn_buckets, cfn_identity
from crrlint.loaders.cfn_conditions import both
from crrlint.loaders.cfn_evaluate import evaluate
from crrlint.loaders.cfn_program import Program, Shared
from crrlint.loaders.cfn_stack import Resource, Stack
from crrlint.loaders.cfn_values import relocate
from crrlint.model import (
    AliasFacts,
    BucketFacts,
    KeyFacts,
    Model,
    OrganizationPolicy,
    PolicyFacts,
    RoleFacts,
)
from crrlint.source import Document, Node
from crrlint.values import Form, Symbol, Text, Value, symbolic

_NESTED: Final = "AWS::CloudFormation::Stack"

_READERS: Final[dict[str, Callable[[Stack, Resource, Value], Iterator[Any]]]] = {
    "AWS::S3::Bucket": cfn_buckets.bucket,
    "AWS::S3::BucketPolicy": cfn_buckets.bucket_policy,
    "AWS::S3Express::DirectoryBucket": cfn_buckets.other_bucket("directory", "BucketName"),
    "AWS::S3Tables::TableBucket": cfn_buckets.other_bucket("table", "TableBucketName"),
    "AWS::S3Outposts::Bucket": cfn_buckets.other_bucket("outposts", "BucketName"),
    "AWS::IAM::Role": cfn_identity.role,
    "AWS::IAM::Policy": cfn_identity.inline_policy,
    "AWS::IAM::RolePolicy": cfn_identity.inline_policy,
    "AWS::IAM::ManagedPolicy": cfn_identity.managed_policy,
    "AWS::KMS::Key": cfn_identity.key,
    "AWS::KMS::ReplicaKey": cfn_identity.key,
    "AWS::KMS::Alias": cfn_identity.alias,
    "AWS::Organizations::Policy": cfn_identity.organization_policy,
}

# Types that people and generators write, and that CloudFormation does not have.
_IMAGINED: Final = {
    "AWS::S3::BucketReplicationConfiguration": "ReplicationConfiguration of AWS::S3::Bucket",
}


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    """Read templates; those that one run gives may refer to each other."""
    program = Program()
    by_path = {document.path: document for document in documents}
    nested = _nested_paths(documents, by_path)
    bound = {deployment.template for deployment in bindings.deployments}
    for document in documents:
        if document.path in nested and document.path not in bound:
            continue
        for stack in _stacks(program, document, bindings):
            program.stacks.append(stack)
            stack.safely(lambda s: _add_children(s, by_path))
    program.prepare()
    facts: list[Any] = []
    for stack in program.stacks:
        facts.extend(stack.safely(_facts) or ())
    return _model(facts, program)


def _model(facts: Sequence[Any], program: Program) -> Model:
    def of(kind: type) -> Any:
        return tuple(fact for fact in facts if type(fact) is kind)

    return Model(
        buckets=of(BucketFacts),
        roles=of(RoleFacts),
        policies=of(PolicyFacts),
        keys=of(KeyFacts),
        aliases=of(AliasFacts),
        organization=of(OrganizationPolicy),
        problems=program.problems,
        assumptions=tuple(program.assumptions),
    )


def _stacks(program: Program, document: Document, bindings: Bindings) -> Iterator[Stack]:
    """Yield the stacks that are made of a template: those bound, or one that nobody bound."""
    mine = [d for d in bindings.deployments if d.template == document.path]
    base = f"{document.path}#{document.part}" if document.part else document.path
    for index, deployment in enumerate(mine or [Deployment(document.path)]):
        identifier = base if index == 0 else f"{base} ({index + 1})"
        title = document.path.rsplit("/", 1)[-1]
        yield Stack(
            program,
            document,
            identifier,
            account=Shared(
                deployment.account
                or bindings.account
                or _open(identifier, "account", f"${{AWS::AccountId}} of {title}", "account")
            ),
            region=Shared(
                deployment.region
                or bindings.region
                or _open(identifier, "region", f"${{AWS::Region}} of {title}", "region")
            ),
            name=deployment.stack or _open(identifier, "stack-name", "${AWS::StackName}", "name"),
            given={**bindings.parameters, **deployment.parameters},
        )


def _open(stack: str, attribute: str, text: str, form: Form) -> Text:
    option = "" if attribute == "stack-name" else f"--{attribute}, or "
    needs = f"{option}`deployments` in crrlint.yaml"
    return symbolic(Symbol(stack, attribute, text, form=form, needs=needs))


def _nested_paths(documents: Sequence[Document], by_path: Mapping[str, Document]) -> set[str]:
    found: set[str] = set()
    for document in documents:
        if _NESTED not in document.text:
            continue
        resources = document.data.get("Resources")
        for data in resources.values() if isinstance(resources, dict) else ():
            template = _template_of(document, data, by_path)
            if template is not None and template is not document:
                found.add(template.path)
    return found


def _template_of(document: Document, data: Any, by_path: Mapping[str, Document]) -> Document | None:
    """Return the local template of a nested stack; None for a remote one."""
    if not isinstance(data, dict) or data.get("Type") != _NESTED:
        return None
    metadata = data.get("Metadata")
    properties = data.get("Properties")
    written = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    if written is None and isinstance(properties, dict):
        written = properties.get("TemplateURL")
    if not isinstance(written, str) or "://" in written:
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), written))
    return by_path.get(path)


def _add_children(stack: Stack, by_path: Mapping[str, Document]) -> None:
    """Add the nested stacks whose templates are among the documents."""
    if _NESTED not in stack.document.text:
        return
    for resource in stack.resources.values():
        template = _template_of(stack.document, resource.data, by_path)
        if template is None:
            continue
        if any(ancestor.document is template for ancestor in _line(stack)):
            stack.mistake(
                resource.at, f"nested stack {resource.id} is made of a template around it"
            )
            continue
        child = _child(stack, resource, template)
        stack.children[resource.id] = child
        stack.program.stacks.append(child)
        _add_children(child, by_path)


def _line(stack: Stack | None) -> Iterator[Stack]:
    while stack is not None:
        yield stack
        stack = stack.parent


def _child(stack: Stack, resource: Resource, template: Document) -> Stack:
    identifier = f"{stack.id}/{resource.id}"
    return Stack(
        stack.program,
        template,
        identifier,
        account=stack.account,
        region=stack.region,
        name=_open(identifier, "stack-name", f"name of stack {resource.id}", "name"),
        given=_Given(stack, resource),
        parent=stack,
        nested_in=resource,
    )


class _Given(Mapping[str, Node]):
    """The parameters that a template gives to a stack nested in it, evaluated when asked for."""

    def __init__(self, stack: Stack, resource: Resource) -> None:
        self._stack = stack
        self._resource = resource
        given = resource.properties.get("Parameters")
        self._data: dict[str, Any] = given if isinstance(given, dict) else {}

    def __getitem__(self, name: str) -> Node:
        at = self._resource.at / "Properties" / "Parameters" / name
        node = evaluate(self._stack, self._data[name], at, self._resource.scope)
        if node.value is None:
            raise KeyError(name)
        return relocate(node, at)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def _facts(stack: Stack) -> list[Any]:
    facts: list[Any] = []
    around = stack.existence_around()
    if around is False:
        return facts
    for resource in stack.resources.values():
        reader = _READERS.get(resource.type)
        if reader is None:
            if resource.type in _IMAGINED:
                instead = _IMAGINED[resource.type]
                message = f"type {resource.type} does not exist; it is {instead}"
                stack.mistake(resource.at / "Type", message)
            continue
        exists = both(around, stack.existence(resource), resource.at)
        if exists is not False:
            facts.extend(reader(stack, resource, exists))
    return facts
