from collections.abc import Iterator

from crrlint.api import Finding, Route, rule


@rule(
    "CRR223",
    each=Route,
    severity="error",
    failure="MalformedXML; The XML you provided was not well-formed or did not validate against "
    "our published schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ExistingObjectReplication.html",
)
def existing_object_replication_used(route: Route) -> Iterator[Finding]:
    """Rule asks for the replication of existing objects.

    `ExistingObjectReplication` is withdrawn: S3 refuses a rule that has it, whatever
    its status.  A rule replicates what is written after it was made.

    ```yaml bad
    rule: {ExistingObjectReplication: {Status: Enabled}}
    ```

    ```yaml bad
    rule: {ExistingObjectReplication: {Status: Disabled}}
    ```

    ```yaml undecided
    rule:
      ExistingObjectReplication: !If [Perhaps, {Status: Enabled}, !Ref "AWS::NoValue"]
    ```

    ## Fix

    Take the element out; once the rule is in force, replicate what was there before
    with S3 Batch Replication:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html

    ```yaml good
    rule: {ExistingObjectReplication: null}
    ```
    """
    if route.rule.has("ExistingObjectReplication"):
        yield Finding(
            route.rule.at("ExistingObjectReplication"),
            f"replication rule {route} has an ExistingObjectReplication, which S3 withdrew",
            fix="leave it out, and replicate existing objects with S3 Batch Replication",
        )
