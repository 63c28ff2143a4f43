"""Reading small templates, and showing what came of them as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crrlint.documents.parse import parse
from crrlint.documents.source import Document, Node
from crrlint.loaders import Recognised, recognise
from crrlint.loaders import load as load_all
from crrlint.loaders.cloudformation import load
from crrlint.loaders.wrapped import unwrapped
from crrlint.model import BucketFacts, Model
from crrlint.model.bindings import Bindings
from crrlint.values import OneOf, Symbolic, Unknown


def read(bindings: Bindings | None = None, **texts: str) -> Model:
    """Load templates by name; `t` stands for the file `t.yaml`."""
    documents: list[Document] = []
    for name, text in texts.items():
        found, problems = parse(f"{name}.yaml", text)
        assert not problems
        documents += found
    return load(documents, bindings or Bindings())


def plain(value: Any) -> Any:
    """Return a value without places; symbols as `${Name}`, alternatives as `a | b`."""
    if isinstance(value, Node):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, OneOf):
        return " | ".join(str(plain(option)) for option in value.options)
    if isinstance(value, Unknown):
        return f"? {value.what}"
    return str(value) if isinstance(value, Symbolic) else value


def bucket(model: Model, name: str) -> BucketFacts:
    """Return the bucket whose logical id this is."""
    found = [f for f in model.buckets if f.declared and f.at.key == name]
    assert len(found) == 1, [f.at.pointer for f in model.buckets]
    return found[0]


def field(model: Model, name: str, which: Any) -> Any:
    return plain(bucket(model, name).fields[which])


def tree(files: Mapping[str, Any], bindings: Bindings | None = None) -> Model:
    """Load a folder of files as a run does; what is no text is written as JSON."""
    bound = bindings or Bindings()
    found: list[tuple[Document, Recognised]] = []
    for path, written in files.items():
        text = written if isinstance(written, str) else json.dumps(written, indent=1)
        for document in map(unwrapped, parse(path, text)[0]):
            recognised = recognise(document, bound)
            assert recognised is not None, path
            found.append((document, recognised))
    return load_all(found, bound)


def place(fact: BucketFacts) -> tuple[Any, Any]:
    return plain(fact.fields["account"]), plain(fact.fields["region"])


def noted(model: Model) -> dict[str, str]:
    return {problem.path: problem.message for problem in model.left_out}
