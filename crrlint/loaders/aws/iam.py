"""Answers of IAM as facts about roles and managed policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crrlint.documents.source import Location, Node, Problem
from crrlint.loaders.aws.facts import (
    ACCESS_DENIED,
    Assumption,
    Fact,
    arn_fields,
    denied,
    left_out,
    member,
    policy_node,
    problem,
    text,
    unnamed_account,
)
from crrlint.loaders.aws.kinds import Answer
from crrlint.model import Inventory, Missing, PolicyFacts, RoleFacts
from crrlint.values import Text


def role_facts(answers: Sequence[Answer]) -> Iterator[Fact]:
    """Bring the answers about each role together."""
    gathered: dict[tuple[str, str | None], list[Answer]] = {}
    for answer in answers:
        name = answer.subject.role or _name_in(answer)
        if name is None:
            yield left_out(answer, "whose role this is is not known: bind it in crrlint.yaml")
            continue
        account = answer.subject.account
        if answer.kind == "role" and answer.error is None:
            account = arn_fields(_role_of(answer)[0].get("Arn"))[1] or account
        gathered.setdefault((name, account), []).append(answer)
    for (role, account), about in gathered.items():
        yield from _Role(role, account, about).facts()


def _name_in(answer: Answer) -> str | None:
    return text(_role_of(answer)[0].get("RoleName")) if answer.kind == "role" else None


def _role_of(answer: Answer) -> tuple[dict[str, Any], Location]:
    """Return the role of get-role's answer, of `--query Role`, or of create-role's request."""
    role, at = member(answer.data, answer.at, "Role")
    if isinstance(role, dict):
        return role, at
    return (answer.data if isinstance(answer.data, dict) else {}), answer.at


class _Role:
    """One role while its answers are read."""

    def __init__(self, name: str, account: str | None, answers: Sequence[Answer]) -> None:
        self.name = name
        self.account = account
        self.answers = answers
        self.problems: list[Problem] = []

    def facts(self) -> Iterator[Fact]:
        gone = [a for a in self.answers if a.kind == "role" and a.error == "NoSuchEntity"]
        if gone:
            missing = f"arn:aws:iam::{self.account}:role/{self.name}" if self.account else self.name
            yield Missing("role", missing, gone[0].at)
            return
        first = self.answers[0]
        role_answer = next((a for a in self._read("role") if a.data is not None), None)
        role, role_at = _role_of(role_answer) if role_answer is not None else ({}, first.at)
        trust = self._trust(role, role_at)
        names = self._names()
        # One that was captured, and is not in the list any more, was taken away since.
        inline = [p for p in self._inline() if names is None or str(p.name) in names]
        attached = self._attached()
        complete = attached is not None and names == {str(p.name) for p in inline}
        bound = [a for a in self._read("role-inline-policy", "role-attached") if a.by == "binding"]
        if bound and not complete:
            complete = True
            yield Assumption(f"role {self.name} has no policies beyond those bound to it")
        arn = text(role.get("Arn"))
        yield RoleFacts(
            self.name,
            self.account or unnamed_account(first),
            role_at if role_answer is not None else first.at,
            arn=arn,
            declared=arn is not None,
            trust=trust,
            policies=tuple(inline),
            attached=attached or (),
            boundary=self._boundary(role, role_at, role_answer),
            complete=complete,
            unique_id=text(role.get("RoleId")),
            tags=_tags(role, role_at),
            layer=first.layer,
        )
        yield from self.problems

    def _read(self, *kinds: str) -> Iterator[Answer]:
        return (a for a in self.answers if a.kind in kinds and a.error is None)

    def _denied(self, kind: str) -> Answer | None:
        refused = (a for a in self.answers if a.kind == kind and a.error in ACCESS_DENIED)
        return next(refused, None)

    def _trust(self, role: dict[str, Any], role_at: Location) -> Node | None:
        for answer in self._read("role-trust"):
            data, at = member(answer.data, answer.at, "PolicyDocument")
            if data is None:
                data, at = _role_of(answer)[0], _role_of(answer)[1]
                if "AssumeRolePolicyDocument" in data:
                    data, at = member(data, at, "AssumeRolePolicyDocument")
            return self._policy(data, at)
        if "AssumeRolePolicyDocument" in role:
            return self._policy(*member(role, role_at, "AssumeRolePolicyDocument"))
        refused = self._denied("role")
        return None if refused is None else denied(refused, f"trust policy of role {self.name}")

    def _policy(self, data: Any, at: Location) -> Node | None:
        node = policy_node(data, at)
        if node is None or "Statement" not in node.value:
            self.problems.append(problem(at, "is not a policy document"))
            return None
        return node

    def _inline(self) -> Iterator[PolicyFacts]:
        for answer in self.answers:
            if answer.kind == "role-inline-policy" and answer.error in ACCESS_DENIED:
                name = answer.subject.name
                if name is not None:
                    unknown = denied(answer, f"policy {name} of role {self.name}")
                    yield PolicyFacts(name, unknown, answer.at)
        for answer in self._read("role-inline-policy"):
            data, at = member(answer.data, answer.at, "PolicyDocument")
            if data is None:
                data, at = answer.data, answer.at
            if data is None:
                continue
            document = self._policy(data, at)
            if document is not None:
                given, _ = member(answer.data, answer.at, "PolicyName")
                name = text(given) or answer.subject.name or ""
                yield PolicyFacts(name, document, at)

    def _names(self) -> set[str] | None:
        """Return the names of all inline policies, None where no complete list was given."""
        for answer in self._read("role-inline-names"):
            names, at = member(answer.data, answer.at, "PolicyNames")
            if isinstance(answer.data, list):
                names, at = answer.data, answer.at
            if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
                if answer.data is not None:
                    self.problems.append(problem(at, "PolicyNames is not a list of names"))
                continue
            if not _is_truncated(answer):
                return set(names)
        return None

    def _attached(self) -> tuple[Node, ...] | None:
        for answer in self._read("role-attached"):
            if answer.data is None:
                continue
            attached, at = member(answer.data, answer.at, "AttachedPolicies")
            if isinstance(answer.data, list):
                attached, at = answer.data, answer.at
            nodes = self._arns(attached, at)
            if nodes is not None and not _is_truncated(answer):
                return nodes
        return None

    def _arns(self, attached: Any, at: Location) -> tuple[Node, ...] | None:
        nodes = _policy_arns(attached, at)
        if nodes is None:
            self.problems.append(problem(at, "AttachedPolicies is not a list of policies"))
        return nodes

    def _boundary(
        self, role: dict[str, Any], role_at: Location, answer: Answer | None
    ) -> Node | None:
        for given in self._read("permissions-boundary"):
            return self._policy(*_version_document(given.data, given.at))
        if answer is not None:
            return _boundary(role, role_at)
        refused = self._denied("role")
        return None if refused is None else denied(refused, f"boundary of role {self.name}")


def _is_truncated(answer: Answer) -> bool:
    cut = isinstance(answer.data, dict) and answer.data.get("IsTruncated") is True
    return cut or answer.partial


def _boundary(role: dict[str, Any], at: Location) -> Node:
    boundary, where = member(role, at, "PermissionsBoundary")
    if isinstance(boundary, dict):
        boundary, where = member(boundary, where, "PermissionsBoundaryArn")
    return Node(text(boundary), where)


def _tags(role: dict[str, Any], at: Location) -> Node | None:
    tags = role.get("Tags")
    if not isinstance(tags, list) or not all(isinstance(t, dict) and "Key" in t for t in tags):
        return None
    at = at / "Tags"
    return Node(
        {str(t["Key"]): Node(t.get("Value"), at / i / "Value") for i, t in enumerate(tags)}, at
    )


def _policy_arns(attached: Any, at: Location) -> tuple[Node, ...] | None:
    if not isinstance(attached, list):
        return None
    nodes = []
    for index, policy in enumerate(attached):
        arn, where = member(policy, at / index, "PolicyArn")
        if text(arn) is None:
            return None
        nodes.append(Node(arn, where))
    return tuple(nodes)


def _version_document(data: Any, at: Location) -> tuple[Any, Location]:
    """Return the document of get-policy-version's answer, or the bare document."""
    version, where = member(data, at, "PolicyVersion")
    if isinstance(version, dict):
        return member(version, where, "Document")
    return data, at


