"""A comparison of crrlint's evaluator of Terraform source with an independent one, `tfparse`.

    python -m tests.evaluator.differential FOLDER...

Every folder of source at or below a FOLDER is a root module for both, and every value that both
know has to be equal.  What `tfparse` is known to get wrong is counted by name (`theirs.HABITS`);
anything else is a disagreement.  With `--open` before the folders it prints what only `tfparse`
knows, with `--derived` what it makes of something that it does not know.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from crrlint.documents.places import Places
from crrlint.documents.source import Location, Node
from crrlint.loaders.hcl import Fault, JsonText, OpenObject, OpenText, Sensitive, finish
from crrlint.loaders.terraform.references import Step, direct
from crrlint.values import OneOf, Symbolic, Unknown
from tests.evaluator import ours, theirs

# What is no instance of anything, or is said in one way only.
_OTHER: Final = re.compile(
    r"(^|\.)(variable|terraform|moved|import|removed|check|locals|provider|ephemeral)(\.|$)|^$"
)
_MODULE: Final = re.compile(r"""(?:module\.[^.\[]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)+""")


class Difference(NamedTuple):
    """Two values of one thing; `argument` is what it is a part of."""

    argument: tuple[str, str]
    name: str
    at: str
    mine: str
    other: str

    def __str__(self) -> str:
        return f"{self.at}: {self.name}\n    crrlint  {self.mine}\n    tfparse  {self.other}"


class Comparison:
    """What came of comparing: how often what, and each difference."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.different: list[Difference] = []
        self.derived: list[Difference] = []
        self.open: list[Difference] = []
        self.problems: dict[str, None] = {}
        self._places = Places()

    def module(self, tree: ours.Tree, root: str) -> None:
        mine, other = tree.statements(root), theirs.statements(root, tree.values_of(root))
        self.problems.update(dict.fromkeys(mine.problems))
        one = _Root(self._places)
        modules = {_module_of(address) for address in other}
        for address, said in mine.said.items():
            if _module_of(address) in modules:
                one.instance(address, said, other.get(address))
            elif said.exists is True:
                one.counts["lost modules"] += 1
        for address in other.keys() - mine.said.keys():
            if theirs.is_stale(address, other[address]):
                one.counts["stale instances"] += 1
            elif any(address == e or address.startswith(f"{e}.") for e in mine.expanded):
                one.counts["not expanded"] += 1
            elif not _OTHER.search(address) and not any(
                address.startswith((f"{known}.", f"{known}[")) or address == known
                for known in mine.open
            ):
                one.differ_at((address, ""), address, other[address].at, "is not there", "is there")
        self.counts.update(one.counts)
        self.open += one.open
        causes = _Causes(mine.said, other, one.doubtful)
        for difference in one.different:
            if causes.of(difference.argument):
                there = "is not there" in (difference.mine, difference.other)
                self.counts["lost instances" if there else "derived"] += 1
                self.derived.append(difference)
            else:
                self.different.append(difference)


def _module_of(address: str) -> str:
    """Return the address of the module that something is in, with its keys; empty for the root."""
    found = _MODULE.match(address)
    return found[0] if found is not None else ""


class _Root:
    """The comparison of one root module."""

    def __init__(self, places: Places) -> None:
        self.counts: Counter[str] = Counter()
        self.different: list[Difference] = []
        self.open: list[Difference] = []
        self.doubtful: set[tuple[str, str]] = set()
        self._argument = ("", "")
        self._places = places

    def instance(self, address: str, said: ours.Said, block: theirs.Block | None) -> None:
        if block is None or said.exists is False:
            if block is not None and theirs.is_stale(address, block):
                self._habit("stale instances")
            elif said.exists is (block is None) and said.values:
                mine, other = ("is there", "is not there")[:: 1 if block is None else -1]
                self._argument = (address, "count")
                self._differ(address, said.at, mine, other)
            return
        self.counts["instances"] += 1
        for name in {**said.values, **block.values}:
            self._argument = (address, name)
            self._member(f"{address}.{name}", name, said.values, block.values, said.at)

    def _member(
        self, path: str, name: str, mine: Mapping[str, Node], other: dict[str, Any], at: Location
    ) -> None:
        if name in mine and name in other:
            self.value(path, mine[name], other[name])
        elif name in mine:
            if mine[name].value is not None:
                self._habit("null")
        elif name not in ours.NO_VALUES and not theirs.is_unknown(other[name]):
            self._differ(path, at, "nothing", other[name])

    def value(self, path: str, node: Node, other: Any) -> None:
        value, at = node.value, node.at
        if isinstance(value, Sensitive):
            self.value(path, value.node, other)
        elif theirs.is_unknown(other):
            if other is None and value is None:
                self.counts["equal"] += 1
            else:
                self._habit("null")
        elif isinstance(other, str) and theirs.UNNAMED.fullmatch(other):
            self._habit("random id")
        elif isinstance(value, JsonText):
            self._json(path, node, value, other)
        elif isinstance(value, OneOf):
            self._one_of(path, value, other, at)
        elif isinstance(value, OpenObject):
            self._object(path, value, other, at)
        elif isinstance(value, Symbolic):
            self._symbolic(path, value, other, at)
        elif isinstance(value, Unknown):
            self._only_theirs(path, at, value, other)
        elif isinstance(value, dict) and isinstance(other, dict):
            inner = theirs.members(other)
            for name in {**value, **inner}:
                self._member(f"{path}.{name}", name, value, inner, at)
        elif isinstance(value, list):
            self._list(path, value, other, at)
        else:
            self._leaf(path, value, other, at)

    def _json(self, path: str, node: Node, value: JsonText, other: Any) -> None:
        text = finish(node).value
        try:
            data = json.loads(other) if isinstance(other, str) else None
        except ValueError:
            data = None
        if data is None:
            self._leaf(path, text, other, node.at)
            return
        before = set(self.counts)
        self.value(path, value.node, data)
        if isinstance(text, str) and set(self.counts) <= {*before, "equal"}:
            self._leaf(path, text, other, node.at)

    def _one_of(self, path: str, value: OneOf, other: Any, at: Location) -> None:
        for option in value.options:
            trial = _Root(self._places)
            trial.value(path, option if isinstance(option, Node) else Node(option, at), other)
            if not trial.different:
                self.counts["one of ours"] += 1
                self.doubtful.add(self._argument)
                return
        self._differ(path, at, value, other)

    def _object(self, path: str, value: OpenObject, other: Any, at: Location) -> None:
        if not isinstance(other, dict):
            self._only_theirs(path, at, value, other)
            return
        for name, item in theirs.members(other).items():
            try:
                member = value.member(name)
            except Fault:
                member = None
            if member is None:
                self._habit("arguments")
            else:
                self.value(f"{path}.{name}", member, item)

    def _symbolic(self, path: str, value: Symbolic, other: Any, at: Location) -> None:
        pattern = "".join(re.escape(p) if isinstance(p, str) else ".*" for p in value.parts)
        if isinstance(other, str) and not re.fullmatch(pattern, other, re.DOTALL):
            habit = _habit_of(None, other)
            self._habit("guessed" if habit is None else habit)
        else:
            self._only_theirs(path, at, value, other)

    def _list(self, path: str, value: list[Node], other: Any, at: Location) -> None:
        # A block that stands alone is no list.
        items = [other] if isinstance(other, dict) and value else other
        if not isinstance(items, list):
            self._differ(path, at, value, other)
        elif len(items) == len(value):
            if not value:
                self.counts["equal"] += 1
            for index, (mine, theirs_) in enumerate(zip(value, items, strict=True)):
                self.value(f"{path}[{index}]", mine, theirs_)
        elif len(items) < len(value) and all(isinstance(n.value, (dict, Unknown)) for n in value):
            self._habit("lost blocks")
        else:
            self._differ(path, at, value, other)

    def _leaf(self, path: str, value: Any, other: Any, at: Location) -> None:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if isinstance(value, str) and isinstance(other, str) and theirs.UNNAMED.search(other):
            pattern = ".*".join(map(re.escape, theirs.UNNAMED.split(other)))
            if value != other and re.fullmatch(pattern, value, re.DOTALL):
                self._habit("random id")
                return
        if value == other and (type(value) is type(other) or (number and type(other) is not bool)):
            self.counts["equal"] += 1
        else:
            self._differ(path, at, value, other)

    def _habit(self, name: str) -> None:
        self.counts[name] += 1
        self.doubtful.add(self._argument)

    def _only_theirs(self, path: str, at: Location, mine: Any, other: Any) -> None:
        self.counts["open to us"] += 1
        self.doubtful.add(self._argument)
        self.open.append(
            Difference(self._argument, path, self._place(at), shown(mine), shown(other))
        )

    def _differ(self, path: str, at: Location, mine: Any, other: Any) -> None:
        habit = _habit_of(mine, other)
        if habit is not None:
            self._habit(habit)
        else:
            self.differ_at(self._argument, path, self._place(at), mine, other)

    def differ_at(
        self, argument: tuple[str, str], name: str, at: str, mine: Any, other: Any
    ) -> None:
        self.doubtful.add(argument)
        self.different.append(Difference(argument, name, at, shown(mine), shown(other)))

    def _place(self, at: Location) -> str:
        span = self._places.span(at)
        return f"{at.path}:{span.line if span else 0}"


def _habit_of(mine: Any, other: Any) -> str | None:
    """Return the name of what tells that a value of theirs is none, by its look alone."""
    if mine == {} and other == []:
        return "empty list"
    if other == 2**63 - 1 and isinstance(mine, int) and mine > other:
        return "large number"
    if not isinstance(other, str):
        return None
    if theirs.NAMELESS.fullmatch(other):
        return "nameless bucket"
    if "current-region" in other:
        return "made-up Region"
    return "as written" if "${" in other or "%{" in other else None


class _Causes:
    """Which differences come of something that they do not know, or get wrong, further up.

    The attributes of resources and data sources count as such: what AWS gives them they make up.
    """

    def __init__(
        self,
        said: Mapping[str, ours.Said],
        other: Mapping[str, theirs.Block],
        doubtful: set[tuple[str, str]],
    ) -> None:
        self._said = said
        self._other = other
        self._doubtful = doubtful

    def of(self, argument: tuple[str, str]) -> bool:
        address, name = argument
        said = self._said.get(address) or self._said.get(address.partition("[")[0])
        first = None if said is None else said.made_of(name)
        if first is None:
            return said is None and self._in_doubt_about(address)
        seen = {_key(first)}
        pending = [first]
        while pending:
            for step in direct(pending.pop()):
                if _key(step) in seen:
                    continue
                if self._is_doubtful(step):
                    return True
                seen.add(_key(step))
                pending.append(step)
        return False

    def _in_doubt_about(self, address: str) -> bool:
        """Tell whether an instance hangs on a number of instances that they get wrong."""
        bare = re.sub(r"\[[^]]*\]$", "", address)
        return any(known.startswith(f"{bare}[") or known == bare for known in self._said)

    def _is_doubtful(self, step: Step) -> bool:
        kind, module, name = step
        if kind == "local":
            return (f"{module.address}locals", name) in self._doubtful
        if kind == "output":
            return (f"{module.address}output.{name}", "value") in self._doubtful
        if kind == "variable":
            if module.call is not None:
                return (module.address.removesuffix("."), name) in self._doubtful
            return module.deployment.given(name) is None and not _has_default(step)
        return True


def _key(step: Step) -> tuple[str, str, str]:
    return step[0], step[1].address, step[2]


def _has_default(step: Step) -> bool:
    declared = step[1].folder.declared("variable").get((step[2],))
    return declared is not None and "default" in declared.body.attributes


def shown(value: Any) -> str:
    if isinstance(value, Node):
        return shown(value.value)
    if isinstance(value, JsonText):
        return f"jsonencode({shown(value.node)})"
    if isinstance(value, OpenText):
        return f"<{''.join(map(str, value.parts))}>"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, OneOf):
        return " | ".join(map(shown, value.options))
    if isinstance(value, (Unknown, Symbolic)):
        return f"<{value}>"
    return value if value in ("is there", "is not there", "nothing") else repr(value)


def compare(folders: list[str]) -> tuple[Comparison, int]:
    """Compare every module at or below some folders; return how many there are, too."""
    result, modules = Comparison(), 0
    for folder in folders:
        tree = ours.Tree(Path(folder))
        for root in tree.roots():
            result.module(tree, root)
            modules += 1
    return result, modules


def main(arguments: list[str]) -> int:
    wanted = {one for one in arguments if one.startswith("--")}
    result, modules = compare([one for one in arguments if one not in wanted])
    for title, differences in (("open", result.open), ("derived", result.derived)):
        for difference in differences if f"--{title}" in wanted else ():
            print(f"{title}: {difference}")
    for difference in result.different:
        print(difference)
    if "--problems" in wanted:
        print("\n".join(result.problems))
    for name, count in sorted(result.counts.items()):
        print(
            f"{count:8} {name}: {theirs.HABITS[name]}"
            if name in theirs.HABITS
            else f"{count:8} {name}"
        )
    print(f"{modules} modules, {len(result.different)} disagreements")
    return 1 if result.different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
