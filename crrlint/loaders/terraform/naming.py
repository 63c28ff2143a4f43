"""Names that resources are given or that AWS will make up, and the ARNs made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crrlint.loaders.terraform.attributes import not_set
from crrlint.loaders.terraform.texts import unnamed
from crrlint.model.arn import partition_of
from crrlint.values import (
    OneOf,
    Text,
    Unknown,
    identical,
    join,
)

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import ResourceInstance


def named(
    instance: ResourceInstance, argument: str, kind: str, prefix: str = "", *, sort: str = ""
) -> Text:
    """Return the name that an argument gives, or else the one that will be made up.

    Two things of a kind never share a made-up name; one that is only not known may be
    that of something else as well.
    """
    given = instance.text(argument)
    text = f"${{{instance.address}}}"

    def symbol(unknown: Unknown | None) -> Text:
        return unnamed(
            instance.entity,
            kind,
            text,
            form="name",
            unique=unknown is None,
            reason="deferred" if unknown is None else unknown.reason,
            needs=f"a {argument} for {instance.address}" if unknown is None else unknown.needs,
        )

    return each(given, lambda t: symbol(t if isinstance(t, Unknown) else None))


def each(text: Text | None, instead: Callable[[Text | None], Text]) -> Text:
    if isinstance(text, OneOf):
        return OneOf(text.choice, tuple(each(option, instead) for option in text.options))
    if text is None or not_set(text) or isinstance(text, Unknown):
        return instead(text)
    return text


def partition_here(instance: ResourceInstance) -> Text:
    region = instance.provider.region
    if not isinstance(region, str):
        instance.module.deployment.assume_partition()
    return partition_of(region)


def suffix(partition: Text) -> str:
    return ".amazonaws.com.cn" if identical(partition, "aws-cn") else ".amazonaws.com"


def region_of(instance: ResourceInstance) -> Text:
    """Return where a resource is: since version 6 of the provider it can say so itself."""
    given = instance.text("region")
    return instance.provider.region if given is None or isinstance(given, Unknown) else given


def arn_of(instance: ResourceInstance, service: str, region: Text, *resource: Text) -> Text:
    account = instance.provider.account
    return join(
        "arn:", partition_here(instance), f":{service}:", region, ":", account, ":", *resource
    )
