"""One plan: its instances, their attributes, and what stands for those that are not known.

The recipe, for each value that the apply will tell: what its expression names, when that
can only be a thing (`resolution`); what the provider makes of the other attributes; a
symbol for a name that nobody gave; else unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block, Malformed
from crrlint.loaders.terraform.instances import Instance, Provider
from crrlint.loaders.terraform.kinds import DOCUMENT, Kind, takes
from crrlint.loaders.terraform.plans.addresses import Address, Call, Key, Module, address
from crrlint.loaders.terraform.plans.coming import Planned, planned_in
from crrlint.loaders.terraform.plans.computed import Computed
from crrlint.loaders.terraform.plans.configuration import (
    NOTHING,
    Configuration,
    Resource,
    mapping,
)
from crrlint.loaders.terraform.plans.documents import document
from crrlint.loaders.terraform.plans.going import Prior, nowhere
from crrlint.loaders.terraform.plans.masks import Masks, completed, marked, marks, secret_of
from crrlint.loaders.terraform.plans.order import Order
from crrlint.loaders.terraform.plans.providers import providers
from crrlint.loaders.terraform.plans.resolution import LOST, Resolver, Scope
from crrlint.loaders.terraform.shown import shown, told
from crrlint.model.bindings import Bindings
from crrlint.values import Unknown, Value

NEEDS: Final = "the saved plan (terraform plan -out), or the .tf files that it was made from"


class Known(NamedTuple):
    """A value that a plan holds, and whether it must not be shown."""

    value: Any
    at: Location
    secret: bool


class Plan:
    """The instances of a plan by address, data sources among them."""

    def __init__(self, document: Document, bindings: Bindings, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems
        self.left: list[str] = []
        """What stays open, in words."""
        data = document.data
        self.configuration = Configuration(
            data.get("configuration"), document.root / "configuration"
        )
        self._instances = {str(p.address): p for p in planned_in(document, problems)}
        self._keys: dict[tuple[Module, str, str], dict[Key | None, None]] = {}
        self._calls: dict[tuple[Module, str], dict[Key | None, None]] = {}
        for one in self._instances.values():
            self._keys.setdefault(one.address.resource, {})[one.address.key] = None
            module = one.address.module
            while module:
                self._calls.setdefault((module[:-1], module[-1].name), {})[module[-1].key] = None
                module = module[:-1]
        self.resolver = Resolver(self.configuration, mapping(data.get("variables")), self)
        self._attributes: dict[tuple[str, str], Value] = {}
        self._objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._masks: dict[str, Mapping[str, Any]] = {}
        self._providers = providers(
            self.configuration,
            [(self._provider_key(one), one) for one in self.all()],
            self.resolver,
            document,
            bindings,
        )
        self._computed = Computed(self, document.path)
        self._order = Order(self.configuration)

    @cached_property
    def prior(self) -> Prior:
        """What there was, as far as it bears on what is left of what is deleted."""
        values = mapping(self.document.data.get("prior_state")).get("values")
        there = shown(values, self.document.root, [], _PRIOR)
        return Prior((one.type, one.values) for one in there)

    @property
    def incomplete(self) -> Unknown | None:
        """Return what stands for what the plan does not say, where it lacks some of it."""
        data = self.document.data
        if (
            data.get("errored") is True
            or data.get("complete") is False
            or data.get("deferred_changes")
        ):
            what = f"what else {self.document.path} would have, which is not complete,"
            return Unknown("deferred", what, "a plan of everything, which leaves nothing out")
        return None

    def all(self) -> Iterator[Planned]:
        return iter(self._instances.values())

    # What the resolver asks.

    def keys(self, module: Module, kind: str, name: str) -> Collection[Key | None]:
        return self._keys.get((module, kind, name), {})

    def module_keys(self, caller: Module, call: str) -> Collection[Key | None]:
        return self._calls.get((caller, call), {})

    def attribute(self, address: Address, name: str) -> Value:
        one = self._instances.get(str(address))
        if one is None:
            return LOST
        rebuilt = one.type == DOCUMENT and name in ("json", "minified_json")
        if rebuilt and mapping(one.unknown).get(name) is True:
            return self._policy(one)
        value = self.value(one, name)
        if value is not None:
            return value
        told = self._computed.value(one, name, given=NOTHING)
        return None if told is LOST else told

    def _policy(self, one: Planned) -> Value:
        """Return the policy that the apply will make, of which parts may be open."""
        names = dict.fromkeys((*one.values, *mapping(one.unknown)))
        parts = {n: self.value(one, n) for n in names if n not in ("id", "json", "minified_json")}
        try:
            return document(Block(parts, one.at), str(one.address))
        except Malformed as error:
            self.problems.append(told(error.at, f"{one.address}: {error}"))
            return LOST

    # Attributes.

    def attributes(self, one: Planned) -> dict[str, Any]:
        """Return all attributes, what is open among them."""
        unknown = self._unknown(one)
        if not marked(unknown) and not marked(one.sensitive):
            return dict(one.values)
        names = dict.fromkeys((*one.values, *unknown))
        found = {name: self.value(one, name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def _unknown(self, one: Planned) -> Mapping[str, Any]:
        """Return what marks the values that the apply will tell, or that were taken out."""
        block = self._block(one)
        if one.unknown is not None:
            if block is None or one.stays:
                return mapping(one.unknown)
            key = str(one.address)
            if key not in self._masks:
                self._masks[key] = mapping(completed(one.unknown, one.values, block.expressions))
            return self._masks[key]
        given = NOTHING if block is None else block.expressions
        return {name: True for name in given if name not in one.values}

    def value(self, one: Planned, name: str) -> Value:
        """Return one attribute, which may be open; None where it is not set."""
        key = (str(one.address), name)
        if key not in self._attributes:
            # Whatever is made of itself has no value.
            self._attributes[key] = self._open(one, name)
            self._attributes[key] = self._find(one, name)
        return self._attributes[key]

    def _find(self, one: Planned, name: str) -> Value:
        unknown, known = self._unknown(one).get(name), one.values.get(name)
        hidden = True if one.sensitive is True else mapping(one.sensitive).get(name)
        if not marked(unknown) and not marked(hidden):
            return known
        block = self._block(one)
        if not self.configuration.there or block is None:
            expression: Any = None
        else:
            expression = block.expressions.get(name, NOTHING)

        def leave(path: str, expression: Any) -> Value:
            return self._leaf(one, path, expression)

        masks = Masks(leave, secret_of(str(one.address)))
        return masks.apply(name, known, unknown, hidden, expression)

    def _leaf(self, one: Planned, path: str, expression: Any) -> Value:
        """Return what stands for a value that the apply will tell."""
        kind = takes(one.type, path)
        if expression is None and "." in path:
            expression = self._inside(one, path.partition(".")[0]).get(path)
        if expression:
            followed: Value = LOST
            if kind is not None:
                followed = self.resolver.follow(expression, self._scope(one), kind)
            elif isinstance(expression, dict) and "constant_value" in expression:
                followed = expression["constant_value"]
            if followed is not LOST:
                return followed
        told = self._computed.value(one, path, given=expression)
        if told is not LOST:
            return told
        if one.type in terraform_resources.TYPES:
            self.left.append(f"the {path} of {one.address}")
        return self._open(one, path)

    def _inside(self, one: Planned, name: str) -> dict[str, Any]:
        """Return what the open values in an attribute refer to, by their paths.

        The order of references is lost, and with it which of two of a kind is meant.
        """
        asked = (str(one.address), name)
        if asked not in self._objects:
            block = self._block(one)
            kinds: dict[str, Kind] = {}
            paths = list(marks(self._unknown(one).get(name), name))
            for path in paths:
                kind = takes(one.type, path)
                if kind is not None:
                    kinds[path] = kind
            whole = block is not None and len(kinds) == len(paths)
            self._objects[asked] = {}
            if whole and block is not None:
                given = block.expressions.get(name)
                self._objects[asked] = self.resolver.apart(given, self._scope(one), kinds)
        return self._objects[asked]

    def _open(self, one: Planned, path: str) -> Unknown:
        what = f"the {path} of {one.address}"
        return Unknown("deferred", f"{what}, which {self.document.path} leaves open,", NEEDS)

    def known(self, address: str, name: str) -> Known | None:
        """Return an attribute that is known before the apply as a whole; None for any other."""
        one = self._instances.get(address)
        if one is None or one.values.get(name) is None or marked(self._unknown(one).get(name)):
            return None
        hidden = one.sensitive is True or marked(mapping(one.sensitive).get(name))
        return Known(one.values[name], one.at / name, hidden)

    def home_of_roots(self) -> dict[str, Provider]:
        """Return where the provider configurations of the root work, by their names."""
        return {key: place for key, place in self._providers.items() if key and ":" not in key}

    # Where things stand, and in whose account.

    def _block(self, one: Planned) -> Resource | None:
        found = one.address
        return self.configuration.resource(found.module, found.type, found.name)

    def _scope(self, one: Planned) -> Scope:
        block = self._block(one)
        for_each = None if block is None else block.for_each
        return Scope(one.address.module, one.address.key, for_each)

    def _provider_key(self, one: Planned) -> str:
        block = self._block(one)
        return "" if block is None else block.provider

    def provider(self, one: Planned) -> Provider:
        return self._providers[self._provider_key(one)]

    def home_of(self, name: str, values: Mapping[str, Any]) -> Provider:
        """Return where an instance is that the configuration may have no more."""
        where = address(name)
        block = None
        if where is not None:
            block = self.configuration.resource(where.module, where.type, where.name)
        found = None if block is None else self._providers.get(block.provider)
        home = nowhere(self.document.path, name) if found is None else found
        # A policy of a role is where that is.
        account = self.prior.account(values.get("role"))
        return home if account is None else home._replace(account=account)

    def instance(self, address_: str) -> Instance | None:
        """Return an instance as it will be; None where there will be none."""
        one = self._instances.get(address_)
        return None if one is None else self.instance_of(one)

    def instance_of(self, one: Planned) -> Instance:
        return Instance(
            one.type,
            str(one.address),
            Block(self.attributes(one), one.at),
            Block(one.identity, one.at),
            self.home_of(str(one.address), one.values) if one.stays else self.provider(one),
            False,
            self.dependencies(one),
            self.document.path,
            gap=self.incomplete,
        )

    def adds_tags(self, one: Planned) -> bool:
        """Tell whether the provider may add tags of its own to those of an instance."""
        if not self.configuration.there:
            return True
        configured = mapping(self.configuration.providers.get(self._provider_key(one)))
        return "default_tags" in mapping(configured.get("expressions"))

    def dependencies(self, one: Planned) -> tuple[str, ...]:
        """Return what an instance waits for, itself too; nothing where that is not known."""
        if self._block(one) is None:
            return ()
        found = one.address
        before = self._order.before(found.module, found.type, found.name)
        own = str(found._replace(module=tuple(Call(c.name) for c in found.module), key=None))
        return () if before is None else (own, *sorted(before))


_PRIOR: Final = frozenset(
    {"aws_iam_role", "aws_s3_bucket", "aws_s3_bucket_object_lock_configuration"}
)
