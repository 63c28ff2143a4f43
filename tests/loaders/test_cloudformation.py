"""Templates as facts: buckets, roles, keys, and stacks that refer to each other."""

from __future__ import annotations

from typing import Any

import pytest

from crrlint.documents.source import Node
from crrlint.loaders import is_template
from crrlint.loaders.cloudformation import nesting
from crrlint.model import Model
from crrlint.model.bindings import Bindings, Deployment
from crrlint.values import OneOf, same
from tests.loaders.cloudformation.reading import bucket, field, plain, read

SSE_S3 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def of_bucket(properties: str) -> Model:
    return read(t=f"Resources: {{B: {{Type: AWS::S3::Bucket, Properties: {properties}}}}}")


WRITTEN = [
    # property, what is written, field of the model, what it says
    ("VersioningConfiguration", "{Status: Suspended}", "versioning", "Suspended"),
    ("VersioningConfiguration", "", "versioning", None),
    (
        "ReplicationConfiguration",
        "{Role: r, Rules: [{Id: x, Priority: '1', Filter: {And: {Prefix: 1, TagFilters: "
        "[{Key: k, Value: 7}]}}, Destination: {Account: 111122223333}, Extra: true}]}",
        "replication",
        {
            "Role": "r",
            "Rules": [
                {
                    "ID": "x",
                    "Priority": 1,
                    "Filter": {"And": {"Prefix": "1", "Tags": [{"Key": "k", "Value": "7"}]}},
                    "Destination": {"Account": "111122223333"},
                    "Extra": "true",
                }
            ],
        },
    ),
    (
        "ReplicationConfiguration",
        "{Rules: [{Filter: {TagFilter: {Key: k, Value: v}}}]}",
        "replication",
        {"Rules": [{"Filter": {"Tag": {"Key": "k", "Value": "v"}}}]},
    ),
    (
        "BucketEncryption",
        "{ServerSideEncryptionConfiguration: [{BucketKeyEnabled: 'true', "
        "ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: k}}]}",
        "encryption",
        {
            "Rules": [
                {
                    "BucketKeyEnabled": True,
                    "ApplyServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": "k",
                    },
                }
            ]
        },
    ),
    (
        "OwnershipControls",
        "{Rules: [{ObjectOwnership: ObjectWriter}]}",
        "ownership",
        "ObjectWriter",
    ),
    ("AccessControl", "BucketOwnerFullControl", "acl", {"Canned": "bucket-owner-full-control"}),
    (
        "PublicAccessBlockConfiguration",
        "{BlockPublicAcls: 'true', BlockPublicPolicy: false}",
        "public_access_block",
        {**dict.fromkeys(ALL_BLOCKED, False), "BlockPublicAcls": True},
    ),
    ("ObjectLockEnabled", "'true'", "object_lock", {"ObjectLockEnabled": "Enabled"}),
    ("ObjectLockEnabled", "false", "object_lock", None),
    (
        "ObjectLockConfiguration",
        "{ObjectLockEnabled: Enabled, Rule: {DefaultRetention: {Mode: GOVERNANCE, Days: '3'}}}",
        "object_lock",
        {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}},
        },
    ),
    (
        "LifecycleConfiguration",
        "{Rules: [{Id: a, Status: Enabled, ExpirationInDays: 9, NoncurrentVersionExpirationInDays: "
        "2, TagFilters: [{Key: k, Value: v}], Prefix: p, Transitions: [{TransitionInDays: 1, "
        "StorageClass: GLACIER}]}]}",
        "lifecycle",
        {
            "Rules": [
                {
                    "ID": "a",
                    "Status": "Enabled",
                    "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
                    "Expiration": {"Days": 9},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 2},
                    "Filter": {"And": {"Prefix": "p", "Tags": [{"Key": "k", "Value": "v"}]}},
                }
            ]
        },
    ),
    ("Tags", "[{Key: team, Value: a}, {Key: 2, Value: b}]", "tags", {"team": "a", "2": "b"}),
]


@pytest.mark.parametrize(("name", "written", "which", "meant"), WRITTEN)
def test_a_property_has_the_shape_of_the_api(
    name: str, written: str, which: str, meant: Any
) -> None:
    model = of_bucket(f"{{{name}: {written}}}")

    assert meant == field(model, "B", which)
    assert model.problems == ()


