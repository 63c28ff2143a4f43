"""Formats of other tools, as tables of files and of what they say.

`--update` is not for these: the tables were read line by line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crrlint.model.bindings import Bindings
from tests.loaders.aws_cases import read, told

HERE = Path(__file__).parent
FORMATS = ("awsconfig", "kubernetes", "pulumi")


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{table.parent.name}/{table.stem}: {case['name']}")
        for format in FORMATS
        for table in sorted((HERE / format).glob("*.yaml"))
        for case in yaml.load(table.read_text(encoding="utf-8"), yaml.BaseLoader)
    ]


@pytest.mark.parametrize("case", cases())
def test_files_say_what_the_table_tells(case: dict[str, Any]) -> None:
    given = Bindings(account=case.get("account"), region=case.get("region"))
    assert sorted(case["says"]) == told(read(case["files"], given))