def policy_facts(answers: Sequence[Answer]) -> Iterator[Fact]:
    """Join the ARNs of managed policies with the bodies of their default versions."""
    arns = {
        (a.subject.account, a.subject.name): text(member(a.data, a.at, "Policy", "Arn")[0])
        for a in answers
        if a.kind == "policy" and a.error is None
    }
    for answer in answers:
        if answer.error in ACCESS_DENIED and answer.subject.policy is not None:
            refused = answer.subject.policy
            unknown = denied(answer, f"managed policy {refused}")
            yield PolicyFacts(refused.rsplit("/", 1)[-1], unknown, answer.at, arn=refused)
            continue
        if answer.kind != "policy-version" or answer.error is not None or answer.data is None:
            continue
        subject = answer.subject
        name = subject.name
        arn = subject.policy or arns.get((subject.account, name))
        if arn is None and name is not None:
            arn = name if name.startswith("arn:") else _managed_arn(subject.account, name)
        if arn is None:
            yield left_out(answer, "whose version this is is not known: " + _BIND_VERSION)
            continue
        is_default, _ = member(answer.data, answer.at, "PolicyVersion", "IsDefaultVersion")
        if is_default is False:
            yield left_out(answer, f"is not the version of {arn} that is in force")
            continue
        data, at = _version_document(answer.data, answer.at)
        document = policy_node(data, at)
        if document is None:
            yield problem(at, "is not a policy document")
            continue
        yield PolicyFacts(arn.rsplit("/", 1)[-1], document, at, arn=arn, layer=answer.layer)


