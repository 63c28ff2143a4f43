"""Saved plans of Terraform and OpenTofu."""

from __future__ import annotations

from collections.abc import Sequence

from crrlint.bindings import Bindings
from crrlint.model import Model
from crrlint.source import Document


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    return Model()
