from collections.abc import Iterator

from crrlint.api import READ_CONFIGURATION, Finding, Route, missing_grant, rule


@rule(
    "CRR401",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_cannot_read_configuration(route: Route) -> Iterator[Finding]:
    """Role may not read the replication configuration.

    S3 reads the bucket's replication configuration as the role, to know what to replicate
    where.  The action is `s3:GetReplicationConfiguration`, on the bucket itself and
    not on its objects; `s3:GetBucketReplication` is the name of the call, and no action.

    ```yaml bad
    AllowReadConfiguration: null
    ```

    ```yaml bad
    AllowReadConfiguration:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:GetReplicationConfiguration
              Resource: "arn:aws:s3:::acme-source/*"
    ```

    ```yaml undecided
    AllowReadConfiguration:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetReplicationConfiguration, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on the source bucket.

    ```yaml good
    AllowReadConfiguration:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: "s3:GetReplication*"
              Resource: "arn:aws:s3:::acme-source"
    ```
    """
    if route.enabled:
        yield from missing_grant(route, READ_CONFIGURATION)
