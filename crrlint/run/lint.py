"""The whole way once: files in, a report out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crrlint import loaders
from crrlint.documents.ignores import comments
from crrlint.documents.places import Places
from crrlint.documents.source import Problem
from crrlint.model import Model, Unread
from crrlint.model.bindings import Bindings
from crrlint.routes.graph import Graph
from crrlint.run import engine, inputs, ruleset
from crrlint.run.config import Config
from crrlint.run.engine import Level, Outcome, Reported
from crrlint.run.files import Files
from crrlint.run.inputs import Input
from crrlint.run.rule import SEVERITIES, Rule
from crrlint.run.suppression import Ignored, order, suppress


class Report(NamedTuple):
    """What reporters get."""

    files: tuple[Input, ...]
    outcome: Outcome
    findings: tuple[Reported, ...]
    ignored: tuple[Ignored, ...]
    problems: tuple[Problem, ...]
    places: Places
    unread: tuple[Unread, ...] = ()
    """The modules that may replicate, and of which the source is not there."""

    @property
    def worst(self) -> str | None:
        """The worst severity among the findings; None where there are none."""
        found = {reported.severity for reported in self.findings}
        return next((severity for severity in SEVERITIES if severity in found), None)


class Selection(NamedTuple):
    """The rules to run and how; `muted` are the ids whose findings are not wanted."""

    rules: tuple[Rule, ...]
    levels: Mapping[str, Level] = {}
    muted: frozenset[str] = frozenset()
    off: tuple[Rule, ...] = ()


def lint(
    paths: Sequence[str],
    config: Config,
    bindings: Bindings,
    selection: Selection,
    *,
    stdin: bytes | None = None,
    step: Callable[[str], object] = str,
) -> Report:
    """Check everything under the paths; `step` is told what it is at."""
    read = inputs.read(paths, bindings, stdin, lambda path: step(f"reading {path}"))
    step(f"evaluating {len(read.documents)} documents")
    model = loaders.load(read.documents, bindings._replace(files=Files(paths)))
    problems = (*read.problems, *model.problems)
    graph = Graph(_with_gaps(model, problems, selection.off))
    outcome = engine.run(graph, selection.rules, selection.levels, problems, step)
    step("writing the report")
    places = Places()
    ignores = (*config.ignores, *comments(document for document, _ in read.documents))
    outcome, findings, ignored = suppress(
        outcome, ignores, selection.rules, selection.levels, places, unread=bool(problems)
    )
    wanted = [f for f in findings if f.rule.id not in selection.muted]
    return Report(
        read.files,
        outcome,
        tuple(sorted(wanted, key=lambda reported: order(reported, places))),
        tuple(one for one in ignored if one.reported.rule.id not in selection.muted),
        tuple(problems),
        places,
        tuple(one for one in model.left_out if isinstance(one, Unread) and one.may_replicate),
    )


def _with_gaps(model: Model, problems: Sequence[Problem], off: Sequence[Rule]) -> Model:
    """Add what nobody looked at to the assumptions: files that could not be read, rules put off."""
    unread = [f"{problem.path} {problem.message}" for problem in problems]
    unasked = [f"{rule.id} {rule.name} is off" for rule in off if rule.severity == "error"]
    gaps = tuple(dict.fromkeys([*unread, *unasked]))
    return model._replace(assumptions=model.assumptions + gaps)


def select(
    rules: Sequence[Rule], config: Config, selected: Sequence[str], ignored: Sequence[str]
) -> Selection:
    """Return how rules are run: the configuration's word, then the command line's.

    What the command line leaves out is still run, for the verdicts hang on it.
    """
    chosen: list[Rule] = []
    levels: dict[str, Level] = {}
    muted: set[str] = set()
    off: list[Rule] = []
    for rule in rules:
        setting = config.rules.get(rule.id) or config.rules.get(rule.name)
        named = any(_names(pattern, rule) for pattern in selected)
        if setting is not None and setting.off and not named:
            off.append(rule)
            continue
        chosen.append(rule)
        if (selected and not named) or any(_names(pattern, rule) for pattern in ignored):
            muted.add(rule.id)
        if setting is not None:
            levels[rule.id] = Level(setting.severity or rule.severity, setting.options)
    return Selection(tuple(chosen), levels, frozenset(muted), tuple(off))


def _names(pattern: str, rule: Rule) -> bool:
    """A pattern is a rule's name, its id, or the start of ids (`CRR4`)."""
    return pattern == rule.name or rule.id.startswith(pattern.upper())


__all__ = ["Ignored", "Report", "Selection", "lint", "ruleset", "select"]
