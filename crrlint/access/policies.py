"""The policies around a request: of the role, the bucket or key, and the organization."""

from __future__ import annotations

from typing import Literal

from crrlint.access.grants import granted
from crrlint.access.requests import KEYS, Need, key_on
from crrlint.documents.source import Node
from crrlint.iam import Policy
from crrlint.routes.route import Route
from crrlint.values import Text, Undecided, Unknown, same, settle
from crrlint.values.doubt import Doubt
from crrlint.world import Bucket, Key, Role, World


def parsed(world: World, document: Node) -> Policy:
    """Parse a document once for all routes."""

    def parse() -> tuple[Node, Policy]:
        # The node is kept with the policy: its identity is what is asked for.
        return document, Policy.parse(document.plain(), origin=document.settled())

    return world.remember(("policy", id(document.value)), parse)[1]


def identity_policies(role: Role) -> tuple[Policy, ...]:
    """Return the role's documents, and an opaque one for each that the input lacks."""
    found: tuple[Policy, ...] = role.remember("parsed", lambda: _identity_policies(role))
    return found


def _identity_policies(role: Role) -> tuple[Policy, ...]:
    documents = [parsed(role.world, policy.document) for policy in role.policies]
    unseen = [Policy.opaque(what, needs, origin=at) for what, needs, at in role.unseen]
    return (*documents, *unseen)


def boundary(role: Role) -> Policy | None:
    try:
        document = role.boundary
    except Undecided as gap:
        return opaque(gap)
    return None if document is None else parsed(role.world, document)


def trust_policy(role: Role) -> Policy:
    return parsed(role.world, role.trust)


def opaque(gap: Undecided) -> Policy:
    """Return a policy of which nothing is known; an open choice is for the engine to answer."""
    if gap.choice is not None:
        raise gap
    return Policy.opaque(gap.what, gap.needs)


def resource_policy(route: Route, need: Need) -> Policy | None:
    """Return the policy of the bucket or the key, the trust policy for the role itself."""
    if need.on == "trust":
        return trust_policy(route.role)
    if need.on in KEYS:
        key = key_on(route, need.on)
        return None if key is None else key_policy(key)
    return bucket_policy(bucket_of(route, need))


def restricted(route: Route, need: Need) -> bool | None:
    """Tell whether a public bucket policy is restricted; None where no file states it."""
    if need.on in KEYS or need.on == "trust":
        return False
    return _restricts(bucket_of(route, need))


def bucket_of(route: Route, need: Need) -> Bucket:
    return route.destination if need.on.startswith("destination") else route.source


def bucket_policy(bucket: Bucket) -> Policy | None:
    try:
        document = bucket.node("policy").settled()
    except Undecided as gap:
        return opaque(gap)
    if document.value is None:
        return None
    if isinstance(document.value, Unknown):
        return opaque(document.value.undecided())
    return parsed(bucket.world, document)


def _restricts(bucket: Bucket) -> bool | None:
    return blocks_public(bucket, "RestrictPublicBuckets")


def blocks_public(
    bucket: Bucket, setting: Literal["RestrictPublicBuckets", "BlockPublicPolicy"]
) -> bool | None:
    """Tell whether a setting is on, for the bucket or its account; None where no file states it."""
    own = None
    with Doubt():
        own = _is_on(bucket.node("public_access_block"), setting)
    return True if own or _account_blocks_public(bucket, setting) else own


def _account_blocks_public(bucket: Bucket, setting: str) -> bool:
    with Doubt():
        block = bucket.world.public_access_block_of(bucket.account)
        return block is not None and _is_on(block, setting)
    return False


def _is_on(block: Node, setting: str) -> bool:
    return bool(block.leaf(setting) == True)  # noqa: E712 - may be unknown


def key_policy(key: Key) -> Policy | None:
    if key.managed_by_aws:
        return _aws_managed_key(key)
    return own_key_policy(key).and_also(granted(key))


def own_key_policy(key: Key) -> Policy:
    """Return a key's policy without its grants."""
    try:
        document = key.node("policy")
    except Undecided as gap:
        return opaque(gap)
    if document.value is None or isinstance(document.value, Unknown):
        return opaque(Undecided("not_collected", f"the policy of key {key} is not stated"))
    return parsed(key.world, document)


def _aws_managed_key(key: Key) -> Policy:
    """The policy of `aws/s3`, which nobody can edit: principals of the account, through S3."""
    return Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [
                        "kms:Encrypt",
                        "kms:Decrypt",
                        "kms:ReEncrypt*",
                        "kms:GenerateDataKey*",
                        "kms:DescribeKey",
                    ],
                    "Resource": "*",
                    "Condition": {"StringEquals": {"kms:CallerAccount": key.account}},
                }
            ],
        }
    )


def organization(
    world: World, type: Literal["SCP", "RCP"], account: Text
) -> tuple[tuple[Policy, ...], ...] | None:
    """Return the levels of policies that apply to an account; None when none were given."""
    account = settle(account)
    if not world.model.organization or world.is_exempt(account):
        return None
    above = world.path_of(account)
    levels: dict[str, list[Policy]] = {}
    for policy in world.model.organization:
        for target in policy.targets if policy.type == type else ():
            applies = _applies(target, account, above)
            if applies is None:
                what = (
                    f"whether account {account} is in {target}, which has an {type}, is not known"
                )
                needs = "the account among the targets of the policy in crrlint.yaml"
                levels.setdefault(target, []).append(Policy.opaque(what, needs))
            elif applies:
                levels.setdefault(target, []).append(parsed(world, policy.document))
    if not levels:
        return None
    if type == "SCP" and not world.knows_policies(account, "SCP"):
        # AWS attaches FullAWSAccess everywhere; those who list only their Denies mean it.
        full = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
        return tuple((*policies, full) for policies in levels.values())
    return tuple(tuple(policies) for policies in levels.values())


def _applies(target: str, account: Text, above: tuple[str, ...] | None) -> bool | None:
    """Tell whether a policy's target is the account or stands above it; None where it is open."""
    if not target.isdigit():
        return None if above is None else target in above
    return same(target, account)
