from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, parse_arn, partition_of, rule


@rule(
    "CRR106",
    each=Route,
    severity="error",
    failure="InvalidArgument",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
)
def destination_in_other_partition(route: Route) -> Iterator[Finding]:
    """Destination bucket is in another partition of AWS.

    The Regions of China and of GovCloud are partitions of their own, with accounts
    of their own; a bucket of one partition cannot be named in a request to another.
    S3 cannot replicate between them.  Most often the ARN was written for one
    partition and the stack deployed in another.

    ```yaml bad
    rule:
      Destination: {Bucket: "arn:aws-cn:s3:::acme-replica-cn"}
    ```

    ```yaml undecided
    rule:
      Destination: {Bucket: !Ref Unset}
    ```

    ## Fix

    Name a bucket of the source's own partition, or write the partition as
    `${AWS::Partition}`; copy between partitions with AWS DataSync instead.

    ```yaml good
    rule:
      Destination: {Bucket: !Sub "arn:${AWS::Partition}:s3:::acme-replica"}
    ```
    """
    destination = parse_arn(route.rule.destination)
    if destination is None:
        return
    region = route.source.region
    if isinstance(region, str):
        home, whose = partition_of(region), f"source bucket {route.source}"
    else:
        # Of a Region that nobody named, the role still tells the partition.
        role = parse_arn(route.role.arn)
        if role is None:
            return
        home, whose = role.partition, f"role {route.role}"
    if destination.partition != home:
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"destination {route.rule.destination} is in partition {destination.partition}, "
            f"{whose} is in {home}",
            notes=(Note(route.source.at("region"), "source bucket"),),
        )
