from collections.abc import Iterator

from crrlint.api import READ_OBJECTS, READ_TAGS, Finding, Route, Severity, missing_grant, rule


@rule(
    "CRR406",
    each=Route,
    severity="warning",
    failure="SrcGetTaggingNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_cannot_read_tags(route: Route) -> Iterator[Finding]:
    """Role may not read the tags of objects.

    Without `s3:GetObjectVersionTagging` on the source objects S3 replicates the objects,
    but not their tags.  Granted on the destination the action does nothing.  A
    replication rule that filters by tag cannot work without it, and then this is an error.

    ```yaml bad
    AllowReadTags: null
    ```

    ```yaml bad
    AllowReadTags:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:GetObjectVersionTagging
              Resource: "arn:aws:s3:::acme-replica/*"
    ```

    ```yaml undecided
    AllowReadTags:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:GetObjectVersionTagging, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on the source's objects, or ignore the rule where tags shall stay behind.

    ```yaml good
    AllowReadTags:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: "s3:GetObjectVersion*"
              Resource: "arn:aws:s3:::acme-source/*"
    ```
    """
    if route.enabled:
        severity: Severity = "error" if route.rule.tags else "warning"
        yield from missing_grant(route, READ_TAGS, severity=severity, after=READ_OBJECTS)
