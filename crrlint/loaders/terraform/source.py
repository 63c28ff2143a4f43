"""Terraform's and OpenTofu's source: folders of configuration to the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from crrlint.documents.source import Document, Node, Problem
from crrlint.loaders.hcl import Fault, document_of, finish
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.computed import injected
from crrlint.loaders.terraform.deployment import Deployment
from crrlint.loaders.terraform.folders import Declared, Folder, folders, problem_at
from crrlint.loaders.terraform.instance import Resource, ResourceInstance
from crrlint.loaders.terraform.instances import Instance, Provider
from crrlint.loaders.terraform.modules import Call, Module, arguments, walk
from crrlint.loaders.terraform.references import without_keys
from crrlint.loaders.terraform.roots import INSTALLED, deployments, installed_in
from crrlint.model import Model, Unread
from crrlint.model.bindings import Bindings
from crrlint.values import Symbolic, Unknown

ASSUMPTION: Final = "nothing outside the Terraform source is attached to its roles or buckets"

# Arguments whose text is a policy; what is in it is wanted, not its spelling.
_DOCUMENTS: Final = frozenset(("policy", "assume_role_policy", "content"))
# Arguments that tell which thing is meant: that is shown where the resource says so.
_NAMES: Final = frozenset(("bucket", "name", "role", "key", "key_id"))
# Data sources whose arguments tell nothing of what they read, and those that are no facts.
_NOT_READ: Final = frozenset(("data.aws_kms_alias", "data.aws_s3_bucket_policy"))

# How modules that make buckets are called, and what they are given to replicate them.
_REPLICATES: Final = r"s3[-_]?bucket|s3[-_]?crr|replica"


def load(
    documents: Sequence[Document],
    bindings: Bindings,
    *,
    tree: Mapping[str, Folder] | None = None,
    applied: frozenset[str] = frozenset(),
    used: set[str] | None = None,
) -> Model:
    """Read source; each folder that no other calls as a module is a root, and applied.

    `applied` are the roots that are known by a plan of theirs, and not to be read alone;
    `used` the variables that those used.
    """
    if tree is None:
        tree = folders(d for d in documents if not d.path.endswith(INSTALLED))
    modules = installed_in([d for d in documents if d.path.endswith(INSTALLED)])
    problems = [problem for folder in tree.values() for problem in folder.problems]
    model = Model()
    used = set() if used is None else used
    for deployment in deployments(tree, modules, bindings, problems, used):
        if deployment.folder.path not in applied:
            model = model | _safely(deployment)
    problems += [
        Problem(f"--var {name}", "is a variable of no root module")
        for name in bindings.variables
        if name not in used
    ]
    problems = list(dict.fromkeys([*problems, *(p for f in tree.values() for p in f.problems)]))
    return model._replace(problems=tuple(dict.fromkeys((*problems, *model.problems))))


def _safely(deployment: Deployment) -> Model:
    """Return the facts of a root: all of them, or none and what went wrong.

    What is left out of a root would be taken for absent.
    """
    try:
        return facts(deployment)
    except RecursionError:
        message = "is nested too deeply to be read"
    except Exception as error:
        message = f"could not be read: {type(error).__name__}: {error}"
    return Model(problems=(*deployment.problems, Problem(deployment.folder.path, message)))


def facts(deployment: Deployment) -> Model:
    """Return everything that a root module and the modules that it calls say."""
    instances, left_out = instances_of(deployment)
    model = terraform_resources.facts(instances, "template")
    if any(i.type in ("aws_s3_bucket", "aws_iam_role") for i in instances):
        deployment.assumptions[ASSUMPTION] = None
    return model._replace(
        problems=(*deployment.problems, *model.problems),
        assumptions=tuple(deployment.assumptions),
        left_out=(*model.left_out, *left_out),
        bound=(*model.bound, *deployment.bound),
    )


def instances_of(deployment: Deployment) -> tuple[list[Instance], list[Problem | Unread]]:
    """Return the instances of a root, and what is left out of it."""
    root = Module(deployment, deployment.folder)
    instances: list[Instance] = []
    left_out: dict[Declared, Problem | Unread] = {}
    modules = list(walk(root))
    deployment.lost = _lost(modules)
    for module in modules:
        for resource in module.resources():
            if resource.type in terraform_resources.TYPES and resource.type not in _NOT_READ:
                made = list(_instances(deployment, resource))
                instances.extend(made)
                if not made and resource.type == "aws_s3_bucket_replication_configuration":
                    left_out.update(_not_made(resource))
        for call in _missing(deployment, module):
            # Each instance of the module around it makes the call.
            if call.declared not in left_out:
                left_out[call.declared] = _unread(call)
    return instances, list(left_out.values())


def _lost(modules: Sequence[Module]) -> Unknown | None:
    """Return what stands for what may be in the parts of source that are no HCL."""
    for module in modules:
        for file in (*module.folder.files, *module.folder.overrides):
            if file.problems:
                path = file.document.path
                what = f"what else {path} says, which is not HCL throughout,"
                return Unknown("ambiguous_file", what, f"{path} without mistakes")
    return None


def _missing(deployment: Deployment, module: Module) -> Iterator[Call]:
    """Yield the calls whose source is not at hand; a path that leads nowhere is a mistake."""
    for call in module.calls():
        if call.folder is not None:
            continue
        deployment.absent.add(without_keys(call.address))
        if call.source is None and "source" not in call.declared.body.attributes:
            deployment.mistake(call.declared.at, f"{call.address} has no source")
            continue
        if call.absent:
            deployment.mistake(call.declared.at, f"{call.address}: there is no folder {call.path}")
            continue
        yield call


def _unread(call: Call) -> Unread:
    name = without_keys(call.address)
    source = call.source or "an address that is not known"
    message = f"{name} is not read, its source is not available ({source}): {call.fetch}"
    at = call.declared.at
    told = (name, source, *arguments(call.declared.body.attributes))
    may_replicate = any(re.search(_REPLICATES, text, re.IGNORECASE) for text in told)
    return Unread(name, source, call.fetch, may_replicate, at, problem_at(at, message))


def _not_made(resource: Resource) -> Iterator[tuple[Declared, Problem]]:
    """Tell of replication that is written, and that no values of the variables ask for."""
    written = resource.declared.body.attributes
    why = "its count is 0" if "count" in written else "its for_each is empty"
    with suppress(Fault):
        if not resource.expansion.entries:
            message = f"{resource.address} is not made: {why}"
            yield resource.declared, problem_at(resource.declared.at, message)


def _instances(deployment: Deployment, resource: Resource) -> Iterator[Instance]:
    try:
        found = resource.instances
    except Fault as fault:
        deployment.report(fault)
        return
    for instance in found:
        if instance.exists is not False:
            yield _instance(deployment, instance)


def _instance(deployment: Deployment, instance: ResourceInstance) -> Instance:
    resource = instance.resource
    attributes = {name: _leaf(instance, name, node) for name, node in instance.content.items()}
    for name in injected(instance.type):
        try:
            attributes[name] = _named(instance, name, finish(instance.member(name)))
        except Fault as fault:
            deployment.report(fault)
    try:
        provider = instance.provider
    except Fault as fault:
        deployment.report(fault)
        unknown = Unknown("unsupported_expression", f"the provider of {instance.address}")
        provider = Provider(unknown, unknown)
    _doubt_many(instance, attributes)
    tags = _all_tags(attributes.get("tags"), provider.tags)
    if tags is not None:
        attributes["tags_all"] = tags
    _note_ignored(deployment, instance)
    missing = (
        Unknown("unsupported_expression", f"what {instance.address} says, which is not HCL,")
        if resource.declared.broken
        else None
    )
    order = deployment.order
    return Instance(
        instance.type,
        instance.address,
        Block(attributes, instance.at, missing),
        Block({}, instance.at),
        provider,
        deployment=deployment.id,
        exists=instance.exists,
        waits_for=lambda address: without_keys(address) in order.waits_for(resource),
        gap=deployment.lost,
    )


def _leaf(instance: ResourceInstance, name: str, node: Node) -> Node:
    if name in _DOCUMENTS:
        return _document(node)
    if name in _NAMES:
        return _named(instance, name, finish(node))
    return _finished(node)


def _document(node: Node) -> Node:
    """Return the document that a text holds, or the text where it holds none."""
    if node.value is None:
        return node
    found = document_of(node)
    return finish(node) if found is None else found


def _finished(node: Node) -> Node:
    if isinstance(node.value, list):
        return Node([_finished(item) for item in node.value], node.at)
    if isinstance(node.value, dict):
        return Node(
            {
                name: _document(item) if name in _DOCUMENTS else _finished(item)
                for name, item in node.value.items()
            },
            node.at,
        )
    return finish(node)


def _named(instance: ResourceInstance, name: str, node: Node) -> Node:
    """Show a name where the resource says it, not where its text comes from."""
    if isinstance(node.value, (list, dict)):
        return node
    attribute = instance.body.attributes.get(name)
    return Node(node.value, instance.at if attribute is None else attribute.at)


_SINGLE: Final = frozenset(("aws_s3_bucket_replication_configuration", "aws_s3_bucket_policy"))


def _doubt_many(instance: ResourceInstance, attributes: dict[str, Node]) -> None:
    """Leave open what several resources give one bucket, each in place of the others."""
    bucket = attributes.get("bucket")
    if bucket is None or instance.type not in _SINGLE:
        return
    symbols = bucket.value.symbols if isinstance(bucket.value, Symbolic) else ()
    for entry in instance.entries:
        key = str(entry.key)
        own = any(str(symbol) == key or key in symbol.entity for symbol in symbols)
        if entry.many is None or own:
            continue
        what = f"which instance of {instance.resource.address} counts"
        unknown = Unknown(entry.many.reason, what, entry.many.needs)
        for name in ("rule", "role", "policy"):
            attributes[name] = Node(unknown, instance.at)


def _all_tags(own: Node | None, by_provider: Node | None) -> Node | None:
    """Return the tags that a resource gets: its own, over those that its provider gives all."""
    if by_provider is None or by_provider.value is None:
        return own
    if own is None or own.value is None:
        return by_provider
    if isinstance(own.value, dict) and isinstance(by_provider.value, dict):
        return Node({**by_provider.value, **own.value}, own.at)
    return by_provider if isinstance(own.value, dict) else own


def _note_ignored(deployment: Deployment, instance: ResourceInstance) -> None:
    """Tell what Terraform leaves as it is, once it is made, whatever the source says."""
    from crrlint.loaders.terraform.references import references

    for block in instance.body.blocks("lifecycle"):
        ignored = block.body.attributes.get("ignore_changes")
        if ignored is None:
            continue
        names = [n[0] for n in references(ignored.value.tree) if n[0] not in ("tags", "tags_all")]
        if names:
            listed = ", ".join(dict.fromkeys(names))
            deployment.assumptions[
                f"{instance.resource.address} is as its source says, "
                f"though it ignores changes of {listed}"
            ] = None
