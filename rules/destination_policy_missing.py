from collections.abc import Iterator

from crrlint.api import (
    OVERRIDE_OWNER,
    REPLICATE_DELETES,
    REPLICATE_OBJECTS,
    Finding,
    Note,
    Route,
    grant_to_role,
    refusals,
    rule,
)


@rule(
    "CRR501",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html",
)
def destination_policy_missing(route: Route) -> Iterator[Finding]:
    """Destination in another account has no bucket policy.

    Across accounts both sides have to allow: the role's own policy, and the policy of the
    destination bucket, which its owner has to write.  Without one the destination
    refuses every replica.

    ```yaml bad
    ReplicaPolicy: null
    ```

    ```yaml undecided
    ReplicaPolicy: null
    stacks: {replica: {account: null}}
    ```

    ## Fix

    Grant the role `s3:ReplicateObject` on the destination's objects, and what else the
    rule asks for.  Within one account no bucket policy is needed.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "111111111111"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```
    """
    if not route.enabled:
        return
    refused = any(
        refusals(route, REPLICATE_OBJECTS, layer="resource", kind="grant", conditions=False)
    )
    if not refused or route.destination.value("policy") is not None:
        return
    needs = [REPLICATE_OBJECTS]
    if route.rule.replicates_delete_markers:
        needs.append(REPLICATE_DELETES)
    if route.rule.overrides_owner:
        needs.append(OVERRIDE_OWNER)
    destination = route.destination
    yield Finding(
        destination.at("policy"),
        f"bucket {destination} of account {destination.account} has no policy that lets role "
        f"{route.role} of account {route.role.account} in",
        notes=(Note(route.rule.at("Destination", "Bucket"), "replication goes there"),),
        fix="\n".join(grant_to_role(route, need) for need in needs),
    )