ABSENT = [
    ("versioning", None),
    ("replication", None),
    ("encryption", SSE_S3),
    ("object_lock", None),
    ("lifecycle", None),
    ("tags", {}),
    ("kind", "general"),
    ("account", "${AWS::AccountId}"),
    ("region", "${AWS::Region}"),
]


@pytest.mark.parametrize(("which", "meant"), ABSENT)
def test_absence_says_what_a_new_bucket_has(which: str, meant: Any) -> None:
    assert meant == field(of_bucket("{}"), "B", which)


def test_what_another_file_may_say_is_no_statement() -> None:
    facts = bucket(of_bucket("{}"), "B")

    assert {name: plain(node) for name, node in facts.otherwise.items()} == {
        "policy": None,
        "request_payer": "BucketOwner",
        "ownership": "BucketOwnerEnforced",
        "acl": {"Canned": "private"},
        "public_access_block": ALL_BLOCKED,
    }


NAMES = [
    ("{BucketName: given}", "given"),
    ("{}", "${B}"),
    (
        "{BucketNamePrefix: app, BucketNamespace: account-regional}",
        "app-${AWS::AccountId}-${AWS::Region}-an",
    ),
]


@pytest.mark.parametrize(("properties", "name"), NAMES)
def test_a_bucket_has_its_name(properties: str, name: str) -> None:
    assert name == plain(bucket(of_bucket(properties), "B").name)


def test_generated_names_of_two_buckets_differ() -> None:
    model = read(t="Resources: {A: {Type: AWS::S3::Bucket}, B: {Type: AWS::S3::Bucket}}")

    assert bucket(model, "A").name != bucket(model, "B").name


def test_parameters_that_name_two_buckets_differ() -> None:
    template = """
    Parameters: {One: {Type: String}, Two: {Type: String}, Three: {Type: String}}
    Resources:
      A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref One}}
      B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Two}}
      C: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Three}"}}
    """
    model = read(t=template)
    first, second, third = (facts.name for facts in model.buckets)

    assert first != second
    assert same(first, third) is None


WRONG = [
    ("VersioningConfiguration", "Enabled", "VersioningConfiguration is not a mapping"),
    ("BucketEncryption", "[AES256]", "BucketEncryption is not a mapping"),
    ("OwnershipControls", "x", "OwnershipControls is not a mapping"),
    ("PublicAccessBlockConfiguration", "true", "PublicAccessBlockConfiguration is not a mapping"),
    ("LifecycleConfiguration", "x", "LifecycleConfiguration is not a mapping"),
    ("ReplicationConfiguration", "x", "ReplicationConfiguration is not a mapping"),
]


@pytest.mark.parametrize(("name", "written", "message"), WRONG)
def test_a_property_of_a_wrong_kind_is_reported(name: str, written: str, message: str) -> None:
    assert [message] == [p.message for p in of_bucket(f"{{{name}: {written}}}").problems]


POLICIES = [
    ("{Statement: [{Effect: Allow}]}", {"Statement": [{"Effect": "Allow"}]}),
    ("'{\"Statement\": []}'", {"Statement": []}),
    ("""!Sub '{"Resource": "${B.Arn}/*"}'""", {"Resource": "arn:aws:s3:::${B}/*"}),
    ("!ToJsonString {Resource: !GetAtt B.Arn}", {"Resource": "arn:aws:s3:::${B}"}),
    ("not json", "? the policy is not JSON"),
]


@pytest.mark.parametrize(("written", "meant"), POLICIES)
def test_a_bucket_policy_speaks_of_its_bucket(written: str, meant: Any) -> None:
    model = read(
        t=f"""
        Resources:
          B: {{Type: AWS::S3::Bucket}}
          P:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: !Ref B
              PolicyDocument: {written}
        """
    )
    declared, policy = model.buckets

    assert declared.name == policy.name
    assert not policy.declared
    assert meant == plain(policy.fields["policy"])


