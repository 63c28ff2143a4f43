"""What files cannot say of themselves, as the command line and crrlint.yaml tell it.

Accounts, Regions, parameters, and which bucket a bare `policy.json` belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, get_args

from crrlint.documents.source import Document, Location
from crrlint.model import AccountFacts, BucketFacts
from crrlint.values import Text

DocumentKind: TypeAlias = Literal[
    "bucket-replication",
    "bucket-versioning",
    "bucket-location",
    "bucket-policy",
    "bucket-acl",
    "bucket-ownership",
    "bucket-encryption",
    "bucket-object-lock",
    "bucket-lifecycle",
    "bucket-request-payment",
    "bucket-public-access-block",
    "bucket-tagging",
    "object-acl",
    "object-head",
    "role",
    "role-trust",
    "role-inline-policy",
    "role-inline-names",
    "role-attached",
    "policy-version",
    "permissions-boundary",
    "key",
    "key-policy",
    "key-grants",
    "scp",
    "rcp",
    "account-public-access-block",
]

DOCUMENT_KINDS: tuple[str, ...] = get_args(DocumentKind)


class Deployment(NamedTuple):
    """One stack made of a template; `template` is a path as documents carry it.

    A parameter whose value is there but not given (`UsePreviousValue`) is symbolic;
    `parameters` hold those of `parameters_file`.
    """

    template: str
    account: str | None = None
    region: str | None = None
    stack: str | None = None
    parameters: Mapping[str, Text] = {}
    parameters_file: str | None = None


class ProviderPlace(NamedTuple):
    """Where one Terraform provider works."""

    account: str | None = None
    region: str | None = None


class TerraformDeployment(NamedTuple):
    """One Terraform folder with its values; `providers` by `aws` or `aws.alias`.

    `at` is where the values are written.
    """

    folder: str
    variables: Mapping[str, Any] = {}
    variables_file: Document | None = None
    workspace: str | None = None
    providers: Mapping[str, ProviderPlace] = {}
    at: Location | None = None


class Files(Protocol):
    """Files under the given paths that no loader was handed, for source that names them."""

    def read(self, path: str) -> bytes | str:
        """Return what a file holds, or why it cannot be read."""

    def misses(self, path: str) -> bool:
        """Tell whether it is certain that there is no such file."""

    def below(self, folder: str) -> list[str] | None:
        """Return the files below a folder, relative to it; None where they cannot be listed."""


class Binding(NamedTuple):
    """What one bare file is about; `file` is a path as documents carry it."""

    file: str
    kind: DocumentKind
    bucket: str | None = None
    key: str | None = None
    role: str | None = None
    name: str | None = None
    account: str | None = None
    region: str | None = None
    at: Location | None = None


class OrganizationFile(NamedTuple):
    """An organization policy in a file of its own."""

    file: str
    type: Literal["SCP", "RCP"]
    targets: tuple[str, ...]


class Source(NamedTuple):
    """A folder or file whose documents are all of one account, or of one Region."""

    path: str
    account: str | None = None
    region: str | None = None

    def holds(self, path: str) -> bool:
        """Tell whether a file is the source, or lies in it."""
        own, other = self.path.replace("\\", "/"), path.replace("\\", "/")
        return own in (other, ".") or other.startswith(own.rstrip("/") + "/")


class Bindings(NamedTuple):
    """Everything that was bound; `account` and `region` hold for what is bound nowhere else."""

    deployments: tuple[Deployment, ...] = ()
    binds: tuple[Binding, ...] = ()
    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, str] = {}
    organization_id: str | None = None
    organization_complete: bool = False
    organization_files: tuple[OrganizationFile, ...] = ()
    terraform: tuple[TerraformDeployment, ...] = ()
    variables: Mapping[str, str] = {}
    variables_files: tuple[Document, ...] = ()
    files: Files | None = None
    accounts: tuple[AccountFacts, ...] = ()
    sources: tuple[Source, ...] = ()
    partition: str | None = None
    buckets: tuple[BucketFacts, ...] = ()
    """Buckets that are stated to exist."""

    def at(self, path: str) -> Bindings:
        """Return what is bound for a file: the innermost source that it lies in counts first."""
        account, region = None, None
        for source in sorted(self.sources, key=lambda s: len(s.path), reverse=True):
            if source.holds(path):
                account = account or source.account
                region = region or source.region
        if account is None and region is None:
            return self
        return self._replace(account=account or self.account, region=region or self.region)
