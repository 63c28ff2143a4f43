"""IAM and KMS as ACK and Crossplane's older provider write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crrlint.documents.source import Location, Node, Problem
from crrlint.loaders.aws.facts import Fact, problem
from crrlint.loaders.cloudformation.documents import policy_document
from crrlint.loaders.kubernetes.given import first_given, is_given
from crrlint.loaders.kubernetes.manifests import Manifest, key_id_of
from crrlint.loaders.kubernetes.naming import Naming
from crrlint.loaders.kubernetes.references import followed
from crrlint.loaders.respelled import as_s3, respelled
from crrlint.model import AliasFacts, KeyFacts, PolicyFacts, RoleFacts
from crrlint.model.arn import partition_of
from crrlint.values import OPEN, Text, Unknown, join

_FREE = frozenset({"EncryptionContextEquals", "EncryptionContextSubset"})


class _Asked:
    """What a manifest asks for, with its references followed."""

    def __init__(self, manifest: Manifest, naming: Naming) -> None:
        data, self.at = manifest.asked
        self.data: dict[str, Any] = followed(data, self.at, naming.refer(manifest))

    def node(self, *names: str) -> Node | None:
        """Return the first of these members that is set."""
        for name in names:
            value = self.data.get(name)
            if type(value) is Node:
                return value
            if is_given(value):
                return Node(value, self.at / name)
        return None

    def text(self, *names: str) -> Text | None:
        node = self.node(*names)
        if node is None:
            return None
        return node.value if isinstance(node.value, (str, *OPEN)) else None

    def document(self, *names: str) -> Node | None:
        """Return a policy that is text of JSON, or the object itself."""
        node = self.node(*names)
        if node is None:
            return None
        if isinstance(node.value, dict):
            return respelled(node.value, node.at, str)
        return policy_document(node)


def _not_set(manifest: Manifest, what: str) -> Problem:
    return problem(manifest.at / "spec", f"{manifest.label}: {what} is not set")


def role(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    asked = _Asked(manifest, naming)
    provider = naming.provider(manifest)
    observed = manifest.is_taken_over
    trust = asked.document("assumeRolePolicyDocument")
    boundary = asked.node("permissionsBoundary")
    if boundary is None and not observed:
        boundary = Node(None, asked.at)
    yield RoleFacts(
        naming.role(manifest),
        provider.account,
        manifest.at,
        arn=naming.role_arn(manifest),
        declared=True,
        trust=trust,
        policies=tuple(_inline(asked)),
        attached=tuple(_attached(asked, manifest, naming)),
        boundary=boundary,
        complete=not observed,
        layer="template",
    )


def _inline(asked: _Asked) -> Iterator[PolicyFacts]:
    node = asked.node("inlinePolicies")
    if node is None or not isinstance(node.value, dict):
        return
    for name, text in node.value.items():
        at = node.at / name
        yield PolicyFacts(str(name), policy_document(Node(text, at)), at)


def _attached(asked: _Asked, manifest: Manifest, naming: Naming) -> Iterator[Node]:
    """Yield what ACK attaches to a role: ARNs, and references to policies."""
    node = asked.node("policies")
    if node is not None and isinstance(node.value, list):
        for index, arn in enumerate(node.value):
            yield Node(arn, node.at / index)
    references = asked.node("policyRefs")
    if references is not None and isinstance(references.value, list):
        for index, reference in enumerate(references.value):
            text = naming.referred(manifest, ("iam", "Policy"), "arn", reference)
            yield Node(text, references.at / index)


def policy(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    document = _Asked(manifest, naming).document("policyDocument", "document")
    if document is None:
        if not manifest.is_taken_over:
            yield _not_set(manifest, "the document")
        return
    arn = naming.policy_arn(manifest)
    yield PolicyFacts(naming.policy(manifest), document, manifest.at, arn)


def role_policy(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    asked = _Asked(manifest, naming)
    document, name = asked.document("document"), asked.text("roleName")
    if document is None or name is None:
        yield _not_set(manifest, "roleName" if name is None else "document")
        return
    of: Text = first_given(manifest.external_name, manifest.name)
    yield RoleFacts(
        name,
        naming.provider(manifest).account,
        manifest.at,
        policies=(PolicyFacts(of, document, manifest.at),),
        layer="template",
    )


def attachment(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    asked = _Asked(manifest, naming)
    arn, name = asked.node("policyArn"), asked.text("roleName")
    if arn is None or name is None:
        yield _not_set(manifest, "roleName" if name is None else "policyArn")
        return
    account = naming.provider(manifest).account
    yield RoleFacts(name, account, manifest.at, attached=(arn,), layer="template")


def key(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    asked = _Asked(manifest, naming)
    at = manifest.at
    account, region, _ = naming.provider(manifest)
    partition = partition_of(region)
    key_id = key_id_of(manifest)
    observed = manifest.is_taken_over
    policy = asked.document("policy")
    if policy is None and not observed:
        policy = _default_policy(join("arn:", partition, ":iam::", account, ":root"), at)

    def setting(default: Any, *names: str) -> Node | None:
        node = asked.node(*names)
        return Node(default, at) if node is None and not observed else node

    yield KeyFacts(
        at,
        join("arn:", partition, ":kms:", region, ":", account, ":key/", key_id),
        key_id,
        account,
        region,
        declared=True,
        policy=policy,
        state=_state(manifest, asked, observed=observed),
        spec=setting("SYMMETRIC_DEFAULT", "keySpec", "customerMasterKeySpec"),
        usage=setting("ENCRYPT_DECRYPT", "keyUsage"),
        manager=Node("CUSTOMER", at),
        multi_region=setting(False, "multiRegion"),
        layer="template",
    )


def _state(manifest: Manifest, asked: _Asked, *, observed: bool) -> Node | None:
    """Return the key's state: what the controller saw, or else what is asked for."""
    for seen, at in (
        (manifest.status, manifest.at / "status"),
        (manifest.seen, manifest.at / "status" / "atProvider"),
    ):
        if isinstance(seen.get("keyState"), str):
            return Node(seen["keyState"], at / "keyState")
    enabled = asked.node("enabled")
    if enabled is not None:
        value = enabled.value
        word = value if isinstance(value, OPEN) else "Enabled" if value else "Disabled"
        return Node(word, enabled.at)
    return None if observed else Node("Enabled", asked.at)


