"""From documents to answers of AWS, each with the subject that something near it tells.

In this order: the document itself when it is a capture with its request; a binding;
the directory convention; content that carries a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document, Location
from crrlint.loaders.aws.kinds import (
    OPERATIONS,
    Answer,
    By,
    Kind,
    Subject,
    bare_path,
    is_aside,
    kind_of_stem,
    path_parts,
    stem_of,
)
from crrlint.loaders.aws.layout import Place, locate
from crrlint.loaders.aws.placeholders import filled
from crrlint.loaders.aws.shapes import Shape, is_error, is_policy, shape_of
from crrlint.model.bindings import Binding, Bindings

_ERROR_TEXT: Final = re.compile(
    r"An error occurred \((?P<code>[\w.]+)\) when calling the (?P<call>\w+) operation"
)
# AWS names the right Region when it was asked in a wrong one.
_EXPECTED_REGION: Final = re.compile(r"expecting '(?P<region>[a-z0-9-]+)'")

# What a kind that only the content told may turn out to be.
_FITTING: Final[Mapping[Kind, frozenset[Kind]]] = {
    "any-status": frozenset({"bucket-versioning", "irrelevant"}),
    "any-acl": frozenset({"bucket-acl", "object-acl"}),
    "any-policy": frozenset({"bucket-policy", "key-policy", "rcp"}),
    "bucket-policy": frozenset({"rcp"}),
    "key-policy": frozenset({"rcp"}),
    "organization-policy": frozenset({"scp", "rcp"}),
    "identity-policy": frozenset(
        {"role-inline-policy", "permissions-boundary", "policy-version", "scp"}
    ),
    "policy-version": frozenset({"permissions-boundary"}),
    "role": frozenset({"role-trust"}),
    "bucket-public-access-block": frozenset({"account-public-access-block"}),
}
# Where a folder or a binding says what a policy is for, its content does not contradict.
_POLICIES: Final[frozenset[Kind]] = frozenset(
    {"any-policy", "identity-policy", "role-trust", "bucket-policy", "key-policy"}
)
_HOLDS_POLICY: Final[frozenset[Kind]] = _POLICIES | {
    "role-inline-policy",
    "permissions-boundary",
    "policy-version",
    "scp",
    "rcp",
}
# Parameters of a request that make its answer a part of a list.
_PAGING: Final = frozenset(
    {
        "Marker",
        "NextToken",
        "ContinuationToken",
        "StartingToken",
        "Prefix",
        "BucketRegion",
        "PathPrefix",
        "GranteePrincipal",
        "GrantId",
    }
)


SAID_BY: Final[Mapping[By, str]] = {
    "capture": "its own content",
    "content": "its own content",
    "binding": "crrlint.yaml",
    "layout": "the folder that it lies in",
}


class Context(NamedTuple):
    """What is known around the documents: bindings by path, callers by folder.

    `asides` are bindings by the path that error texts beside their files share.
    """

    bindings: Bindings
    binds: Mapping[str, Sequence[Binding]]
    asides: Mapping[str, Sequence[Binding]]
    accounts: Mapping[str, str]
    folders: frozenset[str]

    def account_near(self, path: str) -> str | None:
        """Return the account of the nearest folder whose caller's identity is known."""
        folders = path_parts(path)[:-1]
        for depth in range(len(folders), -1, -1):
            account = self.accounts.get("/".join(folders[:depth]))
            if account is not None:
                return account
        return None


def context_of(documents: Sequence[Document], bindings: Bindings) -> Context:
    accounts: dict[str, set[str]] = {}
    seen: dict[str, set[Kind]] = {}
    for document in documents:
        folder = "/".join(path_parts(document.path)[:-1])
        shape = shape_of(document.data)
        if shape is not None and shape.kind == "caller-identity":
            accounts.setdefault(folder, set()).add(str(document.data["Account"]))
        place = locate(document.path)
        if place is not None and place.kind is not None and not place.sure:
            seen.setdefault(folder, set()).add(place.kind)
    return Context(
        bindings,
        _grouped((bind.file, bind) for bind in bindings.binds),
        _grouped((bare_path(bind.file), bind) for bind in bindings.binds),
        {folder: ids.pop() for folder, ids in accounts.items() if len(ids) == 1},
        frozenset(folder for folder, kinds in seen.items() if len(kinds) > 1),
    )


