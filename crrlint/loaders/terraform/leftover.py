"""What the state in a saved plan has, and the source in it does not make.

Such a thing is deleted, unless the plan was told to leave it alone: only the plan's JSON
tells that.  What a `moved` block names goes on under another address; what a `removed` block
says is not to be destroyed stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from crrlint.documents.source import Document
from crrlint.loaders.hcl.syntax import Block
from crrlint.loaders.terraform import state as terraform_state
from crrlint.loaders.terraform.folders import Folder
from crrlint.loaders.terraform.instances import Instance
from crrlint.loaders.terraform.plans.going import Going, Prior, stays
from crrlint.loaders.terraform.references import references, without_keys
from crrlint.model.bindings import Bindings
from crrlint.values import OPEN, Choice, Symbolic, Value, identical

NEEDS: Final = "the plan as JSON beside it: terraform show -json"


class Leftover(NamedTuple):
    staying: list[Instance]
    going: list[Going]


def leftover(
    state: Document | None,
    plan: str,
    written: Sequence[Instance],
    modules: Mapping[str, Folder],
    bindings: Bindings,
) -> Leftover:
    """Return what the source does not make; `modules` are its folders by address."""
    found = Leftover([], [])
    if state is None:
        return found
    by_address = {_first(instance.address): instance for instance in written}
    moved, kept = _named(modules)
    was = [i for i in terraform_state.instances(state, bindings) if not i.type.startswith("data.")]
    prior = Prior((i.type, i.attributes.data) for i in was)
    for instance in was:
        instance = instance._replace(deployment=plan)
        bare = without_keys(instance.address)
        now = by_address.get(_first(instance.address))
        same = None if now is None else _same(instance, now)
        if same:
            continue
        if now is None and _below(bare, moved):
            continue
        if _below(bare, kept) or stays(instance.attributes.data, instance.type):
            found.staying.append(instance)
            continue
        what = f"what {plan} does with {instance.address}"
        answers = "to leave it", "to delete it"
        choice = Choice(f"{plan} deletes {instance.address}", answers, what, NEEDS)
        locked = prior.locked(instance.attributes.data.get("bucket"))
        # Where a name is open, it is mostly the one that there was.
        found.going.append(Going(instance, None, locked, choice, now is not None and same is None))
    return found


def _first(address: str) -> str:
    """Return an address; the only instance and the first of a `count` are one, as for Terraform."""
    return address.removesuffix("[0]")


def _same(was: Instance, now: Instance) -> bool | None:
    """Tell whether what the source makes is the very thing that there was; None for perhaps."""
    answers = [
        _agree(was.attributes.bare(name), now.attributes.bare(name))
        for name in ("bucket", "name", "role", "policy_arn", "key_id", "key")
        if name in was.attributes
    ]
    return False if False in answers else None if None in answers else True


def _agree(was: Value, now: Value) -> bool | None:
    if now is None or identical(was, now):
        return True
    if isinstance(now, Symbolic) and all(symbol.reason == "deferred" for symbol in now.symbols):
        # What AWS made up is not in the source.
        return True
    return None if isinstance(now, OPEN) or isinstance(was, OPEN) else False


def _named(modules: Mapping[str, Folder]) -> tuple[set[str], set[str]]:
    """Return what `moved` blocks move, and what `removed` blocks leave there, without keys."""
    moved: set[str] = set()
    kept: set[str] = set()
    for address, folder in modules.items():
        start = f"{address}." if address else ""
        for type, found in (("moved", moved), ("removed", kept)):
            for block in _blocks(folder, type):
                if type == "moved" or _leaves(block):
                    found.update(start + name for name in _from(block))
    return moved, kept


def _blocks(folder: Folder, type: str) -> Iterator[Block]:
    for file in (*folder.files, *folder.overrides):
        yield from file.body.blocks(type)


def _leaves(block: Block) -> bool:
    """Tell whether a `removed` block is not to destroy anything."""
    for lifecycle in block.body.blocks("lifecycle"):
        destroy = lifecycle.body.attributes.get("destroy")
        if destroy is not None:
            return getattr(destroy.value.tree, "value", None) is False
    return False


def _from(block: Block) -> Iterator[str]:
    source = block.body.attributes.get("from")
    if source is not None:
        yield from (".".join(names) for names in references(source.value.tree) if len(names) > 1)


def _below(address: str, named: set[str]) -> bool:
    steps = address.split(".")
    return any(".".join(steps[:count]) in named for count in range(2, len(steps) + 1))
