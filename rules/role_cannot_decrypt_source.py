from collections.abc import Iterator

from crrlint.api import DECRYPT_SOURCE, Finding, Route, missing_grant, rule, uses_source_key


@rule(
    "CRR702",
    each=Route,
    severity="error",
    failure="SrcGetObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def role_cannot_decrypt_source(route: Route) -> Iterator[Finding]:
    """Role may not decrypt the source objects.

    The rule selects objects that are encrypted with a KMS key.  To read them S3 needs
    `kms:Decrypt` on the key of the source bucket, granted to the replication role by its
    own policy, or within one account by the policy of the key.  The resource is the
    key's ARN: the ARN of an alias grants nothing.

    ```yaml bad
    AllowDecrypt: null
    ```

    ```yaml bad
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: !GetAtt SourceKey.Arn
    ```

    ```yaml undecided
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: kms:Decrypt, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on the key of the source bucket.

    ```yaml good
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: [kms:Decrypt, kms:DescribeKey]
              Resource: !GetAtt SourceKey.Arn
    ```
    """
    if route.enabled and uses_source_key(route):
        yield from missing_grant(route, DECRYPT_SOURCE)
