"""A lint rule and what it says.

A rule is a value made of a function and the facts in its decorator; importing a
rule's file registers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, NewType, TypeAlias

from crrlint.documents.ignores import Ignore
from crrlint.documents.source import Location, Problem
from crrlint.routes.graph import Graph
from crrlint.routes.route import Configuration, Route
from crrlint.world import Bucket, Role

Severity: TypeAlias = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Worst first; the words are SARIF's."""

Account = NewType("Account", str)
"""In an option: the twelve digits of an account, which YAML may take for a number."""

Region = NewType("Region", str)
"""In an option: the name of a Region."""

Subject: TypeAlias = Route | Configuration | Bucket | Role | Graph | Problem | Ignore


class Note(NamedTuple):
    """A second place that helps to understand a finding."""

    at: Location
    message: str


class Counterexample(NamedTuple):
    """A request that fails: the action, and the ARN with a concrete key."""

    action: str
    resource: str


class Finding(NamedTuple):
    """What a rule says about its subject.

    `severity` is set where it differs from the rule's own; `fix` is text that can be
    pasted; `reason` is the failure reason or API error that production would show.
    """

    at: Location | Problem
    message: str
    notes: tuple[Note, ...] = ()
    fix: str = ""
    severity: Severity | None = None
    counterexample: Counterexample | None = None
    reason: str = ""


Check: TypeAlias = Callable[..., Iterator[Finding]]


class Rule:
    """One lint rule.

    `each` is the type of its subjects; the check is called once for each of them.
    `failure` is what S3 shows in production (a failure reason, or an API error);
    `source` the AWS page that says so.  `options` maps the names of the check's
    keyword-only parameters to their defaults, `option_types` to what they may be.
    """

    __slots__ = ("check", "each", "failure", "id", "name", "path", "severity", "source")

    def __init__(
        self,
        check: Check,
        id: str,
        *,
        each: type[Any],
        severity: Severity,
        source: str,
        failure: str = "",
    ) -> None:
        self.check = check
        self.id = id
        self.name = check.__name__.replace("_", "-")
        self.path = check.__code__.co_filename
        self.each = each
        self.severity: Severity = severity
        self.source = source
        self.failure = failure

    @property
    def options(self) -> Mapping[str, Any]:
        return self.check.__kwdefaults__ or {}

    @property
    def option_types(self) -> Mapping[str, Any]:
        # An annotation that is text (`from __future__ import annotations`) is not evaluated.
        written = self.check.__annotations__
        found = {name: written.get(name) for name in self.options}
        return {
            name: type(self.options[name]) if kind is None or isinstance(kind, str) else kind
            for name, kind in found.items()
        }

    @property
    def text(self) -> str:
        """The docstring: the rule's page, indentation taken off."""
        import textwrap

        first, _, rest = (self.check.__doc__ or "").partition("\n")
        return f"{first.strip()}\n{textwrap.dedent(rest)}".strip() + "\n"

    @property
    def title(self) -> str:
        return (self.check.__doc__ or "").partition("\n")[0].strip().rstrip(".")

    def __repr__(self) -> str:
        return f"Rule({self.id}, {self.name})"


def rule(
    id: str, *, each: type[Any], severity: Severity, source: str, failure: str = ""
) -> Callable[[Check], Rule]:
    """Make a rule of a function; its name is the rule's, its docstring the rule's page."""

    def decorate(check: Check) -> Rule:
        return Rule(check, id, each=each, severity=severity, source=source, failure=failure)

    return decorate
