from collections.abc import Iterator

from crrlint.api import Finding, Need, Note, Route, decision, place, refusals, rule

_SUSPEND = Need("s3:PutBucketVersioning", "destination")


@rule(
    "CRR509",
    each=Route,
    severity="note",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
)
def destination_policy_grants_versioning(route: Route) -> Iterator[Finding]:
    """Destination lets another account suspend versioning.

    The destination's policy grants `s3:PutBucketVersioning` to the role of the source's
    account, as some of AWS's samples do.  Replication works without it.  Whoever has the
    role can suspend the versioning of your bucket with it: then all replication into the
    bucket stops, and what is written there overwrites what was.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: ["s3:List*", s3:GetBucketVersioning, s3:PutBucketVersioning]
              Resource: arn:aws:s3:::acme-replica
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: s3:PutBucketVersioning
              Resource: !Ref UnsetReplica
    ```

    ## Fix

    Leave `s3:PutBucketVersioning` out of the statement.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: ["s3:List*", s3:GetBucketVersioning]
              Resource: arn:aws:s3:::acme-replica
    ```
    """
    destination = route.destination
    if not route.enabled or route.role.account == destination.account:
        return
    # What the role's own policies say of it can be changed in its account any day.
    if destination.value("policy") is None or any(refusals(route, _SUSPEND, layer="resource")):
        return
    granting = [
        statement
        for clause in decision(route, _SUSPEND).clauses
        if clause.layer == "resource" and clause.kind == "grant"
        for statement in clause.statements
    ]
    at = place(granting[0]) if granting else None
    yield Finding(
        at or destination.at("policy"),
        f"policy of bucket {destination} lets role {route.role} of account {route.role.account} "
        "suspend its versioning",
        notes=(Note(route.rule.at("Destination", "Bucket"), "replication goes there"),),
        fix="leave s3:PutBucketVersioning out of the statement",
    )
