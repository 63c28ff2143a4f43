"""From resources to facts, through the same readers of properties as templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from crrlint.loaders.aws.facts import Fact, model_of
from crrlint.loaders.cloudcontrol import buckets, identity, keys
from crrlint.loaders.cloudcontrol.resource import Resource
from crrlint.model import Model

_READERS: Final[dict[str, Callable[[Resource], Iterator[Fact]]]] = {
    "AWS::S3::Bucket": buckets.bucket,
    "AWS::S3::BucketPolicy": buckets.bucket_policy,
    "AWS::S3Express::DirectoryBucket": buckets.other_bucket("directory", "BucketName", "Id"),
    "AWS::S3Tables::TableBucket": buckets.other_bucket("table", "TableBucketName"),
    "AWS::S3Outposts::Bucket": buckets.other_bucket("outposts", "BucketName"),
    "AWS::IAM::Role": identity.role,
    "AWS::IAM::RolePolicy": identity.role_policy,
    "AWS::IAM::ManagedPolicy": identity.managed_policy,
    "AWS::KMS::Key": keys.key,
    "AWS::KMS::ReplicaKey": keys.key,
    "AWS::KMS::Alias": keys.alias,
    "AWS::Organizations::Policy": identity.organization_policy,
}


def facts(resources: Iterable[Resource]) -> Model:
    return model_of(
        fact
        for resource in resources
        if resource.type in _READERS
        for fact in _READERS[resource.type](resource)
    )