ROLE = """
Parameters:
  RoleArn: {Type: String}
  Roles: {Type: CommaDelimitedList}
  Stage: {Type: String}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: crr
      Path: /s3/
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow}]}
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/Other', !Ref M]
      Policies:
        - {PolicyName: p, PolicyDocument: {Statement: []}}
        - !If [Prod, {PolicyName: q, PolicyDocument: {Statement: []}}, !Ref 'AWS::NoValue']
  M:
    Type: AWS::IAM::ManagedPolicy
    Properties: {ManagedPolicyName: m, PolicyDocument: {Statement: []}, Roles: [other]}
"""


def test_a_role_carries_its_policies() -> None:
    model = read(Bindings(account="111122223333"), t=ROLE)
    role = model.roles[0]

    assert role.declared
    assert role.complete
    assert (role.name, role.arn) == ("crr", "arn:aws:iam::111122223333:role/s3/crr")
    assert plain(role.trust) == {"Statement": [{"Effect": "Allow"}]}
    assert plain(role.boundary) is None
    assert [policy.name for policy in role.policies] == ["p", "q"]
    assert [policy.exists is True for policy in role.policies] == [True, False]
    managed = "arn:aws:iam::111122223333:policy/m"
    assert [plain(arn) for arn in role.attached] == ["arn:aws:iam::aws:policy/Other", managed]


def test_a_managed_policy_is_known_by_its_arn_and_put_on_its_roles() -> None:
    model = read(Bindings(account="111122223333"), t=ROLE)

    assert [policy.arn for policy in model.policies] == ["arn:aws:iam::111122223333:policy/m"]
    assert model.roles[1].name == "other"
    assert [plain(arn) for arn in model.roles[1].attached] == [model.policies[0].arn]


ON_ROLES = [
    ("[!Ref R]", ["crr"]),
    ("[a, b]", ["a", "b"]),
    ("[!Select [2, !Split [/, !GetAtt R.Arn]]]", ["crr"]),
    ("[!Select [1, !Split [/, !Select [5, !Split [':', !Ref RoleArn]]]]]", ["${RoleArn}"]),
    ("!Ref Roles", ["? which roles the policy is for is not known"]),
    ("!If [Prod, [a], [b]]", ["a", "b"]),
    ("[!If [Prod, a, !Ref 'AWS::NoValue']]", ["a"]),
]


@pytest.mark.parametrize(("written", "names"), ON_ROLES)
def test_an_inline_policy_is_put_on_roles_by_name(written: str, names: list[str]) -> None:
    policy = f"""
  P:
    Type: AWS::IAM::Policy
    Properties: {{PolicyName: x, PolicyDocument: {{Statement: []}}, Roles: {written}}}
"""
    model = read(Bindings(account="111122223333"), t=ROLE + policy)
    roles = [role for role in model.roles if role.at.key == "P"]

    assert names == [plain(role.name) for role in roles]
    assert all(len(role.policies) == 1 for role in roles)
    if "If" in written:
        assert all(isinstance(role.exists, OneOf) for role in roles)


def test_the_name_cut_out_of_a_role_arn_is_what_the_arn_is_linked_by() -> None:
    from crrlint.model.arn import parse_arn

    template = """
    Parameters: {RoleArn: {Type: String}}
    Resources:
      B:
        Type: AWS::S3::Bucket
        Properties: {ReplicationConfiguration: {Role: !Ref RoleArn}}
      P:
        Type: AWS::IAM::Policy
        Properties:
          PolicyName: x
          PolicyDocument: {Statement: []}
          Roles: [!Select [1, !Split [/, !Select [5, !Split [':', !Ref RoleArn]]]]]
    """
    model = read(t=template)
    fields = parse_arn(bucket(model, "B").fields["replication"].leaf("Role"))

    assert fields is not None
    assert fields.resource == model.roles[0].name


KEYS = [
    ("{}", "state", "Enabled"),
    ("{Enabled: 'false'}", "state", "Disabled"),
    ("{}", "spec", "SYMMETRIC_DEFAULT"),
    ("{KeySpec: RSA_2048}", "spec", "RSA_2048"),
    ("{}", "usage", "ENCRYPT_DECRYPT"),
    ("{MultiRegion: true}", "multi_region", True),
    ("{}", "multi_region", False),
    ("{}", "manager", "CUSTOMER"),
    ("{KeyPolicy: {Statement: []}}", "policy", {"Statement": []}),
    (
        "{}",
        "policy",
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        },
    ),
]


