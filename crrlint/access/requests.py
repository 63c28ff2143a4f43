"""The requests that S3 makes when it replicates, and what is known of their context.

`facts` of the context: which keys a replication request carries, which it never
carries, and which nobody can tell beforehand.  Sources: the S3 User Guide's pages
on replication permissions and on KMS, and the IAM guide's list of global keys.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from crrlint.access.tags import tags_of_objects, tags_of_role
from crrlint.iam import ABSENT, PRESENT, UNKNOWN, OneOfValues, Principal, Request
from crrlint.model.arn import partition_of
from crrlint.routes.encryption import uses_bucket_key
from crrlint.routes.route import Route
from crrlint.values import Symbolic, Text, Undecided, join
from crrlint.values.doubt import Doubt
from crrlint.world import Bucket, Key, Role

SESSION = "s3-replication"
"""The session name under which S3 assumes the role (seen in production key policies)."""

Side: TypeAlias = Literal[
    "source",
    "source objects",
    "destination",
    "destination objects",
    "source key",
    "replica key",
    "destination key",
    "trust",
]
"""`replica key` is the one that the rule names, `destination key` the bucket's own default."""


KEYS: Final[tuple[Side, ...]] = ("source key", "replica key", "destination key")


class Need(NamedTuple):
    """A permission that a route needs: an action on one side of it."""

    action: str
    on: Side


READ_CONFIGURATION = Need("s3:GetReplicationConfiguration", "source")
LIST_SOURCE = Need("s3:ListBucket", "source")
READ_OBJECTS = Need("s3:GetObjectVersionForReplication", "source objects")
READ_OBJECTS_LEGACY = Need("s3:GetObjectVersion", "source objects")
READ_ACLS = Need("s3:GetObjectVersionAcl", "source objects")
READ_TAGS = Need("s3:GetObjectVersionTagging", "source objects")
READ_RETENTION = Need("s3:GetObjectRetention", "source objects")
READ_LEGAL_HOLD = Need("s3:GetObjectLegalHold", "source objects")
REPLICATE_OBJECTS = Need("s3:ReplicateObject", "destination objects")
REPLICATE_DELETES = Need("s3:ReplicateDelete", "destination objects")
OVERRIDE_OWNER = Need("s3:ObjectOwnerOverrideToBucketOwner", "destination objects")
DECRYPT_SOURCE = Need("kms:Decrypt", "source key")
ENCRYPT_REPLICAS = Need("kms:Encrypt", "replica key")
GENERATE_DATA_KEY = Need("kms:GenerateDataKey", "replica key")
DECRYPT_REPLICAS = Need("kms:Decrypt", "replica key")
ENCRYPT_PLAIN_OBJECTS = Need("kms:GenerateDataKey", "destination key")
ASSUME_ROLE = Need("sts:AssumeRole", "trust")

# Of S3-owned addresses nothing is known but that they are no customer's.
_S3_ADDRESS = OneOfValues((None, "54.231.0.10"))

_NEVER_SENT = (
    "aws:SourceVpce",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:VpcSourceIp",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:VpceAccount",
    "aws:Referer",
    "aws:SourceIdentity",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:TagKeys",
    "aws:RequestTag/*",
    "sts:ExternalId",
)

_OF_SERVICE_CALLS = (
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
)

# Keys of S3 requests that the replication actions do not have (Service Authorization Reference).
_NOT_OF_REPLICATION = (
    "s3:x-amz-acl",
    "s3:x-amz-grant-read",
    "s3:x-amz-grant-write",
    "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write-acp",
    "s3:x-amz-grant-full-control",
    "s3:x-amz-storage-class",
    "s3:x-amz-copy-source",
    "s3:x-amz-metadata-directive",
    "s3:if-none-match",
    "s3:RequestObjectTag/*",
    "s3:RequestObjectTagKeys",
    "s3:ExistingObjectTag/*",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
    "s3:AccessPointNetworkOrigin",
)

MULTIVALUED = frozenset(
    {
        "aws:PrincipalOrgPaths",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:VpceOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:CalledVia",
        "aws:TagKeys",
        "s3:RequestObjectTagKeys",
        "kms:EncryptionContextKeys",
        "kms:ResourceAliases",
    }
)


# Misspellings of `aws:s3:arn`, one of which AWS's page on troubleshooting prints; beside it,
# whoever uploads an object can put pairs of their own into its context.
_NOT_IN_ENCRYPTION_CONTEXTS = ("kms:EncryptionContext:arn:*", "kms:EncryptionContext:aws:*")

_REPLICA_KEY_HEADER = "s3:x-amz-server-side-encryption-aws-kms-key-id"

RETENTION = "s3:object-lock-remaining-retention-days"
"""How long an object is still locked; a policy can refuse replicas for it."""

