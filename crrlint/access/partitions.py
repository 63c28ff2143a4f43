"""ARNs of another partition in a policy, and the policy with the partition put right.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Node
from crrlint.iam import Policy, Request, Statement
from crrlint.model.arn import PARTITIONS, parse_arn, without_start
from crrlint.values import Symbolic, Text, join

_KNOWN: Final = frozenset(("aws", *PARTITIONS.values()))


class Stray(NamedTuple):
    """An ARN of another partition than the one it is for, and the ARN that was meant."""

    arn: Text
    partition: str
    meant: Text


def written_in(documents: Iterable[Node]) -> set[str]:
    """Return the partitions of all ARNs in documents, whatever hangs on a choice included."""
    leaves = (node.value for document in documents for node in document.walk())
    return {found for leaf in leaves if (found := _partition(leaf)) is not None}


def home_of(asked: Request) -> str | None:
    """Return the partition of caller and resource; None where it is open or they differ."""
    if asked.principal.role is None:
        return None
    role, resource = parse_arn(asked.principal.role), parse_arn(asked.resource)
    if role is None or resource is None:
        return None
    home = resource.partition
    known = isinstance(home, str) and isinstance(role.partition, str)
    return str(home) if known and home == role.partition else None


def righted(policy: Policy, home: str) -> Policy:
    """Return a policy with all its ARNs in one partition; the same where they are there."""
    if policy.what is not None or not isinstance(policy.origin, Node):
        return policy
    written = policy.origin.plain()
    if next(_strays(written, home), None) is None:
        return policy
    return Policy.parse(_right(written, home), origin=policy.origin)


def strays(statement: Statement, home: str) -> list[Stray]:
    """Return the ARNs of a statement, as it was written, that are of another partition."""
    origin = statement.policy.origin
    statements = origin.get("Statement") if isinstance(origin, Node) else None
    items = [] if statements is None else statements.items()
    return list(_strays(items[statement.index].plain(), home)) if items else []


def _strays(written: Any, home: str) -> Iterator[Stray]:
    if isinstance(written, dict | list):
        for below in written.values() if isinstance(written, dict) else written:
            yield from _strays(below, home)
        return
    stray = _stray(written, home)
    if stray is not None:
        yield stray


def _right(written: Any, home: str) -> Any:
    if isinstance(written, dict):
        return {key: _right(below, home) for key, below in written.items()}
    if isinstance(written, list):
        return [_right(below, home) for below in written]
    stray = _stray(written, home)
    return written if stray is None else stray.meant


def _stray(text: Any, home: str) -> Stray | None:
    partition = _partition(text)
    if partition is None or partition == home:
        return None
    return Stray(text, partition, join(f"arn:{home}", without_start(text, len(f"arn:{partition}"))))


def _partition(text: Any) -> str | None:
    lead = text.parts[0] if isinstance(text, Symbolic) else text
    if not isinstance(lead, str) or not lead.startswith("arn:"):
        return None
    partition, colon, _ = lead[len("arn:") :].partition(":")
    return partition if colon and partition in _KNOWN else None
