from collections.abc import Iterator

from crrlint.api import Configuration, Finding, dotted, flaws, meant, rule


@rule(
    "CRR202",
    each=Configuration,
    severity="error",
    failure="MalformedXML; The XML you provided was not well-formed or did not validate against "
    "our published schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html",
)
def unknown_configuration_member(configuration: Configuration) -> Iterator[Finding]:
    """Replication configuration holds an unknown member.

    S3 does not know the member, or not in this place: `Metrics` and `StorageClass`,
    say, belong into the rule's `Destination`.  S3, its SDKs and CloudFormation refuse
    the whole configuration.

    ```yaml bad
    rule: {StorageClass: STANDARD_IA}
    ```

    ```yaml bad
    rule: {DeleteMarkerReplication: null, DeleteMarkerReplicationStatus: Enabled}
    ```

    ```yaml undecided
    rule: {ExpectedBucketOwner: !If [Perhaps, "222222222222", !Ref "AWS::NoValue"]}
    ```

    ## Fix

    Correct the name, or move the member to where it belongs.

    ```yaml good
    rule:
      Destination: {StorageClass: STANDARD_IA}
    ```
    """
    open_value = None
    unknown = False
    for flaw in flaws(configuration.node):
        if flaw.kind == "gap" and not flaw.allowed:
            open_value = flaw.value
        if flaw.kind != "unknown":
            continue
        unknown = True
        parent = dotted(flaw.way[:-1])
        where = f"{parent} in the {configuration}" if parent else str(configuration)
        near = meant(flaw)
        hint = f"; {dotted(near)} may be meant" if near else ""
        yield Finding(flaw.at, f"{where} cannot hold {flaw.way[-1]}{hint}")
    if open_value is not None and not unknown:
        raise open_value.undecided()
