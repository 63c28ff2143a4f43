from collections.abc import Iterator

from crrlint.api import ASSUME_ROLE, Finding, Note, Route, nearest_notes, refusals, rule


@rule(
    "CRR302",
    each=Route,
    severity="error",
    failure="AssumeRoleNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def role_not_assumable_by_s3(route: Route) -> Iterator[Finding]:
    """Role does not let S3 assume it.

    S3 replicates as a session of the role that the configuration names.  It assumes
    that role as the service `s3.amazonaws.com`, so the role's trust policy has to allow
    `sts:AssumeRole` to this service.  The principals of other services, S3 Batch
    Operations among them, and the root of an account do not stand for it.

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: batchoperations.s3.amazonaws.com}
              Action: sts:AssumeRole
    ```

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: sts:TagSession
    ```

    ```yaml bad
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: s3.amazonaws.com}
              Action: sts:AssumeRole
            - Effect: Deny
              Principal: "*"
              Action: sts:AssumeRole
    ```

    ```yaml undecided
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: !Ref Unset}
              Action: sts:AssumeRole
    ```

    ## Fix

    Trust the service `s3.amazonaws.com`.

    ```yaml good
    Role:
      Properties:
        AssumeRolePolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {Service: [s3.amazonaws.com, batchoperations.s3.amazonaws.com]}
              Action: sts:AssumeRole
    ```
    """
    if not route.enabled:
        return
    role = route.role
    for refusal in refusals(route, ASSUME_ROLE, layer="resource", conditions=False):
        near = nearest_notes(refusal)
        denies = refusal.clause.kind == "deny"
        verb = "denies" if denies else "does not allow"
        yield Finding(
            refusal.at or (near[0].at if near else role.trust.at),
            f"trust policy of role {role} {verb} sts:AssumeRole to s3.amazonaws.com",
            notes=(
                *near,
                Note(route.configuration.at("Role"), "the role that replicates"),
            ),
            fix="leave the service s3.amazonaws.com out of the Deny" if denies else _TRUST,
        )


_TRUST = """\
{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}"""
