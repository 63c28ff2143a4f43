"""The statements that come closest to an Allow that is missing, and what they lack."""

from __future__ import annotations

from typing import Final, NamedTuple

from crrlint.iam.conditions import holds
from crrlint.iam.globs import STAR
from crrlint.iam.logic import Bounds, tri
from crrlint.iam.names import is_meant, service_of
from crrlint.iam.patterns import Pattern
from crrlint.iam.policy import Policy, Statement
from crrlint.iam.question import Question
from crrlint.iam.text import match_resource
from crrlint.values.spelling import distance

_MOST: Final = 5
_SCANNED: Final = 500
_SLIP: Final = 2
_SHORT: Final = 200


class Near(NamedTuple):
    """A statement that lacks one thing of the Allow that is missing, and what it lacks.

    `why` says it in words; `condition` is set where it is a condition that fails.
    """

    statement: Statement
    why: str
    condition: str | None = None


def nearest(policies: tuple[tuple[Policy, str], ...], question: Question) -> list[Near]:
    """Return statements that lack one thing only, the most telling first."""
    found: list[tuple[int, Near]] = []
    for policy, layer in policies:
        if policy.what is not None:
            continue
        for statement in policy.statements[:_SCANNED]:
            if statement.effect == "Allow" and statement.broken is None:
                lack = _lack(statement, layer, question)
                if lack is not None:
                    found.append((lack[0], Near(statement, *lack[1:])))
    found.sort(key=lambda one: one[0])
    return [near for _, near in found[:_MOST]]


def _lack(
    statement: Statement, layer: str, question: Question
) -> tuple[int, str] | tuple[int, str, str] | None:
    """Return how telling the one thing is that the statement lacks, and what it is."""
    action = question.matches_action(statement)
    resource = question.matches_resource(statement, layer)
    principal = tri(True)
    if layer == "resource" and statement.principals is not None:
        strength = question.caller.strength(statement.principals)
        principal = tri(True if True in strength else None if None in strength else False)
    failing = [t for t in statement.conditions if _fails(holds(t, question.value(t.key), question))]
    lacking = [_fails(action), resource[0] is not True, _fails(principal), bool(failing)]
    if sum(lacking) != 1:
        return None
    if lacking[0]:
        return _other_action(statement, question)
    if lacking[1]:
        return _other_resource(statement, layer, resource, question)
    if lacking[2]:
        return _other_principal(statement, question)
    written = failing[0].written
    return (1, f"its condition {written} does not hold", written)


def _fails(bounds: Bounds) -> bool:
    return bounds[1] is False


def _other_action(statement: Statement, question: Question) -> tuple[int, str] | None:
    if statement.not_action:
        return (4, f"its NotAction excludes {question.request.action}")
    named = [str(p) for p in statement.actions if str(p).lower().startswith(question.service + ":")]
    if not named:
        return None
    needed = question.request.action
    mistaken = next((name for name in named if is_meant(name, needed)), None)
    if mistaken is not None:
        service = service_of(mistaken)
        return (0, f"it allows {mistaken}, which is no action of {service}: {needed} was meant")
    closest = min(named, key=lambda a: _distance(a.lower(), question.action))
    return (3, f"it allows {closest}, not {needed}")


def _other_resource(
    statement: Statement, layer: str, resource: Bounds, question: Question
) -> tuple[int, str] | None:
    if statement.not_resource or statement.resources is None:
        return (4, "its NotResource excludes the resource") if statement.not_resource else None
    if resource[1] is not False:
        covering = [p for p in statement.resources if _touches(p, layer, question)]
        return (0, "it covers only " + " and ".join(str(p) for p in covering[:3]))
    wanted = question.resource.text
    bucket = wanted.partition("/")[0]
    for pattern in statement.resources:
        code = question.resolve(pattern) or ""
        if "/" in wanted and code == bucket:
            return (0, f"{pattern} is the bucket, and the action is on its objects")
        if "/" not in wanted and code.partition("/")[0] == bucket:
            return (0, f"{pattern} are the objects, and the action is on the bucket")
    for pattern in statement.resources:
        code = question.resolve(pattern) or ""
        if _has_symbol(code + wanted, question):
            continue
        slip = _distance(code.partition("/")[0], bucket)
        if 0 < slip <= _SLIP:
            return (1, f"{pattern} names {_name(code)}, not {_name(bucket)}")
    shown = ", ".join(str(p) for p in statement.resources[:3])
    return (5, f"it is about {shown}")


def _touches(pattern: Pattern, layer: str, question: Question) -> bool:
    code = question.resolve(pattern)
    if code is None:
        return False
    return match_resource(code, question.resource, question.alphabet, layer, False)[1] is not False


def _has_symbol(code: str, question: Question) -> bool:
    return bool(question.alphabet.symbols_in(code))


def _name(code: str) -> str:
    return code.partition("/")[0].rpartition(":")[2].replace(STAR, "*")


def _other_principal(statement: Statement, question: Question) -> tuple[int, str]:
    principals = statement.principals
    if principals is None or principals.entries is None or principals.negated:
        return (4, "its NotPrincipal excludes the caller")
    role = question.request.principal.role
    if isinstance(role, str) and ":role/" in role:
        head, _, path = role.partition(":role/")
        name = path.rpartition("/")[2]
        for _, value in principals.entries:
            if not isinstance(value, str):
                continue
            if value.startswith(head + ":role/") and value.rpartition("/")[2] == name:
                return (0, f"it names {value}, and the path of the role differs: {role}")
            if 0 < _distance(value, role) <= _SLIP:
                return (1, f"it names {value}, not {role}")
            if "*" in value and value != "*":
                return (1, f"{value} matches no one: a principal cannot hold a wildcard")
    services = [value for kind, value in principals.entries if kind == "Service"]
    if services and question.caller.service is None:
        return (1, f"it names the service {services[0]}, and the caller is a session of a role")
    return (2, f"it names {principals.entries[0][1]}, not the caller")


def _distance(a: str, b: str) -> int:
    """Return the number of letters to insert, delete or change; long texts are far apart."""
    if a == b:
        return 0
    if len(a) > _SHORT or len(b) > _SHORT:
        return _SHORT
    return distance(a, b)