def _grouped(pairs: Iterable[tuple[str, Binding]]) -> dict[str, list[Binding]]:
    grouped: dict[str, list[Binding]] = {}
    for path, bind in pairs:
        grouped.setdefault(path, []).append(bind)
    return grouped


def error_in(document: Document) -> tuple[str, str] | None:
    """Return AWS's code and the call that failed, for the text that the CLI prints.

    Both are empty where the call failed before AWS answered (no credentials, no network).
    """
    if document.syntax != "text" or not isinstance(document.data, str):
        return None
    found = _ERROR_TEXT.search(document.data)
    if found is not None:
        return found["code"], found["call"]
    return ("", "") if document.data.strip() else None


def answers_of(document: Document, context: Context) -> Iterator[Answer]:
    data = document.data
    if isinstance(data, list) and data and all(is_capture(item) for item in data):
        for index, item in enumerate(data):
            yield _of_capture(item, document.root / index)
        return
    if is_capture(data):
        yield _of_capture(data, document.root)
        return
    yield from _of_file(document, context)


def is_capture(data: Any) -> bool:
    return isinstance(data, dict) and "crrlint_capture" in data and "operation" in data


def _of_capture(data: dict[str, Any], at: Location) -> Answer:
    params = data.get("params")
    params = params if isinstance(params, dict) else {}
    operation = str(data.get("operation"))
    kind = OPERATIONS.get(operation, "irrelevant")
    if kind == "bucket-public-access-block" and "Bucket" not in params:
        kind = "account-public-access-block"

    def text(source: dict[str, Any], name: str) -> str | None:
        value = source.get(name)
        return value if isinstance(value, str) else None

    subject = Subject(
        account=text(data, "account"),
        region=text(data, "region"),
        bucket=text(params, "Bucket"),
        key=text(params, "Key"),
        version=text(params, "VersionId") if text(params, "Key") else None,
        role=text(params, "RoleName"),
        name=text(params, "PolicyName"),
        policy=text(params, "PolicyArn") or text(params, "PolicyId"),
        kms_key=text(params, "KeyId"),
        target=text(params, "TargetId") or text(params, "ChildId") or text(params, "ParentId"),
        type=text(params, "Filter"),
    )
    answer = Answer(
        kind,
        data.get("result"),
        at / "result",
        subject,
        by="capture",
        partial=bool(_PAGING & params.keys()),
        when=text(data, "at") or "",
    )
    error = data.get("error")
    if error is not None:
        code = error.get("code", error.get("Code")) if isinstance(error, dict) else error
        if code == "NotFoundException" and text(data, "caller") not in (None, subject.account):
            # Whether a key exists is told for certain to those of its own account only.
            code = "AccessDeniedException"
        return answer._replace(data=None, at=at / "error", error=str(code))
    if operation.startswith(("Put", "Create", "Update")):
        return answer._replace(data=params, at=at / "params", layer="planned")
    return answer


def _of_file(document: Document, context: Context) -> Iterator[Answer]:
    binds = context.binds.get(document.path, ())
    if not binds and is_aside(document.path):
        binds = context.asides.get(bare_path(document.path), ())
    for bind in binds:
        yield _answer(document, bind.kind, _bound(bind), context, "binding")
    if binds:
        return
    place = locate(document.path)
    if place is not None and (place.sure or _trusted(document, context)):
        answer = _placed(document, place, context)
        if answer is not None:
            yield answer
            return
    yield from _unplaced(document, context)


def _bound(bind: Binding) -> Subject:
    subject = Subject(bind.account, bind.region, bind.bucket, role=bind.role, name=bind.name)
    if bind.kind in ("key", "key-policy", "key-grants"):
        return subject._replace(kms_key=bind.key)
    return subject._replace(key=bind.key)


def _trusted(document: Document, context: Context) -> bool:
    folder = "/".join(path_parts(document.path)[:-1])
    return context.bindings.account is not None or folder in context.folders


