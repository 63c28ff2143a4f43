"""Saved plans of Terraform and OpenTofu: the source of every module, and what was read for it.

A saved plan is a zip.  What it plans is in a format that only Terraform reads; but the
source in it is whole, and so are the results of the data sources.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.addresses import instance_address
from crrlint.documents.archives import Archive
from crrlint.documents.parse import Unreadable, decode, dig
from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.terraform import providers as terraform_providers
from crrlint.loaders.terraform.deployment import Place
from crrlint.loaders.terraform.folders import Folder, folders
from crrlint.loaders.terraform.plans.masks import mask_of

_SOURCE: Final = "tfconfig/"
_LIST: Final = "tfconfig/modules.json"
_STATE: Final = "tfstate"
_ENDINGS: Final = (".tf", ".tf.json", ".tofu", ".tofu.json")


class Saved(NamedTuple):
    """A saved plan: its folders of source as they were laid out, under the path of the plan.

    `modules` are the folders of the module calls, by their addresses without keys.
    """

    document: Document
    tree: Mapping[str, Folder]
    modules: Mapping[str, str]
    state: Document | None

    @property
    def root(self) -> Folder:
        return self.tree[self.document.path]


def read(document: Document, problems: list[Problem]) -> Saved | None:
    """Take a saved plan apart; None where the source in it cannot be read as a whole."""
    path = document.path
    archive: Archive = document.data
    try:
        keys = _keys(archive, path)
        tree = folders(_source(archive, path, keys))
        state = _state(archive, path)
    except Unreadable as error:
        problems.append(Problem(path, error.message, error.line, error.column))
        return None
    broken = [problem for folder in tree.values() for problem in folder.problems]
    problems.extend(broken)
    if path not in tree:
        problems.append(Problem(path, "holds no source of its root module"))
        return None
    modules = {
        ".".join(f"module.{name}" for name in key.split(".")): folder
        for key, folder in keys.items()
        if key
    }
    return Saved(document, tree, modules, state)


def _keys(archive: Archive, path: str) -> dict[str, str]:
    """Return the folder of each module, by its key: the names of the calls that lead to it."""
    if _LIST not in archive.names:
        raise Unreadable(f"holds no list of its modules ({_LIST})")
    found: dict[str, str] = {}
    for entry in _parsed(archive, _LIST):
        key, folder = dig(entry, "Key"), dig(entry, "Dir")
        if not isinstance(key, str) or not isinstance(folder, str):
            raise Unreadable(f"holds {_LIST}, of which an entry has no Key and Dir")
        # Folders are only names here: one that leads upwards stays below the plan.
        below = posixpath.normpath(posixpath.join("/", folder)).lstrip("/")
        found[key] = posixpath.join(path, below) if below else path
    return found


def _parsed(archive: Archive, name: str) -> Any:
    try:
        data = json.loads(decode(archive.read(name)))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"holds {name}, which is not valid JSON: {error}") from None
    if not isinstance(data, list):
        raise Unreadable(f"holds {name}, which is not a list")
    return data


def _source(archive: Archive, path: str, keys: Mapping[str, str]) -> list[Document]:
    found: dict[str, Document] = {}
    for name in archive.names:
        folder, _, file = name.removeprefix(_SOURCE).partition("/")
        known = keys.get(folder.removeprefix("m-"))
        if not name.startswith(f"{_SOURCE}m-") or known is None or not file.endswith(_ENDINGS):
            continue
        shown = posixpath.join(known, posixpath.basename(file))
        # Calls of one folder are saved once each.
        if shown not in found:
            found[shown] = Document(shown, decode(archive.read(name)), "hcl", None)
    return list(found.values())


def _state(archive: Archive, path: str) -> Document | None:
    if _STATE not in archive.names:
        return None
    text = decode(archive.read(_STATE))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"holds {_STATE}, which is not valid JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("resources"), list):
        raise Unreadable(f"holds {_STATE}, which is no state of Terraform")
    return Document(posixpath.join(path, _STATE), text, "json", data)


class Read(NamedTuple):
    """What a data source gave: its attributes, where they stand, and which are secret."""

    attributes: Mapping[str, Any]
    at: Location
    hidden: Mapping[str, Any]


def read_before(state: Document | None) -> dict[str, Read]:
    """Return what the data sources of a state gave, by their addresses."""
    found: dict[str, Read] = {}
    for resource, instance, at in _instances(state):
        attributes = instance.get("attributes")
        if resource.get("mode") == "data" and isinstance(attributes, dict):
            address = instance_address(resource, instance)
            found[address] = Read(
                attributes, at / "attributes", mask_of(instance.get("sensitive_attributes"))
            )
    return found


def places(state: Document | None) -> dict[str, Place]:
    """Return where the root's provider configurations work, as what they read tells."""
    told = [
        terraform_providers.telling(
            f"data.{resource.get('type')}",
            terraform_providers.configuration(resource.get("provider")),
            instance["attributes"],
            {},
        )
        for resource, instance, _ in _instances(state)
        if resource.get("mode") == "data" and isinstance(instance.get("attributes"), dict)
    ]
    found: dict[str, Place] = {}
    for one in told:
        if one.asked:
            known = found.get(one.provider, Place())
            found[one.provider] = Place(one.account or known.account, one.region or known.region)
    return found


def _instances(
    state: Document | None,
) -> list[tuple[Mapping[str, Any], Mapping[str, Any], Location]]:
    if state is None:
        return []
    return [
        (resource, instance, state.root / "resources" / number / "instances" / index)
        for number, resource in enumerate(state.data["resources"])
        if isinstance(resource, dict) and isinstance(resource.get("instances"), list)
        for index, instance in enumerate(resource["instances"])
        if isinstance(instance, dict)
    ]
