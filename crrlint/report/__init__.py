"""Reporters: a report in, text out.  A reporter is a module with `render(report, options)`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from crrlint.run.lint import Report

if TYPE_CHECKING:
    from crrlint.report.contents import Contents
    from crrlint.report.proof import Proof

FORMATS: Final = ("text", "json")


class Style(NamedTuple):
    """How a report is written: `verbose` below 0 is quiet, above 0 tells more."""

    color: bool = False
    verbose: int = 0


def render(format: str, report: Report, style: Style) -> str:
    """Return the report in one of `FORMATS`."""
    text: str = import_module(f"crrlint.report.{format}").render(report, style)
    return text


def render_contents(format: str, contents: Contents, style: Style) -> str:
    """Return what became of each file in one of `FORMATS`."""
    module = {"text": "inputs", "json": "inputs_json"}[format]
    text: str = import_module(f"crrlint.report.{module}").render(contents, style)
    return text


def render_proofs(format: str, proofs: Sequence[Proof], report: Report, style: Style) -> str:
    """Return the proofs of routes in one of `FORMATS`."""
    module = {"text": "why", "json": "why_json"}[format]
    text: str = import_module(f"crrlint.report.{module}").render(proofs, report, style)
    return text
