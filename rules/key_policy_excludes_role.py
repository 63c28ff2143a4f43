from collections.abc import Iterator

from crrlint.api import (
    DECRYPT_SOURCE,
    ENCRYPT_REPLICAS,
    Finding,
    Key,
    Route,
    Side,
    denied,
    excluding_key_policy,
    proved,
    rule,
)


@rule(
    "CRR712",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted; SrcGetObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def key_policy_excludes_role(route: Route) -> Iterator[Finding]:
    """Policy of the key does not let the role use it.

    A key in another account is used only when both sides allow it: the role's policy, and
    the policy of the key, which has to name the role or the role's account.  A Deny in
    the policy of either key beats both.

    ```yaml bad
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:root"}
              Action: kms:*
              Resource: "*"
    ```

    ```yaml undecided
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:root"}
              Action: kms:*
              Resource: "*"
            - Effect: Allow
              Principal: {AWS: !Ref UnsetReplica}
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: "*"
    ```

    ## Fix

    Let the key's owner name the role, or its account, in the key policy.

    ```yaml good
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:root"}
              Action: kms:*
              Resource: "*"
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:root"}
              Action: [kms:Encrypt, "kms:GenerateDataKey*"]
              Resource: "*"
    ```
    """
    if not route.enabled or not route.rule.selects_kms_objects:
        return
    yield from proved(
        lambda: excluding_key_policy(route, DECRYPT_SOURCE, foreign=True),
        lambda: excluding_key_policy(route, ENCRYPT_REPLICAS, foreign=True),
        lambda: _denied(route, "source key", route.source_key),
        lambda: _denied(route, "replica key", route.replica_key),
    )


def _denied(route: Route, side: Side, key: Key | None) -> Iterator[Finding]:
    return denied(route, (side,), layer="resource", what=f"policy of key {key}")
