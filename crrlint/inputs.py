"""Finds and reads the files under the given paths, and tells what each of them is.

Nothing outside the given paths is read: links that lead out of them are left
alone.  A file that cannot be read is a problem with its path and, where there is
one, its line; all the others are still read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from crrlint.bindings import Bindings
from crrlint.loaders import Recognised, recognise, recognise_foreign, recognise_source
from crrlint.parse import MAX_BYTES, Unreadable, decode, parse
from crrlint.source import Document, Problem

EXTENSIONS = (
    ".json", ".yaml", ".yml", ".template", ".jsonl", ".tfstate", ".cfn", ".xml", ".tfplan",
    ".err", ".stderr",
)  # fmt: skip

NAMES = ("plan.out", "tfplan", "tfplan.out")
"""Files that are looked at although their extension says nothing."""

CONFIGURATION = ("crrlint.yaml", "crrlint.yml")

_NOT_WALKED = frozenset({"node_modules", "__pycache__", "venv"})

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
        return self.recognised is not None and self.recognised.loader is not None

    @property
    def beside(self) -> bool:
        """Tell whether it only says something of other files."""
        return self.recognised is not None and self.recognised.beside


class Inputs(NamedTuple):
    """What was read: documents with what they are, every file looked at, what went wrong."""

    documents: tuple[tuple[Document, Recognised], ...]
    files: tuple[Input, ...]
    problems: tuple[Problem, ...]


class _File(NamedTuple):
    """A file to look at; `given` when the user named it, and it was not only met in a folder.

    `outside` when it is a link that leads out of the given paths, and is not read.
    """

    path: str
    given: bool
    outside: bool = False


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
    bound = {bind.file for bind in bindings.binds} | {d.template for d in bindings.deployments}
    for file in _find(paths, problems):
        if file.outside:
            message = "is a link that leads out of the given paths"
            files.append(Input(file.path, None, (Problem(file.path, message),)))
            continue
        step(file.path)
        raw = (stdin or b"") if file.path == "-" else _bytes(file.path, problems)
        if raw is None:
            files.append(Input(file.path, None))
            continue
        found = _understand(file.path, raw, file.given or file.path in bound, bindings)
        problems.extend(found.problems)
        documents.extend((d, r) for d, r in found.documents if r is not None and r.loader)
        files.append(_input(file.path, found))
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
    from crrlint.archives import Archive, gunzip, is_gzip, is_zip

    if is_gzip(raw):
        raw = gunzip(raw)
    if is_gzip(raw) or raw[257:262] == b"ustar":
        raise Unreadable("holds an archive that holds others: unpack it")
    return raw, Document(path, "", "zip", Archive(raw)) if is_zip(raw) else None


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
    from crrlint.noise import silence

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
    """An empty file is what the AWS CLI writes for a bucket that never had versioning."""
    document = Document(path, text, "text", None)
    recognised = recognise(document, bindings)
    if recognised is not None:
        return _Understood([(document, recognised)])
    return _Understood(problems=[Problem(path, "is empty", 1)])


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
            elif entry.name == ".terraform":
                yield from _installed(folder, path)
        elif entry.name not in CONFIGURATION and _wanted(entry.name):
            if entry.is_symlink():
                inside = _inside(path, roots, problems)
                if inside is False:
                    yield _File(path, False, outside=True)
                if not inside:
                    continue
            elif not entry.is_file():
                continue  # a pipe or a socket: reading it might never end
            yield _File(path, False)


def _installed(folder: str, terraform: str) -> Iterator[_File]:
    """Yield the source of the modules that `terraform init` brought, and its list of them."""
    import json

    listed = os.path.join(terraform, "modules", "modules.json")
    try:
        with open(listed, "rb") as file:
            modules = json.loads(file.read(MAX_BYTES))["Modules"]
        places = [os.path.normpath(os.path.join(folder, module["Dir"])) for module in modules]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    yield _File(listed, False)
    for place in dict.fromkeys(places):
        try:
            # What lies elsewhere is met by itself, or is not under the given paths.
            if os.path.realpath(place).startswith(os.path.realpath(terraform) + os.sep):
                names = sorted(os.listdir(place))
                yield from (
                    _File(os.path.join(place, name), False)
                    for name in names
                    if recognise_source(name) is not None
                )
        except (OSError, ValueError):
            continue


class Files:
    """Files under the given paths that source refers to by name, and that are read then."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._roots = [os.path.realpath(path) for path in paths if path != "-"]

    def _may_read(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(_below(real, root) for root in self._roots)

    def read(self, path: str) -> bytes | str:
        """Return what a file holds, or why it cannot be read."""
        if not self._may_read(path):
            return "is not under the given paths"
        if not os.path.isfile(path):
            return "does not exist"
        problems: list[Problem] = []
        raw = _bytes(path, problems)
        return problems[0].message if raw is None else raw

    def misses(self, path: str) -> bool:
        """Tell whether it is certain that there is no such file."""
        return self._may_read(path) and not os.path.lexists(path)

    def below(self, folder: str) -> list[str] | None:
        """Return the files below a folder, relative to it; None where they cannot be listed."""
        if not self._may_read(folder):
            return None
        if not os.path.isdir(folder):
            return None if os.path.islink(folder) else []
        return sorted(
            os.path.relpath(os.path.join(above, name), folder).replace(os.sep, "/")
            for above, _, names in os.walk(folder)
            for name in names
        )


def _below(real: str, root: str) -> bool:
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _wanted(name: str) -> bool:
    if recognise_source(name) is not None:
        return True
    name = name.removesuffix(".gz")
    if name.endswith(".toml"):
        return name.startswith("samconfig")
    return name.endswith(EXTENSIONS) or name in NAMES


def _inside(path: str, roots: Sequence[str], problems: list[Problem]) -> bool | None:
    """Tell whether a link leads to a file under the given paths; None for what is no file."""
    try:
        os.stat(path)
    except OSError as error:
        problems.append(Problem(path, _reason(error)))
        return None
    real = os.path.realpath(path)
    if not os.path.isfile(real):
        return None
    return any(_below(real, root) for root in roots)


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
