"""Writing small folders of Terraform source, loading them, and finding what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crrlint.documents.places import Places
from crrlint.documents.source import Document, Location, Node
from crrlint.loaders.terraform.source import load
from crrlint.model import BucketFacts, KeyFacts, Model, RoleFacts
from crrlint.model.bindings import Bindings
from tests.loaders.terraform.reading import plain

Facts = BucketFacts | RoleFacts | KeyFacts


class Beside:
    """Files that source may read by name."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | str:
        text = self._files.get(path)
        return "does not exist" if text is None else text.encode()

    def misses(self, path: str) -> bool:
        return path not in self._files

    def below(self, folder: str) -> list[str] | None:
        found = [path for path in self._files if path.startswith(f"{folder}/")]
        return [path.removeprefix(f"{folder}/") for path in found]


def source(files: Mapping[str, str] | str, bindings: Bindings | None = None) -> Model:
    """Load source; a lone text is `main.tf`.  What is no source can be read by `file`."""
    if isinstance(files, str):
        files = {"main.tf": files}
    endings = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json", "modules.json")
    documents = [
        Document(path, text, "hcl", None) for path, text in files.items() if path.endswith(endings)
    ]
    bindings = bindings or Bindings()
    return load(documents, bindings._replace(files=Beside(files)))


def clean(files: Mapping[str, str] | str, bindings: Bindings | None = None) -> Model:
    """Load source that has nothing wrong with it."""
    model = source(files, bindings)
    assert model.problems == ()
    return model


def setting(model: Model, field: str, name: str | None = None) -> Any:
    """Return what is stated of a bucket's field, without places; the only one, if no name."""
    found = [
        plain(fact.fields[field])  # type: ignore[index]
        for fact in model.buckets
        if field in fact.fields and name in (None, str(fact.name))
    ]
    assert len(found) == 1, found
    return found[0]


def names(model: Model) -> list[str]:
    """Return the names of the buckets that are declared."""
    return [str(fact.name) for fact in model.buckets if fact.declared]


def line_of(at: Location) -> tuple[str, int, int]:
    span = Places().span(at)
    assert span is not None
    return at.path, span.line, span.column


def rules(model: Model) -> list[Any]:
    """Return the replication rules of the only configuration."""
    configurations = [f.fields["replication"] for f in model.buckets if "replication" in f.fields]
    assert len(configurations) == 1
    found = configurations[0].get("Rules")
    assert found is not None
    return [plain(rule) for rule in found.value]


def statements(document: Node) -> list[Any]:
    """Return the statements of a policy."""
    found = document.get("Statement")
    assert found is not None
    value = plain(found)
    return value if isinstance(value, list) else [value]
