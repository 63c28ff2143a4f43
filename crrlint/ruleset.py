"""Finds rules: ours, those of `--rules DIR`, those of installed plug-ins.

Every file of a folder is a rule, except those whose name starts with an
underscore.  Nothing in the tree that is being checked is ever loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

from crrlint.rule import Rule

_HERE = os.path.dirname(os.path.abspath(__file__))

ENTRY_POINTS = "crrlint.rules"
"""The entry point group: each entry names a package whose files are rules."""


class RulesError(Exception):
    """A folder of rules that cannot be used."""


def builtin() -> str:
    """Return the folder of our rules: inside the wheel, or beside the package in a checkout."""
    packaged = os.path.join(_HERE, "_rules")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(_HERE), "rules")


def load(folders: Sequence[str] = ()) -> list[Rule]:
    """Load our rules and those of further folders, sorted by id.

    Raises `RulesError` for a folder without rules, an id that two rules share, or a
    file that cannot be loaded.
    """
    rules = _folder(builtin())
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


def _folder(folder: str) -> list[Rule]:
    try:
        names = sorted(n for n in os.listdir(folder) if n.endswith(".py") and n[0] != "_")
    except OSError as error:
        raise RulesError(f"{folder}: {error.strerror}") from None
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
    return [value for value in vars(module).values() if isinstance(value, Rule)]
