"""The benchmark: crrlint against the parse floor, against itself on ten times the input, and
against peers where they are installed.

    python bench/run.py [--quick]

Each figure is the median of runs that alternate with its reference, in processes of their
own; what counts are the ratios.  Nothing is asserted here.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


class Figure(NamedTuple):
    """Seconds, and the peak memory in MB where the process told it."""

    seconds: float
    megabytes: float


def floor(folder: str) -> None:
    """Read and parse the files of a folder, and nothing else."""
    from crrlint.documents.parse import parse

    for name in sorted(os.listdir(folder)):
        if name != "crrlint.yaml":
            KEPT.append(parse(name, Path(folder, name).read_bytes().decode()))


def whole(folder: str) -> None:
    """Everything that `crrlint FOLDER` does, its output included."""
    from crrlint.cli import run

    with open(os.devnull, "w") as sys.stdout:
        run([folder])
    sys.stdout = sys.__stdout__


def sitter(folder: str) -> None:
    """Read and parse the Terraform files below a folder as tree-sitter does, and nothing else."""
    import tree_sitter
    import tree_sitter_hcl

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    for path in sorted(Path(folder).rglob("*.tf")):
        KEPT.append(parser.parse(path.read_bytes()))


KEPT: list[object] = []
TASKS: dict[str, Callable[[str], None]] = {"floor": floor, "sitter": sitter, "whole": whole}


IMPORTED = (
    "yaml",
    "crrlint.api",
    "crrlint.cli",
    "crrlint.loaders.cloudformation",
    "crrlint.loaders.terraform.plan",
    "crrlint.loaders.terraform.source",
    "crrlint.loaders.terraform.state",
    "crrlint.run.lint",
)
"""What is there before the clock starts: names, lest somebody takes the imports for unused."""


def task(name: str, folder: str) -> None:
    """Run one task in this process, imports done before the clock starts; print its figure."""
    gc.disable()
    for module in IMPORTED:
        import_module(module)
    before = peak()
    start = time.perf_counter()
    TASKS[name](folder)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "megabytes": peak() - before}))


def peak() -> float:
    """Return the peak memory of this process in MB; 0 where the system does not tell."""
    # ru_maxrss would start at the peak of the process that forked this one.
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(n.split()[1]) / 1000 for n in lines if n.startswith("VmHWM")), 0.0)


def measure(name: str, folder: Path) -> Figure:
    command = [sys.executable, __file__, "--task", name, str(folder)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=clean()).stdout
    return Figure(**json.loads(out))


def clean() -> dict[str, str]:
    """Return the environment without what would keep bytecode from being cached."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def process(command: Sequence[str], cwd: Path | None = None) -> Figure:
    start = time.perf_counter()
    out = subprocess.DEVNULL
    subprocess.run(command, stdout=out, stderr=out, check=False, env=clean(), cwd=cwd)
    return Figure(time.perf_counter() - start, 0)


def paired(
    runs: int, reference: Callable[[], Figure], subject: Callable[[], Figure]
) -> tuple[Figure, Figure]:
    """Return the medians of runs that alternate."""
    pairs = [(reference(), subject()) for _ in range(runs)]
    return middle([a for a, _ in pairs]), middle([b for _, b in pairs])


def middle(figures: Sequence[Figure]) -> Figure:
    return Figure(median(f.seconds for f in figures), median(f.megabytes for f in figures))


def line(what: str, figure: Figure, reference: Figure, name: str, target: str = "") -> None:
    ratio = figure.seconds / reference.seconds
    memory = ""
    if figure.megabytes > 1 and reference.megabytes > 1:
        memory = (
            f"  {figure.megabytes:7.0f} MB, {figure.megabytes / reference.megabytes:4.2f} times"
        )
    print(
        f"{what:34} {figure.seconds * 1000:9.1f} ms  {ratio:6.2f} times {name:22}{memory}  {target}"
    )


def start_up(folder: Path, runs: int) -> None:
    python = sys.executable
    bare = [python, "-c", "pass"]
    example = HERE.parent / "examples" / "works"
    process([python, "-m", "crrlint", str(example)])
    for what, arguments, target in (
        ("one small set-up, whole process", [str(example)], "(target: 60 ms where bare is 7)"),
        ("--version", ["--version"], "(target: 20 ms where bare is 7)"),
    ):
        reference, figure = paired(
            runs,
            lambda: process(bare),
            lambda arguments=arguments: process([python, "-m", "crrlint", *arguments]),
        )
        line(what, figure, reference, "bare Python", target)
    for peer, arguments in (("cfn-lint", []), ("checkov", ["--quiet", "-d"])):
        found = shutil.which(peer)
        if found:
            given = [str(example / "source.yaml")] if peer == "cfn-lint" else [str(example)]
            command = [found, *arguments, *given]
            figure, reference = paired(
                3,
                lambda: process([python, "-m", "crrlint", str(example)]),
                lambda command=command: process(command),
            )
            line(peer, reference, figure, "crrlint")


