"""The answers of all documents, each given to who reads its kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from crrlint.documents.source import Document
from crrlint.loaders.aws.answers import SAID_BY, answers_of, context_of
from crrlint.loaders.aws.bare import unowned_facts
from crrlint.loaders.aws.facts import (
    ABSENCE,
    ACCESS_DENIED,
    Fact,
    member,
    policy_node,
    problem,
    text,
)
from crrlint.loaders.aws.iam import authorization_facts, policy_facts, role_facts
from crrlint.loaders.aws.kinds import Answer, Subject
from crrlint.loaders.aws.kms import key_facts
from crrlint.loaders.aws.organization import ORGANIZATION_KINDS, file_facts, organization_facts
from crrlint.loaders.aws.s3 import (
    BUCKET_KINDS,
    account_facts,
    bucket_facts,
    destinations,
    object_facts,
)
from crrlint.model import Bound
from crrlint.model.bindings import Bindings

_ROLE_KINDS: Final = frozenset(
    {
        "role",
        "role-trust",
        "role-inline-policy",
        "role-inline-names",
        "role-attached",
        "permissions-boundary",
    }
)
_KEY_KINDS: Final = frozenset({"key", "keys", "key-policy", "key-grants", "aliases"})
_OBJECT_KINDS: Final = frozenset({"object-acl", "object-head"})
_ACCOUNT_KINDS: Final = frozenset({"buckets", "account-public-access-block"})


def facts(documents: Sequence[Document], bindings: Bindings) -> Iterator[Fact]:
    listed = {file.file: file for file in bindings.organization_files}
    context = context_of(documents, bindings)
    answers: list[Answer] = []
    for document in documents:
        if document.path in listed:
            node = policy_node(document.data, document.root)
            yield from file_facts(listed[document.path], node, document.root)
        else:
            answers.extend(answers_of(document, context))
    answers = _settled(answers)
    yield from _bound(answers)
    owned, unowned = _by_owner(answers)
    region = bindings.region
    yield from bucket_facts([a for a in owned if a.kind in BUCKET_KINDS], region)
    yield from object_facts([a for a in owned if a.kind in _OBJECT_KINDS])
    yield from account_facts([a for a in owned if a.kind in _ACCOUNT_KINDS])
    yield from role_facts([a for a in owned if a.kind in _ROLE_KINDS])
    yield from policy_facts([a for a in owned if a.kind in ("policy", "policy-version")])
    yield from authorization_facts(
        [a for a in owned if a.kind in ("authorization-details", "roles")]
    )
    yield from key_facts([a for a in owned if a.kind in _KEY_KINDS])
    yield from organization_facts([a for a in owned if a.kind in ORGANIZATION_KINDS], bindings)
    yield from _contradictions(owned)
    yield from unowned_facts(unowned, region)


def _bound(answers: Sequence[Answer]) -> Iterator[Fact]:
    """Yield whose answers the files hold, and what told that."""
    told: dict[tuple[str, str, str], None] = {}
    for answer in answers:
        if answer.by == "capture":
            continue
        subject, path = answer.subject, answer.at.path
        things = (
            ("bucket", subject.bucket),
            ("role", subject.role),
            ("key", subject.kms_key),
        )
        named = [
            ("account", subject.account, answer.account_by),
            ("region", subject.region, answer.region_by),
        ]
        named += [(what, text, SAID_BY[answer.by]) for what, text in things]
        for what, name, by in named:
            if name is not None and (path, what, name) not in told:
                told[path, what, name] = None
                yield Bound(path, what, name, by)


def _contradictions(answers: Sequence[Answer]) -> Iterator[Fact]:
    """The identity of who asked has to be that of the folder that it lies in."""
    for answer in answers:
        if answer.kind == "caller-identity" and answer.by == "layout" and answer.error is None:
            account, at = member(answer.data, answer.at, "Account")
            if text(account) is not None and account != answer.subject.account:
                folder = answer.subject.account
                yield problem(at, f"is the identity of {account} in the folder of {folder}")


def _settled(answers: Sequence[Answer]) -> list[Answer]:
    """Drop the empty files of failed calls, what was captured again, and what others were told."""
    failed = {(a.kind, a.subject) for a in answers if a.error is not None}
    newest: dict[tuple[str, Subject], str] = {}
    for answer in answers:
        if answer.by == "capture" and not answer.partial:
            about = (answer.kind, answer.subject)
            newest[about] = max(answer.when, newest.get(about, ""))
    current = [
        a
        for a in answers
        if (a.error is not None or a.data is not None or (a.kind, a.subject) not in failed)
        and (a.by != "capture" or newest.get((a.kind, a.subject), a.when) == a.when)
    ]
    told = {_question(a) for a in current if _is_told(a)}
    onward = _destinations(current)
    found: list[Answer] = []
    for answer in current:
        if answer.error in ACCESS_DENIED:
            question = _question(answer)
            if question is not None and (question in told or _is_aside(answer, onward)):
                continue
            # Of several refusals one says it all.
            told.add(question)
        found.append(answer)
    return found


def _destinations(answers: Sequence[Answer]) -> set[str | None]:
    """Return the buckets that others replicate to."""
    found: set[str | None] = set()
    for answer in answers:
        if answer.kind == "bucket-replication" and isinstance(answer.data, dict):
            body = answer.data.get("ReplicationConfiguration", answer.data)
            found |= destinations(body)
    return found


def _is_aside(answer: Answer, onward: set[str | None]) -> bool:
    """Tell whether a refusal is about what a destination replicates itself: no route is open."""
    return answer.kind == "bucket-replication" and answer.subject.bucket in onward


def _is_told(answer: Answer) -> bool:
    """Tell whether AWS answered, be it with "there is none"."""
    # Versioning that never was is an empty answer.
    said = answer.data is not None or answer.kind == "bucket-versioning"
    return said if answer.error is None else answer.error in ABSENCE


def _question(answer: Answer) -> tuple[str, Subject] | None:
    """Return what was asked, whoever asked it; None where that is not known."""
    subject = answer.subject
    if subject.bucket or subject.kms_key or subject.policy or subject.target:
        return answer.kind, subject._replace(account=None, region=None)
    return (answer.kind, subject) if subject.role and subject.account else None


def _by_owner(answers: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Tell apart the answers whose subject is known and those that name none."""
    owned: list[Answer] = []
    unowned: list[Answer] = []
    for answer in answers:
        (owned if _is_owned(answer) else unowned).append(answer)
    return owned, unowned


def _is_owned(answer: Answer) -> bool:
    subject = answer.subject
    if answer.kind in BUCKET_KINDS:
        return subject.bucket is not None
    if answer.kind in _OBJECT_KINDS:
        return subject.bucket is not None and subject.key is not None
    if answer.kind == "key-policy" and answer.bare:
        return subject.kms_key is not None
    if answer.kind in _ROLE_KINDS:
        return answer.kind == "role" or subject.role is not None
    return answer.kind not in ("identity-policy", "any-policy", "any-acl", "any-status", "error")
