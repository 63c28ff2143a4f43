"""Terraform source to the model: variables, instances, modules, providers."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.documents.source import Document
from crrlint.model import Model
from crrlint.model.bindings import Bindings, ProviderPlace, TerraformDeployment
from crrlint.values import OneOf, Symbolic, Undecided, Unknown, identical
from crrlint.values.answers import assuming
from tests.loaders.terraform.reading import plain
from tests.loaders.terraform.sources import (
    clean,
    line_of,
    names,
    rules,
    setting,
    source,
    statements,
)


def bucket(model: Model, name: str) -> Any:
    return next(f for f in model.buckets if f.declared and str(f.name) == name)


def where(model: Model, name: str) -> tuple[Any, Any]:
    facts = bucket(model, name)
    both = {**facts.otherwise, **facts.fields}
    return plain(both["account"]), plain(both["region"])


# Variables


GIVEN = (
    'variable "name" { default = "by-default" }\nresource "aws_s3_bucket" "x" { bucket = var.name }'
)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "by-default"),
        ({"terraform.tfvars": 'name = "by-tfvars"'}, "by-tfvars"),
        ({"terraform.tfvars": 'name = "1"', "terraform.tfvars.json": '{"name": "2"}'}, "2"),
        ({"terraform.tfvars": 'name = "1"', "a.auto.tfvars": 'name = "2"'}, "2"),
        ({"b.auto.tfvars": 'name = "b"', "a.auto.tfvars": 'name = "a"'}, "b"),
        ({"a.auto.tfvars.json": '{"name": "json"}'}, "json"),
        ({"prod.tfvars": 'name = "prod"'}, "by-default"),
    ],
)
def test_files_of_values_are_read_in_terraforms_order(files: dict[str, str], expected: str) -> None:
    assert names(clean({"main.tf": GIVEN, **files})) == [expected]


def test_what_the_command_line_gives_is_stronger_than_files() -> None:
    files = {"main.tf": GIVEN, "a.auto.tfvars": 'name = "auto"'}
    given = Document("prod.tfvars", 'name = "prod"', "hcl", None)
    assert names(clean(files, Bindings(variables_files=(given,)))) == ["prod"]
    both = Bindings(variables_files=(given,), variables={"name": "typed"})
    assert names(clean(files, both)) == ["typed"]


def test_crrlint_yaml_gives_values_to_one_folder() -> None:
    at = Document("crrlint.yaml", "", "yaml", {}).root
    one = TerraformDeployment("a", variables={"name": "configured"}, at=at)
    model = clean({"a/main.tf": GIVEN, "b/main.tf": GIVEN}, Bindings(terraform=(one,)))
    assert names(model) == ["configured", "by-default"]


def test_one_folder_can_be_applied_several_times() -> None:
    at = Document("crrlint.yaml", "", "yaml", {}).root
    several = tuple(
        TerraformDeployment(".", variables={"name": name}, at=at) for name in ("one", "two")
    )
    model = clean(GIVEN, Bindings(terraform=several))
    assert names(model) == ["one", "two"]
    assert len({f.made.deployment for f in model.buckets if f.made is not None}) == 2


def test_a_variable_that_nobody_declares_is_a_problem() -> None:
    model = source(GIVEN, Bindings(variables={"nome": "x"}))
    assert [p.message for p in model.problems] == ["is a variable of no root module"]


def test_values_become_of_the_declared_type() -> None:
    model = clean(
        {
            "main.tf": """
            variable "buckets" {
              type = map(object({ days = optional(number, 30), account = string }))
            }
            resource "aws_s3_bucket" "x" {
              for_each = var.buckets
              bucket   = "${each.key}-${each.value.days}-${each.value.account}"
            }
            """,
            "terraform.tfvars": "buckets = { logs = { account = 111122223333 } }",
        }
    )
    assert names(model) == ["logs-30-111122223333"]


def test_a_variable_without_a_value_is_a_symbol_that_says_what_would_give_one() -> None:
    model = clean(
        'variable "name" { type = string }\nresource "aws_s3_bucket" "x" { bucket = var.name }'
    )
    name = bucket(model, "${var.name}").name
    assert isinstance(name, Symbolic)
    assert "--var name=" in name.symbols[0].needs


def test_a_variable_of_few_values_is_one_of_them() -> None:
    model = clean(
        """
        variable "env" {
          type = string
          validation {
            condition     = contains(["dev", "prod"], var.env)
            error_message = "dev or prod"
          }
        }
        resource "aws_s3_bucket" "x" { bucket = "logs-${var.env}" }
        """
    )
    name = model.buckets[0].name
    assert isinstance(name, OneOf)
    assert name.options == ("logs-dev", "logs-prod")


def test_two_variables_that_name_a_bucket_each_are_two_names() -> None:
    model = clean(
        {
            "main.tf": """
            variable "first" {}
            variable "second" {}
            variable "third" {}
            resource "aws_s3_bucket" "first" { bucket = var.first }
            module "second" {
              source = "./bucket"
              name   = var.second
            }
            resource "aws_s3_bucket_policy" "third" {
              bucket = var.third
              policy = "{}"
            }
            """,
            "bucket/main.tf": MODULE,
        }
    )
    first, second, third = (fact.name for fact in model.buckets)
    assert first != second
    with pytest.raises(Undecided):
        assert first != third


def test_what_variables_stand_for_tells_what_they_can_be() -> None:
    model = clean(
        """
        variable "account" {}
        provider "aws" {
          region = "eu-west-1"
          assume_role { role_arn = "arn:aws:iam::${var.account}:role/deploy" }
        }
        resource "aws_s3_bucket" "x" { bucket = "x" }
        """
    )
    (account,) = accounts(model)
    assert account.symbols[0].form == "account"


def test_a_sensitive_value_is_not_known() -> None:
    model = clean(
        """
        variable "policy" {
          sensitive = true
          default   = "{}"
        }
        resource "aws_s3_bucket_policy" "x" {
          bucket = "b"
          policy = var.policy
        }
        """
    )
    value = model.buckets[0].fields["policy"].value
    assert isinstance(value, Unknown)
    assert value.reason == "sensitive"


# Instances


def test_count_makes_instances_and_none() -> None:
    model = clean(
        """
        resource "aws_s3_bucket" "some" {
          count  = 2
          bucket = "some-${count.index}"
        }
        resource "aws_s3_bucket" "none" {
          count  = 0
          bucket = "none"
        }
        """
    )
    assert names(model) == ["some-0", "some-1"]


def test_for_each_goes_through_maps_and_sets() -> None:
    model = clean(
        """
        resource "aws_s3_bucket" "map" {
          for_each = { a = "one", b = "two" }
          bucket   = "${each.key}-${each.value}"
        }
        resource "aws_s3_bucket" "set" {
          for_each = toset(["y", "x"])
          bucket   = each.value
        }
        resource "aws_s3_bucket_versioning" "chained" {
          for_each = aws_s3_bucket.set
          bucket   = each.value.id
          versioning_configuration { status = "Enabled" }
        }
        """
    )
    assert names(model) == ["a-one", "b-two", "x", "y"]
    assert setting(model, "versioning", "x") == "Enabled"
    assert [f.made.address for f in model.buckets if f.made and "chained" in f.made.address] == [
        'aws_s3_bucket_versioning.chained["x"]',
        'aws_s3_bucket_versioning.chained["y"]',
    ]


def test_a_key_that_is_not_known_leads_to_its_instance() -> None:
    model = clean(
        """
        variable "name" { type = string }
        variable "other" { type = string }
        resource "aws_s3_bucket" "x" {
          for_each = toset([var.name, var.other])
          bucket   = "b-${each.key}"
        }
        resource "aws_s3_bucket_versioning" "chained" {
          for_each = aws_s3_bucket.x
          bucket   = each.value.id
          versioning_configuration { status = "Enabled" }
        }
        resource "aws_s3_bucket_policy" "one" {
          bucket = aws_s3_bucket.x[var.other].id
          policy = jsonencode({ Statement = [for name, one in aws_s3_bucket.x : one.arn] })
        }
        variable "number" { type = number }
        resource "aws_sqs_queue" "y" {
          for_each = toset([tostring(var.number)])
        }
        resource "aws_s3_bucket_policy" "literal" {
          bucket = aws_s3_bucket.x["a"].id
          policy = jsonencode({
            Version   = join(",", keys(aws_s3_bucket.x))
            Statement = keys(aws_sqs_queue.y)
          })
        }
        """
    )
    assert names(model) == ["b-${var.name}", "b-${var.other}"]
    named = [str(fact.name) for fact in model.buckets]
    assert named[:4] == ["b-${var.name}", "b-${var.other}"] * 2
    assert named[4] == "b-${var.other}"
    # Whether that is one of them is not known, nor in which order their names stand.
    literal = model.buckets[-1]
    assert isinstance(literal.name, Unknown)
    policy = literal.fields["policy"].value
    assert policy["Version"].value.reason == "unsupported_expression"
    assert isinstance(policy["Statement"].value[0].value, Unknown)


def test_the_keys_of_a_set_hang_on_what_its_elements_hang_on() -> None:
    model = clean(
        """
        variable "stage" {
          validation {
            condition     = contains(["dev", "prod"], var.stage)
            error_message = "no stage"
          }
        }
        resource "aws_s3_bucket" "x" {
          for_each = toset([var.stage, "dev"])
          bucket   = each.key
        }
        """
    )
    dev, prod = model.buckets
    assert (dev.name, prod.name) == ("dev", "prod")
    assert dev.exists is True
    assert isinstance(prod.exists, OneOf)


def test_an_empty_list_beside_a_set_that_is_not_known_makes_none() -> None:
    model = clean(
        """
        variable "on" { type = bool }
        variable "names" { type = list(string) }
        variable "any" {}
        resource "aws_s3_bucket" "typed" {
          for_each = var.on ? toset(concat(var.names, ["a"])) : []
          bucket   = each.key
        }
        resource "aws_s3_bucket" "any" {
          for_each = var.on ? var.any : ["a"]
          bucket   = each.key
        }
        resource "aws_s3_bucket" "off" {
          for_each = false ? var.any : []
          bucket   = each.key
        }
        """
    )
    assert len(model.buckets) == 3
    assert all(isinstance(fact.exists, OneOf) for fact in model.buckets)


def test_a_variable_without_a_value_may_be_null() -> None:
    model = clean(
        """
        variable "name" { type = string }
        variable "given" {
          type     = string
          nullable = false
        }
        variable "settings" { type = object({ a = string }) }
        resource "aws_s3_bucket" "perhaps" {
          count  = var.name == null ? 0 : 1
          bucket = "perhaps"
        }
        resource "aws_s3_bucket" "also" {
          count  = var.settings != null ? 1 : 0
          bucket = "also"
        }
        resource "aws_s3_bucket" "certain" {
          count  = var.given != null ? 1 : 0
          bucket = "certain"
        }
        """
    )
    exists = {str(fact.name): fact.exists for fact in model.buckets}
    assert isinstance(exists["perhaps"], OneOf)
    assert isinstance(exists["also"], OneOf)
    assert exists["certain"] is True


def test_what_hangs_on_an_open_condition_exists_under_one_answer() -> None:
    model = clean(
        """
        variable "replicate" { type = bool }
        resource "aws_s3_bucket" "x" {
          count  = var.replicate ? 1 : 0
          bucket = "x"
        }
        """
    )
    exists = model.buckets[0].exists
    assert isinstance(exists, OneOf)
    with assuming({exists.choice: 0}):
        assert bool(exists)
    with assuming({exists.choice: 1}):
        assert not bool(exists)


def test_a_collection_that_is_not_known_has_perhaps_some_instances() -> None:
    model = clean(
        """
        variable "buckets" { type = map(string) }
        resource "aws_s3_bucket" "x" {
          for_each = var.buckets
          bucket   = each.key
        }
        resource "aws_s3_bucket_versioning" "x" {
          for_each = var.buckets
          bucket   = each.key
          versioning_configuration { status = each.value }
        }
        """
    )
    made, versioning = model.buckets
    assert isinstance(made.exists, OneOf)
    assert "var.buckets" in str(made.name)
    # Both go through one collection, so that what has one key is one bucket.
    assert str(made.name) == str(versioning.name)
    assert isinstance(versioning.fields["versioning"].value, Symbolic)


def test_dynamic_blocks_stand_where_they_are_written() -> None:
    model = clean(
        """
        resource "aws_s3_bucket_replication_configuration" "x" {
          bucket = "b"
          role   = "arn:aws:iam::111122223333:role/r"
          rule {
            id     = "first"
            status = "Enabled"
            destination { bucket = "arn:aws:s3:::d" }
          }
          dynamic "rule" {
            for_each = ["a", "b"]
            iterator = it
            content {
              id     = "${it.key}-${it.value}"
              status = "Disabled"
              dynamic "filter" {
                for_each = it.value == "a" ? [it.value] : []
                content { prefix = filter.value }
              }
              destination { bucket = "arn:aws:s3:::d" }
            }
          }
          rule {
            id     = "last"
            status = "Enabled"
            destination { bucket = "arn:aws:s3:::d" }
          }
        }
        """
    )
    found = rules(model)
    assert [rule["ID"] for rule in found] == ["first", "0-a", "1-b", "last"]
    assert found[1]["Filter"] == {"Prefix": "a"}
    assert "Filter" not in found[2]


@pytest.mark.parametrize(
    ("named", "provider", "meets"),
    [
        ("aws_kms_alias.a.name", "", True),
        ("aws_kms_alias.a.id", "", True),
        # Read before the alias is made or changed, or in another Region.
        ('"alias/a"', "", False),
        ("aws_kms_alias.a.name", "provider = aws.other", False),
    ],
)
def test_an_alias_that_is_read_after_it_is_made_leads_to_its_key(
    named: str, provider: str, meets: bool
) -> None:
    model = clean(
        f"""
        provider "aws" {{ region = "eu-west-1" }}
        provider "aws" {{
          alias  = "other"
          region = "us-east-1"
        }}
        resource "aws_kms_key" "k" {{}}
        resource "aws_kms_alias" "a" {{
          name          = "alias/a"
          target_key_id = aws_kms_key.k.key_id
        }}
        data "aws_kms_alias" "a" {{
          name = {named}
          {provider}
        }}
        resource "aws_s3_bucket" "x" {{ bucket = "x" }}
        resource "aws_s3_bucket_policy" "x" {{
          bucket = "x"
          policy = jsonencode({{ Statement = [
            data.aws_kms_alias.a.target_key_arn, aws_kms_key.k.arn,
          ] }})
        }}
        """
    )
    read, made = model.buckets[-1].fields["policy"].value["Statement"].value
    assert identical(read.value, made.value) is meets


def test_dynamic_blocks_of_a_map_stand_in_the_order_of_its_keys() -> None:
    model = clean(
        """
        resource "aws_s3_bucket_replication_configuration" "x" {
          bucket = "b"
          role   = "arn:aws:iam::111122223333:role/r"
          dynamic "rule" {
            for_each = { b = "first", A = "second" }
            content {
              id     = rule.value
              status = "Enabled"
              destination { bucket = "arn:aws:s3:::d" }
            }
          }
        }
        """
    )
    assert [rule["ID"] for rule in rules(model)] == ["second", "first"]


def test_who_the_account_is_may_be_not_known() -> None:
    clean(
        """
        variable "account" {}
        provider "aws" {
          region              = "eu-west-1"
          allowed_account_ids = [var.account]
        }
        data "aws_canonical_user_id" "me" { count = 1 }
        resource "aws_s3_bucket" "x" { bucket = "x" }
        resource "aws_s3_bucket_acl" "x" {
          bucket = "x"
          access_control_policy {
            owner { id = data.aws_canonical_user_id.me[0].id }
          }
        }
        """
    )


def test_lists_of_objects_are_put_together() -> None:
    model = clean(
        """
        variable "one" {
          type    = list(object({ name = string }))
          default = [{ name = "a" }]
        }
        variable "other" {
          type    = list(object({ name = string }))
          default = [{ name = "b" }]
        }
        resource "aws_s3_bucket" "x" {
          for_each = { for one in concat(var.one, var.other) : one.name => one }
          bucket   = each.value.name
        }
        """
    )
    assert names(model) == ["a", "b"]


def test_dynamic_blocks_of_an_unknown_collection_are_unknown_ones() -> None:
    model = clean(
        """
        variable "prefixes" { type = list(string) }
        resource "aws_s3_bucket_replication_configuration" "x" {
          bucket = "b"
          role   = "arn:aws:iam::111122223333:role/r"
          dynamic "rule" {
            for_each = var.prefixes
            content { id = rule.value }
          }
        }
        """
    )
    assert rules(model) == ["? unbound_parameter | None"]


def test_what_many_instances_give_one_bucket_is_not_known() -> None:
    text = """
        variable "prefixes" { type = set(string) }
        resource "aws_s3_bucket_replication_configuration" "x" {
          for_each = var.prefixes
          bucket   = %s
          role     = "arn:aws:iam::111122223333:role/r"
          rule { id = each.key }
        }
    """
    (one,) = clean(text % '"one"').buckets
    assert isinstance(one.fields["replication"].get("Rules").value, Unknown)  # type: ignore[union-attr]
    (own,) = clean(text % '"b-${each.key}"').buckets
    assert isinstance(own.fields["replication"].get("Rules").value, list)  # type: ignore[union-attr]


def test_collections_that_are_not_the_same_have_keys_of_their_own() -> None:
    model = clean(
        """
        variable "buckets" { type = map(object({ kept = bool })) }
        resource "aws_s3_bucket" "x" {
          for_each = var.buckets
          bucket   = each.key
        }
        resource "aws_s3_bucket_versioning" "same" {
          for_each = aws_s3_bucket.x
          bucket   = each.key
          versioning_configuration { status = "Enabled" }
        }
        resource "aws_s3_bucket_policy" "some" {
          for_each = { for name, one in var.buckets : name => one if one.kept }
          bucket   = each.key
          policy   = "{}"
        }
        """
    )
    made, same, some = (fact.name for fact in model.buckets)
    assert isinstance(made, Symbolic)
    assert isinstance(same, Symbolic)
    assert isinstance(some, Symbolic)
    assert made.parts == same.parts
    assert made.parts != some.parts


# Modules


BUCKET = 'resource "aws_s3_bucket" "a" { bucket = "a" }'
MODULE = """
variable "name" {}
resource "aws_s3_bucket" "this" { bucket = var.name }
output "arn" { value = aws_s3_bucket.this.arn }
"""


def test_a_module_is_made_for_each_of_its_calls() -> None:
    model = clean(
        {
            "main.tf": """
            module "one" {
              source = "./bucket"
              name   = "one"
            }
            module "many" {
              source   = "./bucket"
              for_each = toset(["a", "b"])
              name     = "many-${each.key}"
            }
            resource "aws_s3_bucket" "copy" {
              bucket = "${replace(module.many["b"].arn, "arn:aws:s3:::", "")}-copy"
            }
            """,
            "bucket/main.tf": MODULE,
        }
    )
    assert names(model) == ["many-b-copy", "one", "many-a", "many-b"]


def test_a_module_without_a_caller_is_a_root_of_its_own() -> None:
    model = clean({"bucket/main.tf": MODULE})
    assert names(model) == ["${var.name}"]


def test_examples_call_the_module_that_they_lie_in() -> None:
    model = clean(
        {
            "main.tf": MODULE,
            "examples/complete/main.tf": 'module "x" {\nsource = "../../"\nname = "example"\n}',
        }
    )
    assert names(model) == ["example"]


def test_modules_that_call_each_other_in_a_circle_end_somewhere() -> None:
    model = source(
        {
            "a/main.tf": 'module "b" {\nsource = "../b"\n}\n' + BUCKET,
            "b/main.tf": 'module "a" {\nsource = "../a"\n}',
        }
    )
    assert any("circle" in p.message for p in model.problems)


def test_a_module_that_is_not_at_hand_leaves_its_outputs_open() -> None:
    model = clean(
        """
        module "s3" {
          source = "terraform-aws-modules/s3-bucket/aws"
          bucket = "x"
        }
        resource "aws_s3_bucket_versioning" "x" {
          bucket = module.s3.s3_bucket_id
          versioning_configuration { status = "Enabled" }
        }
        """
    )
    name = model.buckets[0].name
    assert isinstance(name, Symbolic)
    assert "terraform init" in name.symbols[0].needs
    assert len(model.left_out) == 1
    assert "terraform-aws-modules/s3-bucket/aws" in model.left_out[0].message


def test_the_source_of_a_module_that_init_brought_is_read() -> None:
    model = clean(
        {
            "main.tf": 'module "s3" {\nsource = "acme/bucket/aws"\nname = "x"\n}',
            ".terraform/modules/modules.json": (
                '{"Modules": [{"Key": "", "Source": "", "Dir": "."},'
                '{"Key": "s3", "Source": "registry.terraform.io/acme/bucket/aws",'
                '"Dir": ".terraform/modules/s3"}]}'
            ),
            ".terraform/modules/s3/main.tf": MODULE,
        }
    )
    assert names(model) == ["x"]
    assert model.left_out == ()


def test_override_files_replace_what_they_say() -> None:
    model = clean(
        {
            "main.tf": """
            resource "aws_s3_bucket" "x" {
              bucket = "x"
              versioning { enabled = false }
            }
            """,
            "x_override.tf": 'resource "aws_s3_bucket" "x" {\nversioning {\nenabled = true\n}\n}',
        }
    )
    assert names(model) == ["x"]
    assert setting(model, "versioning") == "Enabled"


def test_opentofus_file_stands_for_terraforms() -> None:
    model = clean(
        {
            "main.tf": 'resource "aws_s3_bucket" "x" { bucket = "terraform" }',
            "main.tofu": 'resource "aws_s3_bucket" "x" { bucket = "tofu" }',
        }
    )
    assert names(model) == ["tofu"]


def test_json_is_another_spelling() -> None:
    model = clean(
        {
            "main.tf.json": """{
              "variable": {"name": {"default": "x"}},
              "resource": {
                "aws_s3_bucket": {"x": {"bucket": "${var.name}"}},
                "aws_s3_bucket_versioning": {"x": {
                  "bucket": "${aws_s3_bucket.x.id}",
                  "versioning_configuration": {"status": "Enabled"}}},
                "aws_s3_bucket_replication_configuration": {"x": {
                  "bucket": "b", "role": "arn:aws:iam::111122223333:role/r",
                  "dynamic": {"rule": {"for_each": ["a"], "content": {
                    "id": "${rule.value}", "status": "Enabled",
                    "destination": [{"bucket": "arn:aws:s3:::d"}]}}}}}
              }
            }"""
        }
    )
    assert names(model) == ["x"]
    assert setting(model, "versioning", "x") == "Enabled"
    assert [rule["ID"] for rule in rules(model)] == ["a"]


# Providers


def test_providers_tell_regions_and_accounts() -> None:
    model = clean(
        """
        provider "aws" {
          region              = "eu-west-1"
          allowed_account_ids = ["111122223333"]
        }
        provider "aws" {
          alias  = "dr"
          region = "eu-central-1"
          assume_role { role_arn = "arn:aws:iam::444455556666:role/deploy" }
        }
        resource "aws_s3_bucket" "a" { bucket = "a" }
        resource "aws_s3_bucket" "b" {
          provider = aws.dr
          bucket   = "b"
        }
        resource "aws_s3_bucket" "c" {
          bucket = "c"
          region = "us-east-1"
        }
        """
    )
    assert where(model, "a") == ("111122223333", "eu-west-1")
    assert where(model, "b") == ("444455556666", "eu-central-1")
    assert where(model, "c") == ("111122223333", "us-east-1")


ALIASES = """
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "dr"
  %s
  region = "eu-central-1"
}
resource "aws_s3_bucket" "a" { bucket = "a" }
resource "aws_s3_bucket" "b" {
  provider = aws.dr
  bucket   = "b"
}
"""


def accounts(model: Model) -> list[Any]:
    return [{**f.otherwise, **f.fields}["account"].value for f in model.buckets]


def test_configurations_with_one_credential_are_in_one_account() -> None:
    one, other = accounts(clean(ALIASES % ""))
    assert one.parts == other.parts
    one, other = accounts(clean(ALIASES % 'profile = "dr"'))
    assert one.parts != other.parts


def test_crrlint_yaml_tells_where_providers_work() -> None:
    places = {"aws.dr": ProviderPlace("444455556666", "us-east-1")}
    bound = Bindings(
        terraform=(TerraformDeployment(".", providers=places),), account="111122223333"
    )
    model = clean(ALIASES % 'profile = "dr"', bound)
    assert where(model, "a") == ("111122223333", "eu-west-1")
    assert where(model, "b") == ("444455556666", "us-east-1")


def test_modules_are_given_providers() -> None:
    model = clean(
        {
            "main.tf": """
            provider "aws" { region = "eu-west-1" }
            provider "aws" {
              alias  = "dr"
              region = "eu-central-1"
            }
            module "both" {
              source    = "./both"
              providers = { aws.src = aws, aws.dst = aws.dr }
            }
            module "inherits" { source = "./one" }
            module "passed" {
              source    = "./one"
              providers = { aws = aws.dr }
            }
            """,
            "both/main.tf": """
            terraform {
              required_providers {
                aws = {
                  source                = "hashicorp/aws"
                  configuration_aliases = [aws.src, aws.dst]
                }
              }
            }
            resource "aws_s3_bucket" "src" {
              provider = aws.src
              bucket   = "src"
            }
            resource "aws_s3_bucket" "dst" {
              provider = aws.dst
              bucket   = "dst"
            }
            """,
            "one/main.tf": """
            data "aws_region" "here" {}
            resource "aws_s3_bucket" "x" { bucket = "x-${data.aws_region.here.name}" }
            """,
        }
    )
    assert where(model, "src")[1] == "eu-west-1"
    assert where(model, "dst")[1] == "eu-central-1"
    assert names(model)[2:] == ["x-eu-west-1", "x-eu-central-1"]


def test_aliases_that_only_a_caller_could_give_are_in_accounts_of_their_own() -> None:
    model = clean(
        """
        terraform {
          required_providers {
            aws = {
              source                = "hashicorp/aws"
              configuration_aliases = [aws.src, aws.dst]
            }
          }
        }
        resource "aws_s3_bucket" "src" {
          provider = aws.src
          bucket   = "src"
        }
        resource "aws_s3_bucket" "dst" {
          provider = aws.dst
          bucket   = "dst"
        }
        """
    )
    one, other = accounts(model)
    assert one.parts != other.parts


PROXIES = """
    provider "aws" { version = "~> 3.0" }
    provider "aws" { alias = "dr" }
    resource "aws_s3_bucket" "src" { bucket = "src" }
    resource "aws_s3_bucket" "dst" {
      provider = aws.dr
      bucket   = "dst"
    }
