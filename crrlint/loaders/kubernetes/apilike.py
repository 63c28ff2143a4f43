"""Controllers whose resources have the shapes of AWS's APIs: ACK, and Crossplane's older provider.

https://aws-controllers-k8s.github.io/community/reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from crrlint.documents.source import Node, Problem, wrap
from crrlint.loaders.aws.facts import Fact, model_of, problem
from crrlint.loaders.cloudformation.documents import policy_document
from crrlint.loaders.kubernetes import identity
from crrlint.loaders.kubernetes.given import is_given
from crrlint.loaders.kubernetes.manifests import Catalogue, Manifest
from crrlint.loaders.kubernetes.naming import Naming
from crrlint.loaders.kubernetes.references import followed
from crrlint.loaders.kubernetes.statements import policy_of
from crrlint.loaders.respelled import as_s3, respelled
from crrlint.loaders.terraform.attributes import Block
from crrlint.loaders.terraform.buckets import ownership_of_unmanaged, public_access_of_unmanaged
from crrlint.model import BucketFacts, BucketField, Model
from crrlint.values import OPEN, Unknown

_SSE_S3: Final = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
_BLOCKS: Final = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)


def facts(catalogue: Catalogue) -> Model:
    return model_of(_facts(catalogue))


def _facts(catalogue: Catalogue) -> Iterator[Fact]:
    naming = Naming(catalogue)
    for manifest in catalogue.manifests:
        if manifest.family not in ("crossplane", "ack"):
            continue
        read = _READERS.get((manifest.service, manifest.kind))
        if read is not None and manifest.is_only_observed:
            # What it asks for is not done.
            yield from _looked_up(manifest, naming) if read is _bucket else ()
        elif read is not None:
            yield from read(manifest, naming)


class _Asked:
    """What a bucket's manifest asks for, member by member in the shapes of S3's API."""

    def __init__(self, manifest: Manifest, naming: Naming) -> None:
        data, at = manifest.asked
        self._label = manifest.label
        self.at = at
        self.problems: list[Problem] = []
        whole = followed(data, at, naming.refer(manifest))
        self.data: Mapping[str, Any] = whole
        node = respelled(
            {name: value for name, value in whole.items() if name not in _POLICIES}, at, _as_s3
        )
        self._members: dict[str, Node] = node.value

    def get(self, *names: str) -> Node | None:
        """Return the first of these members that is set."""
        for name in names:
            node = self._members.get(name)
            if node is not None and is_given(node.value):
                return node
        return None

    def structure(self, *names: str) -> Node | None:
        """Return a member that is an object, unknown where it is anything else."""
        node = self.get(*names)
        if node is None or isinstance(node.value, (dict, *OPEN)):
            return node
        self.problems.append(problem(node.at, f"{self._label}: {node.at.key} is no object"))
        return Node(Unknown("ambiguous_file", f"{node.at.key} of {self._label}"), node.at)

    def below(self, name: str, *names: str) -> Node | None:
        """Return a member of an object; where that is open, it is."""
        node = self.structure(*names)
        if node is None or not isinstance(node.value, dict):
            return node
        found: Node | None = node.value.get(name)
        return found


_POLICIES: Final = ("policy", "rawPolicy")


def _as_s3(name: str) -> str:
    return "Owner" if name == "ownerOverride" else as_s3(name)


def _bucket(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    at = manifest.at
    name = naming.bucket(manifest)
    provider = naming.provider(manifest)
    asked = _Asked(manifest, naming)
    fields: dict[BucketField, Node | None] = {
        "kind": Node("general", at),
        "account": Node(provider.account, at),
        "region": Node(provider.region, asked.at),
        "versioning": asked.below("Status", "Versioning", "VersioningConfiguration"),
        "replication": _replication(asked, manifest),
        "encryption": asked.structure("Encryption", "ServerSideEncryptionConfiguration"),
        "ownership": _ownership(asked),
        "object_lock": _object_lock(asked),
        "acl": _acl(asked),
        "public_access_block": _block(asked),
        "request_payer": asked.below("Payer", "RequestPayment", "PaymentConfiguration"),
        "lifecycle": asked.structure("Lifecycle", "LifecycleConfiguration"),
        "tags": _tags(asked),
        "policy": _policy(asked),
    }
    stated = {field: node for field, node in fields.items() if node is not None}
    yield from asked.problems
    block = Block({}, at)
    otherwise: dict[BucketField, Node] = {
        **dict.fromkeys(("versioning", "replication", "policy", "lifecycle"), Node(None, at)),
        "object_lock": Node(None, at),
        "encryption": wrap(_SSE_S3, at),
        "request_payer": Node("BucketOwner", at),
        # Controllers differ in what they do to a setting that is left out.
        "ownership": ownership_of_unmanaged(str(name), manifest.label, block),
        "public_access_block": public_access_of_unmanaged(str(name), manifest.label, block),
        "tags": Node({}, at),
    }
    yield BucketFacts(
        name,
        at,
        stated,
        {} if manifest.is_taken_over else {f: n for f, n in otherwise.items() if f not in stated},
        declared=True,
        layer="template",
    )


def _looked_up(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    """Yield what is so of a bucket that the manifest neither makes nor changes."""
    at = manifest.at
    provider = naming.provider(manifest)
    fields: dict[BucketField, Node] = {
        "kind": Node("general", at),
        "account": Node(provider.account, at),
        "region": Node(provider.region, at),
    }
    yield BucketFacts(naming.bucket(manifest), at, fields, layer="template")


def _replication(asked: _Asked, manifest: Manifest) -> Node | None:
    whole = asked.structure("Replication", "ReplicationConfiguration")
    if whole is None or not isinstance(whole.value, dict):
        return whole
    rules = whole.value.get("Rules")
    if manifest.family == "ack" or rules is None or not isinstance(rules.value, list):
        return whole
    sent = [_sent(rule) if isinstance(rule.value, dict) else rule for rule in rules.value]
    return Node({**whole.value, "Rules": Node(sent, rules.at)}, whole.at)


def _sent(rule: Node) -> Node:
    """Return a rule as Crossplane's older provider sends it: always with a filter and priority."""
    members: dict[str, Node] = dict(rule.value)
    members.setdefault("Priority", Node(0, rule.at))
    filter = members.get("Filter")
    if filter is None or filter.value == {}:
        members["Filter"] = Node({"Prefix": Node("", rule.at)}, rule.at)
    elif isinstance(filter.value, dict):
        both = filter.value.get("And")
        if both is not None and isinstance(both.value, dict) and "Tag" in both.value:
            parts = {"Tags" if name == "Tag" else name: n for name, n in both.value.items()}
            members["Filter"] = Node({"And": Node(parts, both.at)}, filter.at)
    return Node(members, rule.at)


