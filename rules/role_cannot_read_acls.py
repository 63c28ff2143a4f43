from collections.abc import Iterator

from crrlint.api import READ_ACLS, READ_OBJECTS, Finding, Route, missing_grant, rule


@rule(
    "CRR405",
    each=Route,
    severity="error",
    failure="SrcGetAclNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_cannot_read_acls(route: Route) -> Iterator[Finding]:
    """Role may not read the ACLs of objects.

    S3 reads the access control list of each version that it replicates, with
    `s3:GetObjectVersionAcl`.  AWS documents no exception for buckets on which ACLs are
    switched off, and every example of theirs grants the action.

    ```yaml bad
    AllowReadAcls: null
    ```

    ```yaml bad
    AllowReadAcls:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObjectAcl, Resource: "arn:aws:s3:::acme-source/*"}
    ```

    ```yaml undecided
    AllowReadAcls:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObjectVersionAcl, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on every key that the rule selects.

    ```yaml good
    AllowReadAcls:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: "s3:GetObjectVersion*"
              Resource: "arn:aws:s3:::acme-source/*"
    ```
    """
    if route.enabled:
        yield from missing_grant(route, READ_ACLS, after=READ_OBJECTS)
