"""Files that tell how templates are deployed: assemblies, parameters, descriptions of stacks.

They say nothing alone; `loaders.cloudformation` reads them together with the templates.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final, Literal, TypeAlias

from crrlint.documents.source import Document

Beside: TypeAlias = Literal[
    "assembly",
    "metadata",
    "parameters",
    "git-sync",
    "sam",
    "sceptre",
    "sceptre-folder",
    "taskcat",
    "stacks",
    "resources",
    "instances",
    "exports",
]

FORMATS: Final[dict[Beside, str]] = {
    "assembly": "CDK assembly",
    "metadata": "CDK metadata",
    "parameters": "CloudFormation parameters",
    "git-sync": "CloudFormation deployment file",
    "sam": "SAM configuration",
    "sceptre": "Sceptre configuration",
    "sceptre-folder": "Sceptre configuration",
    "taskcat": "taskcat configuration",
    "stacks": "stack description",
    "resources": "list of a stack's resources",
    "instances": "list of stack instances",
    "exports": "list of exports",
}

_PAIR: Final = re.compile(r"[A-Za-z0-9]{1,255}=")


def kind_beside(document: Document) -> Beside | None:
    """Tell what a document says of stacks; None for what says nothing of any."""
    data = document.data
    if isinstance(data, dict):
        return _mapping(data, document.path)
    if isinstance(data, list) and data and _is_parameters_list(data, document.path):
        return "parameters"
    return None


def _is_parameters_list(data: list[Any], path: str) -> bool:
    if all(isinstance(item, dict) and isinstance(item.get("ParameterKey"), str) for item in data):
        return True
    # Lists of NAME=VALUE are met in many places.
    name = posixpath.basename(path).lower()
    return ("param" in name or "override" in name) and all(
        isinstance(item, str) and _PAIR.match(item) for item in data
    )


def _mapping(data: dict[str, Any], path: str) -> Beside | None:
    for member, kind, keys in _ANSWERS:
        if member in data:
            items = data[member]
            fits = (
                isinstance(items, list)
                and items
                and all(isinstance(i, dict) and keys <= i.keys() for i in items)
            )
            return kind if fits else None
    if "artifacts" in data:
        return "assembly" if _is_assembly(data) else None
    if isinstance(data.get("template-file-path"), str):
        return "git-sync"
    if "Parameters" in data:
        return "parameters" if _is_configuration(data) else None
    name = posixpath.basename(path)
    if name.startswith("samconfig"):
        return "sam" if sam_environments(data) else None
    if name.endswith(".metadata.json"):
        return "metadata" if _is_metadata(data) else None
    if isinstance(data.get("tests"), dict) and _is_taskcat(data):
        return "taskcat"
    if "config" in path.split("/")[:-1]:
        return _sceptre(data, name)
    return None


_ANSWERS: Final[tuple[tuple[str, Beside, frozenset[str]], ...]] = (
    ("Stacks", "stacks", frozenset(("StackName",))),
    ("StackResourceSummaries", "resources", frozenset(("LogicalResourceId",))),
    ("StackResources", "resources", frozenset(("LogicalResourceId",))),
    ("Summaries", "instances", frozenset(("StackSetId", "Account", "Region"))),
    ("Exports", "exports", frozenset(("ExportingStackId", "Name", "Value"))),
)


def _is_assembly(data: dict[str, Any]) -> bool:
    artifacts = data["artifacts"]
    return (
        isinstance(data.get("version"), str)
        and isinstance(artifacts, dict)
        and any(
            isinstance(a, dict) and str(a.get("type")).startswith(("aws:cloudformation:", "cdk:"))
            for a in artifacts.values()
        )
    )


def _is_configuration(data: dict[str, Any]) -> bool:
    parameters = data["Parameters"]
    return (
        isinstance(parameters, dict)
        and bool(parameters)
        and data.keys() <= {"Parameters", "Tags", "StackPolicy"}
        # A declaration (`Type: String`) is a mapping; so is a tag such as `!Rain::Env`.
        and not any(isinstance(value, dict) and "Type" in value for value in parameters.values())
    )


def _is_metadata(data: dict[str, Any]) -> bool:
    return bool(data) and all(
        name.startswith("/") and isinstance(entries, list) for name, entries in data.items()
    )


def sam_environments(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what each environment gives to `sam deploy`."""
    found: dict[str, dict[str, Any]] = {}
    for name, commands in data.items():
        if not isinstance(commands, dict):
            continue
        merged: dict[str, Any] = {}
        for command in ("global", "deploy"):
            table = commands.get(command)
            parameters = table.get("parameters") if isinstance(table, dict) else None
            merged.update(parameters if isinstance(parameters, dict) else {})
        if merged:
            found[name] = merged
    return found


def _is_taskcat(data: dict[str, Any]) -> bool:
    project = data.get("project")
    shared = isinstance(project, dict) and "template" in project
    return all(isinstance(t, dict) and (shared or "template" in t) for t in data["tests"].values())


def _sceptre(data: dict[str, Any], name: str) -> Beside | None:
    if posixpath.splitext(name)[0] == "config":
        return "sceptre-folder" if "project_code" in data or "region" in data else None
    template = data.get("template")
    if isinstance(data.get("template_path"), str):
        return "sceptre"
    if isinstance(template, dict) and isinstance(template.get("path"), str):
        return "sceptre"
    return None
