"""Structures as AWS's SDK for Java has them, in which AWS Config keeps what it read of buckets.

Members are in camel case, filters are trees of predicates, and the rules of a
replication are a mapping by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from crrlint.loaders.awsconfig.items import Part, not_collected
from crrlint.loaders.respelled import as_s3, respelled
from crrlint.source import Location, Node
from crrlint.values import Unknown

_REPLICATION: Final = "aws s3api get-bucket-replication"
_PERMISSIONS: Final = {
    "FullControl": "FULL_CONTROL",
    "Read": "READ",
    "ReadAcp": "READ_ACP",
    "Write": "WRITE",
    "WriteAcp": "WRITE_ACP",
}
_GROUPS: Final = {
    "AllUsers": "http://acs.amazonaws.com/groups/global/AllUsers",
    "AuthenticatedUsers": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    "LogDelivery": "http://acs.amazonaws.com/groups/s3/LogDelivery",
}


class Unreadable(Exception):  # noqa: N818 - a state of the item
    def __init__(self, at: Location, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def structure(part: Part) -> Node:
    """Return a structure that differs from the API's in the case of its members alone."""
    return respelled(part.value, part.at, as_s3)


def _mapping(part: Part, what: str) -> dict[str, Any]:
    if not isinstance(part.value, dict):
        raise Unreadable(part.at, f"{what} is no object")
    return part.value


def _elements(part: Part | None, what: str) -> Iterator[Part]:
    if part is None or part.value is None:
        return
    if not isinstance(part.value, list):
        raise Unreadable(part.at, f"{what} is no list")
    for index, value in enumerate(part.value):
        yield Part(value, part.at / index)


def replication(part: Part, of: str) -> Node:
    """Convert a replication; members that recorders of old did not know are unknown there."""
    _mapping(part, "BucketReplicationConfiguration")
    role = part.member("roleARN", "role")
    rules = part.member("rules")
    if rules is None or not isinstance(rules.value, (dict, list)):
        raise Unreadable(part.at, "BucketReplicationConfiguration has no rules")
    if isinstance(rules.value, dict):
        named = [(id, Part(value, rules.at / id)) for id, value in rules.value.items()]
    else:
        named = [("", Part(value, rules.at / index)) for index, value in enumerate(rules.value)]
    members = {"Rules": Node([_rule(id, rule, of) for id, rule in named], rules.at)}
    if role is None:
        members["Role"] = not_collected(f"the role of {of}", part.at, _REPLICATION)
    elif role.value is not None:
        members["Role"] = Node(role.value, role.at)
    return Node(members, part.at)


def _rule(id: str, rule: Part, of: str) -> Node:
    _mapping(rule, "a replication rule")
    own = rule.member("id")
    id = own.value if own is not None and isinstance(own.value, str) else id
    what = f"rule {id or rule.at.key} of {of}"
    destination = rule.member("destinationConfig", "destination")
    members: dict[str, Node | None] = {
        "ID": Node(id, rule.at if own is None else own.at) if id else None,
        "Status": _needed(rule, ("status",), f"the status of {what}"),
        **_selection(rule, what),
        "SourceSelectionCriteria": _maybe(rule, "sourceSelectionCriteria", what, _criteria),
        "ExistingObjectReplication": _maybe(rule, "existingObjectReplication", what),
        "Destination": not_collected(f"the destination of {what}", rule.at, _REPLICATION)
        if destination is None
        else _destination(destination, what),
    }
    return Node({name: node for name, node in members.items() if node is not None}, rule.at)


def _selection(rule: Part, what: str) -> dict[str, Node | None]:
    """Return what tells the rule's version and selects objects: S3 gives either shape whole."""
    prefix = rule.member("prefix")
    filter = _maybe(rule, "filter", what, _filter)
    found: dict[str, Node | None] = {
        "Filter": filter,
        "Priority": _maybe(rule, "priority", what),
        "DeleteMarkerReplication": _maybe(rule, "deleteMarkerReplication", what),
    }
    if prefix is not None and isinstance(prefix.value, str):
        found["Prefix"] = Node(prefix.value, prefix.at)
    elif filter is None:
        found["Prefix"] = Node("", rule.at if prefix is None else prefix.at)
    return found


def _needed(part: Part, names: tuple[str, ...], what: str) -> Node | None:
    found = part.member(*names)
    if found is None:
        return not_collected(what, part.at, _REPLICATION)
    return None if found.value is None else Node(found.value, found.at)


def _maybe(
    part: Part, name: str, of: str, convert: Callable[[Part], Node] = structure
) -> Node | None:
    """Return an optional member: None where null stands, unknown where nothing does."""
    found = part.member(name)
    if found is None:
        return not_collected(f"the {name} of {of}", part.at, _REPLICATION)
    return None if found.value is None else convert(found)


def _criteria(part: Part) -> Node:
    members = {
        as_s3(name): _maybe(part, name, "the source selection")
        for name in ("sseKmsEncryptedObjects", "replicaModifications")
    }
    return Node({name: node for name, node in members.items() if node is not None}, part.at)


