"""From instances of Terraform resources to the model: which resource says what of whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

from crrlint.documents.source import Node
from crrlint.loaders.terraform import accounts as terraform_accounts
from crrlint.loaders.terraform import awscc as terraform_awscc
from crrlint.loaders.terraform import bucket_facts as terraform_bucket_facts
from crrlint.loaders.terraform import key_facts as terraform_key_facts
from crrlint.loaders.terraform import role_facts as terraform_role_facts
from crrlint.loaders.terraform.attributes import Malformed, shape
from crrlint.loaders.terraform.instances import Instance, Reader
from crrlint.model import AccountFacts, AliasFacts, Layer, Model, ObjectFacts, PolicyFacts

_Dated = TypeVar("_Dated", PolicyFacts, AliasFacts, ObjectFacts, AccountFacts)

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
    | terraform_accounts.TYPES
    | terraform_awscc.TYPES
)
"""Everything that is read; instances of other types are not to be made."""


def facts(instances: Sequence[Instance], layer: Layer) -> Model:
    """Return what the instances say, those of all configurations together."""

    def of(types: Iterable[str]) -> list[Instance]:
        return [instance for instance in instances if instance.type in types]

    def dated(facts: Iterable[_Dated]) -> tuple[_Dated, ...]:
        return tuple(fact._replace(layer=layer) for fact in facts)

    reader = Reader()
    model = Model(
        buckets=tuple(
            terraform_bucket_facts.buckets(of(terraform_bucket_facts.TYPES), reader, layer)
        ),
        roles=tuple(terraform_role_facts.roles(of(terraform_role_facts.TYPES), reader, layer)),
        policies=dated(terraform_role_facts.policies(of(terraform_role_facts.POLICIES), reader)),
        keys=tuple(terraform_key_facts.keys(of(terraform_key_facts.TYPES), reader, layer)),
        aliases=dated(terraform_key_facts.aliases(of(terraform_key_facts.ALIASES), reader)),
        objects=dated(_objects(of(_OBJECTS), reader)),
        accounts=dated(terraform_accounts.accounts(of(terraform_accounts.TYPES), reader)),
        organization=tuple(terraform_accounts.organization(of(terraform_accounts.TYPES), reader)),
        problems=tuple(reader.problems),
    )
    others = of(terraform_awscc.TYPES)
    return model | terraform_awscc.facts(others, layer) if others else model


def _objects(instances: Iterable[Instance], reader: Reader) -> Iterator[ObjectFacts]:
    for instance in instances:
        block = instance.attributes
        try:
            owner = instance.identity.text("account_id")
            # S3 gives an object that is put without a canned ACL the private one.
            canned = block.leaf("acl") or Node("private", block.place("acl"))
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
                block.place("key"),
                shape(block.at, Canned=canned),
                head,
                instance.provider.account if owner is None else owner,
            )
        except Malformed as error:
            reader.report(instance.address, error)
