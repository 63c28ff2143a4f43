"""Where a statement stands that came in a string, in percent-encoding, or in plain JSON."""

from __future__ import annotations

import pytest

from crrlint.documents.places import Places
from crrlint.documents.source import Node
from tests.loaders.aws_cases import read

POLICY = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}'
ESCAPED = POLICY.replace('"', '\\"')
BUCKET = "accounts/111122223333/s3/logs"

ANSWERS = {
    "a string in JSON": (f"{BUCKET}/policy.json", f'{{\n  "Policy": "{ESCAPED}"\n}}', '{\\"Effect'),
    "a string in YAML": (f"{BUCKET}/policy.yaml", f"Policy: '{POLICY}'\n", '{"Effect'),
    "a bare document": (f"{BUCKET}/policy.json", POLICY, '{"Effect'),
    "a capture": (
        "capture.jsonl",
        '{"crrlint_capture":1,"operation":"GetBucketVersioning","params":{},"result":{}}\n'
        '{"crrlint_capture":1,"operation":"GetBucketPolicy","params":{"Bucket":"logs"},'
        f'"result":{{"Policy":"{ESCAPED}"}}}}\n',
        '{\\"Effect',
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_statement_is_found_where_it_was_written(name: str) -> None:
    path, text, start = ANSWERS[name]
    policy = read({path: text}).buckets[0].fields["policy"]
    assert position(text, start) == shown(policy.get("Statement", 0))


def test_a_percent_encoded_statement_is_found_too() -> None:
    encoded = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D"
    text = (
        '{"Role": {\n  "RoleName": "crr",\n  "Arn": "arn:aws:iam::111122223333:role/crr",\n'
        f'  "AssumeRolePolicyDocument": "{encoded}"}}}}'
    )
    trust = read({"role.json": text}).roles[0].trust
    assert trust is not None
    assert position(text, "%7B%22Effect") == shown(trust.get("Statement", 0))


def test_what_stands_in_xml_is_shown_at_its_file() -> None:
    text = "\n<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    path = f"{BUCKET}/versioning.xml"
    assert shown(read({path: text}).buckets[0].fields["versioning"]) == (1, 1)


def position(text: str, start: str) -> tuple[int, int]:
    offset = text.index(start)
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def shown(node: Node | None) -> tuple[int, int]:
    assert node is not None
    span = Places().span(node.at)
    assert span is not None
    return span.line, span.column
