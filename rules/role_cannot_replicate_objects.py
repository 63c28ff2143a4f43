from collections.abc import Iterator

from crrlint.api import REPLICATE_OBJECTS, Finding, Route, missing_grant, rule


@rule(
    "CRR408",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_cannot_replicate_objects(route: Route) -> Iterator[Finding]:
    """Role may not write replicas.

    S3 writes replicas with `s3:ReplicateObject`, not with `s3:PutObject`, and on
    the objects of the destination: the statement's resource is the bucket's ARN
    followed by `/*`.  Replicas keep their keys, so the statement has to cover
    every key that the replication rule selects.

    ```yaml bad
    AllowReplicateObjects: null
    ```

    ```yaml bad
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ReplicateObject, Resource: "arn:aws:s3:::acme-replica"}
    ```

    ```yaml undecided
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ReplicateObject, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on the destination's objects.

    ```yaml good
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:Replicate*", Resource: "arn:aws:s3:::acme-replica/*"}
    ```
    """
    if route.enabled:
        yield from missing_grant(route, REPLICATE_OBJECTS)