"""
"""How a module said, before `configuration_aliases`, that its caller passes the providers."""


def test_an_empty_block_in_a_module_stands_for_what_the_caller_passes() -> None:
    model = clean(
        {
            "main.tf": """
            provider "aws" { region = "eu-west-1" }
            provider "aws" {
              alias  = "central"
              region = "eu-central-1"
            }
            module "x" {
              source    = "./x"
              providers = { aws.dr = aws.central }
            }
            """,
            "x/main.tf": PROXIES,
        }
    )
    assert where(model, "src")[1] == "eu-west-1"
    assert where(model, "dst")[1] == "eu-central-1"


def test_an_empty_block_without_a_caller_leaves_everything_open() -> None:
    model = clean(PROXIES)
    assert where(model, "src") != where(model, "dst")


def test_a_credential_may_be_sensitive() -> None:
    model = clean(
        """
        variable "key" {
          default   = "AKIAEXAMPLE"
          sensitive = true
        }
        provider "aws" {
          region     = "eu-west-1"
          access_key = var.key
        }
        resource "aws_s3_bucket" "x" { bucket = "x" }
        """
    )
    assert where(model, "x")[1] == "eu-west-1"


def test_a_set_has_no_elements_by_index_whatever_is_in_it() -> None:
    (name,) = names(
        clean(
            """
            variable "names" { type = set(string) }
            resource "aws_s3_bucket" "x" { bucket = try(var.names["a"], "none") }
            """
        )
    )
    assert "none" == name


REUSABLE = """
variable "rules" {
  type    = map(object({ prefix = string }))
  default = {}
}
variable "owner" { default = null }
resource "aws_s3_bucket_replication_configuration" "x" {
  bucket = "x"
  role   = "arn:aws:iam::${var.owner}:role/r"
  dynamic "rule" {
    for_each = var.rules
    content {
      status = "Enabled"
      destination { bucket = "arn:aws:s3:::copy" }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("more", "applied"),
    [
        ("", False),
        ('provider "aws" { alias = "dr" }', False),
        ('provider "aws" { region = "eu-west-1" }', True),
        ('terraform { backend "s3" {} }', True),
        ("terraform {\ncloud {}\n}", True),
    ],
)
def test_an_empty_default_of_a_module_without_a_caller_is_no_value(
    more: str, applied: bool
) -> None:
    model = source({"main.tf": REUSABLE + more})
    if applied:
        assert ["null in a text"] == [problem.message for problem in model.problems]
    else:
        assert () == model.problems
        (rule,) = model.buckets[0].fields["replication"].value["Rules"].value
        assert isinstance(rule.value, OneOf)


def test_what_a_deployment_leaves_out_has_its_default() -> None:
    bound = Bindings(terraform=(TerraformDeployment("."),))
    assert ["null in a text"] == [p.message for p in source(REUSABLE, bound).problems]


def test_opentofu_gives_a_configuration_to_each_key() -> None:
    model = clean(
        {
            "main.tofu": """
            provider "aws" {
              alias    = "by_region"
              for_each = toset(["eu-west-1", "us-east-1"])
              region   = each.value
            }
            resource "aws_s3_bucket" "x" {
              for_each = toset(["eu-west-1", "us-east-1"])
              provider = aws.by_region[each.key]
              bucket   = "b-${each.key}"
            }
            """
        }
    )
    assert where(model, "b-eu-west-1")[1] == "eu-west-1"
    assert where(model, "b-us-east-1")[1] == "us-east-1"


# Places


def test_places_are_those_of_the_values() -> None:
    text = """resource "aws_s3_bucket_versioning" "x" {
  bucket = "b"
  versioning_configuration {
    status = "Suspended"
  }
}
"""
    node = clean(text).buckets[0].fields["versioning"]
    assert line_of(node.at) == ("main.tf", 4, 5)


def test_a_value_from_elsewhere_is_shown_there() -> None:
    model = clean(
        {
            "main.tf": """
            variable "status" {}
            resource "aws_s3_bucket_versioning" "x" {
              bucket = "b"
              versioning_configuration { status = var.status }
            }
            """,
            "terraform.tfvars": '\nstatus = "Suspended"\n',
        }
    )
    assert line_of(model.buckets[0].fields["versioning"].at)[:2] == ("terraform.tfvars", 2)


def test_statements_of_every_kind_of_policy_have_places() -> None:
    model = clean(
        {
            "main.tf": """resource "aws_s3_bucket_policy" "heredoc" {
  bucket = "a"
  policy = <<-EOF
    {
      "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"}
      ]
    }
  EOF
}
resource "aws_s3_bucket_policy" "encoded" {
  bucket = "b"
  policy = jsonencode({
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "arn:aws:s3:::b/*" }
    ]
  })
}
resource "aws_s3_bucket_policy" "document" {
  bucket = "c"
  policy = data.aws_iam_policy_document.c.json
}
data "aws_iam_policy_document" "c" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::c/*"]
  }
}
resource "aws_s3_bucket_policy" "file" {
  bucket = "d"
  policy = file("${path.module}/policy.json")
}
""",
            "policy.json": '{\n  "Statement": [\n    {"Effect": "Deny", "Action": "s3:*"}\n  ]\n}',
        }
    )
    found = {}
    for fact in model.buckets:
        statement = fact.fields["policy"].get("Statement", 0)
        assert statement is not None
        assert statement.leaf("Action") == "s3:*"
        found[str(fact.name)] = line_of(statement.at)[:2]
    assert found == {
        "a": ("main.tf", 6),
        "b": ("main.tf", 15),
        "c": ("main.tf", 24),
        "d": ("policy.json", 3),
    }


# Order


ORDER = """
resource "aws_s3_bucket" "x" { bucket = "x" }
resource "aws_s3_bucket_versioning" "x" {
  bucket = aws_s3_bucket.x.id
  versioning_configuration { status = "Enabled" }
}
locals { versioned = aws_s3_bucket_versioning.x.bucket }
resource "aws_s3_bucket_replication_configuration" "x" {
  %s
  role   = "arn:aws:iam::111122223333:role/r"
}
"""


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("bucket = aws_s3_bucket.x.id", False),
        ("bucket = local.versioned", True),
        ("bucket = aws_s3_bucket_versioning.x.id", True),
        ('bucket = "x"\ndepends_on = [aws_s3_bucket_versioning.x]', True),
    ],
)
def test_a_resource_waits_for_what_it_refers_to(said: str, waits: bool) -> None:
    model = clean(ORDER % said)
    made = next(f.made for f in model.buckets if "replication" in f.fields)
    assert made is not None
    assert made.waits_for is not None
    assert made.waits_for("aws_s3_bucket_versioning.x") is waits


