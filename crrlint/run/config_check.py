"""What is wrong with a configuration, each fault with its line and what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from crrlint.documents.places import Places
from crrlint.documents.schema import conforms, read
from crrlint.documents.source import Document, Key, Location, Problem

_TYPES: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a number",
    "boolean": "true or false",
}


def check(document: Document) -> tuple[Problem, ...]:
    """Return everything in which a configuration departs from the schema."""
    schema = read("config.json")
    problems = list(_by_hand(document))
    if not conforms(document.data, schema):
        import jsonschema

        errors = jsonschema.Draft202012Validator(schema).iter_errors(document.data)
        problems.extend(p for error in errors for p in _explained(document, error))
    return tuple(sorted(set(problems), key=lambda p: (p.line or 0, p.column or 0, p.message)))


def problem(at: Location, message: str) -> Problem:
    span = Places().span(at)
    return Problem(at.path, message, span.line if span else None, span.column if span else None)


def _place(document: Document, keys: Iterable[Key]) -> Location:
    at = document.root
    for key in keys:
        at = at / key
    return at


def _dotted(keys: Iterable[Key]) -> str:
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")


def _explained(document: Document, error: Any) -> Iterator[Problem]:
    keys = tuple(error.absolute_path)
    at = _place(document, keys)
    named = _dotted(keys)
    where = named or "the file"
    value = error.instance
    match error.validator:
        case "additionalProperties":
            known = sorted(error.schema["properties"])
            for key in value:
                if key not in known:
                    yield problem(at / key, f"{where} has no key {_quoted(key, known)}")
        case "required":
            for key in error.validator_value:
                if key not in value:
                    yield problem(at, f"{where} lacks the key {key}")
        case "enum":
            words = error.validator_value
            yield problem(at, f"{where} is {_shown(value)}; {_choice(value, words)}")
        case "const":
            message = (
                f"{where} is {_shown(value)}; this version of crrlint reads {error.validator_value}"
            )
            yield problem(at, message)
        case "type":
            expected = error.validator_value
            if isinstance(expected, list):  # accounts
                expected = "string"
            yield problem(at, f"{where} is {_kind(value)}, not {_TYPES[expected]}")
        case "pattern":
            what = "the id of an organization" if keys[-1] == "id" else "the name of a Region"
            yield problem(at, f"{where} is {_shown(value)}, which is not {what}")
        case _:
            yield problem(at, f"{where}: {error.message}")


def _quoted(name: object, known: Sequence[str]) -> str:
    return f'"{name}"; it has: {", ".join(known)}' + _near(name, known)


def _near(name: object, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(str(name), list(known), 1)
    return f'; did you mean "{found[0]}"?' if found else ""


def _choice(value: Any, words: Sequence[str]) -> str:
    near = _near(value, words)
    if near and len(words) > 8:
        return near.removeprefix("; ")
    return f"it can be {_or(words)}{near}"


def _or(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else _kind(value, plain=True)


def _kind(value: Any, *, plain: bool = False) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if plain else f"the number {value}"
    if value is None:
        return "empty"
    return "text" if isinstance(value, str) else _NAMES.get(type(value), "a value")


def _by_hand(document: Document) -> Iterator[Problem]:
    """Check what a schema cannot say well: accounts, dates, values of parameters."""
    data = document.data
    if not isinstance(data, dict):
        return
    for keys, value in _walk(data, ()):
        if keys[-1] == "account" and keys[0] in ("deployments", "bind", "sources"):
            yield from _account(document, keys, value)
        elif len(keys) == 5 and keys[:2] == ("organization", "policies") and keys[3] == "targets":
            if not isinstance(value, str) or value[:1].isdigit():
                yield from _account(document, keys, value)
        elif keys[0] == "accounts" and len(keys) > 1:
            yield from _of_account(document, keys, value)
        elif keys[0] == "assume" and keys[-1] == "bucket-exists":
            yield from _bucket(document, keys, value)
        elif keys[0] == "ignore" and keys[-1] == "expires":
            yield from _date(document, keys, value)
        elif len(keys) == 4 and keys[0] == "deployments" and keys[2] == "parameters":
            yield from _parameter(document, keys, value)
    for index, entry in enumerate(_list(data.get("ignore"))):
        if isinstance(entry, dict) and "resource" not in entry and "path" not in entry:
            at = document.root / "ignore" / index
            message = f"ignore[{index}] names neither a resource nor a path"
            yield problem(at, f"{message}; to switch a rule off, write it under rules")


def _walk(value: Any, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], Any]]:
    if keys:
        yield keys, value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _walk(below, (*keys, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _walk(below, (*keys, index))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _account(document: Document, keys: tuple[Key, ...], value: Any) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return
    text = str(value)
    if len(text) == 12 and text.isdigit():
        return
    message = f"{_dotted(keys)} is {text}, which is not the 12 digits of an account"
    if text.isdigit() and len(text) < 12:
        message += "; if it lost a leading zero, write it in quotes"
    yield problem(_place(document, keys), message)


def _of_account(document: Document, keys: tuple[Key, ...], value: Any) -> Iterator[Problem]:
    at = _place(document, keys)
    if len(keys) == 2:
        yield from _account(document, keys, keys[1])
    elif keys[2:] == ("canonical-id",) and isinstance(value, str):
        if not re.fullmatch("[0-9a-f]{64}", value):
            message = f"{_dotted(keys)} is {_shown(value)}, which is not a canonical id"
            yield problem(at, f"{message}: 64 of the characters 0-9 and a-f")
    elif keys[2:] == ("path",) and isinstance(value, list):
        if not value or not str(value[0]).startswith("r-"):
            yield problem(at, f"{_dotted(keys)} has to begin with the root (r-...)")
    elif isinstance(keys[-1], int) and keys[-1] and not str(value).startswith("ou-"):
        yield problem(at, f"{_dotted(keys)} is {_shown(value)}, not the id of a unit (ou-...)")


def _bucket(document: Document, keys: tuple[Key, ...], value: Any) -> Iterator[Problem]:
    if isinstance(value, str) and not re.fullmatch(r"arn:[a-z-]+:s3:::[^/*?]+", value):
        message = f"{_dotted(keys)} is {_shown(value)}, which is not the ARN of a bucket"
        yield problem(_place(document, keys), message)


def _date(document: Document, keys: tuple[Key, ...], value: Any) -> Iterator[Problem]:
    from datetime import date

    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        message = f"{_dotted(keys)} is {_shown(value)}, which is not a day as YYYY-MM-DD"
        yield problem(_place(document, keys), message)


def _parameter(document: Document, keys: tuple[Key, ...], value: Any) -> Iterator[Problem]:
    from crrlint.model.parameters import scalar_text

    if scalar_text(value) is None:
        yield problem(_place(document, keys), f"{_dotted(keys)} is {_kind(value)}, not text")


def rule_problems(document: Document, known: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Return the rules and options that a configuration names and nobody has."""
    for name, value in (document.data.get("rules") or {}).items():
        at = document.root / "rules" / name
        if name not in known:
            yield problem(at, f'rules has no rule "{name}"' + _near_rule(name, known))
        elif isinstance(value, dict):
            yield from _option_problems(at, name, value, known[name])
    for index, entry in enumerate(document.data.get("ignore") or ()):
        if entry["rule"] not in known:
            at = document.root / "ignore" / index / "rule"
            message = f'ignore[{index}].rule: there is no rule "{entry["rule"]}"'
            yield problem(at, message + _near_rule(entry["rule"], known))