def rules(folder: Path, runs: int) -> None:
    """Print what all rules cost a run over one rule, in a checkout and in a wheel."""
    folder.mkdir()
    template = folder / "template.yaml"
    template.write_text("Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n")
    for layout in ("checkout", "wheel"):
        homes = [folder / layout / which for which in ("one", "all")]
        for home in homes:
            into = home / ("rules" if layout == "checkout" else "crrlint/_rules")
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(HERE.parent / "crrlint", home / "crrlint", ignore=ignored)
            shutil.copytree(HERE.parent / "rules", into, ignore=ignored)
            if home.name == "one":
                for path in into.glob("*.py"):
                    if path.name != "unreadable_input.py":
                        path.unlink()
        count = len(list((HERE.parent / "rules").glob("*.py")))
        arguments = ["-m", "crrlint", str(template)]

        def run(home: Path, arguments: Sequence[str] = arguments) -> Figure:
            return process([sys.executable, *arguments], cwd=home)

        for home in homes:
            run(home)
        one, every = paired(runs, partial(run, homes[0]), partial(run, homes[1]))
        line(f"{count} rules, {layout}", every, one, "one rule")
        print(f"{'':34} {(every.seconds - one.seconds) * 1000:9.1f} ms more  (target: 15 for 130)")


def against_floor(what: str, folder: Path, runs: int, task: str = "floor") -> Figure:
    reference, figure = paired(
        runs, lambda: measure(task, folder), lambda: measure("whole", folder)
    )
    name = "reading and parsing" if task == "floor" else "tree-sitter"
    line(what, figure, reference, name, "(target: 2 times)")
    return figure


def main(quick: bool) -> None:
    import permissions
    from inputs import answers, state, templates
    from plans import plan
    from sources import source

    runs = 3 if quick else 9
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        start_up(root, 5 if quick else 21)
        rules(root / "rules", 5 if quick else 21)
        small = templates(root / "template-200", 200, 2)
        large = templates(root / "template-2000", 2000, 20)
        many = templates(root / "template-2000-100", 2000, 100)
        tenth = state(root / "state-5", 5, 2)
        huge = state(root / "state-50", 50, 20)
        against_floor("template, 200 resources", small, runs)
        figure = against_floor("template, 2,000 resources", large, runs)
        against_floor("the same, 100 routes", many, runs)
        against_floor("template, 5 MB", templates(root / "template-5", 12_000, 120), runs)
        against_floor("state, 5 MB", tenth, runs)
        giant = against_floor("state, 50 MB", huge, runs)
        little = plan(root / "plan-1", 500, 2)
        planned = plan(root / "plan-10", 5000, 20)
        reference, large_plan = paired(
            runs, lambda: measure("floor", planned), lambda: measure("whole", planned)
        )
        target = "(target: 500 ms and 150 MiB)"
        line("plan, 5,000 resources, 10 MB", large_plan, reference, "reading and parsing", target)
        few = source(root / "source-50", 50)
        lots = source(root / "source-500", 500)
        against_floor("Terraform source, 50 files, 0.5 MB", few, runs, "sitter")
        written = against_floor("Terraform source, 500 files, 5 MB", lots, runs, "sitter")
        for what, ten, one in (
            ("source, ten times the input", written, few),
            ("template, ten times the input", figure, small),
            ("state, ten times the input", giant, tenth),
            ("plan, ten times the input", large_plan, little),
        ):
            base = middle([measure("whole", one) for _ in range(runs)])
            line(what, ten, base, "the tenth", "(target: 11 times)")
        for what, few, lots in (
            ("1,000 routes", *(templates(root / f"routes-{n}", 2 * n, n) for n in (100, 1000))),
            ("5,000 answers of the AWS CLI", *(answers(root / f"cli-{n}", n) for n in (100, 1000))),
        ):
            base, ten = paired(3, partial(measure, "whole", few), partial(measure, "whole", lots))
            line(what, ten, base, "the tenth", "(target: 11 times)")
    permissions.report(quick)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--task"]:
        task(sys.argv[2], sys.argv[3])
    else:
        main("--quick" in sys.argv)
