"""Finds rules: ours, those of installed plug-ins, those of `--rules DIR`.

Every file of a folder is a rule, except those whose name starts with an
underscore.  Nothing in the tree that is being checked is ever loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

import crrlint
from crrlint.run.rule import Rule

_HERE = os.path.dirname(os.path.abspath(crrlint.__file__))

ENTRY_POINTS = "crrlint.rules"
"""The entry point group: each entry names a package whose files are rules."""


class RulesError(Exception):
    """A folder of rules that cannot be used."""


def builtin() -> str:
    """Return the folder of our rules: inside the wheel, or beside the package in a checkout."""
    packaged = os.path.join(_HERE, "_rules")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(_HERE), "rules")


def load(folders: Sequence[str] = ()) -> list[Rule]:
    """Load our rules, those of installed plug-ins and those of further folders, sorted by id.

    Raises `RulesError` for a folder or package without rules, an id or a name that two
    rules share, or a file that cannot be loaded.
    """
    rules = _folder(builtin())
    for package in _plugins(sys.path):
        rules.extend(_package(package))
    for folder in folders:
        rules.extend(_folder(folder))
    taken: dict[str, Rule] = {}
    for rule in rules:
        for handle in (rule.id, rule.name):
            if handle in taken:
                raise RulesError(f"{rule.path}: {handle} is taken by {taken[handle].path}")
            taken[handle] = rule
    return sorted(rules, key=lambda rule: rule.id)


def options(rules: Iterable[Rule]) -> dict[str, Mapping[str, Any]]:
    """Return the options of each rule with their types, by its id and by its name."""
    return {handle: rule.option_types for rule in rules for handle in (rule.id, rule.name)}


def _plugins(path: Sequence[str]) -> Iterator[str]:
    """Yield the packages that installed distributions offer as rules, in the order of names.

    Most installations have none: that is told from the files themselves, for importing
    `importlib.metadata` takes as long as loading all our rules.  Only where packages are
    installed to is looked at, never at the current folder, which `python -m` puts on the
    path and which may be the tree that is checked.
    """
    for folder in dict.fromkeys(path):
        if os.path.basename(folder) not in ("site-packages", "dist-packages"):
            continue
        try:
            names = sorted(n for n in os.listdir(folder) if n.endswith((".dist-info", ".egg-info")))
        except OSError:
            continue
        for name in names:
            yield from _offered(os.path.join(folder, name))


def _offered(distribution: str) -> Iterator[str]:
    try:
        with open(os.path.join(distribution, "entry_points.txt"), encoding="utf-8") as file:
            if f"[{ENTRY_POINTS}]" not in file.read():
                return
    except (OSError, ValueError):
        return
    from importlib.metadata import Distribution
    from pathlib import Path

    for entry in Distribution.at(Path(distribution)).entry_points:
        if entry.group == ENTRY_POINTS:
            yield entry.value


def _package(name: str) -> list[Rule]:
    """Load the rules of a package, which may import each other's helpers relatively."""
    try:
        package = import_module(name)
    except Exception as error:
        raise RulesError(f"plug-in {name}: {type(error).__name__}: {error}") from error
    rules = _rules_in(package)
    for folder in getattr(package, "__path__", ()):
        for file in _files(folder):
            try:
                module = import_module(f"{name}.{file[:-3]}")
            except Exception as error:
                where = os.path.join(folder, file)
                raise RulesError(f"{where}: {type(error).__name__}: {error}") from error
            rules.extend(_rules_in(module))
    if not rules:
        raise RulesError(f"plug-in {name}: holds no rules")
    # A module may have imported another one's rule.
    return list(dict.fromkeys(rules))


def _files(folder: str) -> list[str]:
    try:
        return sorted(n for n in os.listdir(folder) if n.endswith(".py") and n[0] != "_")
    except OSError as error:
        raise RulesError(f"{folder}: {error.strerror}") from None


def _folder(folder: str) -> list[Rule]:
    names = _files(folder)
    prefix = "crrlint_rules_" + "".join(c if c.isalnum() else "_" for c in folder)
    rules = [rule for name in names for rule in _rules_of(prefix, os.path.join(folder, name))]
    if not rules:
        raise RulesError(f"{folder}: holds no rules")
    return rules


def _rules_of(prefix: str, path: str) -> Iterable[Rule]:
    name = f"{prefix}.{os.path.basename(path)[:-3]}"
    module = ModuleType(name)
    module.__file__ = path
    try:
        code = SourceFileLoader(name, path).get_code(name)
        if code is not None:
            exec(code, module.__dict__)
    except Exception as error:
        raise RulesError(f"{path}: {type(error).__name__}: {error}") from error
    return _rules_in(module)


def _rules_in(module: ModuleType) -> list[Rule]:
    return [value for value in vars(module).values() if isinstance(value, Rule)]
