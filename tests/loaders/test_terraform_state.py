"""What a state says of itself: instances, providers, accounts, Regions, and what is wrong in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crrlint.loaders.terraform.state import ASSUMPTION, unflatten
from crrlint.model.bindings import Bindings, Deployment
from crrlint.values import Symbolic
from tests.loaders.terraform.reading import (
    AWS,
    bucket,
    otherwise,
    plain,
    read,
    read_file,
    read_texts,
    resource,
    role,
    state,
    stated,
)

DR = f"{AWS}.dr"
BUCKET = {"bucket": "b", "id": "b", "arn": "arn:aws:s3:::b"}
OLD = {**BUCKET, "region": "eu-west-1"}
CALLER = resource("data.aws_caller_identity", {"account_id": "111111111111"})


def where(model: Any, name: str = "b") -> tuple[Any, Any]:
    """Return the account and the Region of a bucket, however sure."""
    facts = bucket(model, name)
    both = {**facts.otherwise, **facts.fields}
    return plain(both["account"]), plain(both["region"])


@pytest.mark.parametrize(
    ("attributes", "identity", "expected"),
    [
        ({"region": "eu-west-1"}, None, "eu-west-1"),
        ({"bucket_region": "eu-west-2", "region": "eu-west-1"}, None, "eu-west-2"),
        (
            {"bucket_region": "eu-west-2"},
            {"account_id": None, "bucket": "b", "region": "eu-west-3"},
            "eu-west-3",
        ),
        (
            {"bucket_regional_domain_name": "b.s3.ap-south-1.amazonaws.com"},
            None,
            "ap-south-1",
        ),
        (
            {"bucket_regional_domain_name": "b.s3.cn-north-1.amazonaws.com.cn"},
            None,
            "cn-north-1",
        ),
        (
            {
                "bucket_region": "",
                "bucket_regional_domain_name": "b.s3.ap-south-1.amazonaws.com",
                "region": "us-east-1",
            },
            None,
            "ap-south-1",
        ),
        ({}, None, "the region of provider aws"),
    ],
)
def test_a_bucket_is_in_the_region_that_it_states(
    attributes: dict[str, Any], identity: dict[str, Any] | None, expected: str
) -> None:
    model = read(resource("aws_s3_bucket", {**BUCKET, **attributes}, identity=identity))
    assert where(model)[1] == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], "the account of provider aws"),
        ([CALLER], "111111111111"),
        ([resource("aws_iam_role", {"name": "r", "arn": "arn:aws:iam::111111111111:role/r"})],
         "111111111111"),
        ([resource("aws_sqs_queue", {"arn": "arn:aws:sqs:eu-west-1:111111111111:q"})],
         "111111111111"),
        # Another provider configuration is another credential.
        ([resource("data.aws_caller_identity", {"account_id": "222222222222"}, provider=DR)],
         "the account of provider aws"),
        # Two accounts under one configuration: only what it was asked for counts.
        ([resource("aws_sqs_queue", {"arn": "arn:aws:sqs:eu-west-1:111111111111:q"}),
          resource("aws_sqs_queue", {"arn": "arn:aws:sqs:eu-west-1:222222222222:q"})],
         "the account of provider aws"),
        ([resource("aws_sqs_queue", {"arn": "arn:aws:sqs:eu-west-1:222222222222:q"}), CALLER],
         "111111111111"),
        # A data source may read what is another account's.
        ([resource("data.aws_kms_key", {"arn": "arn:aws:kms:eu-west-1:222222222222:key/k"})],
         "the account of provider aws"),
        ([resource("aws_s3_bucket_versioning", {"bucket": "b",
                   "expected_bucket_owner": "333333333333", "versioning_configuration": []})],
         "333333333333"),
        ([resource("aws_s3_bucket_versioning", {"bucket": "b", "id": "b,333333333333",
                   "versioning_configuration": []})],
         "333333333333"),
        ([resource("data.aws_canonical_user_id", {"id": "c1"}, provider=DR),
          resource("data.aws_caller_identity", {"account_id": "222222222222"}, provider=DR),
          resource("aws_s3_bucket_acl", {"bucket": "b", "access_control_policy": [
              {"owner": [{"id": "c1"}], "grant": [
                  {"permission": "READ", "grantee": [{"type": "CanonicalUser", "id": "c1"}]}]}]})],
         "222222222222"),
    ],
)  # fmt: skip
def test_an_account_comes_from_the_same_provider(others: list[Any], expected: str) -> None:
    model = read(resource("aws_s3_bucket", OLD), *others)
    assert where(model)[0] == expected


def test_an_identity_wins_over_the_provider() -> None:
    identity = {"account_id": "444444444444", "bucket": "b", "region": "eu-west-1"}
    model = read(resource("aws_s3_bucket", OLD, identity=identity), CALLER)
    assert stated(model, "account") == ["444444444444"]


def test_a_region_comes_from_the_same_provider() -> None:
    model = read(
        resource("aws_s3_bucket", BUCKET),
        resource("data.aws_region", {"name": "eu-north-1", "id": "eu-north-1"}),
    )
    assert where(model)[1] == "eu-north-1"


def test_buckets_of_one_unnamed_account_are_in_the_same_one() -> None:
    other = {**OLD, "bucket": "c", "id": "c"}
    model = read(
        resource("aws_s3_bucket", OLD),
        resource("aws_s3_bucket", other, name="y"),
        resource("aws_s3_bucket", {**OLD, "bucket": "d"}, provider=DR),
    )
    b, c, d = (bucket(model, name).otherwise["account"].value for name in "bcd")
    assert isinstance(b, Symbolic)
    assert b == c
    assert b.parts != d.parts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AWS, 'provider["registry.opentofu.org/hashicorp/aws"]'),
        (AWS, "provider.aws"),
        (DR, "provider.aws.dr"),
        (f"module.m.{AWS}", "module.m.provider.aws"),
    ],
)
def test_spellings_of_one_provider_are_one(one: str, other: str) -> None:
    model = read(
        resource("aws_s3_bucket", OLD, provider=one),
        resource("data.aws_caller_identity", {"account_id": "111111111111"}, provider=other),
    )
    assert where(model)[0] == "111111111111"


def test_an_instance_can_have_a_provider_of_its_own() -> None:
    own = 'provider["registry.opentofu.org/hashicorp/aws"].by_region["dr"]'
    model = read(
        resource("aws_s3_bucket", OLD, instance_provider=own),
        CALLER,
        resource("data.aws_caller_identity", {"account_id": "222222222222"}, instance_provider=own),
    )
    assert where(model)[0] == "222222222222"


@pytest.mark.parametrize(
    "bindings",
    [
        Bindings(account="555555555555", region="eu-west-9"),
        Bindings(deployments=(Deployment("0.tfstate", "555555555555", "eu-west-9"),)),
    ],
)
def test_what_was_bound_holds_where_the_state_is_silent(bindings: Bindings) -> None:
    assert where(read(resource("aws_s3_bucket", BUCKET), bindings=bindings)) == (
        "555555555555",
        "eu-west-9",
    )
    assert where(read(resource("aws_s3_bucket", OLD), CALLER, bindings=bindings)) == (
        "111111111111",
        "eu-west-1",
    )


def test_copies_of_a_state_speak_of_one_account() -> None:
    text = state(resource("aws_s3_bucket", OLD))
    accounts = [b.otherwise["account"].value for b in read_texts(text, text).buckets]
    assert accounts[0] == accounts[1]


@pytest.mark.parametrize(
    ("module", "index", "expected"),
    [
        (None, None, "aws_s3_bucket.x"),
        (None, 0, "aws_s3_bucket.x[0]"),
        ('module.m["k"]', "a b", 'module.m["k"].aws_s3_bucket.x["a b"]'),
    ],
)
def test_messages_name_an_instance_by_its_address(
    module: str | None, index: int | str | None, expected: str
) -> None:
    extra: dict[str, Any] = {} if index is None else {"index_key": index}
    model = read(resource("aws_s3_bucket", OLD, module=module, status="tainted", **extra))
    assert f"{expected} is tainted, and counts as it stands until it is replaced" in (
        model.assumptions
    )


def test_all_instances_are_read() -> None:
    counted = resource("aws_s3_bucket", OLD, index_key=0)
    counted["instances"].append({"index_key": 1, "attributes": {**OLD, "bucket": "c", "id": "c"}})
    assert [b.name for b in read(counted).buckets] == ["b", "c"]


def test_a_deposed_instance_is_gone() -> None:
    assert read(resource("aws_s3_bucket", OLD, deposed="abc123")).buckets == ()


def test_a_place_is_the_way_into_the_file() -> None:
    model = read(CALLER, resource("aws_s3_bucket", OLD, identity={"account_id": "1" * 12}))
    facts = bucket(model)
    assert facts.at.pointer == "/resources/1/instances/0/attributes/bucket"
    assert facts.fields["account"].at.pointer == "/resources/1/instances/0/identity/account_id"


def test_the_state_is_all_there_is_by_assumption() -> None:
    assert read(resource("aws_s3_bucket", OLD)).assumptions == (ASSUMPTION,)
    assert read(CALLER).assumptions == ()


def test_a_resource_that_says_nothing_of_replication_is_left_out() -> None:
    model = read(resource("aws_instance", {"arn": "arn:aws:ec2:us-east-1:111111111111:instance/i"}))
    assert not any(model._replace(bound=()))


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("x", "an element of resources is no object (/resources/0)"),
        ({"mode": "managed", "type": "aws_s3_bucket", "name": "x"},
         "aws_s3_bucket has no list of instances (/resources/0)"),
        ({"mode": "managed", "type": "aws_s3_bucket", "name": "x", "instances": [1]},
         "an instance of aws_s3_bucket is no object (/resources/0/instances/0)"),
        (resource("aws_s3_bucket", None),
         "aws_s3_bucket.x has no attributes (/resources/0/instances/0)"),
        (resource("aws_s3_bucket", {"bucket": None}),
         "aws_s3_bucket.x: bucket is not set (/resources/0/instances/0/attributes/bucket)"),
        (resource("aws_s3_bucket", {"bucket": ["secret"]}),
         "aws_s3_bucket.x: bucket is not text (/resources/0/instances/0/attributes/bucket)"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read(broken: Any, expected: str) -> None:
    model = read(broken, resource("aws_s3_bucket", OLD, name="y"))
    assert [problem.message for problem in model.problems] == [expected]
    assert where(model)[1] == "eu-west-1"


FIXTURES = sorted(Path(__file__).parent.joinpath("terraform").glob("*.tfstate"))
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, 1.5, "", "x", "arn:aws:iam::1:role/x", [], [None], {}, True, [{}]]
)


@given(st.sampled_from(FIXTURES), st.lists(st.integers(0, 10_000), min_size=1), JUNK)
def test_no_damage_makes_the_loader_fail(path: Path, ways: list[int], junk: object) -> None:
    data = json.loads(path.read_text())
    resources = data["resources"]
    holder: Any = resources[ways[0] % len(resources)]
    key: Any = list(holder)[-1]
    for way in ways[1:]:
        below = holder[key]
        if not isinstance(below, (dict, list)) or not below:
            break
        holder = below
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        key = keys[way % len(keys)]
    holder[key] = junk
    read_texts(json.dumps(data))


def test_flat_attributes_of_old_states_are_nested() -> None:
    flat = {
        "bucket": "b",
        "rules.#": "1",
        "rules.4267115411.id": "a",
        "rules.4267115411.destination.#": "1",
        "rules.4267115411.destination.0.bucket": "arn:aws:s3:::d",
        "tags.%": "1",
        "tags.kubernetes.io/cluster": "c",
    }
    assert unflatten(flat) == {
        "bucket": "b",
        "rules": [{"id": "a", "destination": [{"bucket": "arn:aws:s3:::d"}]}],
        "tags": {"kubernetes.io/cluster": "c"},
    }


def test_a_state_of_terraform_0_11_is_read() -> None:
    old = resource("aws_s3_bucket")
    old["provider"] = "provider.aws"
    old["instances"][0]["attributes_flat"] = {
        "bucket": "b",
        "region": "eu-west-1",
        "versioning.#": "1",
        "versioning.0.enabled": "true",
    }
    model = read(old)
    assert stated(model, "versioning") == ["Enabled"]
    assert where(model)[1] == "eu-west-1"


def test_provider_aliases_and_modules_of_a_genuine_state() -> None:
    model = read_file("alias.tfstate")
    assert where(model, "acme-src") == ("111122223333", "us-east-1")
    assert where(model, "acme-dst") == ("222222222222", "eu-west-1")
    assert stated(model, "versioning", "acme-dst") == ["Enabled"]
    assert stated(model, "ownership", "acme-src") == ["BucketOwnerEnforced"]
    [replication] = stated(model, "replication", "acme-src")
    assert replication["Rules"] == [
        {
            "ID": "everything",
            "Status": "Enabled",
            "Priority": 0,
            "Filter": {},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": "arn:aws:s3:::acme-dst", "Account": "222222222222"},
        }
    ]
    crr = role(model, "crr")
    assert crr.complete
    assert plain(crr.attached) == [model.policies[0].arn]
    assert not model.problems


def test_count_and_for_each_of_a_genuine_state() -> None:
    model = read_file("each.tfstate")
    assert where(model, "acme-eu") == ("111122223333", "eu-west-1")
    assert where(model, "acme-ap") == ("111122223333", "ap-south-1")
    assert sorted((k.region, k.declared) for k in model.keys) == [
        ("ap-south-1", True),
        ("eu-west-1", True),
    ]
    assert [a.name for a in model.aliases] == ["alias/acme-ap", "alias/acme-eu"]
    assert [(o.bucket, o.key, plain(o.acl)["Canned"]) for o in model.objects] == [
        ("acme-ap", "logs/0", "bucket-owner-read"),
        ("acme-ap", "logs/1", "private"),
        ("acme-eu", "logs/0", "bucket-owner-read"),
        ("acme-eu", "logs/1", "private"),
    ]
    assert otherwise(model, "policy", "acme-eu") == [None]
    assert [p.name for p in role(model, "crr").policies] == ["replicate"]
    assert not model.problems


def test_inline_blocks_of_a_genuine_state() -> None:
    model = read_file("legacy.tfstate")
    assert stated(model, "versioning", "acme-dst") == ["Enabled"]
    [replication] = stated(model, "replication", "acme-src")
    assert [rule["ID"] for rule in replication["Rules"]] == ["logs", "tagged"]
    assert ["? sensitive"] == stated(model, "policy", "acme-src")
    assert "hush" not in repr(model)
    assert not model.problems
