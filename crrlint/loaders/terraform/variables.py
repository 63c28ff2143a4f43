"""Input variables: what they are given, by default, of their type, or left open.

https://developer.hashicorp.com/terraform/language/values/variables
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from crrlint.documents.source import Document, Location, Node
from crrlint.loaders.hcl import (
    Attribute,
    Fault,
    Locals,
    OpenCollection,
    OpenMembers,
    OpenObject,
    OpenValue,
    Sensitive,
    TextSymbol,
    Type,
    convert,
    evaluate,
    parse_type,
)
from crrlint.loaders.hcl.syntax import Access, Attr, Call, Expression, Name
from crrlint.loaders.hcl.syntax import Tuple as TupleTree
from crrlint.loaders.hcl.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Collection,
    ObjectType,
    TupleType,
    bare,
)
from crrlint.loaders.terraform.folders import Declared, Folder, read
from crrlint.values import Choice, Form, OneOf, Symbol, Symbolic, Unknown, Value, one_of, symbolic

if TYPE_CHECKING:
    from crrlint.loaders.terraform.modules import Module

_NAMES: Final = ("terraform.tfvars", "terraform.tfvars.json")
_AUTOMATIC: Final = (".auto.tfvars", ".auto.tfvars.json")


def value_of(module: Module, name: str, declared: Declared, given: Node | None) -> Node:
    """Return the value of a variable; `given` by the caller or from outside."""
    type = type_of(declared)
    if given is not None and given.value is None and _is_false(declared, "nullable"):
        given = None
    default = declared.body.attributes.get("default")
    if given is None and default is not None:
        node = evaluate(default.value, Locals({}, module.id))
        if module.call is not None or module.deployment.takes(node):
            given = node
    if given is None:
        if module.call is not None:
            raise Fault(
                f"module {module.call.address} is not given its variable {name}",
                module.call.declared.at,
            )
        given = Node(_unset(module, name, declared, type), declared.at)
        found = given
    else:
        found = convert(given, type)
    # What is ephemeral is meant to be kept nowhere.
    secret = _is_true(declared, "sensitive") or _is_true(declared, "ephemeral")
    told = isinstance(found.value, (Sensitive, OpenObject, OpenCollection))
    if secret and not told and found.value.__class__ is not Unknown:
        return Node(Sensitive(found), found.at)
    return found


def type_of(declared: Declared) -> Type:
    attribute = declared.body.attributes.get("type")
    return ANY if attribute is None else parse_type(attribute.value)


def _is_true(declared: Declared, name: str) -> bool:
    return _literal(declared.body.attributes.get(name)) is True


def _is_false(declared: Declared, name: str) -> bool:
    return _literal(declared.body.attributes.get(name)) is False


def _literal(attribute: Attribute | None) -> Any:
    return None if attribute is None else getattr(attribute.value.tree, "value", None)


def _unset(module: Module, name: str, declared: Declared, type: Type) -> Value:
    allowed = _allowed(declared, name)
    what = f"variable {name} of {module.folder.path}"
    needs = f"a value for variable {name} (--var {name}=..., or terraform.tfvars)"
    default = declared.body.attributes.get("default")
    if module.deployment.defaults == "none":
        needs = f"the plan as JSON beside it (terraform show -json), or --var {name}=..."
    if default is not None and type == ANY:
        # Which type it is of goes by its value.
        known = evaluate(default.value, Locals({}, module.id)).value
        if not isinstance(known, str):
            return Unknown("unbound_parameter", what, needs)
    if allowed:
        texts = tuple(str(option) for option in allowed)
        choice = Choice(f"{module.id} var.{name}", texts, what, needs)
        options = tuple(convert(Node(option, declared.at), type).value for option in allowed)
        return one_of(choice, options)
    form = module.deployment.form(module.folder, name)
    nullable = not _is_false(declared, "nullable")
    if type in (STRING, ANY) and module.deployment.names_one_bucket(module.folder, name):
        text, entity = f"${{var.{name}}}", f"{module.id} var.{name}"
        symbol = TextSymbol(
            entity, "bucket-name", text, form="name", unique=True, needs=needs, nullable=nullable
        )
        return symbolic(symbol)
    return _open(module.id, f"var.{name}", type, form, declared.at, needs, nullable)


def _open(
    entity: str,
    what: str,
    type: Type,
    form: Form,
    at: Location,
    needs: str,
    nullable: bool = True,
) -> Value:
    """Return a value of which only the type is known."""
    if type in (STRING, ANY):
        text = f"${{{what}}}"
        if type == STRING:
            symbol: Symbol = TextSymbol(
                entity, what, text, form=form, needs=needs, nullable=nullable
            )
        else:
            symbol = Symbol(entity, what, text, form=form, needs=needs)
        return symbolic(symbol)
    if type == BOOL:
        choice = Choice(f"{entity} {what}", ("true", "false"), what, needs)
        return OneOf(choice, (True, False))
    if isinstance(type, ObjectType):
        members = {
            name: Node(
                _open_value(member.type, f"{what}.{name}", needs)
                if member.optional and member.default is None
                else _open(entity, f"{what}.{name}", member.type, "any", at, needs),
                at,
            )
            for name, member in type.members.items()
        }
        return OpenMembers(members) if nullable else members
    if isinstance(type, TupleType):
        return [
            Node(_open(entity, f"{what}[{index}]", item, "any", at, needs), at)
            for index, item in enumerate(type.items)
        ]
    if isinstance(type, Collection):
        return _open_collection(entity, what, type, at, needs)
    assert type == NUMBER
    return _open_value(NUMBER, what, needs)


def _open_value(type: Type, what: str, needs: str) -> OpenValue:
    return OpenValue(bare(type), what, reason="unbound_parameter", needs=needs)


def _open_collection(
    entity: str, what: str, type: Collection, at: Location, needs: str
) -> OpenCollection:
    def element(key: Node) -> Node | None:
        if type.name == "set":
            return key
        if not isinstance(key.value, (str, int, Symbolic)) or isinstance(key.value, bool):
            return None
        inner = f"{what}[{key.value}]"
        return Node(_open(entity, inner, type.of, "any", at, needs), at)

    return OpenCollection(
        f"{entity} {what}", element, what, type=bare(type), reason="unbound_parameter", needs=needs
    )


def _allowed(declared: Declared, name: str) -> list[Any]:
    """Return the values that a validation admits by `contains([...], var.x)`."""
    for block in declared.body.blocks("validation"):
        condition = block.body.attributes.get("condition")
        tree = None if condition is None else condition.value.tree
        if not isinstance(tree, Call) or tree.name != "contains" or len(tree.arguments) != 2:
            continue
        listed, asked = tree.arguments
        if not isinstance(listed, TupleTree) or not _is_variable(asked, name):
            continue
        values = [getattr(item, "value", None) for item in listed.items]
        if values and all(isinstance(value, (str, int)) for value in values):
            return values
    return []


def _is_variable(tree: Any, name: str) -> bool:
    return (
        isinstance(tree, Access)
        and isinstance(tree.value, Name)
        and tree.value.name == "var"
        and len(tree.steps) == 1
        and isinstance(tree.steps[0], Attr)
        and tree.steps[0].name == name
    )


# Values from outside


def given_in_files(folder: Folder) -> Iterator[Document]:
    """Yield the files of values that Terraform reads by itself, the strongest last."""
    by_name = {_base(document.path): document for document in folder.values}
    for name in _NAMES:
        if name in by_name:
            yield by_name[name]
    for name in sorted(by_name):
        if name.endswith(_AUTOMATIC):
            yield by_name[name]


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def values_in(document: Document) -> tuple[dict[str, Node], list[Fault], list[Any]]:
    """Return the values of a tfvars file, what has none, and what is wrong with its syntax."""
    file = read(document)
    found: dict[str, Node] = {}
    faults: list[Fault] = []
    for name, attribute in file.body.attributes.items():
        try:
            node = evaluate(attribute.value, Locals({}))
        except Fault as fault:
            faults.append(fault)
            continue
        found[name] = Node(node.value, attribute.at) if _is_leaf(node) else node
    return found, faults, list(file.problems)


def _is_leaf(node: Node) -> bool:
    return not isinstance(node.value, (dict, list))


def from_text(text: str, declared: Declared | None, at: Location) -> Node:
    """Return what `--var` gives a variable: text as it is, and else an expression."""
    from crrlint.loaders.hcl.parse import parse_expression

    type = ANY if declared is None else type_of(declared)
    if type in (STRING, ANY, NUMBER, BOOL):
        return Node(text, at)
    return evaluate(Expression(parse_expression(text), at), Locals({}))


def from_data(data: Any, at: Location) -> Node:
    """Return what crrlint.yaml gives a variable."""
    if isinstance(data, Mapping):
        return Node({str(k): from_data(v, at / str(k)) for k, v in data.items()}, at)
    if isinstance(data, (list, tuple)):
        return Node([from_data(item, at / index) for index, item in enumerate(data)], at)
    return Node(data, at)
