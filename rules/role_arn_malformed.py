from collections.abc import Iterator

from crrlint.api import Arn, Configuration, Finding, Note, Symbolic, parse_arn, partition_of, rule


@rule(
    "CRR203",
    each=Configuration,
    severity="error",
    failure="InvalidArgument; Invalid Role specified in replication configuration",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationConfiguration.html",
)
def role_arn_malformed(configuration: Configuration) -> Iterator[Finding]:
    """Role is not the ARN of an IAM role here.

    S3 takes the role as `arn:aws:iam::111111111111:role/name`, with the role's path
    before its name.  The name alone, the ARN of a user, a policy, an instance profile
    or a session, or an ARN of another partition of AWS will not do.

    ```yaml bad
    configuration: {Role: replicate}
    ```

    ```yaml bad
    configuration: {Role: "arn:aws:sts::111111111111:assumed-role/replicate/s3-replication"}
    ```

    ```yaml undecided
    configuration: {Role: !Ref Unset}
    ```

    ## Fix

    Write the role's ARN, or refer to it: `!GetAtt Role.Arn`.

    ```yaml good
    configuration: {Role: "arn:aws:iam::111111111111:role/replicate"}
    ```
    """
    role = configuration.node.leaf("Role")
    if role is None or role == "" or isinstance(role, int | float | list | dict):
        return
    at = configuration.at("Role")
    fields = parse_arn(role)
    if fields is None or not _is_role(fields):
        yield Finding(at, f"role {role} of the {configuration} is not the ARN of an IAM role")
        return
    region = configuration.bucket.region
    if isinstance(region, str) and fields.partition != partition_of(region):
        yield Finding(
            at,
            f"role {role} is in partition {fields.partition}, "
            f"bucket {configuration.bucket} in {partition_of(region)}",
            notes=(Note(configuration.bucket.at("region"), "source bucket"),),
        )


def _is_role(fields: Arn) -> bool:
    account = fields.account
    return (
        fields.service == "iam"
        and fields.region == ""
        and (isinstance(account, Symbolic) or (len(account) == 12 and str(account).isdigit()))
        and fields.resource.startswith("role/")
        and fields.resource != "role/"
    )
