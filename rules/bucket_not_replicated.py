import re
from collections.abc import Iterator, Mapping
from typing import Any

from crrlint.api import (
    Bucket,
    Doubt,
    Finding,
    Node,
    Note,
    ReplicationRule,
    Symbolic,
    Unknown,
    rule,
    settle,
)


@rule(
    "CRR953",
    each=Bucket,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
)
def bucket_not_replicated(
    bucket: Bucket,
    *,
    names: tuple[str, ...] = (),
    tags: Mapping[str, str] = {},
) -> Iterator[Finding]:
    """Bucket that has to be replicated is not.

    Which buckets need a copy in another Region is a decision of yours, so this rule
    says nothing until `crrlint.yaml` tells them by their names or by their tags.  A
    bucket that has one of the names, or all of the tags, has to have an enabled
    replication rule for all its objects: without a prefix and without tags.  A `*`
    stands for any text, in names and in values of tags.

    Let names leave out the buckets that hold the copies, or mark by a tag what is to
    be copied.

    ```yaml options
    names: ["*-source"]
    tags: {backup: required}
    ```

    ```yaml bad
    Source:
      Properties: {ReplicationConfiguration: null}
    ```

    ```yaml bad
    rule:
      Filter: {Prefix: logs/}
    ```

    ```yaml bad
    SourceOther:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-invoices
        Tags: [{Key: backup, Value: required}]
    ```

    ```yaml undecided
    rule:
      Status: !Ref Unset
    ```

    ## Fix

    Add a rule that selects everything, or turn the one that is there on.

    ```yaml
    # crrlint.yaml
    rules:
      bucket-not-replicated: {names: ["*-source"], tags: {backup: required}}
    ```

    ```yaml good
    rule:
      Status: Enabled
      Filter: {Prefix: ""}
    ```
    """
    if not bucket.facts:  # a condition has taken it away
        return
    tagged: tuple[Note, ...] = ()
    if not any(_matches(bucket.name, pattern) for pattern in names):
        if not tags or not _has_tags(bucket, tags):
            return
        tagged = (Note(bucket.at("tags"), "tags of what has to be replicated"),)
    configuration = bucket.node("replication").settled()
    if configuration.value is None:
        yield Finding(bucket.at(), f"bucket {bucket} is not replicated", notes=tagged)
    elif not _selects_everything(configuration):
        yield Finding(
            configuration.place("Rules"),
            f"bucket {bucket} has no enabled replication rule that selects all its objects",
            notes=tagged,
            fix='a rule with Status: Enabled and Filter: {Prefix: ""}',
        )


def _selects_everything(configuration: Node) -> bool:
    rules = configuration.get("Rules")
    doubt = Doubt()
    for index, node in enumerate([] if rules is None else rules.items()):
        replication_rule = ReplicationRule(node, index)
        with doubt:
            if (
                replication_rule.status == "Enabled"
                and replication_rule.prefix == ""
                and not replication_rule.tags
            ):
                return True
    doubt.raise_unless(False)
    return False


def _has_tags(bucket: Bucket, wanted: Mapping[str, str]) -> bool:
    found = bucket.node("tags").members()
    values = {key: found[key].settled().value for key in wanted if key in found}
    return len(values) == len(wanted) and all(
        _matches(value, wanted[key]) for key, value in values.items()
    )


def _matches(text: Any, pattern: str) -> bool:
    """Tell whether text fits a pattern; of text that is known in part, the two ends can tell."""
    text = settle(text)
    start, *between = pattern.split("*")
    if not between:
        return bool(text == pattern)
    if isinstance(text, Unknown):
        raise text.undecided()
    if isinstance(text, Symbolic):
        if not text.startswith(start) or not text.endswith(between[-1]):
            return False
        if any(between[:-1]):
            raise text.undecided()
        return True
    return (
        re.fullmatch(".*".join(map(re.escape, (start, *between))), str(text), re.DOTALL) is not None
    )
