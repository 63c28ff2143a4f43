"""Documents that name no owner: what their neighbours tell, and what has to be left out.

The only replication body of a folder uses the only trust policy and the only
identity policy of that folder as its role's, and the one further bucket that this
policy names as its source.  A bucket policy that names one bucket is that bucket's
where a replication body names it too.  Each of these is an assumption of the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from crrlint.documents.source import Node, wrap
from crrlint.loaders.aws.facts import Assumption, Fact, left_out, member, policy_node, problem
from crrlint.loaders.aws.kinds import Answer, Kind, bare_path, path_parts
from crrlint.loaders.aws.s3 import destinations
from crrlint.loaders.aws.shapes import named_buckets, read_buckets
from crrlint.model import BucketFacts, BucketField, PolicyFacts, RoleFacts
from crrlint.model.arn import Arn, parse_arn
from crrlint.values import Symbol, Symbolic, Undecided, symbolic

_WORDS: Final[dict[Kind, str]] = {
    "identity-policy": "an identity policy",
    "role-trust": "a trust policy",
    "role-attached": "a list of attached policies",
    "role-inline-names": "a list of inline policies",
    "role-inline-policy": "an inline policy",
    "bucket-policy": "a bucket policy",
    "key-policy": "a key policy",
    "any-policy": "a policy",
    "bucket-acl": "an ACL",
    "object-acl": "an ACL",
    "any-acl": "an ACL",
    "object-head": "the head of an object",
    "bucket-versioning": "the versioning of a bucket",
    "bucket-location": "the Region of a bucket",
    "bucket-head": "the Region of a bucket",
    "bucket-ownership": "the object ownership of a bucket",
    "bucket-encryption": "the default encryption of a bucket",
    "bucket-object-lock": "the Object Lock of a bucket",
    "bucket-lifecycle": "the lifecycle of a bucket",
    "bucket-request-payment": "the payer of a bucket",
    "bucket-public-access-block": "a public access block",
    "bucket-tagging": "the tags of a bucket",
}
_BIND: Final = "bind it in crrlint.yaml"

# What looks alike, by the kinds that a binding can have.
_CANDIDATES: Final[dict[Kind, tuple[str, ...]]] = {
    "identity-policy": ("role-inline-policy", "policy-version", "permissions-boundary", "scp"),
    "any-policy": ("bucket-policy", "key-policy", "rcp"),
    "any-acl": ("object-acl", "bucket-acl"),
    "bucket-public-access-block": ("bucket-public-access-block", "account-public-access-block"),
}
_OWNERS: Final[dict[Kind, str]] = {
    "identity-policy": "role: ..., name: ...",
    "role-trust": "role: ...",
    "role-inline-names": "role: ...",
    "role-attached": "role: ...",
    "role-inline-policy": "role: ..., name: ...",
    "key-policy": "key: ...",
    "any-acl": "bucket: ..., key: ...",
    "object-acl": "bucket: ..., key: ...",
    "object-head": "bucket: ..., key: ...",
}


def unowned_facts(answers: Sequence[Answer], region: str | None) -> Iterator[Fact]:
    folders: dict[str, list[Answer]] = {}
    for answer in answers:
        folder = "/".join(path_parts(answer.at.path)[:-1])
        folders.setdefault(folder, []).append(answer)
    used: set[int] = set()
    replicating: set[str | None] = set()
    for near in folders.values():
        bodies = [a for a in near if a.kind == "bucket-replication" and a.error is None]
        for body in bodies:
            for fact in _replication(body, near, len(bodies) == 1, region, used):
                if isinstance(fact, BucketFacts) and isinstance(fact.name, str):
                    replicating.add(fact.name)
                yield fact
            replicating |= destinations(_body(body)[0])
            used.add(id(body))
    yield from _bucket_policies(answers, replicating, used)
    for answer in answers:
        if id(answer) not in used:
            yield from _unused(answer)


def _body(answer: Answer) -> tuple[Any, Any]:
    data, at = answer.data, answer.at
    if isinstance(data, dict) and "ReplicationConfiguration" in data:
        return member(data, at, "ReplicationConfiguration")
    return data, at


def _replication(
    answer: Answer, near: Sequence[Answer], alone: bool, region: str | None, used: set[int]
) -> Iterator[Fact]:
    body, at = _body(answer)
    if not isinstance(body, dict):
        yield problem(at, "ReplicationConfiguration is not a mapping")
        return
    identity = _only(near, "identity-policy") if alone else None
    trust = _only(near, "role-trust") if alone else None
    fields: dict[BucketField, Node] = {"replication": wrap(body, at)}
    if answer.subject.account is not None:
        fields["account"] = Node(answer.subject.account, at)
    if region is not None:
        fields["region"] = Node(region, at)
    source = None if identity is None else _source(body, identity)
    if identity is not None and source is not None:
        yield Assumption(
            f"{answer.at.path} is the replication of bucket {source}, "
            f"the one bucket that {identity.at.path} names beside the destination"
        )
    name = source or symbolic(
        Symbol(
            answer.at.path,
            "bucket",
            f"the source bucket of {answer.at.path}",
            form="name",
            needs=f"{_BIND}: {{file: {answer.at.path}, kind: bucket-replication, bucket: ...}}",
        )
    )
    yield BucketFacts(name, answer.at, fields, layer=answer.layer)
    yield from _role(body, trust, identity, used)


def _only(answers: Sequence[Answer], kind: Kind) -> Answer | None:
    found = [a for a in answers if a.kind == kind and a.bare]
    return found[0] if len(found) == 1 else None


def _source(body: dict[str, Any], identity: Answer) -> str | None:
    to = destinations(body)
    others = named_buckets(identity.data) - to
    if not to or None in to or len(others) != 1 or not others <= read_buckets(identity.data):
        return None
    return others.pop()


def _role(
    body: dict[str, Any], trust: Answer | None, identity: Answer | None, used: set[int]
) -> Iterator[Fact]:
    arn = _arn(body.get("Role"))
    first = identity or trust
    if first is None or arn is None or not isinstance(arn.resource, str) or arn.account == "":
        return
    if not arn.resource.startswith("role/"):
        return
    name = arn.resource.rsplit("/", 1)[-1]
    policies = []
    for answer in (identity, trust):
        if answer is not None:
            used.add(id(answer))
    if identity is not None:
        document = wrap(identity.data, identity.at)
        stem = path_parts(bare_path(identity.at.path))[-1]
        policies.append(PolicyFacts(stem, document, identity.at))
    yield Assumption(_told(name, trust, identity))
    yield RoleFacts(
        name,
        arn.account,
        first.at,
        trust=None if trust is None else wrap(trust.data, trust.at),
        policies=tuple(policies),
        complete=identity is not None,
    )


def _arn(role: Any) -> Arn | None:
    if not isinstance(role, str | Symbolic):
        return None
    try:
        return parse_arn(role)
    except Undecided:
        return None


def _told(name: str, trust: Answer | None, identity: Answer | None) -> str:
    parts = []
    if trust is not None:
        parts.append(f"{trust.at.path} is the trust policy of role {name}")
    if identity is not None:
        parts.append(f"{identity.at.path} is the only policy of role {name}")
    return " and ".join(parts)


def _bucket_policies(
    answers: Sequence[Answer], replicating: set[str | None], used: set[int]
) -> Iterator[Fact]:
    named: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.kind != "bucket-policy" or answer.error is not None:
            continue
        document = _policy(answer)
        buckets = named_buckets(document) if document is not None else set()
        if len(buckets) == 1:
            named.setdefault(buckets.pop(), []).append(answer)
    for bucket, policies in named.items():
        if len(policies) > 1 or bucket not in replicating:
            continue
        answer = policies[0]
        node = _policy_node(answer)
        if node is None:
            continue
        used.add(id(answer))
        yield Assumption(f"{answer.at.path} is the policy of bucket {bucket}, which it names")
        fields: dict[BucketField, Node] = {"policy": node}
        yield BucketFacts(bucket, answer.at, fields, layer=answer.layer)


def _policy_node(answer: Answer) -> Node | None:
    data, at = answer.data, answer.at
    if isinstance(data, dict) and "Policy" in data:
        data, at = member(data, at, "Policy")
    return policy_node(data, at)


def _policy(answer: Answer) -> Any:
    node = _policy_node(answer)
    return None if node is None else node.plain()


def _unused(answer: Answer) -> Iterator[Fact]:
    if answer.error is not None:
        if answer.kind != "irrelevant":
            yield left_out(answer, f"is the error of a call whose subject is not known: {_BIND}")
        return
    what = _WORDS.get(answer.kind)
    if what is not None:
        yield left_out(answer, _asked(answer, what))


def _asked(answer: Answer, what: str) -> str:
    """Say what a document may be, and how to say which it is."""
    candidates = _CANDIDATES.get(answer.kind)
    kind, owner = (candidates or (answer.kind,))[0], _OWNERS.get(answer.kind, "bucket: ...")
    bind = f"bind: [{{file: {answer.at.path}, kind: {kind}, {owner}}}]"
    if candidates is None:
        return f"is {what} whose owner is not known: say it in crrlint.yaml, as in {bind}"
    kinds = ", ".join(candidates[:-1]) + f" or {candidates[-1]}"
    return f"is {what}, which may be {kinds}: say which in crrlint.yaml, as in {bind}"
