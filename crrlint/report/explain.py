"""The pages behind `crrlint explain`: of a rule, of a failure reason or error, and the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from crrlint.report.failures import ERRORS, FAILURES, SPELLINGS, Failure
from crrlint.run.rule import Rule

_TELLING: Final = 6
"""So many letters of a failure reason are enough to ask for it."""

_WIDTH: Final = 88


def explain(rules: Sequence[Rule], what: str) -> str | None:
    """Return what is known of a rule's id or name, of a failure reason or an error's text.

    None when nothing is; the list of rules for an empty text.
    """
    if not what:
        return "".join(f"{rule.id}  {rule.severity:8} {rule.name}\n" for rule in rules)
    for rule in rules:
        if what.upper() == rule.id or what.lower() == rule.name:
            return page(rule)
    known = {**FAILURES, **ERRORS}
    by_letters = {name.lower(): name for name in (*known, *SPELLINGS)}
    code = by_letters.get(what.strip().lower())
    if code is not None:
        code = SPELLINGS.get(code, code)
        return _failure(code, known[code], rules)
    return _errors(what, known, rules)


def page(rule: Rule) -> str:
    """Return a rule's page: a head, and the docstring as it stands."""
    head = [f"{rule.id} {rule.name} ({rule.severity})"]
    if rule.failure:
        head.append(f"in production: {rule.failure}")
    if rule.options:
        options = (f"{n.replace('_', '-')} (default {written(v)})" for n, v in rule.options.items())
        head.append(f"options: {', '.join(options)}")
    head.append(f"source: {rule.source}")
    return "\n".join(head) + "\n\n" + rule.text


def written(default: object) -> str:
    """Return an option's default as crrlint.yaml has it."""
    import json

    return json.dumps(list(default) if isinstance(default, tuple) else default)


def similar(what: str, rules: Sequence[Rule]) -> str | None:
    """Return the rule, failure reason or error that was meant, perhaps."""
    from difflib import get_close_matches

    known = {name.lower(): name for name in (*FAILURES, *ERRORS, *SPELLINGS)}
    known |= {rule.name: rule.name for rule in rules}
    found = get_close_matches(what.strip().lower(), list(known), 1, 0.7)
    return known[found[0]] if found else None


def _failure(code: str, failure: Failure, rules: Sequence[Rule]) -> str:
    """Return the page of one failure reason or error code."""
    causes = {code, *failure.like}
    behind = [rule for rule in rules if causes.intersection(_pieces(rule))]
    beside = [rule for rule in rules if rule.id in failure.see and rule not in behind]
    lines = [code, "", *_wrapped(failure.means), "", *_wrapped(f"Look at {failure.look}"), ""]
    if failure.runtime:
        lines += ["It happens while replication runs; no configuration predicts it."]
        lines += [""] if beside else []
    if behind:
        lines += ["Rules that prove a cause of it:", *map(_line, behind)]
        lines += [""] if beside else []
    if beside:
        lines += ["Rules that bear on it:", *map(_line, beside)]
    if not behind and not beside and not failure.runtime:
        lines += ["No rule looks for it."]
    return "\n".join(lines) + "\n"


def _errors(what: str, known: Mapping[str, Failure], rules: Sequence[Rule]) -> str | None:
    """Return what could be behind the text of an error, its most telling part first."""
    found = [(rule, _matched(what, rule)) for rule in rules]
    # A whole sentence tells more than the code before it, which many rules share.
    sentences = [rule for rule, pieces in found if any(" " in piece for piece in pieces)]
    codes = [name for name in known if name.lower() in what.lower()]
    if codes and not sentences:
        return "\n".join(_failure(code, known[code], rules) for code in codes)
    behind = sentences or [rule for rule, pieces in found if pieces]
    if not behind:
        return None
    lines = [f"{what}: these rules look for what could be behind it", "", *map(_line, behind)]
    return "\n".join(lines) + "\n"


def _matched(what: str, rule: Rule) -> list[str]:
    """Return the failures of a rule that a text is, is a good part of, or holds whole."""
    asked = what.lower().strip(" .")
    return [
        piece
        for piece in _pieces(rule)
        if (shown := piece.lower().strip(" .")) in asked
        or (len(asked) >= _TELLING and asked in shown)
    ]


def _pieces(rule: Rule) -> list[str]:
    return rule.failure.split("; ") if rule.failure else []


def _line(rule: Rule) -> str:
    return f"  {rule.id}  {rule.name}: {rule.title[:1].lower()}{rule.title[1:]}"


def _wrapped(text: str) -> Iterator[str]:
    from textwrap import wrap

    yield from wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
