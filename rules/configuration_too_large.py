from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Symbolic, Unknown, least_size, rule

_RULES = 1_000
_BYTES = 2 * 1024 * 1024


@rule(
    "CRR205",
    each=Configuration,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html",
)
def configuration_too_large(configuration: Configuration) -> Iterator[Finding]:
    """Replication configuration is too large.

    S3 takes 1,000 rules and 2 MB of XML for a bucket, and refuses the whole
    configuration beyond that; neither limit can be raised.  The size is counted as
    XML, in which S3 receives the configuration, without the space between elements.

    ```yaml bad
    times: 1001  # the rule so often, each with an id, a priority and a prefix of its own
    ```

    ```yaml undecided
    configuration: {Rules: !Ref Unset}
    ```

    ## Fix

    Let fewer rules select the same objects: a shorter prefix covers all that begin
    with it, and an empty filter the whole bucket.

    ```yaml good
    rule: {Filter: {}}
    ```
    """
    rules = configuration.node.get("Rules")
    if rules is None or not isinstance(rules.value, list | Symbolic | Unknown):
        return
    # Whether a rule is there at all may be open; that matters only where there are so many.
    count = len(rules.value)
    if count > _RULES:
        count = len(configuration.rules)
    if count > _RULES:
        yield Finding(
            configuration.at("Rules"),
            f"{configuration} has {count:,} rules, {count - _RULES:,} more than S3 takes",
        )
        return
    size = least_size(configuration.node, "ReplicationConfiguration")
    if size > _BYTES:
        yield Finding(
            configuration.at("Rules"),
            f"{configuration} takes {size:,} bytes of XML, {size - _BYTES:,} more than S3 takes",
        )
