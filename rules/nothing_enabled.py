from collections.abc import Iterator

from crrlint.api import Configuration, Finding, rule


@rule(
    "CRR238",
    each=Configuration,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def nothing_enabled(configuration: Configuration) -> Iterator[Finding]:
    """No replication rule of the bucket is enabled.

    S3 keeps the configuration and acts on none of it: no object is replicated, and
    none gets a replication status.  Objects that are written meanwhile stay behind for
    good; enabling a rule later does not catch up on them.

    ```yaml bad
    rule: {Status: Disabled}
    ```

    ```yaml undecided
    rule: {Status: !If [Perhaps, Enabled, Disabled]}
    ```

    ## Fix

    Enable a rule.  Objects that are there already are replicated by S3 Batch
    Replication.

    ```yaml good
    rule: {Status: Enabled}
    ```
    """
    rules = configuration.rules
    # Stops at the first rule that is not disabled: what is open behind it does not matter.
    rules.sort(key=lambda r: not isinstance(r.status, str))
    if not rules or not all(r.status == "Disabled" for r in rules):
        return
    rules.sort(key=lambda r: r.index)
    count = len(rules)
    yield Finding(
        rules[0].at("Status"),
        f"the replication rule of bucket {configuration.bucket} is Disabled"
        if count == 1
        else f"none of the {count} replication rules of bucket {configuration.bucket} is enabled",
        fix="Status: Enabled",
    )
