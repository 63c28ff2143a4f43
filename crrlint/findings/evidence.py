"""What a finding about a permission shows: the place, the statements nearby, text to paste."""

from __future__ import annotations

import json
from collections.abc import Sequence

from crrlint.access.permissions import Refusal, place
from crrlint.access.requests import Need, request
from crrlint.documents.source import Location
from crrlint.routes.route import Route
from crrlint.run.rule import Note
from crrlint.values import Text, Undecided


def nearest_place(refusal: Refusal) -> Location | None:
    places = [place(near.statement) for near in refusal.clause.nearest]
    return next((at for at in places if at is not None), None)


def nearest_notes(refusal: Refusal) -> tuple[Note, ...]:
    notes = []
    for near in refusal.clause.nearest:
        at = place(near.statement)
        if at is not None:
            notes.append(Note(at, near.why))
    return tuple(notes)


def policies_place(route: Route) -> Location:
    """Return where the role's first policy stands, or the role."""
    role = route.role
    try:
        policies = role.policies
    except Undecided:
        policies = []
    return policies[0].at if policies else role.at()


def needed_by(route: Route) -> tuple[Note, ...]:
    return (Note(route.rule.at(), f"replication rule of {route.source} that needs it"),)


def scope(route: Route, need: Need) -> Text:
    """Return the ARN that a statement has to name: objects with the rule's prefix and a star."""
    asked = request(route, need)
    # Text that is symbolic can be printed, but not asked whether it is empty.
    prefix = "" if asked.prefix is None else asked.prefix
    return str(asked.resource).replace("{key}", f"{prefix}*")


def allow(actions: Sequence[str], resource: Text, where: str = "role's policy") -> str:
    action = list(actions) if len(actions) > 1 else actions[0]
    statement = {"Effect": "Allow", "Action": action, "Resource": str(resource)}
    return f"add to the {where}: {json.dumps(statement)}"


def exempt(route: Route) -> str:
    condition = {"ArnNotEquals": {"aws:PrincipalArn": str(route.role.arn)}}
    return f"exempt the replication role: add to the statement's Condition {json.dumps(condition)}"


def grant_to_role(route: Route, need: Need, *others: Need) -> str:
    """Return the statement that a resource policy needs, as text to paste."""
    actions = [need.action, *(other.action for other in others)]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": str(route.role.arn)},
        "Action": actions if others else need.action,
        "Resource": str(scope(route, need)),
    }
    return json.dumps(statement)
