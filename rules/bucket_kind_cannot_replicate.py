from collections.abc import Iterator

from crrlint.api import Bucket, Finding, Route, Symbolic, rule


@rule(
    "CRR111",
    each=Route,
    severity="error",
    failure="InvalidArgument",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html",
)
def bucket_kind_cannot_replicate(route: Route) -> Iterator[Finding]:
    """Bucket is of a kind that does not replicate.

    Replication works between general purpose buckets.  An access point, a
    Multi-Region Access Point, a directory bucket, a table bucket or a bucket on
    Outposts can be neither its source nor its destination.

    ```yaml bad
    rule:
      Destination: {Bucket: "arn:aws:s3:eu-west-1:222222222222:accesspoint/replicas"}
    AllowReplicateObjects: &any
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: "*"
    AllowReplicateDeletes: *any
    AllowOverrideOwner: *any
    ```

    ```yaml bad
    rule:
      Destination: {Bucket: "arn:aws:s3:::acme--euw1-az1--x-s3"}
    AllowReplicateObjects: &any
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: "*"
    AllowReplicateDeletes: *any
    AllowOverrideOwner: *any
    ```

    ```yaml undecided
    rule:
      Destination: {Bucket: !Ref Unset}
    ```

    ## Fix

    Replicate to the general purpose bucket itself: to the one behind the access
    point, say, by its own ARN.

    ```yaml good
    rule:
      Destination: {Bucket: "arn:aws:s3:::acme-replica"}
    ```
    """
    source = _kind_of(route.source)
    if source != "general":
        yield Finding(route.source.at(), f"source bucket {route.source} is a {source}")
    kind = route.rule.destination_kind
    if kind == "bucket":
        stated = _kind_of(route.destination)
        kind = "" if stated == "general" else stated
    if kind:
        article = "an" if kind[0] in "aO" else "a"
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"destination {route.rule.destination} is {article} {kind}",
        )


def _kind_of(bucket: Bucket) -> str:
    """Return the kind that files state, or that the name tells, where it is not general purpose."""
    name = bucket.name
    end = name.parts[-1] if isinstance(name, Symbolic) else name
    if isinstance(end, str) and end.endswith("--x-s3"):
        return "directory bucket"
    stated = {fact.fields["kind"].value for fact in bucket.facts if "kind" in fact.fields}
    others = sorted(stated - {"general"})
    # A table bucket may share its name with a general purpose bucket.
    return f"{others[0]} bucket" if others and "general" not in stated else "general"
