"""What a document that nothing recognises comes closest to, by the members that it has."""

from __future__ import annotations

from typing import Any, Final

# The members that are there, and what has to be added or changed for it to be read.
_NEAREST: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (
        frozenset({"Status"}),
        "the versioning of a bucket or its transfer acceleration, which look alike: "
        "call it bucket-versioning.json, or bind it in crrlint.yaml with kind: bucket-versioning",
    ),
    (
        frozenset({"Resources"}),
        "a CloudFormation template, whose resources have a Type such as AWS::S3::Bucket",
    ),
    (
        frozenset({"resources", "version"}),
        "a Terraform state, which has version 4 and a terraform_version",
    ),
    (frozenset({"format_version"}), "a plan or state as terraform show -json prints it"),
    (
        frozenset({"Statement"}),
        "a policy document, whose statements have an Effect and whose Version is 2012-10-17",
    ),
    (
        frozenset({"Role", "Rules"}),
        "a replication configuration, whose Role is an ARN and whose rules have a Destination",
    ),
    (
        frozenset({"Rules"}),
        "the replication, lifecycle or encryption of a bucket, whose rules name a Destination, "
        "an Expiration or ApplyServerSideEncryptionByDefault",
    ),
    (
        frozenset({"Grants"}),
        "an ACL, which has an Owner beside its Grants",
    ),
    (frozenset({"Policy"}), "a bucket policy as get-bucket-policy prints it, a string of JSON"),
    (
        frozenset({"Buckets"}),
        "a list of buckets as list-buckets prints it, which has an Owner",
    ),
    (
        frozenset({"configurationItems"}),
        "a snapshot of AWS Config, whose items have a resourceType",
    ),
    (frozenset({"artifacts", "version"}), "the manifest of a CDK assembly"),
)


def nearest(data: Any) -> str | None:
    """Return what the document would be with a little more; None for what is far from all."""
    if not isinstance(data, dict):
        return None
    for members, name in _NEAREST:
        if members <= data.keys():
            return name
    return None
