"""IAM roles and policies, KMS keys and organization policies as facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from crrlint.documents.source import Location, Node
from crrlint.loaders.cloudformation.attributes import key_id, named, policy_arn, role_path
from crrlint.loaders.cloudformation.conditions import both
from crrlint.loaders.cloudformation.documents import policy_document
from crrlint.loaders.cloudformation.values import OpenList, Part, scalar, text_of, text_or, through
from crrlint.model import AliasFacts, KeyFacts, OrganizationPolicy, PolicyFacts, RoleFacts
from crrlint.model.arn import role_arn
from crrlint.values import OneOf, Symbolic, Text, Unknown, Value, join

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Resource, Stack

Fact: TypeAlias = RoleFacts | PolicyFacts | KeyFacts | AliasFacts | OrganizationPolicy

_POLICY_TYPES: Final[dict[str, Literal["SCP", "RCP"]]] = {
    "SERVICE_CONTROL_POLICY": "SCP",
    "RESOURCE_CONTROL_POLICY": "RCP",
}


def alternatives(node: Node, exists: Value = True) -> Iterator[tuple[Node, Value]]:
    """Yield each alternative of a node with what it hangs on; absent ones are left out."""
    value = node.value
    if isinstance(value, OneOf):
        for index, option in enumerate(value.options):
            answers = tuple(other == index for other in range(len(value.options)))
            chosen = option if isinstance(option, Node) else Node(option, node.at)
            here = both(exists, OneOf(value.choice, answers), node.at)
            if here is not False:
                yield from alternatives(chosen, here)
    elif value is not None:
        yield node, exists


def elements(node: Node | None, exists: Value = True) -> Iterator[tuple[Node, Value]]:
    """Yield the elements of a list, those of its alternatives and their own included."""
    if node is None:
        return
    for whole, here in alternatives(node, exists):
        items = whole.value if isinstance(whole.value, list) else [whole]
        for item in items:
            for each, there in alternatives(item, here):
                if isinstance(each.value, list):
                    yield from elements(each, there)
                else:
                    yield each, there


def role(stack: Stack, resource: Resource, exists: Value) -> Iterator[Fact]:
    at = resource.at
    name = named(stack, resource, "RoleName", "role-name")
    trust = stack.read(resource, "AssumeRolePolicyDocument")
    if trust is None:
        stack.mistake(at, f"role {resource.id} has no AssumeRolePolicyDocument")
        trust = Node(
            Unknown("unsupported_expression", f"the trust policy of {resource.id} is not known"), at
        )
    boundary = stack.read(resource, "PermissionsBoundary")
    attached = stack.read(resource, "ManagedPolicyArns")
    tags = stack.read(resource, "Tags")
    yield RoleFacts(
        name,
        stack.account_text,
        at,
        role_arn(stack.account_text, role_path(stack, resource), name, stack.partition),
        declared=True,
        exists=exists,
        trust=policy_document(trust),
        policies=tuple(_inline(stack, resource)),
        attached=tuple(_attached(attached)),
        boundary=Node(None, at) if boundary is None else boundary,
        complete=True,
        tags=tags,
    )


def _attached(node: Node | None) -> Iterator[Node]:
    """Yield the ARNs of attached policies; one that hangs on a choice is None elsewhere."""
    for item, exists in elements(node):
        yield item if exists is True else _or_else(exists, item, Node(None, item.at))


def _or_else(exists: Value, node: Node, otherwise: Node) -> Node:
    if isinstance(exists, OneOf):
        options = tuple(_or_else(option, node, otherwise) for option in exists.options)
        return Node(OneOf(exists.choice, options), node.at)
    return node if exists else otherwise


def _inline(stack: Stack, resource: Resource) -> Iterator[PolicyFacts]:
    for node, exists in elements(stack.read(resource, "Policies")):
        members = node.value if isinstance(node.value, dict) else {}
        document = members.get("PolicyDocument", node)
        if isinstance(node.value, dict) and document is node:
            continue
        name = text_or(members.get("PolicyName", Node(None, node.at)), f"{resource.id} policy")
        yield PolicyFacts(name, policy_document(document), node.at, exists=exists)


def inline_policy(stack: Stack, resource: Resource, exists: Value) -> Iterator[Fact]:
    """Read AWS::IAM::Policy and AWS::IAM::RolePolicy: a document put on roles by name."""
    document = stack.read(resource, "PolicyDocument")
    if document is None:
        if resource.type == "AWS::IAM::Policy":
            stack.mistake(resource.at, f"policy {resource.id} has no PolicyDocument")
        return
    name = named(stack, resource, "PolicyName", "policy-name")
    policy = PolicyFacts(name, policy_document(document), resource.at)
    yield from _on_roles(stack, resource, exists, policies=(policy,))


def managed_policy(stack: Stack, resource: Resource, exists: Value) -> Iterator[Fact]:
    at = resource.at
    arn = policy_arn(stack, resource)
    name = named(stack, resource, "ManagedPolicyName", "policy-name")
    document = stack.read(resource, "PolicyDocument")
    if document is None:
        stack.mistake(at, f"managed policy {resource.id} has no PolicyDocument")
        return
    yield PolicyFacts(name, policy_document(document), at, arn, exists)
    yield from _on_roles(stack, resource, exists, attached=(Node(arn, at),))


def _on_roles(
    stack: Stack,
    resource: Resource,
    exists: Value,
    policies: tuple[PolicyFacts, ...] = (),
    attached: tuple[Node, ...] = (),
) -> Iterator[RoleFacts]:
    field = "RoleName" if resource.type == "AWS::IAM::RolePolicy" else "Roles"
    for node, here in elements(stack.read(resource, field), exists):
        name = _role_name(node)
        yield RoleFacts(
            name, stack.account_text, resource.at, exists=here, policies=policies, attached=attached
        )


def _role_name(node: Node) -> Text:
    """Return a role's name; one cut out of an ARN is the last part of what it was cut from."""
    name = scalar(node.value)
    if name is None or isinstance(name, OpenList):
        return Unknown("unbound_parameter", "which roles the policy is for is not known")
    while isinstance(name, Symbolic) and len(name.parts) == 1:
        part = name.parts[0]
        if not isinstance(part, Part) or not part.attribute.endswith(" at /"):
            break
        name = _last(part.whole)
    return name


