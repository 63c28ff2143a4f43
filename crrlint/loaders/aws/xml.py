"""Bodies of the APIs' XML in the shapes that the CLI prints as JSON."""

from __future__ import annotations

from typing import Any, Final

from crrlint.documents.source import Document

# Repeated elements and the list that JSON has instead, by the element around them.
_LISTS: Final[dict[str, tuple[str, str]]] = {
    "ReplicationConfiguration": ("Rule", "Rules"),
    "ServerSideEncryptionConfiguration": ("Rule", "Rules"),
    "OwnershipControls": ("Rule", "Rules"),
    "LifecycleConfiguration": ("Rule", "Rules"),
    "AccessControlList": ("Grant", ""),
    "And": ("Tag", "Tags"),
    "TagSet": ("Tag", ""),
    "Buckets": ("Bucket", ""),
}
_LIFECYCLE_LISTS: Final = {
    "Transition": "Transitions",
    "NoncurrentVersionTransition": "NoncurrentVersionTransitions",
}
# The attribute of a grantee, and a spelling that JSON does not share.
_NAMES: Final[dict[str, str]] = {"type": "Type", "MfaDelete": "MFADelete"}
_NUMBERS: Final = frozenset(
    {
        "Priority",
        "Minutes",
        "Days",
        "Years",
        "NoncurrentDays",
        "NewerNoncurrentVersions",
        "DaysAfterInitiation",
        "ObjectSizeGreaterThan",
        "ObjectSizeLessThan",
    }
)
_TRUTHS: Final = frozenset(
    {
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
        "BucketKeyEnabled",
        "ExpiredObjectDeleteMarker",
        "IsTruncated",
        "IsDefaultVersion",
        "IsAttachable",
    }
)
_STRUCTURES: Final = frozenset(
    {
        "Filter",
        "And",
        "Expiration",
        "SourceSelectionCriteria",
        "VersioningConfiguration",
        "ReplicationConfiguration",
        "LifecycleConfiguration",
        "OwnershipControls",
        "ObjectLockConfiguration",
        "PublicAccessBlockConfiguration",
        "ServerSideEncryptionConfiguration",
        "Destination",
        "DeleteMarkerReplication",
        "ExistingObjectReplication",
        "ReplicationTime",
        "Metrics",
        "EncryptionConfiguration",
        "AccessControlTranslation",
        "SseKmsEncryptedObjects",
        "ReplicaModifications",
        "Time",
        "EventThreshold",
    }
)
_MAY_BE_EMPTY: Final = frozenset(
    {
        "AccessControlList",
        "TagSet",
        "Buckets",
        "Tags",
        "RoleDetailList",
        "UserDetailList",
        "Policies",
        "RolePolicyList",
        "AttachedManagedPolicies",
        "PolicyVersionList",
        "PolicyNames",
        "AttachedPolicies",
    }
)
_ATTRIBUTES: Final = frozenset({"xmlns", "schemaLocation"})


def as_json(document: Document) -> Document:
    """Return the document with the data that the CLI would have printed."""
    if document.syntax != "xml" or not isinstance(document.data, dict):
        return document
    data = _unwrapped(document.data)
    return Document(document.path, document.text, "xml", data)


def _unwrapped(data: dict[str, Any]) -> Any:
    root, content = next(iter(data.items()), ("", None))
    if root == "LocationConstraint":
        return {"LocationConstraint": content if isinstance(content, str) and content else None}
    value = _converted(root, content)
    if root == "AccessControlPolicy" and isinstance(value, dict):
        grants = value.pop("AccessControlList", [])
        return {**value, "Grants": grants if isinstance(grants, list) else [grants]}
    if root == "ListAllMyBucketsResult" and isinstance(value, dict):
        return {name: value[name] for name in ("Buckets", "Owner") if name in value}
    if root in ("RequestPaymentConfiguration", "LifecycleConfiguration"):
        return value
    if root.endswith("Response") and isinstance(value, dict):
        # <GetRoleResponse><GetRoleResult>...</GetRoleResult><ResponseMetadata/>
        return value.get(f"{root.removesuffix('Response')}Result", value)
    return {root: value}


def _converted(name: str, content: Any) -> Any:
    if isinstance(content, list):
        return [_converted(name, item) for item in content]
    if isinstance(content, str):
        return _leaf(name, content)
    if not isinstance(content, dict):
        return content
    if content.keys() == {"member"}:  # a list of the query APIs
        return _items("", content["member"])
    found: dict[str, Any] = {}
    inner, outer = _LISTS.get(name, ("", ""))
    for key, value in content.items():
        if key == inner and not outer:
            return _items(key, value)
        if key == inner:
            found[outer] = _items(key, value)
        elif key in _LIFECYCLE_LISTS:
            found[_LIFECYCLE_LISTS[key]] = _items(key, value)
        elif key not in _ATTRIBUTES:
            found[_NAMES.get(key) or key] = _converted(key, value)
    return found


def _items(name: str, value: Any) -> list[Any]:
    return [_converted(name, item) for item in (value if isinstance(value, list) else [value])]


def _leaf(name: str, text: str) -> Any:
    if name in _STRUCTURES and text == "":
        return {}
    if name in _MAY_BE_EMPTY and text == "":
        return []
    if name in _NUMBERS and text.isascii() and text.lstrip("-").isdigit():
        return int(text)
    if name in _TRUTHS and text in ("true", "false"):
        return text == "true"
    return text
