from collections.abc import Iterator

from crrlint.api import ASSUME_ROLE, Finding, Route, failing_condition, rule


@rule(
    "CRR303",
    each=Route,
    severity="error",
    failure="AssumeRoleNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_trust_condition_fails(route: Route) -> Iterator[Finding]:
    """Role trusts S3 under a condition that cannot hold.

    The trust policy allows S3 to assume the role, but on a condition that S3 does not
    meet: a service sends no external id and no MFA, comes from no network of yours, and
    belongs to no organization.  Whether S3 sends `aws:SourceAccount` and `aws:SourceArn`
    when it assumes the role is not documented; if it does, they name the source
    bucket and its account, so that other values are wrong for certain.

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: sts:AssumeRole
              Condition: {StringEquals: {sts:ExternalId: replication}}
    ```

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: sts:AssumeRole
              Condition: {ArnLike: {aws:SourceArn: "arn:aws:s3:::acme-elsewhere"}}
    ```

    ```yaml undecided
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: sts:AssumeRole
              Condition: {StringEquals: {aws:SourceAccount: "111111111111"}}
    ```

    ## Fix

    Take the condition out; `IfExists` makes one on the source harmless.

    ```yaml good
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: sts:AssumeRole
              Condition: {StringEqualsIfExists: {aws:SourceAccount: "111111111111"}}
    ```
    """
    if route.enabled:
        what = f"S3 cannot assume role {route.role}"
        yield from failing_condition(route, ASSUME_ROLE, layer="resource", what=what)
