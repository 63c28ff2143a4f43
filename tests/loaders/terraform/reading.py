"""Writing small states, loading them, and showing what came of them as plain data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crrlint.documents.parse import parse
from crrlint.documents.source import Document, Node
from crrlint.loaders.terraform.state import load
from crrlint.model import BucketFacts, BucketField, KeyFacts, Model, RoleFacts
from crrlint.model.bindings import Bindings
from crrlint.values import OneOf, Symbolic, Unknown

AWS = 'provider["registry.terraform.io/hashicorp/aws"]'


def resource(
    type: str,
    attributes: dict[str, Any] | None = None,
    *,
    name: str = "x",
    module: str | None = None,
    provider: str = AWS,
    **instance: Any,
) -> dict[str, Any]:
    """Write a resource of one instance; a `data.` in front of the type makes it a data source."""
    mode = "data" if type.startswith("data.") else "managed"
    whole = {"schema_version": 0, "attributes": attributes, **instance}
    found = {"mode": mode, "type": type.removeprefix("data."), "name": name, "provider": provider}
    return {**found, "instances": [whole], **({"module": module} if module else {})}


def state(*resources: Any, lineage: str = "l") -> str:
    return json.dumps(
        {
            "version": 4,
            "terraform_version": "1.12.2",
            "serial": 3,
            "lineage": lineage,
            "outputs": {},
            "resources": list(resources),
        },
        indent=2,
    )


def read(*resources: Any, bindings: Bindings | None = None) -> Model:
    """Load one state of these resources."""
    return read_texts(state(*resources), bindings=bindings)


def read_texts(*texts: str, bindings: Bindings | None = None) -> Model:
    """Load states; their paths are 0.tfstate, 1.tfstate and so on."""
    documents: list[Document] = []
    for number, text in enumerate(texts):
        found, problems = parse(f"{number}.tfstate", text)
        assert not problems
        documents += found
    return load(documents, bindings or Bindings())


def read_file(name: str) -> Model:
    return read_texts((Path(__file__).parent / name).read_text())


def plain(value: Any) -> Any:
    """Return a value without places; alternatives as `a | b`, unknowns as `? reason`."""
    if isinstance(value, Node):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, OneOf):
        return " | ".join(str(plain(option)) for option in value.options)
    if isinstance(value, Unknown):
        return f"? {value.reason}"
    return str(value) if isinstance(value, Symbolic) else value


def bucket(model: Model, name: str = "b") -> BucketFacts:
    """Return the facts where the bucket itself stands."""
    [found] = [b for b in model.buckets if b.name == name and b.declared]
    return found


def stated(model: Model, field: BucketField, name: str = "b") -> list[Any]:
    """Return what all facts of a bucket state of a field."""
    return [plain(b.fields[field]) for b in model.buckets if b.name == name and field in b.fields]


def otherwise(model: Model, field: BucketField, name: str = "b") -> list[Any]:
    """Return what holds of a field where no fact states it."""
    if stated(model, field, name):
        return []
    return [
        plain(b.otherwise[field]) for b in model.buckets if b.name == name and field in b.otherwise
    ]


def role(model: Model, name: str = "r") -> RoleFacts:
    [found] = [r for r in model.roles if r.name == name]
    return found


def key(model: Model) -> KeyFacts:
    [found] = model.keys
    return found
