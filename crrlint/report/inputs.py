"""What became of each file, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Problem
from crrlint.model import Bound, Unread
from crrlint.report.contents import Contents, File
from crrlint.report.text import paint, position

if TYPE_CHECKING:
    from crrlint.report import Style

_NAMES: Final = 8
"""So many names of a kind are shown; all of them with -v."""

_NOTHING: Final = "holds nothing about replication"

_BY: Final = {
    "content": "",
    "name": ", by its name",
    "folder": ", by the folder that it lies in",
    "crrlint.yaml": ", as crrlint.yaml says",
}
_SINGULAR: Final = {
    "policies": "policy",
    "aliases": "alias",
    "organization policies": "organization policy",
    "inventories": "inventory",
    "missing": "missing",
}


def render(contents: Contents, style: Style) -> str:
    return "\n".join(_lines(contents, style)) + "\n"


def _lines(contents: Contents, style: Style) -> Iterator[str]:
    for file in contents.files:
        if style.verbose >= 0 or file.input.read or file.problems:
            yield from _file(file, style)
    for problem in contents.problems:
        where = position(problem.path, problem.line, problem.column)
        yield f"{paint(style, 'error', 'error')} {where}: {problem.message}"
    for gap in contents.conflicts:
        yield f"{paint(style, 'undecided', 'conflict')} {gap.what}"
        yield f"  give {gap.needs}"
    yield _summary(contents)


def _file(file: File, style: Style) -> Iterator[str]:
    recognised = file.input.recognised
    what = "nothing that crrlint reads"
    if recognised is not None:
        what = recognised.format + _BY[recognised.by]
    elif file.problems:
        what = "not read"
    yield f"{paint(style, 'path', file.input.path)}: {what}"
    for problem in file.problems:
        yield f"  {paint(style, 'error', 'error')} {_place(problem)}{problem.message}"
    for kind, names in file.gives.items():
        yield f"  {_given(kind, names, style)}"
    yield from (f"  {line}" for line in _bound(file.bound))
    for remark in (*file.input.remarks, *file.left_out):
        yield f"  {_place(remark)}{remark.message}"
    if recognised is not None and recognised.holds:
        yield "  its files are read as if they lay in a folder"
    elif recognised is not None and recognised.loader is None and recognised.hint:
        yield f"  left out: {recognised.hint}"
    elif recognised is not None and recognised.loader is None:
        yield "  left out: it says nothing of S3 buckets"
    elif file.input.nearest is not None:
        yield f"  it comes closest to {file.input.nearest}"
    elif file.input.read and not file.gives and not file.left_out and not file.problems:
        beside = recognised is not None and recognised.beside
        yield f"  {'tells how templates are deployed' if beside else _NOTHING}"


def _place(problem: Problem | Unread) -> str:
    place = position("", problem.line, problem.column).lstrip(":")
    return f"{place}: " if place else ""


def _given(kind: str, names: Sequence[str], style: Style) -> str:
    shown = names if style.verbose > 0 else names[:_NAMES]
    more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
    noun = kind if len(names) > 1 else _SINGULAR.get(kind, kind.removesuffix("s"))
    return f"{len(names)} {noun}: {', '.join(shown)}{more}"


def _bound(bound: Sequence[Bound]) -> Iterator[str]:
    """Yield a line for each thing that was told of a file; parameters of one origin together."""
    several = len({one.of for one in bound}) > 1
    parameters: dict[tuple[str, str], list[str]] = {}
    for one in bound:
        of = f" of {one.of}" if several and one.of else ""
        what = one.what.capitalize() if one.what == "region" else one.what
        if one.what.startswith("parameter "):
            parameters.setdefault((one.by, of), []).append(one.what.removeprefix("parameter "))
        elif one.value is None:
            yield f"{what}{of}: not known"
        else:
            yield f"{what}{of}: {one.value}, from {one.by}"
    for (by, of), names in parameters.items():
        yield f"parameters{of}: {', '.join(names)}, from {by}"


def _summary(contents: Contents) -> str:
    files = contents.files
    counts = [
        (sum(file.input.read for file in files), "read"),
        (sum(not file.input.read and file.input.recognised is not None for file in files), "known"),
        (sum(bool(file.problems) for file in files), "with errors"),
        (sum(file.input.recognised is None and not file.problems for file in files), "of others"),
    ]
    words = {"known": "left out"}
    told = [f"{number} {words.get(word, word)}" for number, word in counts if number]
    end = f"; {len(contents.conflicts)} conflicts" if contents.conflicts else ""
    looked = f"{len(files)} file{'' if len(files) == 1 else 's'} looked at"
    return ", ".join([looked, *told]) + end.replace("1 conflicts", "1 conflict")
