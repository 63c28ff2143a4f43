"""Which stacks are made of which template: crrlint.yaml, the CDK, and the files beside it.

What is not certain is not bound, and noted.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from crrlint.documents.source import Document, Problem
from crrlint.loaders.beside import Beside
from crrlint.loaders.cloudformation.declared import Declared
from crrlint.loaders.cloudformation.described import Description, Instance
from crrlint.loaders.cloudformation.fitting import Index, section
from crrlint.loaders.cloudformation.known import CONFIGURED, Deployed, configured
from crrlint.model.bindings import Bindings
from crrlint.model.parameters import UnknownShape, parameters_in
from crrlint.values import Symbol, Text, symbolic

_SUFFIXES: Final = (
    "parameters", "params", "parameter", "param", "configuration", "config", "stack", "stacks",
    "describe-stacks", "resources", "stack-resources", "list-stack-resources",
    "describe-stack-resources", "instances", "stack-instances", "list-stack-instances",
    "description",
)  # fmt: skip
_FOLDERS: Final = ("parameters", "params", "config")


class Plan(NamedTuple):
    """The stacks of each template, and descriptions of stacks of templates that are not there."""

    stacks: Mapping[str, tuple[Deployed, ...]]
    others: tuple[Description, ...]
    instances: tuple[Instance, ...]


class Planner:
    """Joins what is said; `tops` are the templates that are nested in no other."""

    def __init__(
        self, tops: Mapping[str, Document], bindings: Bindings, notes: list[Problem]
    ) -> None:
        self._tops = tops
        self._bindings = bindings
        self._notes = notes
        self._stacks: dict[str, list[Deployed]] = {}
        self._with_file = {d.template for d in bindings.deployments if d.parameters_file}
        self._index = Index(tops)

    def plan(
        self,
        declared: Iterable[Declared],
        sided: Sequence[tuple[Document, Beside]],
        described: Sequence[Description],
        instances: Sequence[Instance],
    ) -> Plan:
        for template, deployed in declared:
            self._stacks.setdefault(template, []).append(deployed)
        for template, said in configured(self._bindings.deployments).items():
            self._stacks[template] = [self._filled(template, one) for one in said]
        self._add_parameters([d for d, kind in sided if kind == "parameters"])
        others = self._add_descriptions(described)
        left = self._add_instances(instances)
        stacks = {path: tuple(found) for path, found in self._stacks.items()}
        return Plan(stacks, tuple(others), tuple(left))

    def _note(self, path: str, message: str) -> None:
        self._notes.append(Problem(path, message))

    def _filled(self, template: str, said: Deployed) -> Deployed:
        """Return what crrlint.yaml says, and for the rest what the one stack that fits says."""
        found = self._stacks.get(template, [])
        # A template of an assembly is that of one stack, wherever crrlint.yaml moves it.
        fitting = [d for d in found if d.app or _may_be(said, d)]
        return _together(said, fitting[0]) if len(fitting) == 1 else said

    # Parameters files

    def _add_parameters(self, documents: Sequence[Document]) -> None:
        files: dict[str, list[Document]] = {}
        named = {d.parameters_file for d in self._bindings.deployments}
        for document in documents:
            if document.path in named:
                continue
            found = list(self._named_like(document.path))
            if len(found) == 1:
                files.setdefault(found[0], []).append(document)
            else:
                what = f"may be for {' or '.join(sorted(found))}" if found else "name no template"
                self._note(document.path, f"holds parameters that {what}: {_SAY}")
        for template, candidates in files.items():
            self._add_file(template, candidates)

    def _add_file(self, template: str, candidates: Sequence[Document]) -> None:
        if template in self._with_file:
            return
        deployed = self._stacks.get(template, [Deployed()])
        if len(candidates) > 1 or len(deployed) > 1:
            which = "one of several files with" if len(candidates) > 1 else "the only file with"
            of = "" if len(deployed) == 1 else f", which is deployed {len(deployed)} times"
            for document in candidates:
                self._note(document.path, f"is {which} parameters of {template}{of}: {_SAY}")
            return
        document = candidates[0]
        try:
            data = document.data
            given = parameters_in(
                document.path, data["Parameters"] if isinstance(data, dict) else data
            )
        except UnknownShape as error:
            self._note(document.path, str(error))
            return
        strange = sorted(given.keys() - section(self._tops[template], "Parameters").keys())
        if strange:
            names = ", ".join(strange)
            self._note(document.path, f"gives {names}, which {template} does not declare: {_SAY}")
            return
        self._stacks[template] = [_together(deployed[0], Deployed(document.path, parameters=given))]

    def _named_like(self, path: str) -> Iterator[str]:
        """Yield the templates in the folder (or the one above) that bear the file's name."""
        folder, stems = posixpath.dirname(path), _stems(path)
        folders = {folder}
        if posixpath.basename(folder) in _FOLDERS:
            folders.add(posixpath.dirname(folder))
        for one in sorted(folders):
            for stem in sorted(stems):
                yield from self._index.by_stem.get((one, stem), ())

    # Descriptions

    def _add_descriptions(self, described: Sequence[Description]) -> list[Description]:
        """Add descriptions to the stacks they are of; return those of other stacks."""
        others: list[Description] = []
        found: dict[str, list[Description]] = {}
        nested = {r.id for d in described for r in d.resources.values() if r.type == _STACK}
        per_file = Counter(description.path for description in described)
        for description in described:
            if description.stack_id in nested:
                continue  # it is found by way of the stack that it is nested in
            templates = self._templates_of(description, per_file[description.path] == 1)
            if len(templates) == 1:
                found.setdefault(templates[0], []).append(description)
                continue
            others.append(description)
            if len(templates) > 1 or not (description.exports or description.outputs):
                what = " or ".join(templates) if templates else "no template of the inputs"
                name = f"stack {description.name}" if description.name else "a stack"
                self._note(description.path, f"describes {name} made of {what}: {_SAY_STACK}")
        for template, descriptions in found.items():
            self._describe(template, descriptions)
        return others

    def _templates_of(self, description: Description, alone: bool) -> list[str]:
        """Return the templates that a stack may be made of: by name, or by content.

        The name of a file tells where the stack is the only one in it.
        """
        by_stack = [
            template
            for template in self._index.by_stack(self._stacks).get(description.name, ())
            if any(_is_of(description, d) for d in self._stacks[template])
        ]
        if by_stack:
            return by_stack

        # A stack that is named is this one or another: its name is what tells.
        def free(templates: Iterable[str]) -> list[str]:
            return [
                template
                for template in templates
                if any(_may_be_of(description, d) for d in self._stacks.get(template, [Deployed()]))
            ]

        folder = posixpath.dirname(description.path)
        by_name = free(self._index.by_stem.get((folder, description.name or ""), ()))
        if not by_name and alone:
            like = self._named_like(description.path)
            by_name = free(t for t in like if posixpath.dirname(t) == folder)
        if by_name:
            return by_name
        fitting = free(self._index.fitting(description, folder))
        telling = bool(description.parameters or description.outputs or description.resources)
        return fitting if telling or len(self._index.by_folder.get(folder, ())) == 1 else []

    def _describe(self, template: str, descriptions: Sequence[Description]) -> None:
        named = [d for d in descriptions if d.name is not None]
        nameless = [d for d in descriptions if d.name is None]
        deployed = self._stacks.get(template, [])
        if len(nameless) == 1 and len(named) < 2:
            named = [named[0] | nameless[0] if named else nameless[0]]
        elif nameless:
            for description in nameless:
                message = f"lists resources of one of several stacks of {template}: {_SAY_STACK}"
                self._note(description.path, message)
        if not deployed:
            deployed = [Deployed() for _ in named]
            self._stacks[template] = [
                self._described(d, one) for d, one in zip(deployed, named, strict=True)
            ]
            return
        for description in named:
            indexes = [i for i, d in enumerate(deployed) if _is_of(description, d)]
            indexes = indexes or [i for i, d in enumerate(deployed) if _may_be_of(description, d)]
            if len(indexes) == 1 and deployed[indexes[0]].description is None:
                deployed[indexes[0]] = self._described(deployed[indexes[0]], description)
            else:
                message = f"describes one of several stacks of {template}: {_SAY_STACK}"
                self._note(description.path, message)

    def _described(self, deployed: Deployed, description: Description) -> Deployed:
        """Return a stack with its description; a parameter that both give differently is open."""
        parameters: dict[str, Text] = dict(deployed.parameters)
        if deployed.path not in ("", CONFIGURED):
            for name, value in description.parameters.items():
                mine = parameters.get(name)
                if isinstance(mine, str) and isinstance(value, str) and mine != value:
                    needs = f"--param {name}=..., or `deployments` in crrlint.yaml"
                    text = f"${{{name}}}"
                    parameters[name] = symbolic(
                        Symbol(
                            description.path,
                            f"parameter {name}",
                            text,
                            reason="conflict",
                            needs=needs,
                        )
                    )
                    message = f"gives parameter {name} another value than {deployed.path}"
                    self._note(description.path, message)
        return deployed._replace(
            account=deployed.account or description.account,
            region=deployed.region or description.region,
            stack=deployed.stack or description.name,
            parameters=parameters,
            description=description,
        )

    # Stack sets

    def _add_instances(self, instances: Sequence[Instance]) -> list[Instance]:
        """Multiply the stacks of a template that bears the name of a stack set."""
        left: list[Instance] = []
        by_set: dict[tuple[str, str], list[Instance]] = {}
        for instance in instances:
            by_set.setdefault((instance.path, instance.stack_set), []).append(instance)
        for (path, name), found in by_set.items():
            folder = posixpath.dirname(path)
            named = self._index.by_stem.get((folder, name)) or self._named_like(path)
            templates = list(named)
            if len(templates) != 1:
                left.extend(found)
                continue
            deployed = self._stacks.get(templates[0], [Deployed()])
            if len(deployed) != 1:
                message = f"lists the stacks of {templates[0]}, which others list too: {_SAY_STACK}"
                self._note(path, message)
                continue
            self._stacks[templates[0]] = [
                deployed[0]._replace(account=one.account, region=one.region) for one in found
            ]
        return left


