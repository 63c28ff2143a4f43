"""A root module with the values it is applied with: what everything in it is worked out from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from crrlint.documents.source import Document, Location, Node, Problem
from crrlint.loaders.hcl import Fault, Unreadable
from crrlint.loaders.terraform.folders import Folder, problem_at
from crrlint.loaders.terraform.forms import Forms
from crrlint.loaders.terraform.instances import Provider
from crrlint.loaders.terraform.references import Order
from crrlint.loaders.terraform.texts import unnamed
from crrlint.model import Bound
from crrlint.values import Form, Text, Unknown

if TYPE_CHECKING:
    from crrlint.loaders.terraform.modules import Call, Module

PARTITION_ASSUMED: Final = "the partition is aws, for no Region was given"


class Place(NamedTuple):
    """The account and the Region that somebody bound a provider to."""

    account: str | None = None
    region: str | None = None


ANYWHERE: Final = Place()

MAX_MODULES: Final = 10_000
"""How many instances of modules there may be; each that calls two of the next doubles them."""


class Files(Protocol):
    """Reads files under the given paths; `shown` is how the source spells the path."""

    def read(self, path: str, shown: str) -> Document | Unreadable: ...

    def read_bytes(self, path: str, shown: str) -> bytes | Unreadable: ...

    def exists(self, path: str, shown: str) -> bool | Unreadable: ...

    def files(self, path: str, shown: str) -> list[str] | Unreadable: ...


Defaults = Literal["all", "telling", "none"]
Known = Callable[[str, str], Node | None]
"""What is known of an attribute from elsewhere, by the resource's address; None for nothing."""


class Deployment:
    """One root module as it is applied.

    `tree` holds all folders of source; `modules` the folders of modules that are not given
    by their path, by the address of their call without keys; `values` what the variables are
    given.  `defaults` are those that the other variables certainly have: all of them; those
    that tell something, for an empty one stands for what a caller gives; none.
    """

    def __init__(
        self,
        id: str,
        folder: Folder,
        tree: Mapping[str, Folder],
        files: Files,
        *,
        modules: Mapping[str, str] = {},
        values: Mapping[str, Node] = {},
        workspace: str | None = None,
        places: Mapping[str, Place] = {},
        place: Place = ANYWHERE,
        known: Known = lambda address, name: None,
        defaults: Defaults = "all",
    ) -> None:
        self.id = id
        self.folder = folder
        self.tree = tree
        self.files = files
        self.known = known
        self.defaults = defaults
        self.order = Order()
        self.providers: dict[tuple[str, str, Hashable], Provider] = {}
        self.lost: Unknown | None = None
        self.absent: set[str] = set()
        self.bound: dict[Bound, None] = {}
        self.unbound: dict[tuple[str, str], Text] = {}
        self.problems: dict[Problem, None] = {}
        self.assumptions: dict[str, None] = {}
        self._modules = modules
        self._values = values
        self._workspace = workspace
        self._places = places
        self.place = place
        self._forms = Forms(tree)
        self._count = 0

    @property
    def root_at(self) -> Location:
        documents = [file.document for file in (*self.folder.files, *self.folder.overrides)]
        return documents[0].root

    def takes(self, default: Node) -> bool:
        """Tell whether a variable that is given nothing certainly has its default."""
        if self.defaults == "telling":
            return default.value is not None and default.value not in ({}, [])
        return self.defaults == "all"

    def report(self, fault: Fault) -> None:
        self.problems[fault.problem()] = None

    def mistake(self, at: Location, message: str) -> None:
        self.problems[problem_at(at, message)] = None

    def has_room(self, at: Location) -> bool:
        """Count one more instance of a module; tell whether that is not one too many."""
        self._count += 1
        if self._count == MAX_MODULES + 1:
            message = f"is the call of one of more than {MAX_MODULES:,} modules, which are left out"
            self.mistake(at, message)
        return self._count <= MAX_MODULES

    def assume_partition(self) -> None:
        self.assumptions[PARTITION_ASSUMED] = None

    def given(self, name: str) -> Node | None:
        return self._values.get(name)

    def installed(self, call: Call) -> str | None:
        """Return the folder that `terraform init` brought the source of a module to."""
        from crrlint.loaders.terraform.references import without_keys

        return self._modules.get(without_keys(call.address))

    def workspace(self, name: str, at: Location) -> Node:
        if name != "workspace":
            raise Fault(f"there is no terraform.{name}", at)
        if self._workspace is not None:
            return Node(self._workspace, at)
        text = "${terraform.workspace}"
        needs = "`workspace` of a `terraform` deployment in crrlint.yaml"
        symbol = unnamed(
            self.id, "workspace", text, form="name", reason="unbound_parameter", needs=needs
        )
        return Node(symbol, at)

    def bound_provider(self, module: Module, name: str) -> Place:
        """Return where somebody bound a provider's configuration of the root."""
        return self._places.get(name, ANYWHERE) if not module.address else ANYWHERE

    def form(self, folder: Folder, variable: str) -> Form:
        """Return what the use of a module's variable proves of its text."""
        return self._forms.of(folder).get(variable, "any")

    def names_one_bucket(self, folder: Folder, variable: str) -> bool:
        """Tell whether a variable is the name of one bucket.

        No two buckets bear one name, so two such variables differ.
        """
        return self._forms.named(folder).get(variable) == 1
