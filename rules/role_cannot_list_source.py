from collections.abc import Iterator

from crrlint.api import LIST_SOURCE, READ_CONFIGURATION, Finding, Route, missing_grant, rule


@rule(
    "CRR402",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_cannot_list_source(route: Route) -> Iterator[Finding]:
    """Role may not list the source bucket.

    S3 asks for `s3:ListBucket` on the source bucket before it replicates; delete markers
    cannot be reached without it.  The action is one on the bucket: granted on its
    objects (`/*`) it has no effect.

    ```yaml bad
    AllowList: null
    ```

    ```yaml bad
    AllowList:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ListBucket, Resource: "arn:aws:s3:::acme-source/*"}
    ```

    ```yaml undecided
    AllowList:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ListBucket, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on the source bucket.

    ```yaml good
    AllowList:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:List*", Resource: "arn:aws:s3:::acme-source"}
    ```
    """
    if route.enabled:
        yield from missing_grant(route, LIST_SOURCE, after=READ_CONFIGURATION)
