"""What the ACLs of objects grant: to the owner of their bucket, and to everybody.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal, TypeAlias

from crrlint.documents.source import Node
from crrlint.model import ObjectFacts
from crrlint.routes.objects import selects
from crrlint.routes.route import Route
from crrlint.values import Undecided
from crrlint.values.doubt import Doubt
from crrlint.world import Bucket

Permission: TypeAlias = Literal["READ", "READ_ACP"]

# Which canned ACLs let the bucket's owner do it, where the object is somebody else's.
_CANNED: Final[dict[Permission, tuple[str, ...]]] = {
    "READ": (
        "bucket-owner-full-control",
        "bucket-owner-read",
        "public-read",
        "public-read-write",
        "authenticated-read",
    ),
    "READ_ACP": ("bucket-owner-full-control",),
}

# Which canned ACLs let everybody in, or everybody with an account of AWS.
_PUBLIC: Final = ("public-read", "public-read-write", "authenticated-read")

# Groups that S3, with the role of the bucket's owner, is in.
_GROUPS: Final = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)


def made_public(route: Route) -> Iterator[tuple[str, Node]]:
    """Yield key and ACL of the objects that a route selects and that everybody may use.

    Known objects only, where ACLs are in force.  Raises `Undecided` when nothing is proved
    of any object and something is open of one.
    """
    yield from _those(route, _is_public)


def _is_public(fact: ObjectFacts, acl: Node) -> bool:
    canned = acl.leaf("Canned")
    if canned is not None:
        return any(canned == name for name in _PUBLIC)
    return any(
        group == uri
        for grant in _grants(acl)
        for group in [grant.leaf("Grantee", "URI")]
        for uri in _GROUPS
    )


def unreadable(route: Route, permission: Permission) -> Iterator[tuple[str, Node]]:
    """Yield key and ACL of the objects that a route selects and that lack a grant.

    Known objects only: what else is in the bucket is not asked.  Raises `Undecided`
    when nothing is proved of any object and something is open of one.
    """
    yield from _those(route, lambda fact, acl: _lacks(fact, acl, route.source, permission))


def _those(
    route: Route, question: Callable[[ObjectFacts, Node], bool]
) -> Iterator[tuple[str, Node]]:
    source = route.source
    facts = source.objects
    if not facts or source.value("ownership") == "BucketOwnerEnforced":
        return
    doubt = Doubt()
    proved = False
    for fact in facts:
        if fact.acl is None:
            continue
        with doubt:
            if question(fact, fact.acl) and selects(route, fact):
                proved = True
                yield str(fact.key), fact.acl.settled()
    doubt.raise_unless(proved)


def _lacks(fact: ObjectFacts, acl: Node, source: Bucket, permission: Permission) -> bool:
    canned = acl.leaf("Canned")
    if canned is not None:
        granted = any(canned == name for name in _CANNED[permission])
    else:
        granted = any(_gives(grant, source, permission) for grant in _grants(acl))
    return not granted and _is_foreign(fact, acl, source)


def keeps_private(route: Route, key: str) -> bool:
    """Tell whether an object certainly grants its bucket's owner neither of the permissions."""
    source = route.source
    for fact in source.objects:
        if fact.key == key and fact.acl is not None:
            with Doubt():
                return all(_lacks(fact, fact.acl, source, one) for one in _CANNED)
    return False


def _grants(acl: Node) -> list[Node]:
    grants = acl.get("Grants")
    return [] if grants is None else grants.items()


def _gives(grant: Node, source: Bucket, permission: Permission) -> bool:
    given = grant.leaf("Permission")
    if given != "FULL_CONTROL" and given != permission:
        return False
    group = grant.leaf("Grantee", "URI")
    if group is not None:
        return any(group == uri for uri in _GROUPS)
    if grant.leaf("Grantee", "EmailAddress") is not None:
        raise Undecided("unsupported_expression", "whose e-mail address an ACL grants to")
    return bool(grant.leaf("Grantee", "ID") == source.owner_id)


def _is_foreign(fact: ObjectFacts, acl: Node, source: Bucket) -> bool:
    owner = acl.leaf("Owner", "ID")
    if owner is not None:
        return bool(owner != source.owner_id)
    if fact.owner_account is not None:
        return bool(fact.owner_account != source.account)
    what = f"who owns object {fact.key} of bucket {fact.bucket} is not stated"
    raise Undecided("not_collected", what, "get-object-acl")
