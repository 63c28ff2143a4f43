from collections.abc import Iterator

from crrlint.api import Finding, Route, alias_in_place_of_key, rule


@rule(
    "CRR716",
    each=Route,
    severity="error",
    failure="SrcGetObjectNotPermitted; DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html",
)
def kms_policy_names_alias(route: Route) -> Iterator[Finding]:
    """Policy grants the use of an alias, not of the key.

    The role's policy would let it use the key, but its `Resource` is the ARN of an alias.
    KMS decides on the key that an alias points to, by the ARN of that key: a statement with
    the ARN of an alias grants nothing on it.  IAM takes the policy without a word.

    ```yaml bad
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: arn:aws:kms:eu-west-1:222222222222:alias/replica
    ```

    ```yaml bad
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: kms:Decrypt, Resource: "arn:aws:kms:*:*:alias/*"}
    ```

    ```yaml undecided
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Decrypt
              Resource:
                - arn:aws:kms:us-east-1:111111111111:alias/source
                - !Ref Unset
    ```

    ## Fix

    Name the key by its ARN, which `aws kms describe-key --key-id <alias>` tells.

    ```yaml good
    AllowDecrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Decrypt
              Resource: [arn:aws:kms:us-east-1:111111111111:alias/source, !GetAtt SourceKey.Arn]
    ```
    """
    if route.enabled:
        yield from alias_in_place_of_key(route)
