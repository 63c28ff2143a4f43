"""Documents of other tools that share words with ours: none of them is read, and none is faulty.

Each is told by members that the tool's own documents have together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple


class _Foreign(NamedTuple):
    format: str
    hint: str
    fits: Callable[[dict[str, Any]], bool]


def foreign_format(data: Any, name: str) -> tuple[str, str] | None:
    """Return the format of a file by its content and name, and what to give instead."""
    if isinstance(data, list):
        rows = data
        return _STEAMPIPE if _are_rows(rows) else None
    if not isinstance(data, dict):
        return None
    if _are_rows(data.get("rows")):
        return _STEAMPIPE
    if name == "cdk.json" and isinstance(data.get("app"), str):
        return "configuration of the CDK", "give what it makes: cdk synth, and the folder cdk.out"
    if name == "cdk.context.json":
        return "context of the CDK", "give what it makes: cdk synth, and the folder cdk.out"
    for foreign in _FOREIGN:
        if foreign.fits(data):
            return foreign.format, foreign.hint
    return None


_STEAMPIPE: Final = (
    "rows of Steampipe",
    "give the output of aws s3api get-bucket-replication and its kin",
)


def _are_rows(rows: Any) -> bool:
    columns = {"account_id", "region", "versioning_enabled"}
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(isinstance(row, dict) and columns <= row.keys() for row in rows)
    )


def _of(data: dict[str, Any], name: str, kind: type) -> bool:
    return isinstance(data.get(name), kind)


def _is_azure(data: dict[str, Any]) -> bool:
    schema = data.get("$schema")
    return isinstance(schema, str) and "schema.management.azure.com" in schema


def _is_google(data: dict[str, Any]) -> bool:
    resources = data.get("resources")
    return (
        isinstance(resources, list)
        and bool(resources)
        and data.keys() <= {"resources", "imports", "outputs"}
        and all(isinstance(r, dict) and {"name", "type"} <= r.keys() for r in resources)
    )


def _is_compose(data: dict[str, Any]) -> bool:
    services = data.get("services")
    return (
        isinstance(services, dict)
        and bool(services)
        and all(isinstance(s, dict) and s.keys() & {"image", "build"} for s in services.values())
    )


def _is_kubernetes(data: dict[str, Any]) -> bool:
    return all(_of(data, name, str) for name in ("apiVersion", "kind"))


def _is_extension(data: dict[str, Any]) -> bool:
    return "manifest_version" in data and _of(data, "name", str)


_SECTIONS: Final = {"Parameters", "Mappings", "Conditions", "Outputs", "Metadata", "Description"}


def _is_fragment(data: dict[str, Any]) -> bool:
    """Tell a part of a template that has no resources: a snippet to be included."""
    if not data or not data.keys() <= _SECTIONS:
        return False
    parameters = data.get("Parameters")
    return isinstance(parameters, dict) and any(
        isinstance(p, dict) and isinstance(p.get("Type"), str) for p in parameters.values()
    )


_FOREIGN: Final = (
    _Foreign("template of Azure Resource Manager", "", _is_azure),
    _Foreign("Docker Compose file", "", _is_compose),
    _Foreign(
        "Kubernetes manifest",
        "crrlint knows those of Crossplane and of the AWS controllers (ACK)",
        _is_kubernetes,
    ),
    _Foreign("template of Google Cloud", "", _is_google),
    _Foreign("manifest of a browser extension", "", _is_extension),
    _Foreign(
        "fragment of a CloudFormation template",
        "give the whole template, whose resources it does not hold",
        _is_fragment,
    ),
)
