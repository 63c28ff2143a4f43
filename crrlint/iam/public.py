"""Whether S3 takes a bucket policy for a public one.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crrlint.iam.conditions import parse_network
from crrlint.iam.globs import ANY, STAR
from crrlint.iam.patterns import Pattern
from crrlint.iam.policy import Condition, Policy, Statement
from crrlint.values import Symbolic

# Keys of which one fixed value is enough to make a grant to everyone a narrow one.
_NARROWING: Final = frozenset(
    (
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:userid",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
    )
)
_WIDEST: Final = {4: 8, 6: 32}


def public_statements(policy: Policy) -> tuple[bool | None, tuple[Statement, ...]]:
    """Return whether the policy is public, and the statements that make it so."""
    answers = [(_is_public(s), s) for s in policy.statements]
    certain = tuple(s for answer, s in answers if answer is True)
    if certain:
        return True, certain
    open_ones = tuple(s for answer, s in answers if answer is None)
    return (None, open_ones) if open_ones else (False, ())


def _is_public(statement: Statement) -> bool | None:
    if statement.effect == "Deny":
        return False
    if statement.broken is not None or statement.principals is None:
        return None
    principals = statement.principals
    everyone = any(isinstance(value, str) and value == "*" for _, value in principals.entries or ())
    if principals.negated:
        everyone = not everyone
    elif not everyone:
        named = all(_is_someone(value) for _, value in principals.entries or ())
        return False if named else None
    if not everyone:
        return False
    narrow = [_narrows(test) for test in statement.conditions]
    if True in narrow:
        return False
    return None if None in narrow else True


def _is_someone(principal: object) -> bool:
    """Tell whether a principal is certainly not everyone, though it may have no known name."""
    if isinstance(principal, Symbolic):
        return any(isinstance(part, str) or part.form != "any" for part in principal.parts)
    return isinstance(principal, str)


def _narrows(test: Condition) -> bool | None:
    if test.kind == "":
        return None
    # A test that an absent key passes leaves the anonymous caller in.
    if test.negated or test.if_exists or test.quantifier == "all":
        return False
    if test.key == "aws:sourceip" and test.kind == "ip":
        return _all(_narrow_network(p) for p in test.values)
    if test.key in _NARROWING and test.kind in ("text", "folded", "glob", "arn"):
        return _all(_fixed(p, test.key) for p in test.values)
    return False


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True


def _narrow_network(pattern: Pattern) -> bool | None:
    network = parse_network(pattern.code) if pattern.code is not None else None
    if network is None:
        return None
    return bool(network.prefixlen >= _WIDEST[network.version])


def _fixed(pattern: Pattern, key: str) -> bool | None:
    """Tell whether the value names something; S3 asks for values without wildcards."""
    if pattern.variables:
        return False
    code = pattern.code
    if code is None:
        return None
    if STAR not in code and ANY not in code:
        return True
    # S3 asks for values without wildcards; whether an ARN or a path of one owner
    # passes for fixed when its end is open is not documented.
    fields = code.split(":", 5)
    owner = fields[4] if len(fields) == 6 else ""
    if key == "aws:principalorgpaths":
        owner = code.partition("/")[0]
    return None if owner and STAR not in owner and ANY not in owner else False