def _near_rule(name: str, known: Iterable[str]) -> str:
    """Suggest a rule by name: the id next to a wrong one is as good as any other."""
    if name.upper() in known:
        return f'; did you mean "{name.upper()}"?'
    return _near(name, [other for other in known if not other.isupper()])


def _option_problems(
    at: Location, rule: str, given: Mapping[str, Any], known: Mapping[str, Any]
) -> Iterator[Problem]:
    by_name = {name.replace("_", "-"): kind for name, kind in known.items()}
    for name, value in given.items():
        if name == "severity":
            continue
        key = name.replace("_", "-")
        if key in by_name:
            yield from _value_problems(at / name, value, by_name[key])
        else:
            options = f"; it has: {', '.join(by_name)}" if by_name else "; it has none"
            message = f'rules.{rule} has no option "{name}"{options}{_near(name, by_name)}'
            yield problem(at / name, message)


_NAMES: Final[dict[Any, str]] = {
    tuple: "a list",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    dict: "a mapping",
    Mapping: "a mapping",
}


def _value_problems(at: Location, value: Any, kind: Any) -> Iterator[Problem]:
    """Tell where an option's value is not of its type, which a rule's parameter states."""
    from crrlint.run.rule import Account, Region

    named = _dotted(at.keys)
    outer = getattr(kind, "__origin__", None) or getattr(kind, "__supertype__", kind)
    inner: tuple[Any, ...] = getattr(kind, "__args__", ())
    if outer is type(None):  # an option without a default may be anything
        return
    if outer is Literal:
        if value not in inner:
            yield problem(at, f"{named} is {_shown(value)}; {_choice(value, inner)}")
    elif kind is Account and _is_of(value, int | str):
        yield from _account(at.document, at.keys, value)
    elif not _is_of(value, _WRITTEN.get(outer, outer)):
        quotes = "; write it in quotes" if outer is str and isinstance(value, int) else ""
        wanted = _NAMES.get(outer, outer.__name__)
        yield problem(at, f"{named} is {_kind(value)}, not {wanted}{quotes}")
    elif kind is Region and not _REGION.search(value):
        yield problem(at, f'{named} is "{value}", which is not the name of a Region')
    elif isinstance(value, list):
        if not value:
            yield problem(at, f"{named} is an empty list")
        for index, item in enumerate(value if inner else ()):
            yield from _value_problems(at / index, item, inner[0])
    elif isinstance(value, dict) and inner:
        for key, item in value.items():
            yield from _value_problems(at / key, item, inner[1])


_WRITTEN: Final[dict[Any, Any]] = {tuple: list, Mapping: dict}
_REGION: Final = re.compile(r"^[a-z]{2,}(-[a-z]+)+-[0-9]+$")


def _is_of(value: Any, kind: Any) -> bool:
    return kind is bool if isinstance(value, bool) else isinstance(value, kind)
