"""What each stack was bound to: its account, its Region, its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from crrlint.model import Bound
from crrlint.model.bindings import Bindings
from crrlint.values import Text

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Stack

_BESIDE: Final = "a file beside it"


def bound_of(stack: Stack, bindings: Bindings) -> Iterator[Bound]:
    path = stack.document.path
    deployments = [d for d in bindings.deployments if d.template == path]
    here = bindings.at(path)
    outermost = stack
    while outermost.parent is not None:
        outermost = outermost.parent
    beside = stack.program.said.get(outermost.id, _BESIDE)

    maker = _maker(stack)
    around = () if stack.parent is None else (stack.parent.account.text, stack.parent.region.text)
    above = [text for text in around if isinstance(text, str)]

    def by(value: Text, configured: bool, sourced: str | None, given: str | None) -> str:
        if maker and isinstance(value, str) and value not in above:
            return maker
        if configured:
            return "crrlint.yaml"
        if not isinstance(value, str):
            return ""
        if value == sourced and sourced != given:
            return "crrlint.yaml"
        return "the command line" if value == given else beside

    accounts = {d.account for d in deployments}
    regions = {d.region for d in deployments}
    places = (
        ("account", stack.account.text, accounts, here.account, bindings.account),
        ("region", stack.region.text, regions, here.region, bindings.region),
    )
    for what, text, configured, sourced, given in places:
        said = isinstance(text, str) and text in configured
        known = text if isinstance(text, str) else None
        yield Bound(path, what, known, by(text, said, sourced, given), stack.id)
    if maker:
        for name in filter(stack.parameters.is_given, stack.parameters.declared):
            yield Bound(path, f"parameter {name}", None, maker, stack.id)
        return
    configured_names = {name for d in deployments for name in d.parameters}
    for name in stack.parameters.declared:
        if name in bindings.parameters:
            yield Bound(path, f"parameter {name}", None, "the command line", stack.id)
        elif name in configured_names:
            yield Bound(path, f"parameter {name}", None, "crrlint.yaml", stack.id)
        elif stack.parameters.is_given(name):
            yield Bound(path, f"parameter {name}", None, beside, stack.id)


def _maker(stack: Stack) -> str:
    """Return the resource of another stack that makes this one; empty for none."""
    if stack.parent is None or stack.nested_in is None:
        return ""
    return f"{stack.nested_in.id} of {stack.parent.document.path}"
