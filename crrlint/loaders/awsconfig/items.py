"""Configuration items, whatever they come in: files, messages, answers of calls.

The same item has three spellings (`awsAccountId`, `accountId`; `ARN`, `arn`), and its
parts are data here and JSON in strings there, at times encoded twice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

from crrlint.documents.parse import embedded
from crrlint.documents.source import Document, Location, Node, Problem
from crrlint.loaders.aws.facts import LeftOut, arn_fields, problem
from crrlint.values import Unknown

BUCKET: Final = "AWS::S3::Bucket"
ROLE: Final = "AWS::IAM::Role"
POLICY: Final = "AWS::IAM::Policy"
KEY: Final = "AWS::KMS::Key"

_ENCODINGS: Final = 3
_WORDS: Final = {"null": None, "true": True, "false": False}
_LISTS: Final = ("configurationItems", "baseConfigurationItems", "BaseConfigurationItems")
_ONES: Final = ("configurationItem", "ConfigurationItem")


class Part(NamedTuple):
    """A value with its place, asked for by names without regard to their case."""

    value: Any
    at: Location

    def member(self, *names: str) -> Part | None:
        """Return the first member of these names; None where none stands there at all."""
        if not isinstance(self.value, dict):
            return None
        for name in names:
            if name in self.value:
                return Part(self.value[name], self.at / name)
        wanted = {name.lower() for name in names}
        for key, value in self.value.items():
            if isinstance(key, str) and key.lower() in wanted:
                return Part(value, self.at / key)
        return None

    def part(self, *names: str) -> Part | None:
        """Return a member, decoded where it is JSON in a string."""
        found = self.member(*names)
        return None if found is None else found.decoded()

    def text(self, *names: str) -> str | None:
        found = self.member(*names)
        value = None if found is None else found.value
        return value if isinstance(value, str) and value else None

    def decoded(self) -> Part:
        """Return what JSON in a string holds, at most three strings deep."""
        part = self
        for _ in range(_ENCODINGS):
            if not isinstance(part.value, str):
                break
            if part.value in _WORDS:
                return Part(_WORDS[part.value], part.at)
            inner = _inner(part.value, part.at)
            if inner is None:
                break
            part = Part(inner.data, inner.root)
        return part


def _inner(text: str, at: Location) -> Document | None:
    if text.lstrip()[:1] != '"':
        return embedded(text, at)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return Document(at.path, text, "json", data, within=at)


class Item(NamedTuple):
    """What was recorded of one resource at one time; `taken` in seconds."""

    type: str
    id: str | None
    name: str | None
    account: str | None
    region: str | None
    arn: str | None
    status: str
    taken: float
    whole: Part
    configuration: Part
    supplementary: Part
    at: Location

    @property
    def is_unrecorded(self) -> bool:
        return self.status.endswith("NotRecorded")

    @property
    def is_gone(self) -> bool:
        return self.status.startswith("ResourceDeleted")

    @property
    def where(self) -> tuple[str | None, ...]:
        """What the items of one resource share."""
        return self.type, self.account, self.region, self.id or self.arn or self.name


def not_collected(what: str, at: Location, needs: str) -> Node:
    return Node(Unknown("not_collected", f"{what} was not collected", needs), at)


def items_of(document: Document) -> Iterator[Item | Problem | LeftOut]:
    """Yield the items of a document, and what is wrong with those that are none."""
    for part in _parts(Part(document.data, document.root)):
        if isinstance(part, LeftOut):
            yield part
        else:
            yield _item(part)


def _parts(whole: Part) -> Iterator[Part | LeftOut]:
    for name in _LISTS:
        listed = whole.member(name)
        if listed is not None:
            for index, value in enumerate(listed.value if isinstance(listed.value, list) else []):
                yield Part(value, listed.at / index)
            return
    results = whole.member("Results")
    if results is not None and isinstance(results.value, list):
        for index, value in enumerate(results.value):
            yield Part(value, results.at / index).decoded()
        return
    for name in _ONES:
        one = whole.member(name)
        if one is not None and isinstance(one.value, dict):
            yield one
            return
    if whole.member("configurationItemSummary") is not None:
        summary = "is a notification without the item, which was too large for it"
        yield LeftOut(Problem(whole.at.path, summary + ": aws configservice batch-get"))
        return
    # What wraps a notification: SNS, the event of a rule, EventBridge.
    for name in ("Message", "invokingEvent", "detail"):
        wrapped = whole.part(name)
        if wrapped is not None and isinstance(wrapped.value, dict):
            yield from _parts(wrapped)
            return


def _item(part: Part) -> Item | Problem | LeftOut:
    if not isinstance(part.value, dict):
        return problem(part.at, "a configuration item is no object")
    arn = part.text("ARN")
    kind = part.text("resourceType") or _type_of(arn)
    if kind is None:
        return LeftOut(
            Problem(part.at.path, "a result says not what it is: select resourceType and arn")
        )
    configuration = part.part("configuration") or Part(None, part.at)
    arn = arn or configuration.text("arn")
    _, account, resource = arn_fields(arn)
    name = part.text("resourceName") or configuration.text("roleName", "policyName")
    if name is None and kind == BUCKET:
        name = part.text("resourceId") or configuration.text("name") or resource or None
    region = part.text("awsRegion")
    return Item(
        kind,
        part.text("resourceId"),
        name,
        part.text("awsAccountId", "accountId") or account,
        None if region == "global" else region,
        arn,
        part.text("configurationItemStatus") or "OK",
        _seconds(part.member("configurationItemCaptureTime")),
        part,
        configuration,
        part.part("supplementaryConfiguration") or Part(None, part.at),
        part.at,
    )


def _type_of(arn: str | None) -> str | None:
    """Return the type of a resource whose ARN alone was selected."""
    fields = (arn or "").split(":", 5)
    if len(fields) != 6:
        return None
    if fields[2] == "s3" and not fields[3] and not fields[4]:
        return BUCKET
    kind = fields[5].partition("/")[0]
    return {
        ("iam", "role"): ROLE,
        ("iam", "policy"): POLICY,
        ("kms", "key"): KEY,
    }.get((fields[2], kind))


def _seconds(taken: Part | None) -> float:
    """Return a time as the API prints it, a number or ISO 8601, in seconds."""
    value = None if taken is None else taken.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        return 0.0
    from datetime import UTC, datetime

    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def newest(items: Iterable[Item], types: Collection[str]) -> list[Item]:
    """Return the last item of each resource of these types, in the order of their first ones."""
    found: dict[tuple[str | None, ...], Item] = {}
    for item in items:
        if item.type in types:
            known = found.get(item.where)
            if known is None or item.taken >= known.taken:
                found[item.where] = item
    return list(found.values())
