"""Tells what each file under the given paths is, and parses what is meant for us.

A file that cannot be read is a problem with its path and, where there is one, its
line; all the others are still read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from crrlint.documents.parse import Unreadable, decode, parse
from crrlint.documents.source import Document, Problem
from crrlint.loaders import Recognised, recognise, recognise_foreign, recognise_source
from crrlint.model.bindings import Bindings
from crrlint.run.files import content_of, find, would_be_met

# What stands in files that are meant for us.  A file without any of it that is not
# well-formed is none of our business (a Helm chart, JSON with comments).
_MARKS = (
    "AWS::", "AWSTemplateFormatVersion", "aws_s3_bucket", "aws_iam_role", "terraform_version",
    "ReplicationConfiguration", "AssumeRole", "RoleDetailList", "VersioningConfiguration",
    "arn:aws", "s3:Replicate", '"Statement"', "crrlint_capture", "Fn::", "LocationConstraint",
    '"Rules"', "PublicAccessBlock", '"Grants"', "SSEAlgorithm", "ObjectOwnership", "KeyMetadata",
    '"format_version"', '"configurationItems"', '"encrypted_data"', "ParameterKey", "TemplateBody",
    "template-file-path", ".aws.upbound.io/", ".services.k8s.aws/", "urn:pulumi:", "awscc_",
    ".aws.m.upbound.io/", ".aws.crossplane.io/", "configurationItem", "ConfigurationItem",
    "aws:cdk:", "aws:cloudformation:stack", "LogicalResourceId",
)  # fmt: skip

_LAYOUT = re.compile(r"(?:^|[/\\\\])accounts[/\\\\][0-9]{12}[/\\\\]")
"""Folders of answers by account: what lies in them is meant for us."""

_SMALL = 65536
"""Below this size a file is parsed to see what it is; above it has to hold a mark."""


_NESTED = "holds an archive that holds others: unpack it"


class Input(NamedTuple):
    """One file and what it was recognised as; None for nothing that crrlint knows.

    `remarks` tell what was made of it before it was read, and why it was not; `nearest`
    what it would be with a little more.
    """

    path: str
    recognised: Recognised | None
    remarks: tuple[Problem, ...] = ()
    nearest: str | None = None

    @property
    def read(self) -> bool:
        """Tell whether a loader reads it."""
        known = self.recognised
        return known is not None and (known.loader is not None or known.holds)

    @property
    def beside(self) -> bool:
        """Tell whether it only says something of other files."""
        return self.recognised is not None and self.recognised.beside


class Inputs(NamedTuple):
    """What was read: documents with what they are, every file looked at, what went wrong."""

    documents: tuple[tuple[Document, Recognised], ...]
    files: tuple[Input, ...]
    problems: tuple[Problem, ...]


class _Understood(NamedTuple):
    """The documents of a file with what they are, and what is to be said of them."""

    documents: Sequence[tuple[Document, Recognised | None]] = ()
    problems: Sequence[Problem] = ()
    remarks: Sequence[Problem] = ()


def read(
    paths: Sequence[str],
    bindings: Bindings,
    stdin: bytes | None = None,
    step: Callable[[str], object] = str,
) -> Inputs:
    """Read everything under the paths; `-` stands for the standard input.

    `step` is told each file before it is read.
    """
    documents: list[tuple[Document, Recognised]] = []
    files: list[Input] = []
    problems: list[Problem] = []

    def understand(path: str, raw: bytes, given: bool, *, packed: bool = False) -> None:
        found = _understand(path, raw, given, bindings)
        problems.extend(found.problems)
        documents.extend((d, r) for d, r in found.documents if r is not None and r.loader)
        files.append(_input(path, found))
        for document, recognised in found.documents:
            if recognised is None or not recognised.holds:
                continue
            if packed:
                problems.append(Problem(path, _NESTED))
                continue
            for inner, content in _packed(document, problems):
                step(inner)
                understand(inner, content, False, packed=True)

    bound = {bind.file for bind in bindings.binds} | {d.template for d in bindings.deployments}
    for file in find(paths, problems):
        if file.outside:
            message = "is a link that leads out of the given paths"
            files.append(Input(file.path, None, (Problem(file.path, message),)))
            continue
        step(file.path)
        raw = (stdin or b"") if file.path == "-" else content_of(file.path, problems)
        if raw is None:
            files.append(Input(file.path, None))
            continue
        understand(file.path, raw, file.given or file.path in bound)
    return Inputs(tuple(documents), tuple(files), tuple(problems))


def _input(path: str, found: _Understood) -> Input:
    known = [r for _, r in found.documents if r is not None]
    best = next((r for r in known if r.loader is not None), known[0] if known else None)
    near = _nearest(found.documents) if best is None else None
    return Input(path, best, tuple(found.remarks), near)


def _understand(path: str, raw: bytes, given: bool, bindings: Bindings) -> _Understood:
    """Parse a file and recognise its documents; only what is meant for us can be faulty."""
    source = recognise_source(path)
    if source is not None and source.loader is None:
        return _Understood([(Document(path, "", "text", None), source)])
    try:
        if raw[:2] in (b"PK", b"\x1f\x8b"):
            raw, archive = _unpacked(path, raw)
            if archive is not None:
                return _Understood([(archive, recognise(archive, bindings))])
        text = decode(raw)
    except Unreadable as error:
        return _Understood(problems=[_unreadable(path, error)])
    if source is not None:
        return _Understood([(Document(path, text, "hcl", None), source)])
    if not text.strip():
        return _empty(path, text, given, bindings)
    meant = given or _LAYOUT.search(path) is not None or any(mark in text for mark in _MARKS)
    if not meant and len(text) > _SMALL:
        return _Understood()
    try:
        documents, problems, remarks = _parsed(path, text)
    except Unreadable as error:
        from crrlint.loaders.recognition import GROUPS, HELM, is_helm_template

        if not error.limit and is_helm_template(text):
            ours = given or any(group in text for group in GROUPS)
            known = (Document(path, text, "text", None), Recognised(*HELM))
            return _Understood([known] if ours else [])
        if not meant and not error.limit:
            return _Understood()
        return _Understood(problems=[_unreadable(path, error)])
    found = [(document, recognise(document, bindings)) for document in documents]
    if all(recognised is None for _, recognised in found):
        found = [(document, recognise_foreign(document)) for document in documents]
        nobodys = all(recognised is None for _, recognised in found)
        return _Understood(found, _nothing_known(path, found) if given and nobodys else (), remarks)
    return _Understood(found, problems, remarks)


def _unreadable(path: str, error: Unreadable) -> Problem:
    return Problem(path, error.message, error.line, error.column)


def _unpacked(path: str, raw: bytes) -> tuple[bytes, Document | None]:
    """Return what a gzip holds, or a zip as a document."""
    from crrlint.documents.archives import Archive, gunzip, is_gzip, is_zip

    if is_gzip(raw):
        raw = gunzip(raw)
    if is_gzip(raw) or raw[257:262] == b"ustar":
        raise Unreadable(_NESTED)
    return raw, Document(path, "", "zip", Archive(raw)) if is_zip(raw) else None


def _packed(document: Document, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive that would be looked at in a folder, below its path."""
    from crrlint.documents.archives import paths_in

    try:
        for name, path in paths_in(document.data):
            if would_be_met(path):
                yield posixpath.join(document.path, path), document.data.read(name)
    except Unreadable as error:
        problems.append(_unreadable(document.path, error))


