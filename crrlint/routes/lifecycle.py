"""What the lifecycle of a bucket does to its objects, in the shapes of the S3 API.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from crrlint.documents.source import Node
from crrlint.values import Text, Undecided
from crrlint.values.prefixes import Prefixes, share
from crrlint.world import Bucket

ARCHIVE_CLASSES: Final = ("GLACIER", "DEEP_ARCHIVE")
"""Storage classes whose objects have to be restored before anybody can read them."""


class LifecycleRule(NamedTuple):
    """An enabled rule; which objects its tags and sizes leave out is not asked."""

    node: Node

    @property
    def prefix(self) -> Text:
        for way in (("Filter", "And", "Prefix"), ("Filter", "Prefix"), ("Prefix",)):
            found: Text | None = self.node.leaf(*way)
            if found is not None:
                return found
        return ""

    @property
    def expiration(self) -> Node | None:
        """How current versions expire; None where no more than delete markers do."""
        found = self.node.get("Expiration")
        if found is None or (found.get("Days") is None and found.get("Date") is None):
            return None
        return found

    @property
    def keeps_old_versions(self) -> bool:
        """Tell whether nothing is done to versions that are not current any more."""
        return (
            self.node.get("NoncurrentVersionExpiration") is None
            and self.node.get("NoncurrentVersionTransitions") is None
        )

    @property
    def archiving_at_once(self) -> Node | None:
        """The transition that archives objects on the day they are made."""
        found = self.node.get("Transitions")
        for transition in [] if found is None else found.items():
            if not any(transition.leaf("StorageClass") == name for name in ARCHIVE_CLASSES):
                continue
            days = transition.leaf("Days")
            # Terraform leaves out a number that is 0.
            if days == 0 if days is not None else transition.get("Date") is None:
                return transition
        return None


def lifecycle_rules(bucket: Bucket, *prefixes: Text) -> Iterator[LifecycleRule]:
    """Yield the enabled rules that can be about keys with all of these prefixes."""
    rules: Prefixes[tuple[int, LifecycleRule]]
    rules = bucket.remember("lifecycle rules", lambda: Prefixes(_by_prefix(bucket)))
    plain = [prefix for prefix in prefixes if isinstance(prefix, str)]
    longest = max(plain, key=len) if len(plain) == len(prefixes) > 0 else None
    for _, rule in sorted(rules.near(longest)):
        if rule.node.leaf("Status") == "Enabled" and share(rule.prefix, *prefixes):
            yield rule


def _by_prefix(bucket: Bucket) -> Iterator[tuple[str | None, tuple[int, LifecycleRule]]]:
    """Yield the rules with their numbers, of which a bucket may have 1,000, by plain prefixes."""
    lifecycle = bucket.node("lifecycle").settled()
    found = lifecycle.get("Rules")
    for number, node in enumerate([] if found is None else found.items()):
        rule = LifecycleRule(node)
        plain = None
        # One of which anything is open is asked about every key.
        with suppress(Undecided):
            if isinstance(node.leaf("Status"), str) and isinstance(prefix := rule.prefix, str):
                plain = prefix
        yield plain, (number, rule)
