from collections.abc import Iterator

from crrlint.api import Finding, Location, Note, Role, place, rule, strangers


@rule(
    "CRR304",
    each=Role,
    severity="warning",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def role_trusts_too_many(role: Role) -> Iterator[Finding]:
    """Role can be assumed by more than S3.

    Whoever assumes the replication role can read every object of the source, and write
    what looks like replicas.  S3 alone needs it, with S3 Batch Operations where existing
    objects are replicated by a job; its own account may keep the right to use it.
    This trust policy lets in anyone, another account, or a service that has nothing to do
    with replication.  A condition that may keep them out is taken to do so.

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com, AWS: "*"}
              Action: sts:AssumeRole
    ```

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com, AWS: "arn:aws:iam::333333333333:root"}
              Action: sts:AssumeRole
    ```

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: [s3.amazonaws.com, lambda.amazonaws.com]}
              Action: sts:AssumeRole
    ```

    ```yaml undecided
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com, AWS: !Ref Unset}
              Action: sts:AssumeRole
    ```

    ## Fix

    Trust `s3.amazonaws.com` only, and make a role of its own for everybody else.

    ```yaml good
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal:
                Service: [s3.amazonaws.com, batchoperations.s3.amazonaws.com]
                AWS: "arn:aws:iam::111111111111:root"
              Action: sts:AssumeRole
    ```

    ```yaml good
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: sts:AssumeRole
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::333333333333:root"}
              Action: sts:AssumeRole
              Condition: {StringEquals: {sts:ExternalId: restore-drill}}
    ```
    """
    found: dict[Location, list[str]] = {}
    for statement, who in strangers(role):
        at = place(statement) or role.trust.at
        found.setdefault(at, []).append(who)
    for at, several in found.items():
        yield Finding(
            at,
            f"trust policy of role {role} lets {' and '.join(dict.fromkeys(several))} assume it",
            notes=(Note(role.at(), "the role that replicates"),),
            fix='"Principal": {"Service": "s3.amazonaws.com"}',
        )
