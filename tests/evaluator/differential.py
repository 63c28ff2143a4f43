"""A comparison of crrlint's evaluator of Terraform source with an independent one, `tfparse`.

    python -m tests.evaluator.differential FOLDER...

Every folder of source at or below FOLDER is taken for a root module, and evaluated by both.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from crrlint.loaders.hcl import JsonText, OpenObject, OpenText, Sensitive, finish
from crrlint.places import Places
from crrlint.source import Location, Node
from crrlint.values import OneOf, Symbolic, Unknown
from tests.evaluator import ours, theirs

PLACES = Places()


class Difference(NamedTuple):
    """Two values of one thing."""

    address: str
    at: str
    mine: str
    other: str

    def __str__(self) -> str:
        return f"{self.at}: {self.address}\n    ours   {self.mine}\n    theirs {self.other}"


class Comparison:
    """What came of comparing: how often what, and each difference."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.different: list[Difference] = []
        self.lacking: list[Difference] = []
        self.problems: dict[str, None] = {}

    def module(self, tree: ours.Tree, root: str) -> None:
        mine, other = tree.statements(root), theirs.statements(root, tree.values_of(root))
        self.problems.update(dict.fromkeys(mine.problems))
        for address, said in mine.said.items():
            blocks = other.get(address, [])
            if said.exists is False:
                if blocks:
                    self._differ(address, said.at, "is not there", f"is there, line {blocks[0].line}")
                continue
            if not blocks:
                self.counts["instance: only ours"] += 1
                if said.exists is True and not address.endswith("locals"):
                    self._differ(address, said.at, "is there", "is not there")
                continue
            if address.endswith("locals"):
                merged = {k: v for block in blocks for k, v in block.values.items()}
                self.counts["instance: both"] += 1
                self._members(address, said.values, merged, said.at)
                continue
            if len(blocks) > 1:
                self.counts["instance: theirs twice"] += 1
            self.counts["instance: both"] += 1
            self._members(address, said.values, blocks[0].values, said.at)
        for address, blocks in other.items():
            kind = address.split(".")[-2] if "." in address else address
            if address in mine.said or ".variable." in f".{address}" or kind in ("provider", ""):
                continue
            if re.search(r"(^|\.)(terraform|moved|import|removed|check|locals|provider)(\.|$)", address):
                continue
            if any(address.startswith(open) for open in mine.open):
                self.counts["instance: of an open number"] += 1
                continue
            self.different.append(
                Difference(address, f"{blocks[0].path}:{blocks[0].line}", "is not there", "is there")
            )

    def _members(self, address: str, mine: Any, other: dict[str, Any], at: Location) -> None:
        for name, node in mine.items():
            if name in other:
                self.compare(f"{address}.{name}", node, other[name], at)
            elif node.value is not None:
                self.counts["leaf: only ours"] += 1
        for name in other:
            if name not in mine and name not in ours.NO_VALUES and other[name] is not None:
                self._differ(f"{address}.{name}", at, "nothing", other[name])

    def compare(self, name: str, node: Node, other: Any, at: Location) -> None:
        at = node.at
        value = node.value
        while isinstance(value, Sensitive):
            node = value.node
            value = node.value
        if other is None and value is None:
            self.counts["leaf: equal"] += 1
            return
        if other is None or theirs.is_reference(other):
            self.counts["leaf: theirs unknown"] += 1
            return
        if isinstance(other, str) and theirs.UNNAMED.fullmatch(other):
            self.counts["leaf: theirs unnamed"] += 1
            return
        if isinstance(other, str) and theirs.NAMELESS.fullmatch(other) and value != other if not isinstance(value,(Unknown,Symbolic,OneOf)) else isinstance(other, str) and theirs.NAMELESS.fullmatch(other):
            self.counts["leaf: theirs arn of no name"] += 1
            return
        if isinstance(value, JsonText):
            if isinstance(other, str):
                try:
                    data = json.loads(other)
                except ValueError:
                    self._differ(name, at, finish(node).value, other)
                    return
                self.compare(name, value.node, data, at)
                text = finish(node).value
                if isinstance(text, str) and "null" not in other and not theirs.UNNAMED.search(other):
                    self._leaf(name, at, text, other)
                return
            self._differ(name, at, finish(node).value, other)
        elif isinstance(value, OneOf):
            for option in value.options:
                trial = Comparison()
                trial.compare(name, option if isinstance(option, Node) else Node(option, at), other, at)
                if not trial.different:
                    self.counts["leaf: one of ours"] += 1
                    return
            self._differ(name, at, value, other)
        elif isinstance(value, OpenObject):
            if isinstance(other, dict):
                for key, item in other.items():
                    if key in ("id", "__tfmeta"): continue
                    member = value.member(key)
                    if member is None:
                        self._differ(f"{name}.{key}", at, "nothing", item)
                    else:
                        self.compare(f"{name}.{key}", member, item, at)
                return
            self.counts["leaf: ours a resource"] += 1
        elif isinstance(value, OpenText):
            self.lacks(name, at, "".join(map(str, value.parts)), other)
        elif isinstance(value, Unknown):
            self.lacks(name, at, f"{value.reason}: {value.what}", other)
        elif isinstance(value, Symbolic):
            if isinstance(other, str):
                parts = "".join(re.escape(p) if isinstance(p, str) else ".*" for p in value.parts)
                prefix = value.parts[0] if isinstance(value.parts[0], str) else ""
                if re.fullmatch(parts, other, re.S) or theirs.UNNAMED.search(other):
                    self.lacks(name, at, str(value), other)
                    return
                self.counts["leaf: theirs guessed"] += 1
            else:
                self.lacks(name, at, str(value), other)
        elif isinstance(value, dict):
            if isinstance(other, dict):
                self._members(name, value, theirs.members(other), at)
            else:
                self._differ(name, at, value, other)
        elif isinstance(value, list):
            if isinstance(other, dict) and len(value) == 1:
                other = [other]
            if isinstance(other, list) and len(value) == len(other):
                for index, (item, their) in enumerate(zip(value, other, strict=True)):
                    self.compare(f"{name}[{index}]", item, their, at)
                if not value: self.counts["leaf: equal"] += 1
            else:
                self._differ(name, at, value, other)
        else:
            self._leaf(name, at, value, other)

    def _leaf(self, name: str, at: Location, value: Any, other: Any) -> None:
        if isinstance(value, str) and isinstance(other, str) and theirs.UNNAMED.search(other):
            pattern = ".*".join(map(re.escape, theirs.UNNAMED.split(other)))
            if re.fullmatch(pattern, value, re.S):
                self.counts["leaf: theirs unnamed"] += 1
                return
        if type(value) is type(other) and value == other:
            self.counts["leaf: equal"] += 1
        elif isinstance(value, (int, float)) and isinstance(other, (int, float)) and value == other and not isinstance(value, bool) and not isinstance(other, bool):
            self.counts["leaf: equal"] += 1
        else:
            self._differ(name, at, value, other)

    def lacks(self, name: str, at: Location, mine: Any, other: Any) -> None:
        self.counts["leaf: ours unknown"] += 1
        self.lacking.append(Difference(name, place(at), shown(mine), shown(other)))

    def _differ(self, name: str, at: Location, mine: Any, other: Any) -> None:
        if isinstance(other, str) and ("${" in other or "%{" in other):
            self.counts["leaf: theirs as written"] += 1
            return
        if mine == {} and other == []:
            self.counts["leaf: theirs empty list"] += 1
            return
        self.different.append(Difference(name, place(at), shown(mine), shown(other)))


def place(at: Location) -> str:
    span = PLACES.span(at)
    return f"{at.path}:{span.line if span else 0}"


def shown(value: Any) -> str:
    if isinstance(value, Node):
        return shown(value.value)
    if isinstance(value, JsonText):
        return f"json({shown(value.node)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items() if k != "__tfmeta") + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, OneOf):
        return " | ".join(map(shown, value.options))
    if isinstance(value, (Unknown, Symbolic)):
        return f"<{value}>"
    return repr(value)


def main(folders: list[str]) -> int:
    result = Comparison()
    modules = 0
    for folder in folders:
        tree = ours.Tree(Path(folder))
        for root in tree.roots():
            modules += 1
            try:
                result.module(tree, root)
            except Exception as e:
                import traceback
                print("CRASH", root, repr(e)); traceback.print_exc()
    for difference in result.different:
        print("DIFF", difference)
    for difference in result.lacking:
        print("LACK", difference)
    for p in result.problems:
        print("PROBLEM", p)
    print(f"{modules} modules", dict(sorted(result.counts.items())), len(result.different), "differences")
    return 1 if result.different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