def _placed(document: Document, place: Place, context: Context) -> Answer | None:
    shape = shape_of(document.data)
    kind = place.kind
    if kind is None or (shape is not None and not _fits(shape.kind, kind)):
        if shape is None:
            return None
        kind = shape.kind
    own = shape.subject if shape is not None else Subject()
    return _answer(document, kind, place.subject.over(own), context, "layout")


def _fits(shape: Kind, kind: Kind) -> bool:
    if shape in _POLICIES and kind in _HOLDS_POLICY:
        return True
    return shape == kind or kind in _FITTING.get(shape, ())


def _unplaced(document: Document, context: Context) -> Iterator[Answer]:
    error = error_in(document)
    if error is not None:
        kind = OPERATIONS.get(error[1], "error")
        yield _answer(document, kind, Subject(), context)
        return
    shape = shape_of(document.data)
    if shape is None:
        return
    named = _kind_of_name(document.path)
    kind = shape.kind
    if named is not None and named in _FITTING.get(kind, ()):
        kind = named
    yield _answer(document, kind, shape.subject, context)


def _kind_of_name(path: str) -> Kind | None:
    return kind_of_stem(stem_of(path_parts(path)[-1]), within="bucket")


def _answer(
    document: Document, kind: Kind, subject: Subject, context: Context, by: By = "content"
) -> Answer:
    error = error_in(document)
    code = error[0] if error is not None else None
    if is_error(document.data):
        code = document.data["Error"]["Code"]
    here = context.bindings.at(document.path)
    near = context.account_near(document.path)
    account = subject.account or near or here.account
    bound_by = "the command line" if here is context.bindings else "crrlint.yaml"
    beside = "the caller's identity beside it" if near else bound_by
    account_by = SAID_BY[by] if subject.account else beside
    region_by = SAID_BY[by] if subject.region else bound_by
    sourced = here.region if here is not context.bindings else None
    region = subject.region or (here.region if kind.startswith("key") else sourced)
    subject = subject._replace(account=account, region=region)
    expected = _EXPECTED_REGION.search(document.text) if error is not None else None
    if expected is not None and subject.bucket is not None:
        answer = {"LocationConstraint": expected["region"]}
        return Answer("bucket-location", answer, document.root, subject, by=by)
    shape = shape_of(document.data)
    # In the folder of an account everything is what somebody saved from there.
    written = (shape is not None and shape.bare) or is_policy(document.data)
    bare = written and by != "layout"
    data = None if error is not None else document.data
    return Answer(
        kind,
        filled(data, document.path) if bare else data,
        document.root,
        subject,
        code,
        "template" if bare else "live",
        bare,
        by,
        account_by=account_by,
        region_by=region_by,
    )


def recognised_as(document: Document, bindings: Bindings) -> str | None:
    """Return what to call a document of AWS; None for anything else."""
    data = document.data
    captures = isinstance(data, list) and bool(data) and all(is_capture(item) for item in data)
    if captures or is_capture(data):
        return "capture"
    if is_error(data) or _is_error_text(document, bindings):
        return "error of the AWS CLI"
    shape = shape_of(data)
    if shape is not None:
        return _name_of(shape, document)
    place = locate(document.path)
    if place is None:
        return None
    if data is None or data == {}:
        return "empty answer of the AWS CLI"
    return "AWS CLI output" if place.sure and place.kind is not None else None


def _is_error_text(document: Document, bindings: Bindings) -> bool:
    """Tell an error text by its words, or by the answer that it stands beside."""
    if document.syntax != "text":
        return False
    if _ERROR_TEXT.search(document.text):
        return True
    if not is_aside(document.path):
        return False
    bound = {bare_path(bind.file) for bind in bindings.binds}
    near = bare_path(document.path) in bound or locate(document.path) is not None
    return near or not document.text.strip()


def _name_of(shape: Shape, document: Document) -> str | None:
    if shape.kind == "any-status":
        place = locate(document.path)
        kind = place.kind if place is not None and place.kind else _kind_of_name(document.path)
        return "AWS CLI output" if kind in ("bucket-versioning", "irrelevant") else None
    if shape.bare and is_policy(document.data):
        return "IAM policy document"
    return "AWS request body" if shape.bare else "AWS CLI output"
