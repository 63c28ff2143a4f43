"""Data whose members are spelled otherwise than AWS's APIs or Terraform spell them.

`kms_master_key_id`, `kmsMasterKeyId` and `KMSMasterKeyID` are one member in three
schemas.  Values get the new names and keep the places of the old ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from crrlint.documents.source import Location, Node, wrap
from crrlint.values import OPEN, OneOf

Rename = Callable[[str], str]

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Where AWS writes more capitals than the rule gives, by the name in lower case.
_OF_S3: Final = {
    "id": "ID",
    "uri": "URI",
    "mfadelete": "MFADelete",
    "ssealgorithm": "SSEAlgorithm",
    "kmsmasterkeyid": "KMSMasterKeyID",
    "replicakmskeyid": "ReplicaKmsKeyID",
    "ssekmsencryptedobjects": "SseKmsEncryptedObjects",
    "blockpublicacls": "BlockPublicAcls",
    "ignorepublicacls": "IgnorePublicAcls",
}
_OF_CLOUDFORMATION: Final = {
    name: spelled for name, spelled in _OF_S3.items() if name not in ("id", "uri")
}


def _pascal(capitals: Mapping[str, str]) -> Rename:
    known: dict[str, str] = {}

    def rename(name: str) -> str:
        found = known.get(name)
        if found is None:
            spelled = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
            found = known[name] = capitals.get(spelled.lower(), spelled)
        return found

    return rename


as_s3: Final = _pascal(_OF_S3)
"""`replicaKmsKeyId` is `ReplicaKmsKeyID`, as S3's API writes it."""

as_cloudformation: Final = _pascal(_OF_CLOUDFORMATION)


def as_terraform(name: str) -> str:
    """Return `kms_master_key_id` for `kmsMasterKeyId`."""
    return _HUMP.sub("_", name).lower()


def respelled(
    data: Any,
    at: Location,
    rename: Rename,
    *,
    verbatim: frozenset[str] = frozenset(),
    nulls: bool = False,
) -> Node:
    """Return data as nodes with renamed members.

    Members of these new names hold what is no part of the schema (tags, policies) and
    stays as it is.  `nulls` keeps members without a value, which else are left out.
    """

    def below(value: Any, place: Location) -> Node:
        if type(value) is Node:
            return below(value.value, value.at)
        if isinstance(value, dict):
            members = {}
            for key, item in value.items():
                if item is None and not nulls:
                    continue
                name = rename(str(key))
                where = place / key
                members[name] = _as_it_is(item, where) if name in verbatim else below(item, where)
            return Node(members, place)
        if isinstance(value, list):
            return Node([below(item, place / index) for index, item in enumerate(value)], place)
        if isinstance(value, OneOf):
            options = tuple(below(option, place) for option in value.options)
            return Node(OneOf(value.choice, options), place)
        return Node(value, place)

    return below(data, at)


def _as_it_is(data: Any, at: Location) -> Node:
    if type(data) is Node:
        return data
    return Node(data, at) if isinstance(data, OPEN) else wrap(data, at)
