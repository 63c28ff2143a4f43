"""What the stacks of one run share: problems, exports, accounts found to be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from crrlint.documents.source import Location, Node, Problem
from crrlint.loaders.cloudformation.regions import read_keys, read_regions, written
from crrlint.loaders.cloudformation.values import identity
from crrlint.model.arn import parse_arn
from crrlint.values import Symbol, Text, Undecided, Unknown, symbolic

if TYPE_CHECKING:
    from crrlint.documents.places import Places
    from crrlint.loaders.cloudformation.described import Description, Instance
    from crrlint.loaders.cloudformation.stack import Stack

PARTITION_ASSUMED: Final = "the partition is aws, for no Region was given"


class Shared:
    """An account or a Region that several stacks may turn out to share."""

    __slots__ = ("_same", "_text")

    def __init__(self, text: Text) -> None:
        self._text = text
        self._same: Shared | None = None

    @property
    def root(self) -> Shared:
        shared = self
        while shared._same is not None:
            shared = shared._same
        return shared

    @property
    def text(self) -> Text:
        return self.root._text

    def may_be(self, other: Shared) -> bool:
        mine, theirs = self.text, other.text
        return not (isinstance(mine, str) and isinstance(theirs, str)) or mine == theirs

    def unify(self, other: Shared) -> None:
        """Make both one; the one that is known, or else the first, names them."""
        mine, theirs = self.root, other.root
        if mine is theirs or not self.may_be(other):
            return
        if isinstance(theirs._text, str) and not isinstance(mine._text, str):
            mine, theirs = theirs, mine
        theirs._same = mine


class Written(NamedTuple):
    """What a cross-Region writer of the CDK writes, and to which Region."""

    stack: Stack
    region: str | None
    data: Any
    at: Location


class Program:
    """All stacks of one run, and descriptions of stacks whose templates are not there.

    `literals` are the texts that conditions compare a symbol with; they are collected
    before anything else is evaluated.  While the program is `placeless`, all stacks
    stand in one unnamed account and Region.
    """

    def __init__(
        self,
        described: Sequence[Description] = (),
        others: Sequence[Description] = (),
        instances: Sequence[Instance] = (),
    ) -> None:
        self.stacks: list[Stack] = []
        self.full = False
        """Whether more stacks would be made than are looked at."""
        self.partition: str | None = None
        self.said: dict[str, str] = {}
        """Which file tells where and how a stack is deployed, by the stack."""
        self.instances = instances
        self._others = others
        self._by_id = {d.stack_id: d for d in described if d.stack_id is not None}
        self.collecting = False
        self.placeless = False
        self.literals: dict[Symbol, tuple[str, ...]] = {}
        self.assumptions: dict[str, None] = {}
        self.left_out: dict[Problem, None] = {}
        self._problems: dict[tuple[str, str, str], Problem] = {}
        self._places: Places | None = None
        self._exports: dict[str, list[tuple[Stack, str]]] | None = None
        self._writers: dict[str, list[Written]] | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems.values())

    def report(self, at: Location, message: str) -> None:
        """Report a mistake once, however many stacks the template makes."""
        key = (at.path, at.pointer, message)
        if not self.collecting and key not in self._problems:
            self._problems[key] = self._problem(at, message)

    def _problem(self, at: Location, message: str) -> Problem:
        if self._places is None:
            from crrlint.documents.places import Places

            self._places = Places()
        span = self._places.span(at)
        line, column = (span.line, span.column) if span else (None, None)
        return Problem(at.path, message, line, column)

    def leave_out(self, at: Location, what: str, why: str) -> None:
        """Leave out what the template makes at a place, unless a mistake there is the reason."""
        mistaken = any(key[:2] == (at.path, at.pointer) for key in self._problems)
        if not self.collecting and not mistaken:
            self.left_out[self._problem(at, f"{what} is left out: {why}")] = None

    def collect(self, symbol: Symbol, literal: str) -> None:
        if self.collecting and not self.placeless:
            known = self.literals.get(symbol, ())
            if literal not in known:
                self.literals[symbol] = (*known, literal)

    def prepare(self) -> None:
        """Find out which stacks share an account and what conditions ask, then forget the rest."""
        self.collecting = True
        # An import can only be satisfied in its own account and Region: first the names
        # are compared as if all stacks were in one place, then as they are.
        for placeless in (True, False):
            self.placeless = placeless
            for stack in self.stacks:
                stack.safely(self._link)
            self._forget()
        for stack in self.stacks:
            stack.safely(lambda s: s.ask_conditions())
        self._forget()
        self.collecting = False

    def _forget(self) -> None:
        self._exports = self._writers = None
        for stack in self.stacks:
            stack.forget()

    def _link(self, stack: Stack) -> None:
        """An import that exactly one stack satisfies proves both to be in one place."""
        if "ImportValue" in stack.document.text:
            for data, at in _uses(stack.document.data, stack.document.root, "Fn::ImportValue"):
                name = stack.import_name(data, at)
                found = self._exporters(stack, name)
                described = [] if found else self._described_exporters(stack, name)
                if len(found) == 1:
                    stack.account.unify(found[0][0].account)
                    stack.region.unify(found[0][0].region)
                elif len(described) == 1 and described[0].account and described[0].region:
                    stack.account.unify(Shared(described[0].account))
                    stack.region.unify(Shared(described[0].region))
        for region in read_regions(stack):
            stack.region.unify(Shared(region))
        for key in read_keys(stack):
            writer = self.writer(stack, key)
            if writer is not None:
                stack.account.unify(writer.stack.account)

    @property
    def exports(self) -> dict[str, list[tuple[Stack, str]]]:
        """Map the identity of each export's name to the stacks and outputs that bear it."""
        if self._exports is None:
            self._exports = {}
            for stack in self.stacks:
                for output, name in stack.exports():
                    self._exports.setdefault(identity(name), []).append((stack, output))
        return self._exports

    def _exporters(self, stack: Stack, name: Text | None) -> list[tuple[Stack, str]]:
        if name is None or isinstance(name, Unknown):
            return []
        return [
            (other, output)
            for other, output in self.exports.get(identity(name), ())
            if other is not stack
            and other.account.may_be(stack.account)
            and other.region.may_be(stack.region)
        ]

    def _described_exporters(self, stack: Stack, name: Text | None) -> list[Description]:
        """Return the stacks without a template that export a name where the stack may be."""
        return [
            described
            for described in self._others
            if isinstance(name, str)
            and name in described.exports
            and _may_be_in(stack.account, described.account)
            and _may_be_in(stack.region, described.region)
        ]

    def imported(self, stack: Stack, name: Text | None, at: Location) -> Node:
        """Return what an export holds, or the symbol of an export that no template makes."""
        if name is None:
            return stack.mistake(at, "Fn::ImportValue needs the name of an export")
        if isinstance(name, Unknown):
            return Node(name, at)
        found = self._exporters(stack, name)
        if len(found) == 1:
            return found[0][0].output(found[0][1], at)
        described = [] if found else self._described_exporters(stack, name)
        if len(described) == 1 and isinstance(name, str):
            return Node(described[0].exports[name], at)
        return Node(_external(stack, f"export {identity(name)}", f"export {name}"), at)

    def stack_output(
        self, stack: Stack, name: Text | None, output: Text | None, region: Text | None,
        role: Text | None, at: Location,
    ) -> Node:  # fmt: skip
        """Return an output of a stack by the stack's name, in this account or the role's."""
        wanted = region if region is not None else stack.region.text
        account = stack.account.text if role is None else account_of(role)
        found = [
            other
            for other in self.stacks
            if isinstance(name, str)
            and isinstance(other.name, str)
            and other.name == name
            and identity(other.region.text) == identity(wanted)
            and (account is None or other.account.may_be(Shared(account)))
        ]
        if len(found) == 1 and isinstance(output, str) and output in found[0].outputs:
            return found[0].output(output, at)
        described = [
            other
            for other in self._others
            if not found
            and other.name == name
            and other.region == wanted
            and (account is None or _may_be_in(Shared(account), other.account))
        ]
        if len(described) == 1 and isinstance(output, str) and output in described[0].outputs:
            return Node(described[0].outputs[output], at)
        place = f"{identity(name)}.{identity(output)} in {identity(wanted)} by {identity(role)}"
        return Node(_external(stack, f"output {place}", f"output {output} of stack {name}"), at)

    def described_child(self, stack: Stack, resource: str) -> Description | None:
        """Return the description of a nested stack that is there."""
        stack_id = stack.known.physical.get(resource)
        return None if stack_id is None else self._by_id.get(stack_id)

    def writer(self, stack: Stack, key: str) -> Written | None:
        """Return what the one writer that may be meant writes under a key for a stack."""
        if self._writers is None:
            self._writers = {}
            for other in self.stacks:
                for written_key, *what in written(other):
                    self._writers.setdefault(written_key, []).append(Written(other, *what))
        found = [
            writer
            for writer in self._writers.get(key, ())
            if writer.stack.account.may_be(stack.account)
            and _may_be_in(stack.region, writer.region)
        ]
        return found[0] if len(found) == 1 else None


def _may_be_in(shared: Shared, known: str | None) -> bool:
    return known is None or shared.may_be(Shared(known))


def account_of(role: Text) -> Text | None:
    """Return the account in a role's ARN; None where it is not known."""
    try:
        arn = parse_arn(role)
    except Undecided:
        return None
    return None if arn is None else arn.account


def _external(stack: Stack, attribute: str, text: str) -> Text:
    needs = f"the template that makes {text}"
    symbol = Symbol(stack.site, attribute, text, reason="external_reference", needs=needs)
    return symbolic(symbol)


def _uses(data: Any, at: Location, function: str) -> Iterator[tuple[Any, Location]]:
    """Yield the arguments of a function anywhere in a template."""
    stack: list[tuple[Any, Location]] = [(data, at)]
    while stack:
        value, place = stack.pop()
        if isinstance(value, dict):
            for key, below in value.items():
                if key == function:
                    yield below, place / key
                if isinstance(below, (dict, list)):
                    stack.append((below, place / key))
        elif isinstance(value, list):
            stack.extend(
                (below, place / i)
                for i, below in enumerate(value)
                if isinstance(below, (dict, list))
            )
