"""crrlint.yaml: what it gives, where it is found, and what is said of its faults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from crrlint.documents.parse import Unreadable
from crrlint.model.bindings import (
    DOCUMENT_KINDS,
    Binding,
    Deployment,
    OrganizationFile,
    ProviderPlace,
    Source,
)
from crrlint.model.parameters import UnknownShape, parameters_of
from crrlint.run import config
from crrlint.run.config import Config, ConfigError, Setting
from crrlint.run.rule import Account as AccountNumber
from crrlint.run.rule import Region, Rule

WHOLE = """\
crrlint: 1
fail-on: warning
rules:
  destination-in-same-region: {same-region: allow}
  CRR906: off
  CRR604: note
  CRR951: {allowed: [eu-west-1, 111122223333], severity: warning}
ignore:
  - {rule: CRR604, resource: acme-archive, reason: "replicas are meant to stay ours"}
deployments:
  - {template: cfn/source.yaml, account: "111111111111", region: us-east-1, stack: crr,
     parameters: {Env: prod, Count: 3, Flag: true, List: [a, b]}, parameters-file: cfn/prod.json}
  - {terraform: infra/, variables: {env: prod}, variables-file: infra/prod.tfvars,
     providers: {aws.src: {account: 111111111111}, aws.dst: {region: eu-west-1}}}
bind:
  - {file: dumps/policy.json, kind: bucket-policy, bucket: acme-dst}
organization:
  id: o-abc123
  complete: true
  policies:
    - {file: scp/deny.json, type: SCP, targets: [111111111111, ou-ab12-x]}
    - {file: rcp/deny.json, type: RESOURCE_CONTROL_POLICY, targets: [r-ab12]}
partition: aws-us-gov
accounts:
  "111111111111": {canonical-id: CANONICAL, path: [r-ab12, ou-ab12-x]}
  222222222222:
    public-access-block: {block-public-acls: true, ignore-public-acls: false,
                          block-public-policy: true, restrict-public-buckets: false}
  "012345678901": {public-access-block: true}
