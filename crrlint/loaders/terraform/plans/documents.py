"""The policy that `aws_iam_policy_document` makes, rebuilt where the apply will read it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Iterator

from crrlint.documents.parse import embedded
from crrlint.documents.source import Location, Node, wrap
from crrlint.loaders.terraform.attributes import Block, Malformed, shape
from crrlint.values import OPEN, Unknown


def document(block: Block, of: str) -> Node:
    """Return the policy that a data source makes of its attributes; raises `Malformed`."""
    at = block.at
    before = _sources(block, "source_policy_documents", of)
    after = _sources(block, "override_policy_documents", of)
    if isinstance(before, Node) or isinstance(after, Node):
        return before if isinstance(before, Node) else after  # type: ignore[return-value]
    if isinstance(block.bare("statement"), OPEN):
        return Node(block.bare("statement"), at / "statement")
    statements = [*before, *(_statement(one) for one in block.blocks("statement"))]
    for statement in after:
        sid = statement.leaf("Sid")
        same = [n for n, other in enumerate(statements) if sid and _is(other.leaf("Sid"), sid)]
        if same:
            statements[same[0]] = statement
        else:
            statements.append(statement)
    return shape(
        at,
        Version=block.leaf("version") or Node("2012-10-17", at / "version"),
        Id=block.leaf("policy_id"),
        Statement=Node(statements, at / "statement"),
    )


def _is(one: object, other: object) -> bool:
    return isinstance(one, str) and one == other


def _sources(block: Block, name: str, of: str) -> list[Node] | Node:
    """Return the statements of whole documents; a node that is unknown when one of them is."""
    found: list[Node] = []
    for text in block.texts(name):
        if isinstance(text.value, OPEN):
            return text
        inner = embedded(text.value, text.at)
        if inner is None or not isinstance(inner.data, dict):
            raise Malformed(text.at, "a policy in JSON")
        statements = wrap(inner.data, inner.root).get("Statement")
        found.extend([] if statements is None else statements.items())
    return found


def _statement(block: Block) -> Node:
    return shape(
        block.at,
        Sid=block.leaf("sid"),
        Effect=block.leaf("effect") or Node("Allow", block.at / "effect"),
        Principal=_principals(block, "principals"),
        NotPrincipal=_principals(block, "not_principals"),
        Action=_listed(block, "actions"),
        NotAction=_listed(block, "not_actions"),
        Resource=_listed(block, "resources"),
        NotResource=_listed(block, "not_resources"),
        Condition=_conditions(block),
    )


def _listed(block: Block, name: str) -> Node | None:
    found = [Node(_variables(node), node.at) for node in block.texts(name)]
    if not found:
        return None
    # A list whose length is open is open as a whole.
    whole = isinstance(block.bare(name), OPEN)
    return found[0] if whole else Node(found, block.at / name)


def _variables(node: Node) -> object:
    """Return a text with policy variables as IAM spells them."""
    return node.value.replace("&{", "${") if isinstance(node.value, str) else node.value


def _principals(block: Block, name: str) -> Node | None:
    value = block.bare(name)
    if isinstance(value, Unknown):
        return Node(value, block.at / name)
    members: dict[str, Node] = {}
    at = block.at / name
    for principal in block.blocks(name):
        kind = principal.text("type")
        identifiers = _listed(principal, "identifiers") or Node([], principal.at)
        if not isinstance(kind, str):
            return Node(kind, principal.at)
        if kind in members:
            identifiers = _joined(members[kind], identifiers)
        members[kind] = identifiers
    if not members:
        return None
    everyone = members.get("*")
    if everyone is not None and [n.value for n in _items(everyone)] == ["*"] and len(members) == 1:
        return Node("*", everyone.at)
    return Node(members, at)


def _joined(one: Node, other: Node) -> Node:
    if isinstance(one.value, OPEN) or isinstance(other.value, OPEN):
        return one if isinstance(one.value, OPEN) else other
    return Node([*_items(one), *_items(other)], one.at)


def _items(node: Node) -> Iterator[Node]:
    yield from node.value if isinstance(node.value, list) else [node]


def _conditions(block: Block) -> Node | None:
    value = block.bare("condition")
    if isinstance(value, Unknown):
        return Node(value, block.at / "condition")
    tests: dict[str, dict[str, Node]] = {}
    places: dict[str, Location] = {}
    for condition in block.blocks("condition"):
        test, variable = condition.text("test"), condition.text("variable")
        if not isinstance(test, str) or not isinstance(variable, str):
            opened = test if isinstance(test, OPEN) else variable
            return Node(opened, condition.at)
        values = _listed(condition, "values") or Node([], condition.at / "values")
        held = tests.setdefault(test, {})
        held[variable] = _joined(held[variable], values) if variable in held else values
        places.setdefault(test, condition.at)
    if not tests:
        return None
    return Node(
        {test: Node(held, places[test]) for test, held in tests.items()}, block.at / "condition"
    )
