"""Folders that are applied: which they are, and what their variables are given."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from crrlint.documents.parse import dig
from crrlint.documents.source import Document, Node, Problem
from crrlint.loaders.hcl import Fault
from crrlint.loaders.terraform import variables as terraform_variables
from crrlint.loaders.terraform.deployment import Deployment, Place
from crrlint.loaders.terraform.files import Near
from crrlint.loaders.terraform.folders import Folder
from crrlint.model.bindings import Bindings, TerraformDeployment

INSTALLED: Final = ".terraform/modules/modules.json"


def installed_in(documents: Sequence[Document]) -> dict[str, dict[str, str]]:
    """Return, by the folder that `terraform init` ran in, the folder of each module's source."""
    found: dict[str, dict[str, str]] = {}
    for document in documents:
        root = posixpath.normpath(document.path.removesuffix(INSTALLED) or ".")
        try:
            entries = dig(json.loads(document.text), "Modules")
        except (ValueError, RecursionError):
            continue
        for entry in entries if isinstance(entries, list) else ():
            key, folder = dig(entry, "Key"), dig(entry, "Dir")
            if isinstance(key, str) and key and isinstance(folder, str):
                address = ".".join(f"module.{name}" for name in key.split("."))
                path = posixpath.normpath(posixpath.join(root, folder))
                found.setdefault(root, {})[address] = path
    return found


def deployments(
    tree: Mapping[str, Folder],
    modules: Mapping[str, Mapping[str, str]],
    bindings: Bindings,
    problems: list[Problem],
    used: set[str],
) -> Iterator[Deployment]:
    bound: dict[str, list[TerraformDeployment]] = {}
    for deployment in bindings.terraform:
        bound.setdefault(posixpath.normpath(deployment.folder.replace("\\", "/")), []).append(
            deployment
        )
    for path in roots_of(tree, bound):
        folder = tree[path]
        here = bindings.at(f"{path}/main.tf")
        several = bound.get(path) or [TerraformDeployment(path)]
        for number, deployment in enumerate(several):
            values = values_for(folder, deployment, bindings, problems, used)
            applied = path in bound or bool(values) or folder.is_root
            yield Deployment(
                path if number == 0 else f"{path} ({number + 1})",
                folder,
                tree,
                Near(bindings.files),
                modules=modules.get(path, {}),
                values=values,
                workspace=deployment.workspace,
                places={
                    name: Place(one.account, one.region)
                    for name, one in deployment.providers.items()
                },
                place=Place(here.account, here.region),
                defaults="all" if applied else "telling",
            )


def roots_of(tree: Mapping[str, Folder], bound: Mapping[str, object]) -> list[str]:
    """Return the folders that are applied: those that nothing calls, and those that are bound."""
    own = {
        path: folder
        for path, folder in tree.items()
        if folder.is_module and ".terraform" not in path.split("/")
    }
    calls = {path: {called for _, called in folder.local_calls()} for path, folder in own.items()}
    called = {target for path, targets in calls.items() for target in targets if target != path}
    roots = [path for path in own if path not in called or path in bound]
    # Modules that call each other in a circle, and that nobody else calls.
    reached = set(roots)
    pending = list(roots)
    for path in own:
        if path not in reached and not pending:
            roots.append(path)
            reached.add(path)
            pending.append(path)
        while pending:
            for target in calls.get(pending.pop(), ()):
                if target not in reached:
                    reached.add(target)
                    pending.append(target)
        if path not in reached:
            roots.append(path)
            reached.add(path)
            pending.append(path)
    return roots


def values_for(
    folder: Folder,
    deployment: TerraformDeployment,
    bindings: Bindings,
    problems: list[Problem],
    used: set[str],
    *,
    files: bool = True,
) -> dict[str, Node]:
    """Return what the variables of a root are given, in Terraform's order of precedence.

    Without `files`, those in its folder are not known to have been there.
    """
    values: dict[str, Node] = {}
    documents = [*terraform_variables.given_in_files(folder)] if files else []
    if deployment.variables_file is not None:
        documents.append(deployment.variables_file)
    documents += bindings.variables_files
    for document in documents:
        found, faults, mistakes = terraform_variables.values_in(document)
        values.update(found)
        problems.extend(fault.problem() for fault in faults)
        problems.extend(mistakes)
    for name, data in deployment.variables.items():
        at = deployment.at
        if at is not None:
            values[name] = terraform_variables.from_data(data, at / "variables" / name)
    declared = folder.declared("variable")
    for name, text in bindings.variables.items():
        variable = declared.get((name,))
        if variable is None:
            continue
        used.add(name)
        given = Document(f"--var {name}", text, "text", None)
        try:
            values[name] = terraform_variables.from_text(text, variable, given.root)
        except Fault as fault:
            problems.append(Problem(given.path, fault.message))
    return values
