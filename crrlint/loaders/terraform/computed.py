"""What AWS makes of a resource's arguments: names, ARNs, ids; and what data sources read.

None leaves an attribute to what is written, or to a symbol of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from crrlint.documents.source import Node
from crrlint.loaders.terraform.attributes import not_set
from crrlint.loaders.terraform.credentials import account_in
from crrlint.loaders.terraform.policy_documents import document
from crrlint.loaders.terraform.texts import unnamed
from crrlint.model.arn import bucket_arn, parse_arn, partition_of, role_arn, without_start
from crrlint.values import (
    OneOf,
    Symbol,
    Symbolic,
    Text,
    Undecided,
    Unknown,
    identical,
    join,
    symbolic,
)

if TYPE_CHECKING:
    from crrlint.loaders.terraform.instance import ResourceInstance

_Computed = Callable[["ResourceInstance", str], "Node | Text | None"]


def computed(instance: ResourceInstance, name: str) -> Node | Text | None:
    """Return an attribute that follows from others; None for one that does not."""
    known = _COMPUTED.get(instance.type)
    return None if known is None else known(instance, name)


def named(
    instance: ResourceInstance, argument: str, kind: str, prefix: str = "", *, sort: str = ""
) -> Text:
    """Return the name that an argument gives, or else the one that will be made up.

    Two things of a kind never share a made-up name; one that is only not known may be
    that of something else as well.
    """
    given = instance.text(argument)
    text = f"${{{instance.address}}}"

    def symbol(unknown: Unknown | None) -> Text:
        return unnamed(
            instance.entity,
            kind,
            text,
            form="name",
            unique=unknown is None,
            reason="deferred" if unknown is None else unknown.reason,
            needs=f"a {argument} for {instance.address}" if unknown is None else unknown.needs,
        )

    return _each(given, lambda t: symbol(t if isinstance(t, Unknown) else None))


def _each(text: Text | None, instead: Callable[[Text | None], Text]) -> Text:
    if isinstance(text, OneOf):
        return OneOf(text.choice, tuple(_each(option, instead) for option in text.options))
    if text is None or not_set(text) or isinstance(text, Unknown):
        return instead(text)
    return text


def _partition(instance: ResourceInstance) -> Text:
    region = instance.provider.region
    if not isinstance(region, str):
        instance.module.deployment.assume_partition()
    return partition_of(region)


def _suffix(partition: Text) -> str:
    return ".amazonaws.com.cn" if identical(partition, "aws-cn") else ".amazonaws.com"


def _region(instance: ResourceInstance) -> Text:
    """Return where a resource is: since version 6 of the provider it can say so itself."""
    given = instance.text("region")
    return instance.provider.region if given is None or isinstance(given, Unknown) else given


def _arn(instance: ResourceInstance, service: str, region: Text, *resource: Text) -> Text:
    account = instance.provider.account
    return join("arn:", _partition(instance), f":{service}:", region, ":", account, ":", *resource)


def bucket_name(instance: ResourceInstance) -> Text:
    return named(instance, "bucket", "bucket-name")


def _bucket(instance: ResourceInstance, name: str) -> Text | None:
    match name:
        case "id" | "bucket":
            return bucket_name(instance)
        case "arn":
            return bucket_arn(bucket_name(instance), _partition(instance))
        case "bucket_domain_name":
            return join(bucket_name(instance), ".s3.amazonaws.com")
        case "bucket_regional_domain_name":
            region = _bucket_region(instance)
            return join(bucket_name(instance), ".s3.", region, _suffix(_partition(instance)))
        case "region" | "bucket_region":
            return _bucket_region(instance)
    return None


def _bucket_region(instance: ResourceInstance) -> Text:
    if instance.type == "aws_s3_bucket":
        return _region(instance)
    return unnamed(
        instance.entity, "region", f"${{{instance.address}.region}}", form="region",
        needs="--region, or get-bucket-location of the bucket",
    )  # fmt: skip


def _of_bucket(instance: ResourceInstance, name: str) -> Text | None:
    """Resources that hold a setting of a bucket bear its name."""
    if name not in ("id", "bucket"):
        return None
    bucket = instance.text("bucket")
    if name == "bucket" or bucket is None:
        return bucket
    owner = instance.text("expected_bucket_owner")
    return bucket if owner is None else join(bucket, ",", owner)


def role_name(instance: ResourceInstance) -> Text:
    return named(instance, "name", "role-name")


def _path(instance: ResourceInstance) -> Text:
    return _each(instance.text("path"), lambda text: "/" if text is None else text)


def _role(instance: ResourceInstance, name: str) -> Text | None:
    role = role_name(instance)
    match name:
        case "id" | "name":
            return role
        case "arn":
            account = instance.provider.account
            return role_arn(account, _path(instance), role, _partition(instance))
        case "unique_id":
            text = f"${{{instance.address}.unique_id}}"
            return unnamed(instance.entity, "role-id", text, form="name", unique=True)
    return None


def _existing_role(instance: ResourceInstance, name: str) -> Text | None:
    role = role_name(instance)
    match name:
        case "id" | "name":
            return role
        case "arn":
            # Whatever its path is.
            path = Symbol(
                instance.entity, "path", f"/${{{instance.address}.path}}", reason="deferred",
                needs="aws iam get-role",
            )  # fmt: skip
            account = instance.provider.account
            return join("arn:", _partition(instance), ":iam::", account, ":role", path, role)
    return None


def _policy(instance: ResourceInstance, name: str) -> Text | None:
    policy = named(instance, "name", "policy-name")
    match name:
        case "name":
            return policy
        case "id" | "arn":
            return _arn(instance, "iam", "", "policy", _path(instance), policy)
    return None


def _existing_policy(instance: ResourceInstance, name: str) -> Text | None:
    arn = instance.text("arn")
    return arn if name in ("id", "arn") else None


def _role_policy(instance: ResourceInstance, name: str) -> Text | None:
    policy = named(instance, "name", "policy-name")
    if name == "name":
        return policy
    role = instance.text("role")
    return join(role, ":", policy) if name == "id" and role is not None else None


def _user(instance: ResourceInstance, name: str) -> Text | None:
    user = named(instance, "name", "user-name")
    if name in ("id", "name"):
        return user
    return _arn(instance, "iam", "", "user", _path(instance), user) if name == "arn" else None


def key_id(instance: ResourceInstance) -> Text:
    """Return a key's id; a replica has that of its primary."""
    primary = instance.text("primary_key_arn")
    found = None if primary is None else key_id_in(primary)
    if found is not None:
        return found
    text = f"${{{instance.address}}}"
    return unnamed(instance.entity, "key-id", text, form="name", unique=True)


