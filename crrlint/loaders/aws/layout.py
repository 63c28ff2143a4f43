"""What the place of a file says: `accounts/<id>/s3/<bucket>/versioning.json` and its kin."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from crrlint.loaders.aws.kinds import Kind, Subject, bare_path, kind_of_stem, path_parts, stem_of

_ACCOUNT: Final = re.compile(r"\d{12}\Z")
_REGION: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+\Z")
_BUCKET: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]\Z")
_OBJECT: Final = re.compile(
    r"(?P<key>.+?)(?:@(?P<version>[^@]+))?\.(?P<what>acl|head)\Z", re.DOTALL
)

_ROLE_FILES: Final[dict[str, Kind]] = {
    "role": "role",
    "trust": "role-trust",
    "trust-policy": "role-trust",
    "assume-role-policy": "role-trust",
    "attached": "role-attached",
    "attached-policies": "role-attached",
    "attached-role-policies": "role-attached",
    "inline-names": "role-inline-names",
    "role-policies": "role-inline-names",
    "boundary": "permissions-boundary",
    "permissions-boundary": "permissions-boundary",
}
_KEY_FILES: Final[dict[str, Kind]] = {
    "key": "key",
    "key-policy": "key-policy",
    "policy": "key-policy",
    "grants": "key-grants",
}
_ACCOUNT_FILES: Final[dict[str, Kind]] = {
    "caller-identity": "caller-identity",
    "authorization-details": "authorization-details",
    "account-authorization-details": "authorization-details",
    "buckets": "buckets",
    "roles": "roles",
    "aliases": "aliases",
    "keys": "keys",
    "public-access-block": "account-public-access-block",
    "account-public-access-block": "account-public-access-block",
}


def _decoded(name: str) -> str:
    if "%" not in name:
        return name
    from urllib.parse import unquote

    return unquote(name)


class Place(NamedTuple):
    """The kind and the subject that a path tells.

    `kind` is None where only the folder is known; `sure` under a folder of an account or
    of the organization.
    """

    kind: Kind | None
    subject: Subject
    sure: bool


def locate(path: str) -> Place | None:
    """Return what the directory convention says of a path, None outside of it."""
    parts = path_parts(path)
    for index in range(len(parts) - 2):
        if parts[index] == "accounts" and _ACCOUNT.match(parts[index + 1]):
            found = _in_account(parts[index + 2 :])
            if found is None:
                return Place(None, Subject(account=parts[index + 1]), True)
            kind, subject = found
            return Place(kind, subject._replace(account=parts[index + 1]), True)
    for index, part in enumerate(parts[:-1]):
        if part == "organization":
            organized = _in_organization(parts[index + 1 :])
            if organized is not None:
                return organized
        if part in ("s3", "iam", "kms"):
            found = _in_account(parts[index:])
            if found is not None and found[0] is not None and len(parts) - index > 2:
                return Place(*found, False)
    return None


def _in_account(rest: list[str]) -> tuple[Kind | None, Subject] | None:
    stem = stem_of(rest[-1])
    match rest:
        case [_]:
            return _ACCOUNT_FILES.get(stem), Subject()
        case ["s3" | "s3control" | "iam" | "sts", _]:
            return _ACCOUNT_FILES.get(stem), Subject()
        case ["s3", bucket, "objects", *key] if _BUCKET.match(bucket):
            return _of_object(bucket, "/".join(key))
        case ["s3", bucket, _] if _BUCKET.match(bucket):
            return kind_of_stem(stem, within="bucket"), Subject(bucket=bucket)
        case ["iam", "roles", role, _]:
            return _ROLE_FILES.get(stem), Subject(role=_decoded(role))
        case ["iam", "roles", role, "inline", name]:
            inline = _decoded(bare_path(name))
            return "role-inline-policy", Subject(role=_decoded(role), name=inline)
        case ["iam", "policies", name, _]:
            kinds: dict[str, Kind] = {"policy": "policy", "version": "policy-version"}
            kind = kinds.get(stem.removeprefix("policy-"))
            return kind, Subject(name=_decoded(name))
        case ["kms", region, _] if _REGION.match(region):
            return _ACCOUNT_FILES.get(stem), Subject(region=region)
        case ["kms", region, key, _] if _REGION.match(region):
            return _KEY_FILES.get(stem), Subject(region=region, kms_key=_decoded(key))
        case _:
            return None


def _of_object(bucket: str, name: str) -> tuple[Kind | None, Subject] | None:
    found = _OBJECT.match(bare_path(name))
    if found is None:
        return None
    kind: Kind = "object-acl" if found["what"] == "acl" else "object-head"
    version = _decoded(found["version"]) if found["version"] else None
    return kind, Subject(bucket=bucket, key=_decoded(found["key"]), version=version)


def _in_organization(rest: list[str]) -> Place | None:
    stem = stem_of(rest[-1])
    match rest:
        case [_] if stem in ("accounts", "parents", "organization"):
            kinds: dict[str, Kind] = {
                "accounts": "accounts",
                "parents": "parents",
                "organization": "organization",
            }
            return Place(kinds[stem], Subject(), True)
        case ["scp" | "rcp" as folder, policy, _]:
            kind: Kind = "scp" if folder == "scp" else "rcp"
            if stem in ("targets", "targets-for-policy"):
                return Place("policy-targets", Subject(policy=policy), True)
            return Place(kind, Subject(policy=policy), True)
        case _:
            return None
