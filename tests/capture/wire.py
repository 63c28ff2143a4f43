"""Answers as AWS puts them on the wire, told by botocore's own description of each service."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import botocore.session
from botocore.model import OperationModel, Shape

_VERSIONS = {"organizations": "AWSOrganizationsV20161128", "kms": "TrentService"}


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def operation(service: str, name: str) -> OperationModel:
    found: OperationModel = _model(service).operation_model(name)
    return found


def body(service: str, name: str, result: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return the body of an answer, and the headers that hold members of it."""
    if service in _VERSIONS:
        return json.dumps(result).encode(), {"Content-Type": "application/x-amz-json-1.1"}
    shape = operation(service, name).output_shape
    if service in ("iam", "sts"):
        inner = "" if shape is None else _members(shape, result)
        text = f"<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>"
        return text.encode(), {"Content-Type": "text/xml"}
    if name == "GetBucketLocation":
        region = escape(result.get("LocationConstraint") or "")
        return f"<LocationConstraint>{region}</LocationConstraint>".encode(), {}
    assert shape is not None
    headers = {
        member.serialization["name"]: str(result[key])
        for key, member in shape.members.items()
        if member.serialization.get("location") == "header" and key in result
    }
    payload = shape.serialization.get("payload")
    if payload is not None:
        member = shape.members[payload]
        if member.type_name == "string":
            return str(result[payload]).encode(), headers
        name = member.serialization.get("name", payload)
        return _element(name, member, result[payload]).encode(), headers
    return f"<{name}Result>{_members(shape, result)}</{name}Result>".encode(), headers


def error(service: str, code: str, message: str, **more: str) -> bytes:
    if service in _VERSIONS:
        return json.dumps({"__type": code, "message": message}).encode()
    inner = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in more.items())
    # What S3 says beside it; none of it may turn up in a capture.
    secrets = "<RequestId>REQUEST</RequestId><HostId>HOST</HostId>"
    said = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>{inner}{secrets}</Error>"
    return (
        f"<ErrorResponse>{said}</ErrorResponse>" if service in ("iam", "sts") else said
    ).encode()


def _members(shape: Any, value: dict[str, Any]) -> str:
    return "".join(
        _element(member.serialization.get("name", key), member, value[key])
        for key, member in shape.members.items()
        if value.get(key) is not None and "location" not in member.serialization
    )


def _element(name: str, shape: Shape, value: Any) -> str:
    if shape.type_name == "list":
        flat = shape.serialization.get("flattened")
        inner = shape.member.serialization.get("name", "member")
        items = "".join(_element(name if flat else inner, shape.member, item) for item in value)
        return items if flat else f"<{name}>{items}</{name}>"
    if shape.type_name == "structure":
        members = shape.members
        attributes = "".join(
            f" xmlns:xsi={quoteattr('http://www.w3.org/2001/XMLSchema-instance')} "
            f"{member.serialization['name']}={quoteattr(str(value[key]))}"
            for key, member in members.items()
            if member.serialization.get("xmlAttribute") and key in value
        )
        plain = {k: v for k, v in value.items() if not members[k].serialization.get("xmlAttribute")}
        return f"<{name}{attributes}>{_members(shape, plain)}</{name}>"
    if isinstance(value, dict | list):
        # A policy document: IAM sends them percent-encoded, and the CLI prints them decoded.
        from urllib.parse import quote

        return f"<{name}>{quote(json.dumps(value))}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"
