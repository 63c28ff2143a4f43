"""Who calls, and how strongly a `Principal` element names the caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from crrlint.iam.policy import Principals
from crrlint.iam.text import Alphabet, plain
from crrlint.values import Form, Symbol, Symbolic, Text, Unknown, join, same, settle, symbolic

Answer = bool | None


class Principal(NamedTuple):
    """The caller: a session of a role, or a service; an absent field is not known."""

    role: Text | None = None
    session: str | None = None
    unique_id: Text | None = None
    canonical_id: Text | None = None
    service: str | None = None


class Strength(NamedTuple):
    """Whether an element names the caller itself, its role, or its whole account."""

    direct: Answer = False
    role: Answer = False
    account: Answer = False


NOBODY: Final = Strength()
EVERYBODY: Final = Strength(direct=True)
ANYBODY: Final = Strength(None, None, None)


def either(answers: list[Answer]) -> Answer:
    if True in answers:
        return True
    return None if None in answers else False


class Caller:
    """The texts by which policies can name the caller."""

    __slots__ = ("_principal", "_texts", "account", "role", "service")

    def __init__(self, principal: Principal, account: Text | None) -> None:
        self._principal = principal
        self._texts: tuple[Text, Text] | None = None
        self.service = principal.service
        self.role: Text = _known(principal.role, "role", "any")
        fields = _fields(self.role)
        if fields:
            self.account: Text = fields[4]
        else:
            self.account = _known(account, "account of the role", "account")

    @property
    def _session_and_root(self) -> tuple[Text, Text]:
        """The ARNs of the session and of the account, for which few policies ask."""
        if self._texts is None:
            fields = _fields(self.role)
            partition: Text = fields[1] if fields else _open("partition", "partition")
            name = _last(fields[5]) if fields else _open("role name", "name")
            session = self._principal.session or _open("session name", "name")
            of_session = (":sts::", self.account, ":assumed-role/", name, "/", session)
            root = join("arn:", partition, ":iam::", self.account, ":root")
            self._texts = join("arn:", partition, *of_session), root
        return self._texts

    def strength(self, principals: Principals) -> Strength:
        """Return how an Allow with this element names the caller."""
        if principals.entries is None:
            return ANYBODY
        found = [self._entry(kind, value) for kind, value in principals.entries]
        if principals.negated:
            answers = [either(list(one)) for one in found]
            listed = either(answers)
            if listed is True:
                # Whether an excluded account excludes its roles is not documented.
                whole = either([either([one.direct, one.role]) for one in found])
                return NOBODY if whole else Strength(direct=None)
            return Strength(direct=None if listed is None else True)
        if len(found) == 1:
            return found[0]
        return Strength(*(either([one[i] for one in found]) for i in range(3)))

    def named(self, principals: Principals, bounded: bool) -> Answer:
        """Tell whether a Deny with this element applies to the caller."""
        if principals.entries is None:
            return None
        found = [self._entry(kind, value) for kind, value in principals.entries]
        if not principals.negated:
            return either([either(list(one)) for one in found])
        # A principal with a permissions boundary is denied by NotPrincipal whatever it lists:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        if bounded and self.service is None:
            return True
        everyone = any(value == "*" for _, value in principals.entries if isinstance(value, str))
        if everyone:
            return False
        if self.service is not None:
            listed = either([one.direct for one in found])
            return None if listed is None else not listed
        three = [either([one[i] for one in found]) for i in range(3)]
        if all(answer is True for answer in three):
            return False
        return True if all(answer is False for answer in three) else None

    def _entry(self, kind: str, value: Text) -> Strength:
        if isinstance(value, str) and value == "*" and kind in ("*", "AWS"):
            return EVERYBODY
        if self.service is not None:
            if kind != "Service":
                return NOBODY
            return Strength(direct=_same(value, self.service))
        if kind == "AWS":
            return self._aws(value)
        if kind == "CanonicalUser":
            known = self._principal.canonical_id
            return Strength(account=None if known is None else _same(value, known))
        return NOBODY

    def _aws(self, value: Text) -> Strength:
        if isinstance(value, Unknown):
            return ANYBODY
        if isinstance(value, str) and ":" not in value:
            if value.isdigit():
                return Strength(account=_same(value, self.account))
            if not value.startswith("AROA"):
                return NOBODY
            known = self._principal.unique_id
            return Strength(role=None if known is None else _same(value, known))
        if _one_kind(value, self.role):
            return Strength(role=_same(value, self.role))
        session, root = self._session_and_root
        account = self._same_arn(value, root)
        if account is not True and isinstance(value, Symbolic):
            account = either([account, _same(value, self.account)])
        role = self._same_arn(value, self.role)
        unique = self._principal.unique_id
        if role is False and unique is not None and isinstance(value, Symbolic):
            role = _same(value, unique)
        return Strength(self._same_arn(value, session), role, account)

    def _same_arn(self, one: Text, other: Text) -> Answer:
        """Compare field by field, so that an open partition hides no other difference."""
        whole = _same(one, other)
        if whole is not None or isinstance(one, Unknown):
            return whole
        fields, others = _fields(one), _fields(other)
        if fields is None or others is None:
            return None
        answers = [_same(a, b) for a, b in zip(fields, others, strict=True)]
        return False if False in answers else None


def _same(one: Text, other: Text) -> Answer:
    one, other = settle(one), settle(other)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    return same(one, other)


def _one_kind(one: Text, other: Text) -> bool:
    """Tell whether both are whole symbols for the same thing of an entity: two roles' ARNs."""
    if not isinstance(one, Symbolic) or not isinstance(other, Symbolic):
        return False
    a, b = one.parts[0], other.parts[0]
    if len(one.parts) != 1 or len(other.parts) != 1:
        return False
    if not isinstance(a, Symbol) or not isinstance(b, Symbol):
        return False
    return a.unique and b.unique and a.attribute == b.attribute


def _open(what: str, form: Form) -> Text:
    return symbolic(Symbol(f"the caller's {what}", "", what, form=form))


def _known(text: Text | None, what: str, form: Form) -> Text:
    text = settle(text)
    return _open(what, form) if text is None or isinstance(text, Unknown) else text


def _fields(arn: Text) -> Sequence[Text] | None:
    if isinstance(arn, str) and plain(arn):
        texts = arn.split(":", 5)
        return texts if len(texts) == 6 and texts[0] == "arn" else None
    alphabet = Alphabet()
    fields = alphabet.encode(arn).split(":", 5)
    if len(fields) != 6 or fields[0] != "arn":
        return None
    return [alphabet.text(f) for f in fields]


def _last(resource: Text) -> Text:
    """Return the name of a role without its path, which the ARN of a session leaves out."""
    if isinstance(resource, str):
        return resource.rpartition("/")[2]
    alphabet = Alphabet()
    return alphabet.text(alphabet.encode(resource).rpartition("/")[2])