@pytest.mark.parametrize(("properties", "which", "meant"), KEYS)
def test_a_key_says(properties: str, which: str, meant: Any) -> None:
    template = f"Resources: {{K: {{Type: AWS::KMS::Key, Properties: {properties}}}}}"
    key = read(Bindings(account="111122223333"), t=template).keys[0]

    assert meant == plain(getattr(key, which))


def test_a_replica_key_has_the_id_of_its_primary() -> None:
    primary = """
    Resources: {K: {Type: AWS::KMS::Key, Properties: {MultiRegion: true}}}
    Outputs: {Arn: {Value: !GetAtt K.Arn, Export: {Name: key}}}
    """
    replica = """
    Parameters: {Primary: {Type: String}}
    Resources:
      R:
        Type: AWS::KMS::ReplicaKey
        Properties: {KeyPolicy: {Statement: []}, PrimaryKeyArn: !Ref Primary}
      A: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/x, TargetKeyId: !Ref R}}
    """
    given = "arn:aws:kms:us-east-1:111122223333:key/mrk-1"
    bindings = Bindings(account="111122223333", region="eu-west-1", parameters={"Primary": given})
    model = read(bindings, p=primary, r=replica)

    assert [plain(key.key_id) for key in model.keys] == ["${K}", "mrk-1"]
    assert model.keys[1].arn == "arn:aws:kms:eu-west-1:111122223333:key/mrk-1"
    assert [(alias.name, alias.target.value) for alias in model.aliases] == [("alias/x", "mrk-1")]


def test_an_organization_policy_is_read() -> None:
    template = """
    Resources:
      P:
        Type: AWS::Organizations::Policy
        Properties:
          Type: SERVICE_CONTROL_POLICY
          Content: {Statement: []}
          TargetIds: ['111122223333']
    """
    policy = read(t=template).organization[0]

    assert (policy.type, policy.targets) == ("SCP", ("111122223333",))


OTHERS = [
    ("AWS::S3Express::DirectoryBucket", "BucketName", "directory"),
    ("AWS::S3Tables::TableBucket", "TableBucketName", "table"),
    ("AWS::S3Outposts::Bucket", "BucketName", "outposts"),
]


@pytest.mark.parametrize(("type", "name", "kind"), OTHERS)
def test_a_bucket_of_another_kind_is_told_apart(type: str, name: str, kind: str) -> None:
    model = read(t=f"Resources: {{B: {{Type: {type}, Properties: {{{name}: x}}}}}}")

    assert (model.buckets[0].name, field(model, "B", "kind")) == ("x", kind)


def test_a_resource_hangs_on_its_condition() -> None:
    template = """
    Parameters: {Stage: {Type: String}}
    Conditions:
      Never: !Equals [a, b]
      Always: !Equals [a, a]
      Prod: !Equals [!Ref Stage, prod]
    Resources:
      A: {Type: AWS::S3::Bucket, Condition: Never}
      B: {Type: AWS::S3::Bucket, Condition: Always}
      C: {Type: AWS::S3::Bucket, Condition: Prod}
    """
    model = read(t=template)

    assert [facts.at.key for facts in model.buckets] == ["B", "C"]
    assert bucket(model, "B").exists is True
    assert isinstance(bucket(model, "C").exists, OneOf)


def test_a_type_that_does_not_exist_is_reported() -> None:
    model = read(t="Resources:\n  R:\n    Type: AWS::S3::BucketReplicationConfiguration\n")

    assert [(p.line, p.message[:47]) for p in model.problems] == [
        (3, "type AWS::S3::BucketReplicationConfiguration do")
    ]


def test_serverless_resources_are_passed_over() -> None:
    template = """
    Transform: AWS::Serverless-2016-10-31
    Resources:
      F: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt FRole.Arn}}
      B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "b-${FRole}"}}
    """
    model = read(t=template)

    assert model.problems == ()
    assert [plain(facts.name) for facts in model.buckets] == ["b-${FRole}"]


EXPORTER = """
Resources: {Dst: {Type: AWS::S3::Bucket}}
Outputs:
  Arn: {Value: !GetAtt Dst.Arn, Export: {Name: !Sub "${AWS::Region}-dst"}}
"""
IMPORTER = """
Resources:
  Src:
    Type: AWS::S3::Bucket
    Properties:
      ReplicationConfiguration:
        Rules: [{Destination: {Bucket: !ImportValue {'Fn::Sub': '${AWS::Region}-dst'}}}]
"""


