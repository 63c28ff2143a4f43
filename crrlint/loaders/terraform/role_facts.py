"""From instances to facts of roles and policies: what is attached to which role, by whom."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from crrlint.documents.source import Location, Node
from crrlint.loaders.terraform.attributes import Block, Malformed, unreadable, where
from crrlint.loaders.terraform.instances import Instance, Reader, arn_of, identity_of
from crrlint.model import Layer, PolicyFacts, RoleFacts
from crrlint.values import OPEN, OneOf, Symbolic, Text, Unknown, Value

ROLES: Final = frozenset({"aws_iam_role", "data.aws_iam_role"})
POLICIES: Final = frozenset({"aws_iam_policy", "data.aws_iam_policy"})
_ATTACHED: Final = frozenset(
    {
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_policy_attachment",
        "aws_iam_role_policies_exclusive",
        "aws_iam_role_policy_attachments_exclusive",
    }
)
TYPES: Final = ROLES | POLICIES | _ATTACHED


class _Part(NamedTuple):
    """What one resource adds to a role; `only_...` are the whole of it, by name or ARN."""

    instance: Instance
    role: Text
    account: Text
    policies: tuple[PolicyFacts, ...] = ()
    attached: tuple[Node, ...] = ()
    only_policies: tuple[Node, ...] | None = None
    only_attached: tuple[Node, ...] | None = None

    @property
    def key(self) -> Hashable:
        return identity_of(self.account), identity_of(self.role)


def policies(instances: Iterable[Instance], reader: Reader) -> Iterator[PolicyFacts]:
    """Yield the managed policies; a data source has one only where it was read whole."""
    for instance in instances:
        block = instance.attributes
        try:
            arn = instance.name("arn", "id")
            named = block.text("name")
            name = arn if named is None else named
        except Malformed as error:
            reader.report(instance.address, error)
            continue
        document = _document(instance, block, "policy", reader)
        if document is not None:
            at = block.place("policy")
            yield PolicyFacts(name, document, at, arn, exists=instance.exists)


def roles(instances: Sequence[Instance], reader: Reader, layer: Layer) -> Iterator[RoleFacts]:
    """Yield one fact for each role that is declared, read or attached to."""
    declared = {
        instance.address: part
        for instance in instances
        if instance.type in ROLES and (part := _declared(instance, reader)) is not None
    }
    by_name: dict[Hashable, list[_Part]] = {}
    for part in declared.values():
        by_name.setdefault(identity_of(part.role), []).append(part)
    parts: dict[Hashable, list[_Part]] = {part.key: [] for part in declared.values()}
    whole = True
    for instance in instances:
        if instance.type in _ATTACHED:
            found = _attached(instance, reader)
            # What cannot be read may be attached to any role.
            whole = whole and found is not None
            for part in found or ():
                same = _declared_by(part, by_name)
                parts.setdefault((same or part).key, []).append(part)
    homes: dict[Hashable, list[_Part]] = {}
    for part in declared.values():
        homes.setdefault(part.key, []).append(part)
    for key, attached in parts.items():
        # Of roles with one name, a condition decides which one is made.
        for several in [[home, *attached] for home in homes.get(key, ())] or [attached]:
            role = _role(several, reader, layer)
            yield role if whole else role._replace(complete=False)


def _declared_by(part: _Part, by_name: Mapping[Hashable, Sequence[_Part]]) -> _Part | None:
    """Return the role that a part of an unnamed account was made from, as Terraform knows it."""
    if not isinstance(part.account, Symbolic):
        return None
    for role in by_name.get(identity_of(part.role), ()):
        if role.instance.address.split("[")[0] in (
            dependency.split("[")[0] for dependency in part.instance.dependencies
        ):
            return role
    return None


def _declared(instance: Instance, reader: Reader) -> _Part | None:
    block = instance.attributes
    try:
        name = instance.name("name", "id")
        inline = tuple(
            policy
            for nested in block.nodes("inline_policy")
            for policy in _inline(instance, nested, reader)
        )
        # Both are read back from AWS, so what they list is attached; what they lack may be too.
        return _Part(
            instance, name, instance.account, inline, tuple(block.texts("managed_policy_arns"))
        )
    except Malformed as error:
        reader.report(instance.address, error)
        return None


def _inline(
    instance: Instance, nested: Node, reader: Reader, exists: Value = True
) -> Iterator[PolicyFacts]:
    """Yield the policy of a block, or of each alternative of one that hangs on a choice."""
    value = nested.value
    if isinstance(value, OneOf):
        for index, option in enumerate(value.options):
            chosen = tuple(position == index for position in range(len(value.options)))
            node = option if isinstance(option, Node) else Node(option, nested.at)
            if node.value is not None:
                yield from _inline(instance, node, reader, OneOf(value.choice, chosen))
    elif isinstance(value, OPEN):
        yield PolicyFacts(f"an inline policy of {instance.address}", nested, nested.at)
    elif value is not None:
        block = Block(value, nested.at)
        name = block.text("name")
        document = _document(instance, block, "policy", reader)
        if name is not None and document is not None:
            yield PolicyFacts(name, document, nested.at, exists=exists)


def _document(instance: Instance, block: Block, name: str, reader: Reader) -> Node | None:
    of = instance.address
    try:
        return block.document(name, of)
    except Malformed as error:
        reader.report(of, error)
        return unreadable(error.at, f"the {name} of {of}", "a valid state")


def _attached(instance: Instance, reader: Reader) -> list[_Part] | None:
    """Return what a resource attaches; None when that cannot be read."""
    block = instance.attributes
    try:
        if instance.type == "aws_iam_role_policy":
            role, account = _role_named(instance.name("role"), instance)
            document = _document(instance, block, "policy", reader)
            if document is None:
                return []
            name = instance.name("name", "id")
            at = block.place("policy")
            policy = PolicyFacts(name, document, at, exists=instance.exists)
            return [_Part(instance, role, account, policies=(policy,))]
        if instance.type == "aws_iam_role_policy_attachment":
            role, account = _role_named(instance.name("role"), instance)
            instance.name("policy_arn")
            return [_Part(instance, role, account, attached=_leaves(instance, "policy_arn"))]
        if instance.type == "aws_iam_policy_attachment":
            instance.name("policy_arn")
            arns = _leaves(instance, "policy_arn")
            named = [_role_named(role.value, instance) for role in block.texts("roles")]
            return [_Part(instance, role, account, attached=arns) for role, account in named]
        role, account = _role_named(instance.name("role_name"), instance)
        if instance.type == "aws_iam_role_policies_exclusive":
            only = tuple(block.texts("policy_names"))
            return [_Part(instance, role, account, only_policies=only)]
        only = tuple(block.texts("policy_arns"))
        return [_Part(instance, role, account, only_attached=only)]
    except Malformed as error:
        reader.report(instance.address, error)
        return None


def _leaves(instance: Instance, name: str) -> tuple[Node, ...]:
    leaf = instance.attributes.leaf(name)
    return () if leaf is None else (where(instance.exists, leaf),)


def _role_named(text: Text, instance: Instance) -> tuple[Text, Text]:
    """Return the name and the account of a role given by its name or its ARN."""
    arn = arn_of(text) if isinstance(text, str) and text.startswith("arn:") else None
    if arn is None:
        return text, instance.account
    return str(arn.resource).rsplit("/", 1)[-1], arn.account


def _role(parts: Sequence[_Part], reader: Reader, layer: Layer) -> RoleFacts:
    """Bring together what the resources say of one role."""
    first = parts[0]
    instance = first.instance
    block = instance.attributes
    inline = _inline_policies(parts)
    attached = {identity_of(node.value): node for part in reversed(parts) for node in part.attached}
    only_attached = [part.only_attached for part in parts if part.only_attached is not None]
    if only_attached:
        attached = {identity_of(node.value): node for node in only_attached[0]}
    exclusive = bool(only_attached) and any(part.only_policies is not None for part in parts)
    if instance.type not in ROLES:
        return RoleFacts(
            first.role,
            first.account,
            block.at,
            policies=tuple(inline),
            attached=tuple(attached.values()),
            complete=exclusive,
            layer=layer,
        )
    managed = instance.type == "aws_iam_role"
    return RoleFacts(
        first.role,
        first.account,
        block.place("name"),
        arn=_text(block, "arn"),
        declared=managed,
        exists=instance.exists,
        trust=_document(instance, block, "assume_role_policy", reader),
        policies=tuple(inline),
        attached=tuple(attached.values()),
        boundary=_boundary(instance, reader) if managed or layer == "live" else None,
        complete=(managed or exclusive) and instance.gap is None,
        unique_id=_text(block, "unique_id"),
        tags=_tags(instance, reader) if managed or layer == "live" else None,
        layer=layer,
    )


def _inline_policies(parts: Sequence[_Part]) -> list[PolicyFacts]:
    """Return the inline policies by name; a resource of its own wins over the role's block."""
    found: dict[Hashable, PolicyFacts] = {}
    for part in parts:
        for policy in part.policies:
            found[identity_of(policy.name)] = policy
    only = [part.only_policies for part in parts if part.only_policies is not None]
    of = parts[0].instance.address
    if not only:
        return list(found.values())
    return [
        found.get(identity_of(name.value))
        or PolicyFacts(
            name.value,
            _absent(name.at, of),
            name.at,
        )
        for name in only[0]
    ]


def _absent(at: Location, of: str) -> Node:
    what = f"the document of an inline policy that belongs to {of}"
    return Node(Unknown("external_reference", what, "aws iam get-role-policy"), at)


def _text(block: Block, name: str) -> Text | None:
    try:
        text: Text | None = block.text(name)
    except Malformed:
        return None
    return text


def _boundary(instance: Instance, reader: Reader) -> Node | None:
    """Return the boundary's ARN; a node without a value where there is none."""
    boundary = reader.field(
        instance, "permissions boundary", lambda block: block.leaf("permissions_boundary")
    )
    return boundary or Node(None, instance.attributes.place("permissions_boundary"))


def _tags(instance: Instance, reader: Reader) -> Node | None:
    return reader.field(
        instance, "tags", lambda b: b.mapping("tags_all") or b.mapping("tags") or Node({}, b.at)
    )
