"""The AWS provider's functions over ARNs: plain text work, and texts with symbols in them."""

from __future__ import annotations

from typing import Any, Final

from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function
from crrlint.loaders.hcl.pieces import assemble
from crrlint.loaders.hcl.values import OpenText
from crrlint.values import Symbolic

_FIELDS: Final = ("partition", "service", "region", "account_id", "resource")


def _fields(arn: str | Symbolic) -> list[Any]:
    """Split an ARN into its six fields; the last may hold colons."""
    parts = list(arn.parts) if isinstance(arn, Symbolic) else [arn]
    fields: list[list[Any]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            if len(fields) < 6 and part.form == "any":
                raise arn.undecided()  # type: ignore[union-attr]
            fields[-1].append(part)
            continue
        pieces = part.split(":", 6 - len(fields)) if len(fields) < 6 else [part]
        fields[-1].append(pieces[0])
        fields.extend([piece] for piece in pieces[1:])
    made = [assemble(field) for field in fields]
    if len(made) < 6 or made[0] != "arn":
        raise BadArgument("is no ARN")
    return made


def _arn_parse(arn: str | Symbolic) -> Any:
    made = _fields(arn)
    return dict(zip(_FIELDS, made[1:], strict=True))


def _arn_build(*fields: str | Symbolic | OpenText) -> Any:
    pieces: list[Any] = ["arn"]
    for field in fields:
        pieces += [":", field]
    return assemble(pieces)


def _trim_path(arn: str | Symbolic) -> Any:
    made = _fields(arn)
    resource = made[5]
    parts = list(resource.parts) if isinstance(resource, Symbolic) else [resource]
    if made[2] != "iam" or not isinstance(parts[0], str) or not parts[0].startswith("role/"):
        raise BadArgument("is no ARN of a role")
    last: list[Any] = []
    for part in parts:
        if isinstance(part, str) and "/" in part:
            last = [part.rpartition("/")[2]]
        else:
            if not isinstance(part, str) and part.form == "any":
                raise arn.undecided()  # type: ignore[union-attr]
            last.append(part)
    return _arn_build(*made[1:5], assemble(["role/", *last]))


FUNCTIONS: Final[dict[str, Function]] = {
    "provider::aws::arn_build": Function(_arn_build, ("text",) * 5, text=True),
    "provider::aws::arn_parse": Function(_arn_parse, ("text",)),
    "provider::aws::trim_iam_role_path": Function(_trim_path, ("text",), text=True),
}
