"""Answers of KMS as facts about keys and aliases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from crrlint.documents.source import Location, Node, Problem, wrap
from crrlint.loaders.aws.facts import (
    ACCESS_DENIED,
    Fact,
    arn_fields,
    denied,
    left_out,
    member,
    policy_node,
    problem,
    text,
)
from crrlint.loaders.aws.kinds import Answer
from crrlint.model import AliasFacts, Inventory, KeyFacts, Missing


class _Name(NamedTuple):
    """What is known of a key's name."""

    arn: str | None
    key_id: str
    account: str | None
    region: str | None


def key_facts(answers: Sequence[Answer]) -> Iterator[Fact]:
    for answer in answers:
        match answer.kind:
            case "key":
                yield from _described(answer)
            case "key-policy":
                yield from _policy(answer)
            case "key-grants":
                yield from _grants(answer)
            case "aliases":
                yield from _aliases(answer)
            case "keys":
                yield from _listed(answer)
            case _:
                pass


def _name(answer: Answer, key: str) -> _Name:
    """Tell a key by its ARN or id and by where it was asked for."""
    region, account, resource = arn_fields(key)
    if resource.startswith("key/"):
        return _Name(key, resource[len("key/") :], account, region)
    account, region = answer.subject.account, answer.subject.region
    arn = None
    if account and region:
        from crrlint.model.arn import partition_of

        arn = f"arn:{partition_of(region)}:kms:{region}:{account}:key/{key}"
    return _Name(arn, key, account, region)


def _fact(answer: Answer, name: _Name, at: Location) -> KeyFacts:
    return KeyFacts(at, name.arn, name.key_id, name.account, name.region, layer=answer.layer)


def _described(answer: Answer) -> Iterator[Fact]:
    named = answer.subject.kms_key
    if answer.error is not None:
        if named is None or _is_alias(named):
            return
        name = _name(answer, named)
        if answer.error == "NotFoundException":
            yield Missing("key", name.arn or name.key_id, answer.at)
        elif answer.error in ACCESS_DENIED:
            yield _fact(answer, name, answer.at)._replace(
                state=denied(answer, f"state of key {named}"),
                spec=denied(answer, f"spec of key {named}"),
                usage=denied(answer, f"usage of key {named}"),
            )
        return
    metadata, at = member(answer.data, answer.at, "KeyMetadata")
    if metadata is None and answer.data is None:
        return
    arn = text(metadata.get("Arn")) if isinstance(metadata, dict) else None
    if arn is None or not arn_fields(arn)[2].startswith("key/"):
        yield problem(at, "KeyMetadata has no ARN of a key")
        return

    def part(*names: str) -> Node | None:
        found = next((n for n in names if n in metadata), None)
        return None if found is None else wrap(metadata[found], at / found)

    if named is not None and _is_alias(named):
        alias, region, account = _alias(named), arn_fields(arn)[0], arn_fields(arn)[1]
        if region is not None and account is not None:
            yield AliasFacts(alias, account, region, Node(arn, at / "Arn"), at)
    state = part("KeyState")
    if state is None and isinstance(metadata.get("Enabled"), bool):
        state = Node("Enabled" if metadata["Enabled"] else "Disabled", at / "Enabled")
    yield _fact(answer, _name(answer, arn), at)._replace(
        declared=True,
        state=state,
        spec=part("KeySpec", "CustomerMasterKeySpec"),
        usage=part("KeyUsage"),
        manager=part("KeyManager"),
        multi_region=part("MultiRegion"),
    )


def _is_alias(named: str) -> bool:
    return _alias(named).startswith("alias/")


def _alias(named: str) -> str:
    return arn_fields(named)[2] or named


def _policy(answer: Answer) -> Iterator[Fact]:
    key = answer.subject.kms_key
    if key is None:
        yield left_out(answer, "whose key policy this is is not known: " + _BIND)
        return
    fact = _fact(answer, _name(answer, key), answer.at)
    if answer.error in ACCESS_DENIED:
        yield fact._replace(policy=denied(answer, f"policy of key {key}"))
    elif answer.error == "NotFoundException":
        yield Missing("key", fact.arn or key, answer.at)
    elif answer.error is None and answer.data is not None:
        data, at = answer.data, answer.at
        if isinstance(data, dict) and "Policy" in data:
            data, at = member(data, at, "Policy")
        policy = policy_node(data, at)
        if policy is None or "Statement" not in policy.value:
            yield problem(at, "is not a policy document")
        else:
            yield fact._replace(policy=policy, declared=not answer.bare)


_BIND = "bind it in crrlint.yaml, with kind and key"


def _grants(answer: Answer) -> Iterator[Fact]:
    key = answer.subject.kms_key
    if answer.error is not None:
        if answer.error in ACCESS_DENIED and key is not None:
            fact = _fact(answer, _name(answer, key), answer.at)
            yield fact._replace(grants=denied(answer, f"grants of key {key}"))
        return
    if answer.data is None:
        return
    grants, at = member(answer.data, answer.at, "Grants")
    if not isinstance(grants, list) or not all(isinstance(g, dict) for g in grants):
        yield problem(at, "Grants is not a list of grants")
        return
    if answer.partial or answer.data.get("Truncated") is True or answer.data.get("NextMarker"):
        yield left_out(answer, "is only a part of the grants: the list is truncated")
        return
    keys = {str(g["KeyId"]) for g in grants if text(g.get("KeyId"))}
    if key is None:
        key = keys.pop() if len(keys) == 1 else None
    if key is None:
        yield left_out(answer, "whose grants these are is not known: " + _BIND)
        return
    yield _fact(answer, _name(answer, key), answer.at)._replace(
        grants=wrap(grants, at), all_grants=True
    )


def _listing(answer: Answer, name: str) -> tuple[list[Any], Location] | Problem | None:
    if answer.error is not None or answer.data is None:
        return None
    found, at = member(answer.data, answer.at, name)
    if not isinstance(found, list):
        return problem(at, f"{name} is not a list")
    return found, at


def _aliases(answer: Answer) -> Iterator[Fact]:
    found = _listing(answer, "Aliases")
    if found is None or isinstance(found, Problem):
        if found is not None:
            yield found
        return
    for index, alias in enumerate(found[0]):
        at = found[1] / index
        arn = alias.get("AliasArn") if isinstance(alias, dict) else None
        region, account, resource = arn_fields(arn)
        if region is None or account is None:
            yield problem(at, "an alias has no ARN")
        elif text(alias.get("TargetKeyId")):
            target = Node(alias["TargetKeyId"], at / "TargetKeyId")
            yield AliasFacts(resource, account, region, target, at, answer.layer)


def _listed(answer: Answer) -> Iterator[Fact]:
    found = _listing(answer, "Keys")
    if found is None or isinstance(found, Problem):
        if found is not None:
            yield found
        return
    homes = set()
    for index, key in enumerate(found[0]):
        at = found[1] / index
        arn = text(key.get("KeyArn")) if isinstance(key, dict) else None
        if arn is None or not arn_fields(arn)[2].startswith("key/"):
            yield problem(at, "a key has no ARN")
            return
        name = _name(answer, arn)
        homes.add((name.account, name.region))
        yield _fact(answer, name, at)._replace(declared=True)
    if not homes:
        homes.add((answer.subject.account, answer.subject.region))
    if len(homes) == 1 and not answer.partial and not answer.data.get("Truncated"):
        account, region = homes.pop()
        if account is not None and region is not None:
            yield Inventory("keys", account, answer.at, region)
