"""What `Ref` and `Fn::GetAtt` give of each type of resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Location, Node
from crrlint.loaders.cloudformation.evaluate import evaluate
from crrlint.loaders.cloudformation.values import spread, text_of, text_or
from crrlint.model import arn
from crrlint.values import Form, Symbol, Symbolic, Text, Undecided, join, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.cloudformation.stack import Resource, Stack

_Attribute = Callable[["Stack", "Resource", str], Text | None]


def attribute(stack: Stack, resource: Resource, name: str, at: Location) -> Node | Text | None:
    """Return an attribute (`Ref` for what Ref gives); None for one that does not exist."""
    if resource.type == "AWS::CloudFormation::Stack" and name.startswith("Outputs."):
        return _nested_output(stack, resource, name.removeprefix("Outputs."), at)
    if resource.type == "Custom::CrossRegionExportReader" and name != "Ref":
        return _written_elsewhere(stack, resource, name)
    known = _ATTRIBUTES.get(resource.type)
    if known is None:
        return unnamed(stack, resource, name)
    return known(stack, resource, name)


def unnamed(
    stack: Stack,
    resource: Resource,
    name: str,
    *,
    text: str = "",
    form: Form = "any",
    unique: bool = False,
    needs: str = "",
) -> Text:
    """Return what only AWS will name, as a symbol."""
    if not text:
        text = f"${{{resource.label}}}" if name == "Ref" else f"${{{resource.label}.{name}}}"
    entity = f"{stack.id}#{resource.id}"
    symbol = Symbol(entity, name, text, form=form, unique=unique, reason="deferred", needs=needs)
    return symbolic(symbol)


def named(stack: Stack, resource: Resource, property_name: str, kind: str) -> Text:
    """Return the name that a property gives, or else the one that CloudFormation makes up."""
    generated: Text | None = _physical(stack, resource)
    if generated is None:
        needs = f"a {property_name} for {resource.label} in {stack.title}"
        text = f"${{{resource.label}}}"
        generated = unnamed(stack, resource, kind, text=text, form="name", unique=True, needs=needs)
    node = stack.read(resource, property_name)
    if node is None or stack.macro is not None:
        return generated
    name = text_or(node, generated)
    return generated if isinstance(generated, str) and not isinstance(name, str) else name


def _physical(stack: Stack, resource: Resource) -> str | None:
    """Return the name of a resource that is there."""
    known = stack.known.physical.get(resource.id)
    if known is not None and resource.type == "AWS::IAM::ManagedPolicy":
        return known.rsplit("/", 1)[-1]
    return known


def bucket_name(stack: Stack, resource: Resource) -> Text:
    prefix = stack.read(resource, "BucketNamePrefix")
    if prefix is None or stack.macro is not None or _physical(stack, resource) is not None:
        return named(stack, resource, "BucketName", "bucket-name")
    # The account-regional namespace names account and Region at the end.
    place = ("-", stack.account_text, "-", stack.region_text, "-an")
    return join(text_or(prefix, ""), *place)


def role_path(stack: Stack, resource: Resource) -> Text:
    node = stack.read(resource, "Path")
    return "/" if node is None or stack.macro is not None else text_or(node, "/")


def _arn(stack: Stack, service: str, *resource: Text) -> Text:
    place = (stack.region_text, ":", stack.account_text, ":")
    return join("arn:", stack.partition, f":{service}:", *place, *resource)


def _bucket(stack: Stack, resource: Resource, name: str) -> Text | None:
    bucket = bucket_name(stack, resource)
    match name:
        case "Ref":
            return bucket
        case "Arn":
            return arn.bucket_arn(bucket, stack.partition)
        case "DomainName":
            return join(bucket, ".s3.amazonaws.com")
        case "RegionalDomainName":
            return join(bucket, ".s3.", stack.region_text, ".amazonaws.com")
        case "DualStackDomainName":
            return join(bucket, ".s3.dualstack.", stack.region_text, ".amazonaws.com")
        case "WebsiteURL":
            return unnamed(stack, resource, name)
    if name.startswith(("MetadataTableConfiguration.", "MetadataConfiguration.")):
        return unnamed(stack, resource, name)
    return None


def _role(stack: Stack, resource: Resource, name: str) -> Text | None:
    if name == "RoleId":
        return unnamed(
            stack, resource, "role-id", text=f"${{{resource.label}.RoleId}}", unique=True
        )
    role = named(stack, resource, "RoleName", "role-name")
    if name == "Ref":
        return role
    if name != "Arn":
        return None
    path = role_path(stack, resource)
    return arn.role_arn(stack.account_text, path, role, stack.partition)


def _user(stack: Stack, resource: Resource, name: str) -> Text | None:
    user = named(stack, resource, "UserName", "user-name")
    if name == "Ref":
        return user
    place = ("arn:", stack.partition, ":iam::", stack.account_text, ":user")
    return join(*place, role_path(stack, resource), user) if name == "Arn" else None


def policy_arn(stack: Stack, resource: Resource) -> Text:
    policy = named(stack, resource, "ManagedPolicyName", "policy-name")
    place = ("arn:", stack.partition, ":iam::", stack.account_text, ":policy")
    return join(*place, role_path(stack, resource), policy)


def _managed_policy(stack: Stack, resource: Resource, name: str) -> Text | None:
    if name in ("Ref", "PolicyArn"):
        return policy_arn(stack, resource)
    return unnamed(stack, resource, name)


def key_id(stack: Stack, resource: Resource) -> Text:
    """Return a key's id; a replica has that of its primary."""
    if resource.type == "AWS::KMS::ReplicaKey":
        primary = stack.read(resource, "PrimaryKeyArn")
        text = None if primary is None else text_of(primary)
        found = None if text is None else _key_id_of(text, resource.at)
        if found is not None:
            return found
    physical = _physical(stack, resource)
    if physical is not None:
        return physical
    text = f"${{{resource.label}}}"
    return unnamed(stack, resource, "key-id", text=text, form="name", unique=True)


