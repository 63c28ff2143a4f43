"""What became of each file, for scripts: the contract of `schemas/inputs.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crrlint import __version__
from crrlint.documents.source import Problem
from crrlint.report.contents import Contents, File

if TYPE_CHECKING:
    from crrlint.report import Style


def render(contents: Contents, style: Style) -> str:
    data = {
        "version": 1,
        "tool": {"name": "crrlint", "version": __version__},
        "files": [_file(file) for file in contents.files],
        "conflicts": [{"what": gap.what, "needs": gap.needs} for gap in contents.conflicts],
        "errors": [_problem(problem) for problem in contents.problems],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _file(file: File) -> dict[str, Any]:
    recognised = file.input.recognised
    return {
        "path": file.input.path,
        "format": None if recognised is None else recognised.format,
        "recognised_by": None if recognised is None else recognised.by,
        "read": file.input.read,
        "hint": (recognised.hint or None) if recognised is not None else None,
        "nearest": file.input.nearest,
        "gives": {kind.replace(" ", "_"): list(names) for kind, names in file.gives.items()},
        "bound": [
            {
                "what": one.what,
                "value": None if one.value is None else str(one.value),
                "by": one.by or None,
                "of": one.of or None,
            }
            for one in file.bound
        ],
        "remarks": [remark.message for remark in file.input.remarks],
        "left_out": [problem.message for problem in file.left_out],
        "errors": [_problem(problem) for problem in file.problems],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "path": problem.path,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
    }