def test_a_resource_waits_for_what_is_in_a_module() -> None:
    versioned = (
        'resource "aws_s3_bucket" "x" { bucket = "x" }\n'
        'resource "aws_s3_bucket_versioning" "x" {\nbucket = aws_s3_bucket.x.id\n'
        'versioning_configuration { status = "Enabled" }\n}\n'
        'output "id" { value = aws_s3_bucket.x.id }'
    )
    replicated = """
        module "m" { source = "./m" }
        resource "aws_s3_bucket_replication_configuration" "x" {
          bucket = module.m.id
          role   = "arn:aws:iam::111122223333:role/r"
          %s
        }
    """
    for said, waits in (("", False), ("depends_on = [module.m]", True)):
        model = clean({"main.tf": replicated % said, "m/main.tf": versioned})
        made = next(f.made for f in model.buckets if "replication" in f.fields)
        assert made is not None
        assert made.waits_for is not None
        assert made.waits_for("module.m.aws_s3_bucket_versioning.x") is waits


# What is wrong


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            "locals {\n  a = local.b\n  b = local.a\n}\n"
            'resource "aws_s3_bucket" "x" { bucket = local.a }',
            3,
            "circle",
        ),
        (
            'resource "aws_s3_bucket" "x" {\n  bucket = aws_s3_bucket.y.id\n}',
            2,
            "aws_s3_bucket.y is not declared",
        ),
        ('resource "aws_s3_bucket" "x" {\n  bucket = var.y\n}', 2, "variable y is not declared"),
        (
            'resource "aws_s3_bucket" "x" {\n  bucket = no_such_function("y")\n}',
            2,
            "no_such_function",
        ),
        ('resource "aws_s3_bucket" "x" {\n  count = "many"\n}', 2, "count"),
        ('resource "aws_s3_bucket" "x" {\n  for_each = ["a"]\n}', 2, "for_each"),
    ],
)
def test_a_mistake_is_a_problem_with_its_line(text: str, line: int, words: str) -> None:
    model = source(text + '\nresource "aws_s3_bucket" "good" { bucket = "good" }')
    found = [p for p in model.problems if words in p.message]
    assert found, model.problems
    assert found[0].line == line
    assert "good" in names(model)


