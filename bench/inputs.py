"""Writes the inputs of the benchmark: templates and states of any size, always the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SOURCE_ACCOUNT, REPLICA_ACCOUNT = "111111111111", "222222222222"
SOURCE_REGION, REPLICA_REGION = "us-east-1", "eu-west-1"

CONFIGURATION = f"""\
crrlint: 1
deployments:
  - {{template: source.yaml, account: "{SOURCE_ACCOUNT}", region: {SOURCE_REGION}}}
  - {{template: replica.yaml, account: "{REPLICA_ACCOUNT}", region: {REPLICA_REGION}}}
"""

_ROUTE = """\
  Source{n}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: acme-source-{n}
      VersioningConfiguration:
        Status: Enabled
      OwnershipControls:
        Rules:
          - ObjectOwnership: BucketOwnerEnforced
      ReplicationConfiguration:
        Role: !GetAtt Role{n}.Arn
        Rules:
          - Id: everything
            Status: Enabled
            Priority: 1
            Filter:
              Prefix: ""
            DeleteMarkerReplication:
              Status: Disabled
            Destination:
              Bucket: arn:aws:s3:::acme-replica-{n}
              Metrics:
                Status: Enabled
  Role{n}:
    Type: AWS::IAM::Role
    Properties:
      RoleName: replicate-{n}
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: s3.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: replicate
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - s3:GetReplicationConfiguration
                  - s3:ListBucket
                Resource: !GetAtt Source{n}.Arn
              - Effect: Allow
                Action:
                  - s3:GetObjectVersionForReplication
                  - s3:GetObjectVersionAcl
                  - s3:GetObjectVersionTagging
                Resource: !Sub "${{Source{n}.Arn}}/*"
              - Effect: Allow
                Action:
                  - s3:ReplicateObject
                  - s3:ReplicateDelete
                  - s3:ReplicateTags
                Resource: arn:aws:s3:::acme-replica-{n}/*
"""

_REPLICA = """\
  Replica{n}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: acme-replica-{n}
      VersioningConfiguration:
        Status: Enabled
      OwnershipControls:
        Rules:
          - ObjectOwnership: BucketOwnerEnforced
  ReplicaPolicy{n}:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Replica{n}
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: arn:aws:iam::111111111111:role/replicate-{n}
            Action:
              - s3:ReplicateObject
              - s3:ReplicateDelete
            Resource: !Sub "${{Replica{n}.Arn}}/*"
          - Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource:
              - !GetAtt Replica{n}.Arn
              - !Sub "${{Replica{n}.Arn}}/*"
            Condition:
              Bool:
                aws:SecureTransport: "false"
"""

_OTHER = """\
  Queue{n}:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${{AWS::StackName}}-queue-{n}"
      VisibilityTimeout: {n}
      MessageRetentionPeriod: 1209600
      RedrivePolicy:
        deadLetterTargetArn: !Sub arn:aws:sqs:us-east-1:111111111111:dead-{n}
        maxReceiveCount: 5
      Tags:
        - Key: team
          Value: platform
        - Key: number
          Value: "{n}"
  Function{n}:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      Role: arn:aws:iam::111111111111:role/function-{n}
      Code:
        S3Bucket: acme-code
        S3Key: !Sub "function-{n}.zip"
      Environment:
        Variables:
          QUEUE: !Ref Queue{n}
          REGION: !Ref AWS::Region
      Tags:
        - Key: team
          Value: platform
"""

_HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n'


def templates(folder: Path, resources: int, routes: int) -> Path:
    """Write a template of so many resources with so many routes, and the other side's."""
    folder.mkdir(parents=True, exist_ok=True)
    others = (resources - 2 * routes) // 2
    source = _HEAD + "".join(_ROUTE.format(n=n) for n in range(routes))
    source += "".join(_OTHER.format(n=n) for n in range(others))
    replica = _HEAD + "".join(_REPLICA.format(n=n) for n in range(routes))
    (folder / "source.yaml").write_text(source)
    (folder / "replica.yaml").write_text(replica)
    (folder / "crrlint.yaml").write_text(CONFIGURATION)
    return folder


def answers(folder: Path, routes: int) -> Path:
    """Write five answers of the AWS CLI for each route, in folders named after the buckets."""
    trust = json.loads(
        _policy([{"Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}])
    )
    for n in range(routes):
        role = f"arn:aws:iam::{SOURCE_ACCOUNT}:role/replicate-{n}"
        rule = {
            "ID": "everything",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::acme-replica-{n}"},
        }
        source, replica = f"acme-source-{n}", f"acme-replica-{n}"
        facts = {"Arn": role, "RoleName": f"replicate-{n}", "AssumeRolePolicyDocument": trust}
        for bucket, call, answer in (
            (source, "replication", {"ReplicationConfiguration": {"Role": role, "Rules": [rule]}}),
            (source, "versioning", {"Status": "Enabled"}),
            (replica, "versioning", {"Status": "Enabled"}),
            (replica, "location", {"LocationConstraint": REPLICA_REGION}),
        ):
            (folder / bucket).mkdir(parents=True, exist_ok=True)
            (folder / bucket / f"get-bucket-{call}.json").write_text(json.dumps(answer, indent=4))
        (folder / source / "get-role.json").write_text(json.dumps({"Role": facts}, indent=4))
    return folder


def state(folder: Path, megabytes: float, routes: int, statements: int = 3) -> Path:
    """Write a Terraform state of about that size: some routes among many other resources.

    Each route has a role of its own, whose policy has so many statements.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resources = [r for n in range(routes) for r in _state_route(n, statements)]
    size = len(json.dumps(resources, indent=2))
    other = len(json.dumps(_other_resource(0), indent=2)) + 60
    resources += [_other_resource(n) for n in range(int((megabytes * 1e6 - size) / other))]
    data = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "00000000-0000-0000-0000-000000000000",
        "outputs": {},
        "resources": resources,
        "check_results": None,
    }
    (folder / "terraform.tfstate").write_text(json.dumps(data, indent=2))
    return folder


def _resource(type_: str, name: str, provider: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider": f'provider["registry.terraform.io/hashicorp/aws"]{provider}',
        "instances": [
            {
                "schema_version": 0,
                "attributes": attributes,
                "sensitive_attributes": [],
                "private": "bnVsbA==",
                "dependencies": [],
            }
        ],
    }


def _state_route(n: int, statements: int) -> list[dict[str, Any]]:
    source, replica = f"acme-source-{n}", f"acme-replica-{n}"
    role = f"arn:aws:iam::{SOURCE_ACCOUNT}:role/replicate-{n}"
    trust = _policy([{"Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}])
    grants = _policy(
        [
            {
                "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                "Resource": f"arn:aws:s3:::{source}",
            },
            {
                "Action": [
                    "s3:GetObjectVersionForReplication",
                    "s3:GetObjectVersionAcl",
                    "s3:GetObjectVersionTagging",
                ],
                "Resource": f"arn:aws:s3:::{source}/*",
            },
            {
                "Action": ["s3:ReplicateObject", "s3:ReplicateDelete"],
                "Resource": f"arn:aws:s3:::{replica}/*",
            },
            *(_other_statement(n, i) for i in range(statements - 3)),
        ]
    )
    rule = {
        "id": "everything",
        "priority": 1,
        "prefix": "",
        "status": "Enabled",
        "delete_marker_replication": [{"status": "Disabled"}],
        "existing_object_replication": [],
        "source_selection_criteria": [],
        "filter": [{"and": [], "prefix": "", "tag": []}],
        "destination": [
            {
                "bucket": f"arn:aws:s3:::{replica}",
                "account": "",
                "storage_class": "",
                "access_control_translation": [],
                "encryption_configuration": [],
                "metrics": [{"status": "Enabled", "event_threshold": []}],
                "replication_time": [],
            }
        ],
    }
    versioned = [{"mfa_delete": "", "status": "Enabled"}]
    return [
        _bucket(f"source_{n}", source, SOURCE_REGION, ""),
        _bucket(f"replica_{n}", replica, REPLICA_REGION, ".replica"),
        _resource(
            "aws_s3_bucket_versioning",
            f"source_{n}",
            "",
            {"bucket": source, "id": source, "versioning_configuration": versioned},
        ),
        _resource(
            "aws_s3_bucket_versioning",
            f"replica_{n}",
            ".replica",
            {"bucket": replica, "id": replica, "versioning_configuration": versioned},
        ),
        _resource(
            "aws_iam_role",
            f"replicate_{n}",
            "",
            {
                "arn": role,
                "name": f"replicate-{n}",
                "id": f"replicate-{n}",
                "path": "/",
                "unique_id": f"AROAEXAMPLE{n:09}",
                "assume_role_policy": trust,
                "permissions_boundary": "",
                "inline_policy": [],
                "managed_policy_arns": [],
            },
        ),
        _resource(
            "aws_iam_role_policy",
            f"replicate_{n}",
            "",
            {
                "id": f"replicate-{n}:replicate",
                "name": "replicate",
                "role": f"replicate-{n}",
                "policy": grants,
            },
        ),
        _resource(
            "aws_s3_bucket_replication_configuration",
            f"replicate_{n}",
            "",
            {"bucket": source, "id": source, "role": role, "token": None, "rule": [rule]},
        ),
    ]


def _other_statement(n: int, i: int) -> dict[str, Any]:
    """Return what else a role is granted; every third statement is about S3 as well."""
    if i % 3 == 0:
        resource = f"arn:aws:s3:::acme-data-{n}-{i}/*"
        return {"Action": ["s3:GetObject*", "s3:PutObject", "s3:Replicate*"], "Resource": resource}
    service = ("sqs", "dynamodb", "logs", "kms")[i % 4]
    return {
        "Action": [f"{service}:Get*", f"{service}:List*", f"{service}:Send{i}"],
        "Resource": f"arn:aws:{service}:us-east-1:{SOURCE_ACCOUNT}:thing-{n}-{i}",
    }


def _bucket(name: str, bucket: str, region: str, provider: str) -> dict[str, Any]:
    attributes = {
        "arn": f"arn:aws:s3:::{bucket}",
        "bucket": bucket,
        "id": bucket,
        "region": region,
        "bucket_regional_domain_name": f"{bucket}.s3.{region}.amazonaws.com",
        "object_lock_enabled": False,
        "versioning": [{"enabled": True, "mfa_delete": False}],
        "server_side_encryption_configuration": [
            {
                "rule": [
                    {
                        "apply_server_side_encryption_by_default": [
                            {"kms_master_key_id": "", "sse_algorithm": "AES256"}
                        ],
                        "bucket_key_enabled": False,
                    }
                ]
            }
        ],
        "policy": "",
        "replication_configuration": [],
        "tags": {},
    }
    return _resource("aws_s3_bucket", name, provider, attributes)


def _policy(statements: list[dict[str, Any]]) -> str:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", **s} for s in statements],
    }
    return json.dumps(document)


def _other_resource(n: int) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "arn": f"arn:aws:ec2:us-east-1:111111111111:instance/i-{n:017x}",
        "id": f"i-{n:017x}",
        "ami": "ami-0123456789abcdef0",
        "instance_type": "t3.micro",
        "availability_zone": "us-east-1a",
        "private_ip": f"10.0.{n // 256 % 256}.{n % 256}",
        "security_groups": ["default", f"group-{n}"],
        "ebs_block_device": [
            {"device_name": "/dev/sdf", "encrypted": True, "volume_size": 100, "iops": 3000}
        ],
        "root_block_device": [{"device_name": "/dev/xvda", "encrypted": True, "volume_size": 8}],
        "tags": {f"tag-{i}": f"value-{n}-{i}" for i in range(20)},
        "user_data": "x" * 400,
    }
    attributes["tags_all"] = attributes["tags"]
    return _resource("aws_instance", f"host_{n}", "", attributes)
