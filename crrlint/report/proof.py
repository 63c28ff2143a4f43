"""The proof of a route: each thing that it needs, and the statements that grant or refuse it.

The rules report what is at fault; a proof tells of everything, in the order in which
S3 comes to need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from crrlint.access.citations import Cited, Source, cite, name_of_layer, sources
from crrlint.access.permissions import Refusal, decision, refuses_key, remedies, unattached_grant
from crrlint.access.requests import (
    ASSUME_ROLE,
    DECRYPT_REPLICAS,
    DECRYPT_SOURCE,
    ENCRYPT_REPLICAS,
    LIST_SOURCE,
    OVERRIDE_OWNER,
    READ_ACLS,
    READ_CONFIGURATION,
    READ_LEGAL_HOLD,
    READ_OBJECTS,
    READ_RETENTION,
    READ_TAGS,
    REPLICATE_DELETES,
    REPLICATE_OBJECTS,
    Need,
    request,
)
from crrlint.access.requirements import Requirement, is_soft, requirement_of
from crrlint.findings.evidence import scope
from crrlint.iam import Clause
from crrlint.routes.route import Route
from crrlint.run.engine import MAX_WORLDS, Open, Outcome, Reported, Result
from crrlint.run.rule import Subject
from crrlint.values import Choice, Undecided
from crrlint.values.answers import assuming
from crrlint.values.doubt import Doubt

Verdict: TypeAlias = Literal["granted", "refused", "open"]


class Check(NamedTuple):
    """One thing that has to hold: an Allow that is needed (`grant`), or a Deny that spares us.

    `statements` are those that grant or deny, or may; `nearest` those that come closest
    to a grant that is missing.  `where` names the policies of the layer.
    """

    layer: str
    where: str
    kind: str
    outcome: str
    statements: tuple[Cited, ...]
    nearest: tuple[Cited, ...]
    needs: str


class Answer(NamedTuple):
    """Whether a request is granted, for every object key that the route selects.

    `failing` is the resource of a request that is refused; `reason` and `needs` say what
    an open answer hangs on.
    """

    verdict: Verdict
    action: str
    resource: str | None = None
    checks: tuple[Check, ...] = ()
    failing: str | None = None
    reason: str = ""
    needs: str = ""


class Case(NamedTuple):
    """What is answered under one condition that the input leaves open; None: nothing is needed."""

    condition: str
    answer: Answer | None


class Step(NamedTuple):
    """A requirement with its answer; `loss` says what else happens where it is not met.

    `cases` are the answers of each kind, where they hang on a condition.
    """

    need: Need
    purpose: str
    answer: Answer
    loss: str = ""
    cases: tuple[Case, ...] = ()


class Unneeded(NamedTuple):
    """A requirement that the route does not have, and why."""

    need: Need
    purpose: str
    why: str


class Proof(NamedTuple):
    """A route with its verdict, its requirements, and what its verdict rests on.

    `given` are the conditions under which the route exists.
    """

    result: Result
    given: tuple[str, ...]
    steps: tuple[Step, ...]
    unneeded: tuple[Unneeded, ...]
    faults: tuple[Reported, ...]
    undecided: tuple[Open, ...]


class _Purpose(NamedTuple):
    """What a need is for, and why a route may not have it: by its rule, and by its buckets."""

    text: str
    unless_rule: str = ""
    unless_bucket: str = ""


_NO_LOCK = "the source bucket has no Object Lock"
_NO_KMS = "the rule selects no objects that a KMS key encrypts, or there is no key"

_PURPOSES: Final[dict[Need, _Purpose]] = {
    ASSUME_ROLE: _Purpose("assumes the role"),
    READ_CONFIGURATION: _Purpose("reads the replication configuration"),
    LIST_SOURCE: _Purpose("lists the source bucket"),
    READ_OBJECTS: _Purpose("reads the objects"),
    READ_ACLS: _Purpose("reads their ACLs"),
    READ_TAGS: _Purpose("reads their tags"),
    READ_RETENTION: _Purpose("reads their retention", "", _NO_LOCK),
    READ_LEGAL_HOLD: _Purpose("reads their legal holds", "", _NO_LOCK),
    DECRYPT_SOURCE: _Purpose("decrypts them", _NO_KMS),
    REPLICATE_OBJECTS: _Purpose("writes the replicas"),
    REPLICATE_DELETES: _Purpose(
        "replicates delete markers", "the rule does not replicate delete markers"
    ),
    OVERRIDE_OWNER: _Purpose(
        "hands the replicas to the destination's owner",
        "the rule does not change the owner",
        "the destination bucket owns all its objects anyway",
    ),
    ENCRYPT_REPLICAS: _Purpose("encrypts the replicas", _NO_KMS),
    DECRYPT_REPLICAS: _Purpose(
        "decrypts the destination's Bucket Key",
        _NO_KMS,
        "the destination bucket encrypts them with no Bucket Key",
    ),
}
"""The needs in the order in which S3 comes to have them."""


class NoRoute(Exception):  # noqa: N818 - an answer to whoever asked
    """A name that means no route, or several; the message lists them."""


def proofs(outcome: Outcome, name: str | None) -> tuple[Proof, ...]:
    """Return the proof of the route that a name means; without a name, of the only one.

    A route under several conditions is several, all of one id.
    """
    found = _named(outcome.results, name or "")
    ids = list(dict.fromkeys(result.route.id for result in found or outcome.results))
    if not ids:
        raise NoRoute("there is no route: no bucket replicates")
    if len(ids) > 1 or not found:
        asked = "give one with --route" if name is None else f"no route is called {name}"
        asked = f"{name} means several routes" if name is not None and found else asked
        raise NoRoute("\n  ".join([f"{asked}; these are there:", *ids]))
    return tuple(_proof(result, outcome) for result in found)


def _named(results: Sequence[Result], name: str) -> list[Result]:
    """Return the routes of an id, of a source bucket, or of ids that start so."""
    ways: tuple[Callable[[Route], bool], ...] = (
        lambda route: route.id == name,
        lambda route: str(route.source) == name,
        lambda route: route.id.startswith(name),
    )
    for means in ways:
        found = [result for result in results if means(result.route)]
        if found:
            return found
    return []


def _proof(result: Result, outcome: Outcome) -> Proof:
    route = result.route
    steps: list[Step] = []
    unneeded: list[Unneeded] = []
    for need, purpose in _PURPOSES.items():
        found = _step(route, need, purpose)
        if isinstance(found, Step):
            steps.append(found)
        else:
            unneeded.append(found)
    return Proof(
        result,
        tuple(choice.describe(answer) for choice, answer in route.given.items()),
        tuple(steps),
        tuple(unneeded),
        tuple(r for r in outcome.findings if _is_fault(r) and _concerns(r.subject, route)),
        tuple(o for o in outcome.undecided if o.stake == "error" and _concerns(o.subject, route)),
    )


def _is_fault(reported: Reported) -> bool:
    return (reported.finding.severity or reported.rule.severity) == "error"


def _concerns(subject: Subject, route: Route) -> bool:
    return subject is route or subject is route.configuration or subject is route.source


def _step(route: Route, need: Need, purpose: _Purpose) -> Step | Unneeded:
    """Ask under every set of answers that the question hangs on, as the engine does."""
    requirement = Requirement(need) if need == ASSUME_ROLE else requirement_of(need)
    worlds = list(_worlds(lambda: _answer(route, requirement, purpose), need, route.given, [0]))
    answers = [answer for _, answer in worlds if isinstance(answer, Answer)]
    if not answers:
        return Unneeded(need, purpose.text, next(why for _, why in worlds if isinstance(why, str)))
    cases = _cases(worlds, route.given)
    loss = "" if answers[0].verdict == "granted" and len(cases) < 2 else _loss(route, need)
    verdicts = {answer.verdict for answer in answers}
    if verdicts == {"granted"} or (verdicts == {"refused"} and len(answers) == len(worlds)):
        return Step(need, purpose.text, answers[-1], loss, cases if len(cases) > 1 else ())
    if len(cases) == 1:
        return Step(need, purpose.text, answers[0], loss)
    hanging = [choice for given, _ in worlds for choice in given if choice not in route.given]
    return Step(need, purpose.text, _open(cases, hanging), loss, cases)


def _open(cases: Sequence[Case], hanging: Iterable[Choice]) -> Answer:
    """Return the answer that is open under some condition, or that hangs on one."""
    unmet = [
        (case.answer.verdict, case.condition, case.answer)
        for case in cases
        if case.answer is not None and case.answer.verdict != "granted"
    ]
    # What is open whatever the condition comes first: "open" sorts before "refused".
    verdict, condition, answer = min(unmet, key=lambda one: one[0])
    needs = answer.needs or "; ".join(dict.fromkeys(c.needs for c in hanging if c.needs))
    reason = f"{verdict}, if {condition}"
    return Answer("open", answer.action, answer.resource, reason=reason, needs=needs)


_World: TypeAlias = tuple[Mapping[Choice, int], Answer | str]


def _worlds(
    ask: Callable[[], Answer | str], need: Need, given: Mapping[Choice, int], count: list[int]
) -> Iterator[_World]:
    """Yield the answer under each set of answers to the choices that it hangs on."""
    try:
        with assuming(given):
            answer = ask()
    except Undecided as gap:
        choice = gap.choice
        count[0] += 0 if choice is None else len(choice.answers)
        if choice is None or choice in given or count[0] > MAX_WORLDS:
            yield given, Answer("open", need.action, reason=gap.what, needs=gap.needs)
            return
    else:
        yield given, answer
        return
    for number in range(len(choice.answers)):
        yield from _worlds(ask, need, {**given, choice: number}, count)


def _cases(worlds: Sequence[_World], given: Mapping[Choice, int]) -> tuple[Case, ...]:
    """Bring together the sets of answers under which the same is said."""
    found: dict[object, tuple[list[str], Answer | None]] = {}
    for answers, said in worlds:
        mine = [c.describe(number) for c, number in answers.items() if c not in given]
        answer = said if isinstance(said, Answer) else None
        conditions, _ = found.setdefault(_gist(answer), ([], answer))
        conditions.append(" and ".join(mine))
    return tuple(Case(" or ".join(conditions), answer) for conditions, answer in found.values())


def _gist(answer: Answer | None) -> object:
    """Return what makes two answers the same for people: the verdict and its statements."""
    if answer is None:
        return None
    checks = [
        (check.layer, check.kind, check.outcome, *(cited[:4] for cited in check.statements))
        for check in answer.checks
        if check.kind == "grant" or check.outcome != "holds"
    ]
    return answer.verdict, answer.action, answer.resource, answer.reason, tuple(checks)


def _loss(route: Route, need: Need) -> str:
    """Return what happens where objects replicate without a need; empty where they do not."""
    try:
        with assuming(route.given):
            soft = need == READ_TAGS and is_soft(route, need)
    except Undecided:
        return ""
    return "objects without tags replicate all the same" if soft else ""


def _answer(route: Route, requirement: Requirement, purpose: _Purpose) -> Answer | str:
    """Return the answer for a requirement, or why the route does not have it."""
    if not requirement.when(route):
        return purpose.unless_rule
    doubt = Doubt()
    with doubt:
        if not requirement.provided(route):
            return purpose.unless_bucket
    answer = _best(route, (requirement.need, *requirement.instead(route)))
    gap = doubt.gap
    if gap is not None and answer.verdict == "refused":
        return answer._replace(
            verdict="open", reason=f"whether it is needed: {gap.what}", needs=gap.needs
        )
    return answer


def _best(route: Route, ways: Sequence[Need]) -> Answer:
    """Return the answer of the way that is granted, else of the first that is not refused."""
    answers = []
    for way in ways:
        answer = _decided(route, way)
        if answer.verdict == "granted":
            return answer
        answers.append(answer)
    left_open = next((answer for answer in answers if answer.verdict == "open"), None)
    if left_open is not None:
        return left_open
    first = answers[0]
    for way in ways[1:]:
        if not _is_refused_too(route, ways[0], way):
            # What S3 does with keys that another action each covers is documented nowhere.
            return first._replace(
                verdict="open",
                reason=f"{ways[0].action} and {way.action} are granted for different keys",
                needs=f"{ways[0].action} granted for all keys of the rule",
            )
    return first


def _is_refused_too(route: Route, need: Need, other: Need) -> bool:
    clause = next((c for c in decision(route, need).clauses if c.outcome == "fails"), None)
    if clause is None:
        return True
    return refuses_key(route, other, Refusal(need, clause, request(route, need).resource))


def _decided(route: Route, need: Need) -> Answer:
    verdict = decision(route, need)
    known = sources(route, need)
    resource = str(scope(route, need))
    checks = tuple(_check(route, need, clause, known) for clause in verdict.clauses)
    if verdict.verdict == "allowed":
        return Answer("granted", need.action, resource, checks)
    if verdict.verdict == "denied":
        key = verdict.counterexample
        failing = str(request(route, need).resource).replace("{key}", key or "")
        together = all(check.outcome != "fails" for check in checks)
        reason = verdict.reason if together else ""
        return Answer("refused", need.action, resource, checks, failing, reason)
    needs = [need for c in verdict.clauses if c.outcome == "unknown" for need in c.needs]
    remedy = remedies(route, needs)
    return Answer("open", need.action, resource, checks, None, verdict.reason, remedy)


def _check(route: Route, need: Need, clause: Clause, known: Sequence[Source]) -> Check:
    statements = tuple(cite(s, known, clause.layer) for s in clause.statements)
    near = [cite(n.statement, known, clause.layer, n.why) for n in clause.nearest]
    if clause.layer == "identity" and clause.kind == "grant" and clause.outcome == "fails":
        policy = unattached_grant(route, need)
        if policy is not None:
            name = f"managed policy {policy.name}"
            lacks = "it would grant this, and is attached to no role"
            near.append(Cited("identity", name, None, None, policy.at, lacks))
    needs = remedies(route, clause.needs) if clause.outcome == "unknown" else ""
    where = name_of_layer(route, need, clause.layer)
    return Check(clause.layer, where, clause.kind, clause.outcome, statements, tuple(near), needs)
