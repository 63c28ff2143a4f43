"""Stacks that stacks make: nested ones, and the instances of stack sets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from crrlint.documents.parse import Unreadable, parse
from crrlint.documents.source import Document, Location, Node
from crrlint.loaders.cloudformation.evaluate import evaluate
from crrlint.loaders.cloudformation.known import Known
from crrlint.loaders.cloudformation.program import Shared
from crrlint.loaders.cloudformation.stack import Resource, Stack
from crrlint.loaders.cloudformation.values import relocate, scalar
from crrlint.values import Form, Symbol, Text, symbolic

MAX_STACKS: Final = 20_000
"""How many stacks one run may make; templates that are nested twice in each other make billions."""

_STACK: Final = "AWS::CloudFormation::Stack"
_STACK_SET: Final = "AWS::CloudFormation::StackSet"

_UNBOUND: Final[dict[str, tuple[str, Form, str]]] = {
    "account": (
        "${AWS::AccountId}",
        "account",
        "--account, or `deployments` of {} in crrlint.yaml",
    ),
    "region": ("${AWS::Region}", "region", "--region, or `deployments` of {} in crrlint.yaml"),
    "stack-name": ("${AWS::StackName}", "name", "`deployments` of {} in crrlint.yaml"),
}


def unbound(stack: str, attribute: str, title: str, app: str = "") -> Text:
    """Return the account, the Region or the name of a stack that nobody named."""
    text, form, needs = _UNBOUND[attribute]
    given = needs.format(title)
    if app:
        given = f"`env` of stack {app} in the CDK app, {given}"
    return symbolic(Symbol(stack, attribute, text, form=form, needs=given))


def nested_paths(documents: Sequence[Document], by_path: Mapping[str, Document]) -> set[str]:
    """Return the templates that others are made of: they are no stacks of their own."""
    below = {d.path: set(nested_in(d, by_path)) for d in documents}
    nested = set().union(*below.values())
    tops = [path for path in below if path not in nested]
    reached: set[str] = set()
    # Templates nested in one another have no top: the first of them is taken for it.
    for path in (*tops, *below):
        if path not in reached:
            nested.discard(path)
            _reach(path, below, reached)
    return nested


def _reach(path: str, below: Mapping[str, set[str]], reached: set[str]) -> None:
    pending = [path]
    while pending:
        path = pending.pop()
        if path not in reached:
            reached.add(path)
            pending.extend(below[path])


def nested_in(document: Document, by_path: Mapping[str, Document]) -> Iterator[str]:
    """Yield the templates that a template is nested around."""
    resources = document.data.get("Resources") if _STACK in document.text else None
    for data in resources.values() if isinstance(resources, dict) else ():
        template = _local_template(document, data, by_path)
        if template is not None and template is not document:
            yield template.path


def _local_template(
    document: Document, data: Any, by_path: Mapping[str, Document]
) -> Document | None:
    """Return the template of a nested stack or stack set; None for a remote one."""
    if not isinstance(data, dict) or data.get("Type") not in (_STACK, _STACK_SET):
        return None
    metadata = data.get("Metadata")
    properties = data.get("Properties")
    folder = posixpath.dirname(document.path)
    folders = [folder]
    written = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    if written is not None:
        # The assets of a stage stand in its own folder, or in that of the whole app.
        folders.append(posixpath.dirname(folder))
    elif isinstance(properties, dict):
        written = properties.get("TemplateURL")
    if not isinstance(written, str) or "://" in written:
        return None
    paths = [posixpath.normpath(posixpath.join(base, written)) for base in folders]
    return next((by_path[path] for path in paths if path in by_path), None)


def add_children(stack: Stack, by_path: Mapping[str, Document]) -> None:
    """Add the stacks that a stack makes, where their templates are among the documents."""
    if _STACK not in stack.document.text:
        return
    for resource in stack.resources.values():
        if resource.type not in (_STACK, _STACK_SET):
            continue
        template = _local_template(stack.document, resource.data, by_path)
        if template is None and resource.type == _STACK_SET:
            template = _written_template(stack, resource)
        if template is None:
            continue
        if any(ancestor.document is template for ancestor in _line(stack)):
            message = f"stack {resource.id} is made of a template that it is nested in"
            stack.mistake(resource.at, message)
            continue
        if resource.type == _STACK:
            children = [_child(stack, resource, template)]
            stack.children[resource.id] = children[0]
        else:
            children = list(islice(_instances(stack, resource, template), MAX_STACKS + 1))
        for child in children:
            if len(stack.program.stacks) >= MAX_STACKS:
                if not stack.program.full:
                    stack.program.full = True
                    message = (
                        f"stack {resource.id} is one of more than {MAX_STACKS:,}, and left out"
                    )
                    stack.mistake(resource.at, message)
                return
            stack.program.stacks.append(child)
            add_children(child, by_path)


def _line(stack: Stack | None) -> Iterator[Stack]:
    while stack is not None:
        yield stack
        stack = stack.parent


def _child(stack: Stack, resource: Resource, template: Document) -> Stack:
    identifier = f"{stack.id}/{resource.id}"
    given = resource.properties.get("Parameters")
    at = resource.at / "Properties" / "Parameters"
    written = {
        name: (data, at / name) for name, data in (given if isinstance(given, dict) else {}).items()
    }
    described = stack.program.described_child(stack, resource.id)
    name = None if described is None else described.name
    known = Known(dummies=stack.known.dummies)
    if described is not None:
        known = described.known(template, stack.known.dummies)
    return Stack(
        stack.program,
        template,
        identifier,
        account=stack.account,
        region=stack.region,
        name=name or unbound(identifier, "stack-name", resource.id),
        given=_Given(stack, resource, written),
        known=known,
        parent=stack,
        nested_in=resource,
    )


class _Given(Mapping[str, Node]):
    """The parameters that a template gives to a stack it makes, evaluated when asked for."""

    def __init__(
        self, stack: Stack, resource: Resource, written: Mapping[str, tuple[Any, Location]]
    ) -> None:
        self._stack = stack
        self._resource = resource
        self._written = written

    def __getitem__(self, name: str) -> Node:
        data, at = self._written[name]
        node = evaluate(self._stack, data, at, self._resource.scope)
        if node.value is None:
            raise KeyError(name)
        return relocate(node, at)

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


def _written_template(stack: Stack, resource: Resource) -> Document | None:
    """Return the template that a stack set holds as text."""
    body = stack.read(resource, "TemplateBody")
    if body is None or not isinstance(body.value, str):
        return None
    try:
        documents, _ = parse(body.at.path, body.value)
    except Unreadable as error:
        stack.mistake(body.at, f"TemplateBody {error.message}")
        return None
    if len(documents) != 1 or not isinstance(documents[0].data, dict):
        return None
    inner = documents[0]
    return Document(inner.path, inner.text, inner.syntax, inner.data, within=body.at)


def _instances(stack: Stack, resource: Resource, template: Document) -> Iterator[Stack]:
    """Yield one stack for each account and Region that the stack set is deployed to."""
    properties = resource.at / "Properties"
    parameters = _pairs(resource.properties.get("Parameters"), properties / "Parameters")
    for target in _targets(stack, resource):
        identifier = f"{stack.id}/{resource.id} {target.group} {target.account} {target.region}"

        def place(known: str | None, attribute: str, whose: str = identifier) -> Shared:
            return Shared(known or unbound(whose, attribute, resource.id))

        yield Stack(
            stack.program,
            template,
            identifier,
            account=place(target.account, "account"),
            region=place(target.region, "region"),
            name=unbound(identifier, "stack-name", resource.id),
            given=_Given(stack, resource, {**parameters, **target.overrides}),
            known=Known(target.stack_id, dummies=stack.known.dummies),
            parent=stack,
            nested_in=resource,
        )


class _Target(NamedTuple):
    """Where a stack set makes a stack; None for what is open."""

    group: int
    account: str | None
    region: str | None
    overrides: Mapping[str, tuple[Any, Location]] = {}
    stack_id: str | None = None


def _targets(stack: Stack, resource: Resource) -> Iterator[_Target]:
    name = stack.read(resource, "StackSetName")
    listed = [
        instance
        for instance in stack.program.instances
        if name is not None and instance.stack_set == name.value
    ]
    groups = resource.properties.get("StackInstancesGroup")
    at = resource.at / "Properties" / "StackInstancesGroup"
    for index, group in enumerate(groups if isinstance(groups, list) else [{}]):
        members = group if isinstance(group, dict) else {}
        accounts = _accounts(stack, resource, members, at / index)
        regions = _texts(stack, resource, members, "Regions", at / index)
        overrides = _pairs(members.get("ParameterOverrides"), at / index / "ParameterOverrides")
        # What is listed tells which accounts the units hold, not what becomes of them.
        if listed and None in accounts:
            found = [i for i in listed if i.region in regions or None in regions]
            for one in found:
                yield _Target(index, one.account, one.region, overrides, one.stack_id)
            if found:
                continue
        for account in accounts:
            for region in regions:
                yield _Target(index, account, region, overrides)


def _accounts(
    stack: Stack, resource: Resource, group: Mapping[str, Any], at: Location
) -> Sequence[str | None]:
    """Return the accounts of a group; those of organizational units are not known.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html
    """
    targets = group.get("DeploymentTargets")
    place = at / "DeploymentTargets"
    accounts = _texts(stack, resource, targets, "Accounts", place)
    if not isinstance(targets, dict) or not targets.get("OrganizationalUnitIds"):
        return accounts
    filtered = evaluate(stack, targets.get("AccountFilterType"), place / "AccountFilterType")
    if filtered.value == "UNION":
        return [*accounts, *([] if None in accounts else [None])]
    # Within the units (INTERSECTION) the accounts are those given; DIFFERENCE takes them out.
    return accounts if filtered.value == "INTERSECTION" else [None]


def _texts(
    stack: Stack, resource: Resource, data: Any, name: str, at: Location
) -> Sequence[str | None]:
    """Return the texts of a list; one None for a list that is open."""
    written = data.get(name) if isinstance(data, dict) else None
    node = evaluate(stack, written, at / name, resource.scope)
    items = node.value if isinstance(node.value, list) else []
    texts = [scalar(item.value) for item in items]
    found = [text for text in texts if isinstance(text, str)]
    return found if found and len(found) == len(texts) else [None]


def _pairs(data: Any, at: Location) -> dict[str, tuple[Any, Location]]:
    found: dict[str, tuple[Any, Location]] = {}
    for index, pair in enumerate(data if isinstance(data, list) else ()):
        if isinstance(pair, dict) and isinstance(pair.get("ParameterKey"), str):
            place = at / index / "ParameterValue"
            found[pair["ParameterKey"]] = (pair.get("ParameterValue"), place)
    return found
