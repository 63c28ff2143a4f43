"""What the functions, parameters and conditions of a template come to."""

from __future__ import annotations

import pytest

from crrlint.model.bindings import Bindings, Deployment
from crrlint.values import Choice, OneOf, Unknown
from crrlint.values.answers import assuming
from tests.loaders.cloudformation.reading import bucket, field, plain, read

TEMPLATE = r"""
Parameters:
  Plain: {Type: String, Default: word}
  Open: {Type: String}
  Word: {Type: String, AllowedPattern: '[a-z0-9-]+'}
  Env: {Type: String, AllowedValues: [dev, prod]}
  Tier: {Type: String, AllowedValues: [only]}
  Count: {Type: Number, Default: 3}
  Secret: {Type: String, NoEcho: true, Default: hush}
  Names: {Type: CommaDelimitedList, Default: 'a, b,c'}
  OpenNames: {Type: CommaDelimitedList}
  Stored: {Type: AWS::SSM::Parameter::Value<String>, Default: /names/dst}
  Stage: {Type: String}
Mappings:
  M: {us-east-1: {k: v1, l: [x, y]}, eu-west-1: {k: v2, l: [z]}}
  Same: {us-east-1: {k: one}, eu-west-1: {k: one}}
Conditions:
  Yes: !Equals [a, a]
  No: !Not [!Condition Yes]
  Prod: !Equals [!Ref Stage, prod]
  Test: !Equals [!Ref Stage, test]
  ProdOrTest: !Or [!Condition Prod, !Condition Test]
  Both: !And [!Condition Prod, !Condition Test]
  EnvProd: !Equals [!Ref Env, prod]
  Odd: !Equals [!Ref Open, !Ref Word]
Resources:
  Other:
    Type: AWS::S3::Bucket
  Role:
    Type: AWS::IAM::Role
    Properties: {Path: /x/, AssumeRolePolicyDocument: {Statement: []}}
  Key: {Type: AWS::KMS::Key}
  Policy: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: []}}}
  Function: {Type: AWS::Lambda::Function}
  Here:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: """

ACCOUNT = "${AWS::AccountId}"
REGION = "${AWS::Region}"

