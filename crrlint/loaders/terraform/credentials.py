"""Provider configurations: which one a resource has, and the account and Region behind it.

Two configurations that take their credential from the same place are in one account,
whichever it is; the same holds for the Region.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Node
from crrlint.loaders.hcl import Expression, Fault, Scope, evaluate, finish
from crrlint.loaders.hcl.syntax import Attr, Index, Literal, Object
from crrlint.loaders.terraform.attributes import Block, Malformed
from crrlint.loaders.terraform.bodies import content, steps_of
from crrlint.loaders.terraform.expansion import Inner, over_keys
from crrlint.loaders.terraform.folders import Declared
from crrlint.loaders.terraform.instances import Provider, identity_of
from crrlint.loaders.terraform.texts import unnamed
from crrlint.model import Bound
from crrlint.model.arn import parse_arn
from crrlint.values import OPEN, Form, Symbol, Symbolic, Text, Undecided, Unknown

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import ResourceInstance
    from crrlint.loaders.terraform.modules import Module

_CREDENTIALS: Final = (
    "profile",
    "access_key",
    "secret_key",
    "token",
    "shared_credentials_file",
    "shared_credentials_files",
    "shared_config_files",
)
_ELSEWHERE: Final = ("assume_role", "assume_role_with_web_identity")

_YAML: Final = "crrlint.yaml"
_ITSELF: Final = "its own content"
_GIVEN: Final = "the command line or crrlint.yaml"

Configuration = tuple["Module", str, str, Text | None]
"""The module that declares a provider, its name, and the key of OpenTofu's `for_each`."""


def provider_of(instance: ResourceInstance) -> Provider:
    """Return the account and the Region of a resource's provider."""
    attribute = instance.body.attributes.get("provider")
    if attribute is None:
        prefix = instance.type.removeprefix("data.").partition("_")[0]
        return _found(instance.module, prefix, None)
    name, key = _named(attribute.value, instance.scope)
    return _found(instance.module, name, key)


def _named(expression: Expression, scope: Scope) -> tuple[str, Text | None]:
    """Return the name of the configuration that is meant, and the key of one of many."""
    tree = expression.tree
    if isinstance(tree, Literal) and isinstance(tree.value, str):
        return tree.value, None  # as before Terraform 0.12
    found = steps_of(expression)
    if found is None:
        raise Fault("a provider is given by its name, as aws.dr", expression.at)
    root, steps = found
    key: Text | None = None
    for step in steps:
        if isinstance(step, Attr):
            root += f".{step.name}"
        elif isinstance(step, Index):
            key = _text(finish(evaluate(Expression(step.key, expression.at), scope)))
    return root, key


def _text(node: Node) -> Text | None:
    text: Text | None = Block({"key": node}, node.at).text("key")
    return text


def _found(module: Module, name: str, key: Text | None) -> Provider:
    holder, name, key = _configured(module, name, key)
    memory = holder.deployment.providers
    known = (holder.address, name, identity_of(key))
    if known not in memory:
        try:
            memory[known] = _provider(holder, name, key)
        except Malformed as error:
            raise Fault(f"provider {name}: {error}", error.at) from None
    return memory[known]


def _configured(module: Module, name: str, key: Text | None) -> tuple[Module, str, Text | None]:
    """Follow a configuration's name up to the module that declares it, or to where it ends."""
    while True:
        if _declared(module, name) is not None:
            return module, name, key
        call = module.call
        if call is None:
            return module, name, key
        passed = _passed(module, name)
        if passed is not None:
            assert module.entry is not None
            name, inner = _named(passed, call.scope(module.entry))
            key = key if inner is None else inner
        elif "." in name:
            return module, name, key
        module = call.module


def _declared(module: Module, name: str) -> Declared | None:
    """Return the block of a provider configuration of a module's own; None for its caller's."""
    local, _, alias = name.partition(".")
    found = module.folder.declared("provider").get((local, alias))
    if found is None or not found.is_empty or (module.call is None and not alias):
        return found
    # Before `configuration_aliases`, an empty block said that the caller passes it.
    return None


def _passed(module: Module, name: str) -> Expression | None:
    """Return what the call of a module gives it for one of its providers' names."""
    assert module.call is not None
    given = module.call.argument("providers")
    if given is None or not isinstance(given.tree, Object):
        return None
    for item in given.tree.items:
        if _spelled(Expression(item.key, given.at)) == name:
            return Expression(item.value, given.at)
    return None


def _spelled(key: Expression) -> str | None:
    tree = key.tree
    if isinstance(tree, Literal):
        return str(tree.value)
    found = steps_of(key)
    if found is None:
        return None
    return ".".join([found[0], *(step.name for step in found[1] if isinstance(step, Attr))])


def _provider(module: Module, name: str, key: Text | None) -> Provider:
    declared = _declared(module, name)
    bound = module.deployment.bound_provider(module, name)
    implicit = "." not in name and not module.address and not _takes_providers(module)
    if declared is None and not implicit:
        # The caller, whoever that is, passes it.
        where = f"{module.id}provider {name}"
        return Provider(
            _first([(bound.account, _YAML)], module, where, "account", name),
            _first([(bound.region, _YAML)], module, where, "region", name),
        )
    block = (
        Block({}, module.deployment.root_at) if declared is None else _block(module, declared, key)
    )
    source = _credential(module, name, block)
    where = f"{module.deployment.id} credential {source!r}" if source else module.deployment.id
    unbound = module.deployment.place
    accounts = [(bound.account, _YAML), (_account_of(block), _ITSELF), (unbound.account, _GIVEN)]
    regions = [(bound.region, _YAML), (_region_of(block), _ITSELF), (unbound.region, _GIVEN)]
    return Provider(
        _first(accounts, module, where, "account", name),
        _first(regions, module, where, "region", name),
        block.one("default_tags", lambda tags: tags.mapping("tags")),
    )


