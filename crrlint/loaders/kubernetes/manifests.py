"""Manifests, what they are called in AWS, and which of them another one refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from crrlint.documents.source import Document, Location, Problem
from crrlint.loaders.aws.facts import problem
from crrlint.loaders.aws.placeholders import filled
from crrlint.loaders.kubernetes.accounts import Accounts
from crrlint.loaders.kubernetes.given import first_given, is_given
from crrlint.loaders.recognition import group_of
from crrlint.model.bindings import Bindings
from crrlint.values import OPEN, Symbol, Text, Unknown, identical, symbolic

Family: TypeAlias = Literal["upbound", "crossplane", "ack", "core"]

_FAMILIES: Final[tuple[tuple[str, Family], ...]] = (
    ("aws.upbound.io", "upbound"),
    ("aws.m.upbound.io", "upbound"),
    ("aws.crossplane.io", "crossplane"),
    ("services.k8s.aws", "ack"),
)
_EXTERNAL: Final = "crossplane.io/external-name"
_MADE: Final = "crossplane.io/external-create-succeeded"
_RESTING: Final = ("crossplane.io/paused", "services.k8s.aws/read-only")
_ADOPTION: Final = "services.k8s.aws/adoption-policy"


class Manifest(NamedTuple):
    """One object; `service` is the first part of its group (`s3`), empty for a provider's own.

    `asked` is what is asked for, `seen` what a controller wrote of the thing in AWS.
    """

    family: Family
    group: str
    service: str
    kind: str
    namespace: str
    name: Text
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    at: Location

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def annotations(self) -> Mapping[str, Any]:
        return _mapping(self.metadata.get("annotations"))

    @property
    def labels(self) -> Mapping[str, Any]:
        return _mapping(self.metadata.get("labels"))

    @property
    def asked(self) -> tuple[Mapping[str, Any], Location]:
        """What the thing in AWS is to be like."""
        if self.family == "ack":
            return self.spec, self.at / "spec"
        return _mapping(self.spec.get("forProvider")), self.at / "spec" / "forProvider"

    @property
    def seen(self) -> Mapping[str, Any]:
        return _mapping(self.status.get("atProvider"))

    @property
    def external_name(self) -> Text | None:
        """The name in AWS that is stated beside the manifest's own."""
        name: Text | None = first_given(self.annotations.get(_EXTERNAL))
        return name

    @property
    def is_only_observed(self) -> bool:
        """Tell whether the thing is looked up, and neither made nor changed.

        A list without any policy pauses the controller, as its annotation does.
        """
        if any(identical(self.annotations.get(name), "true") for name in _RESTING):
            return True
        policies = self.spec.get("managementPolicies")
        if isinstance(policies, list):
            return all(identical(policy, "Observe") for policy in policies)
        return identical(self.spec.get("managementPolicy"), "ObserveOnly")

    @property
    def is_taken_over(self) -> bool:
        """Tell whether the thing was there before, so that what is left out may be set.

        https://docs.crossplane.io/latest/guides/import-existing-resources/
        """
        if is_given(self.annotations.get(_ADOPTION)):
            return True
        policies = self.spec.get("managementPolicies")
        if isinstance(policies, list) and not any(
            identical(policy, may) for policy in policies for may in ("*", "Create")
        ):
            return True
        # Crossplane notes down what it has made, and whose arn it has got.
        return is_given(self.seen.get("arn")) and not is_given(self.annotations.get(_MADE))


def manifests_of(document: Document, problems: list[Problem]) -> Iterator[Manifest]:
    """Yield the objects of a document, those in lists too."""
    stack: list[tuple[Any, Location]] = [(document.data, document.root)]
    while stack:
        data, at = stack.pop()
        if not isinstance(data, dict):
            problems.append(problem(at, "an item is no object"))
            continue
        if data.get("kind") == "List" and isinstance(data.get("items"), list):
            items = [(item, at / "items" / index) for index, item in enumerate(data["items"])]
            stack.extend(reversed(items))
            continue
        manifest = _manifest(filled(data, document.path), at)
        if manifest is not None:
            yield manifest


