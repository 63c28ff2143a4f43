"""From the body of a block to its attributes and nested blocks, dynamic ones unrolled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from crrlint.documents.source import Node, Spot
from crrlint.loaders.hcl import (
    Attribute,
    Block,
    Body,
    Expression,
    Fault,
    OpenObject,
    Scope,
    Unwritten,
    evaluate,
)
from crrlint.loaders.hcl.syntax import Access, Literal, Name, Object, Tuple
from crrlint.loaders.terraform.expansion import Inner, over_keys, same_text
from crrlint.loaders.terraform.texts import open_member
from crrlint.values import OneOf, Unknown, Value

Report = Callable[[Fault], None]

META: Final = frozenset(
    ("count", "for_each", "provider", "providers", "depends_on", "lifecycle", "provisioner",
     "connection", "timeouts", "source", "version")
)  # fmt: skip
"""Arguments that are Terraform's own."""

# What stands for blocks in the JSON syntax, where nothing tells them from attributes.  An
# attribute of the same name elsewhere is text or a number there.
_BLOCKS: Final = frozenset(
    ("abort_incomplete_multipart_upload", "access_control_policy", "access_control_translation",
     "and", "apply_server_side_encryption_by_default", "assume_role",
     "assume_role_with_web_identity", "condition", "constraints", "cors_rule", "default_retention",
     "default_tags", "delete_marker_replication", "destination", "encryption_configuration",
     "event_threshold", "existing_object_replication", "expiration", "filter", "grant", "grantee",
     "inline_policy", "lifecycle_rule", "logging", "metrics", "noncurrent_version_expiration",
     "noncurrent_version_transition", "not_principals", "object_lock_configuration", "owner",
     "principals", "replica_modifications", "replication_configuration", "replication_time",
     "rule", "rules", "server_side_encryption_configuration", "source_selection_criteria",
     "sse_kms_encrypted_objects", "statement", "tag", "time", "transition", "versioning",
     "versioning_configuration", "website")
)  # fmt: skip


class Nested(dict[str, Node]):
    """What is written in a nested block."""

    __slots__ = ()


def content(
    body: Body, scope: Scope, of: str, report: Report, skip: Collection[str] = META
) -> dict[str, Node]:
    """Return the values of everything in a body; what has none is unknown, and reported."""
    found: dict[str, Node] = {}
    for name, attribute in body.attributes.items():
        if name not in skip and not _means_blocks(body, name, attribute):
            found[name] = attribute_of(attribute, scope, of, report)
    for type, blocks in _blocks_by_type(body, of, report).items():
        if type not in skip:
            nodes = [n for block in blocks for n in _expanded(type, block, scope, of, report)]
            found[type] = Node(nodes, nodes[0].at if nodes else body.at)
    return found


def attribute_of(attribute: Attribute, scope: Scope, of: str, report: Report) -> Node:
    try:
        node = evaluate(attribute.value, scope)
        return Node(node.value, attribute.at) if isinstance(node.at, Unwritten) else node
    except Fault as fault:
        report(fault)
        what = f"{attribute.name} of {of}, which has no value"
        needs = f"{attribute.at.path} without mistakes"
        return Node(Unknown("unsupported_expression", what, needs), attribute.at)


def _is_json(body: Body) -> bool:
    return body.at.path.endswith(".json")


def _means_blocks(body: Body, name: str, attribute: Attribute) -> bool:
    if not _is_json(body):
        return False
    return name == "dynamic" or (
        name in _BLOCKS and isinstance(attribute.value.tree, (Object, Tuple))
    )


def _blocks_by_type(body: Body, of: str, report: Report) -> dict[str, list[Block]]:
    """Return the blocks of each type in their order, those of `dynamic` where they would be."""
    found: dict[str, list[Block]] = {}
    for type in body.block_types:
        if type == "dynamic":
            for block in body.blocks("dynamic", 1):
                found.setdefault(block.labels[0] if block.labels else "", []).append(block)
        elif not _is_json(body) or _means_blocks(body, type, body.attributes[type]):
            found.setdefault(type, []).extend(body.blocks(type))
    for blocks in found.values():
        blocks.sort(key=_start)
    return found


