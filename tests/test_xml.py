"""XML as plain data, and what of XML is refused."""

from __future__ import annotations

import pytest

from crrlint.documents.parse import Unreadable, parse
from crrlint.documents.xml import parse_xml


def test_repeated_elements_are_a_list_and_namespaces_are_dropped() -> None:
    text = '<a:r xmlns:a="urn:x"><a:i>1</a:i><a:i>2</a:i><a:j k="v"/><e/></a:r>'
    assert parse_xml(text) == {"r": {"i": ["1", "2"], "j": {"k": "v"}, "e": ""}}


def test_the_encoding_that_a_decoded_text_declares_does_not_count() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><r>ä</r>'
    assert parse_xml(text) == {"r": "ä"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<r>", "is not valid XML: no element found"),
        ("<r></s>", "is not valid XML: mismatched tag"),
        ("<!DOCTYPE r><r/>", "declares a document type, which is not read"),
        ('<!DOCTYPE r [<!ENTITY a "x">]><r>&a;</r>', "declares a document type, which is not read"),
        ("<r>&a;</r>", "is not valid XML: undefined entity"),
        ("<a>" * 300 + "</a>" * 300, "is nested more than 200 levels deep"),
    ],
)
def test_what_is_not_plain_xml_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_xml(text)
    assert caught.value.message == message
    assert caught.value.line == 1


def test_a_text_that_starts_with_an_element_is_xml() -> None:
    documents, problems = parse("x.xml", "\n<Status>Enabled</Status>")
    assert [(d.syntax, d.data) for d in documents] == [("xml", {"Status": "Enabled"})]
    assert problems == []


def test_what_the_cli_says_of_a_failed_call_stays_text() -> None:
    text = "\naws: [ERROR]: An error occurred (X) when calling the GetRole operation: a: b: c"
    documents, _ = parse("role.json", text)
    assert [(d.syntax, d.data) for d in documents] == [("text", text)]


def test_a_template_that_speaks_of_errors_stays_a_template() -> None:
    documents, _ = parse("t.yaml", "# An error occurred (X) when calling the Y operation\na: 1\n")
    assert [(d.syntax, d.data) for d in documents] == [("yaml", {"a": 1})]
