"""Roles, policies, keys and accounts in a state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.loaders.terraform.reading import AWS, key, plain, read, resource, role

A, B = "arn:aws:iam::111111111111:policy/a", "arn:aws:iam::111111111111:policy/b"
POLICY = '{"Version":"2012-10-17","Statement":[]}'
PARSED = {"Version": "2012-10-17", "Statement": []}
OTHER = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}'
ROLE = {
    "arn": "arn:aws:iam::111111111111:role/service/r",
    "name": "r",
    "id": "r",
    "path": "/service/",
    "unique_id": "AROA1",
    "assume_role_policy": POLICY,
    "permissions_boundary": "",
    "inline_policy": [],
    "managed_policy_arns": [],
    "tags": {},
}
MINE = resource("aws_iam_role", ROLE)
INLINE = resource("aws_iam_role_policy", {"role": "r", "name": "i", "policy": POLICY})


def attachment(arn: str, of: str = "r", **extra: Any) -> dict[str, Any]:
    attributes = {"role": of, "policy_arn": arn}
    return resource("aws_iam_role_policy_attachment", attributes, **extra)


def test_a_role_is_known_by_its_arn() -> None:
    found = role(read(MINE))
    assert (found.account, found.arn, found.unique_id) == ("111111111111", ROLE["arn"], "AROA1")
    assert plain(found.trust) == PARSED
    assert found.boundary is not None
    assert found.boundary.value is None
    assert found.declared


def test_a_boundary_is_an_arn() -> None:
    found = role(read(resource("aws_iam_role", {**ROLE, "permissions_boundary": A})))
    assert plain(found.boundary) == A


@pytest.mark.parametrize(
    ("resources", "inline", "attached", "complete"),
    [
        ([MINE], {}, [], True),
        ([MINE, INLINE, attachment(A)], {"i": PARSED}, [A], True),
        ([MINE, attachment(A, of=str(ROLE["arn"]))], {}, [A], True),
        # The provider reads back what is attached, but before it attaches anything.
        ([resource("aws_iam_role", {**ROLE, "managed_policy_arns": [A, B]}), attachment(A)],
         {}, [A, B], True),
        ([resource("aws_iam_role", {**ROLE, "inline_policy": [{"name": "i", "policy": OTHER}]}),
          INLINE], {"i": PARSED}, [], True),
        ([resource("aws_iam_role", {**ROLE, "inline_policy": [{"name": "", "policy": ""}]})],
         {}, [], True),
        ([MINE, resource("aws_iam_policy_attachment", {"policy_arn": A, "roles": ["q", "r"]})],
         {}, [A], True),
        ([resource("aws_iam_role", {**ROLE, "inline_policy": [{"name": "o", "policy": OTHER}]}),
          INLINE,
          resource("aws_iam_role_policies_exclusive", {"role_name": "r", "policy_names": ["i"]})],
         {"i": PARSED}, [], True),
        ([MINE, resource("aws_iam_role_policies_exclusive",
                         {"role_name": "r", "policy_names": ["elsewhere"]})],
         {"elsewhere": "? external_reference"}, [], True),
        ([resource("aws_iam_role", {**ROLE, "managed_policy_arns": [A]}),
          resource("aws_iam_role_policy_attachments_exclusive",
                   {"role_name": "r", "policy_arns": [B]})], {}, [B], True),
        # What is only read or attached to may have more.
        ([resource("data.aws_iam_role", ROLE), attachment(A)], {}, [A], False),
        ([attachment(A), INLINE], {"i": PARSED}, [A], False),
        ([resource("data.aws_iam_role", ROLE),
          resource("aws_iam_role_policies_exclusive", {"role_name": "r", "policy_names": []}),
          resource("aws_iam_role_policy_attachments_exclusive",
                   {"role_name": "r", "policy_arns": [A]})], {}, [A], True),
        ([resource("data.aws_iam_role", ROLE),
          resource("aws_iam_role_policies_exclusive", {"role_name": "r", "policy_names": []})],
         {}, [], False),
        # What cannot be read may be attached to any role.
        ([MINE, attachment("")], {}, [], False),
        ([MINE, resource("aws_iam_role_policy", {"role": "r", "name": "i", "policy": "x"})],
         {"i": "? ambiguous_file"}, [], True),
    ],
)  # fmt: skip
def test_what_is_attached_to_a_role(
    resources: list[Any], inline: dict[str, Any], attached: list[str], complete: bool
) -> None:
    found = role(read(*resources))
    assert {policy.name: plain(policy.document) for policy in found.policies} == inline
    assert sorted(plain(found.attached)) == attached
    assert found.complete == complete


def test_roles_of_one_name_in_two_accounts_are_two() -> None:
    caller = {"account_id": "222222222222"}
    dr = f"{AWS}.dr"
    model = read(
        MINE,
        attachment(B, provider=dr),
        resource("data.aws_caller_identity", caller, provider=dr),
    )
    assert [(r.account, plain(r.attached)) for r in model.roles] == [
        ("111111111111", []),
        ("222222222222", [B]),
    ]


def test_dependencies_tell_the_role_of_a_provider_that_tells_nothing() -> None:
    local = f"module.m.{AWS}"
    mine = resource("aws_iam_role", ROLE, module="module.m", name="crr", index_key=0)
    model = read(mine, attachment(A, provider=local, dependencies=["module.m.aws_iam_role.crr"]))
    assert plain(role(model).attached) == [A]
    assert [r.account for r in read(mine, attachment(A, provider=local)).roles] != ["111111111111"]


@pytest.mark.parametrize("type", ["aws_iam_policy", "data.aws_iam_policy"])
def test_a_managed_policy_is_known_by_its_arn(type: str) -> None:
    [found] = read(resource(type, {"arn": A, "name": "a", "policy": POLICY})).policies
    assert (found.arn, found.name, plain(found.document)) == (A, "a", PARSED)


KEY = "arn:aws:kms:eu-west-1:111111111111:key/k1"


def fields(**attributes: Any) -> dict[str, Any]:
    return {"arn": KEY, "key_id": "k1", "policy": POLICY, **attributes}


@pytest.mark.parametrize(
    ("type", "attributes", "expected"),
    [
        ("aws_kms_key",
         {"is_enabled": True, "customer_master_key_spec": "RSA_2048", "multi_region": True,
          "key_usage": "SIGN_VERIFY"},
         ("Enabled", "RSA_2048", "SIGN_VERIFY", "CUSTOMER", True)),
        ("aws_kms_key", {"is_enabled": False, "multi_region": False},
         ("Disabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "CUSTOMER", False)),
        ("aws_kms_external_key",
         {"enabled": True, "key_state": "PendingImport", "key_usage": "ENCRYPT_DECRYPT",
          "multi_region": False},
         ("PendingImport", None, "ENCRYPT_DECRYPT", "CUSTOMER", False)),
        ("aws_kms_replica_key",
         {"enabled": True, "key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT"},
         ("Enabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "CUSTOMER", True)),
        ("aws_kms_replica_external_key", {"enabled": False, "key_state": "Disabled"},
         ("Disabled", None, None, "CUSTOMER", True)),
        ("data.aws_kms_key",
         {"enabled": True, "key_state": "PendingDeletion", "key_manager": "AWS",
          "key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": False},
         ("PendingDeletion", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS", False)),
    ],
)  # fmt: skip
def test_a_key_has_its_state(type: str, attributes: dict[str, Any], expected: Any) -> None:
    found = key(read(resource(type, fields(**attributes))))
    assert (found.arn, found.key_id, found.account, found.region) == (
        KEY,
        "k1",
        "111111111111",
        "eu-west-1",
    )
    of = (found.state, found.spec, found.usage, found.manager, found.multi_region)
    assert tuple(plain(part) for part in of) == expected


@pytest.mark.parametrize("key_id", ["k1", KEY])
def test_a_key_policy_of_its_own_wins(key_id: str) -> None:
    own = {"key_id": key_id, "policy": POLICY, "region": "eu-west-1"}
    model = read(resource("aws_kms_key", fields(policy=OTHER)), resource("aws_kms_key_policy", own))
    assert plain(key(model).policy) == PARSED


def test_a_key_policy_speaks_of_a_key_elsewhere() -> None:
    found = key(read(resource("aws_kms_key_policy", {"key_id": KEY, "policy": POLICY})))
    assert (found.arn, plain(found.policy), found.declared) == (KEY, PARSED, False)


def test_a_multi_region_key_and_its_replica_are_two() -> None:
    replica = KEY.replace("eu-west-1", "us-east-1")
    own = {"key_id": "k1", "policy": OTHER, "region": "us-east-1"}
    model = read(
        resource("aws_kms_key", fields()),
        resource("aws_kms_replica_key", fields(arn=replica)),
        resource("aws_kms_key_policy", own),
    )
    assert [plain(k.policy) == PARSED for k in model.keys] == [True, False]


def test_a_key_made_without_a_policy_has_the_default_one() -> None:
    found = key(read(resource("aws_kms_key", fields(policy=""))))
    [statement] = plain(found.policy)["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert statement["Action"] == "kms:*"


def test_a_key_whose_making_failed_has_no_policy_to_rely_on() -> None:
    assert key(read(resource("aws_kms_key", fields(policy=None), status="tainted"))).policy is None


@pytest.mark.parametrize("type", ["aws_kms_alias", "data.aws_kms_alias"])
def test_an_alias_points_to_a_key(type: str) -> None:
    attributes = {
        "name": "alias/a",
        "arn": "arn:aws:kms:eu-west-1:111111111111:alias/a",
        "target_key_id": "k1",
        "target_key_arn": KEY,
    }
    [found] = read(resource(type, attributes)).aliases
    assert (found.name, found.account, found.region) == ("alias/a", "111111111111", "eu-west-1")
    assert found.target.value == KEY


def test_grants_of_one_key_are_together() -> None:
    grant = {
        "key_id": KEY,
        "grantee_principal": ROLE["arn"],
        "operations": ["Decrypt"],
        "constraints": [{"encryption_context_equals": {}, "encryption_context_subset": {"a": "b"}}],
        "grant_id": "g",
    }
    model = read(
        resource("aws_kms_grant", grant), resource("aws_kms_grant", {**grant, "grant_id": "h"})
    )
    grants = plain(key(model).grants)
    assert [one["GrantId"] for one in grants] == ["g", "h"]
    assert grants[0]["Constraints"] == {"EncryptionContextSubset": {"a": "b"}}


def test_an_account_has_its_canonical_id_and_its_public_access_block() -> None:
    model = read(
        resource("data.aws_caller_identity", {"account_id": "111111111111"}),
        resource("data.aws_canonical_user_id", {"id": "c1"}),
        resource("aws_s3_account_public_access_block", {"restrict_public_buckets": True}),
    )
    assert {a.id for a in model.accounts} == {"111111111111"}
    assert [a.canonical_id for a in model.accounts if a.canonical_id] == ["c1"]
    [blocked] = [a.public_access_block for a in model.accounts if a.public_access_block]
    assert plain(blocked)["RestrictPublicBuckets"] is True


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        (None, ["SCP"]),
        ("SERVICE_CONTROL_POLICY", ["SCP"]),
        ("RESOURCE_CONTROL_POLICY", ["RCP"]),
        ("TAG_POLICY", []),
    ],
)
def test_an_organization_policy_has_its_targets(type: str | None, expected: list[str]) -> None:
    model = read(
        resource("aws_organizations_policy", {"id": "p-1", "type": type, "content": POLICY}),
        resource("aws_organizations_policy_attachment", {"policy_id": "p-1", "target_id": "ou-1"}),
        resource("aws_organizations_policy_attachment", {"policy_id": "p-2", "target_id": "ou-2"}),
    )
    assert [policy.type for policy in model.organization] == expected
    assert [policy.targets for policy in model.organization] == [("ou-1",)] * len(expected)


def test_an_account_has_its_way_up_the_organization() -> None:
    member = {
        "id": "333333333333",
        "parent_id": "ou-b",
        "arn": "arn:aws:organizations::111111111111:account/o-abc/333333333333",
    }
    units = [
        resource("aws_organizations_organizational_unit", {"id": "ou-b", "parent_id": "ou-a"}),
        resource("aws_organizations_organizational_unit", {"id": "ou-a", "parent_id": "r-1"}),
    ]
    [whole] = read(resource("aws_organizations_account", member), *units).accounts
    assert (whole.organization, whole.path) == ("o-abc", ("r-1", "ou-a", "ou-b"))
    [part] = read(resource("aws_organizations_account", member), units[0]).accounts
    assert part.path is None
