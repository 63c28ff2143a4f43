"""Writes the pages of the rules and the table in the README: `python -m crrlint.docs`.

A page is a generated head, the rule's docstring, and below each example of a fault
what crrlint prints for it.  `--check` writes nothing, names what is out of date and
exits with 1.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from crrlint.authoring import examples
from crrlint.authoring.examples import Example
from crrlint.documents.ignores import Ignore
from crrlint.documents.places import Places
from crrlint.report import Style
from crrlint.report.explain import written
from crrlint.report.text import Text
from crrlint.run import ruleset
from crrlint.run.lint import Report
from crrlint.run.rule import Rule

_ROOT: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PAGES: Final = os.path.join("docs", "rules")
_README: Final = "README.md"
_START, _END = "<!-- rules -->", "<!-- /rules -->"

_FENCE = re.compile(
    r"^```yaml (?P<kind>bad|good|undecided|options)\n.*?^```$", re.DOTALL | re.MULTILINE
)
_OUTPUT = re.compile(
    r"(?P<start><!-- output: (?P<folder>\S+) -->)\n.*?(?P<end><!-- /output -->)", re.DOTALL
)
_LABELS: Final = {
    "bad": "A fault:",
    "good": "Correct:",
    "undecided": "Cannot be decided:",
    "options": "With these options:",
}


def main(arguments: Sequence[str]) -> int:
    """Write what is out of date, or with `--check` only name it."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m crrlint.docs [--check]", file=sys.stderr)
        return 2
    rules = ruleset.load()
    wanted = {os.path.join(_PAGES, f"{rule.id}.md"): page(rule, rules) for rule in rules}
    wanted[_README] = _readme(_text(_README) or f"# crrlint\n\n{_START}\n{_END}\n", rules)
    stale = [path for path, text in wanted.items() if _text(path) != text]
    orphans = [path for path in _pages() if path not in wanted]
    if arguments:
        for path in (*stale, *orphans):
            print(f"{path} is out of date: make docs", file=sys.stderr)
        return 1 if stale or orphans else 0
    os.makedirs(os.path.join(_ROOT, _PAGES), exist_ok=True)
    for path in stale:
        with open(os.path.join(_ROOT, path), "w", encoding="utf-8", newline="\n") as file:
            file.write(wanted[path])
    for path in orphans:
        os.remove(os.path.join(_ROOT, path))
    return 0


