from collections.abc import Iterator

from crrlint.api import Finding, Route, rule, unattached


@rule(
    "CRR305",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_policy_not_attached(route: Route) -> Iterator[Finding]:
    """Policy that would grant replication is attached to no role.

    A managed policy does nothing until it is attached.  This one would grant what the
    replication role lacks, and no role has it: the attachment was forgotten, or it
    fell out of the template.  Nothing replicates meanwhile, and nothing reports it.

    ```yaml bad
    AllowReplicateObjects: null
    Spare:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: "s3:Replicate*", Resource: "arn:aws:s3:::acme-replica/*"}
    ```

    ```yaml undecided
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ReplicateObject, Resource: !Ref Unset}
    Spare:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: "s3:Replicate*", Resource: "arn:aws:s3:::acme-replica/*"}
    ```

    ## Fix

    Attach the policy to the role that the replication configuration names.

    ```yaml good
    AllowReplicateObjects: null
    Spare:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        Roles: [!Ref Role]
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: "s3:Replicate*", Resource: "arn:aws:s3:::acme-replica/*"}
    ```
    """
    if route.enabled:
        yield from unattached(route)
