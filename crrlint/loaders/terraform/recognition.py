"""What Terraform and OpenTofu write as JSON, apart from raw states of version 4."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Found: TypeAlias = tuple[str, str | None, str]
"""A format, the loader that reads it and, where there is none, what to give instead."""

_PLAN: Final = "terraform show -json PLAN, of a plan that terraform plan -out PLAN saved"
_PULL: Final = "terraform state pull > terraform.tfstate"


def written_by_terraform(data: dict[str, Any]) -> Found | None:
    """Tell what a document is; None for none of Terraform's."""
    if "encrypted_data" in data and "encryption_version" in data:
        hint = "give it decrypted: tofu state pull, or tofu show -json PLAN"
        return "encrypted OpenTofu state or plan", None, hint
    if "@level" in data and data.get("@module") in ("terraform.ui", "tofu.ui"):
        return "log of Terraform", None, f"it is no plan: give {_PLAN}"
    if isinstance(data.get("format_version"), str):
        return _shown(data)
    version = data.get("version")
    if isinstance(data.get("backend"), dict) and version in (3, 4) and "resources" not in data:
        return "pointer to a Terraform backend", None, f"give the state that it has: {_PULL}"
    if version in (1, 2, 3) and isinstance(data.get("modules"), list):
        hint = f"rewrite it with Terraform 0.12 or later, then {_PULL}"
        return f"Terraform state of version {version}", None, hint
    if data and all(map(_is_output, data.values())):
        return "outputs of Terraform", None, f"they say nothing of resources: give {_PULL}"
    return None


def _shown(data: dict[str, Any]) -> Found | None:
    """Tell apart what carries a `format_version`."""
    if not data.keys().isdisjoint(("planned_values", "resource_changes", "configuration")):
        return "Terraform plan", "terraform.plan", ""
    if "values" in data:
        return "Terraform state (show -json)", "terraform.shown", ""
    if "provider_schemas" in data:
        return "schemas of Terraform providers", None, f"give {_PLAN}"
    if "valid" in data:
        return "result of terraform validate", None, f"give {_PLAN}"
    if data.keys() <= {"format_version", "terraform_version", "checks"}:
        return "empty Terraform state", None, "it has no resources"
    return None


def _is_output(value: Any) -> bool:
    return isinstance(value, dict) and {"sensitive", "type", "value"} <= value.keys()
