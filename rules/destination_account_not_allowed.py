from collections.abc import Iterator

from crrlint.api import Account, Finding, Note, Route, rule


@rule(
    "CRR952",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html",
)
def destination_account_not_allowed(
    route: Route, *, allowed: tuple[Account, ...] = ()
) -> Iterator[Finding]:
    """Destination belongs to an account that is not allowed.

    Whoever may change a bucket's replication can have all that is written to it copied
    to an account of their own: no reader of the bucket notices, and nothing stops it
    later.  This rule says nothing until `crrlint.yaml` names the accounts that replicas
    may go to, the source's own account among them if it may.

    Who owns the destination has to be known: what a rule's `Account` says is a claim of
    whoever wrote the rule.  A destination of an unknown owner is undecided.

    ```yaml options
    allowed: ["222222222222"]
    ```

    ```yaml bad
    stacks:
      replica: {account: "333333333333"}
    rule:
      Destination: {Account: "333333333333"}
    ReplicaKey:
      Properties:
        KeyPolicy:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::333333333333:root"}
              Action: kms:*
              Resource: "*"
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: "*"
    ```

    ```yaml undecided
    stacks:
      replica: {account: null}
    ```

    ## Fix

    Replicate to a bucket of an account that is meant to have the data.  If the rule was
    not yours, find out who called `PutBucketReplication` (CloudTrail records it).

    ```yaml
    # crrlint.yaml
    rules:
      destination-account-not-allowed: {allowed: ["222222222222"]}
    ```

    ```yaml good
    rule:
      Destination: {Account: "222222222222"}
    ```
    """
    if not allowed or not route.enabled:
        return
    destination = route.destination
    if not any(destination.account == account for account in allowed):
        yield Finding(
            route.rule.at("Destination", "Bucket"),
            f"destination bucket {destination} belongs to account {destination.account}, "
            f"and replicas are allowed in {', '.join(allowed)} only",
            notes=(Note(destination.at("account"), "destination bucket"),),
            fix=f"a destination bucket of account {' or '.join(allowed)}",
        )
