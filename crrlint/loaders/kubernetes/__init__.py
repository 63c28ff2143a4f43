"""Reads what Crossplane's AWS providers and the AWS controllers (ACK) are told to make.

Manifests come as YAML streams, or as `kubectl get -o yaml` prints them with their status.
"""

from __future__ import annotations

from collections.abc import Sequence

from crrlint.documents.source import Document, Problem
from crrlint.loaders.kubernetes.manifests import Catalogue, manifests_of
from crrlint.model import Model
from crrlint.model.bindings import Bindings

ASSUMPTION = (
    "nothing outside the manifests is attached to their roles or buckets, "
    "which were not there before"
)


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    problems: list[Problem] = []
    catalogue = Catalogue(
        [m for document in documents for m in manifests_of(document, problems)], bindings
    )
    model = Model(problems=tuple(problems))
    families = {manifest.family for manifest in catalogue.manifests}
    if "upbound" in families:
        from crrlint.loaders.kubernetes import upbound

        model = model | upbound.facts(catalogue)
    if "crossplane" in families or "ack" in families:
        from crrlint.loaders.kubernetes import apilike

        model = model | apilike.facts(catalogue)
    if any(bucket.declared for bucket in model.buckets) or any(r.declared for r in model.roles):
        model = model._replace(assumptions=(*model.assumptions, ASSUMPTION))
    return model
