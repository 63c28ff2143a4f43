from collections.abc import Iterator

from crrlint.api import Finding, Note, Role, excesses, place, rule


@rule(
    "CRR306",
    each=Role,
    severity="note",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def role_grants_too_much(role: Role) -> Iterator[Finding]:
    """Role may do what replication has no use for.

    The role can delete versions for good, lift the retention of locked objects or replace
    bucket policies, as with `s3:*`.  S3 asks for none of that.  Replicas are kept against
    accidents and intruders, and a role that can undo both ends at once is no protection.
    Reading and replicating on both buckets, as the console grants it, is not meant.

    ```yaml bad
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::acme-replica/*"}
    ```

    ```yaml bad
    AllowList:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "*", Resource: "*"}
    ```

    ```yaml undecided
    AllowList:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ListBucket, Resource: !GetAtt Source.Arn}
            - {Effect: Allow, Action: !Ref Unset, Resource: "*"}
    ```

    ## Fix

    List the actions that replication needs.

    ```yaml good
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: ["s3:Get*", "s3:List*", "s3:Replicate*"]
              Resource: ["arn:aws:s3:::acme-source*", "arn:aws:s3:::acme-replica*"]
    ```

    ```yaml good
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::acme-replica/*"}
            - Effect: Deny
              Action: ["s3:Delete*", "s3:Put*", "s3:Bypass*"]
              Resource: "arn:aws:s3:::*"
    ```
    """
    for excess in excesses(role):
        at = place(excess.statement)
        yield Finding(
            role.at() if at is None else at,
            f"role {role} is allowed {', '.join(excess.actions)} on {excess.resource}",
            notes=(Note(role.at(), "the role that replicates"),),
            fix="list the actions that replication needs, as in s3:Replicate*",
        )
