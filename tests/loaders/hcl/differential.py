"""A comparison of open and known values with what Terraform makes of the same expressions.

    python -m tests.loaders.hcl.differential [SEEDS] [EXPRESSIONS] [FIRST SEED]

`terraform` has to be on the path; no provider is needed.  Each seed makes expressions and
three sets of values.  They are evaluated with all variables given, with none, and with some;
what is said of the open ones has to admit what Terraform gives once they have values, all
answers to one choice alike.

Left alone is what Terraform refuses and what has a value here on purpose: the other side
of `||` (Terraform 1.12), `element` counted from the end (OpenTofu), loops over nothing,
and null, which has a type of its own there.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crrlint.documents.source import Document, Node
from crrlint.loaders.hcl import Fault, Unreadable
from crrlint.loaders.hcl.numbers import number
from crrlint.loaders.terraform.deployment import Deployment
from crrlint.loaders.terraform.folders import Folder
from crrlint.loaders.terraform.modules import Module
from crrlint.loaders.terraform.variables import values_in
from tests.loaders.hcl.admits import Admission, Answers, TooMuch, is_open
from tests.loaders.hcl.grammar import STAGES, VARIABLES, declarations, expressions, values

Result = tuple[str, Any]
"""`value` and what it is, `error`, or `static`: refused before anything is evaluated."""


def terraform(texts: list[str], given: dict[str, Any], folder: Path) -> list[Result]:
    """Return what Terraform makes of each expression."""
    (folder / "main.tf").write_text(declarations())
    (folder / "terraform.tfvars.json").write_text(json.dumps(given))

    def run(texts: list[str]) -> list[Result]:
        tried = ", ".join(f"try(jsonencode([{text}]), null)" for text in texts)
        done = subprocess.run(
            ["terraform", "console"],
            input=f"base64encode(jsonencode([{tried}]))\n",
            capture_output=True, text=True, cwd=folder,
            env={**os.environ, "CHECKPOINT_DISABLE": "1"}, check=False,
        )  # fmt: skip
        if done.returncode or not done.stdout.startswith('"'):
            if len(texts) == 1:
                return [("static", None)]
            half = len(texts) // 2
            return run(texts[:half]) + run(texts[half:])
        found = json.loads(base64.b64decode(done.stdout.strip().strip('"')))
        return [
            ("error", None)
            if text is None
            else ("value", json.loads(text, parse_int=number, parse_float=number)[0])
            for text in found
        ]

    return run(texts)


class _NoFiles:
    def read(self, path: str, shown: str) -> Unreadable:
        return Unreadable("no files here")

    read_bytes = exists = files = read


def crrlint(texts: list[str], given: dict[str, Any]) -> list[Any]:
    """Return the value of each expression, its fault, or the exception that it raised."""
    lines = "".join(f"  x{index} = {text}\n" for index, text in enumerate(texts))
    text = f"{declarations()}locals {{\n{lines}}}\n"
    folder = Folder(".", [Document("main.tf", text, "hcl", None)])
    assert not folder.problems, folder.problems[:3]
    document = Document("terraform.tfvars.json", json.dumps(given), "hcl", None)
    deployment = Deployment(
        "here", folder, {".": folder}, _NoFiles(), values=values_in(document)[0]
    )
    module = Module(deployment, folder)
    made: list[Any] = []
    for index in range(len(texts)):
        try:
            made.append(module.local(f"x{index}", deployment.root_at))
        except Exception as error:
            made.append(error)
    return made


def as_converted(given: dict[str, Any]) -> dict[str, Any]:
    """Return the values as the types of the variables make them."""
    made = json.loads(json.dumps(given), parse_float=number)
    for item in [*made["lo"], *made["mo"].values()]:
        item.setdefault("b", 1)
    made["o"] = {"c": None, "d": [], **made["o"]}
    return {**made, "ss": sorted(set(made["ss"])), "ss2": sorted(set(made["ss2"]))}


def answered(open_: Iterable[str], given: dict[str, Any]) -> Answers:
    """Return how the values of variables answer the choices that stand for them."""
    made: dict[tuple[str, ...], Any] = {}
    for name in open_:
        if name in ("b", "c"):
            made["choice", f"here  var.{name}"] = 0 if given[name] else 1
        if name == "e":
            made["choice", "here  var.e"] = STAGES.index(given[name])
        if name == "t":
            made["choice", "here  var.t[2]"] = 0 if given[name][2] else 1
    return made


def differences(
    texts: list[str],
    ours: list[Any],
    theirs: list[Result],
    given: dict[str, Any],
    open_: frozenset[str],
    counts: Counter[str],
) -> Iterable[tuple[str, str, Any, Any]]:
    """Yield the kind of each difference, its expression, and both values."""
    admission = Admission(as_converted(given), soft=bool(open_))
    known = dict(answered(open_, given))
    for text, said, (kind, value) in zip(texts, ours, theirs, strict=True):
        counts[kind] += 1
        if isinstance(said, Exception) and not isinstance(said, Fault):
            yield "crash", text, said, value
        elif kind == "error":
            if isinstance(said, Node) and not open_ and not is_open(said) and not _on_purpose(text):
                yield "claims a value", text, said, None
        elif kind == "value" and "-0" not in json.dumps(value, default=str):
            if isinstance(said, Fault):
                if not re.search(r"merge\(.*null", text):
                    yield "claims a fault", text, said.message, value
                continue
            counts["open" if is_open(said) else "known"] += 1
            try:
                found = next(admission.answers(said, value, known), None)
            except (TooMuch, RecursionError):
                counts["too much"] += 1
                continue
            if found is None:
                yield "does not admit", text, said, value


def _on_purpose(text: str) -> bool:
    return bool(re.search(r"\|\||&&|element\(.*-|\bfor\b.*\bif\b|null|var\.(o|lo|mo)\b", text))


def main(seeds: int = 5, count: int = 1000, first: int = 1) -> int:
    """Compare; return how many differences there were."""
    counts: Counter[str] = Counter()
    shown: set[str] = set()
    for seed in range(first, first + seeds):
        texts = expressions(seed, count, 3)
        choose = random.Random(seed)
        sets = [frozenset(), frozenset(VARIABLES)]
        sets += [frozenset(n for n in VARIABLES if choose.random() < 0.5) for _ in range(2)]
        for number_ in range(3):
            given = values(seed * 1000 + number_)
            with tempfile.TemporaryDirectory() as folder:
                theirs = terraform(texts, given, Path(folder))
            for open_ in sets:
                ours = crrlint(texts, {n: v for n, v in given.items() if n not in open_})
                for kind, text, said, value in differences(
                    texts, ours, theirs, given, open_, counts
                ):
                    if text not in shown:
                        shown.add(text)
                        used = sorted(set(re.findall(r"var\.(\w+)", text)))
                        print(f"seed {seed}: {kind}: {text}\n  here      {said}")
                        print(f"  terraform {json.dumps(value, default=str)}")
                        print(f"  given     { {n: given[n] for n in used} }")
                        print(f"  open      {[n for n in used if n in open_]}")
    print(f"{len(shown)} differences; {dict(counts)}")
    return len(shown)


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