def _last(text: Symbolic) -> Text:
    """Return what stands after the last slash that is written."""
    for index in range(len(text.parts) - 1, -1, -1):
        part = text.parts[index]
        if isinstance(part, str) and "/" in part:
            return join(part.rsplit("/", 1)[1], *text.parts[index + 1 :])
    return text


def key(stack: Stack, resource: Resource, exists: Value) -> Iterator[Fact]:
    at = resource.at
    replica = resource.type == "AWS::KMS::ReplicaKey"
    policy = stack.read(resource, "KeyPolicy")
    enabled = stack.read(resource, "Enabled")
    identifier = key_id(stack, resource)
    place = (stack.region_text, ":", stack.account_text)

    def stated(name: str, default: Value) -> Node | None:
        node = stack.read(resource, name)
        return Node(default, at) if node is None and not replica else node

    multi = stated("MultiRegion", False)
    yield KeyFacts(
        at,
        join("arn:", stack.partition, ":kms:", *place, ":key/", identifier),
        identifier,
        stack.account_text,
        stack.region_text,
        declared=True,
        exists=exists,
        policy=_default_key_policy(stack, at) if policy is None else policy_document(policy),
        state=Node("Enabled", at) if enabled is None else through(enabled, _state),
        spec=stated("KeySpec", "SYMMETRIC_DEFAULT"),
        usage=stated("KeyUsage", "ENCRYPT_DECRYPT"),
        manager=Node("CUSTOMER", at),
        multi_region=Node(True, at) if multi is None else through(multi, _truth),
    )


def _state(node: Node) -> Node:
    value = _truth(node).value
    if value is None or isinstance(value, bool):
        return Node("Disabled" if value is False else "Enabled", node.at)
    return node


def _truth(node: Node) -> Node:
    if isinstance(node.value, str) and node.value.lower() in ("true", "false"):
        return Node(node.value.lower() == "true", node.at)
    return node


def _default_key_policy(stack: Stack, at: Location) -> Node:
    """KMS gives a key without a policy one that leaves everything to the account's IAM.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    account = join("arn:", stack.partition, ":iam::", stack.account_text, ":root")
    statement = {
        "Effect": Node("Allow", at),
        "Principal": Node({"AWS": Node(account, at)}, at),
        "Action": Node("kms:*", at),
        "Resource": Node("*", at),
    }
    members = {
        "Version": Node("2012-10-17", at),
        "Statement": Node([Node(statement, at)], at),
    }
    return Node(members, at)


def alias(stack: Stack, resource: Resource, exists: Value) -> Iterator[Fact]:
    name = stack.read(resource, "AliasName")
    target = stack.read(resource, "TargetKeyId")
    text = None if name is None else text_of(name)
    if target is not None and text is not None and exists is not False:
        yield AliasFacts(text, stack.account_text, stack.region_text, target, resource.at)


def organization_policy(stack: Stack, resource: Resource, exists: Value) -> Iterator[Fact]:
    kind = stack.read(resource, "Type")
    content = stack.read(resource, "Content")
    written = None if kind is None else kind.value
    layer = _POLICY_TYPES.get(written) if isinstance(written, str) else None
    if layer is None or content is None:
        return
    targets = elements(stack.read(resource, "TargetIds"))
    names = tuple(str(scalar(node.value)) for node, _ in targets)
    document = policy_document(content)
    if exists is not True:
        gap = Unknown("choice", f"whether organization policy {resource.id} is made is not known")
        document = _or_else(exists, document, Node(gap, resource.at))
    yield OrganizationPolicy(layer, document, names, resource.at)
