"""From documents to the model: which loader reads what.

A loader is a module with `load(documents, bindings) -> Model`; it is imported
when a document of its format is there.  Recognition goes by content, never by
the file's name alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from crrlint.bindings import Bindings
from crrlint.model import Model
from crrlint.source import Document, Problem


class Recognised(NamedTuple):
    """What a document is.

    `loader` names the module that reads it; without one, `hint` says what the
    document is and what to give instead.
    """

    format: str
    loader: str | None
    hint: str = ""


def recognise(document: Document, bindings: Bindings) -> Recognised | None:
    """Tell what a document is; None when it is nothing that crrlint knows."""
    data = document.data
    if any(bind.file == document.path for bind in bindings.binds):
        return Recognised("AWS document", "aws")
    if isinstance(data, dict):
        found = _recognise_mapping(data)
        if found is not None:
            return found
    from crrlint.loaders.aws import recognise as recognise_answer

    return recognise_answer(document, bindings)


def _recognise_mapping(data: dict[str, Any]) -> Recognised | None:
    if _is_template(data):
        return Recognised("CloudFormation template", "cloudformation")
    is_state = data.get("version") == 4 and isinstance(data.get("resources"), list)
    if is_state and ("terraform_version" in data or "lineage" in data):
        return Recognised("Terraform state", "terraform.state")
    if isinstance(data.get("format_version"), str):
        found = _recognise_shown(data)
        if found is not None:
            return found
    if "encrypted_data" in data and "encryption_version" in data:
        return Recognised("encrypted OpenTofu state or plan", None, "give it decrypted")
    return None


def _recognise_shown(data: dict[str, Any]) -> Recognised | None:
    """Tell what Terraform printed as JSON; plans, states and more carry a `format_version`."""
    if not data.keys().isdisjoint(("planned_values", "resource_changes", "configuration")):
        return Recognised("Terraform plan", "terraform.plan")
    if "values" in data:
        return Recognised("Terraform state (show -json)", "terraform.shown")
    if "provider_schemas" in data:
        return Recognised("schemas of Terraform providers", None, "they say nothing of resources")
    if "valid" in data and "diagnostics" in data:
        return Recognised("result of terraform validate", None, _HOW_TO_SHOW)
    if data.keys() <= {"format_version", "terraform_version"}:
        return Recognised("empty Terraform state", None, "it has no resources")
    return None


_HOW_TO_SHOW = "give the plan: terraform plan -out tfplan, then terraform show -json tfplan"


def _is_template(data: dict[str, Any]) -> bool:
    resources = data.get("Resources")
    if not isinstance(resources, dict):
        return False
    typed = [
        r
        for name, r in resources.items()
        if not str(name).startswith("Fn::ForEach::")
        and isinstance(r, dict)
        and isinstance(r.get("Type"), str)
        and "::" in r["Type"]
    ]
    return bool(typed) or "AWSTemplateFormatVersion" in data


def load(documents: Sequence[tuple[Document, Recognised]], bindings: Bindings) -> Model:
    """Read recognised documents; those of one loader together, for they may refer to each other.

    A document that a loader cannot cope with is a problem of its own; the others are read.
    """
    model = Model(organization_complete=bindings.organization_complete)
    for name in dict.fromkeys(r.loader for _, r in documents if r.loader is not None):
        mine = [document for document, r in documents if r.loader == name]
        try:
            model = model | _load(name, mine, bindings)
        except Exception:
            for document in mine:
                model = model | _load_alone(name, document, bindings)
    return model


def _load(name: str, documents: Sequence[Document], bindings: Bindings) -> Model:
    model: Model = import_module(f"crrlint.loaders.{name}").load(documents, bindings)
    return model


def _load_alone(name: str, document: Document, bindings: Bindings) -> Model:
    try:
        return _load(name, [document], bindings)
    except RecursionError:
        message = "is nested too deeply to be read"
    except Exception as error:
        message = f"could not be read: {type(error).__name__}: {error}"
    return Model(problems=(Problem(document.path, message),))
