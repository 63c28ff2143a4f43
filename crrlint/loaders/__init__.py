"""From documents to the model: which loader reads what.

A loader is a module with `load(documents, bindings) -> Model`; it is imported
when a document of its format is there.  Recognition goes by content, never by
the file's name alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from crrlint.documents.source import Document, Problem
from crrlint.model import Model
from crrlint.model.bindings import Bindings

RecognisedBy: TypeAlias = Literal["content", "name", "folder", "crrlint.yaml"]


class Recognised(NamedTuple):
    """What a document is.

    `loader` names the module that reads it; without one, `hint` says what the
    document is and what to give instead.  `by` tells what it was recognised by.  What
    lies `beside` others says something of them, and nothing alone.  Of what `holds`
    others, those are read.
    """

    format: str
    loader: str | None
    hint: str = ""
    by: RecognisedBy = "content"
    beside: bool = False
    holds: bool = False


_VALUES: Final = (".tfvars", ".tfvars.json")
SOURCE: Final = (".tf", ".tofu", ".tf.json", ".tofu.json", *_VALUES)
"""How the names of files end that are HCL for Terraform."""
_GIVE_PLAN = "give the state, or a plan: terraform show -json"
_BESIDE = {
    "terragrunt.hcl": ("Terragrunt configuration", _GIVE_PLAN),
    ".tftest.hcl": ("Terraform test", "nothing that is deployed"),
    ".tofutest.hcl": ("OpenTofu test", "nothing that is deployed"),
    ".terraform.lock.hcl": ("Terraform's lock file", "nothing that is deployed"),
    ".pkr.hcl": ("Packer template", "nothing that replicates"),
    ".nomad": ("Nomad job", "nothing that replicates"),
    ".nomad.hcl": ("Nomad job", "nothing that replicates"),
}


def recognise_source(path: str) -> Recognised | None:
    """Tell what a file of HCL is, which goes by its name as it does for Terraform."""
    if path.endswith(_VALUES):
        return Recognised("Terraform variables", "terraform.source")
    if path.endswith(SOURCE):
        what = "OpenTofu source" if ".tofu" in path[-10:] else "Terraform source"
        return Recognised(what, "terraform.source")
    if path.endswith("/modules/modules.json") and ".terraform" in path:
        return Recognised("list of Terraform modules", "terraform.source")
    if not path.endswith((".hcl", ".nomad")):
        return None
    for ending, (what, hint) in _BESIDE.items():
        if path.endswith(ending):
            return Recognised(what, None, hint)
    return None


def recognise(document: Document, bindings: Bindings) -> Recognised | None:
    """Tell what a document is; None when it is nothing that crrlint knows."""
    data = document.data
    if any(bind.file == document.path for bind in bindings.binds):
        return Recognised("AWS document", "aws", by="crrlint.yaml")
    if document.syntax == "zip":
        return _recognise_archive(document.data.names)
    if isinstance(data, dict):
        found = _recognise_mapping(data)
        if found is not None:
            return found
    if isinstance(data, (dict, list)):
        from crrlint.loaders.beside import FORMATS, kind_beside

        kind = kind_beside(document)
        if kind is not None:
            return Recognised(FORMATS[kind], "cloudformation", _DEPLOYED, beside=True)
    sign = _recognise_sign(document)
    if sign is not None:
        return sign
    from crrlint.loaders.aws import recognise as recognise_answer

    return recognise_answer(document, bindings)


def _recognise_mapping(data: dict[str, Any]) -> Recognised | None:
    if is_template(data):
        return Recognised("CloudFormation template", "cloudformation")
    is_state = data.get("version") == 4 and isinstance(data.get("resources"), list)
    if is_state and ("terraform_version" in data or "lineage" in data):
        return Recognised("Terraform state", "terraform.state")
    if isinstance(data.get("format_version"), str):
        return _recognise_shown(data)
    if "plan_format_version" in data and "resource_changes" in data:
        # What HCP Terraform gives to those who may not see values.
        hint = "give the plan itself: terraform show -json, or json-output of its API"
        return Recognised("Terraform plan without its values", None, hint)
    if "encrypted_data" in data and "encryption_version" in data:
        hint = "give it decrypted: tofu state pull, or tofu show -json PLAN"
        return Recognised("encrypted OpenTofu state or plan", None, hint)
    return None


_DEPLOYED: Final = "it says how templates are deployed: give them too"


def _recognise_sign(document: Document) -> Recognised | None:
    """Tell what AWS Config, Pulumi or a controller of Kubernetes wrote."""
    from crrlint.loaders.recognition import sign_of

    sign = sign_of(document)
    return None if sign is None else Recognised(*sign)


def _recognise_shown(data: dict[str, Any]) -> Recognised | None:
    """Tell what `terraform show -json` printed; other commands give a `format_version` too."""
    if not data.keys().isdisjoint(("planned_values", "resource_changes", "configuration")):
        return Recognised("Terraform plan", "terraform.plan")
    if "values" in data:
        return Recognised("Terraform state as terraform show prints it", "terraform.shown")
    if data.keys() <= {"format_version", "terraform_version", "checks"}:
        return Recognised("empty Terraform state", None, "it has no resources")
    return None


def recognise_foreign(document: Document) -> Recognised | None:
    """Tell which tool's document something is that nothing here reads; None for anybody's."""
    from crrlint.loaders.foreign import foreign_format

    name = document.path.replace("\\", "/").rsplit("/", 1)[-1]
    found = foreign_format(document.data, name)
    return None if found is None else Recognised(found[0], None, found[1])


def _recognise_archive(names: Sequence[str]) -> Recognised:
    if "tfplan" in names:
        return Recognised("saved Terraform plan", "terraform.saved")
    from crrlint.documents.archives import assemblies_in

    if assemblies_in(names):
        return Recognised("zipped CDK assembly", None, beside=True, holds=True)
    return Recognised("zip archive", None, "unpack it, and give what it holds")


def is_template(data: dict[str, Any]) -> bool:
    resources = data.get("Resources")
    if not isinstance(resources, dict):
        return False
    if "AWSTemplateFormatVersion" in data:
        return True
    return any(
        str(name).startswith("Fn::ForEach::")
        or (isinstance(r, dict) and isinstance(r.get("Type"), str) and "::" in r["Type"])
        for name, r in resources.items()
    )


def load(documents: Sequence[tuple[Document, Recognised]], bindings: Bindings) -> Model:
    """Read recognised documents; those of one loader together, for they may refer to each other.

    A document that a loader cannot cope with is a problem of its own; the others are read.
    """
    model = Model(
        accounts=bindings.accounts,
        buckets=bindings.buckets,
        assumptions=tuple(f"bucket {bucket.name} exists" for bucket in bindings.buckets),
        organization_complete=bindings.organization_complete,
    )
    if sum(r.loader == "terraform.state" for _, r in documents) > 1:
        from crrlint.loaders.copies import newest

        documents, left_out = newest(documents)
        model = model._replace(left_out=tuple(left_out))
    documents = _with_plans(documents)
    for name in dict.fromkeys(r.loader for _, r in documents if r.loader is not None):
        mine = [document for document, r in documents if r.loader == name]
        try:
            model = model | _load(name, mine, bindings)
        except Exception:
            for document in mine:
                model = model | _load_alone(name, document, bindings)
    return model


def _with_plans(
    documents: Sequence[tuple[Document, Recognised]],
) -> Sequence[tuple[Document, Recognised]]:
    """Let one loader read plans and the source that they may have been made of."""
    there = {r.loader for _, r in documents}
    if "terraform.saved" not in there and not {"terraform.plan", "terraform.source"} <= there:
        return documents
    together = ("terraform.plan", "terraform.saved", "terraform.source")
    return [
        (d, r._replace(loader="terraform.applied") if r.loader in together else r)
        for d, r in documents
    ]


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
