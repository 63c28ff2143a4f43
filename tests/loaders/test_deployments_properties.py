"""Files beside templates, damaged anywhere: they are read as far as they go."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crrlint.documents.source import Document
from crrlint.loaders import recognise
from crrlint.loaders.cloudformation import load
from crrlint.model.bindings import Bindings

ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/films/1a2b"
LOGICAL = {"type": "aws:cdk:logicalId", "data": "Films"}

FILES: dict[str, Any] = {
    "manifest.json": {
        "version": "55.0.0",
        "artifacts": {
            "App": {
                "type": "aws:cloudformation:stack",
                "environment": "aws://111111111111/eu-west-1",
                "properties": {
                    "templateFile": "App.template.json",
                    "stackName": "films",
                    "parameters": {"Env": "prod"},
                },
                "metadata": {"/App/Films/Resource": [LOGICAL]},
                "additionalMetadataFile": "App.metadata.json",
                "displayName": "App",
            },
            "Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "stage"}},
        },
        "missing": [{"key": "k", "provider": "ssm", "props": {"parameterName": "/x"}}],
    },
    "App.metadata.json": {"/App/Copy/Resource": [{"type": "aws:cdk:logicalId", "data": "Copy"}]},
    "stage/manifest.json": {
        "version": "1",
        "artifacts": {
            "In": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}
        },
    },
    "stage/t.json": {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}},
    "App.template.json": {
        "Parameters": {"Env": {"Type": "String"}},
        "Resources": {
            "Films": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": "dummy-value-for-/x"},
                "Metadata": {"aws:cdk:path": "App/Films/Resource"},
            },
            "Nested": {
                "Type": "AWS::CloudFormation::Stack",
                "Metadata": {"aws:asset:path": "n.json"},
                "Properties": {"Parameters": {"Env": {"Ref": "Env"}}},
            },
            "Set": {
                "Type": "AWS::CloudFormation::StackSet",
                "Properties": {
                    "StackSetName": "films",
                    "TemplateBody": '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}',
                    "StackInstancesGroup": [
                        {
                            "DeploymentTargets": {
                                "OrganizationalUnitIds": ["ou-1"],
                                "Accounts": ["111111111111"],
                                "AccountFilterType": "UNION",
                            },
                            "Regions": ["eu-west-1"],
                        }
                    ],
                },
            },
        },
        "Outputs": {"Films": {"Value": {"Ref": "Films"}}},
    },
    "n.json": {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}},
    "App.params.json": [{"ParameterKey": "Env", "ParameterValue": "a", "UsePreviousValue": False}],
    "App.config.json": {"Parameters": {"Env": "prod"}, "Tags": {}},
    "sync.json": {"template-file-path": "App.template.json", "parameters": {"Env": "x"}},
    "samconfig.toml": {
        "version": 0.1,
        "default": {
            "deploy": {
                "parameters": {
                    "stack_name": "a",
                    "template": "App.template.json",
                    "parameter_overrides": "Env=x",
                }
            }
        },
    },
    "config/config.json": {"project_code": "a", "region": "eu-west-1"},
    "config/films.json": {"template": {"path": "../App.template.json"}, "parameters": {"Env": 1}},
    "taskcat.json": {
        "project": {"regions": ["eu-west-1"], "parameters": {"Env": "x"}},
        "tests": {"t": {"template": "App.template.json", "regions": ["eu-west-2"]}},
    },
    "stacks.json": {
        "Stacks": [
            {
                "StackName": "films",
                "StackId": ARN,
                "Parameters": [{"ParameterKey": "Env", "ParameterValue": "x"}],
                "Outputs": [{"OutputKey": "Films", "OutputValue": "f", "ExportName": "f"}],
            }
        ]
    },
    "resources.json": {
        "StackResources": [
            {
                "StackId": ARN,
                "StackName": "films",
                "LogicalResourceId": "Films",
                "PhysicalResourceId": "films-1a",
                "ResourceType": "AWS::S3::Bucket",
            }
        ]
    },
    "exports.json": {"Exports": [{"ExportingStackId": ARN, "Name": "f", "Value": "x"}]},
    "instances.json": {
        "Summaries": [
            {
                "StackSetId": "films:1",
                "Account": "111111111111",
                "Region": "eu-west-1",
                "StackId": ARN,
            }
        ]
    },
}


def ways(data: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if above:
        yield above
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from ways(value, (*above, key))
        else:
            yield (*above, key)


DAMAGE = [(path, way) for path, data in FILES.items() for way in ways(data)]
JUNK: tuple[Any, ...] = (
    None,
    True,
    1,
    "",
    "x",
    "{{y}}",
    "../../x",
    [],
    [None],
    [[]],
    {},
    {"a": {}},
    {"Ref": "X"},
)


@given(
    st.lists(st.tuples(st.sampled_from(DAMAGE), st.sampled_from(JUNK)), min_size=1, max_size=4),
    st.sets(st.sampled_from(sorted(FILES))),
)
def test_damage_is_survived(damage: list[Any], without: set[str]) -> None:
    files = copy.deepcopy({path: data for path, data in FILES.items() if path not in without})
    for (path, way), junk in damage:
        hurt(files, (path, *way), copy.deepcopy(junk))
    documents = [Document(path, "", "json", data) for path, data in files.items()]
    found = [(document, recognise(document, Bindings())) for document in documents]
    model = load([d for d, r in found if r and r.loader == "cloudformation"], Bindings())
    assert all(problem.path in FILES for problem in (*model.problems, *model.left_out))


def hurt(at: Any, way: tuple[Any, ...], junk: Any) -> None:
    """Put junk where the way leads to, as far as earlier damage left it."""
    for depth, key in enumerate(way):
        there = isinstance(at, dict) and key in at
        if not there and not (isinstance(at, list) and key in range(len(at))):
            return
        if depth == len(way) - 1:
            at[key] = junk
        at = at[key]
