"""Cloud assemblies of the CDK: which templates are deployed, where, and as which constructs.

`manifest.json` names them.  A folder that was synthesised into several times holds
templates besides that no stack is made of any more.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document, Problem
from crrlint.loaders.beside import Beside
from crrlint.loaders.cloudformation.declared import Declared
from crrlint.loaders.cloudformation.known import Deployed
from crrlint.loaders.cloudformation.nesting import nested_in
from crrlint.model.parameters import parameters_in
from crrlint.values import Symbol

_ENVIRONMENT: Final = re.compile(r"aws://([^/]+)/(.+)\Z")
_DUMMY_KEY: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
"""The id of the key that `Key.fromLookup` puts in the place of one not yet looked up."""


class Assembly(NamedTuple):
    """One folder with its manifest; `dummies` are the texts that stand for what is missing."""

    folder: str
    manifest: Document
    dummies: Mapping[str, Symbol]


class Assemblies(NamedTuple):
    """What the assemblies of one run say of its templates."""

    declared: tuple[Declared, ...]
    left_out: frozenset[str]
    """The paths of templates in the folders that no manifest names."""
    dummies: Mapping[str, Mapping[str, Symbol]]
    """By the template's path: texts that stand for what was not looked up."""
    constructs: Mapping[str, Mapping[str, str]]
    """By the template's path: the construct of each logical id."""
    assumptions: tuple[str, ...]


def assemblies(
    documents: Iterable[tuple[Document, Beside]],
    templates: Mapping[str, Document],
    notes: list[Problem],
) -> Assemblies:
    """Read the manifests; what is left out is noted."""
    sided = list(documents)
    metadata = {d.path: d.data for d, kind in sided if kind == "metadata"}
    manifests = {_folder(d.path): d for d, kind in sided if kind == "assembly"}
    live = list(_live(manifests, notes))
    declared: list[Declared] = []
    constructs: dict[str, Mapping[str, str]] = {}
    dummies: dict[str, Mapping[str, Symbol]] = {}
    for assembly in live:
        for name, artifact in _artifacts(assembly.manifest, "aws:cloudformation:stack"):
            stack = _stack(assembly, name, artifact)
            if stack.template not in templates:
                message = f"names {stack.template}, which is not among the inputs"
                notes.append(Problem(assembly.manifest.path, message))
                continue
            declared.append(stack)
            names = _constructs(assembly, artifact, metadata)
            for path in _with_nested(stack.template, templates):
                dummies[path], constructs[path] = assembly.dummies, names
    kept = dummies.keys()
    left_out = [
        path
        for path in templates
        if path not in kept and any(_within(path, folder) for folder in manifests)
    ]
    notes.extend(
        Problem(path, "is a template that no manifest.json of its CDK assembly names")
        for path in left_out
    )
    return Assemblies(
        tuple(declared),
        frozenset(left_out),
        dummies,
        constructs,
        tuple(_assumptions(live)),
    )


def _folder(path: str) -> str:
    return posixpath.dirname(path)


def _within(path: str, folder: str) -> bool:
    if not folder:
        return not path.startswith(("/", "../"))
    return path.startswith(f"{folder}/")


def _live(manifests: Mapping[str, Document], notes: list[Problem]) -> Iterator[Assembly]:
    """Yield the assemblies that stand for themselves, and those that others name."""
    inner = {
        folder
        for folder in manifests
        if any(_within(f"{folder}/", o) for o in manifests if o != folder)
    }
    pending: list[tuple[str, Mapping[str, Symbol]]] = [
        (folder, {}) for folder in manifests if folder not in inner
    ]
    reached: set[str] = set()
    while pending:
        folder, above = pending.pop(0)
        if folder in reached or folder not in manifests:
            continue
        reached.add(folder)
        manifest = manifests[folder]
        dummies: dict[str, Symbol] = {**above, **dict(_dummies(manifest))}
        yield Assembly(folder, manifest, dummies)
        for _, artifact in _artifacts(manifest, "cdk:cloud-assembly"):
            name = _properties(artifact).get("directoryName")
            if isinstance(name, str):
                pending.append((posixpath.normpath(posixpath.join(folder, name)), dummies))
    for folder, manifest in manifests.items():
        if folder not in reached:
            message = "is an assembly that no manifest.json around it names"
            notes.append(Problem(manifest.path, message))


