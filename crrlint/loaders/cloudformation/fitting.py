"""Which templates bear a name, or hold what a described stack holds."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from crrlint.documents.source import Document
from crrlint.loaders.cloudformation.described import Description
from crrlint.loaders.cloudformation.known import Deployed

_ENDINGS = (".template.json", ".template.yaml", ".template.yml", ".cfn.yaml", ".cfn.yml")


def stem_of(path: str) -> str:
    name = posixpath.basename(path)
    for ending in _ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending)
    return posixpath.splitext(name)[0]


def section(document: Document, name: str) -> dict[str, Any]:
    found = document.data.get(name)
    return found if isinstance(found, dict) else {}


class Index:
    """Templates by folder, name and content: questions for all of them come from many files."""

    def __init__(self, templates: Mapping[str, Document]) -> None:
        self._templates = templates
        self.by_folder: dict[str, list[str]] = {}
        self.by_stem: dict[tuple[str, str], list[str]] = {}
        for path in templates:
            folder = posixpath.dirname(path)
            self.by_folder.setdefault(folder, []).append(path)
            self.by_stem.setdefault((folder, stem_of(path)), []).append(path)
        self._stacks: dict[str | None, list[str]] | None = None

    def by_stack(self, stacks: Mapping[str, Sequence[Deployed]]) -> Mapping[str | None, list[str]]:
        """Return the templates of each stack's name, as known when first asked."""
        if self._stacks is None:
            self._stacks = {}
            for template, deployed in stacks.items():
                for name in {d.stack for d in deployed if d.stack is not None}:
                    if template in self._templates:
                        self._stacks.setdefault(name, []).append(template)
        return self._stacks

    @cached_property
    def _with_resource(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for path, template in self._templates.items():
            for name in section(template, "Resources"):
                found.setdefault((posixpath.dirname(path), name), []).append(path)
        return found

    @cached_property
    def _with_parameters(self) -> dict[tuple[str, frozenset[str]], list[str]]:
        found: dict[tuple[str, frozenset[str]], list[str]] = {}
        for path, template in self._templates.items():
            names = frozenset(section(template, "Parameters"))
            found.setdefault((posixpath.dirname(path), names), []).append(path)
        return found

    def fitting(self, description: Description, folder: str) -> list[str]:
        """Return the templates of a folder that hold what a stack has."""
        near: Sequence[str] = self.by_folder.get(folder, ())
        if description.resources:
            have = (self._with_resource.get((folder, n), []) for n in description.resources)
            near = min(have, key=len)
        elif description.whole:
            near = self._with_parameters.get((folder, frozenset(description.parameters)), [])
        return [path for path in near if _fits(description, self._templates[path])]


def _fits(description: Description, template: Document) -> bool:
    """Tell whether a stack has the parameters, outputs and resources of a template."""
    if description.whole and (
        description.parameters.keys() != section(template, "Parameters").keys()
        or not description.outputs.keys() <= section(template, "Outputs").keys()
    ):
        return False
    resources = section(template, "Resources")
    return all(
        isinstance(resources.get(name), dict) and resources[name].get("Type") == found.type
        for name, found in description.resources.items()
    )