def _destination(part: Part, what: str) -> Node:
    _mapping(part, "the destination of a replication rule")
    storage = part.member("storageClass")
    members: dict[str, Node | None] = {
        "Bucket": _needed(part, ("bucketARN", "bucket"), f"the destination of {what}"),
        "StorageClass": None
        if storage is None or storage.value is None
        else Node(storage.value, storage.at),
    }
    for name in (
        "account",
        "accessControlTranslation",
        "encryptionConfiguration",
        "replicationTime",
        "metrics",
    ):
        members[as_s3(name)] = _maybe(part, name, f"the destination of {what}")
    return Node({name: node for name, node in members.items() if node is not None}, part.at)


def _filter(part: Part) -> Node:
    """Convert a filter, of which the SDK makes a tree of predicates."""
    value = _mapping(part, "the filter of a rule")
    predicate = part.member("predicate")
    if predicate is None:
        return structure(part) if value else Node({}, part.at)
    if predicate.value is None:
        return Node({}, part.at)
    return Node(_predicate(predicate), predicate.at)


def _predicate(part: Part) -> Any:
    value = _mapping(part, "the predicate of a filter")
    kind = str(value.get("type") or "")
    prefix, tag = part.member("prefix"), part.member("tag")
    if kind.endswith("AndOperator") or "operands" in value:
        both: dict[str, Node] = {}
        tags: list[Node] = []
        for operand in _elements(part.member("operands"), "operands"):
            found = _predicate(operand)
            if isinstance(found, Unknown):
                return found
            tags.extend(found.pop("Tag", Node([], operand.at)).items())
            both.update(found)
        if tags:
            both["Tags"] = Node(tags, part.at / "operands")
        return {"And": Node(both, part.at)}
    if prefix is not None and "Tag" not in kind:
        return {"Prefix": Node(prefix.value, prefix.at)}
    if tag is not None:
        return {"Tag": structure(tag)}
    for name in ("objectSizeGreaterThan", "objectSizeLessThan"):
        size = part.member(name)
        if size is not None:
            return {as_s3(name): Node(size.value, size.at)}
    return Unknown("unsupported_expression", f"a filter of type {kind or 'unknown'}", _REPLICATION)


def acl(part: Part) -> Node:
    _mapping(part, "AccessControlList")
    owner = part.member("owner")
    grants = [_grant(grant) for grant in _elements(part.member("grantList"), "grantList")]
    if part.member("grantList") is None:
        raise Unreadable(part.at, "AccessControlList has no grantList")
    members = {"Grants": Node(grants, part.at / "grantList")}
    if owner is not None and isinstance(owner.value, dict):
        members["Owner"] = structure(owner)
    return Node(members, part.at)


def _grant(grant: Part) -> Node:
    grantee, permission = grant.member("grantee"), grant.member("permission")
    if grantee is None or permission is None:
        raise Unreadable(grant.at, "a grant has no grantee or no permission")
    word = permission.value
    members = {
        "Grantee": _grantee(grantee),
        "Permission": Node(_PERMISSIONS.get(word, word), permission.at),
    }
    return Node(members, grant.at)


def _grantee(part: Part) -> Node:
    if isinstance(part.value, str):
        uri = _GROUPS.get(part.value, part.value)
        return Node({"Type": Node("Group", part.at), "URI": Node(uri, part.at)}, part.at)
    _mapping(part, "a grantee")
    email = part.member("emailAddress")
    id = part.member("id", "identifier")
    if id is not None and isinstance(id.value, str):
        found = {"Type": Node("CanonicalUser", part.at), "ID": Node(id.value, id.at)}
    elif email is not None:
        found = {
            "Type": Node("AmazonCustomerByEmail", part.at),
            "EmailAddress": Node(email.value, email.at),
        }
    else:
        raise Unreadable(part.at, "a grantee has no id")
    return Node(found, part.at)


_GROUPED: Final = {
    "expirationInDays": ("Expiration", "Days"),
    "expirationDate": ("Expiration", "Date"),
    "expiredObjectDeleteMarker": ("Expiration", "ExpiredObjectDeleteMarker"),
    "noncurrentVersionExpirationInDays": ("NoncurrentVersionExpiration", "NoncurrentDays"),
}


def lifecycle(part: Part) -> Node:
    _mapping(part, "BucketLifecycleConfiguration")
    rules = [_expiry(rule) for rule in _elements(part.member("rules"), "rules")]
    return Node({"Rules": Node(rules, part.at / "rules")}, part.at)


def _expiry(rule: Part) -> Node:
    """Convert a lifecycle rule; -1 stands for what is not set."""
    members: dict[str, Node] = {}
    for name, value in _mapping(rule, "a lifecycle rule").items():
        at = rule.at / name
        if value is None or (value == -1 and value is not True):
            continue
        if name in _GROUPED:
            group, member = _GROUPED[name]
            # The SDK writes false for a rule that says nothing of delete markers.
            if value is not False:
                members.setdefault(group, Node({}, at)).value[member] = Node(value, at)
        elif name == "filter":
            members["Filter"] = _filter(Part(value, at))
        elif name == "noncurrentVersionTransitions":
            turned = [_noncurrent(one) for one in _elements(Part(value, at), name)]
            members["NoncurrentVersionTransitions"] = Node(turned, at)
        else:
            members[as_s3(name)] = structure(Part(value, at))
    return Node(members, rule.at)


def _noncurrent(part: Part) -> Node:
    node = structure(part)
    if isinstance(node.value, dict) and "Days" in node.value:
        node.value["NoncurrentDays"] = node.value.pop("Days")
    return node
