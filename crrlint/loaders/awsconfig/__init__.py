"""Reads what AWS Config recorded: snapshots, histories, notifications, answers, queries.

An item says what its recorder collected.  What it does not hold was not collected,
and is never taken for absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from crrlint.documents.source import Document, Problem
from crrlint.loaders.aws.facts import Fact, LeftOut, model_of
from crrlint.loaders.awsconfig.buckets import account_block_facts, bucket_facts
from crrlint.loaders.awsconfig.identity import alias_facts, key_facts, policy_facts, role_facts
from crrlint.loaders.awsconfig.items import BUCKET, KEY, POLICY, ROLE, Item, items_of, newest
from crrlint.model import Missing, Model
from crrlint.model.bindings import Bindings

_READERS: Final[dict[str, Callable[[Item], Iterator[Fact]]]] = {
    BUCKET: bucket_facts,
    ROLE: role_facts,
    POLICY: policy_facts,
    KEY: key_facts,
    "AWS::KMS::Alias": alias_facts,
    "AWS::S3::AccountPublicAccessBlock": account_block_facts,
}


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    return model_of(_facts(documents))


def _facts(documents: Sequence[Document]) -> Iterator[Fact]:
    items: list[Item] = []
    for document in documents:
        for found in items_of(document):
            if isinstance(found, Item):
                items.append(found)
            else:
                yield found
    for item in newest(items, _READERS.keys()):
        if item.is_unrecorded:
            of = item.name or item.id
            yield LeftOut(
                Problem(item.at.path, f"AWS Config does not record {item.type}, {of} among them")
            )
        elif item.is_gone:
            yield from _missing(item)
        else:
            yield from _READERS[item.type](item)


def _missing(item: Item) -> Iterator[Missing]:
    if item.type == BUCKET and item.name:
        yield Missing("bucket", item.name, item.at)
    elif item.type in (ROLE, KEY) and item.arn:
        yield Missing("role" if item.type == ROLE else "key", item.arn, item.at)