def _first(
    texts: Sequence[tuple[Text | None, str]], module: Module, where: str, what: Form, name: str
) -> Text:
    """Return the first text that somebody gave, and remember who."""
    known = next(((text, by) for text, by in texts if text is not None), None)
    text, by = known or (_open(module, where, what, name), "")
    plain = isinstance(text, str)
    path = module.deployment.root_at.path
    told = Bound(path, what, text if plain else None, by if plain else "", name)
    module.deployment.bound[told] = None
    return text


def _takes_providers(module: Module) -> bool:
    """Tell whether a folder is a module that is given its providers, and no root."""
    for body in module.folder.settings():
        for block in body.blocks("required_providers"):
            for attribute in block.body.attributes.values():
                tree = attribute.value.tree
                if isinstance(tree, Object) and any(
                    _spelled(Expression(item.key, attribute.at)) == "configuration_aliases"
                    and getattr(item.value, "items", ())
                    for item in tree.items
                ):
                    return True
    return False


def _block(module: Module, declared: Declared, key: Text | None) -> Block:
    """Evaluate a provider block; with `for_each`, for one of its keys."""
    scope: Scope = module
    of = f"provider {'.'.join(filter(None, declared.labels))}"
    for_each = declared.body.attributes.get("for_each")
    if for_each is not None:
        found = evaluate(for_each.value, module)
        expansion = over_keys(found, of, f"{module.id} {of}")
        chosen = [e for e in expansion.entries if key is not None and e.key == str(key)]
        if chosen and chosen[0].name is not None and chosen[0].value is not None:
            each = Node({"key": chosen[0].name, "value": chosen[0].value}, declared.at)
        else:
            unknown = Node(Unknown("unbound_parameter", f"each of {of}"), declared.at)
            each = Node({"key": unknown, "value": unknown}, declared.at)
        scope = Inner(module, {"each": each}, f"{module.id} {of} {key}")
    written = content(declared.body, scope, of, module.deployment.report, ("alias", "for_each"))
    return Block({name: _finished(node) for name, node in written.items()}, declared.at)


def _finished(node: Node) -> Node:
    if isinstance(node.value, list):
        return Node([_finished(item) for item in node.value], node.at)
    if isinstance(node.value, dict):
        return Node({name: _finished(item) for name, item in node.value.items()}, node.at)
    return finish(node)


def _credential(module: Module, name: str, block: Block) -> tuple[Hashable, ...]:
    """Return what tells the credential of a configuration from that of others; nothing for
    the one of the environment."""
    found: list[Hashable] = []
    for argument in _CREDENTIALS:
        if argument in block:
            value: Any = block.bare(argument)
            if value is not None and not (isinstance(value, list) and not value):
                found.append((argument, _comparable(value)))
    if any(block.has(argument) for argument in _ELSEWHERE):
        found.append((module.address, name))
    return tuple(found)


def _comparable(value: Any) -> Hashable:
    if isinstance(value, Node):
        return _comparable(value.value)
    if isinstance(value, list):
        return tuple(_comparable(item) for item in value)
    return identity_of(value)


def _account_of(block: Block) -> Text | None:
    """Return the account that a configuration is in for certain."""
    for name in _ELSEWHERE:
        elements = block.nodes(name)
        if elements and isinstance(elements[-1].value, dict):
            role = Block(elements[-1].value, elements[-1].at).text("role_arn")
            account = None if role is None else account_in(role)
            if account is not None:
                return account
    allowed = block.bare("allowed_account_ids")
    if isinstance(allowed, list) and len(allowed) == 1:
        only = block.texts("allowed_account_ids")[0].value
        return None if isinstance(only, Unknown) else only
    return None


def account_in(arn: Text) -> Text | None:
    """Return the account in the ARN of a role; a symbol that stands where it has to be is it."""
    if isinstance(arn, Symbolic) and len(arn.parts) > 2:
        start, holder, end = arn.parts[:3]
        if (
            isinstance(start, str)
            and start.startswith("arn:")
            and start.count(":") == 4
            and start.endswith(":")
            and isinstance(holder, Symbol)
            and isinstance(end, str)
            and end.startswith(":")
        ):
            return Symbolic((_formed(holder, "account"),))
    try:
        fields = parse_arn(arn)
    except Undecided:
        return None
    owner = None if fields is None else fields.account
    return None if isinstance(owner, str) and not owner else owner


def _formed(symbol: Symbol, form: Form) -> Symbol:
    if symbol.form != "any":
        return symbol
    return Symbol(
        symbol.entity,
        symbol.attribute,
        symbol.text,
        form=form,
        unique=symbol.unique,
        reason=symbol.reason,
        needs=symbol.needs,
    )


def _region_of(block: Block) -> Text | None:
    region: Text | None = block.text("region")
    if isinstance(region, Unknown):
        return None
    if isinstance(region, Symbolic) and len(region.parts) == 1:
        return Symbolic((_formed(region.symbols[0], "region"),))
    return region


def _open(module: Module, where: str, what: Form, name: str) -> Text:
    """Return the account or Region of whatever `where` tells apart; the first name is kept."""
    needs = f"--{what}, or `providers` of a `terraform` deployment in crrlint.yaml"
    text = f"the {what} of provider {name}"
    symbol = unnamed(where, what, text, form=what, reason="unbound_parameter", needs=needs)
    return module.deployment.unbound.setdefault((where, what), symbol)


__all__ = ["OPEN", "account_in", "provider_of"]
