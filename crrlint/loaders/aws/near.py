"""Documents that resemble ours and are read by nobody here: what they are, what to give instead.

Each is told by members that nothing else has together, for any JSON or YAML file of a
repository comes by here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from crrlint.loaders import Recognised

_PLAN: Final = (
    "give the plan: terraform plan -out=tfplan && terraform show -json tfplan > plan.json"
)
_PULL: Final = "give the state itself: terraform state pull > terraform.tfstate"


class _Near(NamedTuple):
    format: str
    hint: str
    fits: Callable[[dict[str, Any]], bool]


def near_format(data: Any) -> Recognised | None:
    """Return what a document is that crrlint knows and does not read."""
    if not isinstance(data, dict):
        return None
    for near in _NEAR:
        if near.fits(data):
            return Recognised(near.format, None, near.hint)
    return None


def _is_text(data: dict[str, Any], *names: str) -> bool:
    return all(isinstance(data.get(name), str) for name in names)


def _is_mapping(data: dict[str, Any], *names: str) -> bool:
    return all(isinstance(data.get(name), dict) for name in names)


def _is_list(data: dict[str, Any], *names: str) -> bool:
    return all(isinstance(data.get(name), list) for name in names)


def _is_log_line(data: dict[str, Any]) -> bool:
    return _is_text(data, "@level", "@module") and data["@module"].startswith("terraform")


def _is_output(data: dict[str, Any]) -> bool:
    return bool(data) and all(
        isinstance(value, dict) and value.keys() == {"sensitive", "type", "value"}
        for value in data.values()
    )


def _is_validation(data: dict[str, Any]) -> bool:
    return _is_text(data, "format_version") and (
        isinstance(data.get("valid"), bool) and _is_list(data, "diagnostics")
    )


def _is_provider_schema(data: dict[str, Any]) -> bool:
    return _is_text(data, "format_version") and "provider_schemas" in data


def _is_old_state(data: dict[str, Any]) -> bool:
    modules = _is_list(data, "modules") and ("serial" in data or "lineage" in data)
    return data.get("version") == 3 and modules


def _is_backend(data: dict[str, Any]) -> bool:
    return data.get("version") == 3 and _is_mapping(data, "backend")


def _is_cdk_tree(data: dict[str, Any]) -> bool:
    tree = data.get("tree")
    return data.get("version") == "tree-0.1" and isinstance(tree, dict)


def _is_cdk_assets(data: dict[str, Any]) -> bool:
    return _is_text(data, "version") and _is_mapping(data, "files", "dockerImages")


def _is_serverless(data: dict[str, Any]) -> bool:
    provider = data.get("provider")
    is_aws = isinstance(provider, dict) and provider.get("name") == "aws"
    return "service" in data and is_aws and ("functions" in data or "resources" in data)


def _is_tables_replication(data: dict[str, Any]) -> bool:
    body = data.get("configuration", data)
    return isinstance(body, dict) and _is_text(body, "role") and _has_destinations(body)


def _is_registry_replication(data: dict[str, Any]) -> bool:
    body = data.get("replicationConfiguration", data)
    return isinstance(body, dict) and body.keys() <= {"rules"} and _has_destinations(body)


def _has_destinations(body: dict[str, Any]) -> bool:
    rules = body.get("rules")
    return (
        isinstance(rules, list)
        and bool(rules)
        and all(isinstance(r, dict) and isinstance(r.get("destinations"), list) for r in rules)
    )


def _is_outposts_replication(data: dict[str, Any]) -> bool:
    body = data.get("ReplicationConfiguration", data)
    rules = body.get("Rules") if isinstance(body, dict) else None
    return (
        isinstance(rules, list)
        and bool(rules)
        and all(isinstance(r, dict) and {"Bucket", "Destination"} <= r.keys() for r in rules)
    )


_NEAR: Final = (
    _Near("output of terraform validate", _PLAN, _is_validation),
    _Near("schema of Terraform providers", _PLAN, _is_provider_schema),
    _Near("log of Terraform", _PLAN, _is_log_line),
    _Near("output of terraform output", _PLAN, _is_output),
    _Near("Terraform state of an old version", _PULL, _is_old_state),
    _Near("pointer of Terraform to a state elsewhere", _PULL, _is_backend),
    _Near("construct tree of the CDK", "give its folder", _is_cdk_tree),
    _Near("list of assets of the CDK", "give its folder", _is_cdk_assets),
    _Near(
        "Serverless Framework file",
        "give the template it makes: serverless package",
        _is_serverless,
    ),
    _Near("replication of S3 Tables", "crrlint is about buckets", _is_tables_replication),
    _Near("replication of ECR", "crrlint is about buckets", _is_registry_replication),
    _Near(
        "replication of S3 on Outposts",
        "crrlint is about buckets in Regions",
        _is_outposts_replication,
    ),
)
