"""Crossplane's providers that are made from Terraform's: its resources in camel case.

https://marketplace.upbound.io/providers/upbound/provider-family-aws
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.kubernetes.given import first_given
from crrlint.loaders.kubernetes.manifests import Catalogue, Manifest, key_id_of
from crrlint.loaders.kubernetes.references import followed
from crrlint.loaders.respelled import as_terraform, respelled
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.instances import Instance, Provider
from crrlint.loaders.terraform.kinds import Kind, takes
from crrlint.model import Model
from crrlint.model.arn import bucket_arn, partition_of, role_arn
from crrlint.values import Text, Unknown, join

_KINDS: Final = {
    ("s3", "Bucket"): "aws_s3_bucket",
    ("s3", "BucketVersioning"): "aws_s3_bucket_versioning",
    ("s3", "BucketReplicationConfiguration"): "aws_s3_bucket_replication_configuration",
    ("s3", "BucketPolicy"): "aws_s3_bucket_policy",
    ("s3", "BucketACL"): "aws_s3_bucket_acl",
    ("s3", "BucketOwnershipControls"): "aws_s3_bucket_ownership_controls",
    (
        "s3",
        "BucketServerSideEncryptionConfiguration",
    ): "aws_s3_bucket_server_side_encryption_configuration",
    ("s3", "BucketObjectLockConfiguration"): "aws_s3_bucket_object_lock_configuration",
    ("s3", "BucketLifecycleConfiguration"): "aws_s3_bucket_lifecycle_configuration",
    ("s3", "BucketPublicAccessBlock"): "aws_s3_bucket_public_access_block",
    ("s3", "BucketRequestPaymentConfiguration"): "aws_s3_bucket_request_payment_configuration",
    ("s3", "Object"): "aws_s3_object",
    ("s3", "BucketObject"): "aws_s3_bucket_object",
    ("s3", "ObjectCopy"): "aws_s3_object_copy",
    ("s3", "DirectoryBucket"): "aws_s3_directory_bucket",
    ("s3control", "AccountPublicAccessBlock"): "aws_s3_account_public_access_block",
    ("iam", "Role"): "aws_iam_role",
    ("iam", "RolePolicy"): "aws_iam_role_policy",
    ("iam", "Policy"): "aws_iam_policy",
    ("iam", "RolePolicyAttachment"): "aws_iam_role_policy_attachment",
    ("kms", "Key"): "aws_kms_key",
    ("kms", "ExternalKey"): "aws_kms_external_key",
    ("kms", "ReplicaKey"): "aws_kms_replica_key",
    ("kms", "ReplicaExternalKey"): "aws_kms_replica_external_key",
    ("kms", "KeyPolicy"): "aws_kms_key_policy",
    ("kms", "Alias"): "aws_kms_alias",
    ("kms", "Grant"): "aws_kms_grant",
    ("organizations", "Policy"): "aws_organizations_policy",
    ("organizations", "PolicyAttachment"): "aws_organizations_policy_attachment",
    ("organizations", "Account"): "aws_organizations_account",
    ("organizations", "OrganizationalUnit"): "aws_organizations_organizational_unit",
}
_KEYS: Final = ("Key", "ExternalKey", "ReplicaKey", "ReplicaExternalKey")

_KEPT: Final = {"Bucket": ("tags",), "Role": ("tags", "permissions_boundary")}

_FREE: Final = frozenset({"tags", "encryption_context_equals", "encryption_context_subset"})
"""Attributes whose members people name."""

_BY_ID: Final = frozenset(
    {"target_key_id", "destination.encryption_configuration.replica_kms_key_id"}
)
"""References to keys that give the key's external name, which is its id, and not its ARN."""

_TARGETS: Final[dict[Kind, tuple[str, str]]] = {
    "bucket name": ("s3", "Bucket"),
    "bucket arn": ("s3", "Bucket"),
    "role name": ("iam", "Role"),
    "role arn": ("iam", "Role"),
    "policy arn": ("iam", "Policy"),
    "key": ("kms", "Key"),
    "key arn": ("kms", "Key"),
}


