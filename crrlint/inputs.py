"""Finds and reads the files under the given paths, and tells what each of them is.

Nothing outside the given paths is read: links that lead out of them are left
alone.  A file that cannot be read is a problem with its path and, where there is
one, its line; all the others are still read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crrlint.bindings import Bindings
from crrlint.loaders import Recognised, recognise
from crrlint.loaders.recognition import GROUPS, HELM, is_helm_template
from crrlint.parse import MAX_BYTES, Unreadable, decode, parse
from crrlint.source import Document, Problem

EXTENSIONS = (
    ".json", ".yaml", ".yml", ".template", ".tfstate", ".cfn", ".xml", ".err", ".stderr",
)  # fmt: skip

CONFIGURATION = ("crrlint.yaml", "crrlint.yml")

_NOT_WALKED = frozenset({"node_modules", "__pycache__", "venv"})

# What stands in files that are meant for us.  A file without any of it that is not
# well-formed is none of our business (a Helm chart, JSON with comments).
_MARKS = (
    "AWS::", "AWSTemplateFormatVersion", "aws_s3_bucket", "aws_iam_role", "terraform_version",
    "ReplicationConfiguration", "AssumeRole", "RoleDetailList", "VersioningConfiguration",
    "arn:aws", "s3:Replicate", '"Statement"', "crrlint_capture", "Fn::", "LocationConstraint",
    '"Rules"', "PublicAccessBlock", '"Grants"', "SSEAlgorithm", "ObjectOwnership", "KeyMetadata",
    "configurationItem", "ConfigurationItem", "urn:pulumi:", "aws.upbound.io", "aws.m.upbound.io",
    "aws.crossplane.io", "services.k8s.aws", "awscc_",
)  # fmt: skip

_LAYOUT = re.compile(r"(?:^|[/\\\\])accounts[/\\\\][0-9]{12}[/\\\\]")
"""Folders of answers by account: what lies in them is meant for us."""

_SMALL = 65536
"""Below this size a file is parsed to see what it is; above it has to hold a mark."""

_HINTS = {
    ".tf": ("Terraform source", "give its state: terraform state pull > terraform.tfstate"),
    ".tofu": ("OpenTofu source", "give its state: tofu state pull > terraform.tfstate"),
    ".tfplan": ("saved Terraform plan", "give the state: terraform state pull > terraform.tfstate"),
}


class Input(NamedTuple):
    """One file and what it was recognised as; None for nothing that crrlint knows."""

    path: str
    recognised: Recognised | None


class Inputs(NamedTuple):
    """What was read: documents with what they are, every file looked at, what went wrong."""

    documents: tuple[tuple[Document, Recognised], ...]
    files: tuple[Input, ...]
    problems: tuple[Problem, ...]


class _File(NamedTuple):
    path: str
    given: bool
    """Named by the user, and not only met in a folder."""


def read(paths: Sequence[str], bindings: Bindings, stdin: bytes | None = None) -> Inputs:
    """Read everything under the paths; `-` stands for the standard input."""
    documents: list[tuple[Document, Recognised]] = []
    files: list[Input] = []
    problems: list[Problem] = []
    bound = {bind.file for bind in bindings.binds} | {d.template for d in bindings.deployments}
    for file in _find(paths, problems):
        if file.path == "-":
            raw: bytes | None = stdin or b""
        else:
            raw = _bytes(file.path, problems)
        if raw is None:
            continue
        given = file.given or file.path in bound
        found, document_problems = _understand(file.path, raw, given, bindings)
        problems.extend(document_problems)
        documents.extend((d, r) for d, r in found if r is not None and r.loader is not None)
        known = [r for _, r in found if r is not None]
        files.append(Input(file.path, known[0] if known else None))
    return Inputs(tuple(documents), tuple(files), tuple(problems))


def _understand(
    path: str, raw: bytes, given: bool, bindings: Bindings
) -> tuple[list[tuple[Document, Recognised | None]], list[Problem]]:
    """Parse a file and recognise its documents; only what is meant for us can be faulty."""
    hint = _HINTS.get(os.path.splitext(path)[1])
    if raw[:4] == b"PK\x03\x04":
        hint = _HINTS[".tfplan"]
    if hint is not None:
        return [(Document(path, "", "text", None), Recognised(hint[0], None, hint[1]))], []
    try:
        text = decode(raw)
    except Unreadable as error:
        return [], [Problem(path, error.message, error.line, error.column)]
    meant = given or _LAYOUT.search(path) is not None or any(mark in text for mark in _MARKS)
    if not text.strip():
        return _empty(path, text, given, bindings)
    if not meant and len(text) > _SMALL:
        return [], []
    try:
        documents, problems = parse(path, text)
    except Unreadable as error:
        if not error.limit and is_helm_template(text):
            ours = given or any(group in text for group in GROUPS)
            return [(Document(path, text, "text", None), Recognised(*HELM))] if ours else [], []
        if not meant and not error.limit:
            return [], []
        return [], [Problem(path, error.message, error.line, error.column)]
    found = [(document, recognise(document, bindings)) for document in documents]
    if all(recognised is None for _, recognised in found):
        return found, _nothing_known(path) if given else []
    return found, problems


def _nothing_known(path: str) -> list[Problem]:
    message = (
        "is none of the formats that crrlint reads: a CloudFormation template, a Terraform "
        "state, or JSON of the AWS CLI"
    )
    return [Problem(path, message)]


def _empty(
    path: str, text: str, given: bool, bindings: Bindings
) -> tuple[list[tuple[Document, Recognised | None]], list[Problem]]:
    """An empty file is what the AWS CLI writes for a bucket that never had versioning."""
    document = Document(path, text, "text", None)
    recognised = recognise(document, bindings)
    if recognised is not None:
        return [(document, recognised)], []
    return [], [Problem(path, "is empty", 1)]


def _find(paths: Sequence[str], problems: list[Problem]) -> Iterator[_File]:
    """Yield the files to look at, each once, in a stable order."""
    seen: set[str] = set()
    roots = [os.path.realpath(path) for path in paths if path != "-"]
    for path in paths:
        if path == "-":
            yield _File("-", True)
            continue
        shown = as_shown(path)
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)
        except OSError as error:
            problems.append(Problem(shown, _reason(error)))
            continue
        found = _walk(shown, roots, problems) if is_folder else iter([_File(shown, True)])
        for file in found:
            real = os.path.realpath(file.path)
            if real not in seen:
                seen.add(real)
                yield file


def _walk(folder: str, roots: Sequence[str], problems: list[Problem]) -> Iterator[_File]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(folder, _reason(error)))
        return
    for entry in entries:
        path = os.path.normpath(os.path.join(folder, entry.name))
        if entry.is_dir(follow_symlinks=False):
            if entry.name[0] != "." and entry.name not in _NOT_WALKED:
                yield from _walk(path, roots, problems)
        elif entry.name not in CONFIGURATION and _wanted(entry.name):
            if entry.is_symlink():
                if not _inside(path, roots, problems):
                    continue
            elif not entry.is_file():
                continue  # a pipe or a socket: reading it might never end
            yield _File(path, False)


def _wanted(name: str) -> bool:
    return name.endswith(EXTENSIONS) or os.path.splitext(name)[1] in _HINTS


def _inside(path: str, roots: Sequence[str], problems: list[Problem]) -> bool:
    """Tell whether a link leads to a file under the given paths."""
    try:
        os.stat(path)
    except OSError as error:
        problems.append(Problem(path, _reason(error)))
        return False
    real = os.path.realpath(path)
    return os.path.isfile(real) and any(
        real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in roots
    )


def _bytes(path: str, problems: list[Problem]) -> bytes | None:
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        problems.append(Problem(path, _reason(error)))
        return None
    if len(raw) > MAX_BYTES:
        problems.append(Problem(path, f"is larger than {MAX_BYTES // 2**20} MiB"))
        return None
    return raw


def _reason(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or str(error)).lower()}"


def as_shown(path: str) -> str:
    """Return the path as people see it: relative where it lies below the current folder."""
    relative = os.path.relpath(path)
    return os.path.normpath(path) if relative.startswith("..") else relative
