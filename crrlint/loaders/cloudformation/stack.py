"""A stack: one template deployed once, with its parameters, conditions and resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from crrlint.documents.source import Document, Location, Node, construct_of
from crrlint.loaders.cloudformation import attributes as cfn_attributes
from crrlint.loaders.cloudformation import functions as cfn_functions
from crrlint.loaders.cloudformation.conditions import both, condition, of_symbol, undecidable
from crrlint.loaders.cloudformation.evaluate import evaluate, expand
from crrlint.loaders.cloudformation.known import NOTHING_KNOWN, Known
from crrlint.loaders.cloudformation.loops import EACH, NO_SCOPE, Made, Scope
from crrlint.loaders.cloudformation.parameters import Parameters
from crrlint.loaders.cloudformation.program import Program, Shared
from crrlint.loaders.cloudformation.pseudo import Pseudo
from crrlint.loaders.cloudformation.values import identity, relocate, text_of
from crrlint.values import OneOf, Symbol, Symbolic, Text, Unknown, Value, symbolic

T = TypeVar("T")

# Transforms that leave the resources that crrlint reads as they are written.
_HARMLESS: Final = (
    "AWS::Serverless-2016-10-31",
    "AWS::LanguageExtensions",
    "AWS::Include",
    "AWS::CodeDeployBlueGreen",
    "AWS::ServiceCatalog",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
)


# The CDK asks it of every Region there is, and for its own metadata only.
_METADATA_AVAILABLE: Final = "CDKMetadataAvailable"


class Resource(NamedTuple):
    """A resource as the template writes it; `scope` are the loops that made it."""

    id: str
    type: str
    data: dict[str, Any]
    at: Location
    scope: Scope

    @property
    def properties(self) -> dict[str, Any]:
        found = self.data.get("Properties")
        return found if isinstance(found, dict) else {}

    @property
    def label(self) -> str:
        """The name for people: the construct, or else the logical id."""
        construct = construct_of(self.at.document, self.id)
        if construct is None:
            return self.id
        return construct.removesuffix("/Resource").removesuffix("/Default")


class Stack:
    """One deployment of a template.

    `given` are the parameters: texts that somebody bound, or nodes from the parent
    of a nested stack.
    """

    def __init__(
        self,
        program: Program,
        document: Document,
        identifier: str,
        *,
        account: Shared,
        region: Shared,
        name: Text,
        given: Mapping[str, Any],
        known: Known = NOTHING_KNOWN,
        parent: Stack | None = None,
        nested_in: Resource | None = None,
    ) -> None:
        self.program = program
        self.document = document
        self.id = identifier
        self.title = document.path.rsplit("/", 1)[-1]
        self.account = account
        self.region = region
        self.name = name
        self.known = known
        self.parent = parent
        self.nested_in = nested_in
        self.children: dict[str, Stack] = {}
        self.parameters = Parameters(self, self._section("Parameters"), given)
        self.macro = self._macro()
        self.asked = f"a condition of {self.title}"
        self._spliced = "Fn::ForEach" in document.text or "Transform" in document.text
        self.forget()

    def forget(self) -> None:
        """Drop what was worked out so far."""
        self._conditions: dict[str, Value] = {}
        self._attributes: dict[tuple[str, str], Any] = {}
        self._outputs: dict[str, Node] = {}
        self.open_loops: dict[str, Node] = {}
        """Loops of which nobody knows how often they go, by their names."""
        self._sections: dict[str, dict[str, Made]] = {}
        self._resources: dict[str, Resource] | None = None
        self.pseudo = Pseudo(self)
        self._working: set[tuple[str, str]] = set()
        self.parameters.forget()

    def safely(self, work: Callable[[Stack], T], at: Location | None = None) -> T | None:
        """Do some work; what is nested too deeply is reported."""
        try:
            return work(self)
        except RecursionError:
            place = self.document.root if at is None else at
            self.program.report(place, "is nested too deeply to be evaluated")
            return None

    def _section(self, name: str) -> dict[str, Any]:
        section = self.document.data.get(name)
        return section if isinstance(section, dict) else {}

    def _macro(self) -> str | None:
        """Return the transform that may change anything in the template."""
        for name in self.transforms:
            if name not in _HARMLESS:
                return name
        return None

    @property
    def transforms(self) -> list[str]:
        written = self.document.data.get("Transform")
        entries = written if isinstance(written, list) else [written] if written else []
        return [str(e.get("Name") if isinstance(e, dict) else e) for e in entries]

    @property
    def open_ended(self) -> bool:
        """Tell whether the template may hold names that are not written in it."""
        return (
            any(name != "AWS::LanguageExtensions" for name in self.transforms)
            or any(r.type.endswith("::MODULE") for r in self.resources.values())
            or "Fn::Transform" in self._section("Resources")
            or any(name.startswith(EACH) for name in self._section("Resources"))
        )

    def mistake(self, at: Location, message: str) -> Node:
        """Report a mistake in the template; its value is unknown."""
        self.program.report(at, message)
        return Node(Unknown("unsupported_expression", message), at)

    @property
    def site(self) -> str:
        """The account and Region as one key: where exports and SSM parameters live."""
        return f"{identity(self.account.text)}/{identity(self.region.text)}"

    @property
    def account_text(self) -> Text:
        return self.pseudo.account

    @property
    def region_text(self) -> Text:
        return self.pseudo.region

    @property
    def partition(self) -> Text:
        return self.pseudo.partition

    def opened(self, text: Text) -> Text:
        """Return a lone symbol as one of the literals that conditions compare it with."""
        literals = self.program.literals
        if literals and isinstance(text, Symbolic) and len(text.parts) == 1:
            known = literals.get(text.symbols[0])
            if known and not self.program.collecting:
                return of_symbol(text.symbols[0], known)
        return text

    # References

    def reference(self, name: str, at: Location, scope: Scope = NO_SCOPE) -> Node:
        """Return what `Ref` gives."""
        if scope and name in scope:
            return Node(scope[name], at)
        if name.startswith("AWS::"):
            return self.pseudo.value(name, at)
        if name in self.parameters.declared:
            return relocate(self.parameters.value(name), at)
        if name in self.resources:
            return self.attribute(name, "Ref", at)
        what = f"Ref to {name}, which is neither a parameter nor a resource"
        if self.open_ended:
            return Node(symbolic(Symbol(f"{self.id}#{name}", "Ref", f"${{{name}}}")), at)
        return self.mistake(at, what)

    def named(self, name: str, at: Location, scope: Scope = NO_SCOPE) -> Node:
        """Return what `${name}` stands for in `Fn::Sub`."""
        if "." in name and name not in scope:
            resource, attribute = name.split(".", 1)
            return self.attribute(resource, attribute, at)
        return self.reference(name, at, scope)

    def attribute(self, name: str, attribute: str, at: Location) -> Node:
        """Return what `Fn::GetAtt` (or, for the attribute `Ref`, `Ref`) gives of a resource."""
        key = (name, attribute)
        if key in self._attributes:
            return relocate(self._attributes[key], at)
        resource = self.resources.get(name)
        if resource is None:
            if self.open_ended:
                text = f"${{{name}.{attribute}}}"
                return Node(symbolic(Symbol(f"{self.id}#{name}", attribute, text)), at)
            return self.mistake(at, f"Fn::GetAtt of {name}, which is not a resource")
        if key in self._working:
            return self.mistake(at, f"{name}.{attribute} is defined by way of itself")
        self._working.add(key)
        try:
            found = cfn_attributes.attribute(self, resource, attribute, at)
        finally:
            self._working.discard(key)
        if found is None:
            return self.mistake(at, f"{resource.type} has no attribute {attribute}")
        node = found if isinstance(found, Node) else Node(found, at)
        self._attributes[key] = node
        return node if node.at is at else relocate(node, at)

    def settled_text(self, text: Text) -> Text:
        """Return text with the dynamic references that it was put together to hold."""
        if isinstance(text, OneOf):
            return OneOf(text.choice, tuple(self.settled_text(o) for o in text.options))
        if cfn_functions.is_too_long(text):
            return Unknown("too_complex", f"a text of {self.title} is too long to be put together")
        if cfn_functions.is_dynamic(text):
            return cfn_functions.dynamic(text, self.site)
        return text

    # Sections

    @property
    def mappings(self) -> dict[str, Any]:
        return self._section("Mappings")

    def members(self, section: str) -> dict[str, Made]:
        """Return the members of a section, loops expanded."""
        if section not in self._sections:
            root = self.document.root / section
            found: dict[str, Made] = {}
            # Loops ask for members of their own section while they are expanded.
            self._sections[section] = found
            for name, data in self._section(section).items():
                if not name.startswith(EACH):
                    found[name] = Made(name, data, root / name, NO_SCOPE)
                    continue
                made = expand(self, name, data, root, NO_SCOPE)
                if made is None:
                    self.program.leave_out(root / name, name, "its collection has no known value")
                    self.open_loops[name] = Node(data, root / name)
                found.update((m.name, m) for m in made or ())
        return self._sections[section]

    @property
    def resources(self) -> dict[str, Resource]:
        if self._resources is None:
            found: dict[str, Resource] = {}
            self._resources = found
            for made in self.members("Resources").values():
                if isinstance(made.data, dict):
                    kind = made.data.get("Type")
                    if isinstance(kind, str):
                        found[made.name] = Resource(made.name, kind, *made[1:])
        return self._resources

    def read(self, resource: Resource, name: str) -> Node | None:
        """Return a property; None where it is not set."""
        if self.macro is not None:
            return Node(self._of_macro(), resource.at)
        properties = resource.data.get("Properties")
        if not isinstance(properties, dict):
            return None
        if self._spliced and any(key.startswith("Fn::") for key in properties):
            return self._read_spliced(resource, properties, name)
        if name not in properties:
            return None
        at = resource.at / "Properties" / name
        node = evaluate(self, properties[name], at, resource.scope)
        return None if node.value is None else node

    def _read_spliced(
        self, resource: Resource, properties: dict[str, Any], name: str
    ) -> Node | None:
        """Return a property where loops or transforms stand among the properties."""
        whole = evaluate(self, properties, resource.at / "Properties", resource.scope)
        node = whole.value.get(name) if isinstance(whole.value, dict) else whole
        return None if node is None or node.value is None else node

    def _of_macro(self) -> Unknown:
        needs = "the processed template (get-template --template-stage Processed)"
        what = f"what macro {self.macro} makes of {self.title} is not known"
        return Unknown("unsupported_expression", what, needs)

    def condition(self, name: str, at: Location) -> Value:
        """Return whether a named condition holds."""
        if name in self._conditions:
            return self._conditions[name]
        made = self.members("Conditions").get(name)
        text = f"condition {name} of {self.title}"
        if made is None or ("Conditions", name) in self._working:
            wrong = "does not exist" if made is None else "hangs on itself"
            if made is not None or not self.open_ended:
                self.program.report(at, f"condition {name} {wrong}")
            return undecidable(f"{self.id} condition {name}", text)
        self._working.add(("Conditions", name))
        self.asked = text
        try:
            answer = condition(self, made.data, made.at, made.scope)
        finally:
            self._working.discard(("Conditions", name))
        if isinstance(answer, Unknown):
            answer = undecidable(f"{self.id} condition {name}", text, answer.needs)
        self._conditions[name] = answer
        return answer

    def ask_conditions(self) -> None:
        for name, made in self.members("Conditions").items():
            if name != _METADATA_AVAILABLE:
                self.condition(name, made.at)

    def existence(self, resource: Resource) -> Value:
        """Return whether a resource is made: true, false, or hanging on a choice."""
        name = resource.data.get("Condition")
        if not isinstance(name, str):
            return True
        return self.condition(name, resource.at / "Condition")

    def existence_around(self) -> Value:
        """Return whether the stack itself is made."""
        if self.parent is None or self.nested_in is None:
            return True
        around = self.parent.existence_around()
        return both(around, self.parent.existence(self.nested_in), self.nested_in.at)

    # Outputs and exports

    @property
    def outputs(self) -> dict[str, Made]:
        return self.members("Outputs")

    def output(self, name: str, at: Location) -> Node:
        """Return the value of an output."""
        if name in self._outputs:
            return self._outputs[name]
        made = self.outputs.get(name)
        if made is None or not isinstance(made.data, dict):
            return self.mistake(at, f"{self.title} has no output {name}")
        if ("Outputs", name) in self._working:
            return self.mistake(at, f"output {name} of {self.title} refers to itself")
        self._working.add(("Outputs", name))
        try:
            node = evaluate(self, made.data.get("Value"), made.at / "Value", made.scope)
        finally:
            self._working.discard(("Outputs", name))
        described = self.known.outputs.get(name)
        if described is not None and not isinstance(node.value, str):
            node = Node(described, node.at)
        self._outputs[name] = node
        return node

    def exports(self) -> Iterator[tuple[str, Text]]:
        """Yield each output that is exported, with the name of the export."""
        for name, made in self.outputs.items():
            export = made.data.get("Export") if isinstance(made.data, dict) else None
            if isinstance(export, dict) and "Name" in export:
                at = made.at / "Export" / "Name"
                text = text_of(evaluate(self, export["Name"], at, made.scope))
                if text is not None:
                    yield name, text

    def import_name(self, data: Any, at: Location) -> Text | None:
        return text_of(evaluate(self, data, at))

    def imported(self, name: Text | None, at: Location) -> Node:
        return self.program.imported(self, name, at)

    def stack_output(
        self, name: Text | None, output: Text | None, region: Text | None, role: Text | None,
        at: Location,
    ) -> Node:  # fmt: skip
        return self.program.stack_output(self, name, output, region, role, at)
