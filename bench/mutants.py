"""Small faults put into the permission engine one by one, and whether the tests notice.

    python -m bench.mutants [--only conditions] [--sample 1200] [--survivors FILE]

Every mutant runs in a fork, with the tests of tests/iam that reach its lines, cheapest
first, until one fails.  A fork that uses up its time counts as noticed: so would a person.
Nothing is written but the survivors.

Left out, as no test should hold them: annotations and aliases of types, docstrings,
`__slots__`, `__all__`, `__repr__`, `TYPE_CHECKING`, the caches of functions, f-strings and
texts with a space (words of messages), reasons of `Unknown` (no decision shows them), the
types of `isinstance`, and the `strict` of `zip`.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import importlib.abc
import importlib.util
import os
import pickle
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Final, NamedTuple

import hypothesis
import pytest

ROOT: Final = Path(__file__).parent.parent
ENGINE: Final = ROOT / "crrlint" / "iam"
TESTS: Final = ROOT / "tests" / "iam"
EXAMPLES: Final = 6
MEMORY: Final = 3 << 30

Case = tuple[str, Callable[[], None]]
Lines = frozenset[tuple[str, int]]

COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip
OPERATIONS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}  # fmt: skip
NAMES: Final = {
    "any": "all", "all": "any", "min": "max", "max": "min", "every": "some", "some": "every",
    "conj": "disj", "disj": "conj", "YES": "NO", "NO": "YES", "MAYBE": "YES", "ABSENT": "UNKNOWN",
    "PRESENT": "UNKNOWN", "startswith": "endswith", "lower": "upper", "partition": "rpartition",
    "rpartition": "partition",
}  # fmt: skip


class Mutant(NamedTuple):
    """One fault: `parent.field`, or the item at `place` of it, becomes `node`.

    `lines` are those of which one has to run for it to matter; None is the import.
    """

    module: str
    parent: ast.AST
    field: str
    place: int | None
    node: ast.AST
    what: str
    lines: range | None

    def __str__(self) -> str:
        old = getattr(self.parent, self.field)
        old = old if self.place is None else old[self.place]
        return f"{self.module}:{old.lineno}: {self.what}: {ast.unparse(old)}".split("\n")[0]


def replacements(node: ast.AST, field: str) -> Iterator[tuple[str, ast.AST]]:
    """Yield what one node can be replaced with, and what that is called."""
    match node:
        case ast.Constant(value=bool() as value):
            yield str(not value), ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield str(value + 1), ast.Constant(value + 1)
        case ast.Constant(value=str() as value) if " " not in value.strip():
            yield "another text", ast.Constant("X" + value)
        case ast.Compare(ops=[op]):
            for other in COMPARISONS[type(op)]:
                yield other.__name__, ast.Compare(node.left, [other()], node.comparators)
        case ast.Compare():
            for i, op in enumerate(node.ops):
                for other in COMPARISONS[type(op)]:
                    ops = [*node.ops[:i], other(), *node.ops[i + 1 :]]
                    yield f"{other.__name__} at {i}", ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp(op=ast.And()):
            yield "or", ast.BoolOp(ast.Or(), node.values)
        case ast.BoolOp():
            yield "and", ast.BoolOp(ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield "without the sign", node.operand
        case ast.BinOp() if type(node.op) in OPERATIONS:
            operator = OPERATIONS[type(node.op)]
            yield operator.__name__, ast.BinOp(node.left, operator(), node.right)
        case ast.AugAssign() if type(node.op) in OPERATIONS:
            operator = OPERATIONS[type(node.op)]
            yield operator.__name__, ast.AugAssign(node.target, operator(), node.value)
            yield "removed", ast.Pass()
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield NAMES[name], ast.Name(NAMES[name], ast.Load())
        case ast.Attribute(attr=name) if name in NAMES:
            yield NAMES[name], ast.Attribute(node.value, NAMES[name], ast.Load())
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return None", ast.Return(ast.Constant(None))
        case ast.Assign(value=value) if not isinstance(value, ast.Constant):
            yield "assign None", ast.Assign(node.targets, ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.Raise():
            yield "removed", ast.Pass()
        case ast.Continue():
            yield "break", ast.Break()
        case ast.Break():
            yield "continue", ast.Continue()
    # What a comparison or a `not` becomes above is its negation already.
    negated = isinstance(node, ast.UnaryOp | ast.Compare)
    if isinstance(node, ast.expr) and field in ("test", "ifs") and not negated:
        yield "negated", ast.UnaryOp(ast.Not(), node)
    if field == "decorator_list":
        yield "without decorator", ast.Name("_as_it_is", ast.Load())


def mutants(module: str, tree: ast.Module) -> list[Mutant]:
    found: list[Mutant] = []

    def visit(node: ast.AST, lines: range | None) -> None:
        for field, value in ast.iter_fields(node):
            if _left_out(node, field):
                continue
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.AST) or _is_text_only(child):
                    continue
                reach = _lines(node, field, child, lines)
                place = index if isinstance(value, list) else None
                for what, new in replacements(child, field):
                    found.append(Mutant(module, node, field, place, new, what, reach))
                visit(child, reach)

    visit(tree, None)
    return found


def _lines(node: ast.AST, field: str, child: ast.AST, lines: range | None) -> range | None:
    """Return the lines of which one has to run for the child to matter, None for the import."""
    if isinstance(node, ast.FunctionDef) and field in ("args", "decorator_list"):
        return range(node.body[0].lineno, (node.end_lineno or 0) + 1)
    if isinstance(child, ast.stmt):
        if lines is None and not isinstance(node, ast.FunctionDef):
            return None
        blocks = [b for b in (getattr(child, "body", None), getattr(child, "cases", None)) if b]
        end = getattr(blocks[0][0], "lineno", 0) - 1 if blocks else (child.end_lineno or 0)
        return range(child.lineno, max(end, child.lineno) + 1)
    return lines


def _left_out(node: ast.AST, field: str) -> bool:
    if field in ("annotation", "returns", "keywords") and isinstance(node, ast.arg | ast.ClassDef):
        return True
    if isinstance(node, ast.FunctionDef) and (field == "returns" or node.name == "__repr__"):
        return True
    if isinstance(node, ast.AnnAssign) and field == "annotation":
        return True
    if isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.unparse(node.annotation):
        return True
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__slots__", "__all__"):
        return True
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance" and field == "args"


def _is_text_only(child: ast.AST) -> bool:
    match child:
        case ast.JoinedStr() | ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
        case ast.Constant(value="unsupported_expression" | "not_collected"):
            return True
        case ast.keyword(arg="strict"):
            return True
        case ast.If(test=test):
            return "TYPE_CHECKING" in ast.unparse(test) or "__main__" in ast.unparse(test)
        case ast.Call() | ast.Name():
            return "lru_cache" in ast.unparse(child) or ast.unparse(child) == "overload"
    return False


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed tree."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self.code = compile(ast.fix_missing_locations(tree), name, "exec")

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["_as_it_is"] = lambda function: function
        exec(self.code, module.__dict__)


def cases() -> list[Case]:
    """Import the tests, and return each with its parameters; none that needs a fixture."""
    found: list[Case] = []
    for path in sorted(TESTS.glob("test_*.py")):
        try:
            module = importlib.import_module(f"tests.iam.{path.stem}")
        except pytest.skip.Exception:
            continue
        for name, test in sorted(vars(module).items()):
            if not name.startswith("test_"):
                continue
            rows: list[dict[str, Any]] = [{}]
            for mark in getattr(test, "pytestmark", ()):
                if mark.name == "parametrize":
                    rows = [{**row, **more} for row in rows for more in _rows(*mark.args[:2])]
            if hasattr(test, "hypothesis"):
                _quicken(test)
            elif test.__code__.co_argcount != len(rows[0]):
                continue
            names = (f"{path.stem}.{name}[{i}]" for i in range(len(rows)))
            found += zip(names, (functools.partial(test, **row) for row in rows), strict=True)
    return found


def _rows(names: str | Sequence[str], values: Any) -> Iterator[dict[str, Any]]:
    listed = [n.strip() for n in names.split(",")] if isinstance(names, str) else names
    for value in values:
        row = value.values if hasattr(value, "marks") else value if len(listed) > 1 else (value,)
        yield dict(zip(listed, row, strict=True))


def _quicken(test: Any) -> None:
    given = test._hypothesis_internal_use_settings
    test._hypothesis_internal_use_settings = hypothesis.settings(
        given,
        max_examples=min(EXAMPLES, given.max_examples),
        database=None,
        derandomize=True,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def measure() -> dict[str, tuple[float, Lines]]:
    """Return how long each test takes, and which lines of the engine it reaches."""
    seconds: dict[str, float] = {}
    lines: dict[str, Lines] = {}
    for name, run in cases():
        began = time.process_time()
        try:
            run()
        except pytest.skip.Exception:
            continue
        seconds[name] = time.process_time() - began
    caches = [
        value.cache_clear
        for name, module in sys.modules.items() if name.startswith("crrlint.iam.")
        for value in vars(module).values() if hasattr(value, "cache_clear")
    ]  # fmt: skip
    start, reached = str(ENGINE) + os.sep, set[tuple[str, int]]()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        path = frame.f_code.co_filename
        if not path.startswith(start):
            return None
        reached.add((path[len(start) : -3], frame.f_lineno))
        return trace

    for module in [m for m in sys.modules if m.startswith("tests.iam.test_")]:
        del sys.modules[module]  # a test may use up its parameters
    sys.settrace(trace)
    again = cases()
    imports = frozenset(reached)
    for name, run in again:
        for clear in caches:
            clear()
        reached.clear()
        if name in seconds:
            run()
            lines[name] = imports | reached
    sys.settrace(None)
    return {name: (seconds[name], lines[name]) for name in seconds}


def in_fork(work: Callable[[], Any]) -> Any:
    """Return what the work returns in a process of its own."""
    read, write = os.pipe()
    if os.fork() == 0:
        with os.fdopen(write, "wb") as out:
            pickle.dump(work(), out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as found:
        answer = pickle.load(found)
    os.wait()
    return answer


def attempt(mutant: Mutant, tree: ast.Module, chosen: list[str], seconds: float) -> int:
    """Run the tests on a mutant, in a fork: 1 when one fails, 0 when none does."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, 4 + 4 * seconds)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    try:
        listed = getattr(mutant.parent, mutant.field)
        if mutant.place is None:
            setattr(mutant.parent, mutant.field, mutant.node)
        else:
            listed[mutant.place] = mutant.node
        sys.meta_path.insert(0, Finder(f"crrlint.iam.{mutant.module}", tree))
        runs = dict(cases())
        for name in chosen:
            runs[name]()
    except BaseException:
        return 1
    return 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", action="append", help="a module of crrlint.iam")
    options.add_argument("--sample", type=int, help="at most so many mutants")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--survivors", type=Path, help="only these, and write those of them left")
    given = options.parse_args()
    sys.path.insert(0, str(ROOT))
    sys.setrecursionlimit(3000)
    paths = [p for p in sorted(ENGINE.glob("*.py")) if p.stem != "__init__"]
    trees = {p.stem: ast.parse(p.read_text()) for p in paths}
    every = [m for name, tree in trees.items() for m in mutants(name, tree)]
    every = [m for m in every if not given.only or m.module in given.only]
    before = given.survivors and given.survivors.exists() and given.survivors.read_text()
    if before:
        every = [m for m in every if str(m) in before.splitlines()]
    if given.sample and given.sample < len(every):
        every = sorted(random.Random(given.seed).sample(every, given.sample), key=every.index)
    measured = in_fork(measure)
    order = sorted(measured, key=lambda name: float(measured[name][0]))
    print(f"{len(every)} mutants, {len(order)} tests, {sum(s for s, _ in measured.values()):.1f} s")

    running: dict[int, Mutant] = {}
    outcomes: dict[str, Counter[str]] = {}
    survivors: list[Mutant] = []

    def wait() -> None:
        pid, status = os.wait()
        mutant = running.pop(pid)
        outcome = "timed out" if os.WIFSIGNALED(status) else "killed" if status else "survived"
        outcomes.setdefault(mutant.module, Counter())[outcome] += 1
        if outcome == "survived":
            survivors.append(mutant)
            print(mutant, flush=True)

    for mutant in every:
        if mutant.lines is None:
            chosen = order
        else:
            spots = {(mutant.module, line) for line in mutant.lines}
            chosen = [name for name in order if not spots.isdisjoint(measured[name][1])]
        if len(running) >= given.jobs:
            wait()
        pid = os.fork()
        if pid == 0:
            seconds = sum(measured[name][0] for name in chosen)
            os._exit(attempt(mutant, trees[mutant.module], chosen, seconds))
        running[pid] = mutant
    while running:
        wait()
    survivors.sort(key=every.index)
    if given.survivors:
        given.survivors.write_text("".join(f"{m}\n" for m in survivors))
    outcomes["all"] = sum(outcomes.values(), Counter())
    print(f"{'':12}{'mutants':>9}{'killed':>9}{'timed out':>11}{'survived':>10}{'noticed':>10}")
    for name, count in outcomes.items():
        total = count.total()
        noticed = 100 * (total - count["survived"]) / total
        row = f"{count['killed']:9}{count['timed out']:11}{count['survived']:10}{noticed:9.1f} %"
        print(f"{name:12}{total:9}{row}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
