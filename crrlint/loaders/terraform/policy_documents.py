"""`aws_iam_policy_document`: the policy that the data source makes, as the provider makes it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl import Fault, JsonText, document_of, finish
from crrlint.loaders.terraform.attributes import Block, Malformed, not_set, shape, through
from crrlint.values import OneOf, Symbolic, Unknown, Value, identical, join

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import ResourceInstance

_MEMBERS: Final = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_PRINCIPALS: Final = {"Principal": "principals", "NotPrincipal": "not_principals"}


def document(instance: ResourceInstance) -> Node:
    """Return the text of the document, with the document at hand."""
    block = Block({name: _finished(node) for name, node in instance.content.items()}, instance.at)
    try:
        return Node(JsonText(_document(block, instance)), instance.at)
    except Malformed as error:
        raise Fault(f"{instance.address}: {error}", error.at) from None


def _finished(node: Node) -> Node:
    if isinstance(node.value, list):
        return Node([_finished(item) for item in node.value], node.at)
    if isinstance(node.value, dict):
        return Node({name: _finished(item) for name, item in node.value.items()}, node.at)
    # What is the text of a document stays one.
    return node if isinstance(node.value, JsonText) else finish(node)


def _document(block: Block, instance: ResourceInstance) -> Node:
    own = block.every("statement", _statement)
    written = [] if own is None else _list(own)
    version = block.leaf("version") or Node("2012-10-17", block.at)
    policy_id = block.leaf("policy_id")
    statements: list[Node] = []
    for source in (
        *_documents(instance, "source_json"),
        *_documents(instance, "source_policy_documents"),
    ):
        statements += _statements(source)
    statements = _merged(statements, written)
    for source in (
        *_documents(instance, "override_policy_documents"),
        *_documents(instance, "override_json"),
    ):
        statements = _merged(statements, _statements(source))
    return shape(block.at, Version=version, Id=policy_id, Statement=Node(statements, block.at))


def _list(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else [node]


def _documents(instance: ResourceInstance, name: str) -> list[Node]:
    """Return the documents that an argument gives; one that cannot be read is unknown."""
    node = instance.content.get(name)
    if node is None or not_set(node.value):
        return []
    given = node.value if isinstance(node.value, list) else [node]
    found = []
    for one in given:
        if not_set(one.value):
            continue
        inner = document_of(one)
        if inner is None:
            finished = finish(one).value
            unknown = (
                finished
                if isinstance(finished, Unknown)
                else Unknown(
                    "unsupported_expression", f"a document in {name} of {instance.address}"
                )
            )
            inner = Node(unknown, one.at)
        found.append(inner)
    return found


def _statements(source: Node) -> list[Node]:
    """Return the statements of a document; one that stands for those that are not known."""
    if isinstance(source.value, OneOf):
        return [through(source, _statements_of)]
    statements = _statements_of(source) if isinstance(source.value, dict) else source
    return _list(statements)


def _statements_of(source: Node) -> Node:
    found = source.value.get("Statement") if isinstance(source.value, dict) else None
    return found if found is not None else Node([], source.at)


def _merged(statements: list[Node], others: list[Node]) -> list[Node]:
    """Add statements; one of the same Sid takes the place of the earlier one."""
    found = list(statements)
    for other in others:
        sid = _sid(other)
        at = (
            None
            if sid is None
            else next((i for i, known in enumerate(found) if identical(_sid(known), sid)), None)
        )
        if at is None:
            found.append(other)
        else:
            found[at] = other
    return found


def _sid(statement: Node) -> Value:
    if not isinstance(statement.value, dict):
        return None
    sid = statement.value.get("Sid")
    return None if sid is None or not_set(sid.value) else sid.value


def _statement(block: Block) -> Node:
    return shape(
        block.at,
        Sid=block.leaf("sid"),
        Effect=block.leaf("effect") or Node("Allow", block.at),
        **{member: _texts(block, name) for member, name in _MEMBERS.items()},
        **{member: _principals(block, name) for member, name in _PRINCIPALS.items()},
        Condition=_conditions(block),
    )


def _texts(block: Block, name: str) -> Node | None:
    """Return the texts of an argument, a lone one by itself."""
    if name not in block:
        return None

    def listed(node: Node) -> Node:
        texts = Block({name: node}, block.at).texts(name)
        changed = [through(text, _variables) for text in texts]
        return changed[0] if len(changed) == 1 else Node(changed, node.at)

    node = Node(block.bare(name), block.place(name))
    if node.value is None:
        return None
    found = through(node, listed)
    return None if isinstance(found.value, list) and not found.value else found


def _variables(node: Node) -> Node:
    """Make IAM's `${…}` of what stands for it where Terraform would have taken it for its own."""
    value = node.value
    if isinstance(value, str):
        return Node(value.replace("&{", "${"), node.at)
    if isinstance(value, Symbolic):
        parts = (p.replace("&{", "${") if isinstance(p, str) else p for p in value.parts)
        return Node(join(*parts), node.at)
    return node


def _principals(block: Block, name: str) -> Node | None:
    found = block.every(name, _principal)
    if found is None or not isinstance(found.value, list):
        return found
    if all(isinstance(one.value, dict) for one in found.value):
        return _joined([one for one in found.value if one.value], found.at)
    if len(found.value) == 1:
        only: Node = found.value[0]
        return only
    return Node(Unknown("unsupported_expression", f"the {name} of a statement"), found.at)


def _principal(block: Block) -> Node:
    kind = block.leaf("type")
    identifiers = _texts(block, "identifiers")
    if kind is None or identifiers is None:
        return Node({}, block.at)
    if not isinstance(kind.value, str):
        return Node(Unknown("unsupported_expression", "the type of a principal"), kind.at)
    return Node({kind.value: identifiers}, block.at)


def _joined(principals: list[Node], at: object) -> Node | None:
    if not principals:
        return None
    first = principals[0]
    found: dict[str, Node] = {}
    for one in principals:
        for kind, identifiers in one.value.items():
            if kind in found:
                both = [*_list(found[kind]), *_list(identifiers)]
                found[kind] = Node(both, found[kind].at)
            else:
                found[kind] = identifiers
    anyone = found.get("*")
    if anyone is not None and len(found) == 1 and identical(anyone.value, "*"):
        return Node("*", anyone.at)
    return Node(found, first.at)


def _conditions(block: Block) -> Node | None:
    found = block.every("condition", _condition)
    if found is None or not isinstance(found.value, list):
        return found
    merged: dict[str, dict[str, Node]] = {}
    for one in found.value:
        if not isinstance(one.value, dict):
            unknown = Unknown("unsupported_expression", "the conditions of a statement")
            return one if len(found.value) == 1 else Node(unknown, found.at)
        for test, variables in one.value.items():
            for variable, values in variables.value.items():
                known = merged.setdefault(test, {}).get(variable)
                both = values if known is None else Node(_list(known) + _list(values), known.at)
                merged[test][variable] = both
    if not merged:
        return None
    return Node({test: Node(v, found.at) for test, v in merged.items()}, found.at)


def _condition(block: Block) -> Node:
    test, variable, values = block.text("test"), block.text("variable"), _texts(block, "values")
    if not isinstance(test, str) or not isinstance(variable, str):
        return Node(Unknown("unsupported_expression", "a condition of a statement"), block.at)
    return Node({test: Node({variable: values or Node([], block.at)}, block.at)}, block.at)
