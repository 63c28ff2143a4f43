"""Items of IAM's roles and policies, of KMS's keys and aliases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crrlint.documents.source import Node
from crrlint.loaders.aws.facts import Fact, arn_fields, policy_node, problem
from crrlint.loaders.awsconfig.items import Item, Part, not_collected
from crrlint.model import AliasFacts, KeyFacts, PolicyFacts, RoleFacts
from crrlint.values import Unknown

_GET_ROLE_POLICY: Final = "aws iam get-role-policy"


def role_facts(item: Item) -> Iterator[Fact]:
    """A role's item lists all that is attached to it, unless a query selected less."""
    if item.arn is None:
        yield problem(item.at, "an item of AWS::IAM::Role has no ARN")
        return
    _, account, resource = arn_fields(item.arn)
    if account is None or not resource.startswith("role/"):
        yield problem(item.at, "an item of AWS::IAM::Role has no ARN of a role")
        return
    name = resource.rsplit("/", 1)[-1]
    configuration = item.configuration
    inline = configuration.part("rolePolicyList")
    attached = _attached(configuration.part("attachedManagedPolicies"))
    policies = list(_inline(inline, name))
    trust = configuration.member("assumeRolePolicyDocument")
    yield RoleFacts(
        name,
        account,
        item.at,
        arn=item.arn,
        declared=True,
        trust=None if trust is None else _document(trust, f"the trust policy of role {name}"),
        policies=tuple(policies),
        attached=attached or (),
        boundary=_boundary(configuration),
        complete=inline is not None and isinstance(inline.value, list) and attached is not None,
        unique_id=configuration.text("roleId"),
        layer="live",
    )


def _document(part: Part, what: str) -> Node:
    node = policy_node(part.value, part.at)
    if node is None or "Statement" not in node.value:
        return Node(Unknown("ambiguous_file", f"{what} is not a policy document"), part.at)
    return node


def _inline(listed: Part | None, role: str) -> Iterator[PolicyFacts]:
    if listed is None or not isinstance(listed.value, list):
        return
    for index, value in enumerate(listed.value):
        part = Part(value, listed.at / index)
        name = part.text("policyName") or ""
        what = f"inline policy {name} of role {role}"
        document = part.member("policyDocument")
        node = (
            not_collected(what, part.at, _GET_ROLE_POLICY)
            if document is None
            else _document(document, what)
        )
        yield PolicyFacts(name, node, part.at)


def _attached(listed: Part | None) -> tuple[Node, ...] | None:
    """Return the ARNs of the managed policies; None where they are not all there."""
    if listed is None or not isinstance(listed.value, list):
        return None
    arns = [
        Part(value, listed.at / index).member("policyArn")
        for index, value in enumerate(listed.value)
    ]
    if any(arn is None or not isinstance(arn.value, str) for arn in arns):
        return None
    return tuple(Node(arn.value, arn.at) for arn in arns if arn is not None)


def _boundary(configuration: Part) -> Node | None:
    """Return the boundary's ARN; None where the item says nothing of one."""
    part = configuration.part("permissionsBoundary")
    if part is None:
        return None
    if isinstance(part.value, dict):
        part = part.member("permissionsBoundaryArn") or part
    return Node(part.value if isinstance(part.value, str) and part.value else None, part.at)


def policy_facts(item: Item) -> Iterator[Fact]:
    if item.arn is None:
        yield problem(item.at, "an item of AWS::IAM::Policy has no ARN")
        return
    configuration = item.configuration
    versions = configuration.part("policyVersionList")
    default = configuration.text("defaultVersionId")
    if versions is None or not isinstance(versions.value, list):
        return
    for index, value in enumerate(versions.value):
        version = Part(value, versions.at / index)
        flag = version.member("isDefaultVersion")
        is_default = flag is not None and flag.value is True
        if not is_default and (default is None or version.text("versionId") != default):
            continue
        document = version.member("document")
        if document is not None:
            name = item.arn.rsplit("/", 1)[-1]
            node = _document(document, f"policy {item.arn}")
            yield PolicyFacts(name, node, document.at, arn=item.arn)
        return


def key_facts(item: Item) -> Iterator[Fact]:
    """A key's item: its policy where the recorder collected it, never its grants."""
    region, account, resource = arn_fields(item.arn)
    if item.arn is None or region is None or account is None or not resource.startswith("key/"):
        yield problem(item.at, "an item of AWS::KMS::Key has no ARN of a key")
        return
    configuration = item.configuration

    def leaf(*names: str) -> Node | None:
        found = configuration.member(*names)
        return None if found is None or found.value is None else Node(found.value, found.at)

    state = leaf("keyState")
    enabled = leaf("enabled")
    if state is None and enabled is not None and isinstance(enabled.value, bool):
        state = Node("Enabled" if enabled.value else "Disabled", enabled.at)
    policy = item.supplementary.member("Policy", "KeyPolicy") or configuration.member("keyPolicy")
    key_id = resource.removeprefix("key/")
    yield KeyFacts(
        item.at,
        arn=item.arn,
        key_id=key_id,
        account=account,
        region=region,
        declared=True,
        policy=None
        if policy is None or policy.value is None
        else _document(policy.decoded(), f"the policy of key {key_id}"),
        state=state,
        spec=leaf("keySpec", "customerMasterKeySpec"),
        usage=leaf("keyUsage"),
        manager=leaf("keyManager"),
        multi_region=leaf("multiRegion"),
        layer="live",
    )


def alias_facts(item: Item) -> Iterator[Fact]:
    name = item.configuration.text("aliasName")
    target = item.configuration.member("targetKeyId")
    if name and target is not None and target.value and item.account and item.region:
        node = Node(target.value, target.at)
        yield AliasFacts(name, item.account, item.region, node, item.at)
