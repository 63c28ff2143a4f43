"""Following what a plan's expressions refer to, for values that the apply will tell.

Only the identity of things is followed: which bucket, role or key is meant.  What an
expression makes of text is lost in a plan, so text is never taken from what it refers to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple, Protocol

from crrlint.documents.source import Node
from crrlint.loaders.terraform.kinds import Kind, accepts, gives, names
from crrlint.loaders.terraform.plans.addresses import (
    Address,
    Call,
    Key,
    Module,
    is_name,
    key_of,
    module_of,
    steps,
)
from crrlint.loaders.terraform.plans.configuration import (
    Configuration,
    is_constant,
    mapping,
    references,
    traversals,
)
from crrlint.values import OPEN, Value, identical


class _Lost:
    """What stands for a value that cannot be followed."""

    def __repr__(self) -> str:
        return "LOST"


LOST: Final = _Lost()

_MAX_HOPS: Final = 50


class Scope(NamedTuple):
    """Where an expression stands: in which instance of a module, for which key of a `for_each`."""

    module: Module
    key: Key | None = None
    for_each: Any = None


class Instances(Protocol):
    """What knows the instances of a plan and their attributes."""

    def keys(self, module: Module, kind: str, name: str) -> Collection[Key | None]: ...

    def attribute(self, address: Address, name: str) -> Value: ...

    def module_keys(self, caller: Module, call: str) -> Collection[Key | None]: ...


class Resolver:
    """Follows references to things; `variables` are those of the root module."""

    def __init__(
        self, configuration: Configuration, variables: Mapping[str, Any], instances: Instances
    ) -> None:
        self._configuration = configuration
        self._variables = variables
        self._instances = instances
        self._known: dict[tuple[int, Module, Key | None, Kind], Value] = {}
        self._hops = 0

    def follow(self, expression: Any, scope: Scope, kind: Kind) -> Value:
        """Return what an expression names, when that can be nothing but a thing of the kind."""
        if is_constant(expression):
            value = expression["constant_value"]
            return LOST if isinstance(value, (dict, list)) else value
        if "among" in mapping(expression):
            return self._among(expression, scope, kind)
        named = references(expression)
        if not named:
            return LOST
        asked = (id(expression), scope.module, scope.key, kind)
        if asked not in self._known and self._hops < _MAX_HOPS:
            # What refers to itself comes back here, and finds nothing.
            self._known[asked] = LOST
            self._hops += 1
            self._known[asked] = self._whole(named, scope, kind)
            self._hops -= 1
        return self._known.get(asked, LOST)

    def apart(self, expression: Any, scope: Scope, kinds: Mapping[str, Kind]) -> dict[str, Any]:
        """Return which reference each of several open values is, that one expression makes.

        `kinds` is what each of them takes, by its path.  An attribute that is an object has
        one list of all that it refers to.  Where there is one open thing of a kind for each
        value, and nothing else is open, it is that.
        """
        found: dict[str, Any] = {}
        rest: list[tuple[list[str], Kind]] = []
        for group in traversals(references(expression)):
            kind = _kind_of(group[0])
            if kind is None:
                return {}
            value = self.follow({"references": group}, scope, kind)
            if value is LOST or isinstance(value, OPEN):
                rest.append((group, kind))
        for path, wanted in kinds.items():
            fitting = [group for group, kind in rest if accepts(wanted, kind)]
            if len(fitting) != 1:
                return {}
            found[path] = {"references": fitting[0]}
        return found if len(rest) == len(found) else {}

    def _among(self, expression: Mapping[str, Any], scope: Scope, kind: Kind) -> Value:
        """Return one element of a set, of which some are known (`plans.masks`)."""
        rest = [self._whole(named, scope, kind) for named in expression["among"]]
        for known in expression["beside"]:
            same = [n for n, value in enumerate(rest) if identical(value, known)]
            if same:
                del rest[same[0]]
        return rest[expression["number"]] if len(rest) == expression["of"] else LOST

    def _whole(self, named: list[str], scope: Scope, kind: Kind) -> Value:
        """Follow references that are all of one traversal, or of one and the key in it."""
        groups = traversals([name for name in named if name not in _KEYS])
        keyed = len(named) > sum(map(len, groups))
        if not groups:
            return self._own(named[0], scope) if len(named) == 1 else LOST
        if len(groups) > 1:
            return LOST
        way = steps(groups[0][0])
        if way is None:
            return LOST
        key = scope.key if keyed else None
        if keyed and (len(groups[0]) > 1 or key is None):
            # The key is beside the traversal, and not an index in it.
            return LOST
        return self._traverse(way, scope, kind, key)

    def _own(self, name: str, scope: Scope) -> Value:
        if name == "each.value":
            return self._each_value(scope)
        return LOST if scope.key is None else scope.key

    def _traverse(self, way: list[Key], scope: Scope, kind: Kind, key: Key | None) -> Value:
        head = way[0]
        if head == "var" and len(way) > 1:
            return self._variable(str(way[1]), way[2:], scope, kind, key)
        if head == "each" and way[1:2] == ["value"]:
            return _dig(self._each_value(scope), way[2:])
        if head == "module":
            return self._module(way, scope, kind, key)
        if head in ("local", "path", "terraform", "self", "count", "each"):
            return LOST
        data = head == "data"
        rest = way[1:] if data else way
        if len(rest) < 2 or not all(is_name(step) for step in rest[:2]):
            return LOST
        found = f"data.{rest[0]}" if data else str(rest[0])
        return self._resource(found, str(rest[1]), rest[2:], scope, kind, key)

    def _resource(
        self, found: str, name: str, rest: list[Key], scope: Scope, kind: Kind, key: Key | None
    ) -> Value:
        own = key_of(rest)
        if own is not None:
            rest = rest[1:]
        keys = self._instances.keys(scope.module, found, name)
        wanted = own if own is not None else key
        if wanted is None:
            # A splat, or `try`: of one instance it can mean but that.
            wanted = next(iter(keys)) if len(keys) == 1 else None
        if wanted not in keys:
            return LOST
        if not rest:
            attribute = names(found, kind)
        elif len(rest) == 1 and accepts(kind, gives(found, str(rest[0]))):
            attribute = str(rest[0])
        else:
            attribute = None
        if attribute is None:
            return LOST
        return self._instances.attribute(Address(scope.module, found, name, wanted), attribute)

    def _variable(
        self, name: str, rest: list[Key], scope: Scope, kind: Kind, key: Key | None
    ) -> Value:
        if self._is_secret(name, scope.module):
            return LOST
        if not scope.module:
            return _dig(self._root_value(name), rest, key)
        call = self._configuration.call(scope.module)
        if call is not None and name in call.expressions:
            given = call.expressions[name]
            if is_constant(given):
                return _dig(given["constant_value"], rest, key)
            caller = Scope(scope.module[:-1], scope.module[-1].key, call.for_each)
            return LOST if rest or key is not None else self.follow(given, caller, kind)
        return _dig(self._default(name, scope.module), rest, key)

    def _is_secret(self, name: str, module: Module) -> bool:
        block = self._configuration.module(module)
        declared = mapping(None if block is None else block.variables.get(name))
        return declared.get("sensitive") is True or declared.get("ephemeral") is True

    def _root_value(self, name: str) -> Any:
        if self._is_secret(name, ()):
            return LOST
        given = mapping(self._variables.get(name))
        return given["value"] if "value" in given else self._default(name, ())

    def _default(self, name: str, module: Module) -> Any:
        block = self._configuration.module(module)
        declared = mapping(None if block is None else block.variables.get(name))
        return declared.get("default", LOST)

    def _module(self, way: list[Key], scope: Scope, kind: Kind, key: Key | None) -> Value:
        calls, at = module_of(way)
        rest = way[at:]
        if len(calls) != 1:
            return LOST
        call = calls[0]
        instances = self._instances.module_keys(scope.module, call.name)
        wanted = call.key if call.key is not None else key
        if wanted is None:
            wanted = next(iter(instances)) if len(instances) == 1 else None
        if instances and wanted not in instances:
            return LOST
        inside = Scope((*scope.module, Call(call.name, wanted)))
        module = self._configuration.module(inside.module)
        if module is None:
            return LOST
        if rest:
            output = mapping(module.outputs.get(str(rest[0])))
            return LOST if len(rest) > 1 else self.follow(output.get("expression"), inside, kind)
        # Which output is meant is lost; often only one is of the kind.
        found: list[Value] = []
        for output in module.outputs.values():
            value = self.follow(mapping(output).get("expression"), inside, kind)
            if value is not LOST and not any(_same(value, known) for known in found):
                found.append(value)
        return found[0] if len(found) == 1 else LOST

    def _each_value(self, scope: Scope) -> Value:
        if scope.key is None:
            return LOST
        return _dig(self._data(scope.for_each, scope.module), [], scope.key)

    def _data(self, expression: Any, module: Module) -> Any:
        """Return plain data that is constant, or a variable's own."""
        for _ in range(_MAX_HOPS):
            if is_constant(expression):
                return expression["constant_value"]
            way = steps(named[0]) if len(named := references(expression)) == 1 else None
            if way is None or way[0] != "var" or len(way) != 2:
                return LOST
            name = str(way[1])
            if self._is_secret(name, module):
                return LOST
            if not module:
                return self._root_value(name)
            call = self._configuration.call(module)
            if call is None or name not in call.expressions:
                return self._default(name, module)
            expression, module = call.expressions[name], module[:-1]
        return LOST

    def text(self, expression: Any, scope: Scope) -> str | None:
        """Return a text that is constant or a variable's own, None for any other."""
        value = self._data(expression, scope.module)
        return value if isinstance(value, str) and value else None


def _kind_of(reference: str) -> Kind | None:
    """Return what a reference to an attribute of a resource is; None for any other."""
    way = steps(reference)
    if way is None:
        return None
    data = way[:1] == ["data"]
    rest = way[1:] if data else way
    rest = rest[:2] + (rest[3:] if key_of(rest[2:3]) is not None else rest[2:])
    if len(rest) != 3 or not all(is_name(step) for step in rest):
        return None
    return gives(f"data.{rest[0]}" if data else str(rest[0]), str(rest[2]))


def _same(one: Value, other: Value) -> bool:
    return one is other or (not isinstance(one, Node) and identical(one, other))


_KEYS: Final = frozenset({"each.key", "each.value", "count.index"})


def _dig(value: Any, rest: list[Key], key: Key | None = None) -> Any:
    """Return what a path leads to in plain data, text only at its end."""
    way = [step if is_name(step) else key_of([step]) for step in rest]
    for step in [*way, *([] if key is None else [key])]:
        held = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(held, dict) or step not in held:
            return LOST
        value = held[step]
    return LOST if isinstance(value, (dict, list)) else value
