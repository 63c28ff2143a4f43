"""Parameters: bound, by default, one of the allowed values, or symbols."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from crrlint.documents.source import Document, Node
from crrlint.loaders.cloudformation.functions import dynamic, is_dynamic, resolved
from crrlint.loaders.cloudformation.known import Resolved
from crrlint.loaders.cloudformation.values import OpenList, scalar, text_of, through
from crrlint.values import Choice, Form, Symbol, Symbolic, Text, join, one_of, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Stack

# What a pattern is made of that lets no separator through and no empty text.
_NAME_PATTERN: Final = (
    r"\^?(?:\[(?:[A-Za-z0-9_.\-]|\\[dw.\-])+\](?:\+|\{[1-9]\d*(?:,\d*)?\})"
    r"|\\[dw](?:\+|\{[1-9]\d*(?:,\d*)?\}))\$?\Z"
)
# Properties that hold a name and nothing else.
_NAMES: Final = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::IAM::Role": "RoleName",
}
_SSM: Final = "AWS::SSM::Parameter::Value<"
_ACCOUNT_PATTERN: Final = r"\^?(?:\\d|\[0-9\])\{12\}\$?\Z"


class Parameters:
    """The parameters of one stack."""

    def __init__(self, stack: Stack, declared: dict[str, Any], given: Mapping[str, Any]) -> None:
        self._stack = stack
        self.declared = declared
        self._given = given
        self._memory: dict[str, Node] = {}

    def is_given(self, name: str) -> bool:
        """Tell whether something outside of the template gives the value."""
        return name in self._given

    def forget(self) -> None:
        self._memory = {}

    def value(self, name: str) -> Node:
        if name not in self._memory:
            # A parameter of a nested stack may lead back here over its parent.
            unset = self._symbol(name, self._declaration(name))
            self._memory[name] = Node(unset, self._stack.document.root)
            self._memory[name] = self._work_out(name)
        return self._memory[name]

    def _declaration(self, name: str) -> dict[str, Any]:
        declaration = self.declared[name]
        return declaration if isinstance(declaration, dict) else {}

    def _work_out(self, name: str) -> Node:
        declaration = self._declaration(name)
        kind = str(declaration.get("Type", "String"))
        at = self._stack.document.root / "Parameters" / name
        given = self._given.get(name)
        if str(declaration.get("NoEcho", "")).lower() == "true":
            return Node(self._symbol(name, declaration), at)
        if isinstance(given, Resolved):
            return self._typed(given.value, kind, at)
        if isinstance(given, Node):
            return self._from_parent(name, given, kind)
        default = declaration.get("Default")
        value = given if given is not None else default
        if kind.startswith(_SSM):
            return Node(self._from_ssm(name, value, kind), at)
        if value is not None and not _is_scalar(value):
            self._stack.mistake(at / "Default", f"the default of parameter {name} is not text")
        elif value is not None:
            return self._typed(scalar(value), kind, at)
        allowed = declaration.get("AllowedValues")
        if isinstance(allowed, list) and allowed:
            return self._allowed(name, allowed, kind)
        symbol = self._symbol(name, declaration)
        if _is_list(kind):
            return Node(OpenList(symbol, ",", (), symbol), at)
        return Node(self._stack.opened(symbol), at)

    def _from_parent(self, name: str, given: Node, kind: str) -> Node:
        if kind.startswith(_SSM):
            return through(given, lambda n: Node(self._from_ssm(name, n.value, kind), given.at))
        if _is_list(kind):
            text = text_of(given)
            if isinstance(text, str):
                return self._typed(text, kind, given.at)
            if isinstance(text, Symbolic):
                return Node(OpenList(text, ",", (), text), given.at)
        return given

    def _typed(self, text: Text | None, kind: str, at: Any) -> Node:
        if text is not None and is_dynamic(text):
            text = dynamic(text, self._stack.site)
        if isinstance(text, str) and _is_list(kind):
            return Node([Node(item.strip(), at) for item in text.split(",")], at)
        if isinstance(text, Symbolic) and _is_list(kind):
            return Node(OpenList(text, ",", (), text), at)
        return Node(text, at)

    def _allowed(self, name: str, allowed: list[Any], kind: str) -> Node:
        at = self._stack.document.root / "Parameters" / name
        texts = tuple(text for text in map(scalar, allowed) if isinstance(text, str))
        if not texts:
            return Node(self._symbol(name, {}), at)
        if _is_list(kind):
            symbol = self._symbol(name, {})
            return Node(OpenList(symbol, ",", (), symbol), at)
        choice = Choice(
            f"{self._stack.id} parameter {name}",
            texts,
            f"parameter {name} of {self._stack.title}",
            _needs(name),
        )
        return Node(one_of(choice, texts), at)

    def _from_ssm(self, name: str, value: Any, kind: str) -> Any:
        """The default of such a parameter is the name of what holds the value."""
        text = scalar(value)
        if isinstance(text, (str, Symbolic)):
            found = resolved(join("ssm:", text), self._stack.site)
        else:
            found = self._symbol(name, {})
        if _is_list(kind):
            return OpenList(found, ",", (), found) if isinstance(found, Symbolic) else found
        return found

    @cached_property
    def _uses(self) -> _Uses:
        return _uses(self._stack.document)

    def _form(self, name: str, declaration: Mapping[str, Any]) -> Form:
        """Return what the declaration, or else the use, proves of the text."""
        declared = _declared_form(declaration)
        if declared != "any":
            return declared
        return self._uses.forms.get(name, "any")

    def _symbol(self, name: str, declaration: Mapping[str, Any]) -> Symbolic:
        sensitive = str(declaration.get("NoEcho", "")).lower() == "true"
        entity, attribute = self._stack.id, f"parameter {name}"
        names_bucket = self._uses.bucket_names.get(name) == 1
        if names_bucket:
            # No two buckets bear one name, so two parameters that name two differ.
            entity, attribute = f"{entity} {attribute}", "bucket-name"
        return symbolic(
            Symbol(
                entity,
                attribute,
                f"${{{name}}}",
                form=self._form(name, declaration),
                unique=names_bucket,
                reason="sensitive" if sensitive else "unbound_parameter",
                needs="" if sensitive else _needs(name),
            )
        )


def _needs(name: str) -> str:
    return f"give a value for parameter {name} (--param {name}=...)"


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool, Symbolic))


def _is_list(kind: str) -> bool:
    inner = kind.removeprefix(_SSM)
    return inner.startswith(("CommaDelimitedList", "List<"))


class _Uses(NamedTuple):
    """What the use of parameters proves, and how many buckets each is the name of."""

    forms: dict[str, Form]
    bucket_names: dict[str, int]


def _uses(document: Document) -> _Uses:
    """Find parameters that stand where AWS takes only a name, or only an account.

    Parameters that do so only under a condition prove nothing.
    """
    forms: dict[str, Form] = {}
    bucket_names: dict[str, int] = {}
    for data in as_mapping(document.data.get("Resources")).values():
        if not isinstance(data, dict) or "Condition" in data:
            continue
        kind = str(data.get("Type"))
        properties = as_mapping(data.get("Properties"))
        name = _referred(properties.get(_NAMES.get(kind, "")))
        if name is not None:
            forms[name] = "name"
            if kind == "AWS::S3::Bucket":
                bucket_names[name] = bucket_names.get(name, 0) + 1
        configuration = as_mapping(properties.get("ReplicationConfiguration"))
        rules = configuration.get("Rules")
        for rule in rules if isinstance(rules, list) else ():
            destination = as_mapping(as_mapping(rule).get("Destination"))
            account = _referred(destination.get("Account"))
            if account is not None:
                forms[account] = "account"
    return _Uses(forms, bucket_names)


def _referred(data: Any) -> str | None:
    name = as_mapping(data).get("Ref")
    return name if isinstance(name, str) else None


def as_mapping(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _declared_form(declaration: Mapping[str, Any]) -> Form:
    if declaration.get("Type") == "Number":
        return "name"
    pattern = declaration.get("AllowedPattern")
    if isinstance(pattern, str):
        if re.match(_ACCOUNT_PATTERN, pattern):
            return "account"
        if re.match(_NAME_PATTERN, pattern):
            return "name"
    return "any"
