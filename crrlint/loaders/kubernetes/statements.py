"""Policies that Crossplane's older provider has written as fields, and not as IAM's JSON."""

from __future__ import annotations

from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.values import Unknown

_LISTS: Final = {
    "action": "Action",
    "notAction": "NotAction",
    "resource": "Resource",
    "notResource": "NotResource",
}
_PRINCIPALS: Final = {"principal": "Principal", "notPrincipal": "NotPrincipal"}
_OPERANDS: Final = ("stringValue", "booleanValue", "numericValue", "dateValue", "listValue")


def policy_of(body: Any, at: Location) -> Node:
    """Return the document that the provider makes of a policy's fields."""
    statements = body.get("statements") if isinstance(body, dict) else None
    if not isinstance(statements, list):
        return Node(Unknown("ambiguous_file", "the policy has no list of statements"), at)
    members = {
        "Version": Node(body.get("version", "2012-10-17"), at / "version"),
        "Statement": Node(
            [_statement(s, at / "statements" / index) for index, s in enumerate(statements)],
            at / "statements",
        ),
    }
    return Node(members, at)


def _statement(statement: Any, at: Location) -> Node:
    if not isinstance(statement, dict):
        return Node(Unknown("ambiguous_file", "a statement is no object"), at)
    members: dict[str, Node] = {"Effect": Node(statement.get("effect"), at / "effect")}
    if "sid" in statement:
        members["Sid"] = Node(statement["sid"], at / "sid")
    for name, spelled in _LISTS.items():
        values = statement.get(name)
        if isinstance(values, list) and values:
            members[spelled] = _list(values, at / name)
    for name, spelled in _PRINCIPALS.items():
        if isinstance(statement.get(name), dict):
            members[spelled] = _principal(statement[name], at / name)
    conditions = statement.get("condition")
    if isinstance(conditions, list) and conditions:
        members["Condition"] = _condition(conditions, at / "condition")
    return Node(members, at)


def _list(values: list[Any], at: Location) -> Node:
    return Node([_node(value, at / index) for index, value in enumerate(values)], at)


def _node(value: Any, at: Location) -> Node:
    return value if type(value) is Node else Node(value, at)


def _principal(principal: dict[str, Any], at: Location) -> Node:
    if principal.get("allowAnon") is True:
        return Node("*", at / "allowAnon")
    members: dict[str, Node] = {}
    if isinstance(principal.get("service"), list):
        members["Service"] = _list(principal["service"], at / "service")
    if principal.get("federated") is not None:
        members["Federated"] = _node(principal["federated"], at / "federated")
    principals = principal.get("awsPrincipals")
    if isinstance(principals, list) and principals:
        found = [_aws(p, at / "awsPrincipals" / index) for index, p in enumerate(principals)]
        members["AWS"] = Node(found, at / "awsPrincipals")
    return Node(members, at)


def _aws(principal: Any, at: Location) -> Node:
    for name in ("awsAccountId", "iamRoleArn", "iamUserArn"):
        value = principal.get(name) if isinstance(principal, dict) else None
        if value is not None:
            node = _node(value, at / name)
            return Node(str(node.value), node.at) if isinstance(node.value, int) else node
    return Node(Unknown("external_reference", "a principal that is selected by labels"), at)


def _condition(conditions: list[Any], at: Location) -> Node:
    operators: dict[str, Node] = {}
    for index, condition in enumerate(conditions):
        where = at / index
        pairs = condition.get("conditions") if isinstance(condition, dict) else None
        if not isinstance(pairs, list):
            return Node(Unknown("ambiguous_file", "a condition has no list of conditions"), where)
        keys: dict[str, Node] = {}
        for number, pair in enumerate(pairs):
            place = where / "conditions" / number
            name = next((n for n in _OPERANDS if isinstance(pair, dict) and n in pair), None)
            if name is None:
                return Node(Unknown("ambiguous_file", "a condition has no value"), place)
            value = pair[name]
            keys[str(pair.get("key"))] = (
                _list(value, place / name)
                if isinstance(value, list)
                else _node(value, place / name)
            )
        operators[str(condition.get("operatorKey"))] = Node(keys, where)
    return Node(operators, at)