@pytest.mark.parametrize(
    "text",
    [
        'try(local.nothing, "b")',
        'can(local.nothing) ? "a" : "b"',
        'try(local.broken, "b")',
        'try(aws_s3_bucket.nothing.id, "b")',
        'try(aws_s3_bucket.broken.bucket, "b")',
        'try(each.key, "b")',
        '[for key in ["b"] : try(local.nothing, key)][0]',
    ],
)
def test_nothing_stands_in_for_what_is_wrong_elsewhere(text: str) -> None:
    model = source(
        f"""
        locals {{ broken = upper([]) }}
        resource "aws_s3_bucket" "broken" {{ bucket = upper([]) }}
        resource "aws_s3_bucket" "x" {{ bucket = {text} }}
        """
    )
    assert "b" not in names(model)
    assert model.problems


def test_a_provider_may_say_more_in_a_block_than_is_written() -> None:
    model = clean(
        """
        resource "aws_s3_bucket_website_configuration" "w" {
          bucket = "w"
          index_document { suffix = "index.html" }
          error_document { key = null }
        }
        resource "aws_s3_bucket" "written" {
          bucket = aws_s3_bucket_website_configuration.w.index_document[0].suffix
        }
        resource "aws_s3_bucket" "made" {
          bucket = try(aws_s3_bucket_website_configuration.w.error_document[0].key, "b")
        }
        resource "aws_s3_bucket" "more" {
          bucket = try(aws_s3_bucket_website_configuration.w.index_document[*].id, ["b"])[0]
        }
        resource "aws_s3_bucket" "none" {
          bucket = try(aws_s3_bucket_website_configuration.w.routing_rule[0].id, "b")
        }
        """
    )
    assert names(model)[0] == "index.html"
    assert "b" not in names(model)
    assert len(names(model)) == 4


