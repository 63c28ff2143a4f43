"""The names and ARNs that manifests of ACK and of Crossplane's older provider have in AWS."""

from __future__ import annotations

import json
from typing import Any, Final

from crrlint.loaders.kubernetes.given import first_given
from crrlint.loaders.kubernetes.manifests import Catalogue, Manifest, key_id_of, unnamed
from crrlint.loaders.kubernetes.references import Refer
from crrlint.loaders.terraform.instances import Provider
from crrlint.model.arn import bucket_arn, partition_of, role_arn
from crrlint.values import Text, Unknown, join

_BUCKET: Final = ("s3", "Bucket")
_ROLE: Final = ("iam", "Role")
_POLICY: Final = ("iam", "Policy")
_KEY: Final = ("kms", "Key")
# What an attribute refers to, and whether it takes its ARN or what it is called.
_TARGETS: Final[dict[str, tuple[tuple[str, str], str]]] = {
    "bucket": (_BUCKET, "arn"),
    "bucketName": (_BUCKET, "name"),
    "role": (_ROLE, "arn"),
    "roleName": (_ROLE, "name"),
    "iamRoleArn": (_ROLE, "arn"),
    "policyArn": (_POLICY, "arn"),
    "permissionsBoundary": (_POLICY, "arn"),
    "replicaKmsKeyId": (_KEY, "name"),
    "kmsMasterKeyId": (_KEY, "name"),
    "targetKeyId": (_KEY, "name"),
    "targetKeyID": (_KEY, "name"),
    "keyId": (_KEY, "name"),
    "keyID": (_KEY, "name"),
}
_ADOPTED: Final = "services.k8s.aws/adoption-fields"


class Naming:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def provider(self, manifest: Manifest) -> Provider:
        return self.catalogue.accounts.of(manifest)

    def refer(self, by: Manifest) -> Refer:
        """Return what follows the references of a manifest."""

        def refer(way: tuple[str, ...], reference: Any) -> Text | None:
            target = _TARGETS.get(way[-1])
            return None if target is None else self.referred(by, *target, reference)

        return refer

    def referred(self, by: Manifest, target: tuple[str, str], gives: str, reference: Any) -> Text:
        other = self.catalogue.referred(by, *target, reference)
        if isinstance(other, Unknown):
            return other
        if target == _BUCKET:
            name = self.bucket(other)
            partition = partition_of(self.provider(other).region)
            return bucket_arn(name, partition) if gives == "arn" else name
        if target == _ROLE:
            return self.role_arn(other) if gives == "arn" else self.role(other)
        return self.policy_arn(other) if target == _POLICY else key_id_of(other)

    def bucket(self, manifest: Manifest) -> Text:
        return self._own(manifest, "bucket-name")

    def role(self, manifest: Manifest) -> Text:
        return self._own(manifest, "role-name")

    def _own(self, manifest: Manifest, what: str) -> Text:
        """Return the name that ACK has in the spec, and Crossplane beside it."""
        if manifest.family != "ack":
            return _called(manifest)
        name: Text = first_given(
            manifest.spec.get("name"),
            _adopted(manifest),
            unnamed(manifest, what, f"the name of {manifest.label}"),
        )
        return name

    def role_arn(self, manifest: Manifest) -> Text:
        stated = _stated_arn(manifest)
        if stated is not None:
            return stated
        account, region, _ = self.provider(manifest)
        asked, _ = manifest.asked
        path: Text = first_given(asked.get("path"), "/")
        return role_arn(account, path, self.role(manifest), partition_of(region))

    def policy(self, manifest: Manifest) -> Text:
        asked, _ = manifest.asked
        made = unnamed(manifest, "policy-name", f"the name of {manifest.label}")
        name: Text = first_given(asked.get("name"), made)
        return name

    def policy_arn(self, manifest: Manifest) -> Text:
        stated = first_given(manifest.external_name, _stated_arn(manifest))
        if stated is not None and str(stated).startswith("arn:"):
            whole: Text = stated
            return whole
        account, region, _ = self.provider(manifest)
        asked, _ = manifest.asked
        path: Text = first_given(asked.get("path"), "/")
        place = ("arn:", partition_of(region), ":iam::", account, ":policy")
        return join(*place, path, self.policy(manifest))


def _called(manifest: Manifest) -> Text:
    """Return the name in AWS that Crossplane goes by."""
    name: Text = first_given(manifest.external_name, manifest.name)
    return name


def _stated_arn(manifest: Manifest) -> str | None:
    metadata = manifest.status.get("ackResourceMetadata")
    arn = metadata.get("arn") if isinstance(metadata, dict) else manifest.seen.get("arn")
    return arn if isinstance(arn, str) and arn else None


def _adopted(manifest: Manifest) -> Text | None:
    """Return the name of a thing that ACK is told to take over."""
    fields = manifest.annotations.get(_ADOPTED)
    try:
        data = json.loads(fields) if isinstance(fields, str) else None
    except (ValueError, RecursionError):
        return None
    name = data.get("name") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name else None
