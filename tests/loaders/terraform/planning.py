"""Reading plans, genuine ones and small ones that are written here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crrlint.documents.parse import parse
from crrlint.loaders.terraform.plan import load
from crrlint.model import Model
from crrlint.model.bindings import Bindings

PLANS = Path(__file__).parent / "plans"


def read_plan(name: str, bindings: Bindings | None = None) -> Model:
    """Read a plan that Terraform made of the source beside it."""
    return read_text((PLANS / name / "plan.json").read_text(), bindings)


def read_text(text: str, bindings: Bindings | None = None) -> Model:
    documents, problems = parse("plan.json", text)
    assert not problems
    return load(documents, bindings or Bindings())


def change(
    address: str,
    after: dict[str, Any] | None = None,
    unknown: Any = None,
    *,
    expressions: dict[str, Any] | None = None,
    sensitive: Any = None,
    provider: str = "aws",
    **more: Any,
) -> dict[str, Any]:
    """Write what a plan has of one resource of its root."""
    kind, _, name = address.removeprefix("data.").partition(".")
    mode = "data" if address.startswith("data.") else "managed"
    which = {"mode": mode, "type": kind, "name": name.partition("[")[0]}
    return {
        "change": {
            **which,
            "address": address,
            "change": {
                "actions": ["create"],
                "after": after,
                "after_unknown": unknown or {},
                "after_sensitive": sensitive or {},
                **more,
            },
        },
        "block": {
            **which,
            "provider_config_key": provider,
            "expressions": expressions or {},
        },
    }


def plan(*changes: dict[str, Any], **members: Any) -> str:
    """Write a plan of changes; `members` are others of the document, or replace its own."""
    blocks = {(c["block"]["type"], c["block"]["name"]): c["block"] for c in changes}
    data: dict[str, Any] = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [c["change"] for c in changes],
        "configuration": {
            "provider_config": {"aws": {"name": "aws"}},
            "root_module": {"resources": list(blocks.values())},
        },
    }
    return json.dumps({**data, **members})


def references(*names: str) -> dict[str, Any]:
    return {"references": list(names)}
