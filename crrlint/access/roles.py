"""What a role is good for besides replication: who else may assume it, and what else it may do.

https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from crrlint.access.policies import boundary, identity_policies, organization, trust_policy
from crrlint.access.requests import MULTIVALUED, context_of_role, principal
from crrlint.iam import ABSENT, Decision, Policy, Principal, Request, Statement, World, decide
from crrlint.model.arn import PARTITIONS, parse_arn
from crrlint.values import Symbol, Text, Undecided, join, symbolic
from crrlint.world import Role

_ASSUME: Final = "sts:AssumeRole"

# S3 itself, and its parts that replicate in ways of their own.
_REPLICATING: Final = (
    "s3.amazonaws.com",
    "s3.amazonaws.com.cn",
    "batchoperations.s3.amazonaws.com",
    "s3-outposts.amazonaws.com",
)

# What undoes the protection that versions and replicas give; replication uses none of it.
_BEYOND_OBJECTS: Final = ("s3:DeleteObjectVersion", "s3:BypassGovernanceRetention")
_BEYOND_BUCKETS: Final = ("s3:PutBucketPolicy",)

_S3_ARNS: Final = tuple(f"arn:{partition}:s3:" for partition in ("aws", "*", *PARTITIONS.values()))


class Excess(NamedTuple):
    """A statement of a role's policies, and what it allows that replication has no use for."""

    statement: Statement
    actions: tuple[str, ...]
    resource: Text


def strangers(role: Role) -> Iterator[tuple[Statement, str]]:
    """Yield who may assume a role besides S3 and its own account, with the statement at fault.

    A condition that may keep them out counts.  Nothing is said of a role that S3 cannot
    assume: that is the fault then, and has a rule of its own.
    """
    policy = trust_policy(role)
    if _assumed(role, Principal(service=_REPLICATING[0])).verdict == "denied":
        return
    for number, _ in policy.about(_ASSUME.lower()):
        statement = policy.statements[number]
        if statement.effect != "Allow":
            continue
        for who, caller in _strange(statement, role):
            decision = _assumed(role, caller)
            if decision.verdict == "allowed" and statement in decision.statements:
                yield statement, who


def _strange(statement: Statement, role: Role) -> Iterator[tuple[str, Principal]]:
    """Yield the entries of a `Principal` that are neither S3 nor of the role's account."""
    principals = statement.principals
    if principals is None or principals.negated:
        return
    for kind, value in principals.entries or ():
        if value == "*":
            yield "anyone", Principal(role=_somebody("aws", _unnamed("account", "account")))
        elif kind == "Service":
            if not any(value == name for name in _REPLICATING):
                yield f"the service {value}", Principal(service=value)
        elif kind == "AWS":
            account = _account_of(value)
            if account is not None and account != role.account:
                whole = str(value) == str(account) or str(value).endswith(":root")
                caller = _somebody("aws", account) if whole else value
                yield f"account {account}" if whole else str(value), Principal(role=caller)


def _account_of(value: Text) -> Text | None:
    """Return the account that an entry names; None for a unique id, which names nobody's."""
    fields = parse_arn(value)
    if fields is not None:
        return fields.account
    return value if isinstance(value, str) and len(value) == 12 and value.isdigit() else None


def _somebody(partition: Text, account: Text) -> Text:
    return join("arn:", partition, ":iam::", account, ":role/", _unnamed("role", "name"))


def _unnamed(what: str, form: Any) -> Text:
    return symbolic(Symbol("whoever assumes the role", what, f"any {what}", form=form))


def _assumed(role: Role, caller: Principal) -> Decision:
    """Decide whether a caller may assume the role, of whose request little is known."""
    fields = None if caller.role is None else parse_arn(caller.role)
    context: dict[str, Any] = {
        "s3:*": ABSENT,
        "kms:*": ABSENT,
        "aws:SecureTransport": "true",
        "aws:ResourceAccount": role.account,
    }
    if fields is None or caller.role is None:
        context["aws:PrincipalIsAWSService"] = "true"
        context["aws:PrincipalServiceName"] = caller.service
    else:
        context["aws:PrincipalIsAWSService"] = "false"
        context["aws:PrincipalArn"] = caller.role
        context["aws:PrincipalAccount"] = fields.account
    asked = Request(caller, _ASSUME, role.arn, None, role.account, context, MULTIVALUED)
    # Whoever is let in from elsewhere can be allowed to come by the account that is his.
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    world = World(identity=(Policy.parse(everything),), resource_policy=trust_policy(role))
    return decide(asked, world)


def excesses(role: Role) -> Iterator[Excess]:
    """Yield what the role's policies allow, limits heeded, that replication has no use for.

    Raises `Undecided` when nothing is proved and something is open.
    """
    world = World(
        identity=identity_policies(role),
        boundary=boundary(role),
        scps=organization(role.world, "SCP", role.account),
    )
    found: dict[Statement, dict[str, Text]] = {}
    gap: Undecided | None = None
    for action in (*_BEYOND_OBJECTS, *_BEYOND_BUCKETS):
        for statement in _about(action, world.identity):
            for resource in _samples(statement, action, role):
                decision = _allowed(role, action, resource, world)
                if decision.verdict == "allowed" and statement in decision.statements:
                    found.setdefault(statement, {}).setdefault(action, resource)
                elif decision.verdict == "unknown":
                    what = f"whether role {role} is allowed {action} on {resource}"
                    gap = gap or Undecided("external_reference", what, "; ".join(decision.needs))
    if gap is not None and not found:
        raise gap
    for statement, allowed in found.items():
        yield Excess(statement, tuple(allowed), next(iter(allowed.values())))


def _about(action: str, policies: Iterable[Policy]) -> Iterator[Statement]:
    for policy in policies:
        for number, _ in policy.about(action.lower()):
            if policy.statements[number].effect != "Deny":
                yield policy.statements[number]


def _allowed(role: Role, action: str, resource: Text, world: World) -> Decision:
    context = {**context_of_role(role), "kms:*": ABSENT, "aws:ResourceAccount": role.account}
    return decide(
        Request(principal(role), action, resource, None, role.account, context, MULTIVALUED), world
    )


def _samples(statement: Statement, action: str, role: Role) -> Iterator[Text]:
    """Yield resources that a statement may allow an action on.

    A pattern covers itself, taken for the name of a resource; and what denies all that
    the pattern covers denies that one too.
    """
    objects = action in _BEYOND_OBJECTS
    whole = statement.not_resource or statement.resources is None
    patterns: list[Text] = [] if whole else [p.source for p in statement.resources or ()]
    if whole or "*" in (str(pattern) for pattern in patterns):
        fields = parse_arn(role.arn)
        partition = "aws" if fields is None else fields.partition
        yield join("arn:", partition, ":s3:::*/*" if objects else ":s3:::*")
        return
    for pattern in patterns:
        written = str(pattern)
        if written.startswith("arn:") and not written.startswith(_S3_ARNS):
            continue
        if "/" in written.rpartition(":")[2]:
            if objects:
                yield pattern
        elif not objects:
            yield pattern
        elif written.endswith("*"):
            yield join(pattern, "/*")
