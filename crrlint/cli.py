"""Arguments in, exit code out; the work is done in `crrlint.run.lint`.

Exit codes: 0 nothing at or above the failing severity, 1 findings, 2 the job could
not be done (usage, configuration, unreadable input, a crashed rule, nothing to check).
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crrlint.arguments import UsageError, parse

if TYPE_CHECKING:
    from crrlint.documents.source import Document
    from crrlint.model.bindings import Bindings
    from crrlint.report import Style
    from crrlint.run.config import Config
    from crrlint.run.lint import Report, Selection
    from crrlint.run.progress import Progress
    from crrlint.run.rule import Rule

OK, FOUND, FAILED = 0, 1, 2


def run(arguments: Sequence[str]) -> int:
    """Run one command; messages about usage and configuration go to the standard error."""
    try:
        options = parse(arguments)
        return _COMMANDS[options.command](options)
    except UsageError as error:
        print(f"crrlint: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read our output (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        # Whatever the input, people get a sentence and exit code 2, never a traceback.
        print(f"crrlint: defect: {type(error).__name__}: {error}{_where(error)}", file=sys.stderr)
        return FAILED


def _where(error: Exception) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    return f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""


def _check(options: argparse.Namespace) -> int:
    from crrlint.report import render

    config, report = _lint(options)
    _write(options, render(options.format, report, _style(options)))
    return _exit_code(options, config, report)


def _why(options: argparse.Namespace) -> int:
    from crrlint.report import proof, render_proofs

    report = _lint(options)[1]
    for problem in report.problems:
        print(f"crrlint: {problem.path}: {problem.message}", file=sys.stderr)
    try:
        proofs = proof.proofs(report.outcome, options.route)
    except proof.NoRoute as error:
        raise UsageError(str(error)) from None
    _write(options, render_proofs(options.format, proofs, report, _style(options)))
    return OK


def _inputs(options: argparse.Namespace) -> int:
    from crrlint.report import render_contents
    from crrlint.report.contents import contents

    paths = _paths(options)
    config = _config(options)
    with _progress(options) as progress:
        stdin = _stdin(options, progress)
        found = contents(paths, _bindings(options, config), stdin, progress.step)
    _write(options, render_contents(options.format, found, _style(options)))
    return FAILED if found.failed or (found.nothing and not options.allow_empty) else OK


def _lint(options: argparse.Namespace) -> tuple[Config, Report]:
    from crrlint.run.lint import lint

    paths = _paths(options)
    config = _config(options)
    selection = _selection(options, config)
    bindings = _bindings(options, config)
    with _progress(options) as progress:
        stdin = _stdin(options, progress)
        return config, lint(paths, config, bindings, selection, stdin=stdin, step=progress.step)


def _paths(options: argparse.Namespace) -> list[str]:
    paths: list[str] = options.paths
    if not paths:
        raise UsageError("give a file or a folder to check: crrlint PATH...")
    return paths


def _progress(options: argparse.Namespace) -> Progress:
    from crrlint.run.progress import Progress

    return Progress(sys.stderr, quiet=options.quiet > 0)


def _stdin(options: argparse.Namespace, progress: Progress) -> bytes | None:
    if "-" not in options.paths:
        return None
    progress.step("waiting for the standard input")
    return sys.stdin.buffer.read()


def _bindings(options: argparse.Namespace, config: Config) -> Bindings:
    """Return what the configuration binds, with what the command line says."""
    given = _parameters(options.param, "--param")
    return config.bindings._replace(
        account=_account(options.account) or config.bindings.account,
        region=options.region or config.bindings.region,
        parameters={**config.bindings.parameters, **given},
        variables=_parameters(options.var, "--var"),
        variables_files=tuple(map(_values, options.var_file)),
        deployments=tuple(
            deployment._replace(parameters={**deployment.parameters, **given})
            for deployment in config.bindings.deployments
        ),
    )


def _config(options: argparse.Namespace) -> Config:
    from crrlint.run import config

    path = options.config or config.find([p for p in options.paths if p != "-"])
    if path is None:
        return config.EMPTY
    try:
        return config.read(path)
    except config.ConfigError as error:
        lines = [f"{p.path}:{p.line or 1}:{p.column or 1}: {p.message}" for p in error.problems]
        raise UsageError("\n".join(["the configuration cannot be used", *lines])) from None


def _selection(options: argparse.Namespace, config: Config) -> Selection:
    from crrlint.run import ruleset
    from crrlint.run.config import ConfigError, check_rules
    from crrlint.run.lint import select

    try:
        rules = ruleset.load(options.rules)
        check_rules(config, ruleset.options(rules))
    except ruleset.RulesError as error:
        raise UsageError(str(error)) from None
    except ConfigError as error:
        raise UsageError(f"the configuration cannot be used\n{error}") from None
    selected, ignored = _listed(options.select), _listed(options.ignore)
    for pattern in (*selected, *ignored):
        if not any(pattern == r.name or r.id.startswith(pattern.upper()) for r in rules):
            raise UsageError(f"no rule is called {pattern}; crrlint explain lists them")
    return select(rules, config, selected, ignored)


def _listed(values: Sequence[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def _account(text: str | None) -> str | None:
    if text is not None and not (len(text) == 12 and text.isdigit()):
        raise UsageError(f"--account takes 12 digits, not {text!r}")
    return text


def _parameters(pairs: Sequence[str], option: str) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"{option} takes NAME=VALUE, not {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs)


def _values(path: str) -> Document:
    """Read a file of Terraform variables that the command line names."""
    from crrlint.documents.parse import Unreadable, decode
    from crrlint.documents.source import Document
    from crrlint.run.files import as_shown

    try:
        with open(path, "rb") as file:
            text = decode(file.read())
    except OSError as error:
        raise UsageError(f"--var-file {path}: {(error.strerror or str(error)).lower()}") from None
    except Unreadable as unreadable:
        raise UsageError(f"--var-file {path} {unreadable.message}") from None
    return Document(as_shown(path), text, "hcl", None)


def _style(options: argparse.Namespace) -> Style:
    from crrlint.report import Style

    color = options.output is None and _colored(options.color)
    return Style(color=color, verbose=options.verbose - options.quiet)


def _write(options: argparse.Namespace, text: str) -> None:
    # Names of files and JSON may hold half characters, which no encoding has.
    if options.output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            encoding = None if sys.stdout.isatty() else "utf-8"
            sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        with open(options.output, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{options.output}: {error.strerror}") from None


def _colored(wish: str) -> bool:
    if wish == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return wish == "always"


def _exit_code(options: argparse.Namespace, config: Config, report: Report) -> int:
    from crrlint.run.rule import SEVERITIES

    if report.problems or report.outcome.crashes:
        return FAILED
    if not any(file.read and not file.beside for file in report.files):
        return _nothing_to_check(options, report)
    limit = options.fail_on or config.fail_on
    failing = SEVERITIES[: SEVERITIES.index(limit) + 1] if limit != "never" else ()
    if any(reported.severity in failing for reported in report.findings):
        return FOUND
    results = report.outcome.results
    undecided = any(result.verdict == "undecided" for result in results)
    if options.strict and (undecided or report.unread):
        return FOUND
    if options.strict == "assumptions" and any(
        result.verdict == "works" and result.assumptions for result in results
    ):
        return FOUND
    return OK


def _nothing_to_check(options: argparse.Namespace, report: Report) -> int:
    if options.allow_empty:
        return OK
    print("crrlint: nothing to check under the given paths", file=sys.stderr)
    for file in report.files:
        if file.recognised is not None and file.recognised.hint:
            what = f"{file.path} is {file.recognised.format}: {file.recognised.hint}"
            print(f"  {what}", file=sys.stderr)
    return FAILED


def _explain(options: argparse.Namespace) -> int:
    from crrlint.report import explain
    from crrlint.run import ruleset

    try:
        rules = ruleset.load(options.rules)
    except ruleset.RulesError as error:
        raise UsageError(str(error)) from None
    what = " ".join(options.what)
    text = explain.explain(rules, what)
    if text is None:
        near = explain.similar(what, rules)
        hint = f"did you mean {near}?" if near else "crrlint explain lists the rules"
        raise UsageError(f"nothing is known of {what!r}; {hint}")
    sys.stdout.write(text)
    return OK


def _new_rule(options: argparse.Namespace) -> int:
    from crrlint.authoring import newrule
    from crrlint.run import ruleset

    try:
        files = newrule.write(options.name, options.rules, _rules_with(options.rules), options.id)
    except (newrule.NewRuleError, ruleset.RulesError) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    for path in files:
        print(path)
    return OK


def _rules_with(folder: str) -> list[Rule]:
    """Load all rules, with those of a folder that may hold none yet, or be that of ours."""
    from crrlint.run import ruleset

    ours = os.path.realpath(folder) == os.path.realpath(ruleset.builtin())
    empty = not os.path.isdir(folder) or not any(n.endswith(".py") for n in os.listdir(folder))
    return ruleset.load([] if ours or empty else [folder])


def _capture(options: argparse.Namespace) -> int:
    from crrlint.capture import CaptureError, bucket_name, capture, object_at

    try:
        objects = [object_at(text) for text in options.object]
        named = [*map(bucket_name, options.bucket), *(one.bucket for one in objects)]
        buckets = list(dict.fromkeys(named))
        if options.policy:
            return _capture_policy(options, buckets)
        if not buckets:
            raise UsageError("give a bucket to ask about: crrlint capture --bucket B")
        captured = capture(options.profile or [None], buckets, options.region, objects)
    except CaptureError as error:
        raise UsageError(str(error)) from None
    _write(options, captured.text)
    for text in (*captured.notes, *captured.failures):
        print(f"crrlint: {text}", file=sys.stderr)
    return FAILED if captured.failures else OK


def _capture_policy(options: argparse.Namespace, buckets: Sequence[str]) -> int:
    from crrlint.capture.permissions import document, listing
    from crrlint.model.arn import partition_of

    # A policy in a file is for a program to read, and the list of calls still for people.
    print(listing(), file=sys.stdout)
    _write(
        options, document(buckets, options.object, str(partition_of(options.region or "us-east-1")))
    )
    return OK


_COMMANDS = {
    "check": _check,
    "routes": _check,
    "inputs": _inputs,
    "why": _why,
    "explain": _explain,
    "new-rule": _new_rule,
    "capture": _capture,
}
