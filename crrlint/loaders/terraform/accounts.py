"""From instances to facts of accounts, and of the organization that they are in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from crrlint.loaders.terraform import buckets as terraform_buckets
from crrlint.loaders.terraform.attributes import Malformed
from crrlint.loaders.terraform.instances import Instance, Reader
from crrlint.model import AccountFacts, OrganizationPolicy

_MEMBER: Final = "aws_organizations_account"
_UNIT: Final = "aws_organizations_organizational_unit"
_POLICY: Final = "aws_organizations_policy"
_ATTACHMENT: Final = "aws_organizations_policy_attachment"
TYPES: Final = frozenset(
    {
        "data.aws_caller_identity",
        "data.aws_canonical_user_id",
        "aws_s3_account_public_access_block",
        _MEMBER,
        _UNIT,
        _POLICY,
        _ATTACHMENT,
    }
)

_POLICY_TYPES: Final[dict[str | None, Literal["SCP", "RCP"]]] = {
    None: "SCP",
    "SERVICE_CONTROL_POLICY": "SCP",
    "RESOURCE_CONTROL_POLICY": "RCP",
}


def accounts(instances: Sequence[Instance], reader: Reader) -> Iterator[AccountFacts]:
    above = dict(_pairs(instances, reader, (_MEMBER, _UNIT), "id", "parent_id"))
    for instance in instances:
        try:
            fact = _account(instance, above, reader)
        except Malformed as error:
            reader.report(instance.address, error)
            continue
        if fact is not None:
            yield fact


def _account(instance: Instance, above: Mapping[str, str], reader: Reader) -> AccountFacts | None:
    block = instance.attributes
    match instance.type:
        case "data.aws_caller_identity":
            return AccountFacts(instance.name("account_id", "id"), block.at)
        case "data.aws_canonical_user_id":
            canonical = instance.name("id")
            return AccountFacts(instance.provider.account, block.at, canonical_id=canonical)
        case "aws_s3_account_public_access_block":
            blocked = reader.field(
                instance, "public access block", terraform_buckets.public_access_block
            )
            stated = block.text("account_id")
            account = instance.provider.account if stated is None else stated
            return AccountFacts(account, block.at, public_access_block=blocked)
        case "aws_organizations_account":
            account = str(instance.name("id"))
            return AccountFacts(
                account, block.at, organization=_organization(instance), path=_path(account, above)
            )
    return None


def _organization(instance: Instance) -> str | None:
    # arn:aws:organizations::<manager>:account/<organization>/<account>
    arn = instance.arn
    fields = arn.resource.split("/") if arn is not None and isinstance(arn.resource, str) else []
    return fields[1] if len(fields) == 3 and fields[1].startswith("o-") else None


def _path(account: str, above: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the root and the units above an account, None where a step is not known."""
    path: list[str] = []
    at = account
    while not at.startswith("r-"):
        if at not in above or above[at] in path:
            return None
        at = above[at]
        path.append(at)
    return tuple(reversed(path))


def organization(instances: Sequence[Instance], reader: Reader) -> Iterator[OrganizationPolicy]:
    """Yield the service and resource control policies with what they are attached to."""
    targets: dict[str, list[str]] = {}
    for policy, target in _pairs(instances, reader, (_ATTACHMENT,), "policy_id", "target_id"):
        targets.setdefault(policy, []).append(target)
    for instance in instances:
        if instance.type != _POLICY:
            continue
        block = instance.attributes
        try:
            kind = _POLICY_TYPES.get(block.text("type"))
            document = block.document("content", instance.address)
            attached = tuple(targets.get(str(instance.name("id")), ()))
        except Malformed as error:
            reader.report(instance.address, error)
            continue
        if kind is not None and document is not None:
            yield OrganizationPolicy(kind, document, attached, block.at)


def _pairs(
    instances: Sequence[Instance], reader: Reader, types: tuple[str, ...], left: str, right: str
) -> Iterator[tuple[str, str]]:
    """Yield two texts of each instance of some types."""
    for instance in instances:
        if instance.type in types:
            try:
                yield str(instance.name(left)), str(instance.name(right))
            except Malformed as error:
                reader.report(instance.address, error)