def _ownership(asked: _Asked) -> Node | None:
    lone = asked.get("ObjectOwnership")
    if lone is not None:
        return lone
    rules = asked.below("Rules", "OwnershipControls")
    if rules is None or not isinstance(rules.value, list):
        return rules
    first = rules.value[0].value if rules.value else None
    return first.get("ObjectOwnership") if isinstance(first, dict) else None


def _object_lock(asked: _Asked) -> Node | None:
    enabled = asked.get("ObjectLockEnabledForBucket")
    if enabled is None:
        return None
    if isinstance(enabled.value, OPEN):
        return enabled
    if enabled.value is not True:
        return Node(None, enabled.at)
    members = {"ObjectLockEnabled": Node("Enabled", enabled.at)}
    rule = asked.below("Rule", "ObjectLockConfiguration") or asked.structure("ObjectLockRule")
    if rule is not None:
        members["Rule"] = rule
    return Node(members, enabled.at)


_GRANTS: Final = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantReadAcp", "GrantWriteACP")


def _acl(asked: _Asked) -> Node | None:
    given = asked.get(*_GRANTS)
    if given is not None:
        what = "the grants of a bucket that are written as headers"
        return Node(Unknown("unsupported_expression", what, "get-bucket-acl"), given.at)
    canned = asked.get("Acl")
    return None if canned is None else Node({"Canned": canned}, canned.at)


def _block(asked: _Asked) -> Node | None:
    node = asked.structure("PublicAccessBlock", "PublicAccessBlockConfiguration")
    if node is None or not isinstance(node.value, dict):
        return node
    absent = Node(False, node.at)
    return Node({name: node.value.get(name, absent) for name in _BLOCKS}, node.at)


def _tags(asked: _Asked) -> Node | None:
    tags = asked.below("TagSet", "Tagging")
    if tags is None or not isinstance(tags.value, list):
        return None
    pairs = [tag.value for tag in tags.value if isinstance(tag.value, dict)]
    found = {
        str(pair["Key"].value): pair.get("Value", Node("", tags.at))
        for pair in pairs
        if "Key" in pair
    }
    return Node(found, tags.at)


def _policy(asked: _Asked) -> Node | None:
    """Return the policy, as text of JSON or as the fields of Crossplane's older provider."""
    for name in _POLICIES:
        value = asked.data.get(name)
        if not is_given(value):
            continue
        at = asked.at / name
        if isinstance(value, dict):
            return policy_of(value, at)
        return policy_document(Node(value, at))
    return None


def _bucket_policy(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    """Read Crossplane's older BucketPolicy, which names its bucket."""
    asked = _Asked(manifest, naming)
    bucket = asked.get("BucketName")
    policy = _policy(asked)
    if bucket is None or policy is None:
        missing = "bucketName" if bucket is None else "policy"
        yield problem(manifest.at / "spec", f"{manifest.label}: {missing} is not set")
        return
    fields: dict[BucketField, Node] = {"policy": policy}
    yield BucketFacts(bucket.value, bucket.at, fields, layer="template")


_Reader = Callable[[Manifest, Naming], Iterator[Fact]]
_READERS: Final[dict[tuple[str, str], _Reader]] = {
    ("s3", "Bucket"): _bucket,
    ("storage", "S3Bucket"): _bucket,
    ("s3", "BucketPolicy"): _bucket_policy,
    ("iam", "Role"): identity.role,
    ("identity", "IAMRole"): identity.role,
    ("iam", "Policy"): identity.policy,
    ("identity", "IAMPolicy"): identity.policy,
    ("iam", "RolePolicy"): identity.role_policy,
    ("iam", "RolePolicyAttachment"): identity.attachment,
    ("identity", "IAMRolePolicyAttachment"): identity.attachment,
    ("kms", "Key"): identity.key,
    ("kms", "Alias"): identity.alias,
    ("kms", "Grant"): identity.grant,
}
