from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, parse_arn, rule


@rule(
    "CRR204",
    each=Configuration,
    severity="error",
    failure="AccessDenied",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html",
)
def role_in_other_account(configuration: Configuration) -> Iterator[Finding]:
    """Role does not belong to the source bucket's account.

    Whoever applies the configuration passes the role to S3, and a role can be
    passed only within its own account.  Also across accounts the role is one of the
    source's account; the destination's account lets it in by the bucket's policy.

    ```yaml bad
    configuration: {Role: "arn:aws:iam::333333333333:role/replicate"}
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: ["111111111111", "333333333333"]}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: ["222222222222", "333333333333"]}
              Action: kms:*
              Resource: "*"
    SourceKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: ["111111111111", "333333333333"]}
              Action: kms:*
              Resource: "*"
    ```

    ```yaml undecided
    configuration: {Role: !Sub "arn:aws:iam::${Unset}:role/replicate"}
    ```

    ## Fix

    Create the role in the account that owns the source bucket.

    ```yaml good
    configuration: {Role: "arn:aws:iam::111111111111:role/replicate"}
    ```
    """
    source = configuration.bucket
    role = configuration.node.leaf("Role")
    fields = None if role is None or role == "" else parse_arn(role)
    if fields is None or fields.service != "iam" or fields.account == "":
        return
    if fields.account != source.account:
        yield Finding(
            configuration.at("Role"),
            f"role {role} is in account {fields.account}, "
            f"source bucket {source} in {source.account}",
            notes=(Note(source.at("account"), "source bucket"),),
        )
