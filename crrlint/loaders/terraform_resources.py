"""From instances of Terraform resources to the model: which resource says what of whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from crrlint.loaders import (
    terraform_bucket_facts,
    terraform_buckets,
    terraform_key_facts,
    terraform_role_facts,
)
from crrlint.loaders.terraform_attributes import Block, Malformed, shape
from crrlint.loaders.terraform_instances import Instance, Reader
from crrlint.model import AccountFacts, Layer, Model, ObjectFacts, OrganizationPolicy
from crrlint.source import Node

_OBJECTS: Final = frozenset({"aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy"})
_ACCOUNTS: Final = frozenset(
    {
        "data.aws_caller_identity",
        "data.aws_canonical_user_id",
        "aws_s3_account_public_access_block",
    }
)
_ORGANIZATION: Final = frozenset(
    {"aws_organizations_policy", "aws_organizations_policy_attachment"}
)
TYPES: Final = (
    terraform_bucket_facts.TYPES
    | terraform_role_facts.TYPES
    | terraform_key_facts.TYPES
    | _OBJECTS
    | _ACCOUNTS
    | _ORGANIZATION
)
"""Everything that is read; instances of other types are not to be made."""

_POLICY_TYPES: Final = {
    None: "SCP",
    "SERVICE_CONTROL_POLICY": "SCP",
    "RESOURCE_CONTROL_POLICY": "RCP",
}


def facts(instances: Sequence[Instance], layer: Layer) -> Model:
    """Return what the instances say, those of all configurations together."""

    def of(types: Iterable[str]) -> list[Instance]:
        return [instance for instance in instances if instance.type in types]

    reader = Reader()
    return Model(
        buckets=tuple(
            terraform_bucket_facts.buckets(of(terraform_bucket_facts.TYPES), reader, layer)
        ),
        roles=tuple(terraform_role_facts.roles(of(terraform_role_facts.TYPES), reader, layer)),
        policies=tuple(terraform_role_facts.policies(of(terraform_role_facts.POLICIES), reader)),
        keys=tuple(terraform_key_facts.keys(of(terraform_key_facts.TYPES), reader, layer)),
        aliases=tuple(terraform_key_facts.aliases(of(terraform_key_facts.ALIASES), reader)),
        objects=tuple(_objects(of(_OBJECTS), reader)),
        accounts=tuple(_accounts(of(_ACCOUNTS), reader)),
        organization=tuple(_organization(of(_ORGANIZATION), reader)),
        problems=tuple(reader.problems),
    )


def _objects(instances: Iterable[Instance], reader: Reader) -> Iterator[ObjectFacts]:
    for instance in instances:
        block = instance.attributes
        try:
            # S3 gives an object that is put without a canned ACL the private one.
            canned = block.leaf("acl") or Node("private", block.at / "acl")
            head = shape(
                block.at,
                ServerSideEncryption=block.leaf("server_side_encryption"),
                SSEKMSKeyId=block.leaf("kms_key_id"),
                StorageClass=block.leaf("storage_class"),
                VersionId=block.leaf("version_id"),
                ObjectLockMode=block.leaf("object_lock_mode"),
                ObjectLockRetainUntilDate=block.leaf("object_lock_retain_until_date"),
                ObjectLockLegalHoldStatus=block.leaf("object_lock_legal_hold_status"),
            )
            yield ObjectFacts(
                instance.name("bucket"),
                instance.name("key"),
                block.at / "key",
                shape(block.at, Canned=canned),
                head,
                instance.identity.text("account_id") or instance.provider.account,
            )
        except Malformed as error:
            reader.report(instance.address, error)


def _accounts(instances: Iterable[Instance], reader: Reader) -> Iterator[AccountFacts]:
    for instance in instances:
        block = instance.attributes
        try:
            if instance.type == "data.aws_caller_identity":
                yield AccountFacts(instance.name("account_id", "id"), block.at)
            elif instance.type == "data.aws_canonical_user_id":
                canonical = instance.name("id")
                yield AccountFacts(instance.provider.account, block.at, canonical_id=canonical)
            else:
                account = block.text("account_id") or instance.provider.account
                blocked = reader.field(
                    instance, "public access block", terraform_buckets.public_access_block
                )
                yield AccountFacts(account, block.at, public_access_block=blocked)
        except Malformed as error:
            reader.report(instance.address, error)


def _organization(instances: Sequence[Instance], reader: Reader) -> Iterator[OrganizationPolicy]:
    targets: dict[str, list[str]] = {}
    for instance in instances:
        if instance.type == "aws_organizations_policy_attachment":
            try:
                policy = str(instance.name("policy_id"))
                targets.setdefault(policy, []).append(str(instance.name("target_id")))
            except Malformed as error:
                reader.report(instance.address, error)
    for instance in instances:
        if instance.type != "aws_organizations_policy":
            continue
        try:
            kind = _POLICY_TYPES.get(instance.attributes.text("type"))
            identifier = str(instance.name("id"))
        except Malformed as error:
            reader.report(instance.address, error)
            continue
        document = reader.field(instance, "content", partial(_content, instance.address))
        if kind is not None and document is not None:
            yield OrganizationPolicy(
                "SCP" if kind == "SCP" else "RCP",
                document,
                tuple(targets.get(identifier, ())),
                instance.attributes.at,
            )


def _content(address: str, block: Block) -> Node | None:
    return block.document("content", address)
