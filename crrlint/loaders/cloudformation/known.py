"""What is known of stacks from outside of their templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from crrlint.model.bindings import Deployment
from crrlint.values import Symbol, Text

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.described import Description


class Resolved(NamedTuple):
    """The value of what a parameter names in the parameter store."""

    value: str


class Known(NamedTuple):
    """What is known of a stack that is there: its id, its resources' ids, its outputs.

    `dummies` are texts in the template that stand for what the CDK has not looked up.
    """

    stack_id: str | None = None
    physical: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    dummies: Mapping[str, Symbol] = {}


NOTHING_KNOWN: Final = Known()
CONFIGURED: Final = "crrlint.yaml"


class Deployed(NamedTuple):
    """One stack that is made of a template, as far as somebody says.

    `path` is the file that says so; `app` the stack's name in the CDK app that declares it.
    """

    path: str = ""
    account: str | None = None
    region: str | None = None
    stack: str | None = None
    parameters: Mapping[str, Text] = {}
    description: Description | None = None
    app: str = ""


def configured(deployments: Iterable[Deployment]) -> dict[str, list[Deployed]]:
    """Return the stacks that crrlint.yaml makes of each template."""
    found: dict[str, list[Deployed]] = {}
    for d in deployments:
        deployed = Deployed(CONFIGURED, d.account, d.region, d.stack, d.parameters)
        found.setdefault(d.template, []).append(deployed)
    return found


def is_hidden(value: str) -> bool:
    """Tell what AWS writes in the place of a value that is not to be echoed."""
    return len(value) >= 4 and not value.strip("*")
