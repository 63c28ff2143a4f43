"""What AWS Config, Pulumi and the controllers of Kubernetes write, told by its content."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from crrlint.documents.parse import embedded
from crrlint.documents.source import Document


class Sign(NamedTuple):
    """A format by name, with the module that reads it or else a hint what to give instead."""

    format: str
    loader: str | None
    hint: str = ""


_CONFIG: Final = "awsconfig"
HELM: Final = Sign("Helm template", None, "give what it makes: helm template CHART")
_COMPOSED: Final = "give what it composes: crossplane render XR COMPOSITION FUNCTIONS"

GROUPS: Final = (".aws.upbound.io", ".aws.m.upbound.io", ".aws.crossplane.io", ".services.k8s.aws")
_CONFIGURING: Final = ("aws.upbound.io", "aws.m.upbound.io", "aws.crossplane.io")


def sign_of(document: Document) -> Sign | None:
    data = document.data
    if not isinstance(data, dict):
        return None
    return _of_config(data) or _of_pulumi(data) or _of_kubernetes(data)


def _of_config(data: dict[str, Any]) -> Sign | None:
    if _is_delivered(data):
        return Sign("AWS Config snapshot", _CONFIG)
    if _is_list_of_items(data) or _is_item(data.get("ConfigurationItem")):
        return Sign("answer of AWS Config", _CONFIG)
    if _is_notification(data) or _wraps_notification(data):
        return Sign("notification of AWS Config", _CONFIG)
    if _is_query(data):
        return Sign("result of an AWS Config query", _CONFIG)
    return None


def _is_item(item: Any) -> bool:
    return isinstance(item, dict) and ("resourceType" in item or "resourceId" in item)


def _are_items(items: Any) -> bool:
    return isinstance(items, list) and all(isinstance(item, dict) for item in items)


def _is_delivered(data: dict[str, Any]) -> bool:
    return "fileVersion" in data and isinstance(data.get("configurationItems"), list)


def _is_list_of_items(data: dict[str, Any]) -> bool:
    lists = ("configurationItems", "baseConfigurationItems", "BaseConfigurationItems")
    return any(name in data and _are_items(data[name]) for name in lists)


def _is_notification(data: dict[str, Any]) -> bool:
    item = data.get("configurationItem", data.get("configurationItemSummary"))
    return isinstance(data.get("messageType"), str) and _is_item(item)


def _wraps_notification(data: dict[str, Any]) -> bool:
    """Tell a message of SNS, the event of a Config rule, an event of EventBridge."""
    for name in ("Message", "invokingEvent", "detail"):
        inner = data.get(name)
        if isinstance(inner, str) and "configurationItem" in inner:
            document = embedded(inner, Document("", "", "json", data).root)
            inner = None if document is None else document.data
        if isinstance(inner, dict) and _is_notification(inner):
            return True
    return False


_COLUMNS: Final = (
    "resourceType",
    "resourceId",
    "resourceName",
    "awsRegion",
    "accountId",
    "configuration",
    "supplementaryConfiguration",
    "arn",
)


def _is_query(data: dict[str, Any]) -> bool:
    """Tell the results of a query, each of them an object of JSON in a string."""
    results = data.get("Results")
    if not isinstance(results, list) or not all(isinstance(result, str) for result in results):
        return False
    if not results:
        information = data.get("QueryInfo")
        return isinstance(information, dict) and "SelectFields" in information
    first = embedded(results[0], Document("", "", "json", data).root)
    return (
        first is not None
        and isinstance(first.data, dict)
        and any(column in first.data for column in _COLUMNS)
    )


def _of_pulumi(data: dict[str, Any]) -> Sign | None:
    if _is_export(data):
        return Sign("Pulumi stack export", "pulumi")
    if _is_checkpoint(data):
        return Sign("Pulumi checkpoint", None, "give the stack: pulumi stack export")
    if _is_preview(data):
        return Sign("Pulumi preview", "pulumi")
    return None


def _is_export(data: dict[str, Any]) -> bool:
    deployment = data.get("deployment")
    return (
        data.get("version") in (1, 2, 3, 4)
        and isinstance(deployment, dict)
        and (isinstance(deployment.get("resources"), list) or "manifest" in deployment)
    )


def _is_checkpoint(data: dict[str, Any]) -> bool:
    checkpoint = data.get("checkpoint")
    return isinstance(checkpoint, dict) and "latest" in checkpoint


def _is_preview(data: dict[str, Any]) -> bool:
    steps = data.get("steps")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        return False
    if steps:
        return all(str(step.get("urn")).startswith("urn:pulumi:") for step in steps)
    return isinstance(data.get("config"), dict) and "changeSummary" in data


def _of_kubernetes(data: dict[str, Any]) -> Sign | None:
    if not isinstance(data.get("apiVersion"), str) or not isinstance(data.get("kind"), str):
        return None
    if data["apiVersion"].startswith("apiextensions.crossplane.io/"):
        if data["kind"] in ("Composition", "CompositionRevision"):
            return Sign("Crossplane composition", None, _COMPOSED)
        return None
    if not _is_of_controllers(data):
        return None
    if _is_to_be_filled_in(data):
        return HELM
    return Sign("Kubernetes manifest for AWS", "kubernetes")


def _is_to_be_filled_in(data: Any) -> bool:
    """Tell whether a text in the data is Helm's to fill in; other documents of a stream aside."""
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if "{{" in value:
                return True
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return False


def is_helm_template(text: str) -> bool:
    """Tell a text that is no YAML before Helm has filled it in."""
    return "{{" in text and all(
        text.startswith(key) or f"\n{key}" in text for key in ("apiVersion:", "kind:")
    )


def _is_of_controllers(data: dict[str, Any]) -> bool:
    """Tell what Crossplane or the AWS controllers act on, alone or in a list."""
    group = group_of(data)
    if group.endswith(GROUPS) or group in _CONFIGURING:
        return True
    if data.get("kind") == "List" and isinstance(data.get("items"), list):
        return any(isinstance(item, dict) and _is_of_controllers(item) for item in data["items"])
    return data.get("kind") == "Namespace" and _names_owner(data)


def _names_owner(namespace: dict[str, Any]) -> bool:
    metadata = namespace.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and any(
        str(name).startswith("services.k8s.aws/") for name in annotations
    )


def group_of(data: dict[str, Any]) -> str:
    """Return the API group of an object; the core group has no name."""
    version = data.get("apiVersion")
    return version.rpartition("/")[0] if isinstance(version, str) else ""
