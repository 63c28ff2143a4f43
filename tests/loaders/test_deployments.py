"""What lies beside templates: parameters, deployment files, descriptions of stacks."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.model.bindings import Bindings, Deployment
from tests.loaders.cloudformation.reading import bucket, noted, place, plain, tree

TEMPLATE = """
Parameters: {Env: {Type: String}, Team: {Type: String, Default: core}}
Resources:
  Films:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${Env}-${Team}"}
  Copy: {Type: AWS::S3::Bucket}
Outputs:
  Copy: {Value: !Ref Copy, Export: {Name: films-copy}}
"""
PARAMETERS = [{"ParameterKey": "Env", "ParameterValue": "prod"}]


def name(files: dict[str, Any], bindings: Bindings | None = None) -> str:
    return str(plain(bucket(tree(files, bindings), "Films").name))


def places(files: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [place(b) for b in tree(files).buckets if b.at.key == "Films"]


SHAPES: dict[str, Any] = {
    "t.json": PARAMETERS,
    "t.parameters.json": {"Parameters": {"Env": "prod"}},
    "t-params.yaml": "Parameters: {Env: prod}\nTags: {A: b}\n",
    "t_config.yaml": "Parameters: {Env: prod, Team: !Rain::Constant x}\n",
    "params/t.json": {"Parameters": {"Env": "prod"}, "StackPolicy": {"Statement": []}},
    "t.params.json": ["Env=prod"],
}


@pytest.mark.parametrize("path", SHAPES)
def test_parameters_are_found_by_the_name_of_the_template(path: str) -> None:
    meant = "prod-${Team}" if "config" in path else "prod-core"
    assert meant == name({"t.yaml": TEMPLATE, path: SHAPES[path]})


UNBOUND: dict[str, tuple[dict[str, Any], str]] = {
    "of another name": ({"prod.json": PARAMETERS}, "holds parameters that name no template: "),
    "two of them": (
        {"t.json": PARAMETERS, "t-params.json": PARAMETERS},
        "is one of several files with parameters of t.yaml: ",
    ),
    "for two templates": (
        {"t.yml": TEMPLATE, "t.json": PARAMETERS},
        "holds parameters that may be for t.yaml or t.yml: ",
    ),
    "a name that is not declared": (
        {"t.json": [*PARAMETERS, {"ParameterKey": "X", "ParameterValue": "y"}]},
        "gives X, which t.yaml does not declare: ",
    ),
    "several deployments": (
        {
            "a.yaml": "template-file-path: t.yaml\n",
            "b.yaml": "template-file-path: t.yaml\n",
            "t.json": PARAMETERS,
        },
        "is the only file with parameters of t.yaml, which is deployed 2 times: ",
    ),
}


@pytest.mark.parametrize("case", UNBOUND)
def test_parameters_that_are_not_certain_are_noted(case: str) -> None:
    files, message = UNBOUND[case]
    model = tree({"t.yaml": TEMPLATE, **files})
    assert all(plain(b.name) in ("${Env}-core", "${Copy}") for b in model.buckets)
    assert noted(model)
    for told in noted(model).values():
        assert told == message + "name it as `parameters-file` of a deployment in crrlint.yaml"


def test_the_configuration_and_the_command_line_come_before_files() -> None:
    files = {
        "t.yaml": TEMPLATE,
        "t.json": [*PARAMETERS, {"ParameterKey": "Team", "ParameterValue": "x"}],
    }
    deployment = Deployment("t.yaml", parameters={"Env": "test"})
    assert "test-x" == name(files, Bindings(deployments=(deployment,)))
    assert "y-x" == name(files, Bindings(deployments=(deployment,), parameters={"Env": "y"}))
    assert "y-x" == name(files, Bindings(parameters={"Env": "y"}))


def test_a_file_that_the_configuration_names_is_the_only_one() -> None:
    deployment = Deployment("t.yaml", parameters={"Env": "test"}, parameters_file="test.json")
    files = {"t.yaml": TEMPLATE, "t.json": PARAMETERS, "test.json": PARAMETERS}
    model = tree(files, Bindings(deployments=(deployment,)))
    assert "test-core" == plain(bucket(model, "Films").name)
    assert {} == noted(model)


def test_a_value_that_is_kept_is_what_the_stack_has() -> None:
    previous = [{"ParameterKey": "Env", "UsePreviousValue": True}]
    assert "${the previous value of Env}-core" == name({"t.yaml": TEMPLATE, "t.json": previous})
    described = stacks(parameters={"Env": "live", "Team": "core"}, outputs={})
    assert "live-core" == name({"t.yaml": TEMPLATE, "t.json": previous, "t.stack.json": described})


# Files that name their template


SAM = """version = 0.1
[default.global.parameters]
stack_name = "films"
[default.deploy.parameters]
region = "eu-west-1"
parameter_overrides = {}
"""


@pytest.mark.parametrize(
    "overrides",
    [
        "'Env=\"prod\" Team=x'",
        "'ParameterKey=Env,ParameterValue=prod ParameterKey=Team,ParameterValue=x'",
        '["Env=prod", "Team=x"]',
        '{Env = "prod", Team = "x"}',
    ],
)
@pytest.mark.parametrize("template", ["app/template.yaml", "app/other.yaml"])
def test_sam_deploys_the_template_beside_its_configuration(overrides: str, template: str) -> None:
    more = "" if template.endswith("template.yaml") else 'template_file = "other.yaml"\n'
    model = tree({template: TEMPLATE, "app/samconfig.toml": SAM.format(overrides) + more})
    assert "prod-x" == plain(bucket(model, "Films").name)
    assert "eu-west-1" == place(bucket(model, "Films"))[1]


ENVIRONMENTS = """version = 0.1
[{}.deploy.parameters]
stack_name = "films-a"
region = "eu-west-1"
[{}.deploy.parameters]
stack_name = "films-b"
region = "eu-west-2"
"""


def test_each_environment_of_sam_is_a_stack() -> None:
    config = ENVIRONMENTS.format("default", "prod")
    found = places({"template.yaml": TEMPLATE, "samconfig.toml": config})
    assert ["eu-west-1", "eu-west-2"] == [region for _, region in found]


def test_environments_that_may_be_one_stack_are_noted() -> None:
    config = (
        ENVIRONMENTS.format("dev", "prod").replace("films-b", "films-a").replace("west-2", "west-1")
    )
    model = tree({"template.yaml": TEMPLATE, "samconfig.toml": config})
    assert "${AWS::Region}" == place(bucket(model, "Films"))[1]
    assert noted(model)["samconfig.toml"].startswith("has several environments for one stack")


def test_sam_reads_yaml_too() -> None:
    config = {"default": {"deploy": {"parameters": {"region": "eu-west-3"}}}}
    model = tree({"template.yaml": TEMPLATE, "samconfig.yaml": config})
    assert "eu-west-3" == place(bucket(model, "Films"))[1]


@pytest.mark.parametrize("path", ["cfn/t.yaml", "./cfn/t.yaml", "/cfn/t.yaml", "../cfn/t.yaml"])
def test_a_deployment_file_names_its_template_from_the_root(path: str) -> None:
    deployment = {"template-file-path": path, "parameters": {"Env": "prod"}, "tags": {}}
    assert "prod-core" == name({"cfn/t.yaml": TEMPLATE, "deployments/prod.json": deployment})


def test_the_root_may_lie_above_what_is_checked(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cfn").mkdir()
    monkeypatch.chdir(tmp_path / "cfn")
    deployment = {"template-file-path": "cfn/t.yaml", "parameters": {"Env": "prod"}}
    assert "prod-core" == name({"t.yaml": TEMPLATE, "prod.json": deployment})


def test_each_deployment_file_is_a_stack() -> None:
    files = {
        f"{env}.yaml": f"template-file-path: t.yaml\nparameters: {{Env: {env}}}\n"
        for env in ("dev", "prod")
    }
    model = tree({"t.yaml": TEMPLATE, **files})
    assert ["dev-core", "prod-core"] == [
        plain(b.name) for b in model.buckets if b.at.key == "Films"
    ]


def test_a_template_that_is_not_there_or_twice_is_noted() -> None:
    files = {
        "a/t.yaml": TEMPLATE,
        "t.yaml": TEMPLATE,
        "a/gone.json": {"template-file-path": "gone.yaml"},
        "a/twice.json": {"template-file-path": "t.yaml"},
    }
    assert {
        "a/gone.json": "deploys gone.yaml, which is not among the inputs",
        "a/twice.json": "deploys t.yaml, which may be 2 of the inputs",
    } == noted(tree(files))


def test_sceptre_deploys_from_its_folders() -> None:
    model = tree(
        {
            "infra/templates/films.yaml": TEMPLATE.replace("${Team}", "${AWS::StackName}"),
            "infra/config/config.yaml": "project_code: acme\nregion: us-east-1\n",
            "infra/config/prod/config.yaml": (
                "region: eu-west-1\nsceptre_role: arn:aws:iam::111111111111:role/deploy\n"
            ),
            "infra/config/prod/films.yaml": (
                "template: {type: file, path: films.yaml}\n"
                "parameters: {Env: prod, Team: !stack_output a.yaml::Name}\n"
            ),
        }
    )
    assert "prod-acme-prod-films" == plain(bucket(model, "Films").name)
    assert ("111111111111", "eu-west-1") == place(bucket(model, "Films"))


def test_taskcat_deploys_to_regions() -> None:
    files = {
        ".taskcat.yml": (
            "project: {name: x, regions: [eu-west-1, eu-west-2], parameters: {Env: a}}\n"
            "tests:\n"
            "  one: {template: templates/t.yaml, parameters: {Team: '$[taskcat_genaz_1]'}}\n"
            "  two: {template: templates/t.yaml, regions: [us-east-1]}\n"
        ),
        "templates/t.yaml": TEMPLATE,
    }
    films = [b for b in tree(files).buckets if b.at.key == "Films"]
    assert [
        ("a-${Team}", "eu-west-1"),
        ("a-${Team}", "eu-west-2"),
        ("a-core", "us-east-1"),
    ] == [(plain(b.name), place(b)[1]) for b in films]


# Descriptions


def arn(stack: str, account: str = "111111111111", region: str = "eu-west-1") -> str:
    return f"arn:aws:cloudformation:{region}:{account}:stack/{stack}/1b2c3d4e"


def stacks(
    stack: str = "films",
    parameters: dict[str, str] | None = None,
    outputs: dict[str, str] | None = None,
    **more: Any,
) -> Any:
    given = {"Env": "live", "Team": "core"} if parameters is None else parameters
    found = {"Copy": "films-copy-1a2b"} if outputs is None else outputs
    one = {
        "StackName": stack,
        "StackId": arn(stack),
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        "Outputs": [
            {"OutputKey": k, "OutputValue": v, "ExportName": f"films-{k.lower()}"}
            for k, v in found.items()
        ],
    }
    return {"Stacks": [{**one, **more}]}


@pytest.mark.parametrize("path", ["films.json", "t.describe-stacks.json", "anything.json"])
def test_a_described_stack_has_its_place_and_its_parameters(path: str) -> None:
    template = "films.yaml" if path == "films.json" else "t.yaml"
    model = tree({template: TEMPLATE, path: stacks()})
    assert "live-core" == plain(bucket(model, "Films").name)
    assert ("111111111111", "eu-west-1") == place(bucket(model, "Films"))


@pytest.mark.parametrize("written", ["!GetAtt Copy.Arn", "{Fn::GetAtt: [Copy, Arn]}"])
def test_an_output_with_an_arn_tells_the_name_in_it(written: str) -> None:
    template = TEMPLATE.replace("{Value: !Ref Copy", f"{{Value: {written}")
    described = stacks(outputs={"Copy": "arn:aws:s3:::films-copy-1a2b"})
    model = tree({"t.yaml": template, "x.json": described})
    assert "films-copy-1a2b" == plain(bucket(model, "Copy").name)


def test_outputs_and_resources_tell_the_names_that_were_made_up() -> None:
    assert "films-copy-1a2b" in [
        plain(b.name) for b in tree({"t.yaml": TEMPLATE, "x.json": stacks()}).buckets
    ]
    listed = {
        "StackResourceSummaries": [
            {
                "LogicalResourceId": "Copy",
                "PhysicalResourceId": "films-copy-9z",
                "ResourceType": "AWS::S3::Bucket",
                "ResourceStatus": "CREATE_COMPLETE",
            }
        ]
    }
    model = tree({"t.yaml": TEMPLATE, "t.resources.json": listed})
    assert "films-copy-9z" == plain(bucket(model, "Copy").name)
    assert "arn:aws:s3:::films-copy-9z" != plain(bucket(model, "Films").name)


def test_resources_of_several_stacks_are_told_apart() -> None:
    items = [
        {
            "StackName": stack,
            "StackId": arn(stack),
            "LogicalResourceId": logical,
            "PhysicalResourceId": f"{stack}-x",
            "ResourceType": "AWS::S3::Bucket",
        }
        for stack, logical in (("a", "One"), ("b", "Two"))
    ]
    one, two = (f"Resources: {{{name}: {{Type: AWS::S3::Bucket}}}}" for name in ("One", "Two"))
    model = tree({"1.yaml": one, "2.yaml": two, "all.json": {"StackResources": items}})
    assert "a-x" == plain(bucket(model, "One").name)
    assert "b-x" == plain(bucket(model, "Two").name)


def test_a_stack_is_found_by_its_name_wherever_its_template_lies() -> None:
    files = {
        "a/template.yaml": TEMPLATE,
        "a/samconfig.toml": SAM.format("{}"),
        "live/stacks.json": stacks(outputs={}),
        "live/template.yaml": TEMPLATE.replace("Films", "Others"),
    }
    model = tree(files)
    assert ("111111111111", "eu-west-1") == place(bucket(model, "Films"))
    assert "${AWS::AccountId}" == place(bucket(model, "Others"))[0]


def test_the_configuration_says_which_stack_is_made_of_a_template() -> None:
    described = {"Stacks": stacks("a")["Stacks"] + stacks("b", {"Env": "b", "Team": "x"})["Stacks"]}
    deployment = Deployment("t.yaml", stack="b")
    model = tree({"t.yaml": TEMPLATE, "x.json": described}, Bindings(deployments=(deployment,)))
    assert "b-x" == plain(bucket(model, "Films").name)


def test_one_template_of_several_described_stacks_is_deployed_several_times() -> None:
    described = {"Stacks": stacks("a")["Stacks"] + stacks("b", {"Env": "b", "Team": "x"})["Stacks"]}
    model = tree({"t.yaml": TEMPLATE, "x.json": described})
    assert ["live-core", "b-x"] == [plain(b.name) for b in model.buckets if b.at.key == "Films"]


def test_a_stack_of_another_template_is_noted() -> None:
    model = tree({"t.yaml": TEMPLATE, "x.json": stacks(parameters={"Other": "y"}, outputs={})})
    assert "${Env}-core" == plain(bucket(model, "Films").name)
    assert noted(model)["x.json"].startswith("describes stack films made of no template")


def test_a_stack_that_is_gone_is_no_stack() -> None:
    model = tree({"t.yaml": TEMPLATE, "x.json": stacks(StackStatus="DELETE_COMPLETE")})
    assert "${Env}-core" == plain(bucket(model, "Films").name)


def test_a_parameter_that_two_give_differently_is_open_and_noted() -> None:
    model = tree({"t.yaml": TEMPLATE, "t.json": PARAMETERS, "t.stack.json": stacks()})
    assert "${Env}-core" == plain(bucket(model, "Films").name)
    assert {"t.stack.json": "gives parameter Env another value than t.json"} == noted(model)


SECRETS = """
Parameters:
  Secret: {Type: String, NoEcho: true}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}
