"""Answers of AWS in every spelling, as tables of files and of what they say.

`--update` is not for these: the tables were written by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crrlint.model.bindings import Binding, Bindings, OrganizationFile
from tests.loaders.aws_cases import read, told

TABLES = Path(__file__).parent / "aws"


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{table.stem}: {case['name']}")
        for table in sorted(TABLES.glob("*.yaml"))
        for case in yaml.load(table.read_text(encoding="utf-8"), yaml.BaseLoader)
    ]


@pytest.mark.parametrize("case", cases())
def test_files_say_what_the_table_tells(case: dict[str, Any]) -> None:
    given = Bindings(
        account=case.get("account"),
        region=case.get("region"),
        binds=tuple(Binding(**bind) for bind in case.get("bind", ())),
        organization_files=tuple(
            OrganizationFile(f["file"], f["type"], tuple(f["targets"]))
            for f in case.get("organization", ())
        ),
    )
    assert sorted(case["says"]) == told(read(case["files"], given))