def test_what_is_no_hcl_costs_its_own_block_only() -> None:
    model = source(
        'resource "aws_s3_bucket" "bad" {\n  bucket = = "x"\n}\n'
        'resource "aws_s3_bucket" "good" { bucket = "good" }\n'
    )
    assert [(p.path, p.line) for p in model.problems] == [("main.tf", 2)]
    assert "good" in names(model)


def test_a_broken_block_says_nothing_of_what_it_lacks() -> None:
    model = source(
        'resource "aws_s3_bucket" "x" {\n  bucket = "x"\n  versioning {\n    enabled = =\n  }\n}\n'
    )
    facts = model.buckets[0]
    both = {**facts.otherwise, **facts.fields}
    assert isinstance(both["versioning"].value, Unknown)


def test_what_is_lost_may_say_what_the_rest_does_not() -> None:
    model = source(
        {
            "main.tf": 'resource "aws_s3_bucket" "x" { bucket = "x" }',
            "other.tf": 'resource "aws_s3_bucket_versioning" {\n',
        }
    )
    facts = bucket(model, "x")
    assert isinstance(facts.otherwise["versioning"].value, Unknown)
    assert isinstance(facts.otherwise["policy"].value, Unknown)


def test_a_folder_that_is_not_there_is_a_mistake() -> None:
    model = source('module "x" {\n  source = "./nowhere"\n}\n')
    assert [(p.line, p.message) for p in model.problems] == [
        (1, "module.x: there is no folder nowhere")
    ]


