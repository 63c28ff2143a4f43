"""The benchmark of the permission engine: questions by size, an organization, its import."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

ROLE = "arn:aws:iam::111111111111:role/replicate"
ACTIONS = (
    ["s3:ReplicateObject", "s3:ReplicateDelete"],
    ["s3:Replicate*"],
    ["s3:*"],
    ["s3:GetObject*", "s3:PutObject"],
    ["ec2:*"],
    ["kms:Encrypt", "kms:GenerateDataKey*"],
    ["sqs:SendMessage"],
)
CONDITIONS = (
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
)


def statement(r: random.Random, many: int) -> dict[str, Any]:
    """Return a statement on some of the keys of some bucket, often another than the one asked."""
    bucket = r.choice(["dest", "dest", "dest", f"other-{r.randrange(20)}"])
    folders = [f"p{r.randrange(many)}/" if r.random() < 0.7 else "" for _ in range(r.randint(1, 3))]
    made: dict[str, Any] = {
        "Effect": "Deny" if r.random() < 0.1 else "Allow",
        "Action": r.choice(ACTIONS),
        "Resource": [
            f"arn:aws:s3:::{bucket}/{folder}{r.choice(['*', '*.csv', '*/logs/*', 'a?b*'])}"
            for folder in folders
        ],
    }
    if r.random() < 0.3:
        made["Condition"] = r.choice(CONDITIONS)
    return made


def questions(statements: int, count: int) -> list[float]:
    """Return the seconds that each of so many questions takes, its policies parsed before."""
    from crrlint.iam import ABSENT, OneOfValues, Principal, Request, World, decide

    context = {
        "aws:SecureTransport": "true",
        "aws:PrincipalArn": ROLE,
        "aws:SourceVpce": ABSENT,
        "aws:PrincipalAccount": "111111111111",
        "aws:SourceIp": OneOfValues((None, "54.231.0.10")),
    }
    taken: list[float] = []
    for number in range(count):
        r = random.Random(number * 7919 + statements)
        mine = [statement(r, statements) for _ in range(statements // 2)]
        theirs = [
            {**statement(r, statements), "Principal": {"AWS": ROLE}} for _ in range(statements // 2)
        ]
        everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        if r.random() < 0.5:
            mine[0] = everything
        if r.random() < 0.5:
            theirs[0] = {**everything, "Principal": "*"}
        world = World(identity=(_policy(mine),), resource_policy=_policy(theirs))
        asked = Request(
            Principal(role=ROLE, session="s3-replication"),
            "s3:ReplicateObject",
            "arn:aws:s3:::dest/{key}",
            r.choice(["", "logs/", "p1/"]),
            "222222222222",
            context,
        )
        start = time.process_time()
        decide(asked, world)
        taken.append(time.process_time() - start)
    return sorted(taken)


def _policy(statements: list[dict[str, Any]]) -> Any:
    from crrlint.iam import Policy

    return Policy.parse({"Version": "2012-10-17", "Statement": statements})


def organization(routes: int, statements: int) -> tuple[float, dict[str, int]]:
    """Return the seconds that all rules take for so many routes, and their verdicts."""
    from inputs import SOURCE_ACCOUNT, state

    from crrlint import loaders
    from crrlint.model.bindings import Bindings
    from crrlint.routes.graph import Graph
    from crrlint.run import engine, inputs, ruleset

    with tempfile.TemporaryDirectory() as scratch:
        folder = state(Path(scratch), 0, routes, statements)
        bindings = Bindings(account=SOURCE_ACCOUNT)
        read = inputs.read([str(folder)], bindings)
    rules = ruleset.load()
    graph = Graph(loaders.load(read.documents, bindings))
    start = time.process_time()
    outcome = engine.run(graph, rules, {})
    seconds = time.process_time() - start
    verdicts: dict[str, int] = {}
    for result in outcome.results:
        verdicts[result.verdict] = verdicts.get(result.verdict, 0) + 1
    return seconds, verdicts


def importing(module: str, runs: int) -> float:
    """Return the least seconds that a process of its own takes to import a module."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", code]
    return min(
        float(subprocess.run(command, check=True, capture_output=True, text=True, env=kept).stdout)
        for _ in range(runs)
    )


def report(quick: bool) -> None:
    """Print the figures; times are those of one core, processes of others left aside."""
    for size in (10, 50, 200):
        taken = questions(size, 100 if quick else 1000)
        middle, high = median(taken), taken[int(len(taken) * 0.95)]
        print(
            f"{f'question, {size} statements':34} {middle * 1000:9.3f} ms   "
            f"95th {high * 1000:7.3f} ms   max {taken[-1] * 1000:7.2f} ms   "
            f"{len(taken) / sum(taken):8.0f} a second"
        )
    routes = 500 if quick else 5000
    gc.collect()
    seconds, verdicts = organization(routes, 20)
    found = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    print(
        f"{f'{routes} roles of 20 statements':34} {seconds:9.1f} s    "
        f"{seconds / routes * 1000:5.2f} ms a route   {found}   (target: 5,000 in 60 s)"
    )
    runs = 5 if quick else 25
    print(
        f"{'import of crrlint.iam':34} {importing('crrlint.iam', runs) * 1000:9.1f} ms   "
        f"of typing alone {importing('typing', runs) * 1000:5.1f} ms   "
        "(target: 10 ms where bare Python takes 7)"
    )
