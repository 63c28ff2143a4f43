"""crrlint.yaml: what files cannot say of themselves, and how the rules are run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from crrlint.documents.ignores import Ignore
from crrlint.documents.source import Document, Location, Node, Problem, wrap
from crrlint.model import AccountFacts, BucketFacts
from crrlint.model.bindings import (
    Binding,
    Bindings,
    Deployment,
    OrganizationFile,
    ProviderPlace,
    Source,
    TerraformDeployment,
)
from crrlint.values import Text

if TYPE_CHECKING:
    from crrlint.run.rule import Severity

FailOn: TypeAlias = "Severity | Literal['never']"

NAMES: Final = ("crrlint.yaml", "crrlint.yml")


class ConfigError(Exception):
    """A configuration that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(_line, problems)))
        self.problems = problems


def _line(problem: Problem) -> str:
    return f"{problem.path}:{problem.line or 1}:{problem.column or 1}: {problem.message}"


class Setting(NamedTuple):
    """How one rule is to be run; without a severity, the rule's own holds."""

    off: bool = False
    severity: Severity | None = None
    options: Mapping[str, Any] = {}


class Config(NamedTuple):
    """A whole configuration; `document` is None where there is no file."""

    bindings: Bindings = Bindings()
    rules: Mapping[str, Setting] = {}
    ignores: tuple[Ignore, ...] = ()
    fail_on: FailOn = "error"
    document: Document | None = None


EMPTY: Final = Config()

Place: TypeAlias = Callable[[str], str]
Read: TypeAlias = Callable[[str], str]


def find(paths: Sequence[str]) -> str | None:
    """Return the configuration nearest above the paths, up to the root of the repository."""
    for path in paths:
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        found = _find_above(os.path.normpath(folder))
        if found is not None:
            return found
    return None


def _find_above(folder: str) -> str | None:
    while True:
        for name in NAMES:
            candidate = os.path.join(folder, name)
            if os.path.isfile(candidate):
                return os.path.normpath(candidate)
        absolute = os.path.abspath(folder)
        if os.path.exists(os.path.join(folder, ".git")) or os.path.dirname(absolute) == absolute:
            return None
        folder = os.path.normpath(os.path.join(folder, os.pardir))


def read(path: str) -> Config:
    """Read a configuration file and the parameters files that it names."""
    from crrlint.run.files import as_shown

    base = os.path.dirname(path)
    root = os.path.realpath(base)

    def read_inside(name: str) -> str:
        real = os.path.realpath(os.path.join(base, name))
        if os.path.commonpath((root, real)) != root:
            raise OSError(0, "leads out of the folder of the configuration")
        return _text_of(real)

    try:
        text = _text_of(path)
    except (OSError, ValueError) as error:
        raise ConfigError((Problem(path, _reason(error)),)) from None
    found = load(path, text, lambda name: as_shown(os.path.join(base, name)), read_inside)
    problems = tuple(_missing(found))
    if problems:
        raise ConfigError(problems)
    return found


def _missing(config: Config) -> Iterator[Problem]:
    """A binding of a file that is not there would bind nothing, and nobody would notice."""
    from crrlint.run.config_check import problem

    assert config.document is not None
    root = config.document.root
    binds = [(bind.file, root / "bind" / i) for i, bind in enumerate(config.bindings.binds)]
    policies = [
        (policy.file, root / "organization" / "policies" / i)
        for i, policy in enumerate(config.bindings.organization_files)
    ]
    for file, at in (*binds, *policies):
        if not os.path.exists(file):
            yield problem(at / "file", f"there is no file {file}")
    for index, source in enumerate(config.bindings.sources):
        if not os.path.exists(source.path):
            at = root / "sources" / index / "path"
            yield problem(at, f"there is no file or folder {source.path}")


def _text_of(path: str) -> str:
    from crrlint.documents.parse import Unreadable, decode

    with open(path, "rb") as file:
        raw = file.read()
    try:
        return decode(raw)
    except Unreadable as error:
        raise ValueError(error.message) from None


def _reason(error: OSError | ValueError) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot be read: {words[:1].lower()}{words[1:]}"