# Policy documents


def document(body: str) -> list[Any]:
    model = clean(
        'resource "aws_s3_bucket_policy" "x" {\nbucket = "b"\n'
        "policy = data.aws_iam_policy_document.x.json\n}\n" + body
    )
    return statements(model.buckets[0].fields["policy"])


def test_numbers_are_texts_where_texts_belong() -> None:
    (deny,) = document(
        """
        data "aws_iam_policy_document" "x" {
          statement {
            effect    = "Deny"
            actions   = ["s3:*"]
            resources = ["*"]
            condition {
              test     = "NumericLessThan"
              variable = "s3:TlsVersion"
              values   = [1.2, 10, true]
            }
          }
        }
        """
    )
    assert {"NumericLessThan": {"s3:TlsVersion": ["1.2", "10", "true"]}} == deny["Condition"]


def test_policy_documents_are_made_as_the_provider_makes_them() -> None:
    assert document(
        """
        data "aws_iam_policy_document" "x" {
          statement {
            sid       = "a"
            actions   = ["s3:GetObject"]
            resources = ["arn:aws:s3:::b/&{aws:username}/*", "arn:aws:s3:::b"]
            principals {
              type        = "AWS"
              identifiers = ["111122223333", "444455556666"]
            }
            principals {
              type        = "Service"
              identifiers = ["s3.amazonaws.com"]
            }
            condition {
              test     = "StringEquals"
              variable = "aws:SourceAccount"
              values   = ["111122223333"]
            }
          }
          statement {
            effect      = "Deny"
            not_actions = ["s3:Get*", "s3:List*"]
            resources   = ["*"]
            principals {
              type        = "*"
              identifiers = ["*"]
            }
          }
        }
        """
    ) == [
        {
            "Sid": "a",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b"],
            "Principal": {
                "AWS": ["111122223333", "444455556666"],
                "Service": "s3.amazonaws.com",
            },
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        },
        {"Effect": "Deny", "NotAction": ["s3:Get*", "s3:List*"], "Resource": "*", "Principal": "*"},
    ]