MEANT = [
    ("plain", "plain"),
    ("12345", "12345"),
    ("true", "true"),
    ("!Ref Plain", "word"),
    ("!Ref Open", "${Open}"),
    ("!Ref Env", "dev | prod"),
    ("!Ref Tier", "only"),
    ("!Ref Count", "3"),
    ("!Ref Secret", "${Secret}"),
    ("!Ref Stored", "{{resolve:ssm:/names/dst}}"),
    ("!Ref Stage", "prod | test | ${Stage}"),
    ("!Ref AWS::AccountId", ACCOUNT),
    ("!Ref AWS::Region", REGION),
    ("!Ref AWS::Partition", "aws"),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("!Ref AWS::StackName", "${AWS::StackName}"),
    ("!Ref AWS::NoValue", "${Here}"),
    ("!Ref Other", "${Other}"),
    ("!Ref Role", "${Role}"),
    ("!Ref Key", "${Key}"),
    ("!Ref Policy", f"arn:aws:iam::{ACCOUNT}:policy/${{Policy}}"),
    ("!Ref Function", "${Function}"),
    ("!GetAtt Other.Arn", "arn:aws:s3:::${Other}"),
    ("!GetAtt [Other, Arn]", "arn:aws:s3:::${Other}"),
    ("!GetAtt Other.DomainName", "${Other}.s3.amazonaws.com"),
    ("!GetAtt Role.Arn", f"arn:aws:iam::{ACCOUNT}:role/x/${{Role}}"),
    ("!GetAtt Role.RoleId", "${Role.RoleId}"),
    ("!GetAtt Key.Arn", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/${{Key}}"),
    ("!GetAtt Function.Arn", "${Function.Arn}"),
    ("!Sub '${Plain}-${!Literal}-${Open}'", "word-${Literal}-${Open}"),
    ("!Sub ['${Plain}-${X}', {X: !Ref Env}]", "word-dev | word-prod"),
    ("!Sub '${Other.Arn}/*'", "arn:aws:s3:::${Other}/*"),
    ("!Sub 'a-${AWS::Region}-b'", f"a-{REGION}-b"),
    ("!Join ['-', [a, !Ref Env, !Ref 'AWS::NoValue', c]]", "a-dev-c | a-prod-c"),
    ("!Join ['', !Ref Names]", "abc"),
    ("!Join [',', !Ref OpenNames]", "${OpenNames}"),
    ("!Join ['+', !Ref OpenNames]", "${OpenNames} joined by '+'"),
    ("!Join ['', [!If [Prod, x, !Ref 'AWS::NoValue'], y]]", "xy | y | y"),
    ("!Select [1, !Ref Names]", "b"),
    ("!Select ['1', [a, b]]", "b"),
    ("!Select [1, !Ref OpenNames]", "element 1 of ${OpenNames} at ','"),
    ("!Select [0, !Split [',', 'r1,r2']]", "r1"),
    ("!Select [5, !Split [':', !Ref Open]]", "${Open}"),
    ("!Select [5, !Split [':', !GetAtt Other.Arn]]", "${Other}"),
    ("!Select [1, !Split [/, !Select [5, !Split [':', !GetAtt Role.Arn]]]]", "x"),
    ("!Select [0, !Split ['-', !Ref Word]]", "element 0 of ${Word} at '-'"),
    ("!FindInMap [M, us-east-1, k]", "v1"),
    ("!FindInMap [M, !Ref 'AWS::Region', k]", "v1 | v2"),
    ("!FindInMap [Same, !Ref 'AWS::Region', k]", "one"),
    ("!FindInMap [M, mars, k, {DefaultValue: d}]", "d"),
    ("!FindInMap [M, mars, k]", "? mapping M.mars does not exist"),
    ("!Select [0, !FindInMap [M, !Ref 'AWS::Region', l]]", "x | z"),
    ("!If [Yes, a, b]", "a"),
    ("!If [No, a, b]", "b"),
    ("!If [Prod, a, b]", "a | b | b"),
    ("!If [ProdOrTest, a, b]", "a | a | b"),
    ("!If [Both, a, b]", "b"),
    ("!If [EnvProd, a, b]", "b | a"),
    ("!If [Odd, a, b]", "a | b"),
    ("!If [Odd, a, a]", "a"),
    ("!If [Prod, a, !Ref 'AWS::NoValue']", "a | ${Here} | ${Here}"),
    ("!If [Prod, !Ref Stage, !If [Test, !Ref Stage, c]]", "prod | test | c"),
    ("!Base64 abc", "YWJj"),
    ("!Length {Ref: Names}", "3"),
    ("!Length {Ref: OpenNames}", "length of ${OpenNames}"),
    ("!ToJsonString {a: [1, !Ref Open]}", '{"a":[1,"${Open}"]}'),
    ("!Select [1, !Cidr [10.0.0.0/16, 3, 8]]", "10.0.1.0/24"),
    ("!ImportValue abc", "export abc"),
    ("{'Fn::GetStackOutput': {StackName: s, OutputName: o}}", "output o of stack s"),
    ("{'Fn::Transform': {Name: mine}}", "? what macro mine gives is not known"),
    ("!Rain::Embed x", "? what function Fn::Rain::Embed gives is not known"),
    ("'x-{{resolve:ssm:/a/b}}-y'", "x-{{resolve:ssm:/a/b}}-y"),
    ("!Sub '{{resolve:ssm:/${Plain}/b}}'", "{{resolve:ssm:/word/b}}"),
]


@pytest.mark.parametrize(("written", "meant"), MEANT, ids=[written for written, _ in MEANT])
def test_an_expression_has_a_value(written: str, meant: str) -> None:
    model = read(t=TEMPLATE + written)

    assert meant == plain(bucket(model, "Here").name)
    assert model.problems == ()


MISTAKES = [
    ("!Ref AWS::Nonsense", "AWS::Nonsense is no pseudo parameter"),
    ("!Ref Missing", "Ref to Missing, which is neither a parameter nor a resource"),
    ("!Ref [a]", "Ref needs the name of a parameter or resource"),
    ("!GetAtt Other.Nope", "AWS::S3::Bucket has no attribute Nope"),
    ("!GetAtt Missing.Arn", "Fn::GetAtt of Missing, which is not a resource"),
    ("!GetAtt Here.Arn", "Here.Arn is defined by way of itself"),
    ("!GetAtt {a: b}", "Fn::GetAtt needs a resource and an attribute"),
    ("!Sub '${Names}'", "Fn::Sub needs text, and ${Names} is none"),
    ("!Sub [x]", "Fn::Sub needs a text, or a list of a text and a mapping"),
    ("!Join ['', abc]", "Fn::Join joins something that is not a list"),
    ("!Join ['', [[{a: b}]]]", "Fn::Join joins something that is not text"),
    ("!Join [a]", "Fn::Join needs a delimiter and a list"),
    ("!Select [9, !Ref Names]", "Fn::Select selects element 9 of a list of 3"),
    ("!Select [x, !Ref Names]", "Fn::Select has an index that is not a number"),
    ("!Select [0, x]", "Fn::Select selects from something that is not a list"),
    ("!Split ['', x]", "Fn::Split has no delimiter"),
    ("!FindInMap [M]", "Fn::FindInMap needs a mapping and two keys"),
    ("!If [a, b]", "Fn::If needs the name of a condition and two values"),
    ("!If [Nope, a, b]", "condition Nope does not exist"),
    ("!Equals [a, b]", "Fn::Equals stands outside of Conditions"),
    ("!ImportValue [a]", "Fn::ImportValue needs the name of an export"),
]


@pytest.mark.parametrize(("written", "message"), MISTAKES, ids=[w for w, _ in MISTAKES])
def test_a_mistake_is_reported_with_its_line(written: str, message: str) -> None:
    model = read(t=TEMPLATE + written)

    line = TEMPLATE.count("\n") + 1
    assert [("t.yaml", message, line)] == [p[:3] for p in model.problems]


BOUND = [
    ("!Ref Plain", {"Plain": "other"}, "other"),
    ("!Ref Open", {"Open": "given"}, "given"),
    ("!Ref Env", {"Env": "prod"}, "prod"),
    ("!Ref Secret", {"Secret": "s3cr3t"}, "${Secret}"),
    ("!Ref Stored", {"Stored": "/other"}, "{{resolve:ssm:/other}}"),
    ("!Select [1, !Ref OpenNames]", {"OpenNames": "x, y"}, "y"),
    ("!If [Prod, a, b]", {"Stage": "prod"}, "a"),
    ("!If [Prod, a, b]", {"Stage": "else"}, "b"),
]


@pytest.mark.parametrize(("written", "parameters", "meant"), BOUND)
def test_a_bound_parameter_counts(written: str, parameters: dict[str, str], meant: str) -> None:
    model = read(Bindings(parameters=parameters), t=TEMPLATE + written)

    assert meant == plain(bucket(model, "Here").name)


def test_a_secret_is_never_shown() -> None:
    bindings = Bindings(parameters={"Secret": "s3cr3t"})
    model = read(bindings, t=TEMPLATE + "!Sub 'x-${Secret}'")

    assert "s3cr3t" not in repr(model)
    assert "hush" not in repr(read(t=TEMPLATE + "!Sub 'x-${Secret}'"))


PLACES = [
    ("!Ref AWS::Partition", "cn-north-1", "aws-cn"),
    ("!Ref AWS::URLSuffix", "cn-north-1", "amazonaws.com.cn"),
    ("!GetAtt Other.Arn", "us-gov-west-1", "arn:aws-us-gov:s3:::${Other}"),
    ("!FindInMap [M, !Ref 'AWS::Region', k]", "eu-west-1", "v2"),
    ("!Ref AWS::Region", "eu-west-1", "eu-west-1"),
]


@pytest.mark.parametrize(("written", "region", "meant"), PLACES)
def test_a_region_brings_its_partition(written: str, region: str, meant: str) -> None:
    model = read(Bindings(region=region), t=TEMPLATE + written)

    assert meant == plain(bucket(model, "Here").name)


def test_the_partition_of_written_arns_is_that_of_the_template() -> None:
    model = read(t=TEMPLATE + "!Sub 'arn:aws-cn:s3:::x'\n  Last: {Type: AWS::S3::Bucket}")
    arn = read(t=TEMPLATE + "!Sub ['${A}', {A: !GetAtt Other.Arn}] # arn:aws-cn:s3:::x")

    assert model.assumptions == ()
    assert plain(bucket(arn, "Here").name) == "arn:aws-cn:s3:::${Other}"


def test_the_partition_is_assumed_only_where_it_is_asked_for() -> None:
    assumed = ("the partition is aws, for no Region was given",)

    assert assumed == read(t=TEMPLATE + "!Sub 'arn:${AWS::Partition}:x'").assumptions
    assert read(t=TEMPLATE + "plain").assumptions == ()
    assert read(Bindings(region="eu-west-1"), t=TEMPLATE + "!Ref AWS::Partition").assumptions == ()


def test_conditions_on_one_parameter_are_answered_together() -> None:
    model = read(t=TEMPLATE + "!Sub ['${A}-${B}', {A: !If [Prod, p, x], B: !If [Test, t, y]}]")
    name = bucket(model, "Here").name

    assert isinstance(name, OneOf)
    assert name.choice.answers == ("prod", "test", "something else")
    assert plain(name) == "p-y | x-t | x-y"


def test_two_conditions_of_one_comparison_are_one_choice() -> None:
    template = """
    Parameters: {A: {Type: String}, B: {Type: String}}
    Conditions:
      One: !Equals [!Ref A, !Ref B]
      Two: !Not [!Equals [!Ref B, !Ref A]]
    Resources:
      Here:
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Join ['', [!If [One, a, b], !If [Two, c, d]]]}
    """

    assert plain(bucket(read(t=template), "Here").name) == "ad | bc"


def test_the_region_is_what_a_condition_takes_it_for() -> None:
    template = """
    Conditions: {IsSource: !Equals [!Ref 'AWS::Region', us-east-1]}
    Resources:
      Here:
        Type: AWS::S3::Bucket
        Properties:
          VersioningConfiguration: !If [IsSource, {Status: Enabled}, !Ref 'AWS::NoValue']
    """
    model = read(t=template)
    region = bucket(model, "Here").fields["region"]
    versioning = bucket(model, "Here").fields["versioning"]

    assert isinstance(region.value, OneOf)
    with assuming({region.value.choice: 0}):
        assert (region.settled().value, versioning.settled().value) == ("us-east-1", "Enabled")
    with assuming({region.value.choice: 1}):
        assert versioning.settled().value is None


def test_a_comparison_with_another_open_value_does_not_multiply() -> None:
    regions = [f"eu-test-{n}" for n in range(40)]
    template = f"""
    Parameters:
      Source: {{Type: String, AllowedValues: {regions}}}
      Replica: {{Type: String, AllowedValues: {regions}}}
    Conditions:
      IsSource: !Equals [!Ref Source, !Ref 'AWS::Region']
      IsReplica: !Equals [!Ref Replica, !Ref 'AWS::Region']
      Either: !Or [!Condition IsSource, !Condition IsReplica]
    Resources:
      Here:
        Type: AWS::S3::Bucket
        Properties: {{BucketName: !If [Either, a, b]}}
    """
    name = bucket(read(t=template), "Here").name

    assert isinstance(name, OneOf)
    assert name.choice.text == "condition IsSource of t.yaml"
    assert plain(name) == "a | a | a | b" or plain(name) == "a | a | b"


def test_too_many_conditions_at_once_are_one_of_their_own() -> None:
    letters = "ABCDEFGH"
    parameters = "\n".join(f"      {c}: {{Type: String}}" for c in letters)
    conditions = "\n".join(f"      Is{c}: !Equals [!Ref {c}, {c.lower()}]" for c in letters)
    template = f"""
    Parameters:
{parameters}
    Conditions:
{conditions}
      All: !And [{", ".join(f"!Condition Is{c}" for c in letters)}]
    Resources:
      Here:
        Type: AWS::S3::Bucket
        Properties: {{BucketName: !If [All, yes, no]}}
    """
    name = bucket(read(t=template), "Here").name

    assert isinstance(name, OneOf)
    assert Choice("t.yaml condition All", (), "") == name.choice
    assert plain(name) == "yes | no"


def test_a_condition_that_hangs_on_itself_is_reported() -> None:
    template = """
    Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}
    Resources: {Here: {Type: AWS::S3::Bucket, Condition: A}}
    """
    model = read(t=template)

    assert [p.message for p in model.problems] == ["condition A hangs on itself"]
    assert isinstance(bucket(model, "Here").exists, OneOf)


def nested(text: str, function: str, depth: int) -> str:
    for _ in range(depth):
        text = function.replace("...", text)
    properties = '{"BucketName": ' + text + "}"
    here = '{"Type": "AWS::S3::Bucket", "Properties": ' + properties + "}"
    return '{"Resources": {"Here": ' + here + ', "There": {"Type": "AWS::S3::Bucket"}}}'


def test_values_nested_deeply_have_a_value() -> None:
    template = nested('"x"', '{"Fn::Join": ["", [...]]}', 30)

    assert plain(bucket(read(t=template), "Here").name) == "x"


def test_values_nested_too_deeply_are_reported() -> None:
    model = read(t=nested('"x"', '{"a": ...}', 600))

    assert [p.message for p in model.problems] == ["is nested too deeply to be evaluated"]
    assert [facts.at.key for facts in model.buckets] == ["There"]


def test_text_that_doubles_again_and_again_is_not_put_together() -> None:
    for function in (
        '{"Fn::Sub": ["${X}${X}", {"X": ...}]}',
        '{"Fn::Base64": ...}',
        '{"Fn::ToJsonString": {"a": ...}}',
    ):
        template = nested('"xx"', function, 90)

        message = "? a text of t.yaml is too long to be put together"
        assert plain(bucket(read(t=template), "Here").name) == message


def test_loops_that_multiply_are_not_run() -> None:
    loop = '{"Fn::ForEach::L": ["X", [' + ", ".join(f'"{n}"' for n in range(99)) + "], ...]}"
    body = '{"B${X}": {"Type": "AWS::S3::Bucket"}}'
    for _ in range(4):
        body = loop.replace("...", body)
    model = read(t='{"Resources": ' + body + "}")

    assert "Fn::ForEach::L makes more than 10,000 members" in [p.message for p in model.problems]


LOOPS = """
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'a,b-c'}}
Resources:
  Fn::ForEach::Buckets:
    - Name
    - !Ref Names
    - Bucket&{Name}:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Sub "crr-${Name}"
          VersioningConfiguration:
            Fn::ForEach::Once: [K, [Status], {"${K}": Enabled}]
  Fn::ForEach::Policies:
    - Name
    - [a]
    - Policy${Name}:
        Type: AWS::S3::BucketPolicy
        Properties:
          Bucket: {Ref: "Bucket${Name}"}
          PolicyDocument: {Statement: [{Resource: !GetAtt "Bucket${Name}.Arn"}]}
"""


def test_loops_are_expanded() -> None:
    model = read(t=LOOPS)

    assert [fact.name for fact in model.buckets] == ["crr-a", "crr-b-c", "crr-a"]
    assert [plain(f.fields["versioning"]) for f in model.buckets[:2]] == ["Enabled", "Enabled"]
    policy = model.buckets[2].fields["policy"]
    assert plain(policy) == {"Statement": [{"Resource": "arn:aws:s3:::crr-a"}]}
    assert model.problems == ()


def test_what_a_loop_over_an_open_collection_attaches_may_be_on_everything() -> None:
    model = read(t=LOOPS.replace(", Default: 'a,b-c'", ""))

    why = "its collection has no known value"
    assert () == model.problems
    assert [f"Fn::ForEach::Buckets is left out: {why}"] == [one.message for one in model.left_out]

    policies = LOOPS.replace("[a]", "!Ref Names").replace(", Default: 'a,b-c'", "")
    (fact,) = read(t=policies).buckets
    assert isinstance(fact.name, Unknown)
    assert isinstance(fact.fields["policy"].value, Unknown)


def test_a_value_is_placed_where_its_branch_was_written() -> None:
    template = """
    Conditions: {Yes: !Equals [a, a]}
    Resources:
      Here:
        Type: AWS::S3::Bucket
        Properties:
          VersioningConfiguration: !If [Yes, {Status: Enabled}, {Status: Suspended}]
    """
    versioning = bucket(read(t=template), "Here").fields["versioning"]

    pointer = "/Resources/Here/Properties/VersioningConfiguration/Fn::If/1/Status"
    assert pointer == versioning.at.pointer


def test_one_template_may_be_deployed_several_times() -> None:
    deployments = (
        Deployment("t.yaml", "111111111111", "us-east-1", "one", {"Open": "x"}),
        Deployment("t.yaml", "222222222222", "eu-west-1", "two", {"Open": "y"}),
    )
    model = read(Bindings(deployments), t=TEMPLATE + "!Sub '${AWS::StackName}-${Open}'")

    here = [fact for fact in model.buckets if fact.at.key == "Here"]
    assert [fact.name for fact in here] == ["one-x", "two-y"]
    assert [plain(fact.fields["region"]) for fact in here] == ["us-east-1", "eu-west-1"]
    other = [fact.name for fact in model.buckets if fact.at.key == "Other"]
    assert other[0] != other[1]


def test_a_macro_over_the_whole_template_leaves_everything_open() -> None:
    model = read(t="Transform: [Mine]" + TEMPLATE + "plain")

    assert field(model, "Here", "versioning") == "? what macro Mine makes of t.yaml is not known"
    assert plain(bucket(model, "Here").name) == "${Here}"