def destination(model: Model) -> Any:
    rules = bucket(model, "Src").fields["replication"].get("Rules")
    assert rules is not None
    return plain(rules.items()[0].leaf("Destination", "Bucket"))


def test_an_import_is_what_the_other_template_exports() -> None:
    assert destination(read(src=IMPORTER, dst=EXPORTER)) == "arn:aws:s3:::${Dst}"


def test_an_import_proves_both_stacks_to_be_in_one_place() -> None:
    model = read(src=IMPORTER, dst=EXPORTER)
    source, replica = bucket(model, "Src"), bucket(model, "Dst")

    assert source.fields["region"].value == replica.fields["region"].value
    assert source.fields["account"].value == replica.fields["account"].value


def test_a_region_that_is_bound_for_one_stack_holds_for_those_that_import_from_it() -> None:
    bindings = Bindings((Deployment("dst.yaml", "111122223333", "eu-west-1"),))
    model = read(bindings, src=IMPORTER, dst=EXPORTER)

    assert (field(model, "Src", "region"), field(model, "Src", "account")) == (
        "eu-west-1",
        "111122223333",
    )


UNRESOLVED = [
    {"src": IMPORTER},
    {"src": IMPORTER, "dst": EXPORTER, "also": EXPORTER},
]


@pytest.mark.parametrize("texts", UNRESOLVED)
def test_an_import_without_one_export_stays_open(texts: dict[str, str]) -> None:
    assert destination(read(None, **texts)) == "export ${AWS::Region}-dst"


def test_an_import_is_not_satisfied_from_another_region() -> None:
    bindings = Bindings(
        (
            Deployment("dst.yaml", "111122223333", "eu-west-1"),
            Deployment("src.yaml", "111122223333", "us-east-1"),
        )
    )

    assert destination(read(bindings, src=IMPORTER, dst=EXPORTER)) == "export us-east-1-dst"


def test_two_stacks_of_the_exporter_serve_each_its_own_region() -> None:
    bindings = Bindings(
        tuple(
            Deployment(f"{name}.yaml", "111122223333", region)
            for name in ("src", "dst")
            for region in ("us-east-1", "eu-west-1")
        )
    )
    model = read(bindings, src=IMPORTER, dst=EXPORTER)
    sources = [facts for facts in model.buckets if facts.at.key == "Src"]
    replicas = [facts for facts in model.buckets if facts.at.key == "Dst"]

    for source, replica in zip(sources, replicas, strict=True):
        rules = source.fields["replication"].get("Rules")
        assert rules is not None
        arn = rules.items()[0].leaf("Destination", "Bucket")
        assert arn.symbols == replica.name.symbols  # type: ignore[union-attr]


def test_the_output_of_a_named_stack_is_found_in_its_region() -> None:
    importer = IMPORTER.replace(
        "!ImportValue {'Fn::Sub': '${AWS::Region}-dst'}",
        "{'Fn::GetStackOutput': {StackName: D, OutputName: Arn, Region: us-west-2}}",
    )
    here = Deployment("src.yaml", "111122223333", "eu-west-1", "S")
    there = Deployment("dst.yaml", "111122223333", "us-west-2", "D")
    elsewhere = Deployment("dst.yaml", "111122223333", "us-east-1", "D")

    found = read(Bindings((here, there, elsewhere)), src=importer, dst=EXPORTER)
    missing = read(Bindings((here, elsewhere)), src=importer, dst=EXPORTER)

    assert destination(found) == "arn:aws:s3:::${Dst}"
    assert destination(missing) == "output Arn of stack D"


