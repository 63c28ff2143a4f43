"""Amazon Resource Names whose fields may be symbolic."""

from __future__ import annotations

from typing import Final, NamedTuple

from crrlint.values import OneOf, Symbol, Symbolic, Text, Unknown, join, settle

PARTITIONS: Final = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
    "eu-isoe": "aws-iso-e",
    "eusc": "aws-eusc",
}


class Arn(NamedTuple):
    """The six fields; `resource` keeps every colon and slash after the fifth colon."""

    partition: Text
    service: Text
    region: Text
    account: Text
    resource: Text


def parse_arn(text: Text) -> Arn | None:
    """Split an ARN; None for a text that is certainly none.

    A field that lies within an unnamed text (a parameter that holds a whole ARN)
    becomes a symbol of its own, so that it still equals itself.  Raises `Undecided`
    for an unknown.
    """
    text = settle(text)
    if isinstance(text, Unknown):
        raise text.undecided()
    if isinstance(text, str):
        fields = text.split(":", 5)
        if len(fields) != 6 or fields[0] != "arn":
            return None
        return Arn(*fields[1:])
    if not isinstance(text, Symbolic):
        return None
    if len(text.parts) == 1 and isinstance(text.parts[0], Symbol):
        return _of_symbol(text.parts[0])
    if not text.startswith("arn:"):
        return None
    split = _split(text)
    if split is not None:
        return Arn(*split[1:])
    if text.symbols[0].form != "any":
        return None
    return _of_symbol(
        Symbol(
            str(text),
            "value",
            str(text),
            reason=text.symbols[0].reason,
            needs=text.symbols[0].needs,
        )
    )


def _split(text: Symbolic) -> list[Text] | None:
    """Split at the first five colons; None when a symbol before them may hold one."""
    fields: list[list[str | Symbol]] = [[]]
    for part in text.parts:
        if isinstance(part, Symbol):
            if len(fields) < 6 and part.form == "any":
                return None
            fields[-1].append(part)
            continue
        rest = part
        while len(fields) < 6 and ":" in rest:
            field, rest = rest.split(":", 1)
            fields[-1].append(field)
            fields.append([])
        fields[-1].append(rest)
    return [join(*field) for field in fields] if len(fields) == 6 else None


def _of_symbol(symbol: Symbol) -> Arn | None:
    if symbol.form != "any":
        return None

    def field(name: str, form: str) -> Text:
        return Symbolic(
            (
                Symbol(
                    symbol.entity,
                    f"{symbol.attribute}.{name}",
                    symbol.text if name == "resource" else f"{name} of {symbol.text}",
                    form=form,  # type: ignore[arg-type]
                    reason=symbol.reason,
                    needs=symbol.needs,
                ),
            )
        )

    return Arn(
        field("partition", "partition"),
        field("service", "any"),
        field("region", "any"),
        field("account", "any"),
        field("resource", "any"),
    )


def partition_of(region: Text) -> Text:
    """Return the partition of a Region; a symbol's is taken for `aws` by the loaders."""
    if isinstance(region, OneOf):
        return OneOf(region.choice, tuple(partition_of(option) for option in region.options))
    if not isinstance(region, str):
        return "aws"
    for prefix, partition in PARTITIONS.items():
        if region.startswith(prefix + "-"):
            return partition
    return "aws"


def names_key(fields: Arn) -> bool:
    """Tell whether an ARN is that of a KMS key or of an alias."""
    account, resource = fields.account, fields.resource
    return (
        fields.service == "kms"
        and fields.region != ""
        and (isinstance(account, Symbolic) or (len(account) == 12 and str(account).isdigit()))
        and any(resource.startswith(kind) for kind in ("key/", "alias/"))
        and (isinstance(resource, Symbolic) or resource not in ("key/", "alias/"))
    )


def without_start(text: Text, count: int) -> Text:
    """Return a text without its first characters, which are literal."""
    if isinstance(text, str):
        return text[count:]
    if isinstance(text, Symbolic) and isinstance(text.parts[0], str):
        return join(text.parts[0][count:], *text.parts[1:])
    return text


def bucket_arn(name: Text, partition: Text = "aws") -> Text:
    return join("arn:", partition, ":s3:::", name)


def role_arn(account: Text, path: Text, name: Text, partition: Text = "aws") -> Text:
    """`path` starts and ends with a slash."""
    return join("arn:", partition, ":iam::", account, ":role", path, name)
