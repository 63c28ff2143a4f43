from collections.abc import Iterator

from crrlint.api import EVERYWHERE, Finding, Route, blocked, rule


@rule(
    "CRR413",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html",
)
def organization_policy_blocks_replication(route: Route) -> Iterator[Finding]:
    """Organization's policies keep the role from replicating.

    A service control policy limits the principals of its accounts: that of the role's
    account counts, wherever the destination is.  A resource control policy limits what
    anybody may do with the buckets and keys of its accounts.

    ```yaml bad
    Guardrail:
      Type: AWS::Organizations::Policy
      Properties:
        Name: guardrail
        Type: SERVICE_CONTROL_POLICY
        TargetIds: ["111111111111"]
        Content:
          Version: "2012-10-17"
          Statement:
            - {Effect: Deny, Action: "s3:Replicate*", Resource: "*"}
    ```

    ```yaml bad
    Guardrail:
      Type: AWS::Organizations::Policy
      Properties:
        Name: guardrail
        Type: RESOURCE_CONTROL_POLICY
        TargetIds: ["222222222222"]
        Content:
          Version: "2012-10-17"
          Statement:
            - Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: "*"
              Condition: {StringNotEquals: {aws:PrincipalAccount: "222222222222"}}
    ```

    ```yaml undecided
    Guardrail:
      Type: AWS::Organizations::Policy
      Properties:
        Name: guardrail
        Type: SERVICE_CONTROL_POLICY
        TargetIds: [ou-acme-12345678]
        Content:
          Version: "2012-10-17"
          Statement:
            - {Effect: Deny, Action: "s3:Replicate*", Resource: "*"}
    ```

    ## Fix

    Exempt the replication role by `aws:PrincipalArn`, or narrow the statement.

    ```yaml good
    Guardrail:
      Type: AWS::Organizations::Policy
      Properties:
        Name: guardrail
        Type: SERVICE_CONTROL_POLICY
        TargetIds: ["111111111111", "222222222222"]
        Content:
          Version: "2012-10-17"
          Statement:
            - Effect: Deny
              Action: "s3:Replicate*"
              Resource: "*"
              Condition: {ArnNotLike: {aws:PrincipalArn: "arn:aws:iam::*:role/replicate"}}
    ```
    """
    if not route.enabled or not route.world.model.organization:
        return
    what = f"service control policy of account {route.role.account}"
    yield from blocked(route, EVERYWHERE, layer="scp", what=what)
    yield from blocked(route, EVERYWHERE, layer="rcp", what="resource control policy")