def _start(block: Block) -> int:
    return block.at.start if isinstance(block.at, Spot) else 0


def _expanded(type: str, block: Block, scope: Scope, of: str, report: Report) -> Iterator[Node]:
    if block.type != "dynamic" or type == "dynamic":
        yield _nested(block.body, block, scope, of, report)
        return
    body = block.body
    contents = body.blocks("content")
    for_each = body.attributes.get("for_each")
    if for_each is None or not contents:
        missing = "for_each" if for_each is None else "content"
        report(Fault(f"dynamic block {type} has no {missing}", block.at))
        yield Node(Unknown("unsupported_expression", f"{type} of {of}"), block.at)
        return
    try:
        same = same_text(for_each.value, scope)
        found = evaluate(for_each.value, scope)
        expansion = over_keys(found, f"{of} {type}", same, lists=True)
    except Fault as fault:
        report(fault)
        yield Node(Unknown("unsupported_expression", f"{type} of {of}"), block.at)
        return
    iterator = _iterator(body) or type
    for entry in expansion.entries:
        assert entry.name is not None
        assert entry.value is not None
        many = entry.many
        if many is not None:
            # How many there are is not known, nor whether they go together.
            value = Unknown(many.reason, f"the {type} of {of} for {many.what}", many.needs)
            yield Node(_where(entry.exists, Node(value, block.at)), contents[0].at)
            continue
        names: Mapping[str, Node] = {
            iterator: Node({"key": entry.name, "value": entry.value}, entry.value.at)
        }
        inner = Inner(scope, names, f"{scope.id} {type}{entry.suffix}")
        nested = _nested(contents[0].body, contents[0], inner, of, report)
        yield Node(_where(entry.exists, nested), nested.at)


def _iterator(body: Body) -> str | None:
    attribute = body.attributes.get("iterator")
    tree = None if attribute is None else attribute.value.tree
    if isinstance(tree, Name):
        return tree.name
    return tree.value if isinstance(tree, Literal) and isinstance(tree.value, str) else None


def _where(exists: Value, node: Node) -> Value:
    """Return the value that a block has where it exists, None where it does not."""
    if isinstance(exists, OneOf):
        absent = Node(None, node.at)
        options = (Node(_where(o, node), node.at) for o in exists.options)
        return OneOf(exists.choice, tuple(o if o.value is not None else absent for o in options))
    return node.value if exists is True else None


def _nested(body: Body, block: Block, scope: Scope, of: str, report: Report) -> Node:
    inner = content(body, scope, of, report, ())
    return Node(Nested(inner), block.at)


def referred(blocks: Node, entity: str, what: str) -> Node:
    """Return nested blocks as other expressions see them: a provider may say more in each."""
    nodes = blocks.value
    if not nodes or not all(isinstance(node.value, Nested) for node in nodes):
        # How many there are is not known, or none is written and the provider may make some.
        return Node(Unknown("deferred", what), blocks.at)
    return Node(
        [_opened(node, entity, f"{what}[{index}]") for index, node in enumerate(nodes)], blocks.at
    )


def _opened(block: Node, entity: str, what: str) -> Node:
    def member(name: str) -> Node:
        node: Node | None = block.value.get(name)
        inside = f"{what}.{name}"
        if node is None or node.value is None:
            at = Unwritten(block.at.document, block.at, name)
            return open_member(f"{entity} {what}", name, inside, at, reason="deferred")
        if isinstance(node.value, list) and any(isinstance(n.value, Nested) for n in node.value):
            return referred(node, entity, inside)
        return node

    return Node(OpenObject(member, what), block.at)


def steps_of(expression: Expression) -> tuple[str, list[object]] | None:
    """Return the root and the steps of a plain reference; None for any other expression."""
    tree = expression.tree
    if isinstance(tree, Name):
        return tree.name, []
    if isinstance(tree, Access) and isinstance(tree.value, Name):
        return tree.value.name, list(tree.steps)
    return None
