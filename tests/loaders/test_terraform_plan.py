"""Plans as Terraform prints them: what is known, what is followed, and what stays open."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crrlint.loaders.terraform.plans.addresses import Address, Call, address
from crrlint.loaders.terraform.plans.configuration import traversals
from crrlint.model import Model
from crrlint.model.bindings import Bindings, Deployment, ProviderPlace, TerraformDeployment
from tests.loaders.terraform.planning import change, plan, read_plan, read_text, references
from tests.loaders.terraform.reading import plain

RECIPE = read_plan("recipe")
UNNAMED, MADE = "aws_s3_bucket.unnamed", "aws_s3_bucket.made"
PREFIXED = "acme-aws_s3_bucket.prefixed"
ROLE = "arn:aws:iam::111122223333:role/service/replicate-aws_iam_role.r"
KEY = "arn:aws:kms:{}:key/aws_kms_key.k"


def of(model: Model, name: str, field: Any) -> list[Any]:
    """Return what is stated of a field of the bucket whose name prints so."""
    return [plain(f.fields[field]) for f in model.buckets if _is(f, name) and field in f.fields]


def _is(fact: Any, name: str) -> bool:
    return bool(plain(fact.name) == name)


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        (UNNAMED, "versioning", ["Enabled"]),
        (PREFIXED, "versioning", ["Enabled"]),
        (UNNAMED, "request_payer", ["Requester"]),  # by a satellite of it
        ("aws_s3_bucket.counted[0]", "versioning", ["Enabled"]),
        ("aws_s3_bucket.counted[0]", "ownership", ["ObjectWriter"]),  # by a splat
        ('aws_s3_bucket.each["eu"]', "versioning", ["Enabled"]),
        ('aws_s3_bucket.each["ap"]', "versioning", ["Enabled"]),
        ("acme-site-eu", "versioning", ["Enabled"]),  # by a module and a key
        ("acme-site-eu", "request_payer", ["BucketOwner", "Requester"]),
        ("acme-site-ap", "request_payer", ["Requester"]),
        # What is made of a piece of a name is no name of that bucket.
        (MADE, "request_payer", []),
        ("? deferred", "request_payer", ["Requester"]),
        (UNNAMED, "policy", ["? sensitive"]),
        ("acme-known", "policy", ["? deferred"]),
    ],
)
def test_settings_find_their_bucket_by_what_they_refer_to(
    name: str, field: str, expected: list[Any]
) -> None:
    assert expected == of(RECIPE, name, field)


@pytest.mark.parametrize(
    ("name", "account", "region"),
    [
        (UNNAMED, "111122223333", "us-east-1"),  # allowed_account_ids; a variable's default
        (PREFIXED, "444455556666", "eu-west-1"),  # assume_role by a variable
        ('aws_s3_bucket.each["ap"]', "111122223333", "ap-south-1"),  # the resource's own Region
    ],
)
def test_buckets_are_where_their_provider_is(name: str, account: str, region: str) -> None:
    [fact] = [f for f in RECIPE.buckets if _is(f, name) and f.declared]

    assert (account, region) == (plain(fact.fields["account"]), plain(fact.fields["region"]))


def test_a_provider_that_says_nothing_is_known_by_what_it_was_asked() -> None:
    [policy] = [f for f in RECIPE.buckets if _is(f, "acme-known")]

    assert "111122223333" == plain(policy.otherwise["account"])
    assert "the region of provider aws.bare" == plain(policy.otherwise["region"])


def test_rules_of_dynamic_blocks_are_not_taken_for_those_that_are_written() -> None:
    [configuration] = of(RECIPE, UNNAMED, "replication")
    destinations = {rule["ID"]: rule["Destination"]["Bucket"] for rule in configuration["Rules"]}

    assert ROLE == configuration["Role"]
    assert {
        "written": f"arn:aws:s3:::{PREFIXED}",
        "ap": "? deferred",
        "eu": "? deferred",
    } == destinations


def test_a_replica_has_the_id_of_its_primary() -> None:
    [configuration] = of(RECIPE, UNNAMED, "replication")
    written = next(rule for rule in configuration["Rules"] if rule["ID"] == "written")
    encryption = written["Destination"]["EncryptionConfiguration"]

    assert KEY.format("eu-west-1:444455556666") == encryption["ReplicaKmsKeyID"]
    assert [KEY.format("us-east-1:111122223333"), KEY.format("eu-west-1:444455556666")] == [
        plain(key.arn) for key in RECIPE.keys
    ]


def test_what_is_made_of_references_is_left_open() -> None:
    [configuration] = of(RECIPE, MADE, "replication")

    assert "? deferred" == configuration["Role"]
    assert "? deferred" == configuration["Rules"][0]["Destination"]["Bucket"]


def test_an_alias_leads_to_its_key() -> None:
    [encryption] = of(RECIPE, UNNAMED, "encryption")
    default = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]

    assert KEY.format("us-east-1:111122223333") == default["KMSMasterKeyID"]
    assert [KEY.format("us-east-1:111122223333")] == [plain(a.target) for a in RECIPE.aliases]


def test_roles_have_what_is_attached_to_them() -> None:
    policy = "arn:aws:iam::111122223333:policy/"
    attached = {
        plain(role.name): sorted(plain(node) for node in role.attached) for role in RECIPE.roles
    }

    assert {
        "replicate-aws_iam_role.r": [f"{policy}boundary", f"{policy}joined"],
        "other": [f"{policy}boundary"],
    } == attached
    assert f"{policy}boundary" in [plain(role.boundary) for role in RECIPE.roles]


def test_an_inline_policy_without_a_name_gets_one_of_its_own() -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = change("aws_iam_role.r", {"name": "r", "assume_role_policy": policy})
    parts = [
        change(
            f"aws_iam_role_policy.{name}",
            {"role": "r", "policy": policy, **more},
            {"id": True, "name": True},
            expressions={"role": references("aws_iam_role.r"), "policy": {}},
        )
        for name, more in (("one", {}), ("other", {"name_prefix": "acme-"}))
    ]
    model = read_text(plan(role, *parts))
    [fact] = model.roles

    assert () == model.problems
    assert ["aws_iam_role_policy.one", "acme-aws_iam_role_policy.other"] == [
        plain(policy.name) for policy in fact.policies
    ]


def test_inline_policies_are_a_set_of_which_some_are_known() -> None:
    [other] = [role for role in RECIPE.roles if role.name == "other"]

    assert {"known": {"Version": "2012-10-17", "Statement": []}, "open": "? deferred"} == {
        policy.name: plain(policy.document) for policy in other.policies
    }


def test_a_policy_document_that_the_apply_reads_is_rebuilt() -> None:
    [boundary] = [p for p in RECIPE.policies if p.name == "boundary"]

    assert {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Base",
                "Effect": "Deny",
                "Action": "s3:DeleteBucket",
                "Resource": "*",
            },
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::acme-known/${aws:username}", "? deferred"],
                "Condition": {"StringEquals": {"aws:PrincipalAccount": ["111122223333"]}},
            },
        ],
    } == plain(boundary.document)


def test_what_is_sensitive_is_nowhere() -> None:
    assert "hunter2" not in repr([(f.fields, f.otherwise) for f in RECIPE.buckets])
    assert "hunter2" not in repr(RECIPE.keys)


def test_what_other_forms_would_add_is_told_once() -> None:
    [told] = RECIPE.left_out

    assert "the saved plan (terraform plan -out) and the .tf files" in told.message


def test_only_what_will_be_there_is_there() -> None:
    model = read_plan("actions")

    # The one bucket without a name of its own was made before; what is forgotten is still there.
    named = {f.name for f in model.buckets}
    assert {"aws-s3-bucket-gen", "acme-replaced", "acme-forgotten"} == named
    [versioning] = [f for f in model.buckets if "versioning" in f.fields]
    assert "Enabled" == plain(versioning.fields["versioning"])


# Small plans, for what Terraform writes rarely or no more.

BUCKET = change(
    "aws_s3_bucket.b",
    {"bucket": "b"},
    {"arn": True},
    expressions={"bucket": {"constant_value": "b"}},
)


def versioning(expression: dict[str, Any], **more: Any) -> dict[str, Any]:
    return change(
        "aws_s3_bucket_versioning.v",
        {"versioning_configuration": [{"status": "Enabled"}]},
        {"bucket": True},
        expressions={"bucket": expression},
        **more,
    )


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (references("aws_s3_bucket.b.id", "aws_s3_bucket.b"), True),
        (references("aws_s3_bucket.b"), True),
        ({"constant_value": "b"}, True),
        (references("aws_s3_bucket.b.arn", "aws_s3_bucket.b"), False),
        (references("aws_s3_bucket.b.id", "aws_s3_bucket.b", "local.x"), False),
        (references("aws_s3_bucket.b.id", "aws_s3_bucket.b", "each.key"), False),
        (references("local.bucket"), False),
        (references("aws_s3_bucket.gone.id", "aws_s3_bucket.gone"), False),
        (references("aws_s3_bucket_versioning.v.id", "aws_s3_bucket_versioning.v"), False),
        (references("var.missing"), False),
        (references("module.gone.bucket", "module.gone"), False),
        (references("..", "[", "module", "var"), False),
        ({}, False),
        ({"references": None}, False),
    ],
)
def test_a_reference_is_followed_when_it_can_mean_one_thing(
    expression: dict[str, Any], found: bool
) -> None:
    model = read_text(plan(BUCKET, versioning(expression)))

    assert (["Enabled"] if found else []) == of(model, "b", "versioning")
    assert [] == list(model.problems)


def test_root_variables_are_followed() -> None:
    model = read_text(
        plan(
            BUCKET,
            versioning(references("var.names.b", "var.names")),
            variables={"names": {"value": {"b": "b"}}},
        )
    )

    assert ["Enabled"] == of(model, "b", "versioning")


def test_a_plan_without_its_configuration_says_so_and_follows_nothing() -> None:
    model = read_text(plan(BUCKET, versioning({}), configuration=None))

    assert ["has no configuration, so that nothing tells what its resources refer to"] == [
        problem.message for problem in model.problems
    ]
    assert ["b"] == [fact.name for fact in model.buckets if fact.declared]
    assert [] == of(model, "b", "versioning")


def test_a_kms_key_without_configuration_has_an_unknown_policy() -> None:
    key = change("aws_kms_key.k", {"policy": None}, {"arn": True, "key_id": True, "policy": True})
    with_, without = (read_text(plan(key, **more)) for more in ({}, {"configuration": None}))

    assert "kms:*" in str(plain(with_.keys[0].policy))
    assert "? deferred" == plain(without.keys[0].policy)


def test_values_that_were_taken_out_are_open_and_not_absent() -> None:
    redacted = change(
        "aws_s3_bucket_policy.p",
        None,
        expressions={"bucket": {"constant_value": "b"}, "policy": {}},
    )
    model = read_text(plan(BUCKET, redacted))

    assert ["? deferred"] == of(model, "b", "policy")


def test_addresses_that_stand_twice_are_told() -> None:
    model = read_text(plan(BUCKET, BUCKET))

    assert ["aws_s3_bucket.b changes twice; the first counts (/resource_changes/1)"] == [
        problem.message for problem in model.problems
    ]
    assert 1 == len(model.buckets)


def test_a_run_that_failed_is_told() -> None:
    [problem] = read_text(plan(BUCKET, errored=True)).problems

    assert "is the plan of a run that failed, and lacks what came after" == problem.message


@pytest.mark.parametrize(
    "members", [{"complete": False}, {"errored": True}, {"deferred_changes": [{}]}]
)
def test_what_a_plan_that_is_not_complete_lacks_is_open(members: dict[str, Any]) -> None:
    [bucket] = read_text(plan(BUCKET, **members)).buckets

    assert "b" == bucket.name
    assert {"? deferred"} == {
        plain(bucket.otherwise[field]) for field in ("policy", "versioning", "replication")
    }


def test_what_a_plan_does_not_look_at_stays_as_it_is() -> None:
    other = {"mode": "managed", "type": "aws_s3_bucket", "name": "o", "values": {"bucket": "o"}}
    prior = {"values": {"root_module": {"resources": [{**other, "address": "aws_s3_bucket.o"}]}}}
    model = read_text(plan(BUCKET, complete=False, prior_state=prior))

    assert {("b", "planned"), ("o", "planned")} == {(f.name, f.layer) for f in model.buckets}


def test_what_was_taken_out_of_a_plan_is_not_unset() -> None:
    """A service may leave out what is secret, or write null in its place."""
    given = {"constant_value": "Enabled"}
    versioning = change(
        "aws_s3_bucket_versioning.v",
        {"bucket": "b", "versioning_configuration": [{}]},
        expressions={
            "bucket": {"constant_value": "b"},
            "versioning_configuration": [{"status": references("var.status")}],
        },
    )
    controls = change(
        "aws_s3_bucket_ownership_controls.o",
        {"bucket": "b"},
        expressions={"bucket": {}, "rule": [{"object_ownership": given}]},
    )
    policy = change(
        "aws_s3_bucket_policy.p",
        {"bucket": "b", "policy": None},
        expressions={"bucket": {}, "policy": references("var.policy")},
        sensitive={"policy": True},
    )
    model = read_text(plan(versioning, controls, policy))
    fields = {field: plain(n) for f in model.buckets for field, n in f.fields.items()}

    assert "? deferred" == fields["versioning"]
    assert "? deferred" == fields["ownership"]
    assert "? sensitive" == fields["policy"]


@pytest.mark.parametrize("version", ["2.0", "10.1"])
def test_a_format_of_another_major_version_is_refused(version: str) -> None:
    model = read_text(plan(BUCKET, format_version=version))

    [problem] = model.problems
    assert (
        f"has format_version {version}, and is not read; 0.x and 1.x are known" == problem.message
    )
    assert 1 == problem.line
    assert () == model.buckets


def test_providers_of_old_plans_are_their_parents_unless_there_are_several() -> None:
    configuration: dict[str, Any] = {
        "provider_config": {
            "aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}},
            "module.m:aws": {"name": "aws", "module_address": "module.m"},
        },
        "root_module": {
            "module_calls": {
                "m": {
                    "module": {
                        "resources": [
                            {
                                "mode": "managed",
                                "type": "aws_s3_bucket",
                                "name": "b",
                                "provider_config_key": "module.m:aws",
                                "expressions": {"bucket": {"constant_value": "b"}},
                            }
                        ]
                    }
                }
            }
        },
    }
    inside: dict[str, Any] = change("module.m.aws_s3_bucket.b", {"bucket": "b"})
    inside["change"].update(type="aws_s3_bucket", name="b")
    alone = read_text(plan(inside, configuration=configuration))
    configuration["provider_config"]["aws.dr"] = {"name": "aws", "alias": "dr"}
    several = read_text(plan(inside, configuration=configuration))

    def region(model: Model) -> Any:
        [fact] = model.buckets
        return plain(fact.fields.get("region") or fact.otherwise["region"])

    assert "us-east-1" == region(alone)
    assert "the region of provider module.m:aws" == region(several)


def test_deployments_bind_what_no_provider_tells() -> None:
    bound = Deployment("plan.json", "111111111111", "eu-west-1")
    [fact] = read_text(plan(BUCKET), Bindings(deployments=(bound,))).buckets

    assert ["111111111111", "eu-west-1"] == [
        plain(fact.fields.get(field) or fact.otherwise[field]) for field in ("account", "region")
    ]


def test_providers_are_bound_by_their_names() -> None:
    place = ProviderPlace("111111111111", "eu-west-1")
    bound = TerraformDeployment(".", providers={"aws": place})
    [fact] = read_text(plan(BUCKET), Bindings(terraform=(bound,))).buckets

    assert ["111111111111", "eu-west-1"] == [
        plain(fact.fields.get(field) or fact.otherwise[field]) for field in ("account", "region")
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"resource_changes": [1, {}, {"address": "x", "type": "y"}, None]},
        {"planned_values": {"root_module": {"resources": [1, {}], "child_modules": [1, {}]}}},
        {"planned_values": []},
        {"prior_state": {"values": {"root_module": []}}},
        {"variables": [], "configuration": []},
        {"configuration": {"root_module": {"resources": [1, {"type": 1}], "module_calls": []}}},
        {"configuration": {"provider_config": {"aws": 1}, "root_module": 1}},
    ],
)
def test_plans_of_odd_shapes_are_read_as_far_as_they_go(members: dict[str, Any]) -> None:
    read_text(plan(BUCKET, versioning(references("aws_s3_bucket.b.id")), **members))


def test_modules_without_end_are_a_problem() -> None:
    module: dict[str, Any] = {}
    for _ in range(150):
        module = {"child_modules": [module]}
    model = read_text(plan(planned_values={"root_module": module}))

    assert any("nested too deeply" in problem.message for problem in model.problems)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["b", "aws.b", "aws_s3_bucket.b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["references", "constant_value", "bucket", "rule", "destination", "id"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(_JSON, _JSON, _JSON, _JSON)
def test_any_masks_and_expressions_are_read(
    after: Any, unknown: Any, sensitive: Any, expressions: Any
) -> None:
    one = change("aws_s3_bucket_replication_configuration.r", {"bucket": "b", "rule": after})
    one["change"]["change"]["after_unknown"] = {"rule": unknown}
    one["change"]["change"]["after_sensitive"] = {"rule": sensitive}
    one["block"]["expressions"] = {"rule": expressions}
    model = read_text(plan(BUCKET, one))

    assert any(f.declared for f in model.buckets)


_KEYS = st.none() | st.integers(0, 99) | st.text(max_size=4)
_NAMES = st.from_regex(r"[a-z_][a-z0-9_-]{0,5}", fullmatch=True).filter(
    lambda name: name not in ("module", "data")
)


@given(
    st.lists(st.tuples(_NAMES, _KEYS), max_size=3),
    st.sampled_from(["", "data."]),
    _NAMES,
    _NAMES,
    _KEYS,
)
def test_addresses_are_taken_apart_and_put_together(
    calls: list[tuple[str, Any]], mode: str, kind: str, name: str, key: Any
) -> None:
    whole = Address(tuple(Call(*call) for call in calls), mode + kind, name, key)

    assert whole == address(str(whole))


def test_references_are_told_apart_by_what_they_begin_with() -> None:
    assert [["a.b[0].c", "a.b[0]", "a.b"], ["a.bc"], ["a.b"]] == traversals(
        ["a.b[0].c", "a.b[0]", "a.b", "a.bc", "a.b"]
    )


def test_what_is_changed_in_place_leaves_nothing_of_what_it_was() -> None:
    before = {"policy_arn": "arn:aws:iam::111122223333:policy/p", "roles": ["r", "s"]}
    attachment = change("aws_iam_policy_attachment.a", {**before, "roles": ["r"]})
    attachment["change"]["change"] |= {"actions": ["update"], "before": before}
    role = change("aws_iam_role.r", {"name": "r", "inline_policy": []})
    inline = [{"name": "old", "policy": "{}"}]
    was = {"name": "r", "inline_policy": inline, "arn": "arn:aws:iam::111122223333:role/r"}
    role["change"]["change"] |= {"actions": ["update"], "before": was}
    model = read_text(plan(attachment, role))

    assert {("attachment", "s", before["policy_arn"]), ("role policy", "r", "old")} == {
        (r.kind, r.of, r.name) for r in model.removed
    }