def _default_policy(root: Text, at: Location) -> Node:
    """Return the policy that KMS gives a key made without one.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    return respelled({"Version": "2012-10-17", "Statement": [statement]}, at, str)


def alias(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    target = _Asked(manifest, naming).node("targetKeyID", "targetKeyId")
    if target is None:
        yield _not_set(manifest, "the target key")
        return
    account, region, _ = naming.provider(manifest)
    name: Any = manifest.spec.get("name") if manifest.family == "ack" else None
    name = first_given(name, join("alias/", first_given(manifest.external_name, manifest.name)))
    yield AliasFacts(name, account, region, target, manifest.at)


def grant(manifest: Manifest, naming: Naming) -> Iterator[Fact]:
    asked = _Asked(manifest, naming)
    key = asked.text("keyID", "keyId")
    if key is None or isinstance(key, Unknown):
        return
    account, region, _ = naming.provider(manifest)
    node = respelled(asked.data, asked.at, as_s3, verbatim=_FREE)
    wanted = ("GranteePrincipal", "Operations", "Constraints")
    given = Node({n: v for n, v in node.value.items() if n in wanted}, asked.at)
    is_arn = str(key).startswith("arn:")
    yield KeyFacts(
        manifest.at,
        arn=key if is_arn else None,
        key_id=None if is_arn else key,
        account=account,
        region=region,
        grants=Node([given], manifest.at),
        layer="template",
    )
