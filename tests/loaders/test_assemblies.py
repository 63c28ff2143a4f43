"""Cloud assemblies of the CDK: what the manifest says of the templates beside it."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.model.bindings import Bindings, Deployment
from tests.loaders.cloudformation.reading import bucket, field, noted, place, plain, tree


def stack(file: str, environment: str = "aws://111111111111/us-east-1", **more: Any) -> Any:
    properties = {"templateFile": file, **more.pop("properties", {})}
    return {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "properties": properties,
        **more,
    }


def manifest(**artifacts: Any) -> Any:
    return {"version": "55.0.0", "artifacts": artifacts}


def template(name: str = "Films", **properties: Any) -> Any:
    return {"Resources": {name: {"Type": "AWS::S3::Bucket", "Properties": properties}}}


@pytest.mark.parametrize(
    ("environment", "meant"),
    [
        ("aws://111111111111/eu-west-1", ("111111111111", "eu-west-1")),
        ("aws://unknown-account/unknown-region", ("${AWS::AccountId}", "${AWS::Region}")),
        ("aws://unknown-account/eu-west-1", ("${AWS::AccountId}", "eu-west-1")),
        ("aws://111111111111/unknown-region", ("111111111111", "${AWS::Region}")),
        ("elsewhere", ("${AWS::AccountId}", "${AWS::Region}")),
    ],
)
def test_the_environment_is_account_and_region(environment: str, meant: tuple[str, str]) -> None:
    model = tree(
        {
            "cdk.out/manifest.json": manifest(App=stack("App.template.json", environment)),
            "cdk.out/App.template.json": template(),
        }
    )
    assert meant == place(bucket(model, "Films"))


def test_an_app_that_leaves_its_account_open_is_what_would_say_it() -> None:
    model = tree(
        {
            "cdk.out/manifest.json": manifest(App=stack("t.json", "aws://unknown-account/x-y-1")),
            "cdk.out/t.json": template(),
        }
    )
    (symbol,) = bucket(model, "Films").fields["account"].value.symbols
    assert symbol.needs.startswith("`env` of stack App in the CDK app, --account")


def test_names_and_parameters_are_those_of_the_artifact() -> None:
    text = {
        "Parameters": {"Env": {"Type": "String"}},
        **template(BucketName={"Fn::Sub": "${AWS::StackName}-${Env}-${AWS::Partition}"}),
    }
    named = stack(
        "b.json",
        "aws://111111111111/cn-north-1",
        properties={"stackName": "films", "parameters": {"Env": "prod"}},
    )
    model = tree(
        {
            "cdk.out/manifest.json": manifest(
                Plain=stack("a.json", properties={"parameters": {"Env": "dev"}}), Named=named
            ),
            "cdk.out/a.json": text,
            "cdk.out/b.json": text,
        }
    )
    assert ["Plain-dev-aws", "films-prod-aws-cn"] == [plain(b.name) for b in model.buckets]


def test_templates_that_no_manifest_names_are_left_out() -> None:
    model = tree(
        {
            "cdk.out/manifest.json": manifest(App=stack("App.template.json")),
            "cdk.out/App.template.json": template(),
            "cdk.out/Old.template.json": template("Old"),
            "cdk.out/asset.1f/template.json": template("Asset"),
            "other.json": template("Other"),
        }
    )
    assert ["Films", "Other"] == [b.at.key for b in model.buckets]
    assert {"cdk.out/Old.template.json", "cdk.out/asset.1f/template.json"} == set(noted(model))


def test_the_configuration_brings_back_what_the_manifest_leaves_out() -> None:
    model = tree(
        {
            "cdk.out/manifest.json": manifest(App=stack("App.template.json")),
            "cdk.out/App.template.json": template(),
            "cdk.out/Old.template.json": template("Old"),
        },
        Bindings(
            deployments=(
                Deployment("cdk.out/Old.template.json", "222222222222"),
                Deployment("cdk.out/App.template.json", "333333333333"),
            )
        ),
    )
    assert ("222222222222", "${AWS::Region}") == place(bucket(model, "Old"))
    assert ("333333333333", "us-east-1") == place(bucket(model, "Films"))


def test_a_template_that_is_not_there_is_told() -> None:
    model = tree(
        {
            "manifest.json": manifest(A=stack("A.template.json"), B=stack("B.template.json")),
            "A.template.json": template(),
        }
    )
    message = "names B.template.json, which is not among the inputs"
    assert {"manifest.json": message} == noted(model)
    assert ["Films"] == [b.at.key for b in model.buckets]


def test_a_manifest_reads_nothing_outside_of_the_inputs() -> None:
    model = tree(
        {
            "cdk.out/manifest.json": manifest(A=stack("../../etc/passwd"), B=stack("/etc/passwd")),
        }
    )
    assert () == model.buckets
    assert 1 == len(noted(model))


def test_stages_are_assemblies_of_their_own() -> None:
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}
    model = tree(
        {
            "cdk.out/manifest.json": manifest(Prod=stage),
            "cdk.out/assembly-Prod/manifest.json": manifest(Films=stack("F.template.json")),
            "cdk.out/assembly-Prod/F.template.json": template(),
            "cdk.out/assembly-Gone/manifest.json": manifest(Films=stack("F.template.json")),
            "cdk.out/assembly-Gone/F.template.json": template("Gone"),
        }
    )
    assert ("111111111111", "us-east-1") == place(bucket(model, "Films"))
    assert ["Films"] == [b.at.key for b in model.buckets]
    assert {"cdk.out/assembly-Gone/manifest.json", "cdk.out/assembly-Gone/F.template.json"} == set(
        noted(model)
    )


def nested(asset: str) -> Any:
    return {
        "Resources": {
            "Nested": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": {"Fn::Sub": "https://s3.${AWS::URLSuffix}/x.json"},
                    "Parameters": {"Name": "acme-films"},
                },
                "Metadata": {"aws:asset:path": asset},
            }
        }
    }


@pytest.mark.parametrize("folder", ["cdk.out", "cdk.out/assembly-Prod"])
def test_nested_stacks_are_found_by_their_asset(folder: str) -> None:
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}
    model = tree(
        {
            "cdk.out/manifest.json": manifest(Prod=stage),
            "cdk.out/assembly-Prod/manifest.json": manifest(App=stack("App.template.json")),
            "cdk.out/assembly-Prod/App.template.json": nested("N.nested.template.json"),
            f"{folder}/N.nested.template.json": {
                "Parameters": {"Name": {"Type": "String"}},
                **template(BucketName={"Ref": "Name"}),
            },
        }
    )
    assert ["acme-films"] == [plain(b.name) for b in model.buckets]
    assert ("111111111111", "us-east-1") == place(bucket(model, "Films"))
    assert {} == noted(model)


def with_path(path: str) -> Any:
    found = template()
    found["Resources"]["Films"]["Metadata"] = {"aws:cdk:path": path}
    return found


METADATA = {
    "/App/Films/Resource": [{"type": "aws:cdk:logicalId", "data": "Films"}],
    "/App/Films": [{"type": "aws:cdk:warning", "data": "be careful"}],
}


@pytest.mark.parametrize(
    ("artifact", "beside", "text"),
    [
        ({}, {}, with_path("App/Films/Resource")),
        ({"metadata": METADATA}, {}, template()),
        (
            {"additionalMetadataFile": "App.metadata.json"},
            {"cdk.out/App.metadata.json": METADATA},
            template(),
        ),
    ],
    ids=["in the template", "in the manifest", "in a file"],
)
def test_a_resource_is_called_by_its_construct(artifact: Any, beside: Any, text: Any) -> None:
    model = tree(
        {
            "cdk.out/manifest.json": manifest(App=stack("App.template.json", **artifact)),
            "cdk.out/App.template.json": text,
            **beside,
        }
    )
    found = bucket(model, "Films")
    assert "${App/Films}" == plain(found.name)
    assert "App/Films/Resource" == (found.at / "Properties" / "Tags").construct


def test_a_logical_id_of_two_constructs_is_called_by_itself() -> None:
    metadata = {
        "/App/Films/Resource": [{"type": "aws:cdk:logicalId", "data": "Films"}],
        "/App/Nested/Films/Resource": [{"type": "aws:cdk:logicalId", "data": "Films"}],
    }
    model = tree(
        {
            "manifest.json": manifest(App=stack("App.template.json", metadata=metadata)),
            "App.template.json": template(),
        }
    )
    assert "${Films}" == plain(bucket(model, "Films").name)


MISSING = [
    {"key": "ssm:x", "provider": "ssm", "props": {"parameterName": "/films/name"}},
    {"key": "key-provider:y", "provider": "key-provider", "props": {"aliasName": "alias/y"}},
    {"key": "vpc-provider:z", "provider": "vpc-provider", "props": {}},
]


def test_what_was_not_looked_up_is_open() -> None:
    key = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    text = template(
        BucketName="x-dummy-value-for-/films/name",
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": encryption}]
        },
        VersioningConfiguration={"Status": "Enabled"},
    )
    model = tree(
        {
            "manifest.json": {**manifest(App=stack("App.template.json")), "missing": MISSING},
            "App.template.json": text,
        }
    )
    assert "x-${ssm:x}" == plain(bucket(model, "Films").name)
    assert "Enabled" == field(model, "Films", "versioning")
    written = plain(bucket(model, "Films").fields["encryption"])["Rules"][0]
    assert (
        "arn:aws:kms:us-east-1:111111111111:key/${key-provider:y}"
        == written["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    )
    assert any("did not look up" in assumption for assumption in model.assumptions)


@pytest.mark.parametrize(
    "written",
    [
        {"Fn::Sub": "${AWS::Region}-dummy-value-for-/films/name-${AWS::AccountId}"},
        {
            "Fn::Join": [
                "-",
                [{"Ref": "AWS::Region"}, "dummy-value-for-/films/name", {"Ref": "AWS::AccountId"}],
            ]
        },
    ],
)
def test_what_was_not_looked_up_is_open_within_functions(written: Any) -> None:
    text = {
        "Parameters": {"P": {"Type": "String", "Default": "dummy-value-for-/films/name"}},
        "Mappings": {"M": {"a": {"b": "dummy-value-for-/films/name"}}},
        **template(BucketName=written),
    }
    model = tree(
        {
            "manifest.json": {**manifest(App=stack("App.template.json")), "missing": MISSING},
            "App.template.json": text,
        }
    )
    assert "us-east-1-${ssm:x}-111111111111" == plain(bucket(model, "Films").name)
    assert () == model.problems


def test_texts_like_dummies_are_what_they_are_where_nothing_is_missing() -> None:
    model = tree(
        {
            "manifest.json": manifest(App=stack("App.template.json")),
            "App.template.json": template(BucketName="x-dummy-value-for-films"),
        }
    )
    assert "x-dummy-value-for-films" == plain(bucket(model, "Films").name)
    assert () == model.assumptions


KEY = "/cdk/exports/Reader/WriterFnGetAttFilmsArn"


def writer(environment: str, region: str, name: str) -> tuple[Any, Any]:
    """Return a stack that writes the name of a bucket for readers of a Region."""
    text = {
        "Resources": {
            "Writer": {
                "Type": "Custom::CrossRegionExportWriter",
                "Properties": {"WriterProps": {"region": region, "exports": {KEY: name}}},
            }
        }
    }
    return stack(f"{name}.template.json", environment), text


def test_readers_read_what_was_written_in_their_account_for_their_region() -> None:
    reader = {
        "Resources": {
            "Reader": {
                "Type": "Custom::CrossRegionExportReader",
                "Properties": {
                    "ReaderProps": {"region": "us-east-1", "imports": {KEY: "{{resolve:ssm:x}}"}}
                },
            },
            "Films": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": {"Fn::GetAtt": ["Reader", KEY]}},
            },
        }
    }
    mine = writer("aws://111111111111/eu-west-1", "us-east-1", "mine")
    others = writer("aws://222222222222/eu-west-1", "us-east-1", "others")
    elsewhere = writer("aws://111111111111/eu-west-2", "ap-south-1", "elsewhere")
    model = tree(
        {
            "manifest.json": manifest(
                A=mine[0], B=others[0], C=elsewhere[0], D=stack("Reader.template.json")
            ),
            "mine.template.json": mine[1],
            "others.template.json": others[1],
            "elsewhere.template.json": elsewhere[1],
            "Reader.template.json": reader,
        }
    )
    assert "mine" == plain(bucket(model, "Films").name)


@pytest.mark.parametrize(
    ("role", "meant"),
    [
        (None, "of-one"),
        ("arn:aws:iam::222222222222:role/read", "of-two"),
        ("arn:aws:iam::333333333333:role/read", "output Name of stack films"),
    ],
)
def test_outputs_are_those_of_the_account_of_the_role(role: str | None, meant: str) -> None:
    asked = {"StackName": "films", "OutputName": "Name", "Region": "eu-west-1"}
    name = {"Fn::GetStackOutput": {**asked, **({} if role is None else {"RoleArn": role})}}

    def films(account: str) -> Any:
        return stack(
            f"{account}.json", f"aws://{account}/eu-west-1", properties={"stackName": "films"}
        )

    def outputs(value: str) -> Any:
        return {**template(f"Of{value[-3:]}"), "Outputs": {"Name": {"Value": value}}}

    model = tree(
        {
            "manifest.json": manifest(
                One=films("111111111111"), Two=films("222222222222"), Reader=stack("Reader.json")
            ),
            "111111111111.json": outputs("of-one"),
            "222222222222.json": outputs("of-two"),
            "Reader.json": template(BucketName=name),
        }
    )
    assert meant == plain(bucket(model, "Films").name)
