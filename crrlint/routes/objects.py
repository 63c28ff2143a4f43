"""Which of the known objects a replication rule selects."""

from __future__ import annotations

from crrlint.model import ObjectFacts
from crrlint.routes.route import Route
from crrlint.values import Symbolic, Undecided


def selects(route: Route, fact: ObjectFacts) -> bool:
    """Tell whether an object of the source is one that the route's rule selects."""
    prefix = route.rule.prefix
    if prefix != "":
        if isinstance(prefix, Symbolic):
            raise prefix.undecided()
        if not fact.key.startswith(str(prefix)):
            return False
    if route.rule.tags:
        what = f"the tags of object {fact.key} of bucket {fact.bucket} are not stated"
        raise Undecided("not_collected", what, "a rule that selects by prefix only")
    return True