sources: [{path: dumps/, account: 222222222222, region: eu-west-1}]
assume: [{bucket-exists: "arn:aws-us-gov:s3:::legacy"}]
""".replace("CANONICAL", "0123456789abcdef" * 4)


def load(text: str, files: Mapping[str, str] | None = None) -> Config:
    def read(name: str) -> str:
        if files is None or name not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return files[name]

    return config.load("sub/crrlint.yaml", text, lambda name: f"sub/{name}", read)


def faults(text: str, files: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, files)
    return [f"{p.line}:{p.column}: {p.message}" for p in caught.value.problems]


def test_everything_is_read() -> None:
    values = 'env = "test"'
    files = {"cfn/prod.json": '["Env=test", "Other=x=y"]', "infra/prod.tfvars": values}
    found = load(WHOLE, files)
    assert found.fail_on == "warning"
    assert found.bindings.deployments == (
        Deployment(
            "sub/cfn/source.yaml",
            "111111111111",
            "us-east-1",
            "crr",
            {"Env": "prod", "Other": "x=y", "Count": "3", "Flag": "true", "List": "a,b"},
            "sub/cfn/prod.json",
        ),
    )
    (terraform,) = found.bindings.terraform
    assert terraform.folder == "sub/infra/"
    assert terraform.variables == {"env": "prod"}
    assert terraform.variables_file is not None
    assert terraform.variables_file.path == "sub/infra/prod.tfvars"
    assert terraform.variables_file.text == values
    assert terraform.providers == {
        "aws.src": ProviderPlace("111111111111"),
        "aws.dst": ProviderPlace(None, "eu-west-1"),
    }
    bind = found.bindings.binds[0]
    assert bind._replace(at=None) == Binding("sub/dumps/policy.json", "bucket-policy", "acme-dst")
    assert found.bindings.organization_id == "o-abc123"
    assert found.bindings.organization_complete is True
    assert found.bindings.organization_files == (
        OrganizationFile("sub/scp/deny.json", "SCP", ("111111111111", "ou-ab12-x")),
        OrganizationFile("sub/rcp/deny.json", "RCP", ("r-ab12",)),
    )
    assert found.bindings.partition == "aws-us-gov"
    assert found.bindings.sources == (Source("sub/dumps/", "222222222222", "eu-west-1"),)
    first, second, third = found.bindings.accounts
    assert (first.id, first.canonical_id) == ("111111111111", "0123456789abcdef" * 4)
    assert (first.organization, first.path) == ("o-abc123", ("r-ab12", "ou-ab12-x"))
    assert (second.id, second.organization, second.path) == ("222222222222", None, None)
    assert second.public_access_block is not None
    assert third.public_access_block is not None
    assert second.public_access_block.plain() == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": False,
    }
    assert set(third.public_access_block.plain().values()) == {True}
    assert [str(bucket.name) for bucket in found.bindings.buckets] == ["legacy"]
    assert str(found.bindings.buckets[0].at) == "sub/crrlint.yaml#/assume/0/bucket-exists"


def test_a_rule_may_be_off_have_a_severity_or_options() -> None:
    assert load(WHOLE, {"cfn/prod.json": "[]", "infra/prod.tfvars": ""}).rules == {
        "destination-in-same-region": Setting(options={"same_region": "allow"}),
        "CRR906": Setting(off=True),
        "CRR604": Setting(severity="note"),
        "CRR951": Setting(severity="warning", options={"allowed": ("eu-west-1", "111122223333")}),
    }


def test_the_smallest_configuration_changes_nothing() -> None:
    found = load("crrlint: 1\n")
    assert found._replace(document=None) == config.EMPTY


def test_kinds_of_documents_are_the_same_in_schema_and_code() -> None:
    for kind in DOCUMENT_KINDS:
        known = {"bucket": "b", "key": "k", "role": "r", "name": "n", "account": "111122223333"}
        entry = ", ".join(f'{name}: "{value}"' for name, value in known.items())
        found = load(f"crrlint: 1\nbind: [{{file: x, kind: {kind}, {entry}}}]\n")
        assert found.bindings.binds[0].kind == kind


FAULTS: dict[str, tuple[str, list[str]]] = {
    "an empty file": ("", ["1:1: the file is empty, not a mapping"]),
    "a list": ("- 1\n", ["1:1: the file is a list, not a mapping"]),
    "no version": ("rules: {}\n", ["1:1: the file lacks the key crrlint"]),
    "another version": (
        "crrlint: 2\n",
        ["1:1: crrlint is 2; this version of crrlint reads 1"],
    ),
    "an unknown key": (
        "crrlint: 1\nrule: {}\n",
        [
            '2:1: the file has no key "rule"; it has: accounts, assume, bind, crrlint, '
            "deployments, fail-on, ignore, organization, partition, rules, sources; "
            'did you mean "rules"?'
        ],
    ),
    "a word that is none of the few": (
        "crrlint: 1\nfail-on: errors\n",
        [
            '2:1: fail-on is "errors"; it can be error, warning, note or never; '
            'did you mean "error"?'
        ],
    ),
    "a word for a rule": (
        "crrlint: 1\nrules:\n  CRR906: 3\n",
        ["3:3: rules.CRR906 is 3; it can be off, error, warning or note"],
    ),
    "a severity among options": (
        "crrlint: 1\nrules:\n  CRR906: {severity: bad}\n",
        ['3:12: rules.CRR906.severity is "bad"; it can be error, warning or note'],
    ),
    "a misspelt key far down": (
        "crrlint: 1\ndeployments:\n  - {template: t.yaml, regoin: eu-west-1}\n",
        [
            '3:24: deployments[0] has no key "regoin"; it has: account, parameters, '
            'parameters-file, region, stack, template; did you mean "region"?'
        ],
    ),
    "a deployment of nothing": (
        "crrlint: 1\ndeployments:\n  - {account: '111122223333'}\n",
        ["3:5: deployments[0] lacks the key template"],
    ),
    "a lost leading zero": (
        "crrlint: 1\ndeployments:\n  - {template: t.yaml, account: 12345678901}\n",
        [
            "3:24: deployments[0].account is 12345678901, which is not the 12 digits of an "
            "account; if it lost a leading zero, write it in quotes"
        ],
    ),
    "an account of letters": (
        "crrlint: 1\nbind: [{file: x, kind: bucket-acl, bucket: b, account: prod}]\n",
        ["2:47: bind[0].account is prod, which is not the 12 digits of an account"],
    ),
    "a Region that is none": (
        "crrlint: 1\ndeployments: [{template: t.yaml, region: Ireland}]\n",
        ['2:34: deployments[0].region is "Ireland", which is not the name of a Region'],
    ),
    "a kind that is misspelt": (
        "crrlint: 1\nbind: [{file: x, kind: bucket-polic, bucket: b}]\n",
        ['2:18: bind[0].kind is "bucket-polic"; did you mean "bucket-policy"?'],
    ),
    "a binding to nothing": (
        "crrlint: 1\nbind:\n  - {file: x, kind: bucket-policy}\n"
        "  - {file: y, kind: object-acl, bucket: b}\n",
        ["3:5: bind[0] lacks the key bucket", "4:5: bind[1] lacks the key key"],
    ),
    "an ignore of everything": (
        "crrlint: 1\nignore: [{rule: CRR101}]\n",
        [
            "2:10: ignore[0] names neither a resource nor a path; to switch a rule off, write it "
            "under rules"
        ],
    ),
    "a day that is none": (
        "crrlint: 1\nignore: [{rule: CRR101, resource: x, expires: soon}]\n",
        ['2:38: ignore[0].expires is "soon", which is not a day as YYYY-MM-DD'],
    ),
    "a parameter that is no text": (
        "crrlint: 1\ndeployments: [{template: t, parameters: {A: {B: c}}}]\n",
        ["2:42: deployments[0].parameters.A is a mapping, not text"],
    ),
    "a target that is no account": (
        "crrlint: 1\norganization: {policies: [{file: x, type: SCP, targets: ['11']}]}\n",
        [
            "2:58: organization.policies[0].targets[0] is 11, which is not the 12 digits of an "
            "account; if it lost a leading zero, write it in quotes"
        ],
    ),
    "a partition that is none": (
        "crrlint: 1\npartition: china\n",
        [
            '2:1: partition is "china"; it can be aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, '
            "aws-iso-b, aws-iso-e or aws-iso-f"
        ],
    ),
    "an account's id that lost its zero": (
        "crrlint: 1\naccounts:\n  12345678901: {}\n",
        [
            "3:3: accounts.12345678901 is 12345678901, which is not the 12 digits of an account; "
            "if it lost a leading zero, write it in quotes"
        ],
    ),
    "a canonical id that is none": (
        "crrlint: 1\naccounts:\n  '111122223333': {canonical-id: abc}\n",
        [
            '3:20: accounts.111122223333.canonical-id is "abc", which is not a canonical id: '
            "64 of the characters 0-9 and a-f"
        ],
    ),
    "a path without its root": (
        "crrlint: 1\naccounts:\n  '111122223333': {path: [ou-ab12-x]}\n",
        ["3:20: accounts.111122223333.path has to begin with the root (r-...)"],
    ),
    "a path of something else": (
        "crrlint: 1\naccounts:\n  '111122223333': {path: [r-ab12, prod]}\n",
        ['3:35: accounts.111122223333.path[1] is "prod", not the id of a unit (ou-...)'],
    ),
    "half a public access block": (
        "crrlint: 1\naccounts:\n  '111122223333':\n    public-access-block: "
        "{block-public-acls: true, ignore-public-acls: true, block-public-policy: true}\n",
        ["4:5: accounts.111122223333.public-access-block lacks the key restrict-public-buckets"],
    ),
    "a public access block of words": (
        "crrlint: 1\naccounts: {'111122223333': {public-access-block: all}}\n",
        ["2:29: accounts.111122223333.public-access-block is text, not true or false"],
    ),
    "an account with more than it has": (
        "crrlint: 1\naccounts: {'111122223333': {canonical_id: x}}\n",
        [
            '2:29: accounts.111122223333 has no key "canonical_id"; it has: canonical-id, path, '
            'public-access-block; did you mean "canonical-id"?'
        ],
    ),
    "a source without a path": (
        "crrlint: 1\nsources: [{account: '1'}]\n",
        [
            "2:11: sources[0] lacks the key path",
            "2:12: sources[0].account is 1, which is not the 12 digits of an account; "
            "if it lost a leading zero, write it in quotes",
        ],
    ),
    "an assumption about nothing": (
        "crrlint: 1\nassume: [{bucket-exists: legacy}, {}]\n",
        [
            '2:11: assume[0].bucket-exists is "legacy", which is not the ARN of a bucket',
            "2:35: assume[1] lacks the key bucket-exists",
        ],
    ),
    "what is no YAML": (
        "crrlint: 1\nrules: [\n",
        ["2:9: is not valid YAML: did not find expected node content"],
    ),
    "a key twice": (
        "crrlint: 1\nfail-on: note\nfail-on: error\n",
        ["3:1: key 'fail-on' stands twice in one mapping with different values; the last counts"],
    ),
    "a parameters file that is not there": (
        "crrlint: 1\ndeployments: [{template: t, parameters-file: p.json}]\n",
        ["2:29: p.json cannot be read: no such file or directory"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_line(name: str) -> None:
    text, expected = FAULTS[name]
    assert expected == faults(text)


def test_all_faults_are_told_at_once() -> None:
    text = "crrlint: 1\nfail-on: bad\nextra: 1\nrules: []\n"
    assert len(faults(text)) == 3


KNOWN: dict[str, dict[str, Any]] = {
    "CRR951": {"allowed": tuple[Region, ...]},
    "destination-region-not-allowed": {"allowed": tuple},
    "CRR952": {"allowed": tuple[AccountNumber, ...]},
    "CRR953": {"names": tuple[str, ...], "tags": Mapping[str, str]},
    "CRR955": {"required": bool},
    "CRR101": {},
    "CRR104": {"same_region": Literal["deny", "allow"]},
}
RULE_FAULTS: dict[str, tuple[str, list[str]]] = {
    "an option that does not exist": (
        "rules:\n  CRR951: {regions: [a]}\n",
        ['3:12: rules.CRR951 has no option "regions"; it has: allowed'],
    ),
    "an option that is nearly right": (
        "rules:\n  CRR104: {same-regions: allow}\n",
        [
            '3:12: rules.CRR104 has no option "same-regions"; it has: same-region; '
            'did you mean "same-region"?'
        ],
    ),
    "an option of another type": (
        "rules:\n  CRR951: {allowed: eu-west-1}\n",
        ["3:12: rules.CRR951.allowed is text, not a list"],
    ),
    "a Region that is none": (
        "rules:\n  CRR951: {allowed: [eu-west-1, Ireland]}\n",
        ['3:33: rules.CRR951.allowed[1] is "Ireland", which is not the name of a Region'],
    ),
    "a list of nothing": (
        "rules:\n  CRR952: {allowed: []}\n",
        ["3:12: rules.CRR952.allowed is an empty list"],
    ),
    "an account that lost its leading zero": (
        "rules:\n  CRR952: {allowed: [12345678901]}\n",
        [
            "3:22: rules.CRR952.allowed[0] is 12345678901, which is not the 12 digits of an "
            "account; if it lost a leading zero, write it in quotes"
        ],
    ),
    "an account of letters": (
        "rules:\n  CRR952: {allowed: ['111122223333', prod, true]}\n",
        [
            "3:38: rules.CRR952.allowed[1] is prod, which is not the 12 digits of an account",
            "3:44: rules.CRR952.allowed[2] is true, not text; write it in quotes",
        ],
    ),
    "a list for a mapping": (
        "rules:\n  CRR953: {tags: [a]}\n",
        ["3:12: rules.CRR953.tags is a list, not a mapping"],
    ),
    "tags that YAML takes for something else": (
        "rules:\n  CRR953: {names: [17], tags: {backup: true, tier: 1}}\n",
        [
            "3:20: rules.CRR953.names[0] is the number 17, not text; write it in quotes",
            "3:32: rules.CRR953.tags.backup is true, not text; write it in quotes",
            "3:46: rules.CRR953.tags.tier is the number 1, not text; write it in quotes",
        ],
    ),
    "a word for a switch": (
        "rules:\n  CRR955: {required: always}\n",
        ["3:12: rules.CRR955.required is text, not true or false"],
    ),
    "a word that an option does not know": (
        "rules:\n  CRR104: {same-region: alow}\n",
        [
            '3:12: rules.CRR104.same-region is "alow"; it can be deny or allow; '
            'did you mean "allow"?'
        ],
    ),
    "a rule without options": (
        "rules:\n  CRR101: {x: 1}\n",
        ['3:12: rules.CRR101 has no option "x"; it has none'],
    ),
    "a rule that does not exist": (
        "rules:\n  CRR102: off\n",
        ['3:3: rules has no rule "CRR102"'],
    ),
    "an id in small letters, a name with an error": (
        "rules:\n  crr101: off\n  destination-region-not-alowed: off\n",
        [
            '3:3: rules has no rule "crr101"; did you mean "CRR101"?',
            '4:3: rules has no rule "destination-region-not-alowed"; '
            'did you mean "destination-region-not-allowed"?',
        ],
    ),
    "an ignore of a rule that does not exist": (
        "ignore:\n  - {rule: zzz, resource: x}\n",
        ['3:6: ignore[0].rule: there is no rule "zzz"'],
    ),
}


@pytest.mark.parametrize("name", RULE_FAULTS)
def test_rules_and_options_are_checked_once_rules_are_known(name: str) -> None:
    text, expected = RULE_FAULTS[name]
    loaded = load(f"crrlint: 1\n{text}")
    with pytest.raises(ConfigError) as caught:
        config.check_rules(loaded, KNOWN)
    assert expected == [f"{p.line}:{p.column}: {p.message}" for p in caught.value.problems]


def test_options_may_be_what_their_types_say() -> None:
    text = """\