def facts(catalogue: Catalogue) -> Model:
    reader = _Reader(catalogue)
    instances = [
        instance
        for manifest in catalogue.manifests
        if manifest.family == "upbound"
        for instance in reader.instances(manifest)
    ]
    return terraform_resources.facts(instances, "template")


def _gap(manifest: Manifest) -> Unknown | None:
    """Return what stands for what a thing has that its manifest does not state, if it may."""
    if not manifest.is_taken_over:
        return None
    what = f"what {manifest.label} has that its manifest does not state"
    return Unknown("not_collected", what, "what AWS says of it, as crrlint capture writes it")


class _Reader:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def instances(self, manifest: Manifest) -> Iterator[Instance]:
        kind = _KINDS.get((manifest.service, manifest.kind))
        if kind is None:
            return
        asked, at = manifest.asked
        first = manifest.spec.get("initProvider")
        attributes: dict[str, Any] = {}
        if isinstance(first, dict):
            # What counts when the thing is made, and nothing else states it.
            attributes.update(
                self._spelled(manifest, kind, first, manifest.at / "spec" / "initProvider")
            )
        attributes.update(self._spelled(manifest, kind, asked, at))
        provider = self._catalogue.accounts.of(manifest)
        for name, text in self._named(manifest, provider).items():
            attributes.setdefault(name, Node(text, manifest.at / "metadata" / "name"))
        gap = _gap(manifest)
        if gap is not None:
            # Whether Crossplane takes these over or away goes by more than the manifest.
            for name in _KEPT.get(manifest.kind, ()):
                attributes.setdefault(name, Node(gap, manifest.at))
        type = f"data.{kind}" if manifest.is_only_observed else kind
        if type in terraform_resources.TYPES:
            yield Instance(
                type,
                manifest.label,
                Block(attributes, at),
                Block({}, at),
                provider,
                deployment=manifest.at.path.rpartition("/")[0],
                gap=gap,
            )

    def _spelled(
        self, manifest: Manifest, kind: str, data: Mapping[str, Any], at: Location
    ) -> dict[str, Any]:
        def refer(way: tuple[str, ...], reference: Any) -> Text:
            return self._referred(manifest, kind, ".".join(map(as_terraform, way)), reference)

        spelled = respelled(followed(data, at, refer), at, as_terraform, verbatim=_FREE)
        found: dict[str, Any] = spelled.value
        return found

    def _referred(self, manifest: Manifest, kind: str, path: str, reference: Any) -> Text:
        wanted = takes(kind, path)
        target = None if wanted is None else _TARGETS.get(wanted)
        if wanted is None or target is None:
            return Unknown("external_reference", f"what {manifest.label} refers to as {path}")
        other = self._catalogue.referred(manifest, *target, reference)
        if isinstance(other, Unknown):
            return other
        named = self._named(other, self._catalogue.accounts.of(other))
        if wanted.endswith("name"):
            return named["bucket" if wanted == "bucket name" else "name"]
        by_id = wanted.startswith("key") and any(path.endswith(end) for end in _BY_ID)
        return named["key_id" if by_id else "arn"]

    def _named(self, manifest: Manifest, provider: Provider) -> dict[str, Text]:
        """Return the names and ARNs that the thing has or will have in AWS."""
        partition = partition_of(provider.region)
        asked, _ = manifest.asked
        name: Text = first_given(manifest.external_name, manifest.name)
        path: Text = first_given(asked.get("path"), "/")
        account, region, _ = provider
        match manifest.service, manifest.kind:
            case "s3", "Bucket":
                return {"bucket": name, "arn": bucket_arn(name, partition)}
            case "s3", "DirectoryBucket":
                return {"bucket": name}
            case "iam", "Role":
                return {"name": name, "arn": role_arn(account, path, name, partition)}
            case "iam", "Policy":
                arn = join("arn:", partition, ":iam::", account, ":policy", path, name)
                return {"name": name, "arn": arn}
            case "iam", "RolePolicy":
                return {"name": name}
            case "kms", "Alias":
                alias = name if str(name).startswith("alias/") else join("alias/", name)
                return {"name": alias}
            case "kms", kind if kind in _KEYS:
                key_id = key_id_of(manifest)
                arn = join("arn:", partition, ":kms:", region, ":", account, ":key/", key_id)
                return {"key_id": key_id, "arn": arn}
        return {}
