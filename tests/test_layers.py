"""Who may import whom, and who may reach outside: everything points down."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Uppermost first.  A unit is a module of the package, or a folder of it with all its modules;
# it imports from its own line and from those below, and no module imports itself by a detour.
LAYERS = """
    api
    __main__
    docs
    cli
    capture
    report
    arguments authoring
    findings
    run
    access
    routes
    world
    loaders iam
    model
    documents
    values
    __init__
"""

STRANGERS = {("loaders", "iam"), ("iam", "loaders"), ("iam", "model"), ("iam", "documents")}

# What costs start-up time, and who asks for it, inside the function that needs it.
BY_NEED = {
    "yaml": {"documents.parse", "documents.places", "authoring.examples", "loaders"},
    "tree_sitter": {"loaders"},
    "tree_sitter_hcl": {"loaders"},
    "networkx": {"routes.graph"},
    "cvc5": {"iam"},
    "boto3": {"capture"},
    "botocore": {"capture"},
    "jsonschema": {"run.config_check"},
    "dataclasses": set(),
    "enum": set(),
    "inspect": set(),
    "logging": set(),
    "importlib.metadata": {"run.ruleset"},
}

# Nothing is executed and nothing is fetched.
NEVER = {
    "asyncio", "ctypes", "ftplib", "http", "multiprocessing", "pickle", "pty", "requests",
    "runpy", "shelve", "smtplib", "socket", "subprocess", "urllib.request", "webbrowser",
}  # fmt: skip

TALKS = {"__main__", "cli", "docs", "iam.__main__"}
"""Print, exit and read the environment."""

OPENS = {
    "cli",
    "run.config",
    "docs",
    "authoring.examples",
    "documents.schema",
    "run.files",
    "authoring.newrule",
    "run.ruleset",
}
"""Open files; nobody but `run.files` opens what is being checked."""


class Import(NamedTuple):
    """One import statement's module, as a full name; `top` when it runs with the module."""

    name: str
    line: int
    top: bool


def _modules() -> dict[str, Path]:
    """Map each module of the package, by its name below `crrlint`, to its file."""
    package = ROOT / "crrlint"
    names = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if len(parts) > 1 and parts[-1] == "__init__":
            parts = parts[:-1]
        names[".".join(parts)] = path
    return names


MODULES = _modules()
RULES = sorted((ROOT / "rules").glob("*.py"))
RANKS = {unit: rank for rank, line in enumerate(LAYERS.split("\n")) for unit in line.split()}


def _imports(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {node for block in ast.walk(tree) if _is_later(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, node not in inside)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            module = node.module or ""
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                known = _is_module(whole)
                yield Import(whole if known else module, node.lineno, node not in inside)


def _is_later(node: ast.AST) -> bool:
    """Tell what is not run when the module is imported."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test).endswith("TYPE_CHECKING")
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _is_module(name: str) -> bool:
    return name.removeprefix("crrlint.") in MODULES


def _module(name: str) -> str:
    """Return the module of ours that a full name belongs to, or one that imports nothing."""
    name = name.removeprefix("crrlint.")
    return name if name in MODULES else "__init__"


def _unit(name: str) -> str:
    """Return the unit that a full name of ours belongs to."""
    return name.partition(".")[2].partition(".")[0] or "__init__"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_below(module: str) -> None:
    unit = module.partition(".")[0]
    assert unit in RANKS, f"{module} has no place in LAYERS"
    for found in _imports(MODULES[module]):
        if found.name.partition(".")[0] == "crrlint":
            where = f"{module}:{found.line} imports {found.name}"
            assert _unit(found.name) in RANKS, where
            assert RANKS[_unit(found.name)] >= RANKS[unit], where
            assert (unit, _unit(found.name)) not in STRANGERS, where


def test_no_module_imports_itself_by_a_detour() -> None:
    below = {
        module: [_module(found.name) for found in _imports(path) if found.top]
        for module, path in MODULES.items()
    }

    TopologicalSorter(below).prepare()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_what_is_heavy_by_need(module: str) -> None:
    for found in _imports(MODULES[module]):
        where = f"{module}:{found.line} imports {found.name}"
        assert not any(_within(found.name, name) for name in NEVER), where
        for name, allowed in BY_NEED.items():
            if _within(found.name, name):
                assert any(_within(module, one) for one in allowed), where
                assert not found.top, f"{where} outside a function"


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_imports_the_api_and_the_standard_library(path: Path) -> None:
    for found in _imports(path):
        top = found.name.partition(".")[0]
        where = f"{path.name}:{found.line} imports {found.name}"
        assert found.name == "crrlint.api" or top in sys.stdlib_module_names, where
        assert not any(_within(found.name, name) for name in NEVER), where


@pytest.mark.parametrize("module", MODULES)
def test_only_the_edge_talks_to_the_world(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        where = f"{module}:{getattr(node, 'lineno', 0)}"
        if name in ("print", "input", "sys.exit", "exit", "os._exit"):
            assert module in TALKS, f"{where} calls {name}"
        if name in ("open", "os.open", "io.open"):
            assert module in OPENS, f"{where} calls {name}"
        if name in ("eval", "exec", "compile", "__import__", "os.system", "os.popen"):
            assert (module, name) == ("run.ruleset", "exec"), f"{where} calls {name}"
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv"):
            assert module in TALKS, f"{where} reads the environment"
