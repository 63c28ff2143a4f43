from collections.abc import Iterator

from crrlint.api import Bucket, Finding, Location, Note, Route, made_public, rule


@rule(
    "CRR606",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
def public_acl_into_blocked_bucket(route: Route) -> Iterator[Finding]:
    """Public object goes where public ACLs are blocked.

    The source holds an object whose ACL lets everybody in, and a replica gets the ACL of
    its object.  At the destination `BlockPublicAcls` is on, for the bucket or for the
    whole account, and S3 refuses to write objects with such an ACL there.  AWS does not
    say what becomes of such a replica: count on its not being there, or not being public.

    ```yaml bad
    stacks: {replica: {account: "111111111111"}}
    rule:
      Destination: {Account: null, AccessControlTranslation: null}
    Source: &in-force
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerPreferred}]}
    Replica: *in-force
    also:
      accounts/111111111111/s3/acme-source/acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": []}
      accounts/111111111111/s3/acme-source/objects/logo.png.acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": [
          {"Grantee": {"Type": "CanonicalUser", "ID": "b0b"}, "Permission": "FULL_CONTROL"},
          {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
           "Permission": "READ"}]}
    ```

    ```yaml undecided
    stacks: {replica: {account: "111111111111"}}
    rule:
      Destination: {Account: null, AccessControlTranslation: null}
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerPreferred}]}
    Replica:
      Properties:
        PublicAccessBlockConfiguration: {BlockPublicAcls: !Ref UnsetReplica}
    also:
      accounts/111111111111/s3/acme-source/acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": []}
      accounts/111111111111/s3/acme-source/objects/logo.png.acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": [
          {"Grantee": {"Type": "CanonicalUser", "ID": "b0b"}, "Permission": "FULL_CONTROL"},
          {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
           "Permission": "READ"}]}
    ```

    ## Fix

    Take the public grant off the object and publish it by other means, as by CloudFront; or
    enforce the bucket owner's ownership at the destination, where ACLs count for nothing
    then.

    ```yaml good
    stacks: {replica: {account: "111111111111"}}
    rule:
      Destination: {Account: null, AccessControlTranslation: null}
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerPreferred}]}
    Replica:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
    also:
      accounts/111111111111/s3/acme-source/acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": []}
      accounts/111111111111/s3/acme-source/objects/logo.png.acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": [
          {"Grantee": {"Type": "CanonicalUser", "ID": "b0b"}, "Permission": "FULL_CONTROL"},
          {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
           "Permission": "READ"}]}
    ```
    """
    if not route.enabled or route.rule.overrides_owner:
        return
    destination = route.destination
    for key, acl in made_public(route):
        # With ACLs disabled the destination's owner owns the replica, and its ACL is left behind.
        block = _block(destination)
        if block is None or destination.value("ownership") == "BucketOwnerEnforced":
            return
        yield Finding(
            acl.place("Grants"),
            f"object {key} of bucket {route.source} has a public acl, and public acls are blocked "
            f"in bucket {destination}",
            notes=(
                Note(block, "BlockPublicAcls is on"),
                Note(route.rule.at(), "replication rule that selects the object"),
            ),
            fix=f"aws s3api put-object-acl --bucket {route.source} --key {key} --acl private",
        )


def _block(bucket: Bucket) -> Location | None:
    """Return where public ACLs are blocked, of the bucket or of its whole account."""
    own = bucket.node("public_access_block")
    if own.leaf("BlockPublicAcls") == True:  # noqa: E712 - may be unknown
        return own.place("BlockPublicAcls")
    whole = bucket.world.public_access_block_of(bucket.account)
    if whole is None or whole.leaf("BlockPublicAcls") != True:  # noqa: E712 - may be unknown
        return None
    return whole.place("BlockPublicAcls")