def _key_id_of(key_arn: Text, at: Location) -> Text | None:
    """Return the id in a key's ARN; None for what is no such ARN."""

    def last(node: Node) -> Node:
        try:
            fields = arn.parse_arn(node.value)
        except Undecided:
            fields = None
        resource = None if fields is None else fields.resource
        if isinstance(resource, str) and resource.startswith("key/"):
            return Node(resource[len("key/") :], at)
        if isinstance(resource, Symbolic) and isinstance(resource.parts[0], str):
            first = resource.parts[0]
            if first.startswith("key/"):
                return Node(join(first[len("key/") :], *resource.parts[1:]), at)
        return Node(None, at)

    return text_of(spread((Node(key_arn, at),), last, at))


def _key(stack: Stack, resource: Resource, name: str) -> Text | None:
    if name in ("Ref", "KeyId"):
        return key_id(stack, resource)
    if name == "Arn":
        return _arn(stack, "kms", "key/", key_id(stack, resource))
    return None


def _alias(stack: Stack, resource: Resource, name: str) -> Text | None:
    return named(stack, resource, "AliasName", "alias-name") if name == "Ref" else None


def _access_point(stack: Stack, resource: Resource, name: str) -> Text | None:
    point = named(stack, resource, "Name", "access-point-name")
    if name in ("Ref", "Name"):
        return point
    if name == "Arn":
        return _arn(stack, "s3", "accesspoint/", point)
    return unnamed(stack, resource, name)


def _multi_region_access_point(stack: Stack, resource: Resource, name: str) -> Text | None:
    if name == "Ref":
        return named(stack, resource, "Name", "access-point-name")
    return unnamed(stack, resource, name)


def _bucket_policy(stack: Stack, resource: Resource, name: str) -> Text | None:
    bucket = stack.read(resource, "Bucket")
    if name != "Ref" or bucket is None:
        return unnamed(stack, resource, name)
    return text_or(bucket, unnamed(stack, resource, name))


def _parameter(stack: Stack, resource: Resource, name: str) -> Text | None:
    """`AWS::SSM::Parameter` gives back what it holds."""
    if name == "Ref":
        return named(stack, resource, "Name", "parameter-name")
    value = stack.read(resource, "Value") if name == "Value" else None
    otherwise = unnamed(stack, resource, name)
    return otherwise if value is None else text_or(value, otherwise)


def _directory_bucket(stack: Stack, resource: Resource, name: str) -> Text | None:
    bucket = named(stack, resource, "BucketName", "bucket-name")
    if name == "Ref":
        return bucket
    if name == "Arn":
        return _arn(stack, "s3express", "bucket/", bucket)
    return unnamed(stack, resource, name)


def _table_bucket(stack: Stack, resource: Resource, name: str) -> Text | None:
    bucket = named(stack, resource, "TableBucketName", "bucket-name")
    if name in ("Ref", "TableBucketARN"):
        return _arn(stack, "s3tables", "bucket/", bucket)
    return unnamed(stack, resource, name)


def _outposts_bucket(stack: Stack, resource: Resource, name: str) -> Text | None:
    if name not in ("Ref", "Arn"):
        return None
    bucket = named(stack, resource, "BucketName", "bucket-name")
    outpost = stack.read(resource, "OutpostId")
    place = text_or(outpost, "") if outpost is not None else ""
    return _arn(stack, "s3-outposts", "outpost/", place, "/bucket/", bucket)


def _nested_output(
    stack: Stack, resource: Resource, output: str, at: Location
) -> Node | Text | None:
    child = stack.children.get(resource.id)
    if child is None:
        described = stack.program.described_child(stack, resource.id)
        if described is not None and output in described.outputs:
            return described.outputs[output]
        text = f"${{{resource.label}.Outputs.{output}}}"
        symbol = Symbol(
            f"{stack.id}#{resource.id}",
            f"Outputs.{output}",
            text,
            reason="external_reference",
            needs=f"the template of nested stack {resource.id}",
        )
        return symbolic(symbol)
    if output not in child.outputs and not child.open_ended:
        return stack.mistake(at, f"nested stack {resource.id} has no output {output}")
    return child.output(output, at)


def _written_elsewhere(stack: Stack, resource: Resource, key: str) -> Node | Text:
    """Return what a cross-Region writer of the CDK in another stack put under a key."""
    writer = stack.program.writer(stack, key)
    if writer is None:
        return unnamed(stack, resource, key)
    return evaluate(writer.stack, writer.data, writer.at)


_ATTRIBUTES: Final[dict[str, _Attribute]] = {
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SSM::Parameter": _parameter,
    "AWS::S3::AccessPoint": _access_point,
    "AWS::S3::MultiRegionAccessPoint": _multi_region_access_point,
    "AWS::S3Express::DirectoryBucket": _directory_bucket,
    "AWS::S3Tables::TableBucket": _table_bucket,
    "AWS::S3Outposts::Bucket": _outposts_bucket,
    "AWS::IAM::Role": _role,
    "AWS::IAM::User": _user,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::KMS::Key": _key,
    "AWS::KMS::ReplicaKey": _key,
    "AWS::KMS::Alias": _alias,
}