# What no request of a replicating role carries, or always carries alike.
_EVERY_REQUEST: dict[str, Any] = {
    **dict.fromkeys((*_NEVER_SENT, *_OF_SERVICE_CALLS, "aws:username"), ABSENT),
    "aws:SecureTransport": "true",
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalIsAWSService": "false",
    "aws:SourceIp": _S3_ADDRESS,
    "aws:MultiFactorAuthPresent": OneOfValues((None, "false")),
    "aws:TokenIssueTime": PRESENT,
    "aws:CurrentTime": PRESENT,
    "aws:EpochTime": PRESENT,
}

_EVERY_S3_REQUEST: dict[str, Any] = {
    **dict.fromkeys(_NOT_OF_REPLICATION, ABSENT),
    **dict.fromkeys(("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"), ABSENT),
    **dict.fromkeys(("s3:prefix", "s3:delimiter", "s3:max-keys"), ABSENT),
    **dict.fromkeys(("s3:x-amz-server-side-encryption", _REPLICA_KEY_HEADER), ABSENT),
    # KMS's own keys are in requests to KMS only, as S3's are in requests to S3.
    "kms:*": ABSENT,
    "aws:ViaAWSService": "false",
    "s3:TlsVersion": OneOfValues(("1.2", "1.3")),
}


def request(route: Route, need: Need) -> Request:
    """Return the request that S3 makes for a need, for every key that the rule selects."""
    asked: Request = route.remember(("request", need), lambda: _request(route, need))
    return asked


def _request(route: Route, need: Need) -> Request:
    asked: Request = route.remember(("request", need.on), lambda: _on_side(route, need.on))
    particular = _of_action(route, need.action)
    context = {**asked.context, **particular} if particular else asked.context
    return asked._replace(action=need.action, context=context)


def _on_side(route: Route, side: Side) -> Request:
    """Return what the requests on one side of a route share, which is all but the action."""
    if side == "trust":
        return _assume(route)
    if side in KEYS:
        return _use_key(route, side)
    bucket = route.destination if side.startswith("destination") else route.source
    objects = side.endswith("objects")
    return Request(
        principal=_principal(route),
        action="",
        resource=join(bucket.arn, "/{key}") if objects else bucket.arn,
        prefix=route.rule.prefix if objects else None,
        resource_account=_or_none(lambda: bucket.account),
        context=_s3_context(route, bucket),
        multivalued=MULTIVALUED,
    )


def for_key(asked: Request, key: str) -> Request:
    """Return the same request for one object key."""
    context = {name: _with_key(value, key) for name, value in asked.context.items()}
    return asked._replace(resource=_with_key(asked.resource, key), prefix=None, context=context)


def _with_key(value: Any, key: str) -> Any:
    if isinstance(value, str):
        return value.replace("{key}", key)
    if isinstance(value, Symbolic):
        return join(*(p.replace("{key}", key) if isinstance(p, str) else p for p in value.parts))
    return value


def _principal(route: Route) -> Principal:
    asked: Principal = route.remember("principal", lambda: principal(route.role))
    return asked


def principal(role: Role) -> Principal:
    return Principal(
        role=role.arn,
        session=SESSION,
        unique_id=role.unique_id,
        canonical_id=role.world.canonical_id(role.account),
    )


def _caller_context(route: Route) -> dict[str, Any]:
    """What is the same for everything that the role's session does."""
    context: dict[str, Any] = route.remember("context", lambda: context_of_role(route.role))
    return context


def context_of_role(role: Role) -> dict[str, Any]:
    """What S3 tells of itself in all that it does as a session of the role."""
    context = {
        **_EVERY_REQUEST,
        **tags_of_role(role, "aws:PrincipalTag/"),
        "aws:PrincipalArn": role.arn,
        "aws:PrincipalAccount": role.account,
        "aws:userid": PRESENT if role.unique_id is None else join(role.unique_id, ":", SESSION),
    }
    organization = role.world.organization_of(role.account)
    if organization is not None:
        context["aws:PrincipalOrgID"] = organization
    return context


def _s3_context(route: Route, bucket: Bucket) -> dict[str, Any]:
    account = _or_none(lambda: bucket.account)
    region = _or_none(lambda: bucket.region)
    context = {
        **_caller_context(route),
        **_EVERY_S3_REQUEST,
        "aws:ResourceAccount": PRESENT if account is None else account,
        "s3:ResourceAccount": PRESENT if account is None else account,
        "aws:RequestedRegion": PRESENT if region is None else region,
    }
    if account is not None:
        organization = route.world.organization_of(account)
        if organization is not None:
            context["aws:ResourceOrgID"] = organization
    return context


