"""How buckets encrypt, and how the known objects of a source are encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crrlint.documents.source import Node
from crrlint.model import ObjectFacts
from crrlint.routes.objects import selects
from crrlint.routes.route import Route
from crrlint.values import Undecided
from crrlint.values.doubt import Doubt
from crrlint.world import Bucket


def uses_bucket_key(bucket: Bucket) -> bool:
    """Tell whether a bucket encrypts new objects with an S3 Bucket Key.

    The console turns it on for buckets that encrypt without KMS, too.  What that means for a
    replica that has a KMS key all the same is documented nowhere.
    """
    rules = bucket.node("encryption").get("Rules")
    for rule in rules.items() if rules is not None else ():
        if rule.leaf("BucketKeyEnabled") == True:  # noqa: E712 - may be unknown
            if rule.leaf("ApplyServerSideEncryptionByDefault", "SSEAlgorithm") != "aws:kms":
                what = f"whether the Bucket Key of {bucket} is used, which does not default to KMS"
                needs = "BucketKeyEnabled false, or kms:Decrypt on the replica key for the role"
                raise Undecided("unsupported_expression", what, needs)
            return True
    return False


def plain_objects(route: Route) -> Iterator[ObjectFacts]:
    """Yield the known objects that the route's rule selects and that nothing encrypts."""
    return _objects(route, _is_plain)


def customer_key_objects(route: Route) -> Iterator[ObjectFacts]:
    """Yield the known objects that the route's rule selects and a key of the writer encrypts."""
    return _objects(route, lambda head: head.leaf("SSECustomerAlgorithm") is not None)


def _objects(route: Route, tells: Callable[[Node], bool]) -> Iterator[ObjectFacts]:
    # Whether one object is there, and selected, is no question that a route hangs on.
    with Doubt():
        for fact in route.source.objects:
            with Doubt():
                if fact.head is not None and tells(fact.head) and selects(route, fact):
                    yield fact


def _is_plain(head: Node) -> bool:
    # What does not tell the length is no answer of HeadObject, and need not tell the encryption.
    if head.get("ContentLength") is None:
        return False
    return head.get("ServerSideEncryption") is None and head.get("SSECustomerAlgorithm") is None
