"""Reads what the AWS CLI, boto3 and the APIs print, captures, and the bare documents beside them.

What an answer cannot say stays unstated; whose answer it is comes from a capture's
request, a binding, the folder, the content, or its neighbours, in this order.
"""

from __future__ import annotations

from collections.abc import Sequence

from crrlint.documents.source import Document
from crrlint.loaders import Recognised
from crrlint.loaders.aws.answers import recognised_as
from crrlint.loaders.aws.xml import as_json
from crrlint.model import Model
from crrlint.model.bindings import Bindings


def recognise(document: Document, bindings: Bindings) -> Recognised | None:
    """Tell what a document is; None when it is nothing of AWS."""
    if any(file.file == document.path for file in bindings.organization_files):
        return Recognised("organization policy", "aws")
    name = recognised_as(as_json(document), bindings)
    return None if name is None else Recognised(name, "aws")


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    # Every JSON file of a repository asks what it is; few are read.
    from crrlint.loaders.aws.facts import model_of
    from crrlint.loaders.aws.reading import facts

    return model_of(facts([as_json(document) for document in documents], bindings))
