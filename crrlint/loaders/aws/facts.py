"""What the readers of AWS answers yield, and the small readings that they share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, TypeAlias

from crrlint.documents.parse import embedded
from crrlint.documents.source import Location, Node, Problem, wrap
from crrlint.loaders.aws.kinds import Answer, Subject
from crrlint.model import (
    AccountFacts,
    AliasFacts,
    Bound,
    BucketFacts,
    Inventory,
    KeyFacts,
    Missing,
    Model,
    ObjectFacts,
    OrganizationPolicy,
    PolicyFacts,
    RoleFacts,
)
from crrlint.values import Symbol, Symbolic, Unknown, symbolic

ACCESS_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "403", "AllAccessDisabled", "UnauthorizedOperation"}
)

# AWS's words for "there is none": answers like any other.
ABSENCE: Final = frozenset(
    {
        "404",
        "AWSOrganizationsNotInUseException",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "NoSuchKey",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NotFoundException",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ReplicationConfigurationNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


class LeftOut(NamedTuple):
    """A document that is known and says nothing, and what would make it say something."""

    problem: Problem


class Assumption(NamedTuple):
    text: str


Fact: TypeAlias = (
    BucketFacts
    | RoleFacts
    | PolicyFacts
    | KeyFacts
    | AliasFacts
    | ObjectFacts
    | AccountFacts
    | OrganizationPolicy
    | Inventory
    | Missing
    | Bound
    | Problem
    | LeftOut
    | Assumption
)

_FIELDS: Final[dict[type, str]] = {
    BucketFacts: "buckets",
    RoleFacts: "roles",
    PolicyFacts: "policies",
    KeyFacts: "keys",
    AliasFacts: "aliases",
    ObjectFacts: "objects",
    AccountFacts: "accounts",
    OrganizationPolicy: "organization",
    Inventory: "inventories",
    Missing: "missing",
    Bound: "bound",
    Problem: "problems",
}


def model_of(facts: Iterable[Fact]) -> Model:
    fields: dict[str, list[Any]] = {name: [] for name in Model._fields}
    for fact in facts:
        if isinstance(fact, LeftOut):
            fields["left_out"].append(fact.problem)
        elif isinstance(fact, Assumption):
            fields["assumptions"].append(fact.text)
        else:
            fields[_FIELDS[type(fact)]].append(fact)
    fields["assumptions"] = list(dict.fromkeys(fields["assumptions"]))
    found: dict[str, Any] = {name: tuple(items) for name, items in fields.items() if items}
    return Model(**found)


def problem(at: Location, message: str) -> Problem:
    """Return the problem with its line."""
    from crrlint.documents.places import Places

    span = Places().span(at)
    return Problem(at.path, message, span.line if span else None, span.column if span else None)


def left_out(answer: Answer, message: str) -> LeftOut:
    return LeftOut(Problem(answer.at.path, message))


def policy_node(value: Any, at: Location) -> Node | None:
    """Return a policy document given as data or in a string; None for anything else."""
    if isinstance(value, dict):
        return wrap(value, at)
    document = embedded(value, at)
    if document is None or not isinstance(document.data, dict):
        return None
    return wrap(document.data, document.root)


def member(value: Any, at: Location, *keys: str) -> tuple[Any, Location]:
    """Go down through the first members; stops where there is no mapping."""
    for key in keys:
        if not isinstance(value, dict):
            return None, at
        value, at = value.get(key), at / key
    return value, at


def denied(answer: Answer, what: str) -> Node:
    return Node(
        Unknown("access_denied", what, "repeat the call with the right to make it"), answer.at
    )


def text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def arn_fields(arn: Any) -> tuple[str | None, str | None, str]:
    """Return Region, account and resource of an ARN, empty for anything else."""
    fields = arn.split(":", 5) if isinstance(arn, str) else []
    if len(fields) != 6 or fields[0] != "arn":
        return None, None, ""
    return fields[3] or None, fields[4] or None, fields[5]


def account_of(subject: Subject, arn: Any = None) -> str | None:
    return arn_fields(arn)[1] or subject.account


def unnamed_account(answer: Answer) -> Symbolic:
    """Return the account of the folder that the answer lies in, which nobody named."""
    folder = answer.at.path.replace("\\", "/").rpartition("/")[0] or "."
    return symbolic(
        Symbol(
            folder,
            "account",
            f"the account of {answer.at.path}",
            form="account",
            needs="give --account, or put the output of get-caller-identity beside it",
        )
    )
