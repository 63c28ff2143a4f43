from collections.abc import Iterator

from crrlint.api import EVERYWHERE, Finding, Route, denied, rule


@rule(
    "CRR411",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html",
)
def role_policy_denies_replication(route: Route) -> Iterator[Finding]:
    """Role's own policy denies replication.

    A Deny in one of the role's policies hits what replication needs, and a Deny beats
    every Allow.  Keys that the statement does not cover still replicate, so that such a
    fault can stay unseen for long.

    ```yaml bad
    Guard:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: guard
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Deny, Action: "s3:*", Resource: "arn:aws:s3:::acme-replica/private/*"}
    ```

    ```yaml undecided
    Guard:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: guard
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Deny, Action: "s3:*", Resource: !Ref Unset}
    ```

    ## Fix

    Leave out of the Deny what replication needs.  Actions that it does not use, such as
    `s3:PutObject` and `s3:DeleteObjectVersion`, can stay denied.

    ```yaml good
    Guard:
      Type: AWS::IAM::Policy
      Properties:
        PolicyName: guard
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Deny
              Action: [s3:PutObject, "s3:Delete*", s3:ReplicateTags]
              Resource: "*"
            - Effect: Deny
              Action: "s3:*"
              Resource: "*"
              Condition: {Bool: {aws:SecureTransport: "false"}}
    ```
    """
    if route.enabled:
        what = f"a policy of role {route.role}"
        yield from denied(route, EVERYWHERE, layer="identity", what=what)
