"""Plans as `terraform show -json` and `tofu show -json` print them.

A plan has every instance as it will be, but not what the apply tells: those values are
found by what they refer to, or stay open (`crrlint.loaders.terraform.plans.planned`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from crrlint.documents.source import Document, Problem
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.instances import Instance
from crrlint.loaders.terraform.plans import going
from crrlint.loaders.terraform.plans.configuration import mapping
from crrlint.loaders.terraform.plans.planned import Plan
from crrlint.loaders.terraform.shown import supported
from crrlint.model import Model
from crrlint.model.bindings import Bindings

ASSUMPTION: Final = "nothing outside the Terraform plan is attached to its roles or buckets"


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    """Read plans; settings in one count for the buckets and roles of another."""
    model = Model()
    instances: list[Instance] = []
    refused: list[Problem] = []
    for document in supported(documents, refused):
        problems = list(troubles(document))
        plan = Plan(document, bindings, problems)
        instances.extend(_instances(plan))
        model = model._replace(
            problems=(*model.problems, *problems),
            left_out=(*model.left_out, *_open(document, plan)),
        )
        model = model | going.facts(going.going(plan))
    if any(i.type in ("aws_s3_bucket", "aws_iam_role") for i in instances):
        model = model._replace(assumptions=(ASSUMPTION, *model.assumptions))
    model = model._replace(problems=(*refused, *model.problems))
    return model | terraform_resources.facts(instances, "planned")


def _instances(plan: Plan) -> Iterator[Instance]:
    return (plan.instance_of(one) for one in plan.all() if one.type in terraform_resources.TYPES)


def troubles(document: Document) -> Iterator[Problem]:
    data = document.data
    if data.get("errored") is True:
        yield Problem(document.path, "is the plan of a run that failed, and lacks what came after")
    if not isinstance(data.get("planned_values"), dict) and not isinstance(
        data.get("resource_changes"), list
    ):
        yield Problem(document.path, "has neither planned_values nor resource_changes")
    elif not mapping(data.get("configuration")):
        message = "has no configuration, so that nothing tells what its resources refer to"
        yield Problem(document.path, message)


def _open(document: Document, plan: Plan) -> Iterator[Problem]:
    """Tell once what other forms of the plan would add."""
    if plan.left:
        count = len(plan.left)
        values = "value" if count == 1 else "values"
        message = (
            f"leaves {count} {values} to the apply, such as {plan.left[0]}; "
            "the saved plan (terraform plan -out) and the .tf files hold their expressions"
        )
        yield Problem(document.path, message)
