"""Plans together with their source: one set-up, of which each tells what the other does not.

The source has the expressions, with their places; a plan has the values of variables and
data sources, which instances there will be, and whatever of them is known before the apply.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from crrlint.documents.source import Document, Location, Node, Problem, wrap
from crrlint.loaders.hcl import Sensitive
from crrlint.loaders.terraform import plan as terraform_plan
from crrlint.loaders.terraform import resources as terraform_resources
from crrlint.loaders.terraform import saved as terraform_saved
from crrlint.loaders.terraform import source as terraform_source
from crrlint.loaders.terraform import variables as terraform_variables
from crrlint.loaders.terraform.deployment import Deployment, Place
from crrlint.loaders.terraform.files import Near
from crrlint.loaders.terraform.folders import Folder, folders
from crrlint.loaders.terraform.instances import Instance
from crrlint.loaders.terraform.kinds import DOCUMENT
from crrlint.loaders.terraform.leftover import leftover
from crrlint.loaders.terraform.overlay import overlaid
from crrlint.loaders.terraform.plans import going
from crrlint.loaders.terraform.plans.planned import Plan
from crrlint.loaders.terraform.roots import INSTALLED, installed_in, values_for
from crrlint.loaders.terraform.saved import Read, Saved
from crrlint.loaders.terraform.shown import supported
from crrlint.model import Model
from crrlint.model.bindings import Bindings, TerraformDeployment
from crrlint.values import OPEN


class Source(NamedTuple):
    """A root module with all folders that it may call, and what was read while it was planned."""

    root: Folder
    tree: Mapping[str, Folder]
    modules: Mapping[str, str]
    read: Mapping[str, Read] = {}
    places: Mapping[str, Place] = {}


def load(documents: Sequence[Document], bindings: Bindings) -> Model:
    """Read plans, saved ones too, and the source beside them; each root is applied once."""
    plans = [d for d in documents if d.syntax == "json" and "format_version" in d.data]
    archives = [d for d in documents if d.syntax == "zip"]
    rest = [d for d in documents if d not in plans and d not in archives]
    problems: list[Problem] = []
    plans = supported(plans, problems)
    tree = folders(d for d in rest if not d.path.endswith(INSTALLED))
    installed = installed_in([d for d in rest if d.path.endswith(INSTALLED)])
    saved = [found for d in archives if (found := terraform_saved.read(d, problems)) is not None]
    sources = {one.document.path: _source(one, tree) for one in saved}
    applied: set[str] = set()
    told: set[str] = set()
    used: set[str] = set()
    model = Model()
    for document in plans:
        plan = _Planned(document, bindings)
        name, source = _source_of(plan, sources, tree, installed)
        if source is None:
            model = model | plan.alone()
            continue
        told.add(name)
        applied.add(source.root.path)
        model = model | plan.beside(source, bindings)
    for one in saved:
        source = sources[one.document.path]
        if one.document.path not in told:
            applied.add(source.root.path)
            model = model | _saved(one, source, bindings, problems, used)
    if rest:
        model = model | terraform_source.load(
            rest, bindings, tree=tree, applied=frozenset(applied), used=used
        )
    return model._replace(problems=(*problems, *model.problems))


def _source(one: Saved, tree: Mapping[str, Folder]) -> Source:
    """Return the source of a saved plan: the very files, where they are among the inputs."""
    found = terraform_saved.read_before(one.state), terraform_saved.places(one.state)
    near = _near([f for f in tree.values() if _texts(f) == _texts(one.root)], one.document.path)
    if near is None:
        return Source(one.root, one.tree, one.modules, *found)
    modules: dict[str, str] = {}
    for address, path in one.modules.items():
        below = posixpath.relpath(path, one.document.path)
        laid_out = tree.get(posixpath.normpath(posixpath.join(near.path, below)))
        same = laid_out is not None and _texts(laid_out) == _texts(one.tree[path])
        modules[address] = laid_out.path if laid_out is not None and same else path
    return Source(near, {**one.tree, **tree}, modules, *found)


def _texts(folder: Folder) -> set[tuple[str, str]]:
    documents = [file.document for file in (*folder.files, *folder.overrides)]
    return {(posixpath.basename(d.path), d.text) for d in documents}


def _near(found: Sequence[Folder], path: str) -> Folder | None:
    """Return the folder that is nearest to a file: the longest that both lie in."""
    home = posixpath.dirname(path)

    def shared(folder: Folder) -> tuple[int, int]:
        steps = zip(folder.path.split("/"), home.split("/"), strict=False)
        same = sum(1 for a, b in steps if a == b)
        return same, -len(folder.path)

    return max(found, key=shared, default=None)


def _source_of(
    plan: _Planned,
    sources: Mapping[str, Source],
    tree: Mapping[str, Folder],
    installed: Mapping[str, Mapping[str, str]],
) -> tuple[str, Source | None]:
    """Return the source that a plan was made of, and the saved plan that holds it."""
    for name, source in sources.items():
        if plan.is_of(source.root):
            return name, source
    near = _near([f for f in tree.values() if f.is_module and plan.is_of(f)], plan.document.path)
    return "", None if near is None else Source(near, tree, installed.get(near.path, {}))


class _Planned:
    """A plan as JSON."""

    def __init__(self, document: Document, bindings: Bindings) -> None:
        self.document = document
        self._bindings = bindings
        self._problems = list(terraform_plan.troubles(document))
        self._plan = Plan(document, bindings, self._problems)

    def alone(self) -> Model:
        return terraform_plan.load([self.document], self._bindings)

    def is_of(self, folder: Folder) -> bool:
        """Tell whether a folder declares just what the plan's configuration has."""
        root = self._plan.configuration.root
        declared = {
            *folder.declared("resource"),
            *((f"data.{kind[0]}", *kind[1:]) for kind in folder.declared("data")),
        }
        calls = {labels[0] for labels in folder.declared("module") if labels}
        return declared == set(root.resources) and calls == set(root.calls) and bool(declared)

    def beside(self, source: Source, bindings: Bindings) -> Model:
        """Return the facts of the source with what the plan knows; of the plan, if they differ."""
        plan = self._plan
        places = {
            name: Place(_plain(home.account), _plain(home.region))
            for name, home in plan.home_of_roots().items()
        }
        deployment = Deployment(
            self.document.path,
            source.root,
            source.tree,
            Near(bindings.files),
            modules=source.modules,
            values=_variables(self.document),
            places={**source.places, **places},
            place=Place(bindings.account, bindings.region),
            known=_Known(source.read, plan),
        )
        written, left_out = terraform_source.instances_of(deployment)
        instances = overlaid(written, plan, deployment.absent)
        if instances is None:
            message = f"is not what {source.root.path} makes, so that it is read by itself"
            alone = self.alone()
            return alone._replace(left_out=(*alone.left_out, Problem(self.document.path, message)))
        model = _facts(instances, deployment, self._problems) | going.facts(going.going(plan))
        return model._replace(
            left_out=(*model.left_out, *left_out),
        )


