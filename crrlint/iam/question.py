"""One question: its coded texts, its context, and which statements can apply to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from crrlint.iam.conditions import all_hold
from crrlint.iam.context import ABSENT, PRESENT, UNKNOWN, ContextValue, OneOfValues, as_text
from crrlint.iam.logic import MAYBE, NO, YES, Bounds, every, inverse, some
from crrlint.iam.patterns import Pattern, Variable
from crrlint.iam.policy import Policy, Statement
from crrlint.iam.principals import Caller, Principal
from crrlint.iam.search import Budget
from crrlint.iam.text import KEY, Alphabet, Target, match, match_resource
from crrlint.values import Symbol, Text, Unknown, settle


class Request(NamedTuple):
    """One action on one resource, or on one for every object key.

    In the context, a name that ends in a star stands for all keys that begin with the rest of
    it and have no name of their own.  A key that no name stands for is unknown.
    """

    principal: Principal
    action: str
    resource: Text
    prefix: Text | None
    resource_account: Text | None
    context: Mapping[str, ContextValue]
    multivalued: frozenset[str] = frozenset()


class Question:
    """What the statements of every layer are held against; lives for one `decide`."""

    __slots__ = (
        "_context",
        "_targets",
        "_values",
        "action",
        "action_target",
        "alphabet",
        "budget",
        "caller",
        "doubts",
        "prefix",
        "request",
        "resource",
        "service",
        "world",
    )

    def __init__(self, request: Request) -> None:
        self.request = request
        self.alphabet = Alphabet()
        self.budget = Budget()
        self.doubts: list[object] = []
        self.action = request.action.lower()
        self.action_target = Target(self.action, False, False)
        self.service = self.action.partition(":")[0]
        self._context: dict[str, Any] | None = None
        self._values: dict[str, Any] = {}
        self.world: Mapping[str, Any] = {}
        self._targets: dict[tuple[str, bool], Target] = {}
        self.prefix: str | None = None
        if request.prefix is not None:
            self.prefix = self.alphabet.encode(request.prefix)
        account: Any = as_text(settle(request.context.get("aws:PrincipalAccount")))
        known = not (account is None or isinstance(account, tuple) or _is_open(account))
        self.caller = Caller(request.principal, account if known else None)
        target = self.target(request.resource)
        self.resource = target or Target(self.alphabet.unknown(request.resource), False, True)

    # What is open, for the report

    def doubt(self, about: object) -> None:
        self.doubts.append(about)

    def doubt_key(self, key: str) -> None:
        self.doubts.append("context key " + key)

    def doubt_code(self, code: str, target: Target) -> None:
        self.doubts.extend(self.alphabet.symbols_in(code))
        self.doubts.extend(self.alphabet.symbols_in(target.text))

    # Texts

    def value(self, key: str) -> Any:
        if key in self.world:
            return self.world[key]
        if key not in self._values:
            if self._context is None:
                # Names of keys are matched whatever their case; most questions ask for none.
                self._context = {k.lower(): v for k, v in self.request.context.items()}
            given = self._context[key] if key in self._context else self._family(key)
            self._values[key] = as_text(settle(given))
        return self._values[key]

    def is_multivalued(self, key: str) -> bool:
        return any(key == name.lower() for name in self.request.multivalued)

    def _family(self, key: str) -> Any:
        """Return what is known of a key that has no name of its own: that of `aws:RequestTag/*`."""
        context = self._context or {}
        for length in range(len(key), 0, -1):
            given = context.get(key[:length] + "*")
            if given is not None:
                return given
        return UNKNOWN

    def target(self, value: Any, fold: bool = False) -> Target | None:
        """Return the text to hold patterns against; None when nobody can tell."""
        text = self.alphabet.encode(value)
        known = self._targets.get((text, fold))
        if known is None:
            is_open = self.prefix is not None and KEY in text
            code = text
            if is_open:
                if fold or text.index(KEY) != len(text) - len(KEY):
                    what = self.alphabet.decode(text)
                    self.doubts.append(Unknown("unsupported_expression", what))
                    return None
                code = text[: -len(KEY)] + (self.prefix or "")
            if fold:
                code = code.lower()
            known = Target(code, is_open, bool(self.alphabet.symbols_in(code)))
            self._targets[text, fold] = known
        return known

    def resolve(self, pattern: Pattern) -> str | None:
        """Return the code of a pattern, or None when a variable in it has no value."""
        if pattern.code is not None:
            return pattern.code
        codes: list[str] = []
        for piece in pattern.pieces:
            if isinstance(piece, str):
                codes.append(piece)
            elif isinstance(piece, Symbol):
                codes.append(self.alphabet.char(piece))
            elif isinstance(piece, Variable):
                code = self._variable(piece)
                if code is None:
                    return None
                codes.append(code)
            else:
                codes.append(self.alphabet.unknown(piece))
        return "".join(codes)

    def _variable(self, variable: Variable) -> str | None:
        value = self.value(variable.name)
        if value is ABSENT:
            return variable.default
        if (
            _is_open(value)
            or isinstance(value, tuple)
            or self.is_multivalued(variable.name)
            or (self.prefix is not None and KEY in str(value))
        ):
            return self.alphabet.unknown(
                Unknown("unsupported_expression", f"the value of {variable.name}")
            )
        return self.alphabet.encode(value)

    # Statements

    def hits(self, policy: Policy, layer: str) -> list[Hit]:
        """Return the statements of a policy that may be about the action and the resource."""
        found: list[Hit] = []
        for number, sure in policy.about(self.action):
            hit = Hit(policy.statements[number], layer, self, sure)
            if hit.static[1] is not False:
                found.append(hit)
        return found

    def matches_action(self, statement: Statement) -> Bounds:
        if not statement.actions:
            return MAYBE
        answers: list[Bounds] = []
        for pattern in statement.actions:
            code = self.resolve(pattern) or ""
            answer = match(code, self.action_target, self.alphabet)
            if answer[0] is not answer[1]:
                self.doubt_code(code, self.action_target)
            answers.append(answer)
        matched = some(answers)
        return inverse(matched) if statement.not_action else matched

    def matches_resource(self, statement: Statement, layer: str) -> Bounds:
        if not statement.resources:
            # A trust policy has no Resource: it is about the role it belongs to.
            trust = statement.resources is None and layer == "resource" and self.service == "sts"
            return YES if trust else MAYBE
        answers: list[Bounds] = []
        for pattern in statement.resources:
            code = pattern.code
            if code is None:
                code = self.resolve(pattern)
                if code is None:
                    answers.append(MAYBE if statement.not_resource else NO)
                    continue
            answer = match_resource(
                code, self.resource, self.alphabet, layer, statement.not_resource
            )
            if answer[0] is not answer[1]:
                self.doubt_code(code, self.resource)
                if not self.alphabet.symbols:
                    self.doubt(Unknown("unsupported_expression", f"resource {pattern}"))
            if answer[0] is True:
                return NO if statement.not_resource else YES
            answers.append(answer)
        matched = some(answers)
        return inverse(matched) if statement.not_resource else matched


def _is_open(value: object) -> bool:
    return value is UNKNOWN or value is PRESENT or value is ABSENT or isinstance(value, OneOfValues)


class Hit:
    """A statement that may apply to the question, whoever asks it."""

    __slots__ = ("_action", "_bounds", "_layer", "doubts", "statement", "static")

    def __init__(self, statement: Statement, layer: str, question: Question, sure: bool) -> None:
        self.statement = statement
        self._layer = layer
        self._bounds: Bounds | None = None
        mark = len(question.doubts)
        self._action = YES if sure else question.matches_action(statement)
        self.static = self._resource(question) if self._action[1] is not False else NO
        self.doubts = question.doubts[mark:]

    def _resource(self, question: Question) -> Bounds:
        resource = question.matches_resource(self.statement, self._layer)
        if resource[1] is False:
            return NO
        known = [self._action, resource]
        if _is_misplaced(self.statement, self._layer, question.service):
            known.append(MAYBE)
            statement = self.statement
            if statement.undecided is not None:
                question.doubt(statement.undecided)
            else:
                why = statement.broken or "elements that such a policy cannot have, or lacks"
                question.doubt(Unknown("unsupported_expression", f"a statement: {why}"))
        return every(known)

    @property
    def effects(self) -> tuple[str, ...]:
        effect = self.statement.effect
        return (effect,) if effect else ("Allow", "Deny")

    def bounds(self, question: Question) -> Bounds:
        """Return where the statement applies, in the world that is assumed."""
        if question.world:
            static = self.static
            if any(p.code is None and p.variables for p in self.statement.resources or ()):
                static = self._resource(question)
            if not self.statement.conditions:
                return static
            return every((static, all_hold(self.statement.conditions, question)))
        if self._bounds is None:
            if not self.statement.conditions:
                self._bounds = self.static
            else:
                mark = len(question.doubts)
                conditions = all_hold(self.statement.conditions, question)
                self._bounds = every((self.static, conditions))
                self.doubts = self.doubts + question.doubts[mark:]
        return self._bounds


def _is_misplaced(statement: Statement, layer: str, service: str) -> bool:
    """Tell whether AWS would not accept the statement in a policy of this layer."""
    if statement.broken is not None:
        return True
    needs_principal = layer in ("resource", "rcp")
    if (statement.principals is not None) != needs_principal:
        return True
    if layer == "resource" and service == "sts":
        return statement.resources is not None
    return statement.resources is None
