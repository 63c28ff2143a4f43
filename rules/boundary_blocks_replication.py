from collections.abc import Iterator

from crrlint.api import EVERYWHERE, Finding, Route, blocked, rule


@rule(
    "CRR412",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html",
)
def boundary_blocks_replication(route: Route) -> Iterator[Finding]:
    """Permissions boundary keeps the role from replicating.

    A permissions boundary grants nothing; it limits what the role's policies can grant.
    What replication needs has to be allowed there as well, the KMS actions included.

    ```yaml bad
    Role:
      Properties:
        PermissionsBoundary: !Ref Boundary
    Boundary:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: "s3:*", Resource: "*"}
    ```

    ```yaml undecided
    Role:
      Properties:
        PermissionsBoundary: arn:aws:iam::111111111111:policy/boundary
    ```

    ## Fix

    Allow in the boundary what replication needs.

    ```yaml good
    Role:
      Properties:
        PermissionsBoundary: !Ref Boundary
    Boundary:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}
    ```
    """
    if route.enabled and route.role.boundary is not None:
        what = f"permissions boundary of role {route.role}"
        yield from blocked(route, EVERYWHERE, layer="boundary", what=what)
