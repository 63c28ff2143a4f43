"""In which order CloudFormation makes resources: what one of them waits for.

A resource waits for those that it refers to and those under its `DependsOn`; of all
others nothing is promised.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from crrlint.model import Made

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Resource, Stack

_IN_SUB: Final = re.compile(r"\$\{([A-Za-z0-9]+)")


def made(stack: Stack, resource: Resource) -> Made:
    """Return which resource of which stack makes something, and what it waits for."""
    if stack.macro is not None or resource.scope:
        return Made(stack.id, resource.id)
    return Made(stack.id, resource.id, lambda address: address in _all_before(stack, resource))


def _all_before(stack: Stack, resource: Resource) -> frozenset[str]:
    found: set[str] = set()
    pending = [resource]
    while pending:
        for name in _referred(pending.pop().data):
            if name in stack.resources and name not in found:
                found.add(name)
                pending.append(stack.resources[name])
    return frozenset(found)


def _referred(data: Any) -> Iterator[str]:
    """Yield what may be names of resources that some data refers to, whatever conditions say."""
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, dict):
            for key, below in value.items():
                if key in ("Ref", "DependsOn") and isinstance(below, str):
                    yield below
                elif key == "DependsOn" and isinstance(below, list):
                    yield from (name for name in below if isinstance(name, str))
                elif key == "Fn::GetAtt":
                    first = below[0] if isinstance(below, list) and below else below
                    yield str(first).partition(".")[0]
                elif key == "Fn::Sub":
                    text = below[0] if isinstance(below, list) and below else below
                    yield from _IN_SUB.findall(str(text))
                    stack.append(below)
                else:
                    stack.append(below)
