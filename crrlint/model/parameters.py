"""Files with values for a template's parameters, in the shapes that people's tools write.

The list of the AWS CLI, the `Parameters` mapping of pipelines and rain, `K=V` pairs,
git-sync's `parameters`, and `parameter_overrides` of SAM.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from crrlint.values import Symbol, Symbolic, Text, symbolic

_PLACEHOLDER: Final = re.compile(r"\{\{(?!resolve:)|\{%|\$\[|<%")
_CLI_PAIR: Final = re.compile(r"ParameterKey=([^,]*),ParameterValue=(.*)", re.DOTALL)


class UnknownShape(Exception):  # noqa: N818 - a state of the file
    """A file that holds parameters in no shape that is known."""


def parameters_of(path: str, text: str) -> dict[str, Text]:
    """Return the values that a file gives; raises `UnknownShape` and `parse.Unreadable`.

    A parameter that keeps its previous value is a symbol: there is a value, but not here.
    """
    if path.endswith(".toml"):
        return _of_toml(path, text)
    from crrlint.documents.parse import parse

    documents, _ = parse(path, text)
    if len(documents) != 1:
        raise UnknownShape("holds no parameters" if not documents else "holds several documents")
    return _of_data(path, documents[0].data)


def parameters_in(path: str, data: Any) -> dict[str, Text]:
    """Return the values that parsed data gives; what is no text is a symbol.

    Tools put their own values in the place of tags (`!stack_output`) and of placeholders.
    """
    if isinstance(data, dict):
        return {str(name): parameter(path, str(name), value) for name, value in data.items()}
    found = _of_overrides(path, data)
    return {name: parameter(path, name, value) for name, value in found.items()}


def parameter(path: str, name: str, value: Any) -> Text:
    """Return a value as text, or as a symbol where a tool is to put one."""
    if isinstance(value, Symbolic):
        return value
    text = scalar_text(value)
    if text is not None and not _PLACEHOLDER.search(text):
        return text
    needs = f"write the value of {name} into {path}, or give it (--param {name}=...)"
    return symbolic(Symbol(path, f"parameter {name}", f"${{{name}}}", needs=needs))


def scalar_text(value: Any) -> str | None:
    """Return a scalar, or a list of them, as CloudFormation takes it; None for the rest."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        items = [scalar_text(item) for item in value]
        return None if None in items else ",".join(str(item) for item in items)
    return "" if value is None else None


def _of_data(path: str, data: Any) -> dict[str, Text]:
    if isinstance(data, list):
        if all(isinstance(item, str) for item in data):
            return dict(map(_pair, data))
        return dict(_of_item(path, item) for item in data)
    if isinstance(data, dict):
        for name in ("Parameters", "parameters", "parameter_overrides"):
            if isinstance(data.get(name), dict | list | str):
                return _of_overrides(path, data[name])
        return _of_mapping(data)
    raise UnknownShape("holds neither a list nor a mapping of parameters")


def _of_overrides(path: str, overrides: Any) -> dict[str, Text]:
    if isinstance(overrides, str):
        import shlex

        try:
            return dict(map(_pair, shlex.split(overrides)))
        except ValueError as error:
            message = f"holds parameter_overrides that cannot be split: {str(error).lower()}"
            raise UnknownShape(message) from None
    if isinstance(overrides, dict):
        return _of_mapping(overrides)
    return _of_data(path, overrides)


def _of_mapping(data: Mapping[str, Any]) -> dict[str, Text]:
    parameters: dict[str, Text] = {}
    for name, value in data.items():
        text = scalar_text(value)
        if text is None:
            raise UnknownShape(f"gives parameter {name} a value that is no text")
        parameters[str(name)] = text
    return parameters


def _of_item(path: str, item: Any) -> tuple[str, Text]:
    if not isinstance(item, dict) or not isinstance(item.get("ParameterKey"), str):
        raise UnknownShape("has an element that is neither K=V nor has a ParameterKey")
    name: str = item["ParameterKey"]
    if item.get("UsePreviousValue") is True:
        needs = f"write the value of {name} into {path}"
        previous = Symbol(path, f"parameter {name}", f"the previous value of {name}", needs=needs)
        return name, symbolic(previous)
    value = scalar_text(item.get("ResolvedValue", item.get("ParameterValue")))
    if value is None:
        raise UnknownShape(f"gives parameter {name} a value that is no text")
    return name, value


def _pair(text: str) -> tuple[str, Text]:
    pair = _CLI_PAIR.match(text)
    if pair is not None:
        return pair[1], pair[2]
    name, equals, value = text.partition("=")
    if not equals:
        # Not what it holds: that may be a secret.
        raise UnknownShape("has an element that is not of the form NAME=VALUE")
    return name, value


def _of_toml(path: str, text: str) -> dict[str, Text]:
    """Read samconfig.toml: the default environment, or the only one."""
    from crrlint.documents.parse import parse

    data = parse(path, text)[0][0].data
    environments = {
        name: found
        for name, table in data.items()
        if isinstance(table, dict) and (found := _overrides_of(table)) is not None
    }
    if not environments:
        raise UnknownShape("has no parameter_overrides")
    if "default" not in environments and len(environments) > 1:
        raise UnknownShape(f"has several environments: {', '.join(sorted(environments))}")
    chosen = environments.get("default", next(iter(environments.values())))
    return _of_overrides(path, chosen)


def _overrides_of(environment: Mapping[str, Any]) -> Any:
    for command in ("deploy", "global"):
        table = environment.get(command)
        parameters = table.get("parameters") if isinstance(table, dict) else None
        if isinstance(parameters, dict) and "parameter_overrides" in parameters:
            return parameters["parameter_overrides"]
    return None
