"""Reads what Pulumi keeps of a stack: `stack export`, and `preview --json`.

Its `aws` types are Terraform's in camel case, so that Terraform's readers read them;
`aws-native` types are CloudFormation's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crrlint.documents.source import Document, Problem
from crrlint.loaders.pulumi.kinds import NATIVE, terraform_type
from crrlint.loaders.pulumi.stacks import Stack, stack_of
from crrlint.loaders.pulumi.translation import Translation
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.instances import Instance
from crrlint.model import Layer, Model
from crrlint.model.bindings import Bindings

ASSUMPTION = "nothing outside the Pulumi stacks is attached to their roles or buckets"


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    """Read stacks; settings in one count for the buckets and roles of another."""
    model = Model()
    instances: dict[Layer, list[Instance]] = {"live": [], "planned": []}
    partial = False
    for document in documents:
        stack = stack_of(document)
        translation = Translation(stack, bindings)
        mine = list(translation.instances())
        instances[stack.layer].extend(mine)
        model = model | _native(stack, translation)
        model = model | Model(problems=tuple(stack.problems), left_out=tuple(_hidden(stack)))
        partial = partial or stack.hidden > 0
    for layer, found in instances.items():
        if found:
            model = model | terraform_resources.facts(found, layer)
    if partial:
        model = _incomplete(model)
    if any(role.declared for role in model.roles) or any(b.declared for b in model.buckets):
        model = model._replace(assumptions=(*model.assumptions, ASSUMPTION))
    return model


def _native(stack: Stack, translation: Translation) -> Model:
    if not any(terraform_type(r.type) is None and r.type in NATIVE for r in stack.resources):
        return Model()
    from crrlint.loaders.cloudcontrol import resources as cloudcontrol

    return cloudcontrol.facts(translation.native())


def _hidden(stack: Stack) -> Iterator[Problem]:
    if stack.hidden:
        yield Problem(
            stack.document.path,
            f"hides {stack.hidden} resources that do not change: "
            "give pulumi preview --json --show-sames",
        )


def _incomplete(model: Model) -> Model:
    """Take nothing for absent: what a preview hides may state it."""
    return model._replace(
        buckets=tuple(
            bucket._replace(
                otherwise={f: n for f, n in bucket.otherwise.items() if f in ("account", "region")}
            )
            for bucket in model.buckets
        ),
        roles=tuple(role._replace(complete=False) for role in model.roles),
    )
