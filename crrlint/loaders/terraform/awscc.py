"""Resources of the `awscc` provider, which has CloudFormation's schema in snake case.

`facts` turns instances into facts wherever they were found: in a state, a plan, in source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crrlint.documents.source import Node
from crrlint.loaders.terraform.attributes import Malformed
from crrlint.loaders.terraform.instances import Instance, Provider, Reader, made
from crrlint.model import Layer, Model
from crrlint.values import Unknown

KINDS: Final = {
    "awscc_s3_bucket": "AWS::S3::Bucket",
    "awscc_s3_bucket_policy": "AWS::S3::BucketPolicy",
    "awscc_s3express_directory_bucket": "AWS::S3Express::DirectoryBucket",
    "awscc_s3tables_table_bucket": "AWS::S3Tables::TableBucket",
    "awscc_s3outposts_bucket": "AWS::S3Outposts::Bucket",
    "awscc_iam_role": "AWS::IAM::Role",
    "awscc_iam_role_policy": "AWS::IAM::RolePolicy",
    "awscc_iam_managed_policy": "AWS::IAM::ManagedPolicy",
    "awscc_kms_key": "AWS::KMS::Key",
    "awscc_kms_replica_key": "AWS::KMS::ReplicaKey",
    "awscc_kms_alias": "AWS::KMS::Alias",
    "awscc_organizations_policy": "AWS::Organizations::Policy",
}
_READ: Final = ("awscc_s3_bucket", "awscc_iam_role", "awscc_iam_managed_policy", "awscc_kms_key")
TYPES: Final = frozenset(KINDS) | {f"data.{kind}" for kind in _READ}


def facts(instances: Sequence[Instance], layer: Layer) -> Model:
    # A run without such resources does without what reads templates.
    from crrlint.loaders.cloudcontrol import resources as cloudcontrol
    from crrlint.loaders.cloudcontrol.resource import Resource, properties_of

    reader = Reader()
    model = cloudcontrol.facts(
        Resource(
            KINDS[instance.type.removeprefix("data.")],
            instance.address,
            properties_of(instance.attributes.data, instance.attributes.at),
            instance.attributes.at,
            *_place(instance, reader)[:2],
            layer,
            managed=not instance.type.startswith("data."),
            made=made(instance),
        )
        for instance in instances
    )
    model = model._replace(problems=(*reader.problems, *model.problems))
    gap = next((instance.gap for instance in instances if instance.gap is not None), None)
    return model if gap is None else _open(model, gap)


def _open(model: Model, gap: Unknown) -> Model:
    """Leave open what holds where nothing says otherwise: what is missing may say so."""
    return model._replace(
        buckets=tuple(
            fact._replace(otherwise={field: Node(gap, fact.at) for field in fact.otherwise})
            for fact in model.buckets
        ),
        roles=tuple(fact._replace(complete=False) for fact in model.roles),
    )


def _place(instance: Instance, reader: Reader) -> Provider:
    try:
        return Provider(instance.account, instance.region)
    except Malformed as error:
        reader.report(instance.address, error)
        return instance.provider
