from collections.abc import Iterator
from typing import Final

from crrlint.api import (
    Configuration,
    Counterexample,
    Finding,
    Note,
    Refused,
    Role,
    allow,
    passing,
    place,
    proved,
    putting,
    rule,
)

_WHOSE: Final = {
    "identity": "its own policies",
    "boundary": "its permissions boundary",
    "resource": "the bucket's policy",
    "scp": "a service control policy of its account",
    "rcp": "a resource control policy",
}


@rule(
    "CRR961",
    each=Configuration,
    severity="error",
    failure="AccessDenied",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html",
)
def deployer_cannot_configure_replication(
    configuration: Configuration, *, deployer: str = ""
) -> Iterator[Finding]:
    """Deployer may not put the replication configuration.

    The role that deploys needs `s3:PutReplicationConfiguration` on the source bucket, and
    `iam:PassRole` on the role that it hands to S3.  Without either S3 answers
    AccessDenied, often after the buckets and the role have been made already.  Name the
    role in `crrlint.yaml`; its policies are taken from the input like those of any other:

    ```yaml options
    deployer: "arn:aws:iam::111111111111:role/deploy"
    ```

    ```yaml bad
    Deployer:
      Type: AWS::IAM::Role
      Properties:
        RoleName: deploy
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: sts:AssumeRole
        Policies:
          - PolicyName: deploy
            PolicyDocument:
              Statement:
                - {Effect: Allow, Action: "s3:*", Resource: "*"}
                - Effect: Allow
                  Action: iam:PassRole
                  Resource: arn:aws:iam::111111111111:role/service-role/*
    ```

    ```yaml bad
    Deployer:
      Type: AWS::IAM::Role
      Properties:
        RoleName: deploy
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: sts:AssumeRole
        Policies:
          - PolicyName: deploy
            PolicyDocument:
              Statement:
                - {Effect: Allow, Action: "s3:PutBucketReplication", Resource: "*"}
                - {Effect: Allow, Action: iam:PassRole, Resource: !GetAtt Role.Arn}
    ```

    ```yaml undecided
    Deployer:
      Type: AWS::IAM::Role
      Properties:
        RoleName: deploy
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: sts:AssumeRole
        ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonS3FullAccess]
    ```

    ## Fix

    Grant both to the deployer.  A condition on `iam:PassedToService` narrows what the role
    can be handed to.

    ```yaml good
    Deployer:
      Type: AWS::IAM::Role
      Properties:
        RoleName: deploy
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: sts:AssumeRole
        Policies:
          - PolicyName: deploy
            PolicyDocument:
              Statement:
                - Effect: Allow
                  Action: s3:PutReplicationConfiguration
                  Resource: arn:aws:s3:::acme-source
                - Effect: Allow
                  Action: iam:PassRole
                  Resource: arn:aws:iam::111111111111:role/replicate
                  Condition: {StringEquals: {iam:PassedToService: s3.amazonaws.com}}
    ```
    """
    if not deployer:
        return
    role = configuration.bucket.world.role(deployer, configuration.at())
    yield from proved(
        lambda: (_finding(one, role, configuration) for one in putting(configuration, role)),
        lambda: (_finding(one, role, configuration) for one in passing(configuration, role)),
    )


def _finding(refused: Refused, role: Role, configuration: Configuration) -> Finding:
    clause = refused.clause
    denied = clause.kind == "deny"
    near = [(place(one.statement), one.why) for one in clause.nearest]
    notes = [Note(at, why) for at, why in near if at is not None]
    at = place(clause.statements[0]) if denied and clause.statements else None
    verb = "is denied" if denied else "is not allowed"
    whose = _WHOSE[clause.layer]
    if clause.layer == "resource" and refused.action == "iam:PassRole":
        whose = "IAM, for the role is of another account"
    return Finding(
        at or (notes[0].at if notes else role.at()),
        f"deployer {role} {verb} {refused.action} on {refused.resource} by {whose}",
        notes=(*notes, Note(configuration.at(), "the configuration that it is to put")),
        fix=_fix(refused, role),
        counterexample=Counterexample(refused.action, str(refused.resource)),
    )


def _fix(refused: Refused, role: Role) -> str:
    if refused.clause.kind == "deny":
        condition = f'{{"ArnNotEquals": {{"aws:PrincipalArn": "{role.arn}"}}}}'
        return f"exempt the deployer: add to the statement's Condition {condition}"
    where = {"boundary": "permissions boundary", "scp": "service control policy"}
    return allow(
        [refused.action], refused.resource, where.get(refused.clause.layer, "deployer's policy")
    )
