"""Runs the examples of a rule's docstring: for our tests, and for authors of plug-ins.

An example is a JSON merge patch (RFC 7396) over the baseline, by the logical name
of a resource, whichever stack declares it.  Reserved names: `rule` patches the
replication rule, `configuration` the whole replication configuration, `stacks`
where a stack is deployed; `also` is a whole document of its own, by file name.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from crrlint import engine, loaders
from crrlint.bindings import Bindings, Deployment
from crrlint.config import options_of
from crrlint.engine import Level, Outcome
from crrlint.graph import Graph
from crrlint.parse import Unreadable, parse
from crrlint.rule import Rule
from crrlint.source import Document, Problem, Syntax

Kind: TypeAlias = Literal["bad", "good", "undecided"]

_FENCE = re.compile(r"^```yaml (bad|good|undecided|options)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HERE: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baseline")


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


def run(
    example: Example, rule: Rule, rules: Sequence[Rule], *, written: Syntax = "json"
) -> Outcome:
    """Run all rules on the baseline with the example's patch applied.

    `written` is what people see around a finding; writing YAML takes a while longer.
    """
    documents, bindings, problems = _documents(_yaml(example.text), written)
    recognised = [(d, loaders.recognise(d, bindings)) for d in documents]
    model = loaders.load([(d, r) for d, r in recognised if r is not None], bindings)
    levels = {rule.id: Level(rule.severity, example.options)} if example.options else {}
    return engine.run(Graph(model), rules, levels, (*problems, *model.problems))


def _yaml(text: str) -> Any:
    documents, _ = parse("example.yaml", text)
    return (documents[0].data if documents else None) or {}


def _documents(
    patch: dict[str, Any], written: Syntax
) -> tuple[list[Document], Bindings, list[Problem]]:
    templates = {name: _yaml(_read(f"{name}.yaml")) for name in ("source", "replica")}
    stacks = merge(_yaml(_read("stacks.yaml")), patch.pop("stacks", {}))
    more = patch.pop("also", {})
    resources = templates["source"]["Resources"]
    _patch_configuration(resources["Source"]["Properties"], patch)
    for name, change in patch.items():
        _patch_resource(templates, name, change)
    documents = [
        Document(f"{name}.yaml", _write(data, written), written, data)
        for name, data in templates.items()
    ]
    problems: list[Problem] = []
    for path, text in more.items():
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


def _read(name: str) -> str:
    with open(os.path.join(_HERE, name), encoding="utf-8") as file:
        return file.read()


def _patch_configuration(source: dict[str, Any], patch: dict[str, Any]) -> None:
    configuration = source["ReplicationConfiguration"]
    if "rule" in patch:
        configuration["Rules"][0] = merge(configuration["Rules"][0], patch.pop("rule"))
    if "configuration" in patch:
        source["ReplicationConfiguration"] = merge(configuration, patch.pop("configuration"))


def _patch_resource(templates: dict[str, Any], name: str, change: Any) -> None:
    home = next((t for t in templates.values() if name in t["Resources"]), None)
    if home is None:
        if not isinstance(change, dict) or "Type" not in change:
            raise ExampleError(f"the baseline has no resource {name}; a new one needs a Type")
        # A new resource says by its name on which side it is.
        home = templates["replica" if name.startswith("Replica") else "source"]
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
