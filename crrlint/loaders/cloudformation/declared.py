"""Stacks that files of deployment tools make of templates that they name."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document, Problem
from crrlint.loaders.beside import Beside, sam_environments
from crrlint.loaders.cloudformation.known import Deployed
from crrlint.model.arn import parse_arn
from crrlint.model.parameters import UnknownShape, parameters_in


class Declared(NamedTuple):
    """A stack and the template that it is made of."""

    template: str
    deployed: Deployed


Templates = Mapping[str, Document]


def declared(
    documents: Iterable[tuple[Document, Beside]], templates: Templates, notes: list[Problem]
) -> Iterator[Declared]:
    """Yield the stacks that files declare; what names no template for certain is noted."""
    sided = list(documents)
    folders = {posixpath.dirname(d.path): d.data for d, kind in sided if kind == "sceptre-folder"}
    wholes = _Wholes(templates if any(kind == "git-sync" for _, kind in sided) else {})
    for document, kind in sided:
        try:
            if kind == "git-sync":
                yield from _git_sync(document, wholes, notes)
            elif kind == "sceptre":
                yield from _sceptre(document, templates, folders, notes)
            elif kind in _READERS:
                yield from _READERS[kind](document, templates, notes)
        except UnknownShape as error:
            notes.append(Problem(document.path, str(error)))


def _no_template(document: Document, name: str, found: int, notes: list[Problem]) -> None:
    which = "is not among the inputs" if not found else f"may be {found} of the inputs"
    notes.append(Problem(document.path, f"deploys {name}, which {which}"))


class _Wholes:
    """Templates by their whole paths: what is relative to a root that nobody names."""

    def __init__(self, templates: Templates) -> None:
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        for template in templates:
            whole = _whole(template)
            self._by_name.setdefault(posixpath.basename(whole), []).append((whole, template))

    def from_above(self, name: str, path: str) -> list[str]:
        """Return the templates of a name that is relative to the root of the repository.

        That root is one of the folders around the file.
        """
        around = posixpath.dirname(_whole(path))
        wanted = posixpath.normpath(name.lstrip("/"))
        if wanted.startswith("../"):
            wanted = posixpath.normpath(posixpath.join(around, wanted)).lstrip("/")
        return [
            template
            for whole, template in self._by_name.get(posixpath.basename(wanted), ())
            if whole.endswith(f"/{wanted}") and f"{around}/".startswith(whole[: -len(wanted)])
        ]


def _whole(path: str) -> str:
    return os.path.abspath(path).replace(os.sep, "/")


def _git_sync(document: Document, wholes: _Wholes, notes: list[Problem]) -> Iterator[Declared]:
    data = document.data
    name: str = data["template-file-path"]
    found = wholes.from_above(name, document.path)
    if len(found) != 1:
        _no_template(document, name, len(found), notes)
        return
    parameters = parameters_in(document.path, data.get("parameters") or {})
    yield Declared(found[0], Deployed(document.path, parameters=parameters))


def _sam(document: Document, templates: Templates, notes: list[Problem]) -> Iterator[Declared]:
    environments = {
        name: table
        for name, table in sam_environments(document.data).items()
        if table.keys() & {"stack_name", "region", "parameter_overrides"}
    }
    if len(environments) > 1:
        environments = {n: t for n, t in environments.items() if "stack_name" in t}
    places = [(_text(t.get("stack_name")), _text(t.get("region"))) for t in environments.values()]
    if len(set(places)) != len(places):
        message = "has several environments for one stack: say in crrlint.yaml which is meant"
        notes.append(Problem(document.path, message))
        return
    for table in environments.values():
        template = _sam_template(document, table, templates, notes)
        if template is not None:
            overrides = table.get("parameter_overrides") or {}
            yield Declared(
                template,
                Deployed(
                    document.path,
                    region=_text(table.get("region")),
                    stack=_text(table.get("stack_name")),
                    parameters=parameters_in(document.path, overrides),
                ),
            )


_SAM_TEMPLATES: Final = ("template.yaml", "template.yml", "template.json")


def _sam_template(
    document: Document, table: Mapping[str, Any], templates: Templates, notes: list[Problem]
) -> str | None:
    folder = posixpath.dirname(document.path)
    written = table.get("template_file", table.get("template"))
    # What `sam build` makes is built of the template beside the configuration.
    if isinstance(written, str) and ".aws-sam" not in written:
        names: tuple[str, ...] = (written,)
    else:
        names = _SAM_TEMPLATES
    paths = [posixpath.normpath(posixpath.join(folder, name)) for name in names]
    found = [path for path in paths if path in templates]
    if len(found) != 1:
        _no_template(document, names[0], len(found), notes)
        return None
    return found[0]


def _taskcat(document: Document, templates: Templates, notes: list[Problem]) -> Iterator[Declared]:
    project = _mapping(document.data.get("project"))
    folder = posixpath.dirname(document.path)
    for test in document.data["tests"].values():
        name = str(test.get("template", project.get("template")))
        path = posixpath.normpath(posixpath.join(folder, name))
        if path not in templates:
            _no_template(document, name, 0, notes)
            continue
        given = {**_mapping(project.get("parameters")), **_mapping(test.get("parameters"))}
        regions = test.get("regions") or project.get("regions") or [None]
        for region in regions if isinstance(regions, list) else [regions]:
            yield Declared(
                path,
                Deployed(
                    document.path,
                    region=_text(region),
                    parameters=parameters_in(document.path, given),
                ),
            )


def _sceptre(
    document: Document,
    templates: Templates,
    folders: Mapping[str, Mapping[str, Any]],
    notes: list[Problem],
) -> Iterator[Declared]:
    data = document.data
    parts = document.path.split("/")
    depth = len(parts) - 2 - parts[-2::-1].index("config")
    root = "/".join(parts[:depth])
    above: dict[str, Any] = {}
    for end in range(depth + 1, len(parts)):
        above.update(folders.get("/".join(parts[:end]), {}))
    name = data.get("template_path") or data["template"]["path"]
    paths = [posixpath.normpath(posixpath.join(root, f, name)) for f in ("templates", "")]
    found = [path for path in paths if path in templates]
    if len(found) != 1:
        _no_template(document, name, len(found), notes)
        return
    own = {**above, **data}
    roles = [own.get(key) for key in ("sceptre_role", "iam_role", "role_arn")]
    yield Declared(
        found[0],
        Deployed(
            document.path,
            account=next((a for a in map(_account_of, roles) if a is not None), None),
            region=_text(own.get("region")),
            stack=_text(data.get("stack_name")) or _sceptre_name(above, parts[depth + 1 :]),
            parameters=parameters_in(document.path, _mapping(data.get("parameters"))),
        ),
    )


def _sceptre_name(above: Mapping[str, Any], parts: list[str]) -> str | None:
    """Return the name that Sceptre gives a stack: the project's code and the way down to it."""
    project = _text(above.get("project_code"))
    way = posixpath.splitext("-".join(parts))[0]
    return None if project is None else f"{project}-{way}"


def _account_of(role: Any) -> str | None:
    arn = parse_arn(role) if isinstance(role, str) else None
    account = None if arn is None else str(arn.account)
    return account if account is not None and account.isdigit() else None


def _text(value: Any) -> str | None:
    """Return plain text; None for what is none, or what a tool puts something in the place of."""
    return value if isinstance(value, str) and value and not set(value) & set("{}$<>!") else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


_READERS: Final[dict[str, Callable[..., Iterator[Declared]]]] = {
    "sam": _sam,
    "taskcat": _taskcat,
}
