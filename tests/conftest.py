from __future__ import annotations

import pytest
from hypothesis import settings

# A busy machine is no fault of an example.
settings.register_profile("crrlint", deadline=None)
settings.load_profile("crrlint")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite expected.txt of the fixtures with what the program says now",
    )
