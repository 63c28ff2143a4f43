"""From instances to facts of KMS keys, their aliases and grants."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from crrlint.documents.source import Location, Node, wrap
from crrlint.loaders.terraform.attributes import Block, Malformed, shape, through, where
from crrlint.loaders.terraform.instances import Instance, Reader, arn_of, identity_of
from crrlint.model import AliasFacts, KeyFacts, Layer
from crrlint.model.arn import without_start
from crrlint.values import Symbolic, Text, join

_MANAGED: Final = frozenset(
    {
        "aws_kms_key",
        "aws_kms_external_key",
        "aws_kms_replica_key",
        "aws_kms_replica_external_key",
    }
)
KEYS: Final = _MANAGED | {"data.aws_kms_key"}
ALIASES: Final = frozenset({"aws_kms_alias", "data.aws_kms_alias"})
_POLICY: Final = "aws_kms_key_policy"
_GRANT: Final = "aws_kms_grant"
TYPES: Final = KEYS | ALIASES | {_POLICY, _GRANT}

_Identity = tuple[Hashable, ...]


class _Named(NamedTuple):
    """A key as a resource refers to it, by ARN or by id within an account and Region."""

    arn: Text | None
    key_id: Text
    account: Text
    region: Text

    @property
    def identity(self) -> _Identity:
        return tuple(identity_of(text) for text in (self.account, self.region, self.key_id))


def keys(instances: Sequence[Instance], reader: Reader, layer: Layer) -> Iterator[KeyFacts]:
    """Yield the facts of keys; a policy in a resource of its own wins over the key's."""
    policies: dict[_Identity, tuple[_Named, Instance, Node]] = {}
    grants: dict[_Identity, tuple[_Named, list[Node]]] = {}
    for instance in instances:
        if instance.type not in (_POLICY, _GRANT):
            continue
        try:
            key = _named(instance.name("key_id"), instance)
            if instance.type == _GRANT:
                grant = where(instance.exists, _grant(instance.attributes))
                grants.setdefault(key.identity, (key, []))[1].append(grant)
                continue
        except Malformed as error:
            reader.report(instance.address, error)
            continue
        policy = _policy(instance, reader)
        if policy is not None:
            policies[key.identity] = (key, instance, policy)
    for instance in instances:
        if instance.type in KEYS:
            try:
                key = _named(instance.name("arn", "key_id", "id"), instance)
            except Malformed as error:
                reader.report(instance.address, error)
                continue
            own = policies.pop(key.identity, None)
            yield _key(instance, key, None if own is None else own[1:], reader, layer)
    for key, instance, policy in policies.values():
        spoken = _spoken_of(key, instance.attributes.at, layer)
        yield spoken._replace(policy=policy, exists=instance.exists)
    for key, several in grants.values():
        at = several[0].at
        yield _spoken_of(key, at, layer)._replace(grants=Node(several, at))


def aliases(instances: Iterable[Instance], reader: Reader) -> Iterator[AliasFacts]:
    for instance in instances:
        block = instance.attributes
        try:
            if instance.exists is False:
                continue
            target = block.leaf("target_key_arn") or block.leaf("target_key_id")
            name = instance.name("name", "id")
            if target is None:
                raise Malformed(block.place("target_key_id"), "set")
            yield AliasFacts(
                name,
                instance.account,
                instance.region,
                target,
                block.place("name"),
                instance.exists,
            )
        except Malformed as error:
            reader.report(instance.address, error)


def _named(text: Text, instance: Instance) -> _Named:
    arn = arn_of(text) if str(text).startswith("arn:") else None
    if arn is None:
        return _Named(None, text, instance.account, instance.region)
    key_id = arn.resource
    if isinstance(key_id, (str, Symbolic)) and key_id.startswith("key/"):
        key_id = without_start(key_id, len("key/"))
    return _Named(text, key_id, arn.account, arn.region)


def _spoken_of(key: _Named, at: Location, layer: Layer) -> KeyFacts:
    return KeyFacts(
        at, arn=key.arn, key_id=key.key_id, account=key.account, region=key.region, layer=layer
    )


def _key(
    instance: Instance,
    key: _Named,
    own: tuple[Instance, Node] | None,
    reader: Reader,
    layer: Layer,
) -> KeyFacts:
    """`own` is the resource that holds nothing but the key's policy, with that policy."""
    managed = instance.type in _MANAGED
    at = instance.attributes.at
    policy: Node | None = None
    if managed and (own is None or own[0].exists is not True):
        policy = _policy(instance, reader)
        if policy is None and not instance.tainted and instance.gap is None:
            policy = default_policy(key.arn, key.account, instance.attributes.place("policy"))
    if own is not None:
        policy = where(own[0].exists, own[1], policy)
    return _spoken_of(key, instance.attributes.place("arn"), layer)._replace(
        declared=managed,
        exists=instance.exists,
        policy=policy,
        state=reader.field(instance, "state", lambda block: _state(instance.type, block)),
        spec=reader.field(
            instance,
            "spec",
            lambda b: (
                b.leaf("key_spec")
                or b.leaf("customer_master_key_spec")
                or _default(instance, b, "customer_master_key_spec", "SYMMETRIC_DEFAULT")
            ),
        ),
        usage=reader.field(
            instance,
            "usage",
            lambda b: b.leaf("key_usage") or _default(instance, b, "key_usage", "ENCRYPT_DECRYPT"),
        ),
        manager=Node("CUSTOMER", at)
        if managed
        else reader.field(instance, "manager", lambda block: block.leaf("key_manager")),
        multi_region=Node(True, at)
        if "replica" in instance.type
        else reader.field(
            instance, "multi-Region setting", lambda block: block.claim("multi_region")
        ),
    )


def _policy(instance: Instance, reader: Reader) -> Node | None:
    return reader.field(
        instance, "policy", lambda block: block.document("policy", instance.address)
    )


def default_policy(arn: Text | None, account: Text, at: Location) -> Node:
    """Return the policy that KMS gives a key made without one.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    fields = None if arn is None else arn_of(arn)
    partition = "aws" if fields is None else fields.partition
    root = join("arn:", partition, ":iam::", account, ":root")
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }
    return wrap({"Version": "2012-10-17", "Statement": [statement]}, at)


def _default(instance: Instance, block: Block, name: str, value: str) -> Node | None:
    """Return what the provider makes of an argument that was left out."""
    return Node(value, block.place(name)) if instance.type == "aws_kms_key" else None


def _state(kind: str, block: Block) -> Node | None:
    stated = block.leaf("key_state")
    if stated is not None:
        return stated
    enabled = block.claim("is_enabled") or block.claim("enabled")
    if enabled is None:
        # The provider's default; keys of imported material are enabled by their import.
        made_enabled = kind in ("aws_kms_key", "aws_kms_replica_key")
        return Node("Enabled", block.place("is_enabled")) if made_enabled else None
    return through(enabled, lambda e: Node("Enabled" if e.value else "Disabled", e.at))


def _grant(block: Block) -> Node:
    return shape(
        block.at,
        GrantId=block.leaf("grant_id"),
        GranteePrincipal=block.leaf("grantee_principal"),
        Operations=Node(block.texts("operations"), block.place("operations")),
        Constraints=block.one(
            "constraints",
            lambda b: shape(
                b.at,
                EncryptionContextEquals=b.mapping("encryption_context_equals"),
                EncryptionContextSubset=b.mapping("encryption_context_subset"),
            ),
        ),
    )