def _manifest(data: dict[str, Any], at: Location) -> Manifest | None:
    group = group_of(data)
    family: Family = "core"
    service = ""
    for end, of in _FAMILIES:
        if group == end or group.endswith("." + end):
            family = of
            service = group[: -len(end)].rstrip(".")
    metadata = _mapping(data.get("metadata"))
    kind = data.get("kind")
    if not isinstance(kind, str):
        return None
    name = metadata.get("name")
    if isinstance(name, (int, float)):
        name = str(name)
    if not isinstance(name, (str, *OPEN)):
        name = _made_up(at, "name", f"the name of a {kind}", "the manifest as the cluster keeps it")
    namespace = metadata.get("namespace")
    return Manifest(
        family,
        group,
        service,
        kind,
        namespace if isinstance(namespace, str) else "",
        name,
        metadata,
        _mapping(data.get("spec")),
        _mapping(data.get("status")),
        at,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


class Catalogue:
    """All manifests, looked up by the references of others."""

    def __init__(self, manifests: Sequence[Manifest], bindings: Bindings) -> None:
        self.manifests = manifests
        self.accounts = Accounts(manifests, bindings)
        self._by_name: dict[tuple[str, ...], list[Manifest]] = {}
        self._by_label: dict[tuple[str, ...], list[Manifest]] = {}
        for manifest in manifests:
            kind = (manifest.family, manifest.service, manifest.kind)
            self._by_name.setdefault((*kind, str(manifest.name)), []).append(manifest)
            for label, value in manifest.labels.items():
                self._by_label.setdefault((*kind, str(label), str(value)), []).append(manifest)

    def referred(self, by: Manifest, service: str, kind: str, reference: Any) -> Manifest | Unknown:
        """Return the manifest that a reference or a selector means, or why none is known."""
        kinds = (by.family, service, kind)
        if not isinstance(reference, dict):
            return Unknown("unsupported_expression", f"a reference of {by.label} is no object")
        reference = _mapping(reference.get("from", reference))
        name = reference.get("name")
        namespace = reference.get("namespace", by.namespace)
        if is_given(name):
            known = self._by_name.get((*kinds, str(name)), ())
            found = [m for m in known if identical(m.name, name) and m.namespace in ("", namespace)]
            return _nearest(found, by) or _not_given(f"{kind} {name}, which {by.label} refers to,")
        labels = reference.get("matchLabels")
        if isinstance(labels, dict) and labels and not reference.get("matchControllerRef"):
            first, value = next(iter(labels.items()))
            known = self._by_label.get((*kinds, str(first), str(value)), ())
            found = [m for m in known if _has_labels(m, labels)]
            one = _nearest(found, by)
            if one is not None:
                return one
        what = f"which {kind} {by.label} selects"
        return Unknown("external_reference", what, "manifests with the references resolved")


def _has_labels(manifest: Manifest, labels: Mapping[str, Any]) -> bool:
    own = manifest.labels
    return all(name in own and identical(own[name], value) for name, value in labels.items())


def key_id_of(manifest: Manifest) -> Text:
    """Return a key's id, which KMS makes up and the controller then notes down."""
    metadata = _mapping(manifest.status.get("ackResourceMetadata"))
    arn = first_given(metadata.get("arn"), manifest.seen.get("arn"))
    found: Text = first_given(
        manifest.external_name,
        manifest.status.get("keyID"),
        manifest.seen.get("keyId"),
        manifest.seen.get("keyID"),
        str(arn).partition(":key/")[2],
        unnamed(manifest, "key-id", f"the id of {manifest.label}"),
    )
    return found


def unnamed(manifest: Manifest, what: str, text: str) -> Text:
    """Return a symbol for a name that AWS will make up."""
    return _made_up(manifest.at, what, text, f"the name that AWS gave {manifest.label}")


def _made_up(at: Location, what: str, text: str, needs: str) -> Text:
    entity = f"{at.path}#{at.document.part}{at.pointer}"
    return symbolic(
        Symbol(entity, what, text, form="name", unique=True, reason="deferred", needs=needs)
    )


def _not_given(what: str) -> Unknown:
    return Unknown("external_reference", f"{what} is not among the inputs", "its manifest")


def _nearest(found: Sequence[Manifest], by: Manifest) -> Manifest | None:
    """Return the one in the same file, the same folder, or at all; None for several."""
    for near in (
        [m for m in found if m.at.path == by.at.path],
        [m for m in found if _folder(m) == _folder(by)],
        found,
    ):
        if near:
            return near[0] if len(near) == 1 else None
    return None


def _folder(manifest: Manifest) -> str:
    return manifest.at.path.rpartition("/")[0]
