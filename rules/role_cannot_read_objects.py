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
    "CRR403",
    each=Route,
    severity="error",
    failure="SrcGetObjectNotPermitted; SrcHeadObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_cannot_read_objects(route: Route) -> Iterator[Finding]:
    """Role may not read the objects that it replicates.

    S3 reads the versions that it replicates with `s3:GetObjectVersionForReplication`.
    The older `s3:GetObjectVersion` does for objects that are not encrypted with a KMS
    key.  `s3:GetObject` reads no versions and does not help.

    ```yaml bad
    AllowReadObjects: null
    ```

    ```yaml bad
    AllowReadObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::acme-source/*"}
    ```

    ```yaml undecided
    AllowReadObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObjectVersionForReplication, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on every key that the rule selects.

    ```yaml good
    AllowReadObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: "s3:GetObjectVersion*"
              Resource: "arn:aws:s3:::acme-source/*"
    ```
    """
    if not route.enabled:
        return
    if not route.rule.selects_kms_objects:
        yield from missing_grant(route, READ_OBJECTS, instead=(READ_OBJECTS_LEGACY,))
    elif missing(route, READ_OBJECTS) and missing(route, READ_OBJECTS_LEGACY):
        yield from missing_grant(route, READ_OBJECTS)
