"""The command line: which commands there are, and what each may be given."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Final, NoReturn

from crrlint import __version__


class UsageError(Exception):
    """Something that the user has to give in another way."""


def _narrow(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, width=80)


class _Parser(argparse.ArgumentParser):
    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog, None, description, epilog, formatter_class=_narrow)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what was asked for; raises `UsageError` for what no command takes."""
    arguments = list(arguments)
    command = "check"
    if arguments and arguments[0] in _PARSERS and not _means_path(arguments):
        command = arguments.pop(0)
    parser = _PARSERS[command]()
    # While arguments are added each is tried in a formatter, and to find out the width of the
    # terminal that imports all of `shutil`: only a help needs to know it.
    parser.formatter_class = argparse.HelpFormatter
    options = parser.parse_args(_alone(arguments))
    options.command = command
    return options


def _alone(arguments: Sequence[str]) -> list[str]:
    """Say what a bare `--strict` means, lest it takes the path behind it for its value."""
    return ["--strict=undecided" if a == "--strict" else a for a in arguments]


def _means_path(arguments: list[str]) -> bool:
    """A lone `check` that is a folder and no command's argument follows: `crrlint check`."""
    alone = len(arguments) == 1 and arguments[0] not in ("explain", "new-rule", "capture")
    return alone and os.path.exists(arguments[0])


def _check_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crrlint",
        description="Prove whether S3 cross-region replication will work, before it is deployed.",
        epilog="Commands: crrlint [check] PATH..., crrlint routes PATH..., "
        "crrlint inputs PATH..., "
        "crrlint why PATH... --route R, crrlint explain [RULE | FAILURE REASON], "
        "crrlint new-rule NAME, crrlint capture --bucket B. "
        "Exit code: 0 nothing found, 1 findings, 2 the job could not be done.",
    )
    _add_inputs(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--output", metavar="FILE", help="write the report there")
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "note", "never"),
        help="exit with 1 from this severity on (default: error)",
    )
    parser.add_argument(
        "--strict",
        nargs="?",
        const="undecided",
        choices=("undecided", "assumptions"),
        help="undecided routes and modules that are not read fail; with =assumptions, "
        "proofs that rest on assumptions too",
    )
    return parser


def _routes_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="crrlint routes", description="One line per route with its verdict.")
    _add_inputs(parser)
    parser.set_defaults(format="routes", output=None, fail_on=None, strict=None)
    return parser


def _inputs_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crrlint inputs",
        description="What every file was recognised as, what it gave, and what was left out.",
    )
    _add_inputs(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--output", metavar="FILE", help="write the report there")
    return parser


def _why_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crrlint why",
        description="The proof of a route: what it needs, and the statements that decide it.",
    )
    _add_inputs(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument(
        "--route", metavar="ROUTE", help="its id, the start of that, or the source bucket"
    )
    parser.set_defaults(output=None)
    return parser


def _explain_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crrlint explain",
        description="The page of a rule, or what could be behind a failure reason of S3.",
    )
    parser.add_argument("what", nargs="*", help="a rule's id or name, or a failure reason")
    parser.add_argument("--rules", metavar="DIR", action="append", default=[])
    return parser


def _new_rule_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crrlint new-rule",
        description="Write the file of a new rule, and fixtures for it, to start from.",
    )
    parser.add_argument("name", metavar="NAME", help="what the fault is: bucket-name-lacks-team")
    parser.add_argument("--id", metavar="ID", help="by default LOCAL001 or the next one free")
    parser.add_argument(
        "--rules",
        metavar="DIR",
        default="rules",
        help="the folder of rules; fixtures go to tests/fixtures beside it (default: rules)",
    )
    return parser


def _capture_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crrlint capture",
        description="Write one file with all that a live account says of a bucket's replication. "
        "Only calls that read are made; what is refused is written down as unknown.",
    )
    parser.add_argument(
        "--bucket", metavar="B", action="append", default=[], help="its name or its ARN"
    )
    parser.add_argument(
        "--object",
        metavar="s3://B/KEY",
        action="append",
        default=[],
        help="an object to ask about as well: who may read it, how it is stored and encrypted",
    )
    parser.add_argument(
        "--profile",
        metavar="P",
        action="append",
        default=[],
        help="whose credentials ask; a second one is asked what the first was refused",
    )
    parser.add_argument("--region", metavar="R", help="where to ask first, if the profile has none")
    parser.add_argument("--output", metavar="FILE", help="write there: capture.jsonl")
    parser.add_argument(
        "--policy",
        action="store_true",
        help="print the calls and the least that they have to be allowed; asks nobody",
    )
    return parser


_PARSERS: Final = {
    "check": _check_parser,
    "routes": _routes_parser,
    "inputs": _inputs_parser,
    "why": _why_parser,
    "explain": _explain_parser,
    "new-rule": _new_rule_parser,
    "capture": _capture_parser,
}


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, - for stdin")
    parser.add_argument("--select", metavar="RULES", action="append", default=[], help="only these")
    parser.add_argument("--ignore", metavar="RULES", action="append", default=[], help="not these")
    parser.add_argument(
        "--config", metavar="FILE", help="instead of the crrlint.yaml found upwards"
    )
    parser.add_argument("--rules", metavar="DIR", action="append", default=[], help="more rules")
    parser.add_argument("--region", help="the Region of whatever is bound to none")
    parser.add_argument("--account", help="the account of whatever is bound to none")
    parser.add_argument(
        "--param", metavar="K=V", action="append", default=[], help="a template's parameter"
    )
    parser.add_argument(
        "--var", metavar="K=V", action="append", default=[], help="a Terraform variable"
    )
    parser.add_argument(
        "--var-file", metavar="FILE", action="append", default=[], help="values of such variables"
    )
    parser.add_argument("--allow-empty", action="store_true", help="nothing to check is no failure")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    parser.add_argument("-q", "--quiet", action="count", default=0)
    parser.add_argument("-v", "--verbose", action="count", default=0)
    parser.add_argument("--version", action="version", version=f"crrlint {__version__}")