def _text(path: str) -> str | None:
    try:
        with open(os.path.join(_ROOT, path), encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _pages() -> list[str]:
    folder = os.path.join(_ROOT, _PAGES)
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [os.path.join(_PAGES, name) for name in names if name.endswith(".md")]


def page(rule: Rule, rules: Sequence[Rule]) -> str:
    """Return a rule's page."""
    found = iter(examples.examples(rule))

    def shown(fence: re.Match[str]) -> str:
        kind = fence["kind"]
        parts = [_LABELS[kind], fence[0].replace(f"```yaml {kind}", "```yaml", 1)]
        if kind != "options":
            example = next(found)
            if kind == "bad":
                parts.append(f"```text\n{printed(example, rule, rules)}```")
        return "\n\n".join(parts)

    title, _, body = rule.text.partition("\n")
    return "\n".join(
        [
            "<!-- Written by python -m crrlint.docs from the rule's file. -->",
            f"# {rule.id}: {title.rstrip('.')}",
            "",
            *_head(rule),
            "",
            _FENCE.sub(shown, body.strip()),
            "",
            *_foot(rule),
            "",
        ]
    )


def _head(rule: Rule) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    yield f"| name | `{rule.name}` |"
    yield f"| severity | {rule.severity} |"
    yield f"| looks at | {_SUBJECTS[rule.each.__name__]} |"
    if rule.failure:
        reasons = "<br>".join(f"`{reason}`" for reason in rule.failure.split("; "))
        yield f"| in production | {reasons} |"
    for name, default in rule.options.items():
        yield f"| option | `{name.replace('_', '-')}`, default `{written(default)}` |"
    yield f"| source | <{rule.source}> |"


_SUBJECTS: Final = {
    "Route": "each route",
    "Configuration": "each replication configuration",
    "Bucket": "each bucket",
    "Role": "each replication role",
    "Graph": "all routes together",
    "Problem": "each input that could not be read",
    "Ignore": "each ignore comment and entry",
}


def _foot(rule: Rule) -> Iterator[str]:
    file = f"rules/{os.path.basename(rule.path)}"
    yield "The examples are changes to [a complete set-up](../../crrlint/baseline/), by the name of"
    yield f"a resource. The rule is [`{file}`](../../{file})."


def printed(example: Example, rule: Rule, rules: Sequence[Rule]) -> str:
    """Return what crrlint prints of the rule's findings on an example."""
    # What an ignore does is known only when the others have run.
    outcome = examples.run(example, rule, rules if rule.each is Ignore else [rule], written="yaml")
    mine = tuple(reported for reported in outcome.findings if reported.rule is rule)
    report = Report((), outcome, mine, (), (), Places())
    return "".join(f"{line}\n" for line in Text(report, Style()).findings()).rstrip("\n") + "\n"


def _readme(readme: str, rules: Sequence[Rule]) -> str:
    """Return the README with its table, and with what crrlint prints of the examples it names."""

    def shown(block: re.Match[str]) -> str:
        folder = block["folder"]
        return (
            f"{block['start']}\n```console\n$ crrlint {folder}\n{_run(folder)}```\n{block['end']}"
        )

    return _OUTPUT.sub(shown, _with_table(readme, rules))


def _run(folder: str) -> str:
    """Return what `crrlint FOLDER` prints in the checkout."""
    import contextlib
    import io

    from crrlint import cli

    printed = io.StringIO()
    before = os.getcwd()
    os.chdir(_ROOT)
    try:
        with contextlib.redirect_stdout(printed):
            cli.run([folder, "--color", "never"])
    finally:
        os.chdir(before)
    return printed.getvalue()


def _with_table(readme: str, rules: Sequence[Rule]) -> str:
    before, start, rest = readme.partition(_START)
    _, end, after = rest.partition(_END)
    if not start or not end:
        raise SystemExit(f"{_README} has no place for the table: {_START} and {_END}")
    return "\n".join([before + _START, *_table(rules), _END + after])


# The question that a rule answers, by the start of its id; the first that fits counts.
_QUESTIONS: Final = (
    ("Could everything be read?", ("CRR0",)),
    ("Are the buckets ready?", ("CRR1",)),
    ("Will S3 accept the configuration?", ("CRR2",)),
    ("May S3 act as the role?", ("CRR3",)),
    ("May S3 write the copies?", ("CRR408", "CRR409", "CRR410", "CRR50", "CRR511")),
    ("May S3 read the objects?", ("CRR40", "CRR510")),
    ("Does something forbid it all?", ("CRR4",)),
    ("Who owns the copy?", ("CRR6",)),
    ("Can it be decrypted and encrypted?", ("CRR7",)),
    ("Do locks hold at the other end?", ("CRR8",)),
    ("What will surprise me later?", ("CRR90",)),
    ("Is it what our company allows? (silent until it is told)", ("CRR95",)),
    ("May whoever deploys it do so?", ("CRR96",)),
)


def _table(rules: Sequence[Rule]) -> Iterator[str]:
    left = list(rules)
    groups: list[tuple[str, list[Rule]]] = []
    for question, starts in _QUESTIONS:
        groups.append((question, [rule for rule in left if rule.id.startswith(starts)]))
        left = [rule for rule in left if not rule.id.startswith(starts)]
    groups.append(("Further rules", left))
    for question, mine in sorted((g for g in groups if g[1]), key=lambda group: group[1][0].id):
        yield from ("", f"**{question}**", "", "| Rule | Severity | Finds |", "|---|---|---|")
        for rule in mine:
            link = f"[{rule.id}](docs/rules/{rule.id}.md)"
            yield f"| {link} `{rule.name}` | {rule.severity} | {rule.title} |"
    yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
