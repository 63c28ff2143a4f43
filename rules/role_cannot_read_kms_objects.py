from collections.abc import Iterator

from crrlint.api import (
    READ_OBJECTS,
    READ_OBJECTS_LEGACY,
    Finding,
    Route,
    missing,
    missing_grant,
    rule,
)


@rule(
    "CRR404",
    each=Route,
    severity="error",
    failure="SrcGetObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def role_cannot_read_kms_objects(route: Route) -> Iterator[Finding]:
    """Role may read plain objects, but not KMS-encrypted ones.

    `s3:GetObjectVersion` lets S3 replicate objects that are not encrypted, or encrypted
    with keys of S3.  For objects that a KMS key encrypts, which this rule selects,
    S3 needs `s3:GetObjectVersionForReplication`: these objects fail.

    ```yaml bad
    AllowReadObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObjectVersion, Resource: "arn:aws:s3:::acme-source/*"}
    ```

    ```yaml undecided
    AllowReadObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObjectVersion, Resource: "arn:aws:s3:::acme-source/*"}
            - {Effect: Allow, Action: s3:GetObjectVersionForReplication, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the newer action, which does for both.

    ```yaml good
    AllowReadObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:GetObjectVersionForReplication
              Resource: arn:aws:s3:::acme-source/*
    ```
    """
    if route.enabled and route.rule.selects_kms_objects:
        found = list(missing_grant(route, READ_OBJECTS))
        if found and not missing(route, READ_OBJECTS_LEGACY):
            yield from found
