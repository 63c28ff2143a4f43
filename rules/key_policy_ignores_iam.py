from collections.abc import Iterator

from crrlint.api import (
    DECRYPT_SOURCE,
    ENCRYPT_REPLICAS,
    Finding,
    Route,
    excluding_key_policy,
    proved,
    rule,
)


@rule(
    "CRR713",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted; SrcGetObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def key_policy_ignores_iam(route: Route) -> Iterator[Finding]:
    """Policy of the key leaves nothing to IAM.

    The role's own policy grants the use of the key, but the policy of the key names
    neither the role nor its account.  A KMS key ignores what IAM policies allow until its own
    policy opens it to them, by a statement for the account's root.

    ```yaml bad
    SourceKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/key-admin"}
              Action: kms:*
              Resource: "*"
    ```

    ```yaml undecided
    SourceKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: !Ref Unset}
              Action: kms:*
              Resource: "*"
    ```

    ## Fix

    Name the account's root in the key policy, or the role itself.

    ```yaml good
    SourceKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: kms:Decrypt
              Resource: "*"
    ```
    """
    if not route.enabled or not route.rule.selects_kms_objects:
        return
    yield from proved(
        lambda: excluding_key_policy(route, DECRYPT_SOURCE, foreign=False),
        lambda: excluding_key_policy(route, ENCRYPT_REPLICAS, foreign=False),
    )