def load(path: str, text: str, place: Place, read: Read) -> Config:
    """Build a configuration from its text; raises `ConfigError` with all that is wrong.

    `place` turns a path relative to the configuration into one as documents carry it;
    `read` returns the text of such a relative path, or raises `OSError` or `ValueError`.
    """
    from crrlint.documents.parse import Unreadable, parse

    try:
        documents, problems = parse(path, text)
    except Unreadable as error:
        raise ConfigError((Problem(path, error.message, error.line, error.column),)) from None
    if problems:
        raise ConfigError(tuple(problems))
    document = documents[0] if documents else Document(path, text, "yaml", None)
    from crrlint.run.config_check import check

    found = check(document)
    if len(documents) > 1:
        found = (*found, Problem(path, "holds more than one document"))
    if found:
        raise ConfigError(found)
    builder = _Builder(document, place, read)
    config = builder.config()
    if builder.problems:
        raise ConfigError(tuple(builder.problems))
    return config


class _Builder:
    """Turns checked data into a configuration; collects what the files it names have wrong."""

    def __init__(self, document: Document, place: Place, read: Read) -> None:
        self._document = document
        self._data: dict[str, Any] = document.data
        self._place = place
        self._read = read
        self.problems: list[Problem] = []

    def config(self) -> Config:
        entries = self._data.get("deployments") or []
        organization = self._data.get("organization") or {}
        bindings = Bindings(
            deployments=tuple(
                self._stack(entry, index)
                for index, entry in enumerate(entries)
                if "terraform" not in entry
            ),
            binds=tuple(self._bindings()),
            organization_id=organization.get("id"),
            organization_complete=organization.get("complete", False),
            organization_files=tuple(
                OrganizationFile(
                    self._path(policy["file"]),
                    _POLICY_TYPES[policy["type"]],
                    tuple(map(str, policy["targets"])),
                )
                for policy in organization.get("policies") or ()
            ),
            accounts=tuple(self._accounts(organization.get("id"))),
            sources=tuple(
                Source(self._path(entry["path"]), _account(entry), entry.get("region"))
                for entry in self._data.get("sources") or ()
            ),
            partition=self._data.get("partition"),
            buckets=tuple(self._assumed()),
            terraform=tuple(
                self._terraform(entry, index)
                for index, entry in enumerate(entries)
                if "terraform" in entry
            ),
        )
        return Config(
            bindings,
            {name: _setting(value) for name, value in (self._data.get("rules") or {}).items()},
            tuple(self._ignores()),
            self._data.get("fail-on", "error"),
            self._document,
        )

    def _path(self, name: str) -> str:
        return self._place(name)

    def _stack(self, entry: dict[str, Any], index: int) -> Deployment:
        from crrlint.model.parameters import scalar_text

        parameters: dict[str, Text] = {}
        if "parameters-file" in entry:
            at = self._document.root / "deployments" / index / "parameters-file"
            parameters.update(self._parameters(entry["parameters-file"], at))
        for name, value in (entry.get("parameters") or {}).items():
            parameters[str(name)] = scalar_text(value) or ""
        return Deployment(
            self._path(entry["template"]),
            _account(entry),
            entry.get("region"),
            entry.get("stack"),
            parameters,
            self._path(entry["parameters-file"]) if "parameters-file" in entry else None,
        )

    def _parameters(self, name: str, at: Location) -> dict[str, Text]:
        from crrlint.documents.parse import Unreadable
        from crrlint.model.parameters import UnknownShape, parameters_of
        from crrlint.run.config_check import problem

        try:
            return parameters_of(name, self._read(name))
        except UnknownShape as error:
            message = f"{name} {error}"
        except Unreadable as unreadable:
            line = f" (line {unreadable.line})" if unreadable.line else ""
            message = f"{name} {unreadable.message}{line}"
        except (OSError, ValueError) as error:
            message = f"{name} {_reason(error)}"
        self.problems.append(problem(at, message))
        return {}

    def _bindings(self) -> Iterator[Binding]:
        for index, entry in enumerate(self._data.get("bind") or ()):
            yield Binding(
                self._path(entry["file"]),
                entry["kind"],
                entry.get("bucket"),
                entry.get("key"),
                entry.get("role"),
                entry.get("name"),
                _account(entry),
                entry.get("region"),
                self._document.root / "bind" / index,
            )

    def _accounts(self, organization: str | None) -> Iterator[AccountFacts]:
        for name, written in (self._data.get("accounts") or {}).items():
            at = self._document.root / "accounts" / name
            entry = written or {}
            path = entry.get("path")
            yield AccountFacts(
                str(name),
                at,
                entry.get("canonical-id"),
                _block(entry.get("public-access-block"), at / "public-access-block"),
                None if path is None else organization,
                None if path is None else tuple(path),
            )

    def _assumed(self) -> Iterator[BucketFacts]:
        for index, entry in enumerate(self._data.get("assume") or ()):
            at = self._document.root / "assume" / index / "bucket-exists"
            yield BucketFacts(entry["bucket-exists"].split(":::", 1)[1], at, declared=True)

    def _ignores(self) -> Iterator[Ignore]:
        for index, entry in enumerate(self._data.get("ignore") or ()):
            path = entry.get("path")
            yield Ignore(
                entry["rule"],
                entry.get("reason", ""),
                self._document.root / "ignore" / index,
                entry.get("resource"),
                None if path is None else self._path(path).replace(os.sep, "/"),
                entry.get("expires"),
            )

    def _terraform(self, entry: dict[str, Any], index: int) -> TerraformDeployment:
        at = self._document.root / "deployments" / index
        file = entry.get("variables-file")
        return TerraformDeployment(
            self._path(entry["terraform"]),
            entry.get("variables") or {},
            None if file is None else self._values(file, at / "variables-file"),
            entry.get("workspace"),
            {
                name: ProviderPlace(_account(provider), provider.get("region"))
                for name, provider in (entry.get("providers") or {}).items()
            },
            at,
        )

    def _values(self, name: str, at: Location) -> Document | None:
        from crrlint.run.config_check import problem

        try:
            return Document(self._path(name), self._read(name), "hcl", None)
        except (OSError, ValueError) as error:
            self.problems.append(problem(at, f"{name} {_reason(error)}"))
            return None