def test_documents_are_merged_by_their_sids() -> None:
    found = document(
        """
        data "aws_iam_policy_document" "source" {
          statement {
            sid       = "one"
            actions   = ["s3:GetObject"]
            resources = ["source"]
          }
          statement {
            actions   = ["s3:ListBucket"]
            resources = ["source"]
          }
        }
        data "aws_iam_policy_document" "override" {
          statement {
            sid       = "two"
            actions   = ["s3:PutObject"]
            resources = ["override"]
          }
        }
        data "aws_iam_policy_document" "x" {
          source_policy_documents   = [data.aws_iam_policy_document.source.json]
          override_policy_documents = [
            data.aws_iam_policy_document.override.json,
            jsonencode({ Statement = { Sid = "three", Effect = "Deny", Resource = "*" } }),
          ]
          statement {
            sid       = "two"
            actions   = ["s3:PutObject"]
            resources = ["own"]
          }
        }
        """
    )
    assert [(s.get("Sid"), s["Resource"]) for s in found] == [
        ("one", "source"),
        (None, "source"),
        ("two", "override"),
        ("three", "*"),
    ]


def test_what_is_not_known_of_a_document_is_a_leaf_of_it() -> None:
    found = document(
        """
        variable "arns" { type = list(string) }
        data "aws_iam_policy_document" "x" {
          statement {
            actions   = ["s3:GetObject"]
            resources = var.arns
          }
        }
        """
    )
    assert found == [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "? unbound_parameter"}
    ]