def key_id_in(arn: Text) -> Text | None:
    """Return the id in a key's ARN; None for what is none, or not known to be one."""
    if isinstance(arn, (OneOf, Unknown)):
        return None
    try:
        fields = parse_arn(arn)
    except Undecided:
        return None
    if fields is None or isinstance(fields.resource, (OneOf, Unknown)):
        return None
    try:
        is_key = fields.resource.startswith("key/")
    except Undecided:
        return None
    return without_start(fields.resource, len("key/")) if is_key else None


def _key(instance: ResourceInstance, name: str) -> Text | None:
    if name in ("id", "key_id"):
        return key_id(instance)
    if name == "arn":
        return _arn(instance, "kms", _region(instance), "key/", key_id(instance))
    return None


def _key_ref(instance: ResourceInstance, text: Text) -> Text:
    """Return the ARN of a key that is given by its ARN or by its id."""
    if isinstance(text, OneOf):
        return OneOf(text.choice, tuple(_key_ref(instance, option) for option in text.options))
    try:
        if isinstance(text, Unknown) or text.startswith("arn:"):
            return text
    except Undecided:
        return text
    return _arn(instance, "kms", _region(instance), "key/", text)


def _alias(instance: ResourceInstance, name: str) -> Text | None:
    alias = instance.text("name")
    if alias is None or not_set(alias):
        text = f"${{{instance.address}}}"
        alias = join(
            "alias/", unnamed(instance.entity, "alias-name", text, form="name", unique=True)
        )
    target = instance.text("target_key_id")
    match name:
        case "id" | "name":
            return alias
        case "arn":
            return _arn(instance, "kms", _region(instance), alias)
        case "target_key_arn":
            return None if target is None else _key_ref(instance, target)
        case "target_key_id":
            return None if target is None else key_id_in(target) or target
    return None


