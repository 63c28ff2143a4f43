"""S3's replication rule, as the API receives it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
"""

from __future__ import annotations

from typing import Any, Final, Literal

from crrlint.documents.source import Key, Location, Node
from crrlint.model.arn import parse_arn
from crrlint.values import Symbolic, Text, Undecided, settle

_OTHER_SERVICES: Final = {
    "s3tables": "table bucket",
    "s3-outposts": "Outposts bucket",
    "s3express": "directory bucket",
}
_NEVER_IN_NAMES: Final = frozenset("/:*? ")


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

    def mistook(self, *keys: str) -> bool:
        """Tell whether another flaw explains that an element is missing.

        An unknown element stands in its place, or one around it is missing or of
        the wrong type: that is the fault then, and has a rule of its own.
        """
        from crrlint.routes.grammar import flaws, meant

        for flaw in flaws(self.node, "Rule"):
            if flaw.kind == "unknown" and meant(flaw, "Rule") == keys:
                return True
            around = len(flaw.way) < len(keys) and keys[: len(flaw.way)] == flaw.way
            if flaw.kind in ("type", "missing") and around:
                return True
        return False

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

    def lacks_filter(self, *keys: str) -> bool:
        """Tell whether the rule has an element that needs a `Filter` beside it, and has none."""
        return self.version == "V1" and self.has(*keys) and not self.mistook("Filter")

    def with_filter(self, priority: int) -> str:
        """Return what a rule without a `Filter` lacks to select the same with one."""
        prefix = self.prefix
        moved = "" if isinstance(prefix, str) and prefix == "" else ", in place of Prefix"
        lines = [f'Filter: {{Prefix: "{prefix}"}}{moved}']
        if not self.has("Priority"):
            lines.append(f"Priority: {priority}")
        if not self.has("DeleteMarkerReplication"):
            lines.append("DeleteMarkerReplication: {Status: Enabled}")
        return "\n".join(lines)

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
    def destination_kind(self) -> str:
        """What the destination's ARN names: `bucket`, something else of S3, or "" for no ARN of S3.

        Asks no more of a symbolic name than that the rest of the ARN is in order.
        """
        fields = parse_arn(self.destination)
        if fields is None:
            return ""
        for service, kind in _OTHER_SERVICES.items():
            if fields.service == service:
                return kind
        if fields.service != "s3":
            return ""
        if fields.account != "" or fields.region != "":
            if not fields.resource.startswith("accesspoint"):
                return ""
            return "access point" if fields.region != "" else "Multi-Region Access Point"
        return _kind_of_name(fields.resource)

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


def _kind_of_name(name: Text) -> str:
    """Tell kinds apart by the endings that AWS keeps for them."""
    parts = name.parts if isinstance(name, Symbolic) else (name,)
    literals = [part for part in parts if isinstance(part, str)]
    if name == "" or any(_NEVER_IN_NAMES.intersection(part) for part in literals):
        return ""
    end = parts[-1] if isinstance(parts[-1], str) else ""
    if end.endswith("--x-s3"):
        return "directory bucket"
    return "access point" if end.endswith("-s3alias") else "bucket"
