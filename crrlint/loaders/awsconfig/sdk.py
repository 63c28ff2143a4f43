"""Structures as AWS's SDK for Java has them, in which AWS Config keeps what it read of buckets.

Members are in camel case, filters are trees of predicates, and the rules of a
replication are a mapping by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.awsconfig.items import Part, not_collected
from crrlint.loaders.respelled import as_s3, respelled
from crrlint.values import Choice, OneOf, Unknown

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


class _Members:
    """Optional members of one element, of which old recorders did not know all.

    Null says that a member is not set.  One that is missing may be set or not, and
    everything hangs on which.
    """

    def __init__(self, part: Part, of: str) -> None:
        self.part = part
        self.of = of

    def choice(self, name: str) -> Choice:
        text = f"whether {self.of} has {name}, which was not collected,"
        return Choice(f"{self.part.at} {name}", ("no", "yes"), text, _REPLICATION)

    def unknown(self, name: str) -> Node:
        return not_collected(f"{name} of {self.of}", self.part.at, _REPLICATION)

    def get(self, name: str, convert: Callable[[Part], Node] = structure) -> Node | None:
        found = self.part.member(name)
        if found is None:
            return either(self.choice(as_s3(name)), None, self.unknown(as_s3(name)))
        return None if found.value is None else convert(found)


def either(choice: Choice, no: Node | None, yes: Node | None) -> Node:
    """Return what stands there by the answer to a choice, None for nothing."""
    at = next(node.at for node in (no, yes) if node is not None)
    return Node(OneOf(choice, tuple(node or Node(None, at) for node in (no, yes))), at)


def _present(at: Location, **members: Node | None) -> Node:
    return Node({name: node for name, node in members.items() if node is not None}, at)


def _leaf(part: Part | None) -> Node | None:
    return None if part is None or part.value is None else Node(part.value, part.at)


def _rule(id: str, rule: Part, of: str) -> Node:
    _mapping(rule, "a replication rule")
    own = rule.member("id")
    id = own.value if own is not None and isinstance(own.value, str) else id
    members = _Members(rule, f"rule {id or rule.at.key} of {of}")
    destination = rule.member("destinationConfig", "destination")
    status = rule.member("status")
    return _present(
        rule.at,
        ID=Node(id, rule.at if own is None else own.at) if id else None,
        Status=members.unknown("Status") if status is None else _leaf(status),
        **_selection(rule, members),
        SourceSelectionCriteria=members.get(
            "sourceSelectionCriteria", lambda part: _criteria(part, members.of)
        ),
        ExistingObjectReplication=members.get("existingObjectReplication"),
        Destination=members.unknown("Destination")
        if destination is None
        else _destination(destination, members.of),
    )


def _selection(rule: Part, members: _Members) -> dict[str, Node | None]:
    """Return what selects objects: a prefix alone, or a filter and what stands beside one."""
    prefix = _leaf(rule.member("prefix")) or Node("", rule.at / "prefix")
    filter = rule.member("filter")
    names = ("priority", "deleteMarkerReplication")
    if filter is not None and filter.value is None:
        return {"Prefix": prefix, **{as_s3(name): members.get(name) for name in names}}
    if filter is not None:
        return {"Filter": _filter(filter), **{as_s3(name): members.get(name) for name in names}}
    choice = members.choice("Filter")
    found: dict[str, Node | None] = {
        "Filter": either(choice, None, members.unknown("Filter")),
        "Prefix": either(choice, prefix, None),
    }
    for name in names:
        spelled = as_s3(name)
        missing = rule.member(name) is None
        found[spelled] = (
            either(choice, None, members.unknown(spelled)) if missing else members.get(name)
        )
    return found


def _criteria(part: Part, of: str) -> Node:
    _mapping(part, "sourceSelectionCriteria")
    members = _Members(part, f"the source selection of {of}")
    return _present(
        part.at,
        SseKmsEncryptedObjects=members.get("sseKmsEncryptedObjects"),
        ReplicaModifications=members.get("replicaModifications"),
    )


def _destination(part: Part, of: str) -> Node:
    _mapping(part, "the destination of a replication rule")
    members = _Members(part, f"the destination of {of}")
    bucket = part.member("bucketARN", "bucket")
    return _present(
        part.at,
        Bucket=members.unknown("Bucket") if bucket is None else _leaf(bucket),
        StorageClass=_leaf(part.member("storageClass")),
        Account=members.get("account"),
        AccessControlTranslation=members.get("accessControlTranslation"),
        EncryptionConfiguration=members.get("encryptionConfiguration"),
        ReplicationTime=members.get("replicationTime"),
        Metrics=members.get("metrics"),
    )


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
