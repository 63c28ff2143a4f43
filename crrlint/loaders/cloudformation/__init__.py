"""CloudFormation templates, SAM and CDK output included: stacks and what they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from crrlint.documents.source import Document, Node, Problem
from crrlint.loaders.beside import kind_beside
from crrlint.loaders.cloudformation import buckets as cfn_buckets
from crrlint.loaders.cloudformation import identity as cfn_identity
from crrlint.loaders.cloudformation.bound import bound_of
from crrlint.loaders.cloudformation.conditions import both
from crrlint.loaders.cloudformation.known import Deployed, Known, Resolved, configured, is_hidden
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
from crrlint.model.bindings import Bindings
from crrlint.values import Symbol, Symbolic, Text, Unknown, Value

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

_ATTACHED: Final = frozenset(
    ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy")
)

# Types that people and generators write, and that CloudFormation does not have.
_IMAGINED: Final = {
    "AWS::S3::BucketReplicationConfiguration": "ReplicationConfiguration of AWS::S3::Bucket",
}


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    """Read templates; those that one run gives may refer to each other."""
    kinds = [(document, kind_beside(document)) for document in documents]
    templates: Sequence[Document] = [document for document, kind in kinds if kind is None]
    sided = [(document, kind) for document, kind in kinds if kind is not None]
    program = Program()
    notes: tuple[Problem, ...] = ()
    stacks: Mapping[str, Sequence[Deployed]] = configured(bindings.deployments)
    dummies: Mapping[str, Mapping[str, Symbol]] = {}
    if sided:
        from crrlint.loaders.cloudformation.setup import setup

        templates, stacks, dummies, program, notes = setup(templates, sided, bindings)
    program.partition = bindings.partition
    by_path = {template.path: template for template in templates}
    bound = {deployment.template for deployment in bindings.deployments}
    nested = nested_paths(templates, by_path) - bound
    for document in templates:
        if document.path in nested:
            continue
        deployed = stacks.get(document.path) or (Deployed(),)
        missing = dummies.get(document.path, {})
        for stack in _stacks(program, document, deployed, missing, bindings):
            program.stacks.append(stack)
            stack.safely(lambda s: add_children(s, by_path))
    program.prepare()
    facts: list[Any] = []
    for stack in program.stacks:
        facts.extend(stack.safely(_facts) or ())
    unread = dict.fromkeys(one for stack in program.stacks for one in _unread(stack))
    model = _model(facts, program)._replace(left_out=(*notes, *program.left_out, *unread))
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


def _stacks(
    program: Program,
    document: Document,
    stacks: Sequence[Deployed],
    dummies: Mapping[str, Symbol],
    bindings: Bindings,
) -> Iterator[Stack]:
    """Yield the stacks that are made of a template: those known of, or one that nobody bound."""
    base = f"{document.path}#{document.part}" if document.part else document.path
    title = document.path.rsplit("/", 1)[-1]
    bindings = bindings.at(document.path)
    for index, deployed in enumerate(stacks):
        identifier = base if index == 0 else f"{base} ({index + 1})"

        def place(
            known: str | None, attribute: str, whose: str = identifier, app: str = deployed.app
        ) -> Text:
            return known or unbound(whose, attribute, title, app)

        if deployed.path not in ("", "crrlint.yaml"):
            program.said[identifier] = deployed.path
        known = Known(dummies=dummies)
        if deployed.description is not None:
            known = deployed.description.known(document, dummies)
        yield Stack(
            program,
            document,
            identifier,
            account=Shared(place(deployed.account or bindings.account, "account")),
            region=Shared(place(deployed.region or bindings.region, "region")),
            name=place(deployed.stack, "stack-name"),
            given=_given(deployed, bindings),
            known=known,
        )


def _given(deployed: Deployed, bindings: Bindings) -> dict[str, Any]:
    """Return the parameters of a stack: the command line's before what files and AWS say."""
    described = {} if deployed.description is None else deployed.description.parameters
    given: dict[str, Any] = {
        name: value
        for name, value in described.items()
        if isinstance(value, Resolved) or not is_hidden(value)
    }
    for name, value in deployed.parameters.items():
        # What keeps its previous value is what it was; what is in conflict is open.
        previous = isinstance(value, Symbolic) and value.symbols[0].reason != "conflict"
        if not (previous and name in given):
            given[name] = value
    return {**given, **bindings.parameters}


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
    for name, loop in stack.open_loops.items():
        facts.extend(_looped(stack, name, loop))
    return facts


def _looped(stack: Stack, name: str, loop: Node) -> Iterator[Any]:
    """Yield what stands for the policies that a loop may make, whatever they are attached to."""
    types = set(_types(loop.value))
    needs = "a value for the collection of the loop"
    some = Unknown("unbound_parameter", f"what {name} makes", needs)
    if "AWS::S3::BucketPolicy" in types:
        yield BucketFacts(some, loop.at, {"policy": Node(some, loop.at)})
    if not types.isdisjoint(_ATTACHED):
        policy = PolicyFacts(some, Node(some, loop.at), loop.at)
        yield RoleFacts(some, stack.account_text, loop.at, policies=(policy,))


def _types(loop: Any) -> Iterator[str]:
    """Yield the types of the resources in the body of a loop, and of the loops in it."""
    if isinstance(loop, list) and len(loop) == 3 and isinstance(loop[2], dict):
        for data in loop[2].values():
            if isinstance(data, dict):
                yield str(data.get("Type"))
            yield from _types(data)


def _unread(stack: Stack) -> Iterator[Problem]:
    """Yield the custom resources that are called after replication: it is functions that set it."""
    if "Custom::" not in stack.document.text:
        return
    from crrlint.loaders.aws.facts import problem

    for resource in stack.resources.values():
        if resource.type.startswith("Custom::") and "replicat" in resource.type.lower():
            what = f"{resource.id} is a {resource.type}, and what its function does is not read"
            yield problem(resource.at, f"{what}: give aws s3api get-bucket-replication")


def _read(reader: Reader, resource: Resource, around: Value, stack: Stack) -> list[Any]:
    exists = both(around, stack.existence(resource), resource.at)
    return [] if exists is False else list(reader(stack, resource, exists))