_BIND_VERSION = "bind it in crrlint.yaml with kind policy-version and the policy's ARN as name"


def _managed_arn(account: str | None, name: str) -> str | None:
    return f"arn:aws:iam::{account}:policy/{name}" if account else None


def authorization_facts(answers: Sequence[Answer]) -> Iterator[Fact]:
    """Everything of IAM in one answer: get-account-authorization-details, list-roles."""
    for answer in answers:
        if answer.error is not None or not isinstance(answer.data, dict):
            continue
        truncated = _is_truncated(answer)
        name = "Roles" if answer.kind == "roles" else "RoleDetailList"
        roles, at = member(answer.data, answer.at, name)
        accounts: set[Text] = set()
        for index, detail in enumerate(roles if isinstance(roles, list) else []):
            for fact in _detail(detail, at / index, answer, not truncated):
                if isinstance(fact, RoleFacts) and isinstance(fact.account, str):
                    accounts.add(fact.account)
                yield fact
        # With --filter the list of roles is empty: then it says nothing.
        if len(accounts) == 1 and not truncated and _is_whole(answer, roles):
            yield Inventory("roles", accounts.pop(), answer.at)
        policies, at = member(answer.data, answer.at, "Policies")
        for index, policy in enumerate(policies if isinstance(policies, list) else []):
            yield from _managed(policy, at / index)


def _is_whole(answer: Answer, roles: Any) -> bool:
    """Tell whether a list has the roles of all paths: list-roles can be told to want only one."""
    if answer.kind == "authorization-details":
        return True
    return any(text(member(role, answer.at, "Path")[0]) == "/" for role in roles)


def _detail(detail: Any, at: Location, answer: Answer, complete: bool) -> Iterator[Fact]:
    arn = text(detail.get("Arn")) if isinstance(detail, dict) else None
    _, account, resource = arn_fields(arn)
    if arn is None or account is None or not resource.startswith("role/"):
        yield problem(at, "a role has no ARN")
        return
    details = answer.kind == "authorization-details"
    attached = _policy_arns(*member(detail, at, "AttachedManagedPolicies"))
    inline, inline_at = member(detail, at, "RolePolicyList")
    listed = isinstance(inline, list) and attached is not None
    policies = []
    for index, policy in enumerate(inline if isinstance(inline, list) else []):
        document = _document(*member(policy, inline_at / index, "PolicyDocument"))
        if isinstance(document, Problem):
            listed = False
            yield document
        else:
            name = text(policy.get("PolicyName")) or ""
            policies.append(PolicyFacts(name, document, inline_at / index))
    trust = _document(*member(detail, at, "AssumeRolePolicyDocument"))
    if isinstance(trust, Problem):
        yield trust
    yield RoleFacts(
        resource.rsplit("/", 1)[-1],
        account,
        at,
        arn=arn,
        declared=True,
        trust=None if isinstance(trust, Problem) else trust,
        policies=tuple(policies),
        attached=attached or (),
        # list-roles leaves boundaries out.
        boundary=_boundary(detail, at) if details else None,
        complete=details and complete and listed,
        unique_id=text(detail.get("RoleId")),
        tags=_tags(detail, at),
        layer="live",
    )


def _document(data: Any, at: Location) -> Node | Problem:
    node = policy_node(data, at)
    return problem(at, "is not a policy document") if node is None else node


def _managed(policy: Any, at: Location) -> Iterator[Fact]:
    arn = text(policy.get("Arn")) if isinstance(policy, dict) else None
    versions, versions_at = member(policy, at, "PolicyVersionList")
    if arn is None or not isinstance(versions, list):
        yield problem(at, "a managed policy has no ARN or no versions")
        return
    default = policy.get("DefaultVersionId")
    for index, version in enumerate(versions):
        if not isinstance(version, dict):
            continue
        if version.get("IsDefaultVersion") is True or version.get("VersionId") == default:
            document = _document(*member(version, versions_at / index, "Document"))
            if isinstance(document, Problem):
                yield document
            else:
                yield PolicyFacts(
                    arn.rsplit("/", 1)[-1], document, document.at, arn=arn, layer="live"
                )
            return
    yield problem(versions_at, f"the default version of {arn} is not in the list")
