from collections.abc import Iterator

from crrlint.api import (
    OVERRIDE_OWNER,
    REPLICATE_OBJECTS,
    Finding,
    Route,
    keeps_foreign_owners,
    missing_grant,
    rule,
)


@rule(
    "CRR410",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html",
)
def role_cannot_override_owner(route: Route) -> Iterator[Finding]:
    """Role may not hand replicas to the destination's owner.

    The rule changes the owner of the replicas (`AccessControlTranslation`).  For this
    the role needs `s3:ObjectOwnerOverrideToBucketOwner` on the destination's objects.
    A destination that enforces bucket owner ownership owns them without it.

    ```yaml bad
    AllowOverrideOwner: null
    ```

    ```yaml undecided
    AllowOverrideOwner:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: s3:ObjectOwnerOverrideToBucketOwner, Resource: !Ref Unset}
    ```

    ## Fix

    Grant the action on the destination's objects, or enforce ownership there.

    ```yaml good
    AllowOverrideOwner:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: "s3:ObjectOwnerOverride*"
              Resource: "arn:aws:s3:::acme-replica/*"
    ```
    """
    if route.enabled and route.rule.overrides_owner:
        yield from missing_grant(
            route, OVERRIDE_OWNER, after=REPLICATE_OBJECTS, provided=keeps_foreign_owners
        )
