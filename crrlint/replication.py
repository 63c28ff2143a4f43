"""S3's replication rule, as the API receives it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
"""

from __future__ import annotations

from typing import Any, Literal

from crrlint.source import Key, Location, Node
from crrlint.values import Text, Undecided, settle


class ReplicationRule:
    """One rule of a bucket's replication configuration.

    A property is None where the rule does not hold the element.  Asking for what
    the input leaves open raises `Undecided`.
    """

    __slots__ = ("index", "node")

    def __init__(self, node: Node, index: int) -> None:
        self.node = node
        self.index = index

    def has(self, *keys: Key) -> bool:
        """Tell whether the element is there, even empty."""
        return self.node.get(*keys) is not None

    def value(self, *keys: Key) -> Any:
        return self.node.leaf(*keys)

    def at(self, *keys: Key) -> Location:
        """Return where an element was written, or the nearest place above it."""
        return self.node.place(*keys)

    @property
    def id(self) -> Text | None:
        identifier: Text | None = self.value("ID")
        return identifier

    @property
    def status(self) -> Any:
        return self.value("Status")

    @property
    def version(self) -> Literal["V1", "V2"]:
        """A `Filter`, even an empty one, makes the rule V2."""
        return "V2" if self.has("Filter") else "V1"

    @property
    def prefix(self) -> Text:
        """The literal start of the keys that the rule selects; empty for all."""
        for way in (("Filter", "And", "Prefix"), ("Filter", "Prefix"), ("Prefix",)):
            found: Text | None = self.value(*way)
            if found is not None:
                return found
        return ""

    @property
    def tags(self) -> list[Node]:
        """The tags that an object has to carry: nodes with `Key` and `Value`."""
        tags = []
        single = self.node.get("Filter", "Tag")
        if single is not None:
            tags.append(single)
        several = self.node.get("Filter", "And", "Tags")
        if several is not None:
            tags.extend(several.items())
        return tags

    @property
    def destination(self) -> Text:
        """The ARN of the destination bucket, as written.

        Raises `Undecided` when the rule names none: another rule reports that.
        """
        arn = self.value("Destination", "Bucket")
        if arn is None:
            raise Undecided("unsupported_expression", "the rule names no destination bucket")
        text: Text = settle(arn)
        return text

    @property
    def replicates_delete_markers(self) -> bool:
        """V1 rules always replicate the delete markers that users make."""
        if self.version == "V1":
            return True
        return bool(self.value("DeleteMarkerReplication", "Status") == "Enabled")

    @property
    def selects_kms_objects(self) -> bool:
        way = ("SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status")
        return bool(self.value(*way) == "Enabled")

    @property
    def replica_key(self) -> Text | None:
        way = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")
        key: Text | None = self.value(*way)
        return key

    @property
    def overrides_owner(self) -> bool:
        return self.has("Destination", "AccessControlTranslation")

    @property
    def destination_account(self) -> Text | None:
        """Whom the author takes for the destination's owner: a claim, not a proof."""
        account: Text | None = self.value("Destination", "Account")
        return account