Resources:
  Films: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Secret}-${Stored}"}}
"""


def test_secrets_stay_hidden_and_the_parameter_store_is_read() -> None:
    described = {
        "Stacks": [
            {
                "StackName": "t",
                "Parameters": [
                    {"ParameterKey": "Secret", "ParameterValue": "****"},
                    {"ParameterKey": "Stored", "ParameterValue": "/a", "ResolvedValue": "b"},
                ],
            }
        ]
    }
    assert "${Secret}-b" == name({"t.yaml": SECRETS, "t.stack.json": described})
    given = {"Parameters": {"Secret": "hunter2", "Stored": "/c"}}
    assert "${Secret}-{{resolve:ssm:/c}}" == name({"t.yaml": SECRETS, "t.json": given})


def test_a_nested_stack_keeps_secrets_and_reads_the_parameter_store() -> None:
    parent = """
    Resources:
      Child:
        Type: AWS::CloudFormation::Stack
        Properties: {TemplateURL: t.yaml, Parameters: {Secret: hunter2, Stored: /c}}
    """
    assert "${Secret}-{{resolve:ssm:/c}}" == name({"t.yaml": SECRETS, "parent.yaml": parent})


def test_nested_stacks_are_described_too() -> None:
    parent = (
        "Resources: {Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: c.yaml}}}"
    )
    items = [
        {
            "StackId": arn("top"),
            "LogicalResourceId": "Child",
            "PhysicalResourceId": arn("top-Child-1"),
            "ResourceType": "AWS::CloudFormation::Stack",
        },
        {
            "StackId": arn("top-Child-1"),
            "LogicalResourceId": "Films",
            "PhysicalResourceId": "films-1a2b",
            "ResourceType": "AWS::S3::Bucket",
        },
    ]
    model = tree(
        {
            "top.yaml": parent,
            "c.yaml": "Resources: {Films: {Type: AWS::S3::Bucket}}",
            "top.resources.json": {"StackResources": items},
        }
    )
    assert "films-1a2b" == plain(bucket(model, "Films").name)
    assert ("111111111111", "eu-west-1") == place(bucket(model, "Films"))


IMPORTING = """
Resources:
  Films: {Type: AWS::S3::Bucket, Properties: {BucketName: !ImportValue films-copy}}
