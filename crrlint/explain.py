"""The pages behind `crrlint explain`: of a rule, of a failure reason, and the list of all."""

from __future__ import annotations

from collections.abc import Sequence

from crrlint.rule import Rule

_TELLING = 6
"""So many letters of a failure reason are enough to ask for it."""


def explain(rules: Sequence[Rule], what: str) -> str | None:
    """Return what is known of a rule's id or name, of a failure reason or an error's text.

    None when nothing is; the list of rules for an empty text.
    """
    if not what:
        return "".join(f"{rule.id}  {rule.severity:8} {rule.name}\n" for rule in rules)
    for rule in rules:
        if what.upper() == rule.id or what.lower() == rule.name:
            return page(rule)
    behind = [rule for rule in rules if rule.failure and _same_words(what, rule.failure)]
    if not behind:
        return None
    lines = [f"{what}: these rules look for what could be behind it", ""]
    lines += [f"{rule.id}  {rule.name}: {rule.title.lower()}" for rule in behind]
    return "\n".join(lines) + "\n"


def _same_words(what: str, failure: str) -> bool:
    """Tell whether a text is one of the failures, a good part of it, or holds it whole."""
    asked = what.lower().strip(" .")
    for one in failure.lower().split("; "):
        shown = one.strip(" .")
        if shown in asked or (len(asked) >= _TELLING and asked in shown):
            return True
    return False


def page(rule: Rule) -> str:
    """Return a rule's page: a head, and the docstring as it stands."""
    head = [f"{rule.id} {rule.name} ({rule.severity})"]
    if rule.failure:
        head.append(f"in production: {rule.failure}")
    if rule.options:
        options = ", ".join(f"{name} (default {value!r})" for name, value in rule.options.items())
        head.append(f"options: {options}")
    head.append(f"source: {rule.source}")
    return "\n".join(head) + "\n\n" + rule.text
