"""Runs the examples of a rule's docstring: for our tests, and for authors of plug-ins.

An example is a JSON merge patch (RFC 7396) over the baseline, by the logical name
of a resource, whichever stack declares it.  Reserved names: `rule` patches the
replication rule, `times` repeats it so often, `configuration` patches the whole
replication configuration, `stacks` where a stack is deployed; `rules` are settings as
crrlint.yaml has them; `also` is a whole document of its own, by file name.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from crrlint import loaders
from crrlint.documents.ignores import comments
from crrlint.documents.parse import Unreadable, parse
from crrlint.documents.places import Places
from crrlint.documents.source import Document, Problem, Syntax
from crrlint.model.bindings import Bindings, Deployment
from crrlint.routes.graph import Graph
from crrlint.run import engine
from crrlint.run.config import options_of
from crrlint.run.engine import Level, Outcome
from crrlint.run.rule import Rule
from crrlint.run.suppression import suppress

Kind: TypeAlias = Literal["bad", "good", "undecided"]

_FENCE = re.compile(r"^```yaml (bad|good|undecided|options)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BASELINE: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baseline")


class Example(NamedTuple):
    """One example: what it shows, its text, and the rule's options it runs under."""

    kind: Kind
    text: str
    options: Mapping[str, Any]


class ExampleError(Exception):
    """An example that is no patch of the baseline."""


def examples(rule: Rule) -> list[Example]:
    """Return the examples of a rule's docstring, in its order."""
    found = _FENCE.findall(rule.text)
    written: dict[str, Any] = next((_yaml(text) for kind, text in found if kind == "options"), {})
    options = options_of(written)
    return [Example(kind, text, options) for kind, text in found if kind != "options"]


def faults(rule: Rule, rules: Sequence[Rule], *, baseline: str = BASELINE) -> list[str]:
    """Return what is wrong with a rule's examples when all the rules run on them.

    `bad` has to give this rule's finding and no other, `good` nothing at all, `undecided` no
    finding and this rule among what is open.  `baseline` is the folder of another set-up to
    patch: its `stacks.yaml` names the stacks, each a template of that name.
    """
    found = examples(rule)
    return [
        f"{example.kind} example {number} of {rule.name}: {fault}"
        for number, example in enumerate(found, 1)
        if (fault := wrong(example, rule, run(example, rule, rules, baseline=baseline)))
    ] or ([] if found else [f"{rule.name} has no examples"])


def wrong(example: Example, rule: Rule, outcome: Outcome) -> str:
    """Return how an outcome differs from what the example shows; nothing where it does not."""
    found = {reported.rule.id for reported in outcome.findings}
    left_open = {open_.rule.id for open_ in outcome.undecided}
    if outcome.crashes:
        return "; ".join(f"{c.rule.name} failed: {c.error}" for c in outcome.crashes)
    expected = {
        "bad": found == {rule.id},
        "good": not found and not left_open,
        "undecided": not found and rule.id in left_open,
    }
    if expected[example.kind]:
        return ""
    told = [f"{r.rule.id} finds: {r.finding.message} ({r.finding.at})" for r in outcome.findings]
    told += [f"{o.rule.id} is undecided: {o.what}" for o in outcome.undecided]
    return "\n".join(told) or "nothing is found"


def run(
    example: Example,
    rule: Rule,
    rules: Sequence[Rule],
    *,
    written: Syntax = "json",
    baseline: str = BASELINE,
) -> Outcome:
    """Run all rules on the baseline with the example's patch applied.

    `written` is what people see around a finding; writing YAML takes a while longer.
    """
    patch = _yaml(example.text)
    settings = patch.pop("rules", {})
    levels = dict(_levels(settings, rules))
    rules = [r for r in rules if "off" not in (settings.get(r.id), settings.get(r.name))]
    if example.options:
        levels[rule.id] = Level(rule.severity, example.options)
    documents, bindings, problems = _documents(patch, written, baseline)
    recognised = [
        (d, loaders.recognise_source(d.path) or loaders.recognise(d, bindings)) for d in documents
    ]
    model = loaders.load([(d, r) for d, r in recognised if r is not None], bindings)
    problems = [*problems, *model.problems]
    outcome = engine.run(Graph(model), rules, levels, problems)
    ignores = tuple(comments(documents))
    unread = bool(problems)
    outcome, findings, _ = suppress(outcome, ignores, rules, levels, Places(), unread=unread)
    return outcome._replace(findings=findings)


