"""CloudFormation templates, SAM and CDK output included: stacks and what they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from crrlint.bindings import Bindings, Deployment
from crrlint.loaders.cloudformation import buckets as cfn_buckets
from crrlint.loaders.cloudformation import identity as cfn_identity
from crrlint.loaders.cloudformation.bound import bound_of
from crrlint.loaders.cloudformation.conditions import both
from crrlint.loaders.cloudformation.nesting import add_children, nested_paths, unbound
from crrlint.loaders.cloudformation.program import Program, Shared
from crrlint.loaders.cloudformation.stack import Resource, Stack
from crrlint.model import (
    AliasFacts,
    BucketFacts,
    KeyFacts,
    Model,
    OrganizationPolicy,
    PolicyFacts,
    RoleFacts,
)
from crrlint.source import Document
from crrlint.values import Value

Reader: TypeAlias = Callable[[Stack, Resource, Value], Iterator[Any]]

_READERS: Final[dict[str, Reader]] = {
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
    program.partition = bindings.partition
    by_path = {document.path: document for document in documents}
    nested = nested_paths(documents, by_path)
    bound = {deployment.template for deployment in bindings.deployments}
    for document in documents:
        if document.path in nested and document.path not in bound:
            continue
        for stack in _stacks(program, document, bindings):
            program.stacks.append(stack)
            stack.safely(lambda s: add_children(s, by_path))
    program.prepare()
    facts: list[Any] = []
    for stack in program.stacks:
        facts.extend(stack.safely(_facts) or ())
    model = _model(facts, program)
    return model._replace(bound=tuple(b for s in program.stacks for b in bound_of(s, bindings)))


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
    bindings = bindings.at(document.path)
    for index, deployment in enumerate(mine or [Deployment(document.path)]):
        identifier = base if index == 0 else f"{base} ({index + 1})"
        title = document.path.rsplit("/", 1)[-1]
        yield Stack(
            program,
            document,
            identifier,
            account=Shared(
                deployment.account or bindings.account or unbound(identifier, "account", title)
            ),
            region=Shared(
                deployment.region or bindings.region or unbound(identifier, "region", title)
            ),
            name=deployment.stack or unbound(identifier, "stack-name", title),
            given={**bindings.parameters, **deployment.parameters},
        )


def _facts(stack: Stack) -> list[Any]:
    facts: list[Any] = []
    around = stack.existence_around()
    if around is False:
        return facts
    for resource in stack.resources.values():
        reader = _READERS.get(resource.type)
        if reader is not None:
            read = partial(_read, reader, resource, around)
            facts.extend(stack.safely(read, resource.at) or ())
        elif resource.type in _IMAGINED:
            message = f"type {resource.type} does not exist; it is {_IMAGINED[resource.type]}"
            stack.mistake(resource.at / "Type", message)
    return facts


def _read(reader: Reader, resource: Resource, around: Value, stack: Stack) -> list[Any]:
    exists = both(around, stack.existence(resource), resource.at)
    return [] if exists is False else list(reader(stack, resource, exists))
