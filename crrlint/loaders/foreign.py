"""Documents that resemble ours and are read by nobody here: what they are, what to give instead.

Each is told by members that nothing else has together, for any JSON or YAML file of a
repository comes by here.  None of them is faulty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

_PLAN: Final = (
    "give the plan: terraform plan -out=tfplan && terraform show -json tfplan > plan.json"
)
_PULL: Final = "give the state itself: terraform state pull > terraform.tfstate"
_BESIDE_MANIFEST: Final = "the manifest.json and the templates beside it say all that counts"
_ASSEMBLY: Final = "give what it makes: cdk synth, and the folder cdk.out"


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
        return "configuration of the CDK", _ASSEMBLY
    if name == "cdk.context.json":
        return "context of the CDK", _ASSEMBLY
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


_FOREIGN: Final = (
    _Foreign("output of terraform validate", _PLAN, _is_validation),
    _Foreign("schema of Terraform providers", _PLAN, _is_provider_schema),
    _Foreign("log of Terraform", _PLAN, _is_log_line),
    _Foreign("output of terraform output", _PLAN, _is_output),
    _Foreign("Terraform state of an old version", _PULL, _is_old_state),
    _Foreign("pointer of Terraform to a state elsewhere", _PULL, _is_backend),
    _Foreign("construct tree of the CDK", _BESIDE_MANIFEST, _is_cdk_tree),
    _Foreign("list of assets of the CDK", _BESIDE_MANIFEST, _is_cdk_assets),
    _Foreign(
        "Serverless Framework file",
        "give the template it makes: serverless package",
        _is_serverless,
    ),
    _Foreign("replication of S3 Tables", "crrlint is about buckets", _is_tables_replication),
    _Foreign("replication of ECR", "crrlint is about buckets", _is_registry_replication),
    _Foreign(
        "replication of S3 on Outposts",
        "crrlint is about buckets in Regions",
        _is_outposts_replication,
    ),
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
