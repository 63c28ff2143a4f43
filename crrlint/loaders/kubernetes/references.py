"""References and selectors between manifests: `bucketRef` beside a `bucket` that is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from crrlint.documents.source import Location, Node
from crrlint.loaders.kubernetes.given import is_given
from crrlint.values import Text

Refer: TypeAlias = Callable[[tuple[str, ...], Any], Text | None]
"""From the way to an attribute and a reference to the text that it stands for."""

_ENDINGS: Final = ("Ref", "Selector")
_ATTRIBUTES: Final = {"key": "keyID", "targetKey": "targetKeyID"}
"""Where a reference is not called like the attribute that it stands for."""


def followed(data: Any, at: Location, refer: Refer, way: tuple[str, ...] = ()) -> Any:
    """Return data in which references stand for what they refer to, in their places."""
    if isinstance(data, list):
        return [followed(item, at / index, refer, way) for index, item in enumerate(data)]
    if not isinstance(data, dict):
        return data
    found: dict[str, Any] = {}
    for name, value in data.items():
        attribute = _attribute(name)
        if attribute is None or not isinstance(value, dict):
            found[name] = followed(value, at / name, refer, (*way, name))
        elif not is_given(data.get(attribute)):
            text = refer((*way, attribute), value)
            if text is not None:
                found.setdefault(attribute, Node(text, at / name))
    return found


def _attribute(name: str) -> str | None:
    for ending in _ENDINGS:
        if name.endswith(ending) and name != ending:
            attribute = name[: -len(ending)]
            return _ATTRIBUTES.get(attribute, attribute)
    return None
