from collections.abc import Iterator

from crrlint.api import Bucket, Configuration, Finding, Note, rule


@rule(
    "CRR103",
    each=Configuration,
    severity="warning",
    failure="Versioning must be 'Enabled' on the bucket to apply a replication configuration; "
    "Destination bucket must have versioning enabled.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
)
def replication_before_versioning(configuration: Configuration) -> Iterator[Finding]:
    """Nothing orders replication after versioning.

    S3 takes a replication configuration only when both buckets keep versions already.  The
    deployment makes what knows nothing of each other side by side, in any order: so the
    first one fails now and then, with an error that says that versioning is off, where the
    template plainly turns it on.  Terraform's provider waits for the source's versioning for
    a while, and never for the destination's.

    A reference orders as well as an explicit dependency does.  Buckets of different stacks
    or states are not looked at: who deploys them decides on their order.  Neither is a state
    that records no dependencies, as after an import.

    ```yaml bad
    rules: {destination-in-same-region: {same-region: allow}}
    Source: {Properties: {BucketEncryption: null}}
    rule:
      SourceSelectionCriteria: null
      Destination:
        Bucket: arn:aws:s3:::acme-copy
        Account: null
        AccessControlTranslation: null
        EncryptionConfiguration: null
    SourceCopy:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-copy
        VersioningConfiguration: {Status: Enabled}
    AllowReplicateObjects: &copy
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*"]
              Resource: arn:aws:s3:::acme-copy/*
    AllowReplicateDeletes: *copy
    ```

    ```yaml undecided
    rules: {destination-in-same-region: {same-region: allow}}
    Source: {Properties: {BucketEncryption: null}}
    rule:
      SourceSelectionCriteria: null
      Destination:
        Bucket: arn:aws:s3:::acme-copy
        Account: null
        AccessControlTranslation: null
        EncryptionConfiguration: null
    SourceCopy:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-copy
        VersioningConfiguration: {Status: !Ref Unset}
    AllowReplicateObjects: &copy
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*"]
              Resource: arn:aws:s3:::acme-copy/*
    AllowReplicateDeletes: *copy
    ```

    ## Fix

    In CloudFormation, `DependsOn` the destination, or refer to it; in Terraform,
    `depends_on` the `aws_s3_bucket_versioning` of both buckets.

    ```yaml good
    rules: {destination-in-same-region: {same-region: allow}}
    Source:
      DependsOn: SourceCopy
      Properties: {BucketEncryption: null}
    rule:
      SourceSelectionCriteria: null
      Destination:
        Bucket: arn:aws:s3:::acme-copy
        Account: null
        AccessControlTranslation: null
        EncryptionConfiguration: null
    SourceCopy:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: acme-copy
        VersioningConfiguration: {Status: Enabled}
    AllowReplicateObjects: &copy
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Replicate*"]
              Resource: arn:aws:s3:::acme-copy/*
    AllowReplicateDeletes: *copy
    ```
    """
    made = configuration.made
    if made is None or made.waits_for is None:
        return
    ends: list[tuple[str, Bucket]] = [("source", configuration.bucket)]
    ends += [("destination", bucket) for _, bucket in configuration.destinations]
    for end, bucket in ends:
        setter = bucket.maker("versioning")
        if setter is None or setter.deployment != made.deployment:
            continue
        if setter.address == made.address or bucket.versioning != "Enabled":
            continue
        if not made.waits_for(setter.address):
            address = _seen_from(made.address, setter.address)
            in_terraform = "." in address
            yield Finding(
                configuration.at(),
                f"nothing orders the {configuration} after versioning of {end} bucket {bucket}",
                notes=(Note(bucket.at("versioning"), "versioning is turned on here"),),
                fix=f"depends_on = [{address}]" if in_terraform else f"DependsOn: {address}",
            )


def _seen_from(waiting: str, address: str) -> str:
    """Return what a resource can name in its `depends_on`: a module stands for what is in it."""
    ours, theirs = waiting.split("."), address.split(".")
    while ours[0] == theirs[0] == "module" and ours[1] == theirs[1] and len(ours) > 3:
        ours, theirs = ours[2:], theirs[2:]
    # Keys are left out: a resource waits for all the instances of another.
    return ".".join(theirs[:2]).partition("[")[0]