def _artifacts(manifest: Document, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, artifact in manifest.data["artifacts"].items():
        if isinstance(artifact, dict) and artifact.get("type") == kind:
            yield name, artifact


def _properties(artifact: Mapping[str, Any]) -> dict[str, Any]:
    properties = artifact.get("properties")
    return properties if isinstance(properties, dict) else {}


def _stack(assembly: Assembly, name: str, artifact: Mapping[str, Any]) -> Declared:
    properties = _properties(artifact)
    account, region = _environment(artifact.get("environment"))
    template = posixpath.join(assembly.folder, str(properties.get("templateFile")))
    given = properties.get("parameters")
    stack = properties.get("stackName")
    return Declared(
        posixpath.normpath(template),
        Deployed(
            assembly.manifest.path,
            account,
            region,
            stack if isinstance(stack, str) else name,
            parameters_in(assembly.manifest.path, given if isinstance(given, dict) else {}),
            app=str(artifact.get("displayName") or name),
        ),
    )


def _environment(written: Any) -> tuple[str | None, str | None]:
    """Return account and Region; an app that leaves them to the deployment names none."""
    found = _ENVIRONMENT.match(written) if isinstance(written, str) else None
    if found is None:
        return None, None
    account, region = found.groups()
    known = account.isdigit() and len(account) == 12
    return account if known else None, None if region == "unknown-region" else region


def _with_nested(path: str, templates: Mapping[str, Document]) -> Iterator[str]:
    """Yield a template and those that it is nested around."""
    pending, seen = [path], {path}
    while pending:
        path = pending.pop()
        yield path
        for below in nested_in(templates[path], templates):
            if below not in seen:
                seen.add(below)
                pending.append(below)


def _constructs(
    assembly: Assembly, artifact: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, str]:
    """Return the construct of each logical id, as the manifest or the file it names says.

    Those of nested stacks are among them; an id that is met twice names none.
    """
    entries = artifact.get("metadata")
    file = artifact.get("additionalMetadataFile")
    said = [entries if isinstance(entries, dict) else {}]
    if isinstance(file, str):
        said.append(metadata.get(posixpath.normpath(posixpath.join(assembly.folder, file)), {}))
    found: dict[str, set[str]] = {}
    for mapping in said:
        for path, items in mapping.items():
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict) and item.get("type") == "aws:cdk:logicalId":
                    found.setdefault(str(item.get("data")), set()).add(path.lstrip("/"))
    return {name: paths.pop() for name, paths in found.items() if len(paths) == 1}


def _missing(manifest: Document) -> list[dict[str, Any]]:
    missing = manifest.data.get("missing")
    return [m for m in missing if isinstance(m, dict)] if isinstance(missing, list) else []


def _dummies(manifest: Document) -> Iterator[tuple[str, Symbol]]:
    for entry in _missing(manifest):
        properties = entry.get("props")
        asked = properties if isinstance(properties, dict) else {}
        key = str(entry.get("key"))
        needs = f"cdk synth with credentials: {key} is not in cdk.context.json"
        if entry.get("provider") == "ssm":
            name = asked.get("parameterName")
            text, form = f"dummy-value-for-{name}", "any"
        elif entry.get("provider") == "key-provider":
            text, form = _DUMMY_KEY, "name"
        else:
            continue
        yield (
            text,
            Symbol(
                manifest.path,
                f"context {key}",
                f"${{{key}}}",
                form="name" if form == "name" else "any",
                reason="external_reference",
                needs=needs,
            ),
        )


def _assumptions(live: Iterable[Assembly]) -> Iterator[str]:
    for assembly in live:
        if _missing(assembly.manifest):
            yield (
                f"what the CDK app of {assembly.manifest.path} did not look up "
                "(`missing` in it) stands in no other part of its templates"
            )
