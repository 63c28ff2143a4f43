"""Files in, lines about what the model says out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from crrlint.documents.parse import parse
from crrlint.documents.source import Document, Node
from crrlint.loaders import load, recognise
from crrlint.model import Model
from crrlint.model.bindings import Bindings
from crrlint.values import OPEN, OneOf, Unknown


def read(files: Mapping[str, str], bindings: Bindings | None = None) -> Model:
    bindings = bindings or Bindings()
    documents = [document for path, text in files.items() for document in parsed(path, text)]
    recognised = [(document, recognise(document, bindings)) for document in documents]
    return load([(d, r) for d, r in recognised if r is not None and r.loader], bindings)


def parsed(path: str, text: str) -> list[Document]:
    if not text.strip():
        return [Document(path, text, "text", None)]
    return parse(path, text)[0]


def told(model: Model) -> list[str]:
    """Return every fact of the model as a line of its own."""
    return sorted(_lines(model))


def _lines(model: Model) -> Iterator[str]:
    for bucket in model.buckets:
        who = f"bucket {bucket.name}" + ("" if bucket.declared else " (not declared)")
        yield who
        yield from (f"{who}: {name} = {shown(node)}" for name, node in bucket.fields.items())
        yield from (f"{who}: or else {name} = {shown(n)}" for name, n in bucket.otherwise.items())
    for role in model.roles:
        who = f"role {role.name} of {role.account}"
        yield f"{who}{', complete' if role.complete else ''}"
        if role.arn is not None:
            yield f"{who}: arn = {role.arn}"
        for name in ("trust", "boundary", "tags"):
            node = getattr(role, name)
            if node is not None:
                yield f"{who}: {name} = {shown(node)}"
        yield from (f"{who}: policy {p.name} = {shown(p.document)}" for p in role.policies)
        yield from (f"{who}: attached {shown(node)}" for node in role.attached)
    for policy in model.policies:
        yield f"policy {policy.arn} = {shown(policy.document)}"
    for key in model.keys:
        who = f"key {key.arn or key.key_id}"
        yield who
        for name in ("policy", "state", "spec", "usage", "manager", "multi_region", "grants"):
            node = getattr(key, name)
            if node is not None:
                yield f"{who}: {name} = {shown(node)}"
    for alias in model.aliases:
        yield f"{alias.name} in {alias.account} {alias.region} -> {shown(alias.target)}"
    for thing in model.objects:
        for name in ("acl", "head"):
            node = getattr(thing, name)
            if node is not None:
                yield f"object {thing.bucket}/{thing.key}: {name} = {shown(node)}"
    for account in model.accounts:
        yield f"account {account.id}: " + " ".join(
            f"{name}={shown(value)}"
            for name in (
                "canonical_id",
                "public_access_block",
                "organization",
                "path",
                "complete",
                "exempt",
            )
            if (value := getattr(account, name)) is not None and value not in (False, frozenset())
        )
    for organized in model.organization:
        yield f"{organized.type} on {' '.join(organized.targets)} = {shown(organized.document)}"
    for inventory in model.inventories:
        yield f"all {inventory.kind} of {inventory.account} {inventory.region or ''}".strip()
    yield from (f"no {missing.kind} {missing.name}" for missing in model.missing)
    yield from (f"problem {p.path}:{p.line}: {p.message}" for p in model.problems)
    yield from (f"left out {p.path}: {p.message}" for p in model.left_out)
    yield from (f"assumed {text}" for text in model.assumptions)


def shown(value: Any) -> str:
    """Return a value as JSON, alternatives with a bar between them."""
    if isinstance(value, Node):
        return shown(value.value)
    if isinstance(value, Unknown):
        return f"unknown ({value.reason})"
    if isinstance(value, OneOf):
        return "(" + " | ".join(shown(option) for option in value.options) + ")"
    if isinstance(value, OPEN):
        return f"<{value}>"
    if isinstance(value, frozenset):
        return shown(sorted(value))
    if isinstance(value, dict):
        members = sorted((key, item) for key, item in value.items() if not _is_absent(item))
        return "{" + ",".join(f"{json.dumps(key)}:{_within(item)}" for key, item in members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_within(item) for item in value if not _is_absent(item)) + "]"
    return json.dumps(value, default=str)


def _within(item: Any) -> str:
    """Return what stands in a container: what is open in quotes."""
    value = item.value if isinstance(item, Node) else item
    return json.dumps(shown(value)) if isinstance(value, OPEN) else shown(value)


def _is_absent(item: Any) -> bool:
    return isinstance(item, Node) and item.value is None