def _of_action(route: Route, action: str) -> dict[str, Any]:
    """Return the keys that only requests of this action have."""
    if action == "s3:ListBucket":
        return dict.fromkeys(("s3:prefix", "s3:delimiter", "s3:max-keys"), UNKNOWN)
    if action in ("s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"):
        return tags_of_objects(route)
    if action == "s3:ReplicateObject":
        # Nearly all objects stay within limits of retention; a rule asks for those that do not.
        return {**_encryption_headers(route), RETENTION: OneOfValues((None, "1"))}
    return {}


def _encryption_headers(route: Route) -> dict[str, Any]:
    """Replicas keep the encryption of their objects; whether S3 says so is not documented."""
    if not route.rule.selects_kms_objects:
        return {"s3:x-amz-server-side-encryption": OneOfValues((None, "AES256"))}
    key: Any = UNKNOWN
    if route.rule.replica_key is not None:
        arn = _or_none(lambda: _replica_key_arn(route))
        key = UNKNOWN if arn is None else OneOfValues((None, arn))
    return {
        "s3:x-amz-server-side-encryption": OneOfValues((None, "AES256", "aws:kms")),
        _REPLICA_KEY_HEADER: key,
    }


def _replica_key_arn(route: Route) -> Text:
    key = route.replica_key
    if key is None:
        raise Undecided("not_collected", "the rule names no key for its replicas")
    return key.arn


def _use_key(route: Route, side: Side) -> Request:
    """S3 calls KMS on behalf of the role's session (a forward access session)."""
    key = key_on(route, side)
    if key is None:
        raise Undecided("not_collected", f"the {side} is not known")
    bucket = route.source if side == "source key" else route.destination
    return Request(
        principal=_principal(route),
        action="",
        resource=key.arn,
        prefix=route.rule.prefix,
        resource_account=key.account,
        context=_kms_context(route, bucket, key),
        multivalued=MULTIVALUED,
    )


def key_on(route: Route, side: Side) -> Key | None:
    """Return the key of a side; None where there is none."""
    if side == "source key":
        return route.source_key
    return route.destination_key if side == "destination key" else route.replica_key


def _kms_context(route: Route, bucket: Bucket, key: Key) -> dict[str, Any]:
    return {
        **_caller_context(route),
        "s3:*": ABSENT,
        "aws:ViaAWSService": "true",
        "aws:CalledVia": UNKNOWN,
        "aws:ResourceAccount": key.account,
        "aws:RequestedRegion": key.region,
        "kms:CallerAccount": route.role.account,
        "kms:ViaService": _via(key.region),
        **dict.fromkeys(_NOT_IN_ENCRYPTION_CONTEXTS, ABSENT),
        "kms:EncryptionContext:aws:s3:arn": _encryption_context(bucket),
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "kms:GrantIsForAWSResource": ABSENT,
    }


def _via(region: Text) -> Text:
    suffix = ".amazonaws.com.cn" if partition_of(region) == "aws-cn" else ".amazonaws.com"
    return join("s3.", region, suffix)


def _encryption_context(bucket: Bucket) -> Any:
    """With an S3 Bucket Key the context is the bucket's ARN, else the object's."""
    of_objects = join(bucket.arn, "/{key}")
    with Doubt():
        return bucket.arn if uses_bucket_key(bucket) else of_objects
    return OneOfValues((of_objects, bucket.arn))


def _assume(route: Route) -> Request:
    role = route.role
    account = _or_none(lambda: route.source.account)
    context: dict[str, Any] = {
        **tags_of_role(role, "aws:ResourceTag/"),
        "kms:*": ABSENT,
        "s3:*": ABSENT,
        "aws:PrincipalTag/*": ABSENT,
        "aws:SecureTransport": "true",
        "aws:PrincipalArn": ABSENT,
        "aws:PrincipalOrgID": ABSENT,
        "aws:PrincipalOrgPaths": ABSENT,
        "aws:username": ABSENT,
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": "s3.amazonaws.com",
        "aws:ViaAWSService": "false",
        "aws:CalledVia": ABSENT,
        "aws:SourceIp": _S3_ADDRESS,
        "aws:MultiFactorAuthPresent": OneOfValues((None, "false")),
        "aws:ResourceAccount": role.account,
        "sts:RoleSessionName": SESSION,
        # Whether S3 sends these two when it assumes the role is not documented; if it
        # does, they name the source.
        "aws:SourceAccount": UNKNOWN if account is None else OneOfValues((None, account)),
        "aws:SourceArn": OneOfValues((None, route.source.arn)),
    }
    context.update(dict.fromkeys(_NEVER_SENT, ABSENT))
    return Request(
        principal=Principal(service="s3.amazonaws.com"),
        action="",
        resource=role.arn,
        prefix=None,
        resource_account=role.account,
        context=context,
        multivalued=MULTIVALUED,
    )


def _or_none(ask: Callable[[], Text]) -> Text | None:
    """Return the answer, None when no file states it; an open choice still raises."""
    with Doubt():
        return ask()
    return None