def _made_alias(instance: ResourceInstance) -> ResourceInstance | None:
    """Return the one alias that a data source names by a reference to it.

    Then it is read after the alias is made.  One that is only spelled alike is read before,
    and leads to whatever key it stands for until then.
    """
    from crrlint.loaders.hcl.syntax import Attr
    from crrlint.loaders.terraform.bodies import steps_of

    attribute = instance.body.attributes.get("name")
    found = None if attribute is None else steps_of(attribute.value)
    if found is None or found[0] != "aws_kms_alias" or len(found[1]) != 2:
        return None
    label, read = found[1]
    if not isinstance(label, Attr) or not isinstance(read, Attr) or read.name not in ("name", "id"):
        return None
    made = instance.module.resource(f"aws_kms_alias.{label.name}")
    if made is None or made.expansion.shape is not None:
        return None
    alias = made.instances[0]
    return alias if alias.provider is instance.provider else None


def _existing_alias(instance: ResourceInstance, name: str) -> Text | None:
    alias = instance.text("name")
    if alias is None:
        return None
    made = _made_alias(instance) if name in ("target_key_id", "target_key_arn") else None
    if made is not None:
        return _alias(made, name)
    match name:
        case "id" | "arn":
            return _arn(instance, "kms", _region(instance), alias)
        case "target_key_id":
            return _key_of_alias(instance, alias)
        case "target_key_arn":
            return _arn(instance, "kms", _region(instance), "key/", _key_of_alias(instance, alias))
    return None


def _key_of_alias(instance: ResourceInstance, alias: Text) -> Text:
    """Return the id of the key that an alias stands for, as whoever looks one up names it."""
    place = f"{instance.provider.account}/{_region(instance)}/{alias}"
    symbol = Symbol(
        place, "key-id", f"the key of {alias}", form="name", reason="external_reference",
        needs="aws kms list-aliases, or the file that makes the alias",
    )  # fmt: skip
    return symbolic(symbol)


def _existing_key(instance: ResourceInstance, name: str) -> Text | None:
    given = instance.text("key_id")
    if given is None or isinstance(given, (OneOf, Unknown)) or name not in ("id", "arn", "key_id"):
        return None
    if name == "key_id":
        return given
    if isinstance(given, Symbolic) and len(given.parts) == 1:
        # An id, an ARN or an alias: nobody knows which.
        return unnamed(instance.entity, name, f"${{{instance.address}.{name}}}")
    known = key_id_in(given)
    if known is None and given.startswith("alias/"):
        known = _key_of_alias(instance, given)
    elif known is None and given.startswith("arn:"):
        return unnamed(instance.entity, name, f"${{{instance.address}.{name}}}")
    elif known is not None and name == "arn":
        return given
    known = given if known is None else known
    return known if name == "id" else _arn(instance, "kms", _region(instance), "key/", known)


def _caller(instance: ResourceInstance, name: str) -> Text | None:
    account = instance.provider.account
    if name in ("id", "account_id"):
        return account
    if name == "arn":
        text = f"${{{instance.address}.arn}}"
        caller = Symbol(instance.entity, "caller", text, reason="deferred")
        return join("arn:", _partition(instance), ":", caller)
    return None


def _current_region(instance: ResourceInstance, name: str) -> Text | None:
    if name not in ("id", "name", "region"):
        return None
    for argument in ("region", "name"):
        given = instance.text(argument)
        if given is not None and not isinstance(given, Unknown):
            return given
    return instance.provider.region


def _current_partition(instance: ResourceInstance, name: str) -> Text | None:
    partition = _partition(instance)
    match name:
        case "id" | "partition":
            return partition
        case "dns_suffix":
            return _suffix(partition)[1:]
        case "reverse_dns_prefix":
            return "cn.com.amazonaws" if identical(partition, "aws-cn") else "com.amazonaws"
    return None


def _canonical_user(instance: ResourceInstance, name: str) -> Text | None:
    if name != "id":
        return None
    account = instance.provider.account
    text = f"${{{instance.address}.id}}"
    return unnamed(f"account {account}", "canonical-id", text, form="name", unique=True)


