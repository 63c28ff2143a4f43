"""Stacks as AWS describes them: describe-stacks, their resources, exports, stack instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from crrlint.documents.source import Document
from crrlint.loaders.beside import Beside
from crrlint.loaders.cloudformation.known import Known, Resolved
from crrlint.model.arn import parse_arn
from crrlint.values import Symbol

_GONE: Final = ("DELETE_COMPLETE", "DELETE_SKIPPED")


class Physical(NamedTuple):
    """A resource that is there."""

    type: str
    id: str


class Description(NamedTuple):
    """What AWS said of one stack; without a name where only its resources were listed.

    `whole` when the parameters and outputs are all that the stack has.
    """

    path: str
    name: str | None = None
    stack_id: str | None = None
    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, str | Resolved] = {}
    outputs: Mapping[str, str] = {}
    exports: Mapping[str, str] = {}
    resources: Mapping[str, Physical] = {}
    whole: bool = False

    def known(self, template: Document, dummies: Mapping[str, Symbol]) -> Known:
        """Return what this tells of a stack beside its place and parameters."""
        physical = {
            **dict(_from_outputs(self.outputs, template)),
            **{name: found.id for name, found in self.resources.items()},
        }
        return Known(self.stack_id, physical, self.outputs, dummies)

    def __or__(self, other: Description) -> Description:
        """Return what both say of one stack."""
        return Description(
            self.path,
            self.name or other.name,
            self.stack_id or other.stack_id,
            self.account or other.account,
            self.region or other.region,
            {**other.parameters, **self.parameters},
            {**other.outputs, **self.outputs},
            {**other.exports, **self.exports},
            {**other.resources, **self.resources},
            self.whole or other.whole,
        )


def _from_outputs(outputs: Mapping[str, str], template: Document) -> Iterator[tuple[str, str]]:
    """Yield the ids of resources that outputs give: by themselves, or within their ARNs."""
    declared = template.data.get("Outputs")
    for name, output in declared.items() if isinstance(declared, dict) else ():
        value = output.get("Value") if isinstance(output, dict) else None
        if name not in outputs or not isinstance(value, dict):
            continue
        written = outputs[name]
        match value:
            case {"Ref": str(resource)}:
                yield resource, written
            case {"Fn::GetAtt": [str(resource), "Arn"] | str(resource)}:
                arn = parse_arn(written)
                if arn is not None:
                    yield resource.removesuffix(".Arn"), str(arn.resource).rsplit("/", 1)[-1]


def descriptions(documents: Iterable[tuple[Document, Beside]]) -> list[Description]:
    """Return the stacks that documents describe, each once."""
    found: dict[str, Description] = {}
    for document, kind in documents:
        reader = _READERS.get(kind)
        for number, said in enumerate(reader(document) if reader is not None else ()):
            key = said.stack_id or f"{said.path}#{number}"
            found[key] = found[key] | said if key in found else said
    return list(found.values())


def _stacks(document: Document) -> Iterator[Description]:
    for stack in document.data["Stacks"]:
        if stack.get("StackStatus") in _GONE:
            continue
        outputs = _mappings(stack.get("Outputs"))
        yield _placed(
            Description(
                document.path,
                str(stack["StackName"]),
                parameters=dict(_parameters(stack)),
                outputs={str(o.get("OutputKey")): str(o.get("OutputValue")) for o in outputs},
                exports={
                    str(o["ExportName"]): str(o.get("OutputValue"))
                    for o in outputs
                    if "ExportName" in o
                },
                whole=True,
            ),
            stack.get("StackId"),
        )


def _parameters(stack: Mapping[str, Any]) -> Iterator[tuple[str, str | Resolved]]:
    for parameter in _mappings(stack.get("Parameters")):
        name = str(parameter.get("ParameterKey"))
        resolved = parameter.get("ResolvedValue")
        if isinstance(resolved, str):
            yield name, Resolved(resolved)
        else:
            value = parameter.get("ParameterValue")
            yield name, "" if value is None else str(value)


def _resources(document: Document) -> Iterator[Description]:
    by_stack: dict[tuple[str | None, str | None], dict[str, Physical]] = {}
    members = ("StackResourceSummaries", "StackResources")
    items = next(document.data[name] for name in members if name in document.data)
    for item in items:
        physical = item.get("PhysicalResourceId")
        key = (_text(item.get("StackId")), _text(item.get("StackName")))
        listed = by_stack.setdefault(key, {})
        if isinstance(physical, str) and physical and item.get("ResourceStatus") not in _GONE:
            kind = str(item.get("ResourceType"))
            listed[str(item["LogicalResourceId"])] = Physical(kind, physical)
    for (stack_id, name), listed in by_stack.items():
        yield _placed(Description(document.path, name, resources=listed), stack_id)


def _exports(document: Document) -> Iterator[Description]:
    for item in document.data["Exports"]:
        said = Description(document.path, exports={str(item["Name"]): str(item["Value"])})
        yield _placed(said, item["ExportingStackId"])


def _placed(said: Description, stack_id: Any) -> Description:
    """Add what the ARN of a stack tells: account, Region and name."""
    arn = parse_arn(stack_id) if isinstance(stack_id, str) else None
    if arn is None or arn.service != "cloudformation":
        return said
    name = str(arn.resource).split("/")[1:2]
    return said._replace(
        stack_id=stack_id,
        account=str(arn.account),
        region=str(arn.region),
        name=said.name or (name[0] if name else None),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _mappings(items: Any) -> list[dict[str, Any]]:
    return [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []


_READERS: Final = {"stacks": _stacks, "resources": _resources, "exports": _exports}


class Instance(NamedTuple):
    """One stack that a stack set made."""

    stack_set: str
    path: str
    account: str
    region: str
    stack_id: str | None


def instances(documents: Iterable[tuple[Document, Beside]]) -> list[Instance]:
    """Return the instances of stack sets that documents list."""
    return [
        Instance(
            str(item["StackSetId"]).partition(":")[0],
            document.path,
            str(item["Account"]),
            str(item["Region"]),
            _text(item.get("StackId")),
        )
        for document, kind in documents
        if kind == "instances"
        for item in document.data["Summaries"]
    ]
