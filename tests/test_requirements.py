"""What S3 asks for before it replicates, each requirement with a set-up that lacks only this.

`expected.txt` of a case holds what is found there, as `tests/test_fixtures.py` proves.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from crrlint.run import ruleset

HERE = Path(__file__).parent
ROWS: Final[list[dict[str, str]]] = yaml.safe_load(
    (HERE / "requirements.yaml").read_text(encoding="utf-8")
)
RULES = {rule.name.replace("-", "_"): rule for rule in ruleset.load()}

_ERROR: Final = re.compile(r": error: .* \[(CRR\d+)\]\Z")


@pytest.mark.parametrize("case", [row["case"] for row in ROWS])
def test_a_requirement_that_is_not_met_is_the_only_error(case: str) -> None:
    lines = (HERE / "fixtures" / case / "expected.txt").read_text(encoding="utf-8").splitlines()
    errors = {found[1] for line in lines if (found := _ERROR.search(line))}

    assert {RULES[Path(case).parent.name].id} == errors


@pytest.mark.parametrize("column", ["requirement", "case"])
def test_no_row_says_what_another_says(column: str) -> None:
    cells = [row[column] for row in ROWS]

    assert len(set(cells)) == len(cells)


def test_rows_hold_a_requirement_and_a_case() -> None:
    assert {("requirement", "case")} == {tuple(row) for row in ROWS}