def _facts(
    instances: Sequence[Instance], deployment: Deployment, problems: Iterable[Problem]
) -> Model:
    model = terraform_resources.facts(instances, "planned")
    assumptions = list(deployment.assumptions)
    if any(i.type in ("aws_s3_bucket", "aws_iam_role") for i in instances):
        assumptions.insert(0, terraform_plan.ASSUMPTION)
    return model._replace(
        problems=(*problems, *deployment.problems, *model.problems), assumptions=tuple(assumptions)
    )


def _saved(
    one: Saved, source: Source, bindings: Bindings, problems: list[Problem], used: set[str]
) -> Model:
    """Return the facts of a saved plan of which the JSON is not at hand."""
    path = one.document.path
    near = source.root.path != path
    bound = [b for b in bindings.terraform if b.folder in (path, source.root.path)]
    binding = bound[0] if bound else TerraformDeployment(path)
    # What a variable was given is in the part that only Terraform reads.
    values = values_for(source.root, binding, bindings, problems, used, files=False)
    deployment = Deployment(
        path,
        source.root,
        source.tree,
        Near(bindings.files if near else None),
        modules=source.modules,
        values=values,
        workspace=binding.workspace,
        places={
            **source.places,
            **{name: Place(p.account, p.region) for name, p in binding.providers.items()},
        },
        place=Place(bindings.account, bindings.region),
        known=_Known(source.read, None),
        defaults="none",
    )
    instances, left_out = terraform_source.instances_of(deployment)
    modules = {"": source.root}
    for address, folder in source.modules.items():
        modules[address] = source.tree[folder]
    rest = leftover(one.state, path, instances, modules, bindings)
    model = _facts([*instances, *rest.staying], deployment, ()) | going.facts(rest.going)
    if instances:
        text = f"{path} plans all of its source (not -target), and does not destroy it"
        model = model._replace(assumptions=(*model.assumptions, text))
    return model._replace(left_out=(*model.left_out, *left_out))


class _Known:
    """What is known of attributes: what data sources gave, and what a plan has of the others."""

    def __init__(self, read: Mapping[str, Read], plan: Plan | None) -> None:
        self._read = read
        self._plan = plan

    def __call__(self, address: str, name: str) -> Node | None:
        kind = address.rpartition(DOCUMENT)[1]
        if kind:
            # The source has the places of everything in a policy.
            return None
        read = self._read.get(address)
        if read is not None and read.attributes.get(name) is not None:
            node = wrap(read.attributes[name], read.at / name)
            return Node(Sensitive(node), node.at) if name in read.hidden else node
        return None if self._plan is None else self._planned(self._plan, address, name)

    def _planned(self, plan: Plan, address: str, name: str) -> Node | None:
        known = plan.known(address, name)
        if known is None:
            return None
        node = wrap(known.value, known.at)
        return Node(Sensitive(node), node.at) if known.secret else node


def _variables(document: Document) -> dict[str, Node]:
    """Return the values that the root's variables had."""
    given = document.data.get("variables")
    at: Location = document.root / "variables"
    return {
        name: terraform_variables.from_data(held["value"], at / name / "value")
        for name, held in (given.items() if isinstance(given, dict) else ())
        if isinstance(held, dict) and "value" in held
    }


def _plain(text: Any) -> str | None:
    return None if isinstance(text, OPEN) else text