def _levels(settings: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[tuple[str, Level]]:
    for rule in rules:
        options = settings.get(rule.id, settings.get(rule.name))
        if isinstance(options, dict):
            given = {name.replace("-", "_"): value for name, value in options.items()}
            yield rule.id, Level(rule.severity, given)


def _yaml(text: str) -> Any:
    documents, _ = parse("example.yaml", text)
    return (documents[0].data if documents else None) or {}


def _documents(
    patch: dict[str, Any], written: Syntax, baseline: str
) -> tuple[list[Document], Bindings, list[Problem]]:
    stacks = _yaml(_read(baseline, "stacks"))
    templates = {name: _yaml(_read(baseline, name)) for name in stacks}
    stacks = merge(stacks, patch.pop("stacks", {}))
    more = patch.pop("also", {})
    if not {"rule", "times", "configuration"}.isdisjoint(patch):
        _patch_configuration(templates["source"]["Resources"]["Source"]["Properties"], patch)
    for name, change in patch.items():
        _patch_resource(templates, name, change)
    documents = [
        Document(f"{name}.yaml", _write(data, written), written, data)
        for name, data in templates.items()
    ]
    problems: list[Problem] = []
    for path, text in more.items():
        if loaders.recognise_source(path) is not None:
            documents.append(Document(path, text, "hcl", None))
            continue
        try:
            documents.extend(parse(path, text)[0])
        except Unreadable as error:
            problems.append(Problem(path, error.message, error.line, error.column))
    deployments = tuple(
        Deployment(
            f"{name}.yaml",
            account=where.get("account"),
            region=where.get("region"),
            stack=name,
            parameters=where.get("parameters") or {},
        )
        for name, where in stacks.items()
    )
    return documents, Bindings(deployments=deployments), problems


def _write(data: Any, written: Syntax) -> str:
    if written == "json":
        return json.dumps(data, indent=1)
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(data, Dumper=dumper, sort_keys=False, width=200)
    return text


def _read(folder: str, name: str) -> str:
    with open(os.path.join(folder, f"{name}.yaml"), encoding="utf-8") as file:
        return file.read()


def _patch_configuration(source: dict[str, Any], patch: dict[str, Any]) -> None:
    configuration = source["ReplicationConfiguration"]
    if "rule" in patch:
        configuration["Rules"][0] = merge(configuration["Rules"][0], patch.pop("rule"))
    if "times" in patch:
        rule = configuration["Rules"][0]
        configuration["Rules"] = [_numbered(rule, n) for n in range(patch.pop("times"))]
    if "configuration" in patch:
        source["ReplicationConfiguration"] = merge(configuration, patch.pop("configuration"))


def _numbered(rule: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a rule that may stand beside others of the same kind."""
    own = {"Id": f"rule-{number}", "Priority": number, "Filter": {"Prefix": f"{number:04}/"}}
    return {**rule, **own}


def _patch_resource(templates: dict[str, Any], name: str, change: Any) -> None:
    home = next((t for t in templates.values() if name in t["Resources"]), None)
    if home is None:
        if not isinstance(change, dict) or "Type" not in change:
            raise ExampleError(f"the baseline has no resource {name}; a new one needs a Type")
        # A new resource says by its name on which side it is.
        side = "replica" if name.startswith("Replica") else "source"
        home = templates.get(side) or next(iter(templates.values()))
    patched = merge(home["Resources"].get(name), change)
    if patched is None:
        del home["Resources"][name]
    else:
        home["Resources"][name] = patched


def merge(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch: mappings merge, null removes, all else replaces."""
    if not isinstance(patch, dict) or not isinstance(target, dict) or _is_function(patch):
        return patch
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def _is_function(patch: dict[str, Any]) -> bool:
    """An intrinsic function replaces: it is a value, not a mapping to be merged into."""
    return len(patch) == 1 and next(iter(patch)).startswith(("Ref", "Fn::", "Condition"))