_STACK: Final = "AWS::CloudFormation::Stack"
_SAY: Final = "name it as `parameters-file` of a deployment in crrlint.yaml"
_SAY_STACK: Final = "name the `stack` of a deployment in crrlint.yaml"


def _stems(path: str) -> set[str]:
    """Return the names of templates that a file is named for."""
    whole = posixpath.splitext(posixpath.basename(path))[0]
    stems = {whole}
    for suffix in _SUFFIXES:
        for separator in ".-_":
            ending = separator + suffix
            if whole.endswith(ending):
                stems.add(whole.removesuffix(ending))
    return stems


def _may_be(one: Deployed, other: Deployed) -> bool:
    """Tell whether two may speak of one stack: nothing that both state differs."""
    pairs = ((one.account, other.account), (one.region, other.region), (one.stack, other.stack))
    return all(a is None or b is None or a == b for a, b in pairs)


def _may_be_of(description: Description, deployed: Deployed) -> bool:
    place = Deployed("", description.account, description.region, description.name)
    return _may_be(place, deployed)


def _is_of(description: Description, deployed: Deployed) -> bool:
    named = description.name is not None and description.name == deployed.stack
    return named and _may_be_of(description, deployed)


def _together(strong: Deployed, weak: Deployed) -> Deployed:
    """Return what two say of one stack; an open value does not hide one that is known."""
    parameters = dict(weak.parameters)
    for name, value in strong.parameters.items():
        if isinstance(value, str) or name not in parameters:
            parameters[name] = value
    return Deployed(
        strong.path or weak.path,
        strong.account or weak.account,
        strong.region or weak.region,
        strong.stack or weak.stack,
        parameters,
        strong.description or weak.description,
        strong.app or weak.app,
    )