"""


def test_stacks_without_a_template_export_all_the_same() -> None:
    model = tree({"t.yaml": IMPORTING, "other/x.json": stacks()})
    assert "films-copy-1a2b" == plain(bucket(model, "Films").name)
    assert ("111111111111", "eu-west-1") == place(bucket(model, "Films"))
    exports = {"Exports": [{"ExportingStackId": arn("x"), "Name": "films-copy", "Value": "y"}]}
    assert "y" == name({"t.yaml": IMPORTING, "other/exports.json": exports})


def test_exports_of_another_region_are_none() -> None:
    bound = Bindings(deployments=(Deployment("t.yaml", region="us-east-1"),))
    found = name({"t.yaml": IMPORTING, "other/x.json": stacks()}, bound)
    assert "export films-copy" == found


def test_the_output_of_a_described_stack_is_read() -> None:
    asked = "{StackName: films, OutputName: Copy, Region: eu-west-1}"
    text = IMPORTING.replace("!ImportValue films-copy", f"!GetStackOutput {asked}")
    assert "films-copy-1a2b" == name({"t.yaml": text, "other/x.json": stacks()})


@pytest.mark.parametrize("as_text", [False, True])
def test_the_answer_of_get_template_is_a_template(as_text: bool) -> None:
    body: Any = {"Resources": {"Films": {"Type": "AWS::S3::Bucket"}}}
    if as_text:
        body = "Resources:\n  Films: {Type: AWS::S3::Bucket}\n"
    answer = {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}
    model = tree({"films.json": answer, "films.stack.json": stacks(parameters={}, outputs={})})
    assert ("111111111111", "eu-west-1") == place(bucket(model, "Films"))
    within = bucket(model, "Films").at.pointer
    assert (
        "/TemplateBody » /Resources/Films" == within
        if as_text
        else ("/TemplateBody/Resources/Films" == within)
    )


# Stack sets


def instance(account: str, region: str, stack_set: str = "films") -> Any:
    return {
        "StackSetId": f"{stack_set}:1a2b",
        "Account": account,
        "Region": region,
        "StackId": arn("StackSet-films", account, region),
        "Status": "CURRENT",
    }


INSTANCES = {"Summaries": [instance("111111111111", "eu-west-1"), instance("2" * 12, "eu-west-2")]}


def test_a_template_is_deployed_where_its_stack_set_is() -> None:
    files = {"films.yaml": TEMPLATE, "x.json": INSTANCES, "films.params.json": PARAMETERS}
    assert [("111111111111", "eu-west-1"), ("222222222222", "eu-west-2")] == places(files)


STACK_SET = """
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: films
      StackInstancesGroup:
        - DeploymentTargets: {OrganizationalUnitIds: [ou-ab12-1]%s}
          Regions: [eu-west-1]
      TemplateBody: "Resources: {Films: {Type: AWS::S3::Bucket}}"
"""


@pytest.mark.parametrize(
    ("targets", "accounts"),
    [
        ("", ["${AWS::AccountId}"]),
        (", Accounts: ['111111111111'], AccountFilterType: DIFFERENCE", ["${AWS::AccountId}"]),
        (", Accounts: ['111111111111'], AccountFilterType: INTERSECTION", ["111111111111"]),
        (
            ", Accounts: ['111111111111'], AccountFilterType: UNION",
            ["111111111111", "${AWS::AccountId}"],
        ),
    ],
)
def test_the_accounts_of_units_are_not_known(targets: str, accounts: list[str]) -> None:
    found = places({"t.yaml": STACK_SET % targets})
    assert accounts == [account for account, _ in found]


def test_the_accounts_of_units_are_those_of_the_instances() -> None:
    found = places({"t.yaml": STACK_SET % "", "x.json": INSTANCES})
    assert [("111111111111", "eu-west-1")] == found
