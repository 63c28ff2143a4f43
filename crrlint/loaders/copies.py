"""States of one lineage are one state at several times: the newest counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from crrlint.documents.source import Document, Problem

R = TypeVar("R")


class _Age(NamedTuple):
    lineage: str
    serial: int


def newest(
    documents: Sequence[tuple[Document, R]],
) -> tuple[list[tuple[Document, R]], list[Problem]]:
    """Leave out older states, and copies of the newest; those of one age that differ stay.

    Terraform counts the serial up with each change, and gives each new state a lineage.
    """
    ages = [_age(document) for document, _ in documents]
    latest: dict[str, tuple[int, Document]] = {}
    for age, (document, _) in zip(ages, documents, strict=True):
        if age is not None and age.serial > latest.get(age.lineage, (-1, document))[0]:
            latest[age.lineage] = (age.serial, document)
    kept: list[tuple[Document, R]] = []
    left_out: list[Problem] = []
    for age, (document, recognised) in zip(ages, documents, strict=True):
        serial, best = (0, document) if age is None else latest[age.lineage]
        if age is not None and age.serial < serial:
            message = f"is serial {age.serial} of the state that {best.path} has serial {serial} of"
            left_out.append(Problem(document.path, message))
        elif document is not best and document.data == best.data:
            left_out.append(Problem(document.path, f"is a copy of {best.path}"))
        else:
            kept.append((document, recognised))
    return kept, left_out


def _age(document: Document) -> _Age | None:
    data = document.data
    if not isinstance(data, dict) or data.get("version") != 4:
        return None
    lineage, serial = data.get("lineage"), data.get("serial")
    if not isinstance(lineage, str) or not lineage or type(serial) is not int:
        return None
    return _Age(lineage, serial)
