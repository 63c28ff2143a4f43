"""What AWS makes of the arguments of KMS keys and aliases, and what reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crrlint.loaders.terraform.attributes import not_set
from crrlint.loaders.terraform.naming import arn_of, region_of
from crrlint.loaders.terraform.texts import unnamed
from crrlint.model.arn import parse_arn, without_start
from crrlint.values import (
    OneOf,
    Symbol,
    Symbolic,
    Text,
    Undecided,
    Unknown,
    join,
    symbolic,
)

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import ResourceInstance


def key_id(instance: ResourceInstance) -> Text:
    """Return a key's id; a replica has that of its primary."""
    primary = instance.text("primary_key_arn")
    found = None if primary is None else key_id_in(primary)
    if found is not None:
        return found
    text = f"${{{instance.address}}}"
    return unnamed(instance.entity, "key-id", text, form="name", unique=True)


def key_id_in(arn: Text) -> Text | None:
    """Return the id in a key's ARN; None for what is none, or not known to be one."""
    if isinstance(arn, (OneOf, Unknown)):
        return None
    try:
        fields = parse_arn(arn)
    except Undecided:
        return None
    if fields is None or isinstance(fields.resource, (OneOf, Unknown)):
        return None
    try:
        is_key = fields.resource.startswith("key/")
    except Undecided:
        return None
    return without_start(fields.resource, len("key/")) if is_key else None


def key_attribute(instance: ResourceInstance, name: str) -> Text | None:
    if name in ("id", "key_id"):
        return key_id(instance)
    if name == "arn":
        return arn_of(instance, "kms", region_of(instance), "key/", key_id(instance))
    return None


def _key_ref(instance: ResourceInstance, text: Text) -> Text:
    """Return the ARN of a key that is given by its ARN or by its id."""
    if isinstance(text, OneOf):
        return OneOf(text.choice, tuple(_key_ref(instance, option) for option in text.options))
    try:
        if isinstance(text, Unknown) or text.startswith("arn:"):
            return text
    except Undecided:
        return text
    return arn_of(instance, "kms", region_of(instance), "key/", text)


def alias_attribute(instance: ResourceInstance, name: str) -> Text | None:
    alias = instance.text("name")
    if alias is None or not_set(alias):
        text = f"${{{instance.address}}}"
        alias = join(
            "alias/", unnamed(instance.entity, "alias-name", text, form="name", unique=True)
        )
    target = instance.text("target_key_id")
    match name:
        case "id" | "name":
            return alias
        case "arn":
            return arn_of(instance, "kms", region_of(instance), alias)
        case "target_key_arn":
            return None if target is None else _key_ref(instance, target)
        case "target_key_id":
            return None if target is None else key_id_in(target) or target
    return None


def _made_alias(instance: ResourceInstance) -> ResourceInstance | None:
    """Return the one alias that a data source names by a reference to it.

    Then it is read after the alias is made.  One that is only spelled alike is read before,
    and leads to whatever key it stands for until then.
    """
    from crrlint.loaders.hcl.syntax import Attr
    from crrlint.loaders.terraform.bodies import steps_of

    attribute = instance.body.attributes.get("name")
    found = None if attribute is None else steps_of(attribute.value)
    if found is None or found[0] != "aws_kms_alias" or len(found[1]) != 2:
        return None
    label, read = found[1]
    if not isinstance(label, Attr) or not isinstance(read, Attr) or read.name not in ("name", "id"):
        return None
    made = instance.module.resource(f"aws_kms_alias.{label.name}")
    if made is None or made.expansion.shape is not None:
        return None
    alias = made.instances[0]
    return alias if alias.provider is instance.provider else None


def existing_alias_attribute(instance: ResourceInstance, name: str) -> Text | None:
    alias = instance.text("name")
    if alias is None:
        return None
    made = _made_alias(instance) if name in ("target_key_id", "target_key_arn") else None
    if made is not None:
        return alias_attribute(made, name)
    match name:
        case "id" | "arn":
            return arn_of(instance, "kms", region_of(instance), alias)
        case "target_key_id":
            return _key_of_alias(instance, alias)
        case "target_key_arn":
            return arn_of(
                instance, "kms", region_of(instance), "key/", _key_of_alias(instance, alias)
            )
    return None


def _key_of_alias(instance: ResourceInstance, alias: Text) -> Text:
    """Return the id of the key that an alias stands for, as whoever looks one up names it."""
    place = f"{instance.provider.account}/{region_of(instance)}/{alias}"
    symbol = Symbol(
        place, "key-id", f"the key of {alias}", form="name", reason="external_reference",
        needs="aws kms list-aliases, or the file that makes the alias",
    )  # fmt: skip
    return symbolic(symbol)


def existing_key_attribute(instance: ResourceInstance, name: str) -> Text | None:
    given = instance.text("key_id")
    if given is None or isinstance(given, (OneOf, Unknown)) or name not in ("id", "arn", "key_id"):
        return None
    if name == "key_id":
        return given
    if isinstance(given, Symbolic) and len(given.parts) == 1:
        # An id, an ARN or an alias: nobody knows which.
        return unnamed(instance.entity, name, f"${{{instance.address}.{name}}}")
    known = key_id_in(given)
    if known is None and given.startswith("alias/"):
        known = _key_of_alias(instance, given)
    elif known is None and given.startswith("arn:"):
        return unnamed(instance.entity, name, f"${{{instance.address}.{name}}}")
    elif known is not None and name == "arn":
        return given
    known = given if known is None else known
    return known if name == "id" else arn_of(instance, "kms", region_of(instance), "key/", known)
