from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, keeps_private, rule, unreadable


@rule(
    "CRR602",
    each=Route,
    severity="error",
    failure="SrcGetAclNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
)
def object_acl_not_readable_by_bucket_owner(route: Route) -> Iterator[Finding]:
    """Bucket owner may not read an object's ACL.

    S3 replicates an object with its ACL, and reads both with a role of the account that
    owns the source bucket.  An object that another account wrote may belong to that
    account, and then its ACL has to grant the bucket's owner `READ_ACP`; the canned ACL
    `bucket-owner-read` does not.  Without it the object is not replicated.

    ```yaml bad
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
    also:
      accounts/111111111111/s3/acme-source/acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": []}
      accounts/111111111111/s3/acme-source/objects/report.csv.acl.json: |
        {"Owner": {"ID": "e7e"}, "Grants": [
          {"Grantee": {"Type": "CanonicalUser", "ID": "e7e"}, "Permission": "FULL_CONTROL"},
          {"Grantee": {"Type": "CanonicalUser", "ID": "b0b"}, "Permission": "READ"}]}
    ```

    ```yaml undecided
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: !Ref Unset}]}
    also:
      accounts/111111111111/s3/acme-source/acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": []}
      accounts/111111111111/s3/acme-source/objects/report.csv.acl.json: |
        {"Owner": {"ID": "e7e"}, "Grants": [
          {"Grantee": {"Type": "CanonicalUser", "ID": "e7e"}, "Permission": "FULL_CONTROL"},
          {"Grantee": {"Type": "CanonicalUser", "ID": "b0b"}, "Permission": "READ"}]}
    ```

    ## Fix

    Set the source's Object Ownership to `BucketOwnerEnforced`: then the bucket's owner
    owns all that is in it.  Or have the object's owner grant both permissions, with
    the canned ACL `bucket-owner-full-control`.

    ```yaml good
    also:
      accounts/111111111111/s3/acme-source/acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": []}
      accounts/111111111111/s3/acme-source/objects/report.csv.acl.json: |
        {"Owner": {"ID": "e7e"}, "Grants": []}
    ```

    ```yaml good
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
    also:
      accounts/111111111111/s3/acme-source/acl.json: |
        {"Owner": {"ID": "b0b"}, "Grants": []}
      accounts/111111111111/s3/acme-source/objects/report.csv.acl.json: |
        {"Owner": {"ID": "e7e"}, "Grants": [
          {"Grantee": {"Type": "CanonicalUser", "ID": "b0b"}, "Permission": "READ"},
          {"Grantee": {"Type": "CanonicalUser", "ID": "b0b"}, "Permission": "READ_ACP"}]}
    ```
    """
    if not route.enabled:
        return
    for key, acl in unreadable(route, "READ_ACP"):
        # An object that the owner may not even read is reported once, for both.
        if keeps_private(route, key):
            continue
        yield Finding(
            acl.place("Grants"),
            f"object {key} of bucket {route.source} is not the bucket owner's, "
            "and its acl does not grant the owner READ_ACP",
            notes=(Note(route.rule.at(), "replication rule that selects the object"),),
            fix=f"aws s3api put-object-acl --bucket {route.source} --key {key} "
            "--acl bucket-owner-full-control",
        )