crrlint: 1
rules:
  CRR951: {allowed: [eu-west-1, us-gov-east-1]}
  CRR952: {allowed: [111122223333, "012345678901"]}
  CRR953: {names: ["acme-*"], tags: {backup: "true"}}
  CRR955: {required: true}
"""
    found = load(text)
    config.check_rules(found, KNOWN)
    assert found.rules["CRR952"].options == {"allowed": ("111122223333", "012345678901")}
    assert found.rules["CRR953"].options == {"names": ("acme-*",), "tags": {"backup": "true"}}


def test_an_annotation_that_is_text_leaves_the_type_of_the_default() -> None:
    def check(subject: Any, *, allowed: tuple[str, ...] = (), strict: bool = False) -> Any:
        return iter(())

    plugin = Rule(check, "X1", each=object, severity="note", source="")
    assert plugin.option_types == {"allowed": tuple, "strict": bool}


def test_rules_that_exist_are_fine_with_hyphens_and_underscores() -> None:
    text = "crrlint: 1\nrules: {CRR104: {same-region: allow, severity: note}, CRR101: off}\n"
    config.check_rules(load(text), KNOWN)
    config.check_rules(load(text.replace("same-region", "same_region")), KNOWN)
    config.check_rules(config.EMPTY, KNOWN)


IGNORES: dict[str, tuple[str, bool]] = {
    "its id and a bucket": ("{rule: CRR604, resource: acme-dst}", True),
    "its name": ("{rule: some-name, resource: acme-dst}", True),
    "a pattern": ("{rule: CRR604, resource: 'acme-*'}", True),
    "the file": ("{rule: CRR604, path: dir/t.yaml}", True),
    "a pattern of files": ("{rule: CRR604, path: 'dir/*'}", True),
    "both": ("{rule: CRR604, resource: acme-dst, path: dir/t.yaml}", True),
    "a day to come": ("{rule: CRR604, resource: acme-dst, expires: 9999-12-31}", True),
    "another rule": ("{rule: CRR605, resource: acme-dst}", False),
    "another bucket": ("{rule: CRR604, resource: acme}", False),
    "another file": ("{rule: CRR604, resource: acme-dst, path: t.yaml}", False),
    "a day that is past": ("{rule: CRR604, resource: acme-dst, expires: 2020-01-01}", False),
}


@pytest.mark.parametrize("name", IGNORES)
def test_an_ignore_holds_for_what_it_names(name: str) -> None:
    entry, expected = IGNORES[name]
    ignore = load(f"crrlint: 1\nignore: [{entry}]\n").ignores[0]
    assert expected is (
        ignore.names("CRR604", "some-name")
        and ignore.covers(("acme-src/all", "acme-src", "acme-dst"), "sub/dir/t.yaml")
    )


def test_the_nearest_configuration_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "crrlint.yml").write_text("crrlint: 1\n")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "t.yaml").write_text("")
    assert config.find([str(deep / "t.yaml")]) == str(tmp_path / "crrlint.yml")
    (tmp_path / "a" / "crrlint.yaml").write_text("crrlint: 1\n")
    assert config.find([str(deep)]) == str(tmp_path / "a" / "crrlint.yaml")


def test_nothing_above_the_root_of_the_repository_is_found(tmp_path: Path) -> None:
    (tmp_path / "crrlint.yaml").write_text("crrlint: 1\n")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert config.find([str(tmp_path / "repository")]) is None


def test_a_relative_path_finds_a_relative_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "crrlint.yaml").write_text("crrlint: 1\n")
    (tmp_path / "here" / "there").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert config.find(["there"]) == "../crrlint.yaml"


def test_paths_are_those_that_documents_carry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "crrlint.yaml").write_text(
        "crrlint: 1\ndeployments: [{template: ./x/t.yaml, parameters-file: x/../p.json}]\n"
    )
    (tmp_path / "p" / "p.json").write_text('{"Parameters": {"Env": "prod"}}')
    monkeypatch.chdir(tmp_path)
    found = config.read("p/crrlint.yaml").bindings.deployments[0]
    assert found == Deployment("p/x/t.yaml", parameters={"Env": "prod"}, parameters_file="p/p.json")


def test_no_file_outside_the_folder_of_the_configuration_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("[]")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "link.json").symlink_to(tmp_path / "secret.json")
    for name in ("../secret.json", "link.json", str(tmp_path / "secret.json")):
        (tmp_path / "p" / "crrlint.yaml").write_text(
            f"crrlint: 1\ndeployments: [{{template: t, parameters-file: {name}}}]\n"
        )
        with pytest.raises(ConfigError, match="leads out of the folder of the configuration"):
            config.read(str(tmp_path / "p" / "crrlint.yaml"))


def test_a_binding_of_a_file_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.json").write_text("{}")
    (tmp_path / "crrlint.yaml").write_text(
        "crrlint: 1\n"
        "bind:\n"
        "  - {file: there.json, kind: bucket-policy, bucket: b}\n"
        "  - {file: their.json, kind: bucket-policy, bucket: b}\n"
        "organization: {policies: [{file: scp.json, type: SCP, targets: [r-ab12]}]}\n"
    )
    with pytest.raises(ConfigError) as caught:
        config.read("crrlint.yaml")
    assert str(caught.value).splitlines() == [
        "crrlint.yaml:4:6: there is no file their.json",
        "crrlint.yaml:5:28: there is no file scp.json",
    ]


def test_a_configuration_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: no such file"):
        config.read(str(tmp_path / "crrlint.yaml"))


SHAPES: dict[str, tuple[str, str]] = {
    "the list of the CLI": (
        "p.json",
        '[{"ParameterKey": "Env", "ParameterValue": "prod"}, '
        '{"ParameterKey": "Ssm", "ParameterValue": "/x", "ResolvedValue": "y"}]',
    ),
    "a pipeline's mapping": ("p.json", '{"Parameters": {"Env": "prod", "Ssm": "y"}, "Tags": {}}'),
    "rain's YAML": ("p.yaml", "Parameters:\n  Env: prod\n  Ssm: y\nTags: {a: b}\n"),
    "pairs": ("p.json", '["Env=prod", "Ssm=y"]'),
    "pairs under Parameters": ("p.json", '{"Parameters": ["Env=prod", "Ssm=y"]}'),
    "a plain mapping": ("p.yml", "Env: prod\nSsm: y\n"),
    "git-sync": (
        "p.yaml",
        "template-file-path: t.yaml\nparameters: {Env: prod, Ssm: y}\ntags: {}\n",
    ),
    "SAM's text": (
        "samconfig.toml",
        "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = 'Env=\"prod\" Ssm=y'\n",
    ),
    "SAM's list": (
        "samconfig.toml",
        '[default.deploy.parameters]\nparameter_overrides = ["Env=prod", "Ssm=y"]\n',
    ),
    "SAM's table": (
        "samconfig.toml",
        '[prod.deploy.parameters]\nparameter_overrides = {Env = "prod", Ssm = "y"}\n',
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_parameters_are_read_in_every_shape(name: str) -> None:
    path, text = SHAPES[name]
    assert parameters_of(path, text) == {"Env": "prod", "Ssm": "y"}


def test_a_previous_value_is_there_but_not_known() -> None:
    text = '[{"ParameterKey": "Env", "UsePreviousValue": true}]'
    assert str(parameters_of("p.json", text)["Env"]) == "the previous value of Env"


BROKEN: dict[str, tuple[str, str, str]] = {
    "a text": ("p.yaml", "hello", "holds neither a list nor a mapping of parameters"),
    "nothing": ("p.yaml", "", "holds no parameters"),
    "two documents": ("p.yaml", "a: 1\n---\nb: 2\n", "holds several documents"),
    "no pair": ("p.json", '["Env"]', "has an element that is not of the form NAME=VALUE"),
    "a template": (
        "p.json",
        '{"Parameters": {"Env": {"Type": "String"}}}',
        "gives parameter Env a value that is no text",
    ),
    "other objects": (
        "p.json",
        '[{"Key": "x"}]',
        "has an element that is neither K=V nor has a ParameterKey",
    ),
    "no overrides": ("s.toml", "[default.deploy.parameters]\n", "has no parameter_overrides"),
    "two environments": (
        "s.toml",
        "[a.deploy.parameters]\nparameter_overrides=''\n[b.deploy.parameters]\n"
        "parameter_overrides=''\n",
        "has several environments: a, b",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_of_another_shape_is_told(name: str) -> None:
    path, text, message = BROKEN[name]
    with pytest.raises(UnknownShape) as caught:
        parameters_of(path, text)
    assert str(caught.value).startswith(message)


def test_a_mistake_in_toml_has_its_line() -> None:
    with pytest.raises(Unreadable, match="is not valid TOML: ") as caught:
        parameters_of("s.toml", "version = 0.1\nx\n")
    assert (2, 2) == (caught.value.line, caught.value.column)
