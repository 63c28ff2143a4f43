"""In which account and Region a manifest's thing is: its own words, its credential's, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from crrlint.loaders.kubernetes.given import first_given, is_given
from crrlint.loaders.terraform.instances import Provider
from crrlint.model.bindings import Bindings
from crrlint.values import Symbol, Text, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.kubernetes.manifests import Manifest

_OWNER: Final = "services.k8s.aws/owner-account-id"
_REGION: Final = "services.k8s.aws/region"
_DEFAULT_REGION: Final = "services.k8s.aws/default-region"
_DEFAULTS: Final = {"upbound": "default", "crossplane": "default"}


class Accounts:
    """What manifests tell of the credentials that they are acted on with."""

    def __init__(self, manifests: Sequence[Manifest], bindings: Bindings) -> None:
        self._bindings = bindings
        self._accounts: dict[str, set[str]] = {}
        self._regions: dict[str, set[str]] = {}
        self._namespaces: dict[str, Manifest] = {}
        for manifest in manifests:
            if manifest.family == "core" and manifest.kind == "Namespace":
                self._namespaces[str(manifest.name)] = manifest
            elif manifest.kind in ("ProviderConfig", "ClusterProviderConfig"):
                account = _assumed(manifest.spec)
                if account is not None:
                    self._accounts.setdefault(_own_key(manifest), set()).add(account)
            else:
                self._learn(manifest)

    def _learn(self, manifest: Manifest) -> None:
        """A controller writes the ARN of what it made: one credential is of one account."""
        key = credential(manifest)
        account = _account_in(manifest)
        if account is not None:
            self._accounts.setdefault(key, set()).add(account)
        region = _region_in(manifest)
        if isinstance(region, str):
            self._regions.setdefault(key, set()).add(region)

    def of(self, manifest: Manifest) -> Provider:
        key = credential(manifest)
        path = manifest.at.path
        bound = [d for d in self._bindings.deployments if d.template == path]
        account: Text | None = first_given(
            _account_in(manifest), self._namespaced(manifest, _OWNER)
        )
        if account is None:
            known = self._accounts.get(key, ())
            account = next(iter(known)) if len(known) == 1 else None
        account = first_given(account, *(d.account for d in bound))
        region: Text | None = first_given(
            _region_in(manifest),
            self._namespaced(manifest, _DEFAULT_REGION),
            *(d.region for d in bound),
        )
        if region is None and manifest.service in ("iam", "organizations"):
            # IAM has no Regions; its partition is that of the others of its credential.
            region = next(iter(sorted(self._regions.get(key, ()))), None)
        return Provider(
            first_given(account, self._bindings.account, self._symbol(manifest, key, "account")),
            first_given(region, self._bindings.region, self._symbol(manifest, key, "region")),
        )

    def _namespaced(self, manifest: Manifest, annotation: str) -> str | None:
        if manifest.family != "ack":
            return None
        namespace = self._namespaces.get(manifest.namespace)
        value = None if namespace is None else namespace.annotations.get(annotation)
        return str(value) if isinstance(value, (str, int)) and is_given(value) else None

    def _symbol(self, manifest: Manifest, key: str, what: str) -> Text:
        path = manifest.at.path
        return symbolic(
            Symbol(
                key,
                what,
                f"the {what} of {key.rpartition(' ')[2]}",
                form="account" if what == "account" else "region",
                needs=f"--{what}, or a `deployments` entry for {path} in crrlint.yaml",
            )
        )


def credential(manifest: Manifest) -> str:
    """Return what manifests share that are acted on with one credential, within a folder."""
    folder = manifest.at.path.rpartition("/")[0]
    if manifest.family == "ack":
        return f"{folder} ack namespace/{manifest.namespace or 'default'}"
    reference = manifest.spec.get("providerConfigRef") or manifest.spec.get("providerRef")
    name = reference.get("name") if isinstance(reference, dict) else None
    return f"{folder} {_root(manifest.group)} ProviderConfig/{name or 'default'}"


def _own_key(config: Manifest) -> str:
    folder = config.at.path.rpartition("/")[0]
    return f"{folder} {config.group} ProviderConfig/{config.name}"


def _root(group: str) -> str:
    """Return `aws.upbound.io` for `s3.aws.upbound.io`, as ProviderConfigs have it."""
    return group.partition(".")[2]


def _assumed(spec: Mapping[str, Any]) -> str | None:
    """Return the account of the role that a ProviderConfig ends up with."""
    chain = spec.get("assumeRoleChain")
    last = chain[-1] if isinstance(chain, list) and chain else spec.get("assumeRole")
    arn = last.get("roleARN") if isinstance(last, dict) else spec.get("assumeRoleARN")
    if arn is None:
        credentials = spec.get("credentials")
        found = credentials if isinstance(credentials, dict) else {}
        upbound = found.get("upbound")
        for holder in (found, upbound if isinstance(upbound, dict) else {}):
            identity = holder.get("webIdentity")
            if isinstance(identity, dict):
                arn = arn or identity.get("roleARN")
    return _account_of(arn)


def _account_of(arn: Any) -> str | None:
    fields = arn.split(":", 5) if isinstance(arn, str) else []
    known = len(fields) == 6 and len(fields[4]) == 12 and fields[4].isdecimal()
    return fields[4] if known else None


def _account_in(manifest: Manifest) -> str | None:
    """Return the account that a manifest's own status names."""
    metadata = manifest.status.get("ackResourceMetadata")
    if isinstance(metadata, dict):
        owner = metadata.get("ownerAccountID")
        if isinstance(owner, (str, int)) and owner:
            return str(owner).zfill(12)
    return _account_of(manifest.seen.get("arn"))


def _region_in(manifest: Manifest) -> Text | None:
    """Return the Region that a manifest states."""
    if manifest.family == "ack":
        metadata = manifest.status.get("ackResourceMetadata")
        location = manifest.spec.get("createBucketConfiguration")
        found: Text | None = first_given(
            location.get("locationConstraint") if isinstance(location, dict) else None,
            manifest.annotations.get(_REGION),
            metadata.get("region") if isinstance(metadata, dict) else None,
        )
        return found
    asked, _ = manifest.asked
    region: Text | None = first_given(asked.get("region"), asked.get("locationConstraint"))
    return region