def _access_point(instance: ResourceInstance, name: str) -> Text | None:
    if name == "arn":
        return _arn(
            instance, "s3", _region(instance), "accesspoint/", named(instance, "name", "ap")
        )
    return None


def _directory_bucket(instance: ResourceInstance, name: str) -> Text | None:
    bucket = bucket_name(instance)
    if name in ("id", "bucket"):
        return bucket
    if name == "arn":
        return _arn(instance, "s3express", _region(instance), "bucket/", bucket)
    return None


def _table_bucket(instance: ResourceInstance, name: str) -> Text | None:
    if name == "arn":
        bucket = named(instance, "name", "bucket-name")
        return _arn(instance, "s3tables", _region(instance), "bucket/", bucket)
    return None


def _policy_document(instance: ResourceInstance, name: str) -> Node | None:
    return document(instance) if name in ("json", "minified_json") else None


def _organization_policy(instance: ResourceInstance, name: str) -> Text | None:
    if name != "id":
        return None
    return unnamed(instance.entity, "policy-id", f"${{{instance.address}}}", unique=True)


_COMPUTED: Final[dict[str, _Computed]] = {
    "aws_s3_bucket": _bucket,
    "data.aws_s3_bucket": _bucket,
    "aws_s3_bucket_versioning": _of_bucket,
    "aws_s3_bucket_acl": _of_bucket,
    "aws_s3_bucket_policy": _of_bucket,
    "aws_s3_bucket_ownership_controls": _of_bucket,
    "aws_s3_bucket_public_access_block": _of_bucket,
    "aws_s3_bucket_replication_configuration": _of_bucket,
    "aws_s3_bucket_lifecycle_configuration": _of_bucket,
    "aws_s3_bucket_object_lock_configuration": _of_bucket,
    "aws_s3_bucket_request_payment_configuration": _of_bucket,
    "aws_s3_bucket_server_side_encryption_configuration": _of_bucket,
    "aws_s3_directory_bucket": _directory_bucket,
    "aws_s3tables_table_bucket": _table_bucket,
    "aws_s3_access_point": _access_point,
    "aws_iam_role": _role,
    "data.aws_iam_role": _existing_role,
    "aws_iam_policy": _policy,
    "data.aws_iam_policy": _existing_policy,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_user": _user,
    "aws_kms_key": _key,
    "aws_kms_external_key": _key,
    "aws_kms_replica_key": _key,
    "aws_kms_replica_external_key": _key,
    "data.aws_kms_key": _existing_key,
    "aws_kms_alias": _alias,
    "data.aws_kms_alias": _existing_alias,
    "data.aws_caller_identity": _caller,
    "data.aws_region": _current_region,
    "data.aws_partition": _current_partition,
    "data.aws_canonical_user_id": _canonical_user,
    "data.aws_iam_policy_document": _policy_document,
    "aws_organizations_policy": _organization_policy,
}

INJECTED: Final[dict[str, tuple[str, ...]]] = {
    "aws_s3_bucket": ("bucket",),
    "data.aws_s3_bucket": ("bucket",),
    "aws_s3_directory_bucket": ("bucket", "arn"),
    "aws_s3tables_table_bucket": ("arn",),
    "aws_iam_role": ("name", "arn", "unique_id"),
    "data.aws_iam_role": ("name", "arn"),
    "aws_iam_policy": ("name", "arn"),
    "data.aws_iam_policy": ("arn",),
    "aws_iam_role_policy": ("name",),
    "aws_kms_key": ("arn", "key_id"),
    "aws_kms_external_key": ("arn", "key_id"),
    "aws_kms_replica_key": ("arn", "key_id"),
    "aws_kms_replica_external_key": ("arn", "key_id"),
    "data.aws_kms_key": ("arn",),
    "aws_kms_alias": ("name",),
    "data.aws_caller_identity": ("account_id",),
    "data.aws_canonical_user_id": ("id",),
    "aws_organizations_policy": ("id",),
}
"""What the facts of a type are told by, and is not written in the source."""

__all__ = ["INJECTED", "account_in", "computed"]
