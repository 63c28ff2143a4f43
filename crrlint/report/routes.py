"""One line per route with its verdict: what `crrlint routes` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crrlint.report.text import Text
from crrlint.run.lint import Report

if TYPE_CHECKING:
    from crrlint.report import Style


def render(report: Report, style: Style) -> str:
    text = Text(report, style)
    lines = [*text.routes(), *text.problems()]
    return "\n".join(lines) + "\n" if lines else "no routes\n"
