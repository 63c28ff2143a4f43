from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, Undecided, rule, slip


@rule(
    "CRR108",
    each=Route,
    severity="error",
    failure="Destination bucket must have versioning enabled.; DstBucketNotFound",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html",
)
def destination_not_found(route: Route) -> Iterator[Finding]:
    """Destination bucket does not exist.

    The input holds a complete list of the buckets of the destination's account (or
    S3's answer that there is no such bucket), and the destination is not among them.
    S3 refuses the configuration, with the text that it also uses for a bucket that
    is not versioned.  When the bucket is deleted later, objects fail to replicate.

    ```yaml bad
    rule:
      Destination: {Bucket: "arn:aws:s3:::acme-repllca"}
    AllowReplicateObjects: &any
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-*/*
    AllowReplicateDeletes: *any
    AllowOverrideOwner: *any
    also:
      accounts/222222222222/s3/buckets.json: |
        {"Buckets": [{"Name": "acme-replica"}], "Owner": {"ID": "b0b"}}
    ```

    ```yaml undecided
    rule:
      Destination: {Bucket: "arn:aws:s3:::other"}
    AllowReplicateObjects: &any
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::other/*
    AllowReplicateDeletes: *any
    AllowOverrideOwner: *any
    ```

    ## Fix

    Correct the name, or create the bucket before the replication configuration.

    ```yaml good
    also:
      accounts/222222222222/s3/buckets.json: |
        {"Buckets": [{"Name": "acme-replica"}], "Owner": {"ID": "b0b"}}
    ```
    """
    destination = route.destination
    if destination.declared:
        return
    evidence, where = _evidence(route)
    if evidence is None:
        if not destination.facts:
            raise destination.not_stated("region")
        raise Undecided(
            "external_reference", f"whether bucket {destination} exists", "list-buckets"
        )
    known = {str(bucket): bucket for bucket in route.world.buckets() if bucket.declared}
    near = slip(str(destination), known)
    meant = (Note(known[near].at(), f"bucket {near} is meant, perhaps"),) if near else ()
    yield Finding(
        route.rule.at("Destination", "Bucket"),
        f"destination bucket {destination} does not exist{where}",
        notes=(evidence, *meant),
        fix=f"Bucket: arn:{destination.partition}:s3:::{near}" if near else "",
    )


def _evidence(route: Route) -> tuple[Note | None, str]:
    """Return what proves that the destination is missing, and where; None for no proof."""
    model = route.world.model
    for missing in model.missing:
        if missing.kind == "bucket" and missing.name == route.destination.name:
            return Note(missing.at, missing.why or "S3 answered NoSuchBucket"), ""
    account = route.rule.destination_account
    if account is None or "/" in str(route.destination):
        # Access points and buckets of Outposts stand in no list of buckets.
        return None, ""
    for listed in model.inventories:
        if listed.kind == "buckets" and listed.region is None and listed.account == account:
            return Note(listed.at, f"all buckets of account {account}"), f" in account {account}"
    return None, ""
