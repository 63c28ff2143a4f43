"""What is deployed of the templates of one run, as all that lies beside them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crrlint.documents.source import Document, Problem
from crrlint.loaders.beside import Beside
from crrlint.loaders.cloudformation.assembly import assemblies
from crrlint.loaders.cloudformation.declared import declared
from crrlint.loaders.cloudformation.deployments import Planner
from crrlint.loaders.cloudformation.described import descriptions, instances
from crrlint.loaders.cloudformation.known import Deployed
from crrlint.loaders.cloudformation.nesting import nested_paths
from crrlint.loaders.cloudformation.program import Program
from crrlint.loaders.cloudformation.templates import of_app
from crrlint.model.bindings import Bindings
from crrlint.values import Symbol


class Setup(NamedTuple):
    """The templates that count, the stacks that are made of each, and what is not certain."""

    templates: Sequence[Document]
    stacks: Mapping[str, tuple[Deployed, ...]]
    dummies: Mapping[str, Mapping[str, Symbol]]
    program: Program
    notes: tuple[Problem, ...]


def setup(
    templates: Sequence[Document], sided: Sequence[tuple[Document, Beside]], bindings: Bindings
) -> Setup:
    notes: list[Problem] = []
    app = assemblies(sided, {template.path: template for template in templates}, notes)
    bound = {deployment.template for deployment in bindings.deployments}
    kept = [
        of_app(t, app.constructs[t.path], app.dummies[t.path]) if t.path in app.dummies else t
        for t in templates
        if t.path not in app.left_out or t.path in bound
    ]
    by_path = {template.path: template for template in kept}
    nested = nested_paths(kept, by_path) - bound
    tops = {path: template for path, template in by_path.items() if path not in nested}
    described = descriptions(sided)
    plan = Planner(tops, bindings, notes).plan(
        (*app.declared, *declared(sided, tops, notes)), sided, described, instances(sided)
    )
    program = Program(described, plan.others, plan.instances)
    program.assumptions.update(dict.fromkeys(app.assumptions))
    return Setup(kept, plan.stacks, app.dummies, program, tuple(notes))
