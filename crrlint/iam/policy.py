"""Policies and their statements, parsed from plain data without ever refusing any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crrlint.iam.actions import About, Actions
from crrlint.iam.context import as_text
from crrlint.iam.patterns import Pattern, parse_pattern
from crrlint.values import OPEN, Symbolic, Unknown, settle

_NEGATABLE: Final = ("Principal", "Action", "Resource")
_ELEMENTS: Final = frozenset(
    ("Sid", "Effect", "Condition", *_NEGATABLE, *("Not" + one for one in _NEGATABLE))
)
_POLICY_ELEMENTS: Final = frozenset(("Version", "Id", "Statement"))
_VERSIONS: Final = {"2012-10-17": True, "2008-10-17": False}

# Operator: how its values are read, and whether it holds when none of them matches.
_OPERATORS: Final[dict[str, tuple[str, bool]]] = {
    "stringequals": ("text", False),
    "stringnotequals": ("text", True),
    "stringequalsignorecase": ("folded", False),
    "stringnotequalsignorecase": ("folded", True),
    "stringlike": ("glob", False),
    "stringnotlike": ("glob", True),
    "arnequals": ("arn", False),
    "arnlike": ("arn", False),
    "arnnotequals": ("arn", True),
    "arnnotlike": ("arn", True),
    "numericequals": ("number", False),
    "numericnotequals": ("number", True),
    "numericlessthan": ("number<", False),
    "numericlessthanequals": ("number<=", False),
    "numericgreaterthan": ("number>", False),
    "numericgreaterthanequals": ("number>=", False),
    "dateequals": ("date", False),
    "datenotequals": ("date", True),
    "datelessthan": ("date<", False),
    "datelessthanequals": ("date<=", False),
    "dategreaterthan": ("date>", False),
    "dategreaterthanequals": ("date>=", False),
    "bool": ("bool", False),
    "binaryequals": ("text", False),
    "ipaddress": ("ip", False),
    "notipaddress": ("ip", True),
    "null": ("null", False),
}


class Condition:
    """One operator on one context key; `kind` is how values compare, "" when nobody can tell."""

    __slots__ = ("if_exists", "key", "kind", "negated", "quantifier", "values", "written")

    def __init__(
        self,
        kind: str,
        negated: bool,
        quantifier: str,
        if_exists: bool,
        key: str,
        values: tuple[Pattern, ...],
        written: str,
    ) -> None:
        self.kind = kind
        self.negated = negated
        self.quantifier = quantifier
        self.if_exists = if_exists
        self.key = key
        self.values = values
        self.written = written


class Principals:
    """The entries of `Principal` or `NotPrincipal`, each with its type; None when malformed."""

    __slots__ = ("entries", "negated")

    def __init__(self, entries: tuple[tuple[str, Any], ...] | None, negated: bool) -> None:
        self.entries = entries
        self.negated = negated


class Statement:
    """One statement.  `broken` says why nobody can tell what it means."""

    __slots__ = (
        "actions",
        "broken",
        "conditions",
        "effect",
        "index",
        "not_action",
        "not_resource",
        "policy",
        "principals",
        "resources",
        "sid",
        "undecided",
    )

    def __init__(self, data: Any, policy: Policy, index: int, variables: bool | None) -> None:
        self.policy = policy
        self.index = index
        self.sid: str | None = None
        self.effect: str | None = None
        self.broken: str | None = None
        self.undecided: Any = None
        self.actions: tuple[Pattern, ...] = ()
        self.not_action = False
        self.resources: tuple[Pattern, ...] | None = None
        self.not_resource = False
        self.principals: Principals | None = None
        self.conditions: tuple[Condition, ...] = ()
        data = settle(data)
        if not isinstance(data, dict):
            self._break("the statement is not an object", data)
            return
        given = {k: settle(v) for k, v in data.items()}
        given = {k: v for k, v in given.items() if v is not None}
        sid, effect = given.get("Sid"), given.get("Effect")
        self.sid = sid if isinstance(sid, str) else None
        if isinstance(effect, str) and effect in ("Allow", "Deny"):
            self.effect = effect
        else:
            self._break("Effect is neither Allow nor Deny", effect)
        strange = [k for k in given if k not in _ELEMENTS]
        if strange:
            self._break(f"the statement has an unknown element {strange[0]}")
        for one in _NEGATABLE:
            if one in given and "Not" + one in given:
                self._break(f"the statement has both {one} and Not{one}")
        self._parse(given, variables)

    def _parse(self, given: dict[str, Any], variables: bool | None) -> None:
        if "Action" in given or "NotAction" in given:
            self.not_action = "Action" not in given
            entries = given["NotAction" if self.not_action else "Action"]
            self.actions = self._patterns(entries, False, fold=True, what="Action")
        else:
            self._break("the statement has no Action")
        if "Resource" in given or "NotResource" in given:
            self.not_resource = "Resource" not in given
            entries = given["NotResource" if self.not_resource else "Resource"]
            self.resources = self._patterns(entries, variables, fold=False, what="Resource")
        if "Principal" in given or "NotPrincipal" in given:
            negated = "Principal" not in given
            who = given["NotPrincipal" if negated else "Principal"]
            self.principals = Principals(_principals(who), negated)
            if self.principals.entries is None:
                self._break("Principal is not readable", who)
        if "Condition" in given:
            self.conditions = tuple(self._tests(given["Condition"], variables))

    def _break(self, why: str, value: Any = None) -> None:
        if self.broken is None:
            self.broken = why
            if isinstance(value, OPEN):
                self.undecided = value

    def _patterns(
        self, entries: Any, variables: bool | None, *, fold: bool, what: str
    ) -> tuple[Pattern, ...]:
        listed = entries if isinstance(entries, list | tuple) else [entries]
        if not listed:
            self._break(f"{what} is empty")
        return tuple(parse_pattern(e, variables, wild=True, fold=fold) for e in listed)

    def _tests(self, block: Any, variables: bool | None) -> list[Condition]:
        tests: list[Condition] = []
        if not isinstance(block, dict):
            self._break("Condition is not an object", block)
            return tests
        for operator, keys in block.items():
            keys = settle(keys)
            if not isinstance(keys, dict):
                self._break(f"the keys of {operator} are not an object", keys)
                continue
            for key, values in keys.items():
                tests.append(_test(str(operator), str(key), settle(values), variables))
        return tests

    def under(self, conditions: tuple[Condition, ...]) -> Statement:
        """Return the same statement under other conditions."""
        other = self._copy()
        other.conditions = conditions
        return other

    def about_everything(self) -> Statement:
        """Return the same statement on every resource."""
        other = self._copy()
        other.resources = (parse_pattern("*", False, wild=True),)
        other.not_resource = False
        return other

    def _copy(self) -> Statement:
        other = object.__new__(Statement)
        for field in Statement.__slots__:
            setattr(other, field, getattr(self, field))
        return other

    def __repr__(self) -> str:
        return f"Statement({self.sid or self.index!r})"


class Policy:
    """A parsed policy.  One of which only `what` it is is known may allow or deny anything."""

    __slots__ = ("_actions", "origin", "statements", "undecided", "version", "what")

    def __init__(self, origin: Any = None) -> None:
        self.origin = origin
        self.version: str | None = None
        self.statements: tuple[Statement, ...] = ()
        self.what: str | None = None
        self.undecided: Any = None
        self._actions: Actions | None = None

    @classmethod
    def parse(cls, data: Any, origin: Any = None) -> Policy:
        """Parse decoded JSON, of which any part may be open.  Raises only `Undecided`."""
        data = settle(data)
        if isinstance(data, OPEN) or not isinstance(data, dict):
            needs = getattr(data, "needs", "") if isinstance(data, Unknown) else ""
            what = str(data) if isinstance(data, OPEN) else "a policy that is not an object"
            policy = cls.opaque(what, needs, origin)
            policy.undecided = data if isinstance(data, Symbolic | Unknown) else None
            return policy
        version = settle(data.get("Version"))
        variables: bool | None = False
        if version is not None:
            variables = _VERSIONS.get(version) if isinstance(version, str) else None
        strange = [k for k in data if k not in _POLICY_ELEMENTS]
        if strange or (isinstance(version, str) and version not in _VERSIONS):
            what = f"element {strange[0]}" if strange else f"Version {version}"
            return cls.opaque(f"a policy with an unknown {what}", "", origin)
        statements = settle(data.get("Statement"))
        if isinstance(statements, dict):
            statements = [statements]
        if not isinstance(statements, list | tuple):
            policy = cls.opaque("a policy without readable statements", "", origin)
            policy.undecided = statements if isinstance(statements, OPEN) else None
            return policy
        policy = cls(origin)
        policy.version = version if isinstance(version, str) else None
        policy.statements = tuple(
            Statement(s, policy, i, variables) for i, s in enumerate(statements)
        )
        return policy

    @classmethod
    def opaque(cls, what: str, needs: str = "", origin: Any = None) -> Policy:
        """Return a policy whose body nobody supplied."""
        policy = cls(origin)
        policy.what = what
        policy.undecided = Unknown("not_collected", what, needs)
        statement = Statement({}, policy, 0, False)
        statement.broken = what
        statement.undecided = policy.undecided
        policy.statements = (statement,)
        return policy

    def without_conditions(self, prefix: str = "") -> Policy:
        """Return the policy with Allow statements that hold whatever the keys of a prefix.

        It is the very same one where no condition is left out.
        """
        return self._with(tuple(_unconditioned(s, prefix) for s in self.statements))

    def and_also(self, others: Sequence[Policy]) -> Policy:
        """Return the policy with the statements of others, which stay theirs."""
        return self._with((*self.statements, *(s for other in others for s in other.statements)))

    def with_everything_in(self, statement: Statement) -> Policy:
        """Return the policy with one of its statements on every resource."""
        changed = (s.about_everything() if s is statement else s for s in self.statements)
        return self._with(tuple(changed))

    def _with(self, statements: tuple[Statement, ...]) -> Policy:
        if statements == self.statements:
            return self
        other = Policy(self.origin)
        other.version = self.version
        other.what = self.what
        other.undecided = self.undecided
        other.statements = statements
        return other

    def about(self, action: str) -> About:
        """Return the numbers of the statements that may be about an action."""
        if self._actions is None:
            self._actions = Actions(self.statements)
        return self._actions.about(action)

    def __repr__(self) -> str:
        return f"Policy.opaque({self.what!r})" if self.what else f"Policy({self.statements!r})"


def _unconditioned(statement: Statement, prefix: str) -> Statement:
    if statement.effect != "Allow" or not statement.conditions:
        return statement
    kept = tuple(c for c in statement.conditions if not c.key.startswith(prefix))
    return statement if len(kept) == len(statement.conditions) else statement.under(kept)


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _principals(who: Any) -> tuple[tuple[str, Any], ...] | None:
    if isinstance(who, str):
        return (("*", who),) if who == "*" else None
    if not isinstance(who, dict):
        return None
    entries: list[tuple[str, Any]] = []
    for kind, values in who.items():
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
            return None
        for value in _listed(settle(values)):
            value = as_text(settle(value))
            if not isinstance(value, str | Symbolic | Unknown):
                return None
            entries.append((kind, value))
    return tuple(entries) or None


def _test(operator: str, key: str, values: Any, variables: bool | None) -> Condition:
    name = operator.lower()
    quantifier = ""
    for prefix, short in (("forallvalues:", "all"), ("foranyvalue:", "any")):
        if name.startswith(prefix):
            name, quantifier = name[len(prefix) :], short
    if_exists = name.endswith("ifexists")
    if if_exists:
        name = name[: -len("ifexists")]
    kind, negated = _OPERATORS.get(name, ("", False))
    if kind == "null" and (quantifier or if_exists):
        kind = ""
    wild = kind in ("glob", "arn")
    listed = _listed(values)
    if not listed:
        kind = ""
    patterns = tuple(parse_pattern(v, variables, wild, fold=kind == "folded") for v in listed)
    return Condition(
        kind, negated, quantifier, if_exists, key.lower(), patterns, f"{operator} {key}"
    )
