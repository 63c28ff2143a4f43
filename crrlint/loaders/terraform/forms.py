"""What the use of a variable proves of its text: that it is a name, an account or a Region.

AWS takes no other text in some places, so that a value that holds a `:` or a `/` could not
be applied at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crrlint.loaders.hcl import Body
from crrlint.loaders.hcl.syntax import Access, Attr, Interpolation, Name, Template, Text
from crrlint.loaders.terraform.folders import Folder, inside, is_local, literal
from crrlint.values import Form

# Arguments that hold a name, an account or a Region, and nothing else.
_ARGUMENTS: Final[dict[tuple[str, str], Form]] = {
    ("aws_s3_bucket", "bucket"): "name",
    ("aws_iam_role", "name"): "name",
    ("data.aws_iam_role", "name"): "name",
    ("data.aws_s3_bucket", "bucket"): "name",
    ("destination", "account"): "account",
    ("destination", "account_id"): "account",
    ("provider", "region"): "region",
}
_BUCKET_SETTING: Final = "aws_s3_bucket_"
# What stands before a field of an ARN, and what has to stand after it.
_BEFORE: Final[tuple[tuple[str, str, Form], ...]] = (
    (":iam::", ":", "account"),
    (":sts::", ":", "account"),
    (":s3:::", "/", "name"),
)


class Forms:
    """What is proved of the variables of each folder, worked out when it is asked."""

    def __init__(self, tree: Mapping[str, Folder]) -> None:
        self._tree = tree
        self._known: dict[str, dict[str, Form]] = {}
        self._named: dict[str, dict[str, int]] = {}

    def of(self, folder: Folder) -> Mapping[str, Form]:
        if folder.path not in self._known:
            found: dict[str, Form] = {}
            self._known[folder.path] = found  # modules in a circle prove nothing
            for name, form in self._proved(folder):
                found.setdefault(name, form)
        return self._known[folder.path]

    def named(self, folder: Folder) -> Mapping[str, int]:
        """Return how many buckets each variable is the name of, and nothing but the name."""
        if folder.path not in self._named:
            found: dict[str, int] = {}
            self._named[folder.path] = found
            for name, count in self._naming(folder):
                found[name] = found.get(name, 0) + count
        return self._named[folder.path]

    def _naming(self, folder: Folder) -> Iterator[tuple[str, int]]:
        for labels, declared in folder.declared("resource").items():
            if labels[0] != "aws_s3_bucket" or _is_multiplied(declared.body):
                continue
            attribute = declared.body.attributes.get("bucket")
            variable = None if attribute is None else _variable(attribute.value.tree)
            if variable is not None:
                yield variable, 1
        for called, body in self._calls(folder):
            counts = self.named(called)
            for name, attribute in body.attributes.items():
                variable = _variable(attribute.value.tree)
                if variable is not None and name in counts:
                    yield variable, counts[name]

    def _calls(self, folder: Folder) -> Iterator[tuple[Folder, Body]]:
        """Yield the modules that are called once, by their path."""
        for declared in folder.declared("module").values():
            source = literal(declared.body, "source")
            if source is None or not is_local(source) or _is_multiplied(declared.body):
                continue
            called = self._tree.get(inside(folder.path, source))
            if called is not None:
                yield called, declared.body

    def _proved(self, folder: Folder) -> Iterator[tuple[str, Form]]:
        for kind, prefix in (("resource", ""), ("data", "data.")):
            for labels, declared in folder.declared(kind).items():
                # What may not be there at all proves nothing.
                if not _is_multiplied(declared.body):
                    yield from _in_body(declared.body, prefix + labels[0])
        for declared in folder.declared("provider").values():
            yield from _in_body(declared.body, "provider")
        for called, body in self._calls(folder):
            forms = self.of(called)
            for name, attribute in body.attributes.items():
                variable = _variable(attribute.value.tree)
                if variable is not None and name in forms:
                    yield variable, forms[name]


def _is_multiplied(body: Body) -> bool:
    return "count" in body.attributes or "for_each" in body.attributes


def _in_body(body: Body, kind: str) -> Iterator[tuple[str, Form]]:
    for name, attribute in body.attributes.items():
        tree = attribute.value.tree
        form = _ARGUMENTS.get((kind, name))
        if form is None and name == "bucket" and kind.startswith(_BUCKET_SETTING):
            form = "name"
        variable = _variable(tree)
        if form is not None and variable is not None:
            yield variable, form
        yield from _in_templates(tree)
    if not body.at.path.endswith(".json"):
        for type in body.block_types:
            for block in body.blocks(type):
                if type != "dynamic":
                    yield from _in_body(block.body, type)


def _in_templates(tree: Any) -> Iterator[tuple[str, Form]]:
    """Yield the variables that stand for a field of an ARN in text."""
    stack = [tree]
    while stack:
        current = stack.pop()
        if isinstance(current, Template):
            yield from _in_pieces(current.pieces)
        if isinstance(current, tuple):
            stack.extend(current)


def _in_pieces(pieces: tuple[Any, ...]) -> Iterator[tuple[str, Form]]:
    for index, piece in enumerate(pieces):
        if index == 0 or not isinstance(piece, Interpolation):
            continue
        before = pieces[index - 1]
        after = pieces[index + 1] if index + 1 < len(pieces) else None
        variable = _variable(piece.value)
        if variable is None or not isinstance(before, Text):
            continue
        for start, end, form in _BEFORE:
            follows = isinstance(after, Text) and after.text.startswith(end)
            if follows and before.text.endswith(start):
                yield variable, form


def _variable(tree: Any) -> str | None:
    """Return the variable that an expression is, and nothing else."""
    if isinstance(tree, Template) and tree.wraps and len(tree.pieces) == 1:
        piece = tree.pieces[0]
        return _variable(piece.value) if isinstance(piece, Interpolation) else None
    if isinstance(tree, Access) and isinstance(tree.value, Name) and tree.value.name == "var":
        step = tree.steps[0]
        return step.name if len(tree.steps) == 1 and isinstance(step, Attr) else None
    return None