def _parsed(path: str, text: str) -> tuple[list[Document], list[Problem], list[Problem]]:
    """Parse a text; lines around its JSON are left out, with a remark."""
    if text.lstrip()[:1] not in ("{", "[", "<"):
        quiet = _silenced(path, text)
        if quiet is not None:
            return quiet
    try:
        documents, problems = parse(path, text)
    except Unreadable as error:
        quiet = None if error.limit else _silenced(path, text)
        if quiet is None:
            raise
        return quiet
    if "TemplateBody" in text:
        from crrlint.loaders.wrapped import unwrapped

        documents = [unwrapped(document) for document in documents]
    return documents, problems, []


def _silenced(path: str, text: str) -> tuple[list[Document], list[Problem], list[Problem]] | None:
    if not _JSON_LATER.search(text):
        return None
    from crrlint.documents.noise import silence

    quiet = silence(text)
    if quiet is None:
        return None
    documents, problems = parse(path, quiet.text)
    parts = [(quiet.before, "before"), (quiet.behind, "behind")]
    told = [f"{n} line{'' if n == 1 else 's'} {where}" for n, where in parts if n]
    return documents, problems, [Problem(path, f"{' and '.join(told)} its JSON left out", 1)]


_JSON_LATER = re.compile(r"^[{\[]", re.MULTILINE)


def _nothing_known(path: str, found: Sequence[tuple[Document, object]]) -> list[Problem]:
    near = _nearest(found)
    closest = f"; it comes closest to {near}" if near else _FORMATS
    return [Problem(path, f"is none of the formats that crrlint reads{closest}")]


_FORMATS = ": a CloudFormation template, Terraform source or a state of it, or JSON of the AWS CLI"


def _nearest(found: Sequence[tuple[Document, object]]) -> str | None:
    from crrlint.loaders.nearest import nearest

    return next((name for document, _ in found if (name := nearest(document.data))), None)


def _empty(path: str, text: str, given: bool, bindings: Bindings) -> _Understood:
    """Tell of a file without content, which is no mistake where it was only met in a folder.

    It is what the AWS CLI writes for a bucket that never had versioning, where it is called so.
    """
    document = Document(path, text, "text", None)
    recognised = recognise(document, bindings)
    if recognised is not None:
        return _Understood([(document, recognised)])
    empty = Problem(path, "is empty", 1)
    return _Understood(problems=[empty]) if given else _Understood(remarks=[empty])