def test_the_cdk_writes_references_over_regions() -> None:
    writer = """
    Resources:
      Dst: {Type: AWS::S3::Bucket}
      W:
        Type: Custom::CrossRegionExportWriter
        Properties:
          WriterProps: {region: eu-west-1, exports: {/cdk/exports/S/Arn: !GetAtt Dst.Arn}}
    """
    reader = """
    Resources:
      Src:
        Type: AWS::S3::Bucket
        Properties:
          ReplicationConfiguration:
            Rules: [{Destination: {Bucket: !GetAtt [R, /cdk/exports/S/Arn]}}]
      R:
        Type: Custom::CrossRegionExportReader
        Properties:
          ReaderProps: {region: eu-west-1, imports: {/cdk/exports/S/Arn: x}}
    """
    model = read(src=reader, dst=writer)

    assert destination(model) == "arn:aws:s3:::${Dst}"
    assert field(model, "Src", "region") == "eu-west-1"
    assert field(model, "Src", "account") == field(model, "Dst", "account")


PARENT = """
Parameters: {Stage: {Type: String}}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Condition: Prod
    Properties:
      TemplateURL: ./child.yaml
      Parameters: {Name: !Sub "dst-${AWS::Region}", Many: !Join [',', [a, b]]}
  Src:
    Type: AWS::S3::Bucket
    Properties:
      ReplicationConfiguration:
        Rules: [{Destination: {Bucket: !GetAtt Nested.Outputs.Arn}}]
"""
CHILD = """
Parameters: {Name: {Type: String}, Many: {Type: CommaDelimitedList}}
Resources:
  Dst:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub ['${Name}-${X}', {X: !Select [1, !Ref Many]}]}
Outputs: {Arn: {Value: !GetAtt Dst.Arn}}
"""


def test_a_nested_stack_gets_its_parameters_and_gives_its_outputs() -> None:
    model = read(Bindings(region="eu-west-1"), parent=PARENT, child=CHILD)

    assert destination(model) == "arn:aws:s3:::dst-eu-west-1-b"
    assert [facts.at.key for facts in model.buckets] == ["Src", "Dst"]
    assert isinstance(bucket(model, "Dst").exists, OneOf)
    assert field(model, "Src", "account") == field(model, "Dst", "account")


def test_a_remote_nested_stack_stays_open() -> None:
    model = read(parent=PARENT.replace("./child.yaml", "https://b.s3.amazonaws.com/child.yaml"))

    assert destination(model) == "${Nested.Outputs.Arn}"


def test_a_nested_stack_without_the_output_is_reported() -> None:
    model = read(parent=PARENT.replace("Outputs.Arn", "Outputs.Other"), child=CHILD)

    assert [p.message for p in model.problems] == ["nested stack Nested has no output Other"]


BUCKET = "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: acme-good}}}"


def test_a_template_nested_in_itself_is_reported() -> None:
    model = read(parent=PARENT, child=PARENT.replace("./child.yaml", "parent.yaml"))

    assert "stack Nested is made of a template that it is nested in" in [
        problem.message for problem in model.problems
    ]


def test_stacks_that_make_two_each_are_made_within_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nesting, "MAX_STACKS", 100)
    made = "Resources:\n" + "".join(
        f"  {name}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: ./%s.yaml}}}}\n"
        for name in ("One", "Two")
    )
    texts = {f"t{level}": made.replace("%s", f"t{level + 1}") for level in range(40)}
    texts |= {"t40": "Resources: {}", "good": BUCKET}
    model = read(None, **texts)

    [problem] = model.problems
    assert "is one of more than 100, and left out" in problem.message
    assert ["acme-good"] == [fact.name for fact in model.buckets]


def test_a_stack_set_makes_a_stack_for_each_account_and_region() -> None:
    template = """
    Resources:
      Set:
        Type: AWS::CloudFormation::StackSet
        Properties:
          TemplateBody: |
            Resources:
              Dst: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "d-${AWS::Region}"}}
          StackInstancesGroup:
            - DeploymentTargets: {Accounts: ['111122223333']}
              Regions: [eu-west-1, us-east-1]
            - DeploymentTargets: {OrganizationalUnitIds: [ou-1]}
              Regions: [us-west-2]
    """
    model = read(t=template)

    assert [facts.name for facts in model.buckets] == ["d-eu-west-1", "d-us-east-1", "d-us-west-2"]
    accounts = [plain(facts.fields["account"]) for facts in model.buckets]
    assert accounts == ["111122223333", "111122223333", "${AWS::AccountId}"]


