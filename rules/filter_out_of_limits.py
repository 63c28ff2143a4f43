from collections.abc import Iterator

from crrlint.api import Finding, Node, Note, Route, literals, rule

_PREFIXES = (("Prefix",), ("Filter", "Prefix"), ("Filter", "And", "Prefix"))
_PREFIX, _KEY, _VALUE, _TAGS = 1_024, 128, 256, 10


@rule(
    "CRR212",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html",
)
def filter_out_of_limits(route: Route) -> Iterator[Finding]:
    """Filter asks for a key or for tags that no object can have.

    The key of an object has at most 1,024 characters, and an object at most 10 tags; a
    tag's key has 1 to 128 characters, its value at most 256.  S3 refuses a longer prefix
    with `InvalidArgument`; a filter that asks for more tags, or longer ones, can never
    match, so that nothing is replicated.

    ```yaml bad
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        TagFilter: {Key: "", Value: web}
    ```

    ```yaml bad
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        And:
          TagFilters:
            - {Key: a, Value: "1"}
            - {Key: b, Value: "1"}
            - {Key: c, Value: "1"}
            - {Key: d, Value: "1"}
            - {Key: e, Value: "1"}
            - {Key: f, Value: "1"}
            - {Key: g, Value: "1"}
            - {Key: h, Value: "1"}
            - {Key: i, Value: "1"}
            - {Key: j, Value: "1"}
            - {Key: k, Value: "1"}
    ```

    ```yaml undecided
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        TagFilter: {Key: !If [Perhaps, "", team], Value: web}
    ```

    ## Fix

    Select by a shorter prefix and by fewer tags.

    ```yaml good
    rule:
      DeleteMarkerReplication: {Status: Disabled}
      Filter:
        Prefix: null
        TagFilter: {Key: team, Value: ""}
    ```
    """
    for way in _PREFIXES:
        prefix = route.rule.node.get(*way)
        if prefix is not None and _length(prefix) > _PREFIX:
            yield Finding(
                prefix.at,
                f"prefix of replication rule {route} has {_length(prefix):,} characters, "
                f"keys of objects have at most {_PREFIX:,}",
                reason="InvalidArgument",
            )
    tags = route.rule.tags
    if len(tags) > _TAGS:
        yield Finding(
            tags[_TAGS].at,
            f"replication rule {route} filters by {len(tags)} tags, objects have at most {_TAGS}",
            notes=(Note(route.rule.at("Filter"), "the filter"),),
        )
    for tag in tags:
        yield from _of_tag(route, tag)


def _of_tag(route: Route, tag: Node) -> Iterator[Finding]:
    key, value = tag.get("Key"), tag.get("Value")
    if key is not None and isinstance(key.value, str) and key.value == "":
        yield Finding(key.at, f"filter of replication rule {route} has a tag with an empty key")
    for what, text, most in (("key", key, _KEY), ("value", value, _VALUE)):
        if text is not None and _length(text) > most:
            yield Finding(
                text.at,
                f"tag {what} in the filter of replication rule {route} has "
                f"{_length(text)} characters, tags of objects have at most {most}",
            )


def _length(text: Node) -> int:
    """What a symbol stands for is taken to be in order: only what is written counts."""
    return sum(map(len, literals(text.value)))