_POLICY_TYPES: Final[dict[str, Literal["SCP", "RCP"]]] = {
    "SCP": "SCP",
    "RCP": "RCP",
    "SERVICE_CONTROL_POLICY": "SCP",
    "RESOURCE_CONTROL_POLICY": "RCP",
}
_BLOCK: Final = {
    "block-public-acls": "BlockPublicAcls",
    "ignore-public-acls": "IgnorePublicAcls",
    "block-public-policy": "BlockPublicPolicy",
    "restrict-public-buckets": "RestrictPublicBuckets",
}


def _block(written: bool | Mapping[str, bool] | None, at: Location) -> Node | None:
    """Return a public access block in the S3 API's shape."""
    if written is None:
        return None
    if isinstance(written, bool):
        return wrap(dict.fromkeys(_BLOCK.values(), written), at)
    return Node({name: Node(written[key], at / key) for key, name in _BLOCK.items()}, at)


def _account(entry: Mapping[str, Any]) -> str | None:
    account = entry.get("account")
    return None if account is None else str(account)


def _setting(value: Any) -> Setting:
    if value == "off":
        return Setting(off=True)
    if isinstance(value, str):
        return Setting(severity=value)  # type: ignore[arg-type]
    options = options_of(value)
    return Setting(severity=options.pop("severity", None), options=options)


def options_of(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as a rule's check takes them."""
    return {key.replace("-", "_"): _option(option) for key, option in written.items()}


def _option(value: Any) -> Any:
    """Return an option's value as rules take it: lists as tuples, account ids as text."""
    if isinstance(value, list):
        return tuple(_option(item) for item in value)
    if type(value) is int and len(str(value)) == 12:
        return str(value)
    return value


def check_rules(config: Config, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise `ConfigError` for rules and options that do not exist, or are not what they have to be.

    `known` maps the id and the name of each rule to its options with their types.
    """
    if config.document is None:
        return
    from crrlint.run.config_check import rule_problems

    problems = tuple(rule_problems(config.document, known))
    if problems:
        raise ConfigError(problems)