# What public modules hold


def test_what_is_not_known_can_be_looked_up() -> None:
    """Names that are open, alone and below choices, are keys of tables."""
    model = clean(
        """
        variable "enabled" { type = bool }
        data "aws_canonical_user_id" "me" {}
        data "aws_kms_key" "shared" { key_id = data.aws_caller_identity.me.arn }
        data "aws_caller_identity" "me" {}
        resource "aws_s3_bucket" "x" {
          bucket = "x"
          grant {
            id          = data.aws_canonical_user_id.me.id
            type        = "CanonicalUser"
            permissions = ["FULL_CONTROL"]
          }
        }
        resource "aws_iam_role" "r" {
          count              = var.enabled ? 1 : 0
          name               = "r"
          assume_role_policy = "{}"
        }
        resource "aws_iam_policy" "p" {
          count  = var.enabled ? 1 : 0
          policy = "{}"
        }
        resource "aws_iam_role_policy_attachment" "p" {
          count      = var.enabled ? 1 : 0
          role       = one(aws_iam_role.r[*].name)
          policy_arn = one(aws_iam_policy.p[*].arn)
        }
        """
    )
    assert names(model) == ["x"]
    assert [str(role.name) for role in model.roles if role.declared] == ["r"]


def test_numbers_are_texts_where_texts_are_wanted() -> None:
    model = clean(
        """
        data "aws_iam_policy_document" "d" {
          statement {
            condition {
              test     = "NumericLessThan"
              variable = "s3:TlsVersion"
              values   = [1.2, 2, true]
            }
          }
        }
        resource "aws_s3_bucket_policy" "p" {
          bucket = "b"
          policy = data.aws_iam_policy_document.d.json
        }
        """
    )
    found = statements(model.buckets[0].fields["policy"])
    assert found[0]["Condition"] == {"NumericLessThan": {"s3:TlsVersion": ["1.2", "2", "true"]}}


def test_lists_of_objects_are_joined() -> None:
    model = clean(
        """
        variable "ids" {
          type    = list(object({ id = string }))
          default = [{ id = "a" }]
        }
        resource "aws_s3_bucket" "x" {
          for_each = toset([for o in concat(var.ids, var.ids) : o.id])
          bucket   = each.key
        }
        variable "by_name" {
          type    = map(object({ id = string }))
          default = { b = { id = "b" } }
        }
        resource "aws_s3_bucket" "y" {
          for_each = merge(var.by_name, var.by_name)
          bucket   = each.value.id
        }
        """
    )
    assert names(model) == ["a", "b"]
