"""What expressions come to, against what Terraform said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crrlint.loaders.hcl import Fault
from tests.loaders.hcl.reading import plain

HERE = Path(__file__).parent / "hcl"

EXPRESSIONS: list[tuple[str, Any]] = json.loads((HERE / "expressions.json").read_text())
LAYOUTS: dict[str, tuple[str, Any]] = json.loads((HERE / "layouts.json").read_text())

# Terraform 1.11 refuses these.  OpenTofu counts from the end of a list; a null that has a type may
# stand where one without is refused; and nobody keeps what Terraform refuses.
MORE = {
    "element([1,2,3],-1)": 3,
    "[[1,2],[3]].0.1": 2,
    'coalescelist(null,["a"])': ["a"],
}


@pytest.mark.parametrize(("text", "answer"), EXPRESSIONS, ids=[e for e, _ in EXPRESSIONS])
def test_an_expression_is_what_terraform_says(text: str, answer: Any) -> None:
    if text in MORE:
        assert MORE[text] == plain(text)
    elif answer == {"error": True}:
        with pytest.raises(Fault):
            plain(text)
    else:
        # As text: 1 and true are equal in Python.
        assert json.dumps(answer, sort_keys=True) == json.dumps(plain(text), sort_keys=True)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read_as_terraform_reads_it(name: str) -> None:
    text, answer = LAYOUTS[name]
    if answer == {"error": True}:
        with pytest.raises(Fault):
            plain(text)
    else:
        assert answer == plain(text)
