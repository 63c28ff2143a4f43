from collections.abc import Iterator

from crrlint.api import Finding, Route, Symbolic, rule


@rule(
    "CRR110",
    each=Route,
    severity="error",
    failure="InvalidArgument; Invalid bucket ARN",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html",
)
def destination_arn_malformed(route: Route) -> Iterator[Finding]:
    """Destination is not the ARN of a bucket.

    S3 takes the destination as `arn:aws:s3:::name`: no bare name, no URL, no Region
    and no account, and nothing behind the name.  It refuses anything else.

    ```yaml bad
    rule:
      Destination: {Bucket: acme-replica}
    ```

    ```yaml bad
    rule:
      Destination: {Bucket: "arn:aws:s3:::acme-replica/*"}
    AllowReplicateObjects: &any
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica*
    AllowReplicateDeletes: *any
    AllowOverrideOwner: *any
    ```

    ```yaml undecided
    rule:
      Destination: {Bucket: !Ref Unset}
    ```

    ## Fix

    Write the bucket's ARN, or refer to it: `!GetAtt Replica.Arn`.

    ```yaml good
    rule:
      Destination: {Bucket: "arn:aws:s3:::acme-replica"}
    ```
    """
    written = route.rule.value("Destination", "Bucket")
    if isinstance(written, str | Symbolic) and route.rule.destination_kind == "":
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"destination {written} is not the ARN of a bucket",
            fix="Bucket: arn:aws:s3:::NAME",
        )
