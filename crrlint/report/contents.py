"""What each file gave: the things that it speaks of, what it was bound to, what was left out.

`crrlint inputs` is about the way from files to the world; no rule is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crrlint import loaders
from crrlint.documents.source import Problem
from crrlint.model import Bound, Model, Unread
from crrlint.model.bindings import Bindings
from crrlint.report.conflicts import conflicts
from crrlint.routes.graph import Graph
from crrlint.run import inputs
from crrlint.run.files import Files
from crrlint.run.inputs import Input
from crrlint.values import Undecided

KINDS: Final = (
    "buckets",
    "roles",
    "policies",
    "keys",
    "aliases",
    "objects",
    "accounts",
    "organization policies",
    "inventories",
    "missing",
)


class File(NamedTuple):
    """One file that was looked at; `gives` are names by kind, each once."""

    input: Input
    gives: Mapping[str, tuple[str, ...]]
    bound: tuple[Bound, ...]
    left_out: tuple[Problem | Unread, ...]
    problems: tuple[Problem, ...]


class Contents(NamedTuple):
    """Every file that was looked at, and what they say differently."""

    files: tuple[File, ...]
    conflicts: tuple[Undecided, ...]
    problems: tuple[Problem, ...]
    """What is wrong with paths that are no files that were looked at."""

    @property
    def failed(self) -> bool:
        return bool(self.problems) or any(file.problems for file in self.files)

    @property
    def nothing(self) -> bool:
        return not any(file.input.read and not file.input.beside for file in self.files)


def contents(
    paths: Sequence[str],
    bindings: Bindings,
    stdin: bytes | None = None,
    step: Callable[[str], object] = str,
) -> Contents:
    """Read everything under the paths, and tell what became of it."""
    read = inputs.read(paths, bindings, stdin, lambda path: step(f"reading {path}"))
    step(f"evaluating {len(read.documents)} documents")
    model = loaders.load(read.documents, bindings._replace(files=Files(paths)))
    homes = _Homes(read.files)
    given = _given(model, homes)
    bound = _by_path(model.bound, homes)
    left_out = _by_path(model.left_out, homes)
    problems = _by_path(dict.fromkeys((*read.problems, *model.problems)), homes)
    files = tuple(
        File(
            file,
            given.get(file.path, {}),
            tuple(bound.get(file.path, ())),
            tuple(left_out.get(file.path, ())),
            tuple(problems.pop(file.path, ())),
        )
        for file in read.files
    )
    elsewhere = tuple(problem for some in problems.values() for problem in some)
    return Contents(files, tuple(conflicts(Graph(model))), elsewhere)


class _Homes:
    """The files that places belong to: what lies in a saved plan is of the plan."""

    def __init__(self, files: Iterable[Input]) -> None:
        self._known = {file.path for file in files}

    def of(self, path: str) -> str:
        above = path
        while above and above not in self._known:
            above = above.rpartition("/")[0]
        return above or path


def _by_path(things: Iterable[Any], homes: _Homes) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for thing in things:
        found.setdefault(homes.of(thing.path), []).append(thing)
    return found


def _given(model: Model, homes: _Homes) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the names of the things that each file speaks of, by kind."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for kind, path, name in _things(model):
        found.setdefault(homes.of(path), {}).setdefault(kind, {})[name] = None
    return {
        path: {kind: tuple(kinds[kind]) for kind in KINDS if kind in kinds}
        for path, kinds in found.items()
    }


def _things(model: Model) -> Iterator[tuple[str, str, str]]:
    for bucket in model.buckets:
        yield "buckets", bucket.at.path, str(bucket.name)
    for role in model.roles:
        yield "roles", role.at.path, str(role.name)
        if role.trust is not None:
            yield "roles", role.trust.at.path, str(role.name)
        for inline in role.policies:
            yield "policies", inline.at.path, str(inline.name)
    for policy in model.policies:
        yield "policies", policy.at.path, str(policy.name)
    for key in model.keys:
        name = key.arn if key.arn is not None else key.key_id
        yield "keys", key.at.path, "?" if name is None else str(name)
    for alias in model.aliases:
        yield "aliases", alias.at.path, str(alias.name)
    for thing in model.objects:
        yield "objects", thing.at.path, f"{thing.bucket}/{thing.key}"
    for account in model.accounts:
        yield "accounts", account.at.path, str(account.id)
    for rule in model.organization:
        name = f"{rule.type} for {', '.join(rule.targets)}" if rule.targets else rule.type
        yield "organization policies", rule.at.path, name
    for inventory in model.inventories:
        yield "inventories", inventory.at.path, f"all {inventory.kind} of {inventory.account}"
    for missing in model.missing:
        yield "missing", missing.at.path, f"{missing.kind} {missing.name}"