FORMS = [
    ("BucketName: !Ref P", "P: {Type: String}", "name"),
    ("BucketName: !Sub 'x-${P}'", "P: {Type: String}", "any"),
    ("BucketName: !Sub 'x-${P}'", "P: {Type: Number}", "name"),
    ("BucketName: !Sub 'x-${P}'", "P: {Type: String, AllowedPattern: '^[a-z-]{3,9}$'}", "name"),
    ("BucketName: !Sub 'x-${P}'", "P: {Type: String, AllowedPattern: '[a-z:]+'}", "any"),
    ("BucketName: !Sub 'x-${P}'", "P: {Type: String, AllowedPattern: '[a-z]*'}", "any"),
    ("BucketName: !Sub 'x-${P}'", "P: {Type: String, AllowedPattern: '[0-9]{12}'}", "account"),
]


@pytest.mark.parametrize(("written", "parameter", "form"), FORMS)
def test_the_declaration_and_the_use_of_a_parameter_tell_its_form(
    written: str, parameter: str, form: str
) -> None:
    model = read(
        t=f"""
        Parameters: {{{parameter}}}
        Resources: {{B: {{Type: AWS::S3::Bucket, Properties: {{{written}}}}}}}
        """
    )

    assert form == bucket(model, "B").name.symbols[0].form  # type: ignore[union-attr]


def test_every_node_of_a_policy_has_the_place_where_it_was_written() -> None:
    template = """
    Resources:
      B: {Type: AWS::S3::Bucket}
      P:
        Type: AWS::S3::BucketPolicy
        Properties:
          Bucket: !Ref B
          PolicyDocument: {Statement: [{Resource: [!Sub "${B.Arn}/*"]}]}
    """
    policy = read(t=template).buckets[1].fields["policy"]
    resource = policy.get("Statement", 0, "Resource", 0)

    assert isinstance(resource, Node)
    pointer = "/Resources/P/Properties/PolicyDocument/Statement/0/Resource/0"
    assert resource.at.pointer == pointer


ODD = [
    "Resources: {}",
    "AWSTemplateFormatVersion: 2010-09-09\nResources:\n",
    "Resources: {B: null, C: [], D: {Type: 7}, E: {Type: AWS::S3::Bucket, Properties: []}}",
    "Parameters: []\nConditions: x\nMappings: y\nResources: {B: {Type: AWS::S3::Bucket}}",
    "Parameters: {P: x}\nResources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref P}}}",
    "Transform: 3\nResources: {B: {Type: AWS::S3::Bucket}}",
    "Outputs: {O: {Export: {Name: [a]}}, P: x}\nResources: {B: {Type: AWS::S3::Bucket}}",
    "Resources: {R: {Type: AWS::IAM::Role, Properties: {Policies: [x, {}], ManagedPolicyArns: 3}}}",
    "Resources: {P: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: 3, Roles: {a: b}}}}",
    "Resources: {P: {Type: AWS::S3::BucketPolicy}}",
    "Resources: {K: {Type: AWS::KMS::ReplicaKey, Properties: {PrimaryKeyArn: 3}}}",
    "Resources: {K: {Type: AWS::KMS::ReplicaKey, Properties: {PrimaryKeyArn: [3]}}}",
    "Resources: {A: {Type: AWS::KMS::Alias, Properties: {AliasName: [x]}}}",
    "Resources: {B: {Type: AWS::S3::Bucket, Properties: {Tags: [3, {Key: [x]}]}}}",
    "Resources: {B: {Type: AWS::S3::Bucket, Properties: {ReplicationConfiguration: {Rules: 3}}}}",
    "Resources: {'Fn::ForEach::X': 3, B: {Type: AWS::S3::Bucket}}",
    "Resources: {S: {Type: AWS::CloudFormation::StackSet, Properties: {TemplateBody: '{'}}}",
]


@pytest.mark.parametrize("text", ODD)
def test_an_odd_template_is_read_as_far_as_it_goes(text: str) -> None:
    repr(read(t=text))


def test_a_template_of_loops_only_is_one() -> None:
    looped = {"Fn::ForEach::Names": ["Name", ["a", "b"], {"B${Name}": {"Type": "AWS::S3::Bucket"}}]}
    assert is_template({"Resources": looped})
    assert not is_template({"Resources": {"logs": {"limits": {"cpu": 1}}}})
